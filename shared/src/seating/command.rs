//! What may be asked about desks, tables and seats.

use super::{DeskStanding, Seat, SeatRange, Shape};
use crate::ids::{DeskId, GuestId, MeetingId, SeatingId, TableId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Sets a desk up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDesk {
    /// Identifier, made by the caller.
    pub desk: DeskId,
    /// Of which meeting.
    pub meeting: MeetingId,
    /// Its name.
    pub name: String,
}

/// Renames a desk, closes it, or opens it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditDesk {
    /// Which.
    pub desk: DeskId,
    /// Its name.
    pub name: String,
    /// Whether guests are received there.
    pub standing: DeskStanding,
}

/// The device that asks is this desk from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffDesk {
    /// Which.
    pub desk: DeskId,
    /// Though another device is this desk and may still be giving its seats: a person knows that it is lost or put away.
    pub take_over: bool,
}

/// Leases seats to a desk: the whole block that it has from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseSeats {
    /// To which.
    pub desk: DeskId,
    /// Which seats.
    pub seats: Vec<SeatRange>,
    /// Until when.
    pub until: Timestamp,
}

/// The desk gives its seats back, so that others may have them before the lease ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnSeats {
    /// Which desk.
    pub desk: DeskId,
}

/// Draws tables and rows, or changes them. Those that are not named stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutTables {
    /// In which meeting's hall.
    pub meeting: MeetingId,
    /// New ones and changed ones.
    pub tables: Vec<DrawnTable>,
}

/// A table or row as drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnTable {
    /// Identifier, made by the caller.
    pub table: TableId,
    /// What stands on its card.
    pub name: String,
    /// Round or straight.
    pub shape: Shape,
    /// How many seats.
    pub seats: u16,
    /// Centimetres from the left wall to its middle.
    pub x: i32,
    /// Centimetres from the stage to its middle.
    pub y: i32,
    /// Degrees clockwise.
    pub turn: u16,
}

/// Takes tables away. Their guests are without a seat, and told as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveTables {
    /// From which meeting's hall.
    pub meeting: MeetingId,
    /// Which.
    pub tables: Vec<TableId>,
}

/// Says which seats of a table nobody gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockSeats {
    /// At which table.
    pub table: TableId,
    /// All that are blocked from now on.
    pub blocked: Vec<u16>,
}

/// Gives seats to guests. A field fact: somebody may be sitting there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveSeats {
    /// In which meeting.
    pub meeting: MeetingId,
    /// At which desk; none in the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// Who gets which.
    pub given: Vec<GivenSeat>,
}

/// A seat for a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenSeat {
    /// Identifier of the seating, made by the caller.
    pub seating: SeatingId,
    /// To whom.
    pub guest: GuestId,
    /// Which.
    pub seat: Seat,
    /// The guest's seating that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<SeatingId>,
    /// The seating of somebody who has not come, whose seat this is. If they have come after all, both are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_show: Option<SeatingId>,
}

/// Takes a seat back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBackSeat {
    /// Which seating.
    pub seating: SeatingId,
    /// Why.
    pub reason: String,
}

/// Releases the seats of guests who have not come. Those who have come meanwhile keep theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseNoShows {
    /// In which meeting.
    pub meeting: MeetingId,
    /// Which seatings.
    pub seatings: Vec<SeatingId>,
}

/// Decides who keeps a seat, or which seat a guest keeps: every other seating of the same seat or of the same guest ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSeats {
    /// The one that stays.
    pub keep: SeatingId,
}

/// Says from when on the seats of guests who have not come are given on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNoShowTime {
    /// In which meeting.
    pub meeting: MeetingId,
    /// From when on; none if they are kept.
    pub after: Option<Timestamp>,
}
