//! The replica on the device: memory in front, IndexedDB beneath, the server far away.
//!
//! Pages read through [`read`] and write through [`submit`], and know nothing of storage or network.
//! Invariant: [`submit`] returns `Ok` only after the command is durable on this device.

pub mod carry;
#[cfg(test)]
mod contract;
mod credential;
mod damage;
mod desk;
mod device;
#[cfg(all(test, target_arch = "wasm32"))]
mod differential;
pub mod drafts;
pub mod eviction;
pub mod files;
mod indexed_db;
pub(crate) mod kept;
pub mod kiosk;
pub mod lease;
pub mod letters;
mod lock;
#[cfg(all(feature = "measure", target_arch = "wasm32"))]
mod measure;
#[cfg(test)]
mod memory;
pub mod pin;
pub mod revocation;
mod runner;
mod secret;
mod segment;
pub mod session;
pub mod status;
mod store;
mod tidying;
pub mod unsent_work;

pub use crate::platform::storage::StorageFailure;
pub use store::NewFile;

use futures::channel::oneshot;
use leptos::prelude::*;
use shared::decide::Actor;
use shared::record::{Kind, Scope};
use shared::sync::replica::Replica;
use shared::{Command, Rejection};
use std::collections::BTreeMap;
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// Why something was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// The rules refuse it on what this device holds.
    Rejected(Rejection),
    /// This device could not store it; it is not saved.
    Storage(StorageFailure),
}

thread_local! {
    static CHANGED: BTreeMap<Kind, ArcTrigger> = Kind::ALL.iter().map(|kind| (*kind, ArcTrigger::new())).collect();
}

/// Opens what is on this device as the last user, with or without the server; [`session::standing`] tells how it goes.
pub fn start() {
    spawn_local(session::resume());
    session::lock_when_idle();
    letters::post_while_locked();
    pin::watch();
    kiosk::watch();
    lease::watch();
}

/// Who is logged in; tracked.
#[must_use]
pub fn actor() -> Option<Actor> {
    desk::actor()
}

/// Reads the replica. The caller's effect or view runs again when a record of one of the kinds changes on the screen.
pub fn read<R>(kinds: &[Kind], f: impl FnOnce(&Replica) -> R) -> R {
    CHANGED.with(|changed| {
        for kind in kinds {
            if let Some(trigger) = changed.get(kind) {
                trigger.track();
            }
        }
    });
    desk::with_replica(f)
}

/// Does what a person asks: checks it against the rules, saves it durably, and shows it. It never waits for the network, and what it
/// has begun it ends, even if the caller is gone.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub async fn submit(command: impl Into<Command>) -> Result<(), NotSaved> {
    submit_with(command, Vec::new()).await
}

/// Does what a person asks, as [`submit`], and saves the files that the command names with it: both are durable, or neither.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub async fn submit_with(command: impl Into<Command>, files: Vec<NewFile>) -> Result<(), NotSaved> {
    save(None, command.into(), files).await
}

/// Does what a person asks in a form, as [`submit_with`], and forgets the form's draft: it is saved and no draft any more, or neither.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub async fn submit_form(form: String, command: impl Into<Command>, files: Vec<NewFile>) -> Result<(), NotSaved> {
    save(Some(form), command.into(), files).await
}

async fn save(form: Option<String>, command: Command, files: Vec<NewFile>) -> Result<(), NotSaved> {
    let saving = async move { desk::save(command, files, form.as_deref()).await };
    apart(saving).await.unwrap_or(Err(NotSaved::Storage(StorageFailure::Broken)))
}

/// The user has seen that a command was refused.
///
/// # Errors
/// [`StorageFailure`]: it will be shown again.
pub async fn dismiss_refused(uuid: Uuid) -> Result<(), StorageFailure> {
    apart(desk::dismiss(uuid)).await.unwrap_or(Err(StorageFailure::Broken))
}

/// The user has seen that what was on this device had gone.
pub fn know_of_eviction() {
    status::change(|status| status.evicted = false);
}

/// Asks the browser again to keep what is on this device, and how much room there is; [`status`] tells what it said.
pub async fn look_at_storage() {
    desk::look_at_storage().await;
}

/// Whether everything of a scope was held as the server had it when the last complete pull ended.
#[must_use]
pub fn holds(scope: Scope) -> bool {
    desk::holds(scope)
}

/// Sends and receives now, if the server can be reached.
pub fn sync_now() {
    if let Some(open) = desk::opened() {
        open.wake();
    }
}

/// Runs to its end whatever becomes of the caller.
async fn apart<R: 'static>(work: impl Future<Output = R> + 'static) -> Option<R> {
    let (tell, told) = oneshot::channel();
    spawn_local(async move {
        let _caller_gone = tell.send(work.await);
    });
    told.await.ok()
}

/// Tells the pages that records of these kinds have changed.
fn announce(kinds: impl IntoIterator<Item = Kind>) {
    CHANGED.with(|changed| {
        for kind in kinds {
            if let Some(trigger) = changed.get(&kind) {
                trigger.notify();
            }
        }
    });
}
