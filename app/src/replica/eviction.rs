//! A browser may remove what it has promised to keep, or somebody clears it: it is told, and the server gives back what it has.

use super::desk;
use crate::platform::network;
use leptos::prelude::*;

const TIMEOUT_MS: u32 = 20_000;

thread_local! {
    static ALL_GONE: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// Whether somebody has worked on this device and everything of theirs is gone; tracked.
#[must_use]
pub fn has_taken_all() -> bool {
    ALL_GONE.with(|gone| gone.get())
}

/// Nobody has data here. A session that lives on tells that somebody had: who logs out ends it, and cookies of a server outlive what scripts
/// have stored.
pub(super) async fn look_for_a_session() {
    let answer = network::get_for(None, "/api/session", TIMEOUT_MS).await;
    if answer.is_ok_and(|answer| answer.status == 200) && desk::opened().is_none() {
        ALL_GONE.with(|gone| gone.set(true));
    }
}
