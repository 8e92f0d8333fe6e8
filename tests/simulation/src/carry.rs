//! What two devices give each other without any network: codes from screen to camera, of which some are not seen, some twice, and some are
//! those of another exchange; and a person who puts the tablet away in the middle of it.

use super::Weakness;
use super::laws::{Broken, Law};
use super::life::Life;
use shared::Record;
use shared::carry::bag::Taker;
use shared::carry::bundle::Content;
use shared::carry::fountain::{Collector, Fountain, Seen};
use shared::carry::hello::Ask;
use shared::carry::packing::{Giver, Packed, Waiting};
use shared::carry::parcel::Message;
use shared::carry::{Bundle, DeviceSigner, Item, NotTaken, Signed};
use shared::command::Command;
use shared::ids::MeetingId;
use shared::record::{Kind, Scope};
use shared::sync::letters::Letter;
use shared::sync::protocol::Envelope;
use std::collections::BTreeSet;

/// Most parcels that somebody has filmed.
const MOST_FILMED: usize = 4;

impl Life {
    /// The server certifies a device's key, as it does at every contact.
    pub(super) fn certify(&mut self, disk: usize) {
        let key = DeviceSigner::from_seed(&self.disks[disk].seed).public_key();
        let (user, client) = (self.disks[disk].actor.user, self.disks[disk].meta.client);
        self.disks[disk].certificate = self.world.signer().certify(self.world.org, user, client, key, self.now);
    }

    /// One device that works at the meeting asks another one, which has something that is not sent, for what it lacks.
    pub(super) fn exchange(&mut self) -> Result<(), Broken> {
        let meeting = self.world.meeting;
        let disk = |at: &usize| &self.disks[self.devices[*at].disk];
        let works_there = |at: &usize| disk(at).meta.cursors.contains_key(&Scope::Meeting(meeting));
        let has_some = |at: &usize| !disk(at).outbox.is_empty() || !disk(at).bag.kept.is_empty();
        let takers: Vec<usize> = (0..self.devices.len()).filter(works_there).collect();
        let givers: Vec<usize> = (0..self.devices.len()).filter(has_some).collect();
        let (Some(taker), Some(giver)) = (self.rng.choice(takers), self.rng.choice(givers)) else { return Ok(()) };
        let (at, from) = (self.devices[taker].disk, self.devices[giver].disk);
        if at == from {
            return Ok(());
        }
        self.devices[taker].catch_up(&self.disks[at]);
        self.devices[giver].catch_up(&self.disks[from]);
        let (org, key) = (self.world.org, self.world.signer().public_key());
        let mut secrets = [[0; 32]; 2];
        secrets.iter_mut().for_each(|secret| self.rng.fill(secret));
        let disk = &self.disks[at];
        let ask = Ask::new(&disk.certificate, &DeviceSigner::from_seed(&disk.seed), meeting, disk.bag.held(meeting), secrets[0]);
        let Some(Ok(Message::Hello(hello))) = self.filmed(&ask.message()).map(|seen| Message::read(&seen)) else { return Ok(()) };
        let heard = match hello.heard(&self.devices[giver].replica, org, &key) {
            Ok(heard) => heard,
            // She does not work there, as far as this device knows.
            Err(NotTaken::NotTheirs) => return Ok(()),
            Err(other) => return Law::Quiet.broken(format!("a hello is {other:?}")),
        };
        let packed = self.pack(giver, &heard);
        let bundles = match self.weakness {
            Weakness::CarriesInTheClear => packed.bundles.iter().map(|signed| self.laid_open(from, signed)).collect(),
            _ => packed.bundles,
        };
        self.check_given(meeting, &bundles)?;
        let (parcel, _) = heard.seal(&bundles, secrets[1]);
        let shown = if self.rng.u8(..8) == 0 && !self.parcels.is_empty() { &self.parcels[self.rng.usize(..self.parcels.len())] } else { &parcel };
        let shown = shown.clone();
        self.parcels.push(parcel);
        if self.parcels.len() > MOST_FILMED {
            self.parcels.remove(0);
        }
        let Some(Ok(Message::Parcel(seen))) = self.filmed(&shown).map(|seen| Message::read(&seen)) else { return Ok(()) };
        let Ok(bundles) = ask.open(&seen) else {
            let is_another = self.parcels.last() != Some(&shown);
            return if is_another { Ok(()) } else { Law::Quiet.broken("a parcel does not open for whom it was sealed") };
        };
        if self.parcels.last() != Some(&shown) {
            return Law::Scopes.broken("a parcel of another exchange was opened");
        }
        let times = if self.rng.u8(..4) == 0 { 2 } else { 1 };
        (0..times).try_for_each(|_| self.take(taker, meeting, &bundles))
    }

    fn take(&mut self, taker: usize, meeting: MeetingId, bundles: &[Signed]) -> Result<(), Broken> {
        let (org, key) = (self.world.org, self.world.signer().public_key());
        let at = self.devices[taker].disk;
        let (device, now) = (self.disks[at].meta.client, self.now + self.clocks[at]);
        let last = self.devices[taker].replica.pending().last().map(|pending| pending.uuid);
        let mut bag = self.disks[at].bag.clone();
        let taken = bag.take(bundles.to_vec(), Taker { org, organisations_key: &key, device, meeting, last, now });
        let before = self.devices[taker].replica.screen();
        // Nothing counts as received before it is on the disk.
        if self.disks[at].keep_bag(bag).is_err() {
            return Ok(());
        }
        self.report.carried += taken.new;
        self.devices[taker].catch_up(&self.disks[at]);
        let after = self.devices[taker].replica.screen();
        let is_of_the_meeting = |record: &&Record| record.scope() == Scope::Meeting(meeting);
        match after.iter().filter(|record| !before.contains(record)).find(|record| !is_of_the_meeting(record)) {
            Some(record) => Law::Scopes.broken(format!("{:?} came from another device and is of {}", record.key(), record.scope())),
            None => Ok(()),
        }
    }

    fn pack(&mut self, giver: usize, heard: &shared::carry::hello::Heard) -> Packed {
        let device = &mut self.devices[giver];
        let disk = &self.disks[device.disk];
        let outbox: Vec<Waiting> = disk.outbox.values().map(|envelope| waiting(envelope)).collect();
        let giver = Giver {
            device: disk.meta.client,
            epoch: disk.meta.epoch,
            incarnation: disk.meta.incarnation,
            certificate: &disk.certificate,
            signer: &DeviceSigner::from_seed(&disk.seed),
            outbox: &outbox,
            carried: &disk.bag.unsettled(),
        };
        giver.pack(&mut device.replica, heard)
    }

    /// Shows a message until it is read or somebody puts the tablet away.
    fn filmed(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let fountain = Fountain::new(message)?;
        let mut collector = Collector::default();
        let first = self.rng.u32(..1_000);
        let patience = if self.rng.u8(..6) == 0 { fountain.blocks() / 2 } else { usize::MAX };
        (first..).take(patience).find_map(|number| {
            let text = if self.rng.u8(..10) == 0 { Fountain::new(self.parcels.first()?)?.frame(number) } else { fountain.frame(number) };
            match self.rng.u8(..10) {
                0..3 => None,
                _ => match collector.see(&text) {
                    Seen::Whole(seen) if seen == message => Some(seen),
                    _ => None,
                },
            }
        })
    }

    /// What can be read of it is of the meeting at which both work. The table of docs/sync.md, written a second time.
    fn check_given(&self, meeting: MeetingId, bundles: &[Signed]) -> Result<(), Broken> {
        let key = self.world.signer().public_key();
        for signed in bundles {
            let Ok(brought) = signed.brought(self.world.org, &key) else { return Law::Scopes.broken("what a device gives is not genuine") };
            for item in &brought.bundle.items {
                match &item.content {
                    Content::Open { command, .. } => match Command::read(command) {
                        Ok(Command::CheckInGuest(_) | Command::UndoCheckIn(_) | Command::RuleConflict(_)) => {}
                        Ok(Command::GiveSeats(_) | Command::TakeBackSeat(_) | Command::RuleSeats(_) | Command::UndoHandOut(_)) => {}
                        Ok(Command::HandOut(args)) if args.strokes.is_empty() => {}
                        _ => return Law::Scopes.broken(format!("{} is given to be read", command.name)),
                    },
                    Content::Sealed { shown, .. } => {
                        let scopes: BTreeSet<_> = shown
                            .iter()
                            .filter_map(|shown| Record::decode(Kind::from_name(&shown.kind)?, shown.body.get()).ok())
                            .map(|record| record.scope())
                            .collect();
                        if scopes.iter().any(|scope| *scope != Scope::Meeting(meeting)) {
                            return Law::Scopes.broken(format!("records of {scopes:?} are given to be read"));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A bundle of a weak device, which seals nothing. What it gives on of others stays as it was signed.
    fn laid_open(&self, disk: usize, signed: &Signed) -> Signed {
        let key = self.world.signer().public_key();
        let disk = &self.disks[disk];
        let Ok(brought) = signed.brought(self.world.org, &key) else { return signed.clone() };
        if brought.author.device != disk.meta.client {
            return signed.clone();
        }
        let open = |item: Item| {
            let own = disk.outbox.values().find(|envelope| envelope.uuid == item.uuid);
            let content = own.map(|own| Content::Open { clock_offset_ms: own.clock_offset_ms, command: own.command.clone() });
            Item { content: content.unwrap_or(item.content.clone()), ..item }
        };
        let items = brought.bundle.items.iter().cloned().map(open).collect();
        Bundle { items, ..brought.bundle }.sign(&DeviceSigner::from_seed(&disk.seed))
    }
}

/// A command with its letter, which only a server opens: here by agreement.
fn waiting(envelope: &Envelope) -> Waiting {
    Waiting { envelope: envelope.clone(), letter: Some(serde_json::to_string(envelope).expect("an envelope serialises")) }
}

/// What a server reads in a letter.
pub(super) fn open_letter(letter: &Letter) -> Option<Envelope> {
    serde_json::from_str(&letter.sealed).ok()
}
