//! What must be stored, and the verbs by which it changes. One suite of laws holds for every store (`contract`).
//!
//! Laws:
//! - Each verb is one transaction, and is over only when it is durable. A verb that fails has changed nothing.
//! - Numbers are given inside the transaction, so that two tabs need not agree on them.
//! - What a person did is in the outbox, the journal or among the refused until it is dismissed or 30 days old.
//! - A change that brings a [`Meta`] is stored only over the revision before its own; the comparison is part of the transaction.
//! - A command and its files are stored together. Files stay as long as their command, and are sent only after the server has ruled on it
//!   and keeps it. A command stays in the journal until its files were sent.
//! - What was taken in of other devices goes in the transaction in which the rows of its meeting's scope go or make it needless. Other changes of it
//!   rest on what is stored then, whichever tab has stored it.

use super::StorageFailure;
use super::segment::Segment;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::carry::Bag;
use shared::deals::evidence::Link;
use shared::files::{Content, NewAttachment};
use shared::ids::AttachmentId;
use shared::sync::client::Meta;
use shared::sync::files::WaitingFile;
use shared::sync::protocol::{Envelope, Outcome, RawCommand, Verdict};
use shared::sync::replica::Pending;
use shared::time::Timestamp;
use shared::{Command, Rejection};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A user's store on this device.
pub(crate) trait Store {
    /// Reads everything at one moment. Segments newer than the mark are given one after the other; all of them, and [`Piece::Anew`] first,
    /// if the log was rewritten since or there is no mark.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn load(&self, after: Option<Mark>, take: &mut dyn FnMut(Piece)) -> Result<Loaded, StorageFailure>;

    /// Puts a command at the end of the outbox; its number is the store's to give. What goes along is stored with it.
    ///
    /// # Errors
    /// [`StorageFailure`]: nothing is saved, the form's draft is as it was, and so is the chain.
    async fn save(&self, envelope: &Envelope, along: Along<'_>) -> Result<(), StorageFailure>;

    /// Where the next signature will stand in the device's chain; none if this device has none yet, or one that cannot be read any more.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn next_link(&self) -> Result<Option<Link>, StorageFailure>;

    /// The first commands of the outbox, in order, with their numbers, up to one that cannot be read any more.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn outbox(&self, most: usize) -> Result<Vec<Envelope>, StorageFailure>;

    /// Commands were ruled on: they leave the outbox. Returns those refused.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn rule(&self, outcomes: &[Outcome], meta: &Meta, now: Timestamp) -> Result<Vec<Refusal>, NotStored>;

    /// Numbers the outbox anew from 1, in its order.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn renumber(&self, meta: &Meta) -> Result<(), NotStored>;

    /// Forgets all rows, puts the journal back into the outbox, before what is there, and numbers all anew from 1. No file counts as sent.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn begin_epoch(&self, meta: &Meta) -> Result<Mark, NotStored>;

    /// Appends segments to the log.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn append(&self, segments: &[Arc<Segment>], meta: &Meta) -> Result<Mark, NotStored>;

    /// Forgets all rows; outbox, journal and files stay.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn forget_rows(&self, meta: &Meta) -> Result<Mark, NotStored>;

    /// Gives a run of segments after a key, and stores what they become, if anything, in their place, if the log is still the one that was read up
    /// to a mark: what came since would be taken for dead.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn rewrite(
        &self,
        mark: Mark,
        after: u64,
        edit: &mut dyn FnMut(&[Arc<Segment>]) -> Option<Vec<Arc<Segment>>>,
    ) -> Result<Run, StorageFailure>;

    /// The person has seen that a command was refused. If that was for good, its files go.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn dismiss(&self, uuid: Uuid) -> Result<(), StorageFailure>;

    /// Removes from the journal what was acknowledged before a time, unless a file of it is still to be sent; files that were sent go with it.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn expire(&self, before: Timestamp) -> Result<(), StorageFailure>;

    /// Files that are to be sent, the oldest first.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn unsent_files(&self) -> Result<Vec<UnsentFile>, StorageFailure>;

    /// The bytes of a file; none if they are not here.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn file_bytes(&self, attachment: AttachmentId) -> Result<Option<Vec<u8>>, StorageFailure>;

    /// The server has a file, in a history of its own. Gives whether that counts: the engine knows the same history.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn note_sent(&self, attachment: AttachmentId, epoch: Uuid, now: Timestamp) -> Result<bool, StorageFailure>;

    /// Changes what was taken in of other devices, and gives it as it is then. `change` may be called again, on what another tab has stored meanwhile.
    ///
    /// # Errors
    /// [`StorageFailure`].
    async fn change_bag(&self, change: &mut dyn FnMut(&mut Bag)) -> Result<Bag, StorageFailure>;
}

/// Lets go of what was taken in of other devices and needs to be kept no more, as far as the engine knows.
pub(super) fn settle_bag(bag: &mut Bag, meta: &Meta) -> bool {
    bag.settle(meta.version, |scope| meta.cursors.contains_key(&scope))
}

/// Why a change that the engine asked for was not stored. Nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotStored {
    /// The storage failed.
    Storage(StorageFailure),
    /// It rests on a state that is not the stored one: another tab has changed it since.
    Outrun,
}

impl<F: Into<StorageFailure>> From<F> for NotStored {
    fn from(failure: F) -> Self {
        Self::Storage(failure.into())
    }
}

/// What is stored with a command in the same transaction.
#[derive(Clone, Copy, Default)]
pub(crate) struct Along<'a> {
    /// Files that it names.
    pub(crate) files: &'a [NewFile],
    /// The form that it comes from, whose draft goes.
    pub(crate) form: Option<&'a str>,
    /// Where the next signature will stand in the device's chain, if this one is sealed.
    pub(crate) chain: Option<&'a Link>,
}

#[cfg(test)]
impl<'a> Along<'a> {
    /// Files alone.
    pub(super) fn of(files: &'a [NewFile]) -> Self {
        Self { files, ..Self::default() }
    }
}

/// A file that a command brings, with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// As the command names it.
    pub new: NewAttachment,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// A file that is on this device and not yet on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnsentFile {
    /// Which.
    pub(crate) file: WaitingFile,
    /// The command that brought it.
    pub(crate) command: Uuid,
    /// Whether the server has ruled on that command and keeps it: before, it would not know what the bytes are for.
    pub(crate) is_awaited: bool,
}

/// What is on this device only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many commands.
    pub commands: usize,
    /// How many files.
    pub files: usize,
}

/// What the engine knows of a store without rows: a change like any other, which an engine that is at work has to learn of.
pub(super) fn without_rows(meta: Meta) -> Meta {
    Meta { cursors: BTreeMap::new(), version: 0, fresh_at: None, revision: meta.revision + 1, ..meta }
}

/// A file as a store keeps it, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub(super) attachment: AttachmentId,
    pub(super) content: Content,
    pub(super) command: Uuid,
    /// Since when the server has it.
    pub(super) sent_at: Option<Timestamp>,
}

impl KeptFile {
    pub(super) const fn new(file: &NewFile, command: Uuid) -> Self {
        Self { attachment: file.new.attachment, content: file.new.content, command, sent_at: None }
    }

    pub(super) const fn unsent(&self, is_awaited: bool) -> UnsentFile {
        UnsentFile { file: WaitingFile { attachment: self.attachment, content: self.content }, command: self.command, is_awaited }
    }
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
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Forget all rows: the whole log follows.
    Anew,
    /// A segment; rows of it that are not read yet keep it in memory.
    Segment(Arc<Segment>),
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
    /// Files that are to be sent, the oldest first.
    pub(crate) files: Vec<UnsentFile>,
    /// What was taken in of other devices.
    pub(crate) bag: Bag,
}

/// What became of a run of segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// It is as it shall be.
    Done {
        /// The key of the last one.
        reached: u64,
        /// The log's generation after it.
        generation: u64,
    },
    /// The log has no more.
    End,
    /// It is another log by now.
    Void,
}

/// A command that the server refused, whole: what was typed is never lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// The command.
    pub(crate) envelope: Envelope,
    /// The ruling.
    pub(crate) outcome: Outcome,
}

/// Whether the server keeps nothing of a command on which it ruled so. What is in quarantine it keeps.
pub(crate) const fn is_for_good(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Rejected { .. })
}

/// What is known of a command that cannot be read any more: when its uuid was made.
pub(super) fn unreadable(uuid: Uuid) -> Envelope {
    let (seconds, nanos) = uuid.get_timestamp().map(|made| made.to_unix()).unwrap_or_default();
    let occurred_at = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_timestamp(seconds, nanos)).unwrap_or_default();
    let command = RawCommand { name: String::new(), args: RawValue::NULL.to_owned() };
    Envelope { seq: 0, uuid, occurred_at, clock_offset_ms: 0, command }
}

/// The ruling of the device itself on such a command, where the server cannot rule.
pub(super) const fn damaged(uuid: Uuid) -> Outcome {
    Outcome { seq: 0, uuid, version: 0, verdict: Verdict::Rejected { rejection: Rejection::Damaged } }
}

/// A command at the head of the outbox that cannot be read any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Which.
    pub(crate) uuid: Uuid,
    /// Its letter to the server, which may be whole all the same.
    pub(crate) letter: Option<Vec<u8>>,
}

/// A stored command as the replica replays it. One that this version cannot read is carried along and shows nothing.
pub(crate) fn pending(envelope: &Envelope, applied_at: Option<u64>) -> Pending {
    Pending { uuid: envelope.uuid, at: envelope.occurred_at, command: Command::read(&envelope.command).ok(), applied_at }
}
