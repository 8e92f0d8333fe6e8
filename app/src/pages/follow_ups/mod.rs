//! Follow-up 跟進: whom to get in touch with, in the order in which it presses; each row calls, logs, puts off and hands over (clauses G1, G2).

mod change;
mod log;
mod own;
mod reminders;
mod row;
mod watch;

pub(in crate::pages) use log::LogForm;
pub(in crate::pages) use own::OwnTasks;
pub(in crate::pages) use reminders::Reminders;
pub(in crate::pages) use row::{Acting, TaskRow, TaskSheets};
pub(in crate::pages) use watch::FollowUpWatch;

use crate::components::{Choice, EmptyState, Glyph, PageHead, Select};
use crate::pages::today::ticking;
use crate::replica;
use crate::routes::Place;
use crate::state::customers::receivers;
use crate::state::follow_ups::{Row, Rows, rows};
use crate::texts as t;
use leptos::prelude::*;
use shared::Kind;
use shared::follow_ups::tasks::tasks;
use shared::ids::UserId;

/// What tasks are made of.
pub(in crate::pages) const KINDS: [Kind; 10] = [
    Kind::Settings,
    Kind::Customer,
    Kind::Invitation,
    Kind::Milestone,
    Kind::Meeting,
    Kind::CheckIn,
    Kind::LoggedContact,
    Kind::FollowUp,
    Kind::Errand,
    Kind::User,
];

/// Everything that is due, put off, and with colleagues; for those above, of their people too.
#[component]
pub fn FollowUpsPage() -> impl IntoView {
    let now = ticking();
    let acting = Acting::new();
    let own = OwnTasks::of_here();
    let whose = RwSignal::new(None::<UserId>);
    let people = Signal::derive(|| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        let reached = replica::read(&[Kind::User], |replica| receivers(replica, &actor));
        let others = reached.into_iter().filter(|user| user.id != actor.user);
        others.map(|user| Choice::new(user.id, user.name.clone())).collect::<Vec<_>>()
    });
    let all = Memo::new(move |_| {
        replica::read(&KINDS, |replica| match whose.get() {
            Some(user) => rows(replica, tasks(replica, user, now.get()), now.get()),
            None => rows(replica, own.get(), now.get()),
        })
    });
    let part = move |title: fn() -> &'static str, of: fn(&Rows) -> &Vec<Row>, test_id: &'static str| {
        move || {
            let rows = all.with(|all| of(all).clone());
            (!rows.is_empty()).then(|| {
                view! {
                    <section class="stack" data-testid=test_id>
                        <h2>{title}</h2>
                        <ul class="list" role="list" aria-label=title>{rows.into_iter().map(|row| view! { <TaskRow row acting /> }).collect_view()}</ul>
                    </section>
                }
            })
        }
    };
    let is_empty = move || all.with(|all| all.due.is_empty() && all.later.is_empty() && all.handed_over.is_empty());
    view! {
        <PageHead title=t::follow_ups::title note=t::follow_ups::note back=Place::Today />
        <div class="page-content" data-testid="follow-ups">
            <Show when=move || !people.with(Vec::is_empty)>
                <Select label=t::follow_ups::whose options=people value=whose none=t::follow_ups::mine test_id="follow-ups-whose" />
            </Show>
            {part(t::follow_ups::due, |all| &all.due, "follow-ups-due")}
            {part(t::follow_ups::later, |all| &all.later, "follow-ups-later")}
            {part(t::follow_ups::handed_over, |all| &all.handed_over, "follow-ups-handed")}
            <Show when=is_empty>
                <EmptyState glyph=Glyph::Check title=t::follow_ups::none text=t::follow_ups::none_note test_id="follow-ups-none" />
            </Show>
        </div>
        <TaskSheets acting />
    }
}
