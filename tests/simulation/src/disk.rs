//! A device's disk: what survives a crash. Every change is one transaction, as in IndexedDB. A snapshot taken earlier can be put back, as
//! browsers do to a database after a power cut.

use super::Weakness;
use shared::carry::Bag;
use shared::command::Command;
use shared::decide::Actor;
use shared::files::NewAttachment;
use shared::ids::AttachmentId;
use shared::record::Scope;
use shared::sync::client::{Change, Meta, Rows};
use shared::sync::files::WaitingFile;
use shared::sync::protocol::{Envelope, Outcome, RawCommand, Row, RowHash, Verdict};
use shared::sync::replica::Pending;
use shared::sync::slot::Held;
use shared::time::Timestamp;
use shared::{Kind, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Everything stored on one device.
#[derive(Clone)]
pub struct Disk {
    /// What the engine knows.
    pub meta: Meta,
    /// Who has logged in, with the role that was known last.
    pub actor: Actor,
    /// Commands not yet ruled on, by number.
    pub outbox: BTreeMap<u64, Arc<Envelope>>,
    /// Applied commands with the version at which they were, in the order in which they were saved; quarantined ones with version 0.
    pub journal: Vec<(u64, Arc<Envelope>)>,
    /// Refused commands with their outcome.
    pub refused: BTreeMap<Uuid, Outcome>,
    /// Rows from the server.
    pub base: BTreeMap<(Kind, Uuid), Arc<BaseRow>>,
    /// Files of the commands that were saved here, the oldest first.
    pub files: Vec<SavedFile>,
    /// What was taken in of other devices.
    pub bag: Bag,
    /// The device's own key, and what the server has certified it with at the last contact.
    pub seed: [u8; 32],
    /// As of the last contact.
    pub certificate: String,
    /// Server's clock less this device's, in milliseconds, as told last.
    pub clock_offset_ms: i64,
    /// Raised with every change: a tab that knows an older state is behind.
    pub changes: u64,
    /// The app is of an earlier release: its commands have the names of then.
    pub old_app: bool,
    /// Nothing can be stored now.
    pub full: bool,
    /// Rows were lost on this disk past all transactions: their scopes may be found damaged.
    pub rotten: bool,
    /// Another disk, or an earlier state of this one, may have used the same numbers of the same incarnation for other commands.
    pub numbers_shared: bool,
    next_seq: u64,
    /// As which one each command was saved. Outcomes may come in another order, where a read has missed the first commands.
    saved_as: BTreeMap<Uuid, usize>,
    weakness: Weakness,
}

/// A file on the disk.
#[derive(Clone, Copy)]
pub struct SavedFile {
    /// Which.
    pub file: WaitingFile,
    /// The command that names it.
    pub command: Uuid,
    /// The server has said that it has it.
    pub sent: bool,
}

/// A row as it is stored: hashed and decoded once.
pub struct BaseRow {
    /// From where and when it is.
    pub held: Held,
    /// What it says.
    pub record: Record,
    /// The same as it came.
    pub body: Box<str>,
}

/// A row of a pull: which one, in which scope, and what it is now.
pub type Taken = ((Kind, Uuid), Scope, Option<Arc<BaseRow>>);

/// The disk took nothing: it is full, or another tab has written since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl Disk {
    /// An empty disk.
    #[must_use]
    pub fn new(meta: Meta, actor: Actor, seed: [u8; 32], weakness: Weakness) -> Self {
        Self {
            meta,
            actor,
            outbox: BTreeMap::new(),
            journal: Vec::new(),
            refused: BTreeMap::new(),
            base: BTreeMap::new(),
            files: Vec::new(),
            bag: Bag::default(),
            seed,
            certificate: String::new(),
            clock_offset_ms: 0,
            changes: 0,
            old_app: false,
            full: false,
            rotten: false,
            numbers_shared: false,
            next_seq: 1,
            saved_as: BTreeMap::new(),
            weakness,
        }
    }

    /// Saves a command; its number is given inside the transaction.
    ///
    /// # Errors
    /// [`Refused`]: the person is told that it is not saved.
    pub fn save(&mut self, uuid: Uuid, occurred_at: Timestamp, command: RawCommand) -> Result<Arc<Envelope>, Refused> {
        if self.full {
            return Err(Refused);
        }
        if let Ok(command) = Command::read(&command) {
            let new = |new: &NewAttachment| SavedFile {
                file: WaitingFile { attachment: new.attachment, content: new.content },
                command: uuid,
                sent: false,
            };
            self.files.extend(command.attachments().iter().map(new));
        }
        let command = if self.old_app { of_an_earlier_release(command) } else { command };
        let envelope = Arc::new(Envelope { seq: self.next_seq, uuid, occurred_at, clock_offset_ms: self.clock_offset_ms, command });
        self.outbox.insert(envelope.seq, envelope.clone());
        self.saved_as.insert(uuid, self.saved_as.len());
        self.next_seq += 1;
        self.changes += 1;
        Ok(envelope)
    }

    /// Carries out one change of the engine's together with its meta. Gives the rows that it took.
    ///
    /// # Errors
    /// [`Refused`]: nothing has changed.
    pub fn change(&mut self, change: &Change, meta: &Meta, now: Timestamp) -> Result<Vec<Taken>, Refused> {
        let fits = self.meta.revision + 1 == meta.revision || self.weakness == Weakness::TabsOverwriteEachOther;
        if self.full || !fits {
            return Err(Refused);
        }
        let mut taken = Vec::new();
        match change {
            Change::Outcomes(outcomes) => self.take_outcomes(outcomes),
            Change::Renumber => self.renumber(),
            Change::Rows(rows) => taken = self.take_rows(rows),
            Change::NewEpoch => self.begin_epoch(),
            Change::Heal(scopes) => self.base.retain(|_, row| !scopes.contains(&row.held.scope)),
            Change::Revoked => self.base.clear(),
        }
        self.meta = meta.clone();
        self.changes += 1;
        self.tidy_bag(now);
        Ok(taken)
    }

    /// Lets go of what needs to be carried no more; whether anything has gone.
    pub fn tidy_bag(&mut self, now: Timestamp) -> bool {
        let Self { bag, meta, .. } = self;
        bag.tidy(meta.version, now, |scope| meta.cursors.contains_key(&scope))
    }

    /// It is durable what is carried.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn keep_bag(&mut self, bag: Bag) -> Result<(), Refused> {
        if self.full {
            return Err(Refused);
        }
        self.bag = bag;
        self.changes += 1;
        Ok(())
    }

    /// The commands that a start must show, in the order in which they were saved: applied ones whose rows are not here yet, and those not ruled on,
    /// which were saved later unless a read has missed them.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        let awaiting = self.journal.iter().filter(|(version, _)| *version > self.meta.version);
        let awaiting = awaiting.map(|(version, envelope)| pending(envelope, Some(*version)));
        let mut all: Vec<_> = awaiting.chain(self.outbox.values().map(|envelope| pending(envelope, None))).collect();
        all.sort_by_key(|pending| self.saved_as.get(&pending.uuid));
        all
    }

    /// The files that wait to be sent: the server keeps the command that names them.
    #[must_use]
    pub fn waiting_files(&self) -> Vec<WaitingFile> {
        let is_kept = |uuid: Uuid| self.journal.iter().any(|(_, envelope)| envelope.uuid == uuid);
        self.files.iter().filter(|file| !file.sent && is_kept(file.command)).map(|file| file.file).collect()
    }

    /// It is durable that a file was sent, if it was to the server's history that this disk knows; whether it was.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn note_sent(&mut self, attachment: AttachmentId, epoch: Uuid) -> Result<bool, Refused> {
        if self.full {
            return Err(Refused);
        }
        let counts = self.meta.epoch == Some(epoch);
        if counts {
            self.files.iter_mut().filter(|file| file.file.attachment == attachment).for_each(|file| file.sent = true);
        }
        Ok(counts)
    }

    /// The commands that outbox and journal hold.
    #[must_use]
    pub fn kept(&self) -> BTreeSet<Uuid> {
        let outbox = self.outbox.values().map(|envelope| envelope.uuid);
        outbox.chain(self.journal.iter().map(|(_, envelope)| envelope.uuid)).collect()
    }

    /// A row is lost past all transactions.
    pub fn rot(&mut self, at: usize) {
        if let Some(key) = self.base.keys().nth(at).copied() {
            self.base.remove(&key);
            self.rotten = true;
            self.changes += 1;
        }
    }

    fn begin_epoch(&mut self) {
        self.base.clear();
        self.bag.forget_outcomes();
        if self.weakness != Weakness::ForgetsFilesAtReset {
            self.files.iter_mut().for_each(|file| file.sent = false);
        }
        let journal = std::mem::take(&mut self.journal);
        let outbox = std::mem::take(&mut self.outbox);
        if self.weakness == Weakness::ForgetsTheJournalAtReset {
            self.outbox = outbox;
            return self.renumber();
        }
        let again: BTreeSet<Uuid> = journal.iter().map(|(_, envelope)| envelope.uuid).collect();
        let waiting = outbox.into_values().filter(|envelope| !again.contains(&envelope.uuid));
        let all = journal.into_iter().map(|(_, envelope)| envelope).chain(waiting);
        self.outbox = (1..).zip(all).collect();
        self.renumber();
    }

    fn take_outcomes(&mut self, outcomes: &[Outcome]) {
        let by_uuid: BTreeMap<Uuid, &Outcome> = outcomes.iter().map(|outcome| (outcome.uuid, outcome)).collect();
        let (ruled, waiting) = std::mem::take(&mut self.outbox).into_iter().partition(|(_, envelope)| by_uuid.contains_key(&envelope.uuid));
        self.outbox = waiting;
        let ruled: BTreeMap<u64, Arc<Envelope>> = ruled;
        for envelope in ruled.into_values() {
            let outcome = by_uuid[&envelope.uuid];
            match outcome.verdict {
                _ if self.weakness == Weakness::KeepsNoJournal => {}
                Verdict::Applied => self.journal.push((outcome.version, envelope)),
                Verdict::Rejected { .. } => {
                    self.refused.insert(outcome.uuid, outcome.clone());
                }
                // A restored server must hear of it again; version 0 keeps it off the screen.
                Verdict::Quarantined { .. } => {
                    self.refused.insert(outcome.uuid, outcome.clone());
                    self.journal.push((0, envelope));
                }
            }
        }
        self.journal.sort_by_key(|(_, envelope)| self.saved_as.get(&envelope.uuid));
    }

    fn renumber(&mut self) {
        let waiting = std::mem::take(&mut self.outbox);
        self.outbox = (1..).zip(waiting.into_values()).map(|(seq, envelope)| (seq, Arc::new(Envelope { seq, ..(*envelope).clone() }))).collect();
        self.next_seq = self.outbox.len() as u64 + 1;
        self.numbers_shared = false;
    }

    fn take_rows(&mut self, rows: &Rows) -> Vec<Taken> {
        if self.weakness != Weakness::KeepsRowsOfLostScopes && !rows.dropped.is_empty() {
            self.base.retain(|_, row| !rows.dropped.contains(&row.held.scope));
        }
        let taken: Vec<Taken> = rows.rows.iter().map(taken).collect();
        for (key, scope, row) in &taken {
            match row {
                Some(row) => drop(self.base.insert(*key, row.clone())),
                None if self.base.get(key).is_some_and(|held| held.held.scope == *scope) => drop(self.base.remove(key)),
                None => {}
            }
        }
        taken
    }
}

/// A payment as it was recorded before slips were photographed.
fn of_an_earlier_release(command: RawCommand) -> RawCommand {
    match command.name.as_str() {
        "sign_deal_v3" if !command.args.get().contains("\"seal\"") => RawCommand { name: "sign_deal_v1".into(), ..command },
        "record_payment_v2" if !command.args.get().contains("photo") => RawCommand { name: "record_payment_v1".into(), ..command },
        _ => command,
    }
}

fn taken(row: &Row) -> Taken {
    let kind = Kind::from_name(&row.kind).expect("device and server of a life are built together");
    let stored = row.body.as_ref().map(|body| {
        let held = Held { scope: row.scope, version: row.version, hash: RowHash::of(&row.kind, row.id, row.version, body.get()) };
        let record = Record::decode(kind, body.get()).expect("a record of this build");
        Arc::new(BaseRow { held, record, body: body.get().into() })
    });
    ((kind, row.id), row.scope, stored)
}

/// A stored command as the replica shows it.
#[must_use]
pub fn pending(envelope: &Envelope, applied_at: Option<u64>) -> Pending {
    Pending { uuid: envelope.uuid, at: envelope.occurred_at, command: Command::read(&envelope.command).ok(), applied_at }
}
