//! What waits while a person's data are locked: the service worker sends it as letters, which neither it nor this page can read.

use super::indexed_db::IndexedDb;
use super::session::{Standing, first_meta, standing_untracked};
pub use super::store::Waiting;
use super::{StorageFailure, revocation};
use crate::platform::page;
use crate::platform::service_worker::{self, Posted};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use shared::ids::UserId;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

const AGAIN_MS: u32 = 60_000;

thread_local! {
    static WAITING: ArcRwSignal<Waiting> = ArcRwSignal::new(Waiting::default());
    static POSTING: Cell<bool> = const { Cell::new(false) };
}

/// What of the locked person's work is on this device only; tracked.
#[must_use]
pub fn waiting() -> Waiting {
    WAITING.with(|waiting| waiting.get())
}

/// Whenever data are locked: sends when the page comes back, and from time to time.
pub(super) fn post_while_locked() {
    let again = || post_if_locked(&standing_untracked());
    page::on_return(again).into_iter().for_each(gloo_events::EventListener::forget);
    Interval::new(AGAIN_MS, move || {
        if page::is_visible() {
            again();
        }
    })
    .forget();
}

/// Sends a person's letters; gives what waits after that, and whether some of it may be sent so later.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn post(user: UserId) -> Result<(Waiting, bool), StorageFailure> {
    let first = first_meta()?;
    let before = IndexedDb::waiting(user, &first).await?;
    if before == Waiting::default() {
        return Ok((before, false));
    }
    let posted = service_worker::post_letters(&user.to_string()).await;
    let waiting = IndexedDb::waiting(user, &first).await?;
    Ok((waiting, waiting != Waiting::default() && posted != Posted::Unable))
}

/// Sends if somebody's data are locked.
pub(super) fn post_if_locked(standing: &Standing) {
    let Standing::Locked(person) = standing else { return };
    if POSTING.replace(true) {
        return;
    }
    let user = person.user;
    spawn_local(async move {
        let posted = post(user).await;
        POSTING.set(false);
        let Ok((waiting, _)) = posted else { return };
        WAITING.with(|signal| signal.set(waiting));
        // What could not be removed is so at the next look.
        let _failed = revocation::look(user).await;
        if waiting != Waiting::default() {
            service_worker::post_letters_later();
        }
    });
}
