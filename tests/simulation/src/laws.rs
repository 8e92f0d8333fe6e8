//! What must be true of every life: at every step, and at rest.

use super::Weakness;
use super::device::{Device, Sent};
use super::disk::Disk;
use super::life::{Life, session};
use super::store::MemoryStore;
use shared::check_ins::{CheckIn, Conflict};
use shared::deals::Deal;
use shared::files::Attachment;
use shared::ids::UserId;
use shared::invitations::Invitation;
use shared::meetings::Meeting;
use shared::people::{Access, Role, User};
use shared::quarantine::{HeldCommand, HeldVerdict};
use shared::record::{Key, Kind, Scope, Stored};
use shared::sync::protocol::{PullAnswer, Verdict};
use shared::sync::replica::Pending;
use shared::sync::server::{self, Transaction};
use shared::{Command, Record};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// What the simulation watches over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// Every saved command gets exactly one outcome, and its device knows it.
    OneOutcome,
    /// Commands of a device are ruled on in the order in which they were saved.
    DeviceOrder,
    /// No command takes effect twice, across a restore too.
    NoEffectTwice,
    /// At rest a device holds what the server has, and nothing was ever found damaged that nobody had damaged.
    EqualRows,
    /// A device holds nothing that its user may not see, from every contact on.
    Scopes,
    /// The screen is the base with the pending commands replayed.
    Screen,
    /// A reset takes nothing out of outbox and journal.
    NothingShrinks,
    /// When the faults stop, everything comes to rest by itself.
    Quiet,
    /// Every scan is kept, and a second one is told.
    EveryScan,
    /// The bytes of every file that a kept command names come to the server, and those who wait for them hear of it.
    EveryFile,
    /// What was recorded without access waits for a person, and no field fact is refused.
    Quarantine,
}

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// What was found.
    pub what: String,
}

impl Law {
    /// This law is broken.
    ///
    /// # Errors
    /// Always.
    pub(super) fn broken<T>(self, what: impl Into<String>) -> Result<T, Broken> {
        Err(Broken { law: self, what: what.into() })
    }
}

impl Life {
    /// What must be true once everything is at rest.
    pub(super) fn check(&mut self) -> Result<(), Broken> {
        // What took effect twice was ruled on twice too: only the order of these lets each law be seen by itself.
        self.no_effect_twice()?;
        self.every_saved_command_has_one_outcome()?;
        self.each_devices_order_is_kept()?;
        self.every_scan_survives()?;
        for at in 0..self.devices.len() {
            let disk = self.devices[at].disk;
            self.devices[at].catch_up(&self.disks[disk]);
            self.devices_know_their_outcomes(&self.disks[disk])?;
            self.device_equals_server(at)?;
        }
        self.every_file_arrives()?;
        Ok(())
    }

    fn every_saved_command_has_one_outcome(&mut self) -> Result<(), Broken> {
        let mut counts: HashMap<Uuid, usize> = HashMap::new();
        for ruled in self.store.ruled() {
            *counts.entry(ruled.uuid).or_default() += 1;
        }
        let refused: HashSet<Uuid> = self.disks.iter().flat_map(|disk| disk.refused.keys().copied()).collect();
        for saved in &self.saved {
            match counts.get(&saved.uuid).copied().unwrap_or(0) {
                1 => self.report.ruled += 1,
                // A refusal that the device has told its user needs no second telling by a restored server.
                0 if self.report.restores > 0 && refused.contains(&saved.uuid) && !saved.command.is_field_fact() => {}
                // The disk with the only copy fell back to before it was saved.
                0 if self.excused.contains(&saved.uuid) => {}
                count => {
                    return Law::OneOutcome.broken(format!(
                        "{} {} of disk {} was ruled on {count} times",
                        saved.command.name(),
                        saved.uuid,
                        saved.disk
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a device takes for applied or quarantined is so on the server: it will never send it again.
    fn devices_know_their_outcomes(&self, disk: &Disk) -> Result<(), Broken> {
        for (version, envelope) in &disk.journal {
            let known = self.store.by_uuid(envelope.uuid).map(|outcome| &outcome.verdict);
            let agrees = match known {
                Some(Verdict::Applied) => *version > 0,
                Some(Verdict::Quarantined { .. }) => *version == 0,
                Some(Verdict::Rejected { .. }) | None => false,
            };
            if !agrees {
                return Law::OneOutcome.broken(format!("a device has {} as ruled on at {version}, the server says {known:?}", envelope.uuid));
            }
        }
        Ok(())
    }

    /// The trail as a whole. Two kinds of commands have no place in it that their device could keep; what a device brings itself was checked
    /// without exemption when it came ([`Self::check_order`]).
    /// - One whose device fell back to before it was saved: the device does not know it any more, what it still sends may be older, and a
    ///   late packet or a copy of the tablet may bring the forgotten one at any time.
    /// - One of which its device was told that a server refused it, before that server was restored to before the refusal: it is settled
    ///   there and not sent again, but a copy of the tablet that still waited for the ruling sends it.
    fn each_devices_order_is_kept(&self) -> Result<(), Broken> {
        let mut last: BTreeMap<usize, usize> = BTreeMap::new();
        for ruled in self.store.ruled() {
            let Some(&order) = self.order.get(&ruled.uuid) else {
                return Law::OneOutcome.broken(format!("{} was ruled on but never saved", ruled.uuid));
            };
            let disk = self.saved[order].disk;
            let settled = self.excused.contains(&ruled.uuid) || self.report.restores > 0 && self.disks[disk].refused.contains_key(&ruled.uuid);
            if settled {
                continue;
            }
            let before = last.insert(disk, order).unwrap_or(0);
            if before > order {
                let (early, late) = (&self.saved[before], &self.saved[order]);
                return Law::DeviceOrder.broken(format!(
                    "disk {disk}: {} {} was ruled on before {} {}, which was saved earlier",
                    early.command.name(),
                    early.uuid,
                    late.command.name(),
                    late.uuid
                ));
            }
        }
        Ok(())
    }

    /// A command that a device has just brought is ruled on after everything that was saved before it and waits on the same device; one that it has
    /// carried, after what waits on its author's.
    pub(super) fn check_order(&self, brought_by: usize, from: usize) -> Result<(), Broken> {
        for ruled in &self.store.ruled()[from..] {
            let is_its_own = self.disks[brought_by].kept().contains(&ruled.uuid);
            let disk = if is_its_own { brought_by } else { self.order.get(&ruled.uuid).map_or(brought_by, |order| self.saved[*order].disk) };
            let overtaken = |waiting: Uuid| self.order.get(&waiting) < self.order.get(&ruled.uuid) && self.store.by_uuid(waiting).is_none();
            if let Some(waiting) = self.disks[disk].outbox.values().find(|waiting| overtaken(waiting.uuid)) {
                return Law::DeviceOrder.broken(format!("disk {disk}: {} was ruled on while {} still waited", ruled.uuid, waiting.uuid));
            }
        }
        Ok(())
    }

    /// Effects that add up tell how often their commands took effect.
    fn no_effect_twice(&self) -> Result<(), Broken> {
        let accepted =
            nouns::<HeldCommand>(&self.store).filter(|held| held.ruling.as_ref().is_some_and(|ruling| ruling.verdict == HeldVerdict::Accepted));
        let mut applied = self.applied();
        applied.extend(accepted.map(|held| held.id.0));
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
            // Whoever came without having said yes has answered at the door, once.
            let came = |check_in: &CheckIn| invitation.attempts.iter().any(|attempt| (attempt.at, attempt.by) == (check_in.at, check_in.by));
            let at_the_door = || nouns::<CheckIn>(&self.store).any(|check_in| check_in.guest.0 == invitation.id.0 && came(&check_in));
            if invitation.attempts.len() != expected && (invitation.attempts.len() != expected + 1 || !at_the_door()) {
                return Law::NoEffectTwice.broken(format!("{:?} has {} attempts, {expected} were made", invitation.id, invitation.attempts.len()));
            }
        }
        for deal in nouns::<Deal>(&self.store) {
            let expected = payments.get(&deal.id.0).copied().unwrap_or(0);
            if deal.payments.len() != expected {
                return Law::NoEffectTwice.broken(format!("{:?} has {} payments, {expected} were made", deal.id, deal.payments.len()));
            }
        }
        Ok(())
    }

    /// Every applied check-in is a record, one attendance counts per guest, and every second one has its conflict.
    fn every_scan_survives(&self) -> Result<(), Broken> {
        let applied = self.applied();
        for saved in self.saved.iter().filter(|saved| applied.contains(&saved.uuid)) {
            let check_in = match &saved.command {
                Command::CheckInGuest(args) => args.check_in,
                Command::RegisterWalkIn(args) => args.check_in,
                _ => continue,
            };
            if self.store.records().get(Key { kind: Kind::CheckIn, id: check_in.0 }).is_none() {
                return Law::EveryScan.broken(format!("{check_in:?} was applied and is gone"));
            }
        }
        let (mut scans, mut standing): (BTreeMap<Uuid, usize>, BTreeMap<Uuid, usize>) = Default::default();
        for check_in in nouns::<CheckIn>(&self.store) {
            *scans.entry(check_in.guest.0).or_default() += 1;
            *standing.entry(check_in.guest.0).or_default() += usize::from(check_in.undone.is_none());
        }
        let conflicts: Vec<Arc<Conflict>> = nouns::<Conflict>(&self.store).collect();
        let told: HashSet<Uuid> = conflicts.iter().flat_map(|conflict| [conflict.first.0, conflict.second.0]).collect();
        for check_in in nouns::<CheckIn>(&self.store).filter(|check_in| check_in.undone.is_none()) {
            if standing[&check_in.guest.0] > 1 && !told.contains(&check_in.id.0) {
                return Law::EveryScan.broken(format!("{:?} is one of two standing check-ins and no conflict tells", check_in.id));
            }
        }
        if conflicts.len() > scans.values().map(|count| count - 1).sum() {
            return Law::EveryScan.broken("there are more conflicts than second check-ins");
        }
        Ok(())
    }

    /// A file is lost only with the one disk that had it, and then its command is excused too.
    fn every_file_arrives(&self) -> Result<(), Broken> {
        for saved in self.saved.iter().filter(|saved| !self.excused.contains(&saved.uuid)) {
            for new in saved.command.attachments() {
                if !self.depot.holds(new.content.sha256) {
                    return Law::EveryFile.broken(format!("the server lacks the photo of {}", saved.uuid));
                }
                let attachment = self.store.records().get(Key { kind: Kind::Attachment, id: new.attachment.0 });
                if attachment.and_then(<Attachment as Stored>::of).is_some_and(|attachment| attachment.stored_at.is_none()) {
                    return Law::EveryFile.broken(format!("nobody was told that {:?} is here", new.attachment));
                }
            }
        }
        Ok(())
    }

    fn applied(&self) -> HashSet<Uuid> {
        self.store.ruled().iter().filter(|ruled| ruled.outcome.verdict == Verdict::Applied).map(|ruled| ruled.uuid).collect()
    }

    /// The device holds the rows of its user's scopes, all of them and no other, and shows them.
    fn device_equals_server(&self, at: usize) -> Result<(), Broken> {
        let device = &self.devices[at];
        let disk = &self.disks[device.disk];
        let scopes = server::scopes_of(&self.store, session(self.world, device.user)).expect("memory is always available");
        let mut expected = 0;
        for (key, row) in self.store.rows().filter(|(_, row)| scopes.contains(&row.scope)) {
            expected += 1;
            if disk.base.get(&(key.kind, key.id)).is_none_or(|held| held.held.version != row.version || *held.body != *row.body) {
                return Law::EqualRows.broken(format!("device {at} lacks {key:?} of version {} in {}", row.version, row.scope));
            }
            if self.store.records().get(key) != device.replica.find(key) {
                return Law::Screen.broken(format!("device {at} shows another {key:?} than the server has"));
            }
        }
        if disk.base.len() != expected {
            return Law::EqualRows.broken(format!("device {at} holds {} rows, the server has {expected} for it", disk.base.len()));
        }
        // Who has no access gets no rows either that would settle what was applied.
        let waits = |pending: &Pending| pending.applied_at.is_none() || !scopes.is_empty();
        if device.replica.pending().iter().any(waits) {
            return Law::Screen.broken(format!("device {at} still replays {} commands", device.replica.pending().len()));
        }
        if device.replica.pending().is_empty() && device.replica.screen().len() != expected {
            return Law::Screen.broken(format!("device {at} shows more than the server has"));
        }
        Ok(())
    }

    /// What a tab shows is what it would show after a new start.
    pub(super) fn check_screen(&self, at: usize) -> Result<(), Broken> {
        let device = &self.devices[at];
        let disk = &self.disks[device.disk];
        let fresh = Device::start(device.disk, disk, false, 0, Weakness::None);
        if device.is_up_to_date(disk) && device.replica.screen() != fresh.replica.screen() {
            return Law::Screen.broken(format!("device {at} shows something else than after a new start"));
        }
        Ok(())
    }

    /// Everything on a disk belongs to a scope that it has a cursor for; which those are is decided at every contact ([`Self::check_page`]).
    pub(super) fn check_disk(&self, disk: &Disk) -> Result<(), Broken> {
        match disk.base.values().find(|row| !disk.meta.cursors.contains_key(&row.held.scope)) {
            Some(row) => Law::Scopes.broken(format!("a device of {:?} holds a row of {}", disk.actor.user, row.held.scope)),
            None => Ok(()),
        }
    }

    /// With this answer the device will hold nothing that its user may not see now. The table of docs/sync.md, written a second time.
    pub(super) fn check_page(&self, user: UserId, sent: &Sent, answer: &PullAnswer) -> Result<(), Broken> {
        let (Sent::Pull(_, request), PullAnswer::Page(page)) = (sent, answer) else { return Ok(()) };
        let kept = request.scopes.iter().map(|held| held.scope).filter(|scope| !page.dropped.contains(scope));
        let given = page.scopes.iter().map(|part| part.scope).chain(page.rows.iter().map(|row| row.scope));
        let scopes: BTreeSet<Scope> = kept.chain(given).collect();
        match scopes.into_iter().find(|scope| !self.may_hold(user, *scope)) {
            Some(scope) => Law::Scopes.broken(format!("{user:?} was given or left {scope}")),
            None => Ok(()),
        }
    }

    /// What this push brought about: nothing of somebody without access takes effect, no field fact is refused.
    pub(super) fn check_rulings(&self, with_access: &BTreeSet<UserId>, from: usize) -> Result<(), Broken> {
        let ruled = &self.store.ruled()[from..];
        let saved = |uuid: Uuid| self.order.get(&uuid).map(|order| &self.saved[*order]);
        // Whose access has changed in the same push is judged by neither state.
        let edited = |uuid: Uuid| if let Some(Command::EditUser(args)) = saved(uuid).map(|saved| &saved.command) { Some(args.user) } else { None };
        let changed: BTreeSet<UserId> = ruled.iter().filter_map(|ruled| edited(ruled.uuid)).collect();
        for ruled in ruled {
            let Some(saved) = saved(ruled.uuid) else { continue };
            let author = self.disks[saved.disk].actor.user;
            let had_access = with_access.contains(&author) || changed.contains(&author);
            let quarantined = matches!(ruled.outcome.verdict, Verdict::Quarantined { .. });
            if !had_access && !quarantined {
                return Law::Quarantine.broken(format!("{} of somebody without access: {:?}", ruled.uuid, ruled.outcome.verdict));
            }
            if matches!(ruled.outcome.verdict, Verdict::Rejected { .. }) && saved.command.is_field_fact() {
                return Law::Quarantine.broken(format!("the field fact {} was refused", ruled.uuid));
            }
        }
        Ok(())
    }

    /// Those who have access now.
    pub(super) fn with_access(&self) -> BTreeSet<UserId> {
        nouns::<User>(&self.store).filter(|user| user.access == Access::Granted).map(|user| user.id).collect()
    }

    /// Whether a user may hold a scope now.
    fn may_hold(&self, user: UserId, scope: Scope) -> bool {
        let Some(user) = self.user(user).filter(|user| user.access == Access::Granted) else { return false };
        match scope {
            Scope::Org => true,
            Scope::Pool => matches!(user.role, Role::Supervisor | Role::Manager),
            Scope::Audit => matches!(user.role, Role::Manager | Role::Administrator),
            Scope::Sellers => matches!(user.role, Role::Rep | Role::Supervisor | Role::Manager),
            Scope::Person(other) => self.sees_work_of(&user, other),
            Scope::Meeting(meeting) => {
                let meeting = self.store.records().get(Key { kind: Kind::Meeting, id: meeting.0 }).and_then(<Meeting as Stored>::of);
                user.role == Role::Manager
                    || meeting.is_some_and(|meeting| meeting.plan.staff.iter().any(|staff| self.sees_work_of(&user, staff.user)))
            }
        }
    }

    fn sees_work_of(&self, user: &User, other: UserId) -> bool {
        match user.role {
            Role::Director | Role::Marketing | Role::Office | Role::Finance | Role::Administrator => false,
            Role::Manager => true,
            Role::Rep => other == user.id,
            Role::Supervisor => other == user.id || user.team.is_some() && self.user(other).is_some_and(|other| other.team == user.team),
        }
    }

    /// A user as the servers know them.
    pub(super) fn user(&self, user: UserId) -> Option<Arc<User>> {
        self.store.records().get(Key { kind: Kind::User, id: user.0 }).and_then(<User as Stored>::of).cloned()
    }

    /// Whether all disks hold what the servers have now.
    pub(super) fn is_level(&self) -> bool {
        let version = self.store.version().expect("memory is always available");
        let epoch = self.store.epoch().expect("memory is always available");
        self.disks.iter().all(|disk| {
            // Who has no access may never have been told which history it is.
            let of_this_history = disk.meta.epoch.is_none_or(|known| known == epoch);
            let has_access = self.user(disk.actor.user).is_some_and(|user| user.access == Access::Granted);
            of_this_history
                && disk.outbox.is_empty()
                && disk.bag.kept.is_empty()
                && disk.waiting_files().is_empty()
                && if has_access { disk.meta.version == version } else { disk.base.is_empty() }
        })
    }
}

pub(super) fn nouns<T: shared::Entity>(store: &MemoryStore) -> impl Iterator<Item = Arc<T>> {
    store.records().of_kind(T::KIND).filter_map(|record: &Record| T::of(record).cloned())
}
