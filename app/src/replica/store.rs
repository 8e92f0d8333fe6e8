//! What must be stored, and the verbs by which it changes. One suite of laws holds for every store (`contract`).
//!
//! Laws:
//! - Each verb is one transaction, and is over only when it is durable. A verb that fails has changed nothing.
//! - Numbers are given inside the transaction, so that two tabs need not agree on them.
//! - What a person did is in the outbox, the journal or among the refused until it is dismissed or 30 days old.

use super::StorageFailure;
use serde::{Deserialize, Serialize};
use shared::Command;
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, Outcome};
use shared::sync::replica::Pending;
use shared::time::Timestamp;
use uuid::Uuid;

/// A user's store on this device.
pub(crate) trait Store {
    /// Reads everything at one moment. Segments newer than the mark are given one after the other; all of them, and [`Piece::Anew`] first,
    /// if the log was rewritten since or there is no mark.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn load(&self, after: Option<Mark>, take: &mut dyn FnMut(Piece<'_>)) -> Result<Loaded, StorageFailure>;

    /// Puts a command at the end of the outbox; its number is the store's to give.
    ///
    /// # Errors
    /// [`StorageFailure`]: it is not saved.
    async fn save(&self, envelope: &Envelope) -> Result<(), StorageFailure>;

    /// The first commands of the outbox, in order, with their numbers.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn outbox(&self, most: usize) -> Result<Vec<Envelope>, StorageFailure>;

    /// Commands were ruled on: they leave the outbox. Returns those refused.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn rule(&self, outcomes: &[Outcome], meta: &Meta, now: Timestamp) -> Result<Vec<Refusal>, StorageFailure>;

    /// Numbers the outbox anew from 1, in its order.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn renumber(&self, meta: &Meta) -> Result<(), StorageFailure>;

    /// Forgets all rows, puts the journal back into the outbox, before what is there, and numbers all anew from 1.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn begin_epoch(&self, meta: &Meta) -> Result<Mark, StorageFailure>;

    /// Appends segments to the log.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn append(&self, segments: &[Vec<u8>], meta: &Meta) -> Result<Mark, StorageFailure>;

    /// Forgets all rows; outbox and journal stay.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn forget_rows(&self, meta: &Meta) -> Result<Mark, StorageFailure>;

    /// Gives a run of segments after a key, and stores what they become, if anything, in their place. None at the end of the log.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn rewrite(&self, after: u64, edit: &mut dyn FnMut(&[Vec<u8>]) -> Option<Vec<Vec<u8>>>) -> Result<Option<Run>, StorageFailure>;

    /// The person has seen that a command was refused.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn dismiss(&self, uuid: Uuid) -> Result<(), StorageFailure>;

    /// Removes from the journal what was acknowledged before a time.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn expire(&self, before: Timestamp) -> Result<(), StorageFailure>;
}

/// How long acknowledged commands are kept, to be sent again should the server be restored from a backup.
pub(crate) const JOURNAL_DAYS: i64 = 30;

/// A place in the log. A log that was rewritten has another generation, and its places mean nothing any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which log.
    pub(crate) generation: u64,
    /// The key of the last segment known.
    pub(crate) last: u64,
}

/// What [`Store::load`] gives on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    /// Forget all rows: the whole log follows.
    Anew,
    /// A segment.
    Segment(&'a [u8]),
}

/// What [`Store::load`] gives at the end.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// What the engine knew.
    pub(crate) meta: Meta,
    /// Up to where the log was read.
    pub(crate) mark: Mark,
    /// Commands not ruled on, and those whose rows are not here yet, in order.
    pub(crate) pending: Vec<Pending>,
    /// Commands refused and not dismissed.
    pub(crate) refused: Vec<Refusal>,
}

/// What became of a run of segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The key of the last one.
    pub(crate) last: u64,
    /// The log's generation after it.
    pub(crate) generation: u64,
}

/// A command that the server refused, whole: what was typed is never lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// The command.
    pub(crate) envelope: Envelope,
    /// The ruling.
    pub(crate) outcome: Outcome,
}

/// A stored command as the replica replays it. One that this version cannot read is carried along and shows nothing.
pub(crate) fn pending(envelope: &Envelope, applied_at: Option<u64>) -> Pending {
    Pending { uuid: envelope.uuid, at: envelope.occurred_at, command: Command::read(&envelope.command).ok(), applied_at }
}
