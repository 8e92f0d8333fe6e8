//! Somebody's access may end while their data are locked here: the next contact removes them (clause M3). What they recorded has gone as letters,
//! and waits at the server for a ruling.

use super::device::Device;
use super::indexed_db::IndexedDb;
use super::runner::sync_lock;
use super::session::{Standing, first_meta, left, remove_store, standing_untracked};
use super::store::Waiting;
use super::{StorageFailure, desk};
use crate::platform::{locks, network};
use leptos::prelude::*;
use serde::Deserialize;
use shared::ids::UserId;

const TIMEOUT_MS: u32 = 20_000;

thread_local! {
    static REMOVED: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// Whether data were removed from this device because their person has no access any more; tracked.
#[must_use]
pub fn has_removed() -> bool {
    REMOVED.with(|removed| removed.get())
}

/// Asks the server about a person whose data are locked. Without access rows and drafts go; everything goes once nothing waits to be sent.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn look(user: UserId) -> Result<(), StorageFailure> {
    if !is_revoked(user).await {
        return Ok(());
    }
    // Somebody may have unlocked meanwhile, here or in another tab: then the engine hears of it, and heeds what was not sent.
    let Some(_alone) = locks::hold_if_free(&sync_lock(user)).await else { return Ok(()) };
    if !matches!(standing_untracked(), Standing::Locked(person) if person.user == user) {
        return Ok(());
    }
    let first = first_meta()?;
    IndexedDb::empty(user, &first).await?;
    // Not what was counted before the server was asked: something may have been saved since.
    if IndexedDb::waiting(user, &first).await? != Waiting::default() {
        return Ok(());
    }
    remove_store(user).await?;
    let gone = |device: &mut Device| {
        device.forget(user);
        if device.person.take_if(|person| person.user == user).is_some() {
            device.secret = None;
        }
    };
    desk::remember(gone).await?;
    REMOVED.with(|removed| removed.set(true));
    left();
    Ok(())
}

async fn is_revoked(user: UserId) -> bool {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
    }
    let answer = network::get_for(Some(&user.to_string()), "/api/session", TIMEOUT_MS).await;
    let problem = answer.ok().filter(|answer| answer.status == 403).and_then(|answer| answer.read::<Problem>());
    problem.is_some_and(|problem| problem.code == "access_revoked")
}
