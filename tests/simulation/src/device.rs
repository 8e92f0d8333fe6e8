//! A tab: the engine, the replica in memory, and a disk that it may share with other tabs. This is the driver that the app has too,
//! without time and threads.

use super::Weakness;
use super::disk::{Disk, Taken, pending};
use super::laws::{Broken, Law};
use shared::Command;
use shared::decide::{Actor, Stop};
use shared::ids::{ClientId, UserId};
use shared::people::User;
use shared::record::Scope;
use shared::sync::client::{Change, Effect, Engine, Event, Moment, News};
use shared::sync::files::{FileEffect, FileEvent, FileQueue, WaitingFile};
use shared::sync::protocol::{PullRequest, PushRequest, Verdict};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::VecDeque;
use uuid::Uuid;

/// Most commands that a tab reads from the outbox at once: few, so that lives have many pushes.
const MOST_READ: usize = 5;

/// Something that leaves the device.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A push, with the engine's generation.
    Push(u32, PushRequest),
    /// A pull, with the engine's generation.
    Pull(u32, PullRequest),
    /// A part of a file.
    File(Part),
}

/// Bytes of a file, from one place up to another.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Of which file.
    pub file: WaitingFile,
    /// The first.
    pub from: u32,
    /// The one after the last.
    pub to: u32,
}

/// What a device hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// About commands and rows.
    Sync(Event),
    /// About files.
    File(FileEvent),
}

/// What came of a piece of work on the disk.
pub enum Worked {
    /// This leaves the device.
    Sent(Vec<Sent>),
    /// The disk took nothing: the tab must begin anew from what is stored.
    Failed,
    /// A law is broken.
    Broken(Broken),
}

/// One tab of one device.
pub struct Device {
    /// Who uses it.
    pub user: UserId,
    /// Its identity.
    pub client: ClientId,
    /// Which disk it is on.
    pub disk: usize,
    /// What is shown.
    pub replica: Replica,
    /// None while another tab of the device syncs.
    engine: Option<Engine>,
    /// The queue of files, where the engine is.
    files: FileQueue,
    file_work: Option<FileEffect>,
    /// Storage effects wait here, in order; a crash loses them.
    storage: VecDeque<Effect>,
    /// The state of the disk that memory shows.
    known: u64,
    /// The app is so old that it cannot receive.
    pub outdated: bool,
    /// Raised at every start; answers to an earlier life of the tab never arrive.
    pub life: u32,
    weakness: Weakness,
}

impl Device {
    /// A tab that is opened on what is on a disk; elected, it syncs.
    #[must_use]
    pub fn start(at: usize, disk: &Disk, elected: bool, life: u32, weakness: Weakness) -> Self {
        let (client, actor) = (disk.meta.client, disk.actor.clone());
        let mut device = Self {
            user: actor.user,
            client,
            disk: at,
            replica: Replica::new(client, Some(actor)),
            engine: elected.then(|| Engine::new(disk.meta.clone())),
            files: FileQueue::default(),
            file_work: None,
            storage: VecDeque::new(),
            known: 0,
            outdated: false,
            life,
            weakness,
        };
        device.read(disk);
        device
    }

    /// Reads what other tabs have stored.
    pub fn catch_up(&mut self, disk: &Disk) {
        if self.known != disk.changes {
            let actor = Some(disk.actor.clone());
            self.replica = Replica::new(self.client, actor);
            self.read(disk);
        }
    }

    /// Whether memory shows what is on the disk.
    #[must_use]
    pub const fn is_up_to_date(&self, disk: &Disk) -> bool {
        self.known == disk.changes
    }

    /// Whether this tab syncs.
    #[must_use]
    pub const fn is_elected(&self) -> bool {
        self.engine.is_some()
    }

    /// The tab that synced was closed: this one begins, from what is stored.
    pub fn elect(&mut self, disk: &Disk) {
        self.catch_up(disk);
        self.engine = Some(Engine::new(disk.meta.clone()));
        self.files = FileQueue::default();
        self.file_work = None;
    }

    /// The tab is closed, or has died.
    pub fn close(&mut self) {
        self.engine = None;
        self.files = FileQueue::default();
        self.file_work = None;
        self.storage.clear();
        self.life += 1;
    }

    /// Does what a person asks. The command is on the disk when this returns true.
    pub fn submit(&mut self, disk: &mut Disk, uuid: Uuid, at: Timestamp, command: &Command) -> bool {
        match self.replica.predict(command, at) {
            Err(Stop::Rejected(_)) => return false,
            Err(Stop::Unavailable(failure)) => unreachable!("memory can always be read: {failure:?}"),
            Ok(_) => {}
        }
        let was_up_to_date = self.is_up_to_date(disk);
        let Ok(envelope) = disk.save(uuid, at, command.to_raw()) else { return false };
        self.replica.add_pending(pending(&envelope, None));
        if was_up_to_date {
            self.known = disk.changes;
        }
        true
    }

    /// Gives an event to the engine; what leaves the device is returned, storage effects are queued.
    pub fn step(&mut self, disk: &mut Disk, event: Event, moment: Moment) -> Vec<Sent> {
        let mut sent = Vec::new();
        let Some(engine) = &mut self.engine else { return sent };
        for effect in engine.step(event, moment) {
            match effect {
                Effect::Push(generation, request) => sent.push(Sent::Push(generation, request)),
                Effect::Pull(generation, request) => sent.push(Sent::Pull(generation, request)),
                Effect::ReadOutbox(_) | Effect::Store { .. } | Effect::NoteCarried(_) => self.storage.push_back(effect),
                Effect::Tell(News::ClockOffset(ms)) => disk.clock_offset_ms = ms,
                Effect::Wait { .. } | Effect::Tell(_) => {}
            }
        }
        sent
    }

    /// Gives an event to the queue of files.
    pub fn step_files(&mut self, disk: &mut Disk, event: FileEvent) -> Vec<Sent> {
        let mut sent = Vec::new();
        if self.engine.is_none() {
            return sent;
        }
        for effect in self.files.step(event) {
            match effect {
                FileEffect::Send { file, from, to } => {
                    if self.weakness == Weakness::NotesFilesTooEarly
                        && to == file.content.bytes
                        && let Some(epoch) = disk.meta.epoch
                    {
                        let _noted = disk.note_sent(file.attachment, epoch);
                    }
                    sent.push(Sent::File(Part { file, from, to }));
                }
                FileEffect::List | FileEffect::Note { .. } => self.file_work = Some(effect),
                FileEffect::Wait { .. } | FileEffect::TellDamaged(_) => {}
            }
        }
        sent
    }

    /// Whether a storage effect waits.
    #[must_use]
    pub fn has_storage_work(&self) -> bool {
        !self.storage.is_empty() || self.file_work.is_some()
    }

    /// Carries out what the queue of files wants of the disk.
    fn work_files(&mut self, disk: &mut Disk) -> Worked {
        let event = match self.file_work.take() {
            Some(FileEffect::List) => FileEvent::Listed(disk.waiting_files()),
            Some(FileEffect::Note { attachment, epoch }) => match disk.note_sent(attachment, epoch) {
                Ok(counts) => FileEvent::Noted { counts },
                Err(_) => return Worked::Failed,
            },
            Some(_) => unreachable!("only effects of the disk are queued"),
            None => return Worked::Sent(Vec::new()),
        };
        Worked::Sent(self.step_files(disk, event))
    }

    /// Carries out the first storage effect that waits. A read may miss the first commands: a database that is dying gives such answers.
    pub fn work(&mut self, disk: &mut Disk, moment: Moment, missed: usize) -> Worked {
        let acknowledged = matches!(self.storage.front(), Some(Effect::Store { change: Change::Outcomes(_), .. }));
        let event = match self.storage.pop_front() {
            None => return self.work_files(disk),
            Some(Effect::ReadOutbox(generation)) => {
                if !disk.full && disk.tidy_bag(moment.now) {
                    disk.changes += 1;
                    self.catch_up(disk);
                }
                let _nothing = self.step(disk, Event::Carried(generation, disk.bag.unsettled()), moment);
                let commands = disk.outbox.values().skip(missed).take(MOST_READ).map(|envelope| (**envelope).clone()).collect();
                Event::Outbox(generation, commands)
            }
            Some(Effect::NoteCarried(answers)) => {
                let mut bag = disk.bag.clone();
                if bag.note(&answers) {
                    if disk.keep_bag(bag).is_err() {
                        let _stopped = self.step(disk, Event::StoreFailed, moment);
                        return Worked::Failed;
                    }
                    self.catch_up(disk);
                }
                return Worked::Sent(Vec::new());
            }
            Some(Effect::Store { generation, lane, change, meta }) => {
                self.catch_up(disk);
                let before = disk.kept();
                let Ok(taken) = disk.change(&change, &meta, moment.now) else {
                    let _stopped = self.step(disk, Event::StoreFailed, moment);
                    return Worked::Failed;
                };
                if !matches!(change, Change::Outcomes(_)) && before != disk.kept() {
                    let what = "something else than an outcome took commands out of outbox and journal".into();
                    return Worked::Broken(Broken { law: Law::NothingShrinks, what });
                }
                self.known = disk.changes;
                let damaged = self.show(disk, &change, &taken);
                if !damaged.is_empty() && !disk.rotten {
                    return Worked::Broken(Broken { law: Law::EqualRows, what: format!("{damaged:?} found damaged by nobody") });
                }
                Event::Stored { generation, lane, damaged }
            }
            Some(Effect::Push(..) | Effect::Pull(..) | Effect::Wait { .. } | Effect::Tell(_)) => unreachable!("only storage effects are queued"),
        };
        let mut sent = self.step(disk, event, moment);
        // What the server knows now may name files.
        if acknowledged {
            sent.extend(self.step_files(disk, FileEvent::Wake));
        }
        Worked::Sent(sent)
    }

    /// Whether it numbers commands in the incarnation that is stored: no other tab has begun another one of which it has not heard.
    #[must_use]
    pub fn numbers_as(&self, disk: &Disk) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.meta().incarnation == disk.meta.incarnation)
    }

    /// Whether the engine has nothing under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.engine.as_ref().is_none_or(Engine::is_idle) && self.files.is_idle() && !self.has_storage_work()
    }

    fn read(&mut self, disk: &Disk) {
        for ((kind, id), row) in &disk.base {
            self.replica.put_row(kind.name(), *id, row.held, Some(row.record.clone()));
        }
        self.replica.set_carried(disk.bag.shown(disk.meta.version));
        self.replica.set_pending(disk.pending());
        self.known = disk.changes;
    }

    fn show(&mut self, disk: &mut Disk, change: &Change, taken: &[Taken]) -> Vec<Scope> {
        self.replica.set_carried(disk.bag.shown(disk.meta.version));
        match change {
            Change::Outcomes(outcomes) => {
                for outcome in outcomes {
                    match outcome.verdict {
                        Verdict::Applied => self.replica.mark_applied(outcome.uuid, outcome.version),
                        _ if self.weakness == Weakness::ShowsWhatWasRefused => {}
                        Verdict::Rejected { .. } | Verdict::Quarantined { .. } => self.replica.drop_pending(outcome.uuid),
                    }
                }
                self.replica.settle(disk.meta.version);
                self.replica.rebase();
            }
            Change::Rows(rows) => {
                if self.weakness != Weakness::KeepsRowsOfLostScopes {
                    for scope in &rows.dropped {
                        self.replica.drop_scope(*scope);
                    }
                }
                for ((kind, id), scope, row) in taken {
                    match row {
                        Some(row) => self.replica.put_row(kind.name(), *id, row.held, Some(row.record.clone())),
                        None => self.replica.delete_row(kind.name(), *id, *scope),
                    }
                }
                self.replica.settle(rows.version);
                self.follow_user(disk);
                self.replica.rebase();
                return rows.digests.iter().filter(|(scope, digest)| self.replica.digest(**scope) != **digest).map(|(scope, _)| *scope).collect();
            }
            Change::Renumber => self.replica.rebase(),
            Change::NewEpoch | Change::Revoked => {
                self.replica.clear_rows();
                self.replica.set_pending(disk.pending());
            }
            Change::Heal(scopes) => {
                for scope in scopes {
                    self.replica.drop_scope(*scope);
                }
                self.replica.rebase();
            }
        }
        Vec::new()
    }

    /// Role and team follow the person's record.
    fn follow_user(&mut self, disk: &mut Disk) {
        let actor = disk.base.get(&(shared::Kind::User, self.user.0)).and_then(|row| {
            let user = <User as shared::record::Stored>::of(&row.record)?;
            Actor::of(disk.actor.org, user)
        });
        if let Some(actor) = actor {
            disk.actor = actor.clone();
            self.replica.set_actor(Some(actor));
        }
    }
}
