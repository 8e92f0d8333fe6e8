//! How long this device shows customers without having heard from the server (clause M3). Recording goes on after that.
//!
//! What is stored stays, and opens again with the next answer of the server: this guards against a device whose loss nobody has told, not
//! against whoever has its password and takes the app apart.

use super::desk;
use super::device::Seen;
use super::status;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use shared::ids::UserId;
use shared::time::Timestamp;
use wasm_bindgen_futures::spawn_local;

const CHECK_MS: u32 = 20_000;
/// The clock is noted this seldom, so that checking costs no write.
const NOTED_EVERY: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

thread_local! {
    static RUN_OUT: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// Whether customers are hidden until the server has answered; tracked.
#[must_use]
pub fn has_run_out() -> bool {
    RUN_OUT.with(|run_out| run_out.get())
}

/// Checks from time to time.
pub(super) fn watch() {
    Interval::new(CHECK_MS, check).forget();
}

/// Checks now: something was opened, or the server has answered.
pub(super) fn check() {
    let run_out = desk::opened().is_some_and(|open| has_run_out_at(open.me.user, chrono::Utc::now()));
    RUN_OUT.with(|signal| {
        if signal.get_untracked() != run_out {
            signal.set(run_out);
        }
    });
}

fn has_run_out_at(user: UserId, now: Timestamp) -> bool {
    let Some(fresh_at) = status::untracked().fresh_at else { return false };
    // An answer of the server begins a new lease, whatever the clock has shown before.
    let seen = desk::device().and_then(|device| device.seen.get(&user).copied()).filter(|seen| seen.fresh_at == fresh_at);
    if seen.is_none_or(|seen| now - seen.at > NOTED_EVERY) {
        note(user, Seen { fresh_at, at: now });
    }
    // A clock that was set back does not lengthen it.
    let latest = seen.map_or(now, |seen| seen.at.max(now));
    desk::policy().has_run_out(fresh_at, latest)
}

fn note(user: UserId, seen: Seen) {
    spawn_local(async move {
        if let Err(failure) = desk::remember(|device| device.seen.extend([(user, seen)])).await {
            desk::failed(failure);
        }
    });
}
