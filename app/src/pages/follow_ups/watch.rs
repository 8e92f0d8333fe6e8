//! While somebody's data are open: the number on the app's icon, and a notice when a task falls due. Neither names a customer.

use super::OwnTasks;
use super::reminders::are_on;
use crate::platform::{badge, notify};
use crate::texts as t;
use leptos::prelude::*;
use shared::follow_ups::tasks::Task;
use shared::ids::FollowUpId;
use std::collections::BTreeSet;

const TAG: &str = "follow-ups";

/// Once, in the frame: it goes when the device is locked, and the number with it.
#[component]
pub(in crate::pages) fn FollowUpWatch() -> impl IntoView {
    let own = OwnTasks::of_here();
    let due = Memo::new(move |_| own.with(|own| own.due.iter().map(Task::id).collect::<Vec<_>>()));
    Effect::new(move |known: Option<BTreeSet<FollowUpId>>| {
        let due = due.get();
        badge::show(due.len());
        let now: BTreeSet<_> = due.iter().copied().collect();
        // What was due when the app was opened stands on Today.
        if known.is_some_and(|known| !now.is_subset(&known)) && untrack(are_on) {
            notify::tell(&untrack(|| t::follow_ups::notified(due.len())), TAG);
        }
        now
    });
    on_cleanup(badge::clear);
}
