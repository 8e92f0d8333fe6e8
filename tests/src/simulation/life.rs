//! One life: a few devices, a few servers on one store, random work, random faults, then quiet; and what must be true of it.

use super::Weakness;
use super::device::{Device, Heard, Sent, Worked};
use super::disk::Disk;
use super::files::Depot;
use super::laws::{Broken, Law, nouns};
use super::store::MemoryStore;
use shared::check_ins::CheckIn;
use shared::decide::{Actor, Unavailable};
use shared::ids::{CheckInId, ClientId, GuestId, UserId};
use shared::people::Access;
use shared::sync::client::{self, Event, Meta, Moment};
use shared::sync::files::FileEvent;
use shared::sync::protocol::{
    Envelope, MOST_PULLED, Outcome, PAGE_BYTES, PullAnswer, PullRequest, PushAnswer, PushRequest, RetryReason, SCHEMA, Verdict,
};
use shared::sync::server::{self, Session, Transaction};
use shared::testing::World;
use shared::time::Timestamp;
use shared::{Command, Key, Kind, Patch};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;
use uuid::Uuid;

/// Steps of work and faults before the quiet.
const STEPS: usize = 220;
/// Rounds within which a quiet system must come to rest.
const ROUNDS: usize = 60;
/// Most tabs and devices in one life.
const MOST_DEVICES: usize = 10;
/// What the newest command of this release is, for a server of the previous one, is drawn from these.
const NEWEST: [&str; 5] = ["check_in_v1", "record_answer_v1", "edit_user_v1", "record_payment_v2", "edit_customer_v1"];

/// The organisation with which every life begins, and the store that holds it.
static BEGINNING: LazyLock<(World, MemoryStore)> = LazyLock::new(|| {
    let mut world = World::new();
    for (owner, name) in [(world.rep, "林小姐"), (world.colleague, "周先生"), (world.rep, "何太太")] {
        let customer = world.add_customer(owner, name);
        let meeting = world.meeting;
        world.expect_guest(meeting, customer);
    }
    for (seller, customer) in [(world.rep, world.customer), (world.colleague, world.colleagues_customer), (world.stranger, world.strangers_customer)]
    {
        let open = world.open_deal(customer, None);
        world.apply(seller, open).expect("their own customer");
    }
    let store = MemoryStore::of(&world);
    (world, store)
});

/// What a life was like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Commands saved on devices.
    pub commands: usize,
    /// Commands that the server ruled on.
    pub ruled: usize,
    /// Faults that struck.
    pub faults: usize,
    /// Times that a server was set up again from a backup.
    pub restores: usize,
}

/// A law that did not hold in a life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The life.
    pub seed: u64,
    /// What was found.
    pub broken: Broken,
}

/// One command as it was saved.
pub(super) struct Saved {
    pub(super) uuid: Uuid,
    pub(super) disk: usize,
    pub(super) command: Command,
}

/// A message under way.
enum Packet {
    Request { device: usize, life: u32, sent: Sent },
    Answer { device: usize, life: u32, heard: Heard },
}

/// Of a request whose answer nobody waits for.
const NOBODY: u32 = u32::MAX;

/// One server process. All share the store.
#[derive(Default)]
struct Node {
    /// Of the previous release: it does not know the newest command.
    old: bool,
    /// What it believes the store to hold; only a weak one relies on it.
    memory: Option<Box<MemoryStore>>,
}

/// A life under way.
pub struct Life {
    weakness: Weakness,
    pub(super) rng: fastrand::Rng,
    pub(super) world: &'static World,
    now: Timestamp,
    pub(super) store: MemoryStore,
    nodes: Vec<Node>,
    newest: &'static str,
    /// What readers see while a weak server has not committed yet, and how many pushes later it does.
    committed: Option<(Box<MemoryStore>, u8)>,
    /// Where the servers keep files.
    pub(super) depot: Depot,
    backup: Option<(MemoryStore, Depot)>,
    /// Tabs: several may share a disk.
    pub(super) devices: Vec<Device>,
    pub(super) disks: Vec<Disk>,
    /// By disk: how far its clock is ahead.
    clocks: Vec<chrono::Duration>,
    /// Whether the tabs of a device can agree on the one that syncs.
    locks_work: bool,
    /// Reads of the outbox may miss its first commands. No database is known to do so: without it no number would ever follow a hole, and
    /// the law against holes could not be seen at work. In such lives nothing is restored, or what was missed would lose its place.
    reads_miss: bool,
    snapshots: BTreeMap<usize, Disk>,
    packets: Vec<Packet>,
    pub(super) saved: Vec<Saved>,
    /// Commands whose only copy was lost with a disk that fell back in time.
    pub(super) excused: HashSet<Uuid>,
    /// When each command was saved, among all.
    pub(super) order: HashMap<Uuid, usize>,
    pub(super) report: Report,
}

impl Life {
    /// Lives one life to its end.
    ///
    /// # Errors
    /// The first law found broken.
    pub fn run(seed: u64, weakness: Weakness) -> Result<Report, Failure> {
        let mut life = Self::new(seed, weakness);
        let ended = life.live().and_then(|()| life.settle()).and_then(|()| life.check());
        ended.map(|()| life.report).map_err(|broken| Failure { seed, broken })
    }

    fn new(seed: u64, weakness: Weakness) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (world, store) = &*BEGINNING;
        let store = store.begun(uuid(&mut rng), weakness);
        let users = [world.rep, world.colleague, world.administrator, world.manager, world.supervisor, world.rep, world.stranger];
        let devices = rng.usize(3..=users.len());
        let nodes = (0..rng.usize(1..=3)).map(|_| Node { old: rng.u8(..5) == 0, memory: None }).collect();
        let mut life = Self {
            weakness,
            world,
            now: world.now,
            store,
            nodes,
            newest: NEWEST[rng.usize(..NEWEST.len())],
            committed: None,
            depot: Depot::default(),
            backup: None,
            devices: Vec::new(),
            disks: Vec::new(),
            clocks: Vec::new(),
            locks_work: weakness != Weakness::TabsOverwriteEachOther && rng.u8(..4) > 0,
            reads_miss: rng.u8(..4) == 0,
            snapshots: BTreeMap::new(),
            packets: Vec::new(),
            saved: Vec::new(),
            excused: HashSet::new(),
            order: HashMap::new(),
            report: Report::default(),
            rng,
        };
        for user in &users[..devices] {
            life.add_device(*user);
        }
        life
    }

    fn add_device(&mut self, user: UserId) {
        let meta = Meta::new(ClientId(uuid(&mut self.rng)), uuid(&mut self.rng));
        let actor = Actor::of(self.world.org, &self.world.get(user)).expect("everybody begins with access");
        let mut disk = Disk::new(meta, actor, self.weakness);
        disk.old_app = self.rng.u8(..6) == 0;
        self.add_disk(disk);
        let device = self.devices.len() - 1;
        self.devices[device].outdated = self.rng.u8(..12) == 0;
    }

    fn add_disk(&mut self, disk: Disk) {
        // Most clocks are right; some are a year off.
        let days = [0, 0, 0, 0, -366, 366][self.rng.usize(..6)];
        self.clocks.push(chrono::Duration::days(days));
        self.devices.push(Device::start(self.disks.len(), &disk, true, 0, self.weakness));
        self.disks.push(disk);
    }

    fn live(&mut self) -> Result<(), Broken> {
        for _ in 0..STEPS {
            self.now += chrono::Duration::milliseconds(self.rng.i64(1..5_000));
            let device = self.rng.usize(..self.devices.len());
            match self.rng.u8(..100) {
                0..30 => self.work_by_a_person(device),
                30..37 => self.event(device, Event::Wake),
                37 => self.event(device, Event::LoggedIn),
                38..58 => {
                    let working: Vec<usize> = (0..self.devices.len()).filter(|&at| self.devices[at].has_storage_work()).collect();
                    if let Some(at) = self.rng.choice(working) {
                        self.storage(at, true)?;
                    }
                }
                58..90 => self.deliver(true)?,
                fault => {
                    self.report.faults += 1;
                    self.fault(fault, device)?;
                }
            }
        }
        Ok(())
    }

    fn fault(&mut self, fault: u8, device: usize) -> Result<(), Broken> {
        let disk = self.devices[device].disk;
        match fault {
            90 | 91 => self.crash(device)?,
            92 => match self.rng.u8(..4) {
                0 => self.let_months_pass(),
                1 => self.rot(disk),
                _ => self.disks[disk].full = true,
            },
            93 => self.open_tab(device),
            94 => match self.rng.u8(..3) {
                0 => self.close_tab(device),
                1 => self.devices[device].outdated = false,
                _ => {
                    let node = self.rng.usize(..self.nodes.len());
                    self.nodes[node].old = self.weakness == Weakness::StaysOld && self.nodes[node].old;
                }
            },
            95 => drop(self.snapshots.insert(disk, self.disks[disk].clone())),
            96 => self.fall_back(disk),
            97 if self.reads_miss => {}
            97 => self.backup = Some((self.store.clone(), self.depot.clone())),
            98 => self.restore(),
            _ => self.clone_device(disk),
        }
        Ok(())
    }

    fn work_by_a_person(&mut self, at: usize) {
        let disk = self.devices[at].disk;
        // A tab hears a moment later of what another has stored.
        if self.rng.u8(..4) > 0 {
            self.devices[at].catch_up(&self.disks[disk]);
        }
        let Some(command) = self.invent(at) else { return };
        let (uuid, at_this_clock) = (uuid(&mut self.rng), self.now + self.clocks[disk]);
        if self.devices[at].submit(&mut self.disks[disk], uuid, at_this_clock, &command) {
            self.order.insert(uuid, self.saved.len());
            self.saved.push(Saved { uuid, disk, command });
            self.report.commands += 1;
            if self.rng.bool() {
                let syncing = self.devices.iter().position(|device| device.disk == disk && device.is_elected());
                self.event(syncing.unwrap_or(at), Event::Wake);
            }
        }
    }

    fn moment(&mut self, device: usize) -> Moment {
        Moment { now: self.now + self.clocks[self.devices[device].disk], fresh: uuid(&mut self.rng) }
    }

    fn event(&mut self, at: usize, event: Event) {
        let about_files = match event {
            Event::Wake => Some(FileEvent::Wake),
            Event::LoggedIn => Some(FileEvent::LoggedIn),
            _ => None,
        };
        let moment = self.moment(at);
        let device = &mut self.devices[at];
        let sent = device.step(&mut self.disks[device.disk], event, moment);
        self.send(at, sent);
        if let Some(event) = about_files {
            self.file_event(at, event);
        }
    }

    fn file_event(&mut self, at: usize, event: FileEvent) {
        let device = &mut self.devices[at];
        let sent = device.step_files(&mut self.disks[device.disk], event);
        self.send(at, sent);
    }

    fn storage(&mut self, at: usize, faults: bool) -> Result<(), Broken> {
        if !self.devices[at].has_storage_work() {
            return Ok(());
        }
        // A hole before what was read is all that tells of a read that misses commands. Nobody else may have filled it with others.
        let missing = faults && self.reads_miss && self.rng.u8(..10) == 0 && !self.disks[self.devices[at].disk].numbers_shared;
        let missed = if missing { self.rng.usize(1..4) } else { 0 };
        let moment = self.moment(at);
        let device = &mut self.devices[at];
        let disk = &mut self.disks[device.disk];
        match device.work(disk, moment, missed) {
            Worked::Sent(sent) => {
                let disk = device.disk;
                self.send(at, sent);
                self.check_disk(&self.disks[disk])
            }
            Worked::Failed => {
                // There is room again by the time that the person has read of it.
                disk.full = false;
                self.start_again(at);
                self.event(at, Event::Wake);
                Ok(())
            }
            Worked::Broken(broken) => Err(broken),
        }
    }

    fn send(&mut self, device: usize, sent: Vec<Sent>) {
        let life = self.devices[device].life;
        self.packets.extend(sent.into_iter().map(|sent| Packet::Request { device, life, sent }));
    }

    /// Delivers one message, in any order; with faults it may be lost on either way, doubled, late, or answered by something else.
    fn deliver(&mut self, faults: bool) -> Result<(), Broken> {
        if self.packets.is_empty() {
            return Ok(());
        }
        let packet = self.packets.swap_remove(self.rng.usize(..self.packets.len()));
        match packet {
            Packet::Answer { device, life, heard } => {
                if self.devices[device].life == life {
                    match heard {
                        Heard::Sync(event) => self.event(device, event),
                        Heard::File(event) => self.file_event(device, event),
                    }
                }
            }
            Packet::Request { device, life, sent } => {
                let luck = if faults { self.rng.u8(..100) } else { 99 };
                let late = || Packet::Request { device, life: NOBODY, sent: sent.clone() };
                let heard = match luck {
                    0..5 => failed(&sent, client::Failure::Offline),
                    5..8 => failed(&sent, client::Failure::Captive),
                    8 => failed(&sent, client::Failure::LoggedOut),
                    9..14 => {
                        self.serve(device, life, &sent)?;
                        failed(&sent, client::Failure::Offline)
                    }
                    14..18 => {
                        self.packets.push(late());
                        failed(&sent, client::Failure::Offline)
                    }
                    18..23 => {
                        self.packets.push(late());
                        self.serve(device, life, &sent)?
                    }
                    23..25 => busy(&sent),
                    25..28 => self.serve_and_die(device, life, &sent)?,
                    _ => self.serve(device, life, &sent)?,
                };
                if luck < 28 {
                    self.report.faults += 1;
                }
                self.packets.push(Packet::Answer { device, life, heard });
            }
        }
        Ok(())
    }

    /// What a server does with a request and says to it. The request passes through its wire form, as in the field.
    fn serve(&mut self, device: usize, life: u32, sent: &Sent) -> Result<Heard, Broken> {
        let session = session(self.world, self.devices[device].user);
        match sent {
            Sent::Push(generation, request) => {
                let answer = self.serve_push(device, life, session, wire(request))?.expect("without a fuse memory is always available");
                Ok(Heard::Sync(Event::PushAnswered(*generation, wire(&answer))))
            }
            Sent::Pull(generation, request) => {
                let mut request: PullRequest = wire(request);
                if self.devices[device].outdated {
                    request.schema = SCHEMA - 1;
                }
                let store = self.committed.as_ref().map_or(&self.store, |(seen, _)| seen);
                let rows = if self.rng.u8(..4) == 0 { self.rng.usize(4..30) } else { MOST_PULLED };
                let answer = server::pull_page(store, session, &request, self.now, rows, PAGE_BYTES).expect("memory is always available");
                if self.committed.is_none() {
                    self.check_page(session.user, sent, &answer)?;
                }
                Ok(Heard::Sync(Event::PullAnswered(*generation, Box::new(wire::<PullAnswer>(&answer)))))
            }
            Sent::File(part) => Ok(Heard::File(FileEvent::Answered(wire(&self.depot.take(&mut self.store, session.user, part, self.now, false))))),
        }
    }

    /// A server dies in the middle of a push: nothing of it stays, and nobody answers. Or it dies when a file is whole and nobody was told.
    fn serve_and_die(&mut self, device: usize, life: u32, sent: &Sent) -> Result<Heard, Broken> {
        if let Sent::File(part) = sent {
            self.depot.take(&mut self.store, self.devices[device].user, part, self.now, true);
        }
        if let Sent::Push(_, request) = sent {
            let before = self.store.clone();
            self.store.set_fuse(Some(self.rng.u32(..25)));
            let session = session(self.world, self.devices[device].user);
            let died = self.serve_push(device, life, session, wire(request))?.is_err();
            if died && self.weakness != Weakness::CommitsHalf {
                self.store = before;
            }
            self.store.set_fuse(None);
        }
        Ok(failed(sent, client::Failure::Offline))
    }

    fn serve_push(
        &mut self,
        device: usize,
        life: u32,
        session: Session,
        mut request: PushRequest,
    ) -> Result<Result<PushAnswer, Unavailable>, Broken> {
        let node = self.rng.usize(..self.nodes.len());
        let ruled = self.store.ruled().len();
        let had_access = self.user(session.user).is_some_and(|user| user.access == Access::Granted);
        // What comes without access is held unread, by whatever release.
        if self.nodes[node].old && had_access {
            let unknown = request.commands.iter_mut().filter(|envelope| envelope.command.name == self.newest);
            unknown.for_each(|envelope| envelope.command.name.push_str("_of_a_newer_release"));
        }
        let answer = match self.weakness {
            Weakness::AcknowledgesBySeq => self.push_acknowledged_by_seq(session, request),
            Weakness::AcceptsHoles => self.push_with_holes(session, &request),
            Weakness::NumbersOutsideTheLock => self.push_committed_late(session, &request),
            Weakness::TrustsItsMemory => self.push_from_memory(node, session, &request),
            Weakness::LosesSecondScans => self.push_losing_second_scans(session, &request),
            Weakness::RefusesWithoutAccess if !had_access => self.push_without_holding(session, &request),
            Weakness::RefusesFieldFacts if had_access => self.push_without_holding(session, &request),
            _ => server::push(&mut self.store, session, &request, self.now),
        };
        if life == self.devices[device].life {
            self.check_order(self.devices[device].disk, ruled)?;
        }
        self.check_rulings(had_access, ruled)?;
        Ok(answer)
    }

    fn crash(&mut self, at: usize) -> Result<(), Broken> {
        self.check_screen(at)?;
        self.start_again(at);
        Ok(())
    }

    /// A power cut: the browser opens an older state of its database.
    fn fall_back(&mut self, disk: usize) {
        let Some(mut older) = self.snapshots.get(&disk).cloned() else { return };
        let kept = commands_on(&older);
        let lost = commands_on(&self.disks[disk]);
        self.excused.extend(lost.difference(&kept));
        older.changes = self.disks[disk].changes + 1;
        older.numbers_shared = true;
        self.disks[disk] = older;
        self.start_all_again(disk);
    }

    /// Tombstones go when they are 90 days old. No tab and no request lives that long.
    fn let_months_pass(&mut self) {
        self.now += chrono::Duration::days(91);
        self.store.forget_tombstones();
        for at in 0..self.devices.len() {
            self.start_again(at);
        }
        self.packets.clear();
    }

    fn rot(&mut self, disk: usize) {
        let at = self.rng.usize(..40);
        self.disks[disk].rot(at);
        self.start_all_again(disk);
    }

    fn start_all_again(&mut self, disk: usize) {
        for at in 0..self.devices.len() {
            if self.devices[at].disk == disk {
                self.start_again(at);
            }
        }
    }

    fn start_again(&mut self, at: usize) {
        let device = &self.devices[at];
        let (disk, outdated) = (device.disk, device.outdated);
        let mut again = Device::start(disk, &self.disks[disk], device.is_elected(), device.life + 1, self.weakness);
        again.outdated = outdated;
        self.devices[at] = again;
    }

    /// A second tab of the same device. If locks work it waits until the one that syncs is closed.
    fn open_tab(&mut self, at: usize) {
        if self.devices.len() < MOST_DEVICES {
            let disk = self.devices[at].disk;
            self.devices.push(Device::start(disk, &self.disks[disk], !self.locks_work, 0, self.weakness));
        }
    }

    /// A tab is closed, and another one of the device is elected; the last one stays.
    fn close_tab(&mut self, at: usize) {
        let disk = self.devices[at].disk;
        let next = (0..self.devices.len()).find(|&other| other != at && self.devices[other].disk == disk);
        if let Some(next) = next
            && self.devices[at].is_elected()
        {
            self.devices[at].close();
            if !self.devices[next].is_elected() {
                self.devices[next].elect(&self.disks[disk]);
            }
        }
    }

    /// The servers are set up again from an older backup.
    fn restore(&mut self) {
        if let Some((backup, files)) = &self.backup {
            self.store = MemoryStore::restored(backup, uuid(&mut self.rng));
            // The disk with the files may have been lost too, or not.
            if self.rng.bool() {
                self.depot = files.clone();
            }
            self.committed = None;
            self.report.restores += 1;
        }
    }

    /// A tablet is copied with everything on it: two devices with one identity.
    fn clone_device(&mut self, disk: usize) {
        if self.devices.len() < MOST_DEVICES {
            self.disks[disk].numbers_shared = true;
            self.add_disk(self.disks[disk].clone());
        }
    }

    /// Faults stop: the system must come to rest by itself.
    fn settle(&mut self) -> Result<(), Broken> {
        if self.weakness != Weakness::StaysOld {
            self.nodes.iter_mut().for_each(|node| node.old = false);
        }
        self.committed = None;
        self.disks.iter_mut().for_each(|disk| disk.full = false);
        for at in 0..self.devices.len() {
            self.devices[at].outdated = false;
            if self.disks[self.devices[at].disk].rotten {
                self.start_again(at);
            }
        }
        for round in 0..ROUNDS {
            self.depot.tidy(&mut self.store, self.now);
            for at in 0..self.devices.len() {
                // An answer that is still under way may tell somebody that their session has ended.
                self.event(at, if round < 2 { Event::LoggedIn } else { Event::Wake });
            }
            while !self.packets.is_empty() || self.devices.iter().any(Device::has_storage_work) {
                for at in 0..self.devices.len() {
                    while self.devices[at].has_storage_work() {
                        self.storage(at, false)?;
                    }
                }
                self.deliver(false)?;
            }
            if self.devices.iter().all(Device::is_idle) && self.is_level() {
                return Ok(());
            }
        }
        let unsent: Vec<usize> = self.disks.iter().map(|disk| disk.outbox.len()).collect();
        let held: Vec<u64> = self.disks.iter().map(|disk| disk.meta.version).collect();
        let idle: Vec<bool> = self.devices.iter().map(Device::is_idle).collect();
        Law::Quiet.broken(format!("not quiet after {ROUNDS} rounds; unsent per disk: {unsent:?}; versions {held:?}; idle tabs {idle:?}"))
    }
}

/// Servers with a law left out.
impl Life {
    /// Takes commands out of a push whose numbers were used before, as if they had been applied.
    fn push_acknowledged_by_seq(&mut self, session: Session, mut request: PushRequest) -> Result<PushAnswer, Unavailable> {
        let last_seq = self.store.last_seq(request.client, request.incarnation)?;
        let (taken, rest) = std::mem::take(&mut request.commands).into_iter().partition(|envelope| envelope.seq <= last_seq);
        request.commands = rest;
        let taken: Vec<Envelope> = taken;
        let mut answer = server::push(&mut self.store, session, &request, self.now)?;
        if let PushAnswer::Done { outcomes, .. } = &mut answer {
            let applied = |envelope: Envelope| Outcome { seq: envelope.seq, uuid: envelope.uuid, version: 0, verdict: Verdict::Applied };
            outcomes.extend(taken.into_iter().map(applied));
        }
        Ok(answer)
    }

    /// Rules on what follows a hole as if there were none.
    fn push_with_holes(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let last_seq = self.store.last_seq(request.client, request.incarnation)?;
        if let Some(first) = request.commands.first().filter(|first| first.seq > last_seq + 1) {
            self.store.set_last_seq(request.client, request.incarnation, session, first.seq - 1)?;
        }
        server::push(&mut self.store, session, request, self.now)
    }

    /// Forgets a check-in if the guest had another one before.
    fn push_losing_second_scans(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let before: BTreeMap<CheckInId, GuestId> = nouns::<CheckIn>(&self.store).map(|known| (known.id, known.guest)).collect();
        let answer = server::push(&mut self.store, session, request, self.now)?;
        let new = nouns::<CheckIn>(&self.store).filter(|check_in| !before.contains_key(&check_in.id));
        let second: BTreeSet<CheckInId> = new.filter(|new| before.values().any(|guest| *guest == new.guest)).map(|new| new.id).collect();
        server::apply(&mut self.store, second.into_iter().map(|id| Patch::Delete(Key { kind: Kind::CheckIn, id: id.0 })).collect())?;
        Ok(answer)
    }

    /// Refuses what should be held for a person.
    fn push_without_holding(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let known: HashSet<Uuid> = self.store.ruled().iter().map(|ruled| ruled.uuid).collect();
        let mut answer = server::push(&mut self.store, session, request, self.now)?;
        if let PushAnswer::Done { outcomes, .. } = &mut answer {
            for outcome in outcomes.iter_mut().filter(|outcome| !known.contains(&outcome.uuid)) {
                if let Verdict::Quarantined { rejection } = outcome.verdict.clone() {
                    outcome.verdict = Verdict::Rejected { rejection };
                    self.store.rule_otherwise(outcome);
                    server::apply(&mut self.store, vec![Patch::Delete(Key { kind: Kind::HeldCommand, id: outcome.uuid })])?;
                }
            }
        }
        Ok(answer)
    }

    /// Takes its versions, and commits only after others have committed higher ones.
    fn push_committed_late(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        match &mut self.committed {
            None => {
                let mut before = Box::new(self.store.clone());
                let answer = server::push(&mut self.store, session, request, self.now)?;
                before.set_version(self.store.version()?)?;
                self.committed = Some((before, self.rng.u8(1..4)));
                Ok(answer)
            }
            Some((seen, later)) => {
                server::push(&mut **seen, session, request, self.now)?;
                *later -= 1;
                if *later == 0 {
                    self.committed = None;
                }
                server::push(&mut self.store, session, request, self.now)
            }
        }
    }

    /// Rules on what it remembers, whatever the other servers have written since.
    fn push_from_memory(&mut self, node: usize, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let epoch = self.store.epoch()?;
        let memory = self.nodes[node].memory.take().filter(|memory| memory.epoch().is_ok_and(|known| known == epoch));
        let mut memory = memory.unwrap_or_else(|| Box::new(self.store.clone()));
        memory.set_fuse(None);
        let since = memory.version()?;
        let answer = server::push(&mut *memory, session, request, self.now);
        if memory.version()? > since {
            self.store.set_fuse(None);
            self.store.write_over(&memory, since);
        }
        self.nodes[node].memory = Some(memory);
        answer
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}: {:?}: {}", self.seed, self.broken.law, self.broken.what)
    }
}

/// The session of somebody who has logged in.
pub(super) fn session(world: &World, user: UserId) -> Session {
    Session { org: world.org, user }
}

pub(super) fn uuid(rng: &mut fastrand::Rng) -> Uuid {
    Uuid::from_u128(rng.u128(..))
}

/// Sends a message through its wire form.
fn wire<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    let text = serde_json::to_string(message).expect("messages serialise");
    serde_json::from_str(&text).expect("what was written can be read")
}

fn failed(sent: &Sent, failure: client::Failure) -> Heard {
    match sent {
        Sent::Push(generation, _) => Heard::Sync(Event::PushFailed(*generation, failure)),
        Sent::Pull(generation, _) => Heard::Sync(Event::PullFailed(*generation, failure)),
        Sent::File(_) => Heard::File(FileEvent::Failed(failure)),
    }
}

fn busy(sent: &Sent) -> Heard {
    match sent {
        Sent::Push(generation, _) => Heard::Sync(Event::PushAnswered(*generation, PushAnswer::Retry { reason: RetryReason::Busy })),
        Sent::Pull(..) | Sent::File(_) => failed(sent, client::Failure::Server),
    }
}

fn commands_on(disk: &Disk) -> HashSet<Uuid> {
    disk.kept().into_iter().chain(disk.refused.keys().copied()).collect()
}
