//! One life: a few devices, a few servers on one store, random work, random faults, then quiet; and what must be true of it.

mod faults;
mod servers;

use super::Weakness;
use super::device::{Device, Heard, Sent, Worked};
use super::disk::Disk;
use super::files::Depot;
use super::laws::{Broken, Law};
use super::store::MemoryStore;
use servers::{busy, failed};
use shared::Command;
use shared::decide::Actor;
use shared::ids::{ClientId, UserId};
use shared::sync::client::{self, Event, Meta, Moment};
use shared::sync::files::FileEvent;
use shared::sync::server::Session;
use shared::testing::World;
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
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
    /// Commands that one device has taken in of another.
    pub carried: usize,
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
    pub(super) weakness: Weakness,
    pub(super) rng: fastrand::Rng,
    pub(super) world: &'static World,
    pub(super) now: Timestamp,
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
    pub(super) clocks: Vec<chrono::Duration>,
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
    /// What devices have shown each other, for those who show it again.
    pub(super) parcels: Vec<Vec<u8>>,
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
            parcels: Vec::new(),
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
        let mut seed = [0; 32];
        self.rng.fill(&mut seed);
        let mut disk = Disk::new(meta, actor, seed, self.weakness);
        disk.old_app = self.rng.u8(..6) == 0;
        self.add_disk(disk);
        let device = self.devices.len() - 1;
        self.certify(self.devices[device].disk);
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
                30..33 => self.event(device, Event::Wake),
                33..37 => self.exchange()?,
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
        // A hole before what was read is all that tells of a read that misses commands. Nobody else may have filled it with others, also not in an
        // incarnation that another tab has given up because of that.
        let disk = &self.disks[self.devices[at].disk];
        let missing = faults && self.reads_miss && self.rng.u8(..10) == 0 && !disk.numbers_shared && self.devices[at].numbers_as(disk);
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

    fn start_again(&mut self, at: usize) {
        let device = &self.devices[at];
        let (disk, outdated) = (device.disk, device.outdated);
        let mut again = Device::start(disk, &self.disks[disk], device.is_elected(), device.life + 1, self.weakness);
        again.outdated = outdated;
        self.devices[at] = again;
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
            // Copies of what its own device has forgotten and the server will not take are let go of one day.
            if round == ROUNDS / 2 && self.disks.iter().any(|disk| !disk.bag.kept.is_empty()) {
                self.now += chrono::Duration::days(shared::carry::bag::DAYS + 1);
            }
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
