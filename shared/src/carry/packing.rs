//! What another device is given: the outbox from what it lacks on, in order and without a hole, and what this device carries of others.

use super::bundle::{Bundle, Content, FULL_BYTES, Item, MOST_BYTES, MOST_ITEMS, MOST_SHOWN, ShownRecord, Signed};
use super::certificate::DeviceSigner;
use super::hello::Heard;
use crate::command::Command;
use crate::decide::Patch;
use crate::ids::{ClientId, MeetingId};
use crate::record::{Record, Scope};
use crate::sync::protocol::Envelope;
use crate::sync::replica::{Effect, Replica};
use uuid::Uuid;

/// A command of the outbox with its letter.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The command.
    pub envelope: Envelope,
    /// The same, sealed to the server; none while the device does not know the server's key.
    pub letter: Option<String>,
}

/// The device that gives.
#[derive(Debug)]
pub struct Giver<'a> {
    /// The device.
    pub device: ClientId,
    /// The server's history as the device knows it.
    pub epoch: Option<Uuid>,
    /// The device's numbering.
    pub incarnation: Uuid,
    /// Its certificate.
    pub certificate: &'a str,
    /// Its key.
    pub signer: &'a DeviceSigner,
    /// Everything that it has not heard of from the server, in order.
    pub outbox: &'a [Waiting],
    /// What it carries of others ([`super::Bag::unsettled`]).
    pub carried: &'a [Signed],
}

/// What is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// In the order in which they are to be taken in.
    pub bundles: Vec<Signed>,
    /// How many of the device's own commands cannot go: one has no letter yet, or is too long for codes.
    pub left: usize,
}

impl Giver<'_> {
    /// What the other device lacks.
    #[must_use]
    pub fn pack(&self, replica: &mut Replica, heard: &Heard) -> Packed {
        let meeting = heard.hello.meeting;
        let effects = replica.effects(meeting);
        let first = self.first_lacking(heard);
        let outbox = &self.outbox[first..];
        let item = |waiting: &Waiting| {
            let effect = effects.iter().find(|effect| effect.uuid == waiting.envelope.uuid);
            item(waiting, effect, meeting).filter(|(_, bytes)| *bytes < MOST_BYTES - FULL_BYTES)
        };
        let mut packed = Packed { bundles: self.of_others(heard), left: outbox.len() };
        let (mut items, mut bytes) = (Vec::new(), 0);
        let mut after = self.outbox[..first].last().map(|waiting| waiting.envelope.uuid);
        for (item, length) in outbox.iter().map_while(item) {
            // An outbox may have a hole: something damaged was taken out of it, or ruled on past what was read.
            let is_next = items.last().is_none_or(|last: &Item| last.seq.checked_add(1) == Some(item.seq));
            if !is_next || items.len() == MOST_ITEMS || bytes + length > FULL_BYTES && !items.is_empty() {
                let last = items.last().map(|item: &Item| item.uuid);
                packed.bundles.push(self.bundle(meeting, after, std::mem::take(&mut items)));
                (after, bytes) = (last, 0);
            }
            packed.left -= 1;
            bytes += length;
            items.push(item);
        }
        if !items.is_empty() {
            packed.bundles.push(self.bundle(meeting, after, items));
        }
        packed
    }

    fn bundle(&self, meeting: MeetingId, after: Option<Uuid>, items: Vec<Item>) -> Signed {
        Bundle { certificate: self.certificate.to_owned(), meeting, epoch: self.epoch, incarnation: self.incarnation, after, items }.sign(self.signer)
    }

    fn first_lacking(&self, heard: &Heard) -> usize {
        let of_ours = heard.hello.held.iter().find(|held| (held.device, held.incarnation) == (self.device, self.incarnation));
        let last =
            of_ours.and_then(|held| self.outbox.iter().position(|waiting| (waiting.envelope.seq, waiting.envelope.uuid) == (held.seq, held.uuid)));
        last.map_or(0, |last| last + 1)
    }

    /// Bundles of third devices about the same meeting, as they were signed.
    fn of_others(&self, heard: &Heard) -> Vec<Signed> {
        let is_lacking = |signed: &&Signed| {
            let Some(brought) = signed.brought_before() else { return false };
            let last = brought.bundle.items.last().map_or(0, |item| item.seq);
            let of_it = |held: &&super::hello::HeldUpTo| (held.device, held.incarnation) == (brought.author.device, brought.bundle.incarnation);
            let has_it = heard.hello.held.iter().find(of_it).is_some_and(|held| held.seq >= last);
            brought.bundle.meeting == heard.hello.meeting && brought.author.device != heard.who.device && !has_it
        };
        self.carried.iter().filter(is_lacking).cloned().collect()
    }
}

/// Whether a command says nothing that does not stand in the records of its meeting. One that is not named here travels as a letter.
const fn tells_of_the_meeting_alone(command: &Command) -> bool {
    match command {
        Command::CheckInGuest(_) | Command::UndoCheckIn(_) | Command::RuleConflict(_) => true,
        Command::GiveSeats(_) | Command::TakeBackSeat(_) | Command::RuleSeats(_) | Command::UndoHandOut(_) => true,
        // A guest's signature is for whoever handed it out, and above.
        Command::HandOut(args) => args.strokes.is_empty(),
        _ => false,
    }
}

/// A command as it travels, with its length; none if it cannot. Open it is of use only where the other can replay it with what both hold.
fn item(waiting: &Waiting, effect: Option<&Effect>, meeting: MeetingId) -> Option<(Item, usize)> {
    let Envelope { seq, uuid, occurred_at, clock_offset_ms, ref command } = waiting.envelope;
    let of_the_meeting = |patch: &Patch| match patch {
        Patch::Put(record) => (record.scope() == Scope::Meeting(meeting)).then(|| record.clone()),
        Patch::Delete(_) => None,
    };
    let told = effect.map_or(&[][..], |effect| &effect.told);
    let is_told = !told.is_empty() && told.iter().all(|patch| of_the_meeting(patch).is_some());
    let content = if is_told && Command::read(command).is_ok_and(|command| tells_of_the_meeting_alone(&command)) {
        Content::Open { clock_offset_ms, command: command.clone() }
    } else {
        let records: Vec<Record> = effect.map_or(&[][..], |effect| &effect.shown).iter().filter_map(of_the_meeting).take(MOST_SHOWN).collect();
        Content::Sealed { letter: waiting.letter.clone()?, shown: records.iter().map(ShownRecord::of).collect() }
    };
    let item = Item { seq, uuid, occurred_at, content };
    let bytes = serde_json::to_string(&item).map_or(usize::MAX, |text| text.len());
    Some((item, bytes))
}
