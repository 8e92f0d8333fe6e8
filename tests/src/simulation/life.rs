//! One life: a few devices and a server, random work, random faults, then quiet; and what must be true of it.

use super::Weakness;
use super::device::{Device, Sent};
use super::disk::Disk;
use super::store::{MemoryStore, session};
use shared::check_ins::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use shared::check_ins::{CheckIn, Conflict, Method};
use shared::customers::command::{AddCustomer, EditCustomer, ProfileChange, TransferCustomers};
use shared::customers::{Customer, Profile};
use shared::deals::command::{ApproveDiscount, OpenDeal, OrderLine, RecordPayment};
use shared::deals::{Deal, PaymentMethod};
use shared::decide::Actor;
use shared::ids::{ClientId, UserId};
use shared::invitations::command::{ConfirmInvitation, PlanInvitations, PlannedInvitation, RecordAnswer};
use shared::invitations::{Answer, Channel, Confirmation, Invitation};
use shared::meetings::command::EditMeeting;
use shared::meetings::{Duty, Guest, Meeting, Staff};
use shared::money::Money;
use shared::people::User;
use shared::phone::{Country, Phone};
use shared::products::Product;
use shared::record::{Index, Key, Kind};
use shared::sync::client::{self, Event, Meta, Moment};
use shared::sync::protocol::{Envelope, Outcome, PushAnswer, PushRequest, RetryReason, Verdict};
use shared::sync::server::{self, Transaction};
use shared::testing::World;
use shared::time::Timestamp;
use shared::{Command, Record};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Steps of work and faults before the quiet.
const STEPS: usize = 220;
/// Rounds within which a quiet system must come to rest.
const ROUNDS: usize = 60;

/// What a life was like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Commands saved on devices.
    pub commands: usize,
    /// Commands that the server ruled on.
    pub ruled: usize,
    /// Faults that struck.
    pub faults: usize,
}

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The life.
    pub seed: u64,
    /// What was found.
    pub what: String,
}

/// One command as its device saved it.
struct Saved {
    uuid: Uuid,
    device: usize,
    command: Command,
}

/// A message under way.
enum Packet {
    Request { device: usize, life: u32, sent: Sent },
    Answer { device: usize, life: u32, event: Event },
}

/// A life under way.
pub struct Life {
    weakness: Weakness,
    rng: fastrand::Rng,
    world: World,
    now: Timestamp,
    store: MemoryStore,
    backup: Option<MemoryStore>,
    devices: Vec<Device>,
    snapshots: HashMap<usize, Disk>,
    packets: Vec<Packet>,
    saved: Vec<Saved>,
    /// Commands whose only copy was lost with a disk that fell back in time.
    excused: HashSet<Uuid>,
    report: Report,
}

impl Life {
    /// Lives one life to its end.
    ///
    /// # Errors
    /// The first law found broken.
    pub fn run(seed: u64, weakness: Weakness) -> Result<Report, Failure> {
        let mut life = Self::new(seed, weakness);
        for _ in 0..STEPS {
            life.now += chrono::Duration::milliseconds(life.rng.i64(1..5_000));
            life.step();
        }
        life.settle().and_then(|()| life.check()).map_err(|what| Failure { seed, what })?;
        Ok(life.report)
    }

    fn new(seed: u64, weakness: Weakness) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut world = World::new();
        for (owner, name) in [(world.rep, "林小姐"), (world.colleague, "周先生"), (world.rep, "何太太")] {
            let customer = world.add_customer(owner, name);
            let meeting = world.meeting;
            world.expect_guest(meeting, customer);
        }
        let store = MemoryStore::new(&world, uuid(&mut rng), weakness);
        let all = [world.rep, world.colleague, world.manager, world.supervisor, world.rep, world.stranger];
        let devices = rng.usize(3..=all.len());
        let now = world.now;
        let mut life = Self {
            weakness,
            rng,
            world,
            now,
            store,
            backup: None,
            devices: Vec::new(),
            snapshots: HashMap::new(),
            packets: Vec::new(),
            saved: Vec::new(),
            excused: HashSet::new(),
            report: Report::default(),
        };
        for user in &all[..devices] {
            let meta = Meta::new(ClientId(uuid(&mut life.rng)), uuid(&mut life.rng));
            let device = Device::start(*user, life.actor(*user), Disk::new(meta, weakness), 0);
            life.devices.push(device);
        }
        life
    }

    fn actor(&self, user: UserId) -> Option<Actor> {
        let key = Key { kind: Kind::User, id: user.0 };
        self.store.records().get(key).and_then(<User as shared::record::Stored>::of).and_then(|user| Actor::of(self.world.org, user))
    }

    fn moment(&mut self) -> Moment {
        Moment { now: self.now, fresh: uuid(&mut self.rng) }
    }

    fn step(&mut self) {
        let device = self.rng.usize(..self.devices.len());
        match self.rng.u8(..100) {
            0..28 => self.work_by_a_person(device),
            28..40 => self.event(device, Event::Wake),
            40..60 => self.storage(device),
            60..92 => self.deliver(true),
            fault => {
                self.report.faults += 1;
                match fault {
                    92 | 93 => self.crash(device),
                    94 => self.store.forget_tombstones(),
                    95 => {
                        self.snapshots.insert(device, self.devices[device].disk.clone());
                    }
                    96 => self.fall_back(device),
                    97 => self.backup = Some(self.store.clone()),
                    98 => self.restore(),
                    _ => self.clone_device(device),
                }
            }
        }
    }

    fn work_by_a_person(&mut self, at: usize) {
        let Some(command) = self.invent(at) else { return };
        let uuid = uuid(&mut self.rng);
        if self.devices[at].submit(uuid, self.now, &command) {
            self.saved.push(Saved { uuid, device: at, command });
            self.report.commands += 1;
            if self.rng.bool() {
                self.event(at, Event::Wake);
            }
        }
    }

    fn event(&mut self, at: usize, event: Event) {
        let moment = self.moment();
        let sent = self.devices[at].step(event, moment);
        self.send(at, sent);
    }

    fn storage(&mut self, at: usize) {
        let moment = self.moment();
        let sent = self.devices[at].work(moment);
        self.send(at, sent);
    }

    fn send(&mut self, device: usize, sent: Vec<Sent>) {
        let life = self.devices[device].life;
        self.packets.extend(sent.into_iter().map(|sent| Packet::Request { device, life, sent }));
    }

    /// Delivers one message, in any order; with faults it may be lost on either way, doubled, or answered by something else.
    fn deliver(&mut self, faults: bool) {
        if self.packets.is_empty() {
            return;
        }
        let packet = self.packets.swap_remove(self.rng.usize(..self.packets.len()));
        match packet {
            Packet::Answer { device, life, event } => {
                if self.devices[device].life == life {
                    self.event(device, event);
                }
            }
            Packet::Request { device, life, sent } => {
                let luck = if faults { self.rng.u8(..100) } else { 99 };
                let event = match luck {
                    0..8 => failed(&sent, client::Failure::Offline),
                    8..11 => failed(&sent, client::Failure::Captive),
                    11..18 => {
                        self.serve(device, &sent);
                        failed(&sent, client::Failure::Offline)
                    }
                    18..24 => {
                        self.packets.push(Packet::Request { device, life: u32::MAX, sent: sent.clone() });
                        self.serve(device, &sent)
                    }
                    24..26 => busy(&sent),
                    _ => self.serve(device, &sent),
                };
                if luck < 26 {
                    self.report.faults += 1;
                }
                self.packets.push(Packet::Answer { device, life, event });
            }
        }
    }

    /// What the server does with a request and says to it. The request passes through its wire form, as in the field.
    fn serve(&mut self, device: usize, sent: &Sent) -> Event {
        let session = session(self.world.org, self.devices[device].user);
        match sent {
            Sent::Push(generation, request) => {
                let mut request = wire(request);
                let taken = self.acknowledge_by_seq(&mut request);
                let mut answer = server::push(&mut self.store, session, &request, self.now).expect("memory is always available");
                if let PushAnswer::Done { outcomes, .. } = &mut answer {
                    outcomes.extend(taken);
                }
                Event::PushAnswered(*generation, wire(&answer))
            }
            Sent::Pull(generation, request) => {
                let answer = server::pull(&self.store, session, &wire(request), self.now).expect("memory is always available");
                Event::PullAnswered(*generation, Box::new(wire(&answer)))
            }
        }
    }

    /// With the weakness of that name: takes commands out of a push whose numbers were used before, as if they had been applied.
    fn acknowledge_by_seq(&self, request: &mut PushRequest) -> Vec<Outcome> {
        if self.weakness != Weakness::AcknowledgesBySeq {
            return Vec::new();
        }
        let last_seq = self.store.last_seq(request.client, request.incarnation).expect("memory is always available");
        let (taken, rest) = std::mem::take(&mut request.commands).into_iter().partition(|envelope| envelope.seq <= last_seq);
        request.commands = rest;
        let taken: Vec<Envelope> = taken;
        taken.into_iter().map(|envelope| Outcome { seq: envelope.seq, uuid: envelope.uuid, version: 0, verdict: Verdict::Applied }).collect()
    }

    fn crash(&mut self, at: usize) {
        let disk = self.devices[at].disk.clone();
        self.start_again(at, disk);
    }

    /// A power cut: the browser opens an older state of its database.
    fn fall_back(&mut self, at: usize) {
        let Some(older) = self.snapshots.get(&at).cloned() else { return };
        let kept = commands_on(&older);
        let lost = commands_on(&self.devices[at].disk);
        self.excused.extend(lost.difference(&kept));
        self.start_again(at, older);
    }

    fn start_again(&mut self, at: usize, disk: Disk) {
        let (user, life) = (self.devices[at].user, self.devices[at].life + 1);
        let actor = self.actor(user);
        self.devices[at] = Device::start(user, actor, disk, life);
    }

    /// The server is set up again from an older backup.
    fn restore(&mut self) {
        if let Some(backup) = &self.backup {
            self.store = MemoryStore::restored(backup, uuid(&mut self.rng));
        }
    }

    /// A tablet is copied with everything on it: two devices with one identity.
    fn clone_device(&mut self, at: usize) {
        if self.devices.len() < 8 {
            let disk = self.devices[at].disk.clone();
            let user = self.devices[at].user;
            let device = Device::start(user, self.actor(user), disk, 0);
            self.devices.push(device);
        }
    }

    /// Faults stop: the system must come to rest by itself.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            for at in 0..self.devices.len() {
                self.event(at, Event::Wake);
            }
            while !self.packets.is_empty() || self.devices.iter().any(Device::has_storage_work) {
                for at in 0..self.devices.len() {
                    while self.devices[at].has_storage_work() {
                        self.storage(at);
                    }
                }
                self.deliver(false);
            }
            if self.devices.iter().all(|device| device.is_idle() && device.disk.outbox.is_empty()) && self.is_level() {
                return Ok(());
            }
        }
        let unsent: Vec<usize> = self.devices.iter().map(|device| device.disk.outbox.len()).collect();
        Err(format!("not quiet after {ROUNDS} rounds; unsent per device: {unsent:?}"))
    }

    /// Whether all devices hold what the server has now.
    fn is_level(&self) -> bool {
        let version = self.store.version().expect("memory is always available");
        self.devices.iter().all(|device| device.disk.meta.version == version)
    }

    fn check(&mut self) -> Result<(), String> {
        self.every_saved_command_has_one_outcome()?;
        self.each_devices_order_is_kept()?;
        self.no_effect_twice()?;
        self.every_scan_survives()?;
        for at in 0..self.devices.len() {
            self.device_equals_server(at)?;
        }
        Ok(())
    }

    fn every_saved_command_has_one_outcome(&mut self) -> Result<(), String> {
        let mut counts: HashMap<Uuid, usize> = HashMap::new();
        for ruled in self.store.ruled() {
            *counts.entry(ruled.uuid).or_default() += 1;
        }
        let refused: HashSet<Uuid> = self.devices.iter().flat_map(|device| device.disk.refused.keys().copied()).collect();
        for saved in &self.saved {
            match counts.get(&saved.uuid).copied().unwrap_or(0) {
                1 => self.report.ruled += 1,
                // A refusal that the device has told its user needs no second telling by a restored server.
                0 if refused.contains(&saved.uuid) && !saved.command.is_field_fact() => {}
                0 if self.excused.contains(&saved.uuid) => {}
                count => return Err(format!("{} {} of device {} was ruled on {count} times", saved.command.name(), saved.uuid, saved.device)),
            }
        }
        Ok(())
    }

    fn each_devices_order_is_kept(&self) -> Result<(), String> {
        let place: HashMap<Uuid, (usize, usize)> = self.saved.iter().enumerate().map(|(order, saved)| (saved.uuid, (saved.device, order))).collect();
        let mut last: BTreeMap<usize, usize> = BTreeMap::new();
        for ruled in self.store.ruled() {
            let Some(&(device, order)) = place.get(&ruled.uuid) else { return Err(format!("{} was ruled on but never saved", ruled.uuid)) };
            // Its device lost it, or has told its user that it was refused: a late packet or a copy of the tablet may bring it again.
            if self.excused.contains(&ruled.uuid) || self.devices[device].disk.refused.contains_key(&ruled.uuid) {
                continue;
            }
            let before = last.insert(device, order).unwrap_or(0);
            if before > order {
                let (early, late) = (&self.saved[before], &self.saved[order]);
                return Err(format!(
                    "device {device}: {} {} was ruled on before {} {}, which was saved earlier",
                    early.command.name(),
                    early.uuid,
                    late.command.name(),
                    late.uuid
                ));
            }
        }
        Ok(())
    }

    /// Effects that add up tell how often their commands took effect.
    fn no_effect_twice(&self) -> Result<(), String> {
        let applied = self.applied();
        let (mut attempts, mut payments): (BTreeMap<Uuid, usize>, BTreeMap<Uuid, usize>) = Default::default();
        for saved in self.saved.iter().filter(|saved| applied.contains(&saved.uuid)) {
            match &saved.command {
                Command::RecordAnswer(args) => *attempts.entry(args.invitation.0).or_default() += 1,
                Command::RecordPayment(args) => *payments.entry(args.deal.0).or_default() += 1,
                _ => {}
            }
        }
        for invitation in nouns::<Invitation>(&self.store) {
            let before = usize::from(self.world.find::<Invitation>(invitation.id).is_some());
            let expected = before + attempts.get(&invitation.id.0).copied().unwrap_or(0);
            if invitation.attempts.len() != expected {
                return Err(format!("{:?} has {} attempts, {expected} were made", invitation.id, invitation.attempts.len()));
            }
        }
        for deal in nouns::<Deal>(&self.store) {
            let expected = payments.get(&deal.id.0).copied().unwrap_or(0);
            if deal.payments.len() != expected {
                return Err(format!("{:?} has {} payments, {expected} were made", deal.id, deal.payments.len()));
            }
        }
        Ok(())
    }

    /// Every applied check-in is a record, one attendance counts per guest, and every second one has its conflict.
    fn every_scan_survives(&self) -> Result<(), String> {
        let applied = self.applied();
        for saved in self.saved.iter().filter(|saved| applied.contains(&saved.uuid)) {
            let check_in = match &saved.command {
                Command::CheckInGuest(args) => args.check_in,
                Command::RegisterWalkIn(args) => args.check_in,
                _ => continue,
            };
            if self.store.records().get(Key { kind: Kind::CheckIn, id: check_in.0 }).is_none() {
                return Err(format!("{check_in:?} was applied and is gone"));
            }
        }
        let mut by_guest: BTreeMap<Uuid, usize> = BTreeMap::new();
        for check_in in nouns::<CheckIn>(&self.store) {
            *by_guest.entry(check_in.guest.0).or_default() += 1;
        }
        let conflicts: BTreeSet<Uuid> = nouns::<Conflict>(&self.store).map(|conflict| conflict.id.0).collect();
        for check_in in nouns::<CheckIn>(&self.store).filter(|check_in| check_in.undone.is_none()) {
            let others =
                nouns::<CheckIn>(&self.store).any(|other| other.guest == check_in.guest && other.id != check_in.id && other.undone.is_none());
            let told = nouns::<Conflict>(&self.store).any(|conflict| conflict.first == check_in.id || conflict.second == check_in.id);
            if others && !told {
                return Err(format!("{:?} is one of two standing check-ins and no conflict tells", check_in.id));
            }
        }
        if conflicts.len() > by_guest.values().map(|count| count - 1).sum() {
            return Err("there are more conflicts than second check-ins".into());
        }
        Ok(())
    }

    fn applied(&self) -> HashSet<Uuid> {
        self.store.ruled().iter().filter(|ruled| ruled.outcome.verdict == Verdict::Applied).map(|ruled| ruled.uuid).collect()
    }

    /// The device holds the rows of its user's scopes, all of them and no other, and shows them.
    fn device_equals_server(&self, at: usize) -> Result<(), String> {
        let device = &self.devices[at];
        let scopes = server::scopes_of(&self.store, session(self.world.org, device.user)).expect("memory is always available");
        let expected: BTreeMap<(&str, Uuid), (u64, &str)> = scopes
            .iter()
            .flat_map(|scope| self.store.rows_of(*scope))
            .map(|(key, row)| ((key.kind.name(), key.id), (row.version, row.body.as_str())))
            .collect();
        let held: BTreeMap<(&str, Uuid), (u64, &str)> = device
            .disk
            .base
            .iter()
            .map(|((kind, id), row)| ((kind.as_str(), *id), (row.version, row.body.as_ref().map_or("", |body| body.get()))))
            .collect();
        if held != expected {
            let missing = expected.iter().find(|(key, row)| held.get(*key) != Some(row)).map(|(key, row)| (key, row.0));
            let surplus = held.keys().find(|key| !expected.contains_key(*key));
            return Err(format!("device {at} differs: missing or stale {missing:?}, surplus {surplus:?}"));
        }
        for row in device.disk.base.values() {
            if !scopes.contains(&row.scope) {
                return Err(format!("device {at} holds a row of {}", row.scope));
            }
        }
        if !device.replica.pending().is_empty() {
            return Err(format!("device {at} still replays {} commands", device.replica.pending().len()));
        }
        let fresh = Device::start(device.user, device.replica.actor().cloned(), device.disk.clone(), 0);
        if device.replica.screen() != fresh.replica.screen() {
            return Err(format!("device {at} shows something else than after a new start"));
        }
        let shown: BTreeMap<Key, String> = device.replica.screen().into_iter().map(|record| (record.key(), record.encode())).collect();
        let differs = expected.iter().any(|((kind, id), (_, body))| {
            Kind::from_name(kind).is_none_or(|kind| shown.get(&Key { kind, id: *id }).is_none_or(|shown| shown != body))
        });
        if differs || shown.len() != expected.len() {
            return Err(format!("device {at} shows something else than the server has"));
        }
        Ok(())
    }

    /// Something that the person at a device could do now.
    fn invent(&mut self, at: usize) -> Option<Command> {
        let replica = &self.devices[at].replica;
        let actor = replica.actor()?.clone();
        let rng = &mut self.rng;
        let meeting = self.world.meeting;
        let customers: Vec<_> = sorted(replica.all::<Customer>().map(|customer| customer.id));
        let invitations: Vec<_> = sorted(replica.all::<Invitation>().map(|invitation| invitation.id));
        let guests: Vec<_> = sorted(replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting)).into_iter().map(|guest| guest.id));
        let check_ins: Vec<_> = sorted(replica.all::<CheckIn>().map(|check_in| check_in.id));
        Some(match rng.u8(..16) {
            0 => {
                let (customer, profile) = (uuid(rng).into(), profile(rng));
                AddCustomer { customer, owner: Some(actor.user), profile }.into()
            }
            1 => EditCustomer { customer: pick(rng, &customers)?, changes: vec![ProfileChange::Needs(format!("{}", rng.u16(..)))] }.into(),
            2 => {
                let to = [None, Some(self.world.rep), Some(self.world.colleague), Some(self.world.stranger)][rng.usize(..4)];
                TransferCustomers { customers: vec![pick(rng, &customers)?], to }.into()
            }
            3 => {
                let customer = pick(rng, &customers)?;
                let rep = replica.noun::<Customer>(customer)?.owner?;
                let planned = vec![PlannedInvitation { invitation: uuid(rng).into(), customer, rep, channel: Channel::Phone, due: None }];
                PlanInvitations { meeting, planned }.into()
            }
            4 | 5 => {
                let answer = match rng.u8(..4) {
                    0 => Answer::NoAnswer,
                    1 => Answer::Declined { reason: "no_time".into(), words: String::new() },
                    _ => Answer::Agreed,
                };
                RecordAnswer { invitation: pick(rng, &invitations)?, channel: Channel::Phone, answer, questions: Vec::new() }.into()
            }
            6 => {
                let confirmation = if rng.bool() { Confirmation::Confirmed } else { Confirmation::CannotCome };
                ConfirmInvitation { invitation: pick(rng, &invitations)?, confirmation }.into()
            }
            7..10 => {
                let guest = pick(rng, &guests)?;
                CheckInGuest { check_in: uuid(rng).into(), meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }.into()
            }
            10 => RegisterWalkIn {
                check_in: uuid(rng).into(),
                guest: uuid(rng).into(),
                customer: uuid(rng).into(),
                meeting,
                desk: "B".into(),
                name: "現場來賓".into(),
                salutation: None,
                phone: Phone::parse(&format!("09{:08}", rng.u32(..100_000_000)), Country::Tw).ok(),
                email: String::new(),
                company: String::new(),
            }
            .into(),
            11 => UndoCheckIn { check_in: pick(rng, &check_ins)? }.into(),
            12 => {
                let conflict =
                    replica.nouns::<Conflict>(&Index::ConflictsByMeeting(meeting)).into_iter().find(|conflict| conflict.ruling.is_none())?;
                RuleConflict { conflict: conflict.id, keep: if rng.bool() { conflict.first } else { conflict.second } }.into()
            }
            13 => {
                let customer = pick(rng, &customers)?;
                let price = replica.noun::<Product>(self.world.course)?.price;
                let quantity = rng.u32(1..4);
                OpenDeal {
                    deal: uuid(rng).into(),
                    customer,
                    buyer: "買方".into(),
                    meeting: Some(meeting),
                    lines: vec![OrderLine { product: self.world.course, unit_price: price, quantity }],
                    discount: if quantity == 3 { 800 } else { 0 },
                    deposit: Money::new(0, price.currency),
                    approval_reason: (quantity == 3).then(|| "老客戶".into()),
                }
                .into()
            }
            14 => {
                let deals = sorted(replica.all::<Deal>().map(|deal| deal.id));
                let deal = replica.noun::<Deal>(pick(rng, &deals)?)?;
                let amount = Money::new(rng.i64(1..200_000), deal.total.currency);
                if deal.waiting().is_some() && deal.seller != actor.user {
                    return Some(ApproveDiscount { deal: deal.id, terms: deal.terms() }.into());
                }
                RecordPayment { deal: deal.id, payment: uuid(rng).into(), amount, method: PaymentMethod::Cash }.into()
            }
            _ => {
                let mut plan = replica.noun::<Meeting>(meeting)?.plan.clone();
                let staff = [self.world.rep, self.world.colleague, self.world.stranger];
                plan.staff = staff.into_iter().filter(|_| rng.u8(..4) > 0).map(|user| Staff { user, duty: Duty::Reception }).collect();
                EditMeeting { meeting, plan }.into()
            }
        })
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.what)
    }
}

/// Sends a message through its wire form.
fn wire<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    let text = serde_json::to_string(message).expect("messages serialise");
    serde_json::from_str(&text).expect("what was written can be read")
}

fn failed(sent: &Sent, failure: client::Failure) -> Event {
    match sent {
        Sent::Push(generation, _) => Event::PushFailed(*generation, failure),
        Sent::Pull(generation, _) => Event::PullFailed(*generation, failure),
    }
}

fn busy(sent: &Sent) -> Event {
    match sent {
        Sent::Push(generation, _) => Event::PushAnswered(*generation, PushAnswer::Retry { reason: RetryReason::Busy }),
        Sent::Pull(generation, _) => Event::PullFailed(*generation, client::Failure::Server),
    }
}

fn commands_on(disk: &Disk) -> HashSet<Uuid> {
    let outbox = disk.outbox.values().map(|envelope| envelope.uuid);
    let journal = disk.journal.iter().map(|(_, envelope)| envelope.uuid);
    outbox.chain(journal).chain(disk.refused.keys().copied()).collect()
}

fn nouns<T: shared::Entity>(store: &MemoryStore) -> impl Iterator<Item = std::sync::Arc<T>> {
    store.records().of_kind(T::KIND).filter_map(|record: &Record| T::of(record).cloned())
}

fn sorted<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids
}

fn pick<T: Copy>(rng: &mut fastrand::Rng, from: &[T]) -> Option<T> {
    if from.is_empty() { None } else { Some(from[rng.usize(..from.len())]) }
}

fn uuid(rng: &mut fastrand::Rng) -> Uuid {
    Uuid::from_u128(rng.u128(..))
}

fn profile(rng: &mut fastrand::Rng) -> Profile {
    let phone = Phone::parse(&format!("09{:08}", rng.u32(..100_000_000)), Country::Tw);
    Profile { name: "新客戶".into(), phones: phone.into_iter().collect(), ..Profile::default() }
}
