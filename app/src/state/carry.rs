//! Two tablets give each other what the other lacks, by codes on the screen (clause D9): how far each is, and what came of it.
//!
//! Law: whatever the camera sees, nothing is taken in or given but by [`Taking::see`] and [`Giving::see`].

use shared::carry::bag::{Carried, Readable, Taken};
use shared::carry::fountain::{Collector, Fountain, Seen};
use shared::carry::hello::{Ask, Heard};
use shared::carry::parcel::Message;
use shared::carry::{NotTaken, Signed};
use shared::ids::MeetingId;
use shared::{Command, Kind};

/// From one frame to the next: as fast as a camera of 13 pictures a second surely catches.
pub(crate) const FRAME_MS: u32 = 125;
/// Without a new frame for so long the camera does not look at the other's screen any more.
const PAUSED_MS: f64 = 2_500.0;

/// The frames of a message, without an end.
#[derive(Clone, Debug)]
pub(crate) struct Reel {
    fountain: Fountain,
    next: u32,
}

impl Reel {
    /// None if the message is too long to be shown.
    pub(crate) fn of(message: &[u8]) -> Option<Self> {
        Some(Self { fountain: Fountain::new(message)?, next: 0 })
    }

    /// The text of the next code.
    pub(crate) fn next(&mut self) -> String {
        let frame = self.fountain.frame(self.next);
        self.next = self.next.wrapping_add(1);
        frame
    }

    /// How long the other camera looks at least, in seconds.
    pub(crate) const fn seconds(&self) -> usize {
        (self.fountain.blocks() * FRAME_MS as usize).div_ceil(1_000)
    }
}

/// How much of a message is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Blocks known.
    pub(crate) known: usize,
    /// Of how many.
    pub(crate) of: usize,
}

/// Why an exchange does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The other belongs to another organisation, or was never certified.
    Foreign,
    /// The other does not work at this meeting, as far as this device knows.
    NotOnDuty,
    /// What the other shows is for another tablet, or for an exchange that is over.
    NotForUs,
    /// The code is damaged, or of a newer app.
    Damaged,
    /// Both want to receive.
    BothTake,
    /// Both want to give.
    BothGive,
    /// The other asks about another meeting than the one that is open here.
    OtherMeeting,
}

impl From<NotTaken> for Trouble {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::Damaged => Self::Damaged,
            NotTaken::Forged => Self::Foreign,
            NotTaken::NotTheirs => Self::NotOnDuty,
        }
    }
}

/// What a picture of the camera's has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Saw<T> {
    /// Nothing that belongs here.
    Nothing,
    /// Some of a message.
    Part(Part),
    /// All of it.
    Whole(T),
    /// Something with which nothing can be done.
    Not(Trouble),
}

/// Puts messages together, and knows when the last frame was seen.
#[derive(Clone, Debug, Default)]
struct Watch {
    collector: Collector,
    seen_ms: Option<f64>,
}

impl Watch {
    /// The message that has become whole, or how much of the one that was seen last is here.
    fn see(&mut self, codes: &[String], now_ms: f64) -> Saw<Vec<u8>> {
        let mut saw = Saw::Nothing;
        for code in codes {
            let seen = self.collector.see(code);
            if seen != Seen::Nothing {
                self.seen_ms = Some(now_ms);
            }
            match seen {
                Seen::Nothing => {}
                Seen::Part { known, of } => saw = Saw::Part(Part { known, of }),
                Seen::Whole(message) => return Saw::Whole(message),
            }
        }
        saw
    }

    fn is_paused(&self, now_ms: f64) -> bool {
        self.seen_ms.is_some_and(|seen| now_ms - seen > PAUSED_MS)
    }
}

/// The tablet that is given something: it shows its hello, and looks at the other's screen.
pub(crate) struct Taking {
    ask: Ask,
    watch: Watch,
}

impl Taking {
    pub(crate) fn new(ask: Ask) -> Self {
        Self { ask, watch: Watch::default() }
    }

    /// The hello as it is shown.
    pub(crate) fn hello(&self) -> Option<Reel> {
        Reel::of(&self.ask.message())
    }

    /// What the codes of a picture have brought: in the end the bundles that the other gives.
    pub(crate) fn see(&mut self, codes: &[String], now_ms: f64) -> Saw<Vec<Signed>> {
        match self.watch.see(codes, now_ms) {
            Saw::Nothing => Saw::Nothing,
            Saw::Part(part) => Saw::Part(part),
            Saw::Not(trouble) => Saw::Not(trouble),
            Saw::Whole(message) => match Message::read(&message) {
                Ok(Message::Parcel(parcel)) => self.ask.open(&parcel).map_or(Saw::Not(Trouble::NotForUs), Saw::Whole),
                Ok(Message::Hello(_)) => Saw::Not(Trouble::BothTake),
                Err(_) => Saw::Not(Trouble::Damaged),
            },
        }
    }

    /// Whether the camera has lost the other's screen. What is known by then stays.
    pub(crate) fn is_paused(&self, now_ms: f64) -> bool {
        self.watch.is_paused(now_ms)
    }
}

/// The tablet that gives: it looks for a hello, then shows frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Giving(Watch);

impl Giving {
    /// What the codes of a picture have brought: in the end another device's hello, of which nothing is verified yet.
    pub(crate) fn see(&mut self, codes: &[String], now_ms: f64) -> Saw<Signed> {
        match self.0.see(codes, now_ms) {
            Saw::Nothing => Saw::Nothing,
            Saw::Part(part) => Saw::Part(part),
            Saw::Not(trouble) => Saw::Not(trouble),
            Saw::Whole(message) => match Message::read(&message) {
                Ok(Message::Hello(hello)) => Saw::Whole(hello),
                Ok(Message::Parcel(_)) => Saw::Not(Trouble::BothGive),
                Err(_) => Saw::Not(Trouble::Damaged),
            },
        }
    }
}

/// The hello of somebody who may be given something, if it is about the meeting that is open here.
pub(crate) fn asked_here(heard: Result<Heard, NotTaken>, meeting: MeetingId) -> Result<Heard, Trouble> {
    let heard = heard?;
    if heard.hello.meeting == meeting { Ok(heard) } else { Err(Trouble::OtherMeeting) }
}

/// What came, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) check_ins: usize,
    pub(crate) walk_ins: usize,
    pub(crate) seats: usize,
    pub(crate) gifts: usize,
    /// What was undone or ruled on.
    pub(crate) changes: usize,
    /// Deals and whatever else only the server may read.
    pub(crate) sealed: usize,
}

impl Numbers {
    pub(crate) fn of(new: &[Carried]) -> Self {
        let mut numbers = Self::default();
        new.iter().for_each(|carried| numbers.count(&carried.readable));
        numbers
    }

    fn count(&mut self, readable: &Readable) {
        match readable {
            Readable::Nothing => self.sealed += 1,
            Readable::Command(command) => match &**command {
                Command::CheckInGuest(_) => self.check_ins += 1,
                Command::GiveSeats(args) => self.seats += args.given.len(),
                Command::HandOut(_) => self.gifts += 1,
                _ => self.changes += 1,
            },
            Readable::Records(records) => {
                let has = |kind: Kind| records.iter().any(|record| record.key().kind == kind);
                // A walk-in brings the card of its guest.
                match (has(Kind::CheckIn), has(Kind::Guest), has(Kind::Handout)) {
                    (true, true, _) => self.walk_ins += 1,
                    (true, false, _) => self.check_ins += 1,
                    (false, _, true) => self.gifts += 1,
                    (false, _, false) => self.changes += 1,
                }
            }
        }
    }
}

/// What came of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// So much is new here.
    New {
        numbers: Numbers,
        /// Whether some of it was not taken: no device of the organisation has signed it, or there is no room.
        some_refused: bool,
    },
    /// All of it was here before, or there was nothing.
    NothingNew,
    /// Nothing of it could be taken.
    Refused,
}

/// What came of a parcel, as the person is told.
pub(crate) fn outcome(taken: &Taken, new: &[Carried]) -> Outcome {
    match (taken.new, taken.refused) {
        (0, 0) => Outcome::NothingNew,
        (0, _) => Outcome::Refused,
        (_, refused) => Outcome::New { numbers: Numbers::of(new), some_refused: refused > 0 },
    }
}

#[cfg(test)]
mod tests;
