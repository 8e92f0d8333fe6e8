//! The replica on the device: memory in front, IndexedDB beneath, the server far away.
//!
//! Pages read through [`read`] and write through [`submit`], and know nothing of storage or network.
//! Invariant: [`submit`] returns `Ok` only after the command is durable on this device.

pub mod session;
pub mod status;

use leptos::prelude::*;
use shared::decide::{Actor, Stop};
use shared::ids::ClientId;
use shared::record::Kind;
use shared::sync::replica::{Pending, Replica};
use shared::{Command, Rejection};
use std::cell::RefCell;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why something was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// The rules refuse it on what this device holds.
    Rejected(Rejection),
    /// This device could not store it; it is not saved.
    Storage(StorageFailure),
}

/// What a device's storage may fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFailure {
    /// No room is left.
    Full,
    /// The database is closed or damaged; the page must be loaded again.
    Broken,
}

/// Everything the pages share.
struct Desk {
    replica: Replica,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk { replica: Replica::new(ClientId(Uuid::nil()), None) });
    static CHANGED: BTreeMap<Kind, ArcTrigger> = Kind::ALL.iter().map(|kind| (*kind, ArcTrigger::new())).collect();
    static ACTOR: ArcRwSignal<Option<Actor>> = ArcRwSignal::new(None);
}

/// Who is logged in; tracked.
#[must_use]
pub fn actor() -> Option<Actor> {
    ACTOR.with(|actor| actor.get())
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
    DESK.with(|desk| f(&desk.borrow().replica))
}

/// Does what a person asks: checks it against the rules, saves it durably, and shows it.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub async fn submit(command: impl Into<Command>) -> Result<(), NotSaved> {
    let command = command.into();
    let at = chrono::Utc::now();
    let uuid = Uuid::now_v7();
    DESK.with(|desk| desk.borrow().replica.predict(&command, at)).map_err(|stop| match stop {
        Stop::Rejected(rejection) => NotSaved::Rejected(rejection),
        Stop::Unavailable(_) => NotSaved::Storage(StorageFailure::Broken),
    })?;
    let kinds = DESK.with(|desk| desk.borrow_mut().replica.add_pending(Pending { uuid, at, command: Some(command), applied_at: None }));
    announce(kinds);
    Ok(())
}

/// Commands saved on this device only.
fn unsent() -> usize {
    DESK.with(|desk| desk.borrow().replica.pending().iter().filter(|pending| pending.applied_at.is_none()).count())
}

fn set_actor(actor: Option<Actor>) {
    DESK.with(|desk| desk.borrow_mut().replica.set_actor(actor.clone()));
    ACTOR.with(|signal| signal.set(actor));
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
