//! What the user is told about storage and sync (clause N2): always visible, always true.

use super::StorageFailure;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::Rejection;
use shared::ids::AttachmentId;
use shared::time::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The state of sync.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Whether the server was reached at the last try.
    pub reach: Reach,
    /// Commands saved on this device only.
    pub unsent: usize,
    /// When the oldest of them was saved.
    pub unsent_since: Option<Timestamp>,
    /// Files that are on this device only, and are or will be sent.
    pub files: FilesWaiting,
    /// Files on this device whose bytes are not what they were when they were saved: they cannot be sent.
    pub damaged_files: BTreeSet<AttachmentId>,
    /// How old the server's data on this device are: when the last complete pull ended.
    pub fresh_at: Option<Timestamp>,
    /// Commands that the server refused, until the user has seen them.
    pub refused: Vec<Refused>,
    /// Rows received of a first or large download, while it runs.
    pub receiving: Option<usize>,
    /// Server's clock less this device's clock, in milliseconds, once known.
    pub clock_offset_ms: Option<i64>,
    /// A new version of the app waits for the user's consent.
    pub update_waiting: bool,
    /// Set once this device's storage failed: nothing can be saved until the page is loaded again (broken) or room is made (full).
    pub storage: Option<StorageFailure>,
    /// What was on this device had gone when it was opened: what was not sent by then is lost.
    pub evicted: bool,
    /// How much room the browser gives the app, once known.
    pub room: Option<Room>,
    /// Whether the browser promised to keep the data (`navigator.storage.persist`); none until it answered.
    pub persisted: Option<bool>,
}

/// Room on the device, in bytes, as the browser estimates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What the app holds.
    pub used: u64,
    /// What it may still store.
    pub free: u64,
}

/// How much waits to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilesWaiting {
    /// How many files.
    pub count: usize,
    /// How many bytes they have together.
    pub bytes: u64,
}

/// Whether the server can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Not tried yet.
    #[default]
    Unknown,
    /// Yes.
    Online,
    /// No network, or no answer.
    Offline,
    /// Something answers that is not our server: a captive portal.
    Captive,
    /// The session has ended: log in again to send and receive.
    LoggedOut,
    /// The server speaks a newer protocol: update the app.
    UpdateNeeded,
    /// The server answers, but could not do it now.
    Failing,
    /// The person has no access any more.
    Revoked,
}

/// A command that the server refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Which.
    pub uuid: Uuid,
    /// Its versioned name; the page has a text for each.
    pub name: String,
    /// When the person acted.
    pub at: Timestamp,
    /// Why.
    pub rejection: Rejection,
    /// Whether it waits for a supervisor instead of being refused for good.
    pub quarantined: bool,
}

thread_local! {
    static STATUS: ArcRwSignal<Status> = ArcRwSignal::new(Status::default());
}

/// The state now; tracked.
#[must_use]
pub fn status() -> Status {
    STATUS.with(|status| status.get())
}

/// The state now, untracked.
pub(super) fn untracked() -> Status {
    STATUS.with(|status| status.get_untracked())
}

/// Changes the state.
pub(crate) fn change(f: impl FnOnce(&mut Status)) {
    STATUS.with(|status| status.update(f));
}
