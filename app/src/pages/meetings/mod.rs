//! Meetings: list, detail, plan (clause C1).

mod detail;
mod form;
mod preparations;

pub use detail::MeetingPage;
pub use form::{CopyMeetingPage, EditMeetingPage, NewMeetingPage};
pub(in crate::pages) use preparations::{day, owner_words};

use crate::components::{Badge, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, SplitView};
use crate::replica;
use crate::routes::Place;
use crate::state::meetings::{Calendar, calendar};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_params_map};
use shared::Kind;
use shared::ids::MeetingId;
use shared::meetings::{Meeting, MeetingState};
use shared::people::Role;
use std::sync::Arc;

/// The list, and the meeting or the form beside it.
#[component]
pub fn MeetingsPage() -> impl IntoView {
    let location = use_location();
    let open = Signal::derive(move || location.pathname.with(|path| path.trim_end_matches('/') != "/meetings"));
    view! {
        <SplitView open list=|| view! { <ListPane /> }>
            <Outlet />
        </SplitView>
    }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoMeetingChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Calendar title=t::app::choose_one /> }
}

/// Whether the person at this device plans meetings; tracked.
fn plans() -> bool {
    replica::actor().is_some_and(|actor| actor.role == Role::Manager)
}

#[component]
fn ListPane() -> impl IntoView {
    let all = Memo::new(|_| replica::read(&[Kind::Meeting], |replica| calendar(replica, Utc::now())));
    let params = use_params_map();
    let chosen = Signal::derive(move || params.with(|params| params.get("id").and_then(|id| id.parse::<MeetingId>().ok())));
    let section = move |title: fn() -> &'static str, meetings: Vec<Arc<Meeting>>| {
        (!meetings.is_empty()).then(|| {
            let rows = meetings.into_iter().map(|meeting| row(meeting, chosen)).collect_view();
            view! { <section class="stack"><h2 class="list-title">{title}</h2><ul class="list">{rows}</ul></section> }
        })
    };
    view! {
        <PageHead title=t::app::meetings back=Place::More back_on_phone_only=true>
            {move || plans().then(|| view! {
                <LinkButton href=Place::NewMeeting look=Look::Primary icon=Glyph::CalendarPlus test_id="meetings-add">{t::meetings::plan}</LinkButton>
            })}
        </PageHead>
        {move || {
            let Calendar { upcoming, past } = all.get();
            if upcoming.is_empty() && past.is_empty() {
                let text = move || if plans() { t::meetings::none_manager() } else { t::meetings::none_others() };
                return view! { <EmptyState glyph=Glyph::Calendar title=t::meetings::none text=text test_id="meetings-none" /> }.into_any();
            }
            view! {
                <div class="page-content meetings-list" data-testid="meetings-list">
                    {section(t::meetings::upcoming, upcoming)}
                    {section(t::meetings::past, past)}
                </div>
            }
            .into_any()
        }}
    }
}

fn row(meeting: Arc<Meeting>, chosen: Signal<Option<MeetingId>>) -> impl IntoView {
    let id = meeting.id;
    let plan = meeting.plan.clone();
    let when = move || words::opening(&words::span(plan.starts_at, plan.ends_at, plan.utc_offset, Utc::now()));
    let cancelled = meeting.state == MeetingState::Cancelled;
    view! {
        <li>
            <a class="row" data-row href=Place::Meeting(id).path() aria-current=move || (chosen.get() == Some(id)).then_some("true") data-testid="meeting-row">
                <span class="row-words">
                    <span class="row-title">{meeting.plan.theme.clone()}</span>
                    <span class="row-note">{when}</span>
                    <span class="row-note">{meeting.plan.venue.clone()}</span>
                </span>
                {cancelled.then(|| view! { <Badge mood=Mood::Bad>{t::meetings::cancelled}</Badge> })}
            </a>
        </li>
    }
}
