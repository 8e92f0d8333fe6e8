//! One meeting: when, where, how many come, agenda, staff.

use super::plans;
use super::preparations::Preparations;
use crate::components::{Badge, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::meetings::{numbers, places, reminders};
use crate::texts as t;
use crate::words;
use chrono::{TimeDelta, Utc};
use leptos::prelude::*;
use shared::Kind;
use shared::ids::MeetingId;
use shared::meetings::{AgendaItem, Duty, Meeting, MeetingState, Plan};
use shared::people::Role;
use std::sync::Arc;

/// The meeting of the address.
#[component]
pub fn MeetingPage() -> impl IntoView {
    let id = id_param::<MeetingId>("id");
    let meeting = Memo::new(move |_| replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id.get()?).cloned()));
    move || match meeting.get() {
        Some(meeting) => view! { <Known meeting /> }.into_any(),
        None => view! {
            <PageHead title=t::app::meetings back=Place::Meetings back_on_phone_only=true />
            <EmptyState glyph=Glyph::Calendar title=t::meetings::not_here test_id="meeting-missing" />
        }
        .into_any(),
    }
}

/// What a duty is called.
pub(super) fn duty_words(duty: Duty) -> &'static str {
    match duty {
        Duty::Reception => t::meetings::reception(),
        Duty::Usher => t::meetings::usher(),
        Duty::Closer => t::meetings::closer(),
        Duty::Speaker => t::meetings::speaker(),
    }
}

#[component]
fn Known(meeting: Arc<Meeting>) -> impl IntoView {
    let id = meeting.id;
    let plan = meeting.plan.clone();
    let when = {
        let plan = plan.clone();
        move || words::opening(&words::span(plan.starts_at, plan.ends_at, plan.utc_offset, Utc::now()))
    };
    let takes_place = meeting.state == MeetingState::Planned;
    let theme = plan.theme.clone();
    let edits = move || takes_place && plans();
    let prepares = || replica::actor().is_some_and(|actor| actor.role.sells() || matches!(actor.role, Role::Marketing | Role::Office));
    let sells = move || takes_place && replica::actor().is_some_and(|actor| actor.role.sells());
    view! {
        <PageHead title=move || theme.clone() back=Place::Meetings back_on_phone_only=true>
            {move || plans().then(|| view! { <LinkButton href=Place::CopyMeeting(id) icon=Glyph::CalendarPlus test_id="meeting-copy">{t::preparations::copy}</LinkButton> })}
            {move || edits().then(|| view! { <LinkButton href=Place::EditMeeting(id) icon=Glyph::Pencil test_id="meeting-edit">{t::meetings::edit}</LinkButton> })}
        </PageHead>
        <div class="page-content" data-testid="meeting-detail">
            {(!takes_place).then(|| view! { <div><Badge mood=Mood::Bad icon=Glyph::Ban>{t::meetings::cancelled}</Badge></div> })}
            <dl class="known-facts card">
                <div class="known-fact"><dt>{t::meetings::when}</dt><dd>{when}</dd></div>
                <div class="known-fact">
                    <dt>{t::meetings::where_at}</dt>
                    <dd>{plan.venue.clone()}{(!plan.address.is_empty()).then(|| view! { <br /><span class="soft">{plan.address.clone()}</span> })}</dd>
                </div>
            </dl>
            {move || replica::actor().is_some_and(|actor| actor.role.sells()).then(|| view! { <Numbers id capacity=plan.capacity /> })}
            {move || sells().then(|| view! {
                <div class="cluster">
                    <LinkButton href=Place::Invitations(id) look=Look::Primary icon=Glyph::Send test_id="meeting-invite">{t::meetings::invite}</LinkButton>
                    <LinkButton href=Place::VenueDesk(id) icon=Glyph::Scan test_id="meeting-venue">{t::meetings::to_venue}</LinkButton>
                    <LinkButton href=Place::Ready(id) icon=Glyph::CircleCheck test_id="meeting-ready">{t::ready::get_ready}</LinkButton>
                    <LinkButton href=Place::Board(id) icon=Glyph::Chart test_id="meeting-board">{t::meetings::board}</LinkButton>
                    <LinkButton href=Place::Seats(id) icon=Glyph::Users test_id="meeting-seats">{t::seats::title}</LinkButton>
                </div>
            })}
            <Preparations meeting=meeting.clone() />
            {move || prepares().then(|| view! {
                <div class="cluster"><LinkButton href=Place::Stock(id) icon=Glyph::Package test_id="meeting-stock">{t::stock::title}</LinkButton></div>
            })}
            <Agenda plan=plan.clone() />
            <OnDuty plan />
        </div>
    }
}

/// Invited, agreed, confirmed, arrived: each a part of the one before.
#[component]
fn Numbers(id: MeetingId, capacity: u32) -> impl IntoView {
    let kinds = [Kind::Invitation, Kind::Guest, Kind::CheckIn];
    let counts = Memo::new(move |_| replica::read(&kinds, |replica| numbers(replica, id)));
    let number = |label: fn() -> &'static str, value: Signal<usize>, test_id: &'static str| {
        view! { <div class="guest-number"><dt>{label}</dt><dd data-testid=test_id>{move || value.get()}</dd></div> }
    };
    let rep = move || replica::actor().is_some_and(|actor| actor.role == Role::Rep);
    let shown = Memo::new(move |_| replica::read(&[Kind::Places, Kind::Meeting], |replica| places(replica, id)));
    let line = move || match shown.get() {
        None => t::meetings::of_capacity(capacity),
        Some(shown) => {
            let mut parts = vec![t::meetings::places_taken(capacity, shown.taken)];
            parts.extend((shown.held > 0).then(|| t::meetings::places_held(shown.held)));
            parts.extend((shown.waiting > 0).then(|| t::meetings::places_waiting(shown.waiting)));
            parts.join(" · ")
        }
    };
    let full = move || shown.get().is_some_and(|shown| shown.full);
    view! {
        <section class="stack">
            <dl class="guest-numbers">
                {number(t::meetings::invited, Signal::derive(move || counts.get().invited), "meeting-invited")}
                {number(t::meetings::agreed, Signal::derive(move || counts.get().agreed), "meeting-agreed")}
                {number(t::meetings::confirmed, Signal::derive(move || counts.get().confirmed), "meeting-confirmed")}
                {number(t::meetings::arrived, Signal::derive(move || counts.get().arrived), "meeting-arrived")}
            </dl>
            <p class="cluster" data-testid="meeting-places">
                <span>{line}</span>
                {move || full().then(|| view! { <Badge mood=Signal::stored(Mood::Warning)>{t::meetings::places_full}</Badge> })}
            </p>
            <Reminders id />
            <p class="soft">{move || rep().then(|| view! { <span>{t::meetings::own_only}</span> })}</p>
        </section>
    }
}

/// What the server has sent by itself; nothing where it has sent nothing.
#[component]
fn Reminders(id: MeetingId) -> impl IntoView {
    let shown = Memo::new(move |_| replica::read(&[Kind::Invitation], |replica| reminders(replica, id)));
    move || {
        shown.get().map(|shown| {
            let failed = (shown.failed > 0).then(|| {
                let words = move || t::meetings::reminders_failed(shown.failed);
                view! { <Badge mood=Signal::stored(Mood::Warning)>{words}</Badge> }
            });
            view! {
                <p class="cluster" data-testid="meeting-reminders">
                    <span>{move || t::meetings::reminders_sent(shown.mails, shown.texts)}</span>
                    {failed}
                </p>
            }
        })
    }
}

#[component]
fn Agenda(plan: Plan) -> impl IntoView {
    let (starts, clock) = (plan.starts_at, plan.utc_offset);
    let line = move |item: AgendaItem| {
        let at = words::clock(starts + TimeDelta::minutes(i64::from(item.minute)), clock);
        view! {
            <li class="agenda-line">
                <time class="number">{at}</time>
                <span>{item.title}{(!item.speaker.is_empty()).then(|| view! { <br /><span class="soft">{item.speaker}</span> })}</span>
            </li>
        }
    };
    let empty = plan.agenda.is_empty();
    view! {
        <section class="stack">
            <h2>{t::meetings::agenda}</h2>
            {empty.then(|| view! { <p class="soft">{t::meetings::no_agenda}</p> })}
            <ol class="agenda">{plan.agenda.into_iter().map(line).collect_view()}</ol>
        </section>
    }
}

#[component]
fn OnDuty(plan: Plan) -> impl IntoView {
    let empty = plan.staff.is_empty();
    let line = |staff: shared::meetings::Staff| {
        view! {
            <li class="row">
                <span class="row-icon"><Icon glyph=Glyph::User /></span>
                <span class="row-words"><span class="row-title">{move || words::person(staff.user)}</span><span class="row-note">{move || duty_words(staff.duty)}</span></span>
            </li>
        }
    };
    view! {
        <section class="stack">
            <h2>{t::meetings::staff}</h2>
            {empty.then(|| view! { <p class="soft">{t::meetings::no_staff}</p> })}
            {(!empty).then(|| view! { <ul class="list">{plan.staff.into_iter().map(line).collect_view()}</ul> })}
        </section>
    }
}
