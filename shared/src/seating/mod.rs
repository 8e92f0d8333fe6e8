//! Seating 座位 (clause C4): desks, tables and rows, which guest was given which seat, and which seats a desk may give.
//!
//! Law: what was given is kept. Who sits where is counted from it ([`count`]), so that no seat counts twice, whatever arrived in which order.
//! Which seats a desk may give while nobody can be asked is a lease ([`lease`], docs/decisions/0016-seats-and-leases.md).

pub mod command;
pub mod count;
pub mod decide;
pub mod heard;
pub mod lease;
#[cfg(test)]
mod tests;

use crate::ids::{ClientId, DeskId, GuestId, MeetingId, SeatingId, TableId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A place at the venue where guests are received: one tablet, a share of the seats, a share of the stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Identifier.
    pub id: DeskId,
    /// Of which meeting.
    pub meeting: MeetingId,
    /// As its staff call it.
    pub name: String,
    /// Whether guests are received there.
    pub standing: DeskStanding,
    /// The device that is this desk; none before one has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staffed: Option<Staffed>,
    /// The seats that it alone may give; none if it never had any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
}

/// Whether a desk is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskStanding {
    /// It is.
    Open,
    /// It is not, and what it handed out stays.
    Closed,
}

/// The device that is a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staffed {
    /// Which.
    pub device: ClientId,
    /// Who said so.
    pub by: UserId,
    /// When, on that device's clock.
    pub at: Timestamp,
}

/// Seats leased to a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Which; no two ranges overlap. None are left when they were given back.
    pub seats: Vec<SeatRange>,
    /// The lease's end.
    pub until: Timestamp,
}

/// Neighbouring seats of one table or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeatRange {
    /// Where.
    pub table: TableId,
    /// The first, from 1.
    pub from: u16,
    /// The last, itself included.
    pub to: u16,
}

impl SeatRange {
    /// Whether a seat is one of these.
    #[must_use]
    pub fn holds(self, seat: Seat) -> bool {
        self.table == seat.table && (self.from..=self.to).contains(&seat.number)
    }

    /// Whether a seat is in both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.table == other.table && self.from <= other.to && other.from <= self.to
    }
}

/// One seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// At which table or in which row.
    pub table: TableId,
    /// Its number there, from 1.
    pub number: u16,
}

/// A round table or a row of chairs, as drawn on the hall's floor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Identifier.
    pub id: TableId,
    /// In which meeting's hall.
    pub meeting: MeetingId,
    /// What stands on its card: 3, A, 主桌.
    pub name: String,
    /// Round or straight.
    pub shape: Shape,
    /// How many seats; they are numbered from 1.
    pub seats: u16,
    /// Centimetres from the hall's left wall to its middle.
    pub x: i32,
    /// Centimetres from the stage to its middle.
    pub y: i32,
    /// Degrees clockwise, 0 to 359.
    pub turn: u16,
    /// Numbers of seats that nobody gets, each once, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<u16>,
}

impl Table {
    /// Its seats that are not blocked.
    pub fn usable(&self) -> impl Iterator<Item = Seat> + '_ {
        (1..=self.seats).filter(|number| !self.blocked.contains(number)).map(|number| Seat { table: self.id, number })
    }
}

/// How seats stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// 圓桌: around a table.
    Round,
    /// 排: side by side, facing the stage.
    Row,
}

/// A seat given to a guest. Never changed but by its end, which stays visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seating {
    /// Identifier.
    pub id: SeatingId,
    /// Where.
    pub meeting: MeetingId,
    /// To whom.
    pub guest: GuestId,
    /// Which seat.
    pub seat: Seat,
    /// When, on the clock of whoever gave it.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// On which device.
    pub device: ClientId,
    /// At which desk; none if it was given in the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// It is given no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// The end of a seating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// Why.
    pub why: EndedWhy,
}

/// Why a guest has a seat no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum EndedWhy {
    /// Somebody took it back.
    TakenBack {
        /// Their words.
        reason: String,
    },
    /// The guest got another one.
    Moved,
    /// The guest had not come when the seat was needed.
    NoShow,
    /// Of two who had it, or of two seats of one guest, a person chose the other.
    Ruled,
}

/// What is set for a meeting's whole hall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// From then on the seats of guests who have not come are given on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_shows_after: Option<Timestamp>,
}

impl Entity for Desk {
    fn id(&self) -> DeskId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::DesksByMeeting(self.meeting));
    }
}

impl Entity for Table {
    fn id(&self) -> TableId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::TablesByMeeting(self.meeting));
    }
}

impl Entity for Seating {
    fn id(&self) -> SeatingId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::SeatingsByMeeting(self.meeting));
        out.push(Index::SeatingsByGuest(self.guest));
    }
}

impl Entity for Hall {
    fn id(&self) -> MeetingId {
        self.meeting
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
