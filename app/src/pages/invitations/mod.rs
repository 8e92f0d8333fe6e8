//! Invitations: plan, calling desk, confirmations (clauses B1, B3, B4, B6, B8).

mod confirmations;
mod desk;
mod link;
mod party;
mod plan;
mod script;

pub use confirmations::ConfirmationsPage;
pub use desk::CallsPage;
pub(in crate::pages) use party::{LineBadge, Party};
pub use plan::InvitationsPage;
pub(in crate::pages) use script::{MarkedText, WordingNotes, reviewed, settings, sms_words};

use crate::replica;
use crate::state::meetings::calendar;
use chrono::Utc;
use leptos::prelude::*;
use shared::Kind;
use shared::ids::CustomerId;
use shared::meetings::Meeting;
use shared::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

thread_local! {
    static CHOSEN: ArcRwSignal<Option<Arc<Vec<CustomerId>>>> = ArcRwSignal::new(None);
}

/// The meetings that take place and are not over; tracked.
pub(in crate::pages) fn upcoming() -> Vec<Arc<Meeting>> {
    replica::read(&[Kind::Meeting], |replica| calendar(replica, Utc::now()).upcoming)
}

/// The customers for whom the next plan is made, chosen by hand in the list.
pub(in crate::pages) fn choose_for_plan(customers: Vec<CustomerId>) {
    CHOSEN.with(|chosen| chosen.set(Some(Arc::new(customers))));
}

fn forget_choice() {
    CHOSEN.with(|chosen| chosen.set(None));
}

fn chosen_for_plan() -> RwSignal<Option<Arc<Vec<CustomerId>>>> {
    CHOSEN.with(|chosen| RwSignal::from(chosen.clone()))
}

/// The present, looked at again every 20 seconds while the page is shown.
fn present() -> Signal<Timestamp> {
    let now = RwSignal::new(Utc::now());
    let tick = move || {
        let _ = now.try_set(Utc::now());
    };
    if let Ok(interval) = set_interval_with_handle(tick, Duration::from_secs(20)) {
        on_cleanup(move || interval.clear());
    }
    now.into()
}
