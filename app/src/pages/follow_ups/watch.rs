//! While somebody's data are open: the number on the app's icon, and a notice when a task falls due. Neither names a customer.

use super::KINDS;
use super::reminders::are_on;
use crate::pages::today::ticking;
use crate::platform::{badge, notify};
use crate::replica;
use crate::state::follow_ups::count_due;
use crate::texts as t;
use leptos::prelude::*;
use shared::ids::FollowUpId;
use std::collections::BTreeSet;

const TAG: &str = "follow-ups";

/// Once, in the frame: it goes when the device is locked, and the number with it.
#[component]
pub(in crate::pages) fn FollowUpWatch() -> impl IntoView {
    let now = ticking();
    let due = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(&KINDS, |replica| count_due(replica, &actor, now.get()))
    });
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
