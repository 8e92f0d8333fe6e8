//! Which seats a desk may give while nobody can be asked (docs/decisions/0016-seats-and-leases.md).
//!
//! Law: where blocks are leased, two desks that both keep to this never give the same seat, whatever they hear of each other: a block is in one
//! lease at a time, a lease has one device, and a lease that ran out rests for [`REST_MINUTES`] before its seats go to another desk.

use super::count::{Counted, has_come, of_meeting};
use super::{Desk, DeskStanding, Hall, Seat, Seating, Table};
use crate::decide::{Unavailable, View, ViewExt};
use crate::ids::{ClientId, DeskId, MeetingId, SeatingId};
use crate::record::Index;
use crate::time::Timestamp;
use chrono::TimeDelta;
use std::sync::Arc;

/// How long the seats of a lease that ran out stay with nobody: devices' clocks differ, and from two minutes on the app says that one is wrong.
pub const REST_MINUTES: i64 = 10;

/// What a desk may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// These, in the order of tables and numbers.
    Seats(Vec<FreeSeat>),
    /// Nothing is drawn in this hall.
    NoSeats,
    /// Blocks are leased here, and this device is none of the desks that have one.
    NotADesk,
    /// The desk has no block.
    NoBlock,
    /// The desk's lease has run out.
    RunOut {
        /// When.
        at: Timestamp,
    },
    /// The server has not said yet that this device is the desk: another one may have been quicker.
    Unconfirmed,
}

/// A seat that may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSeat {
    /// Which.
    pub seat: Seat,
    /// Was given to somebody who has not come, and is released by the hour.
    pub no_show: Option<SeatingId>,
}

/// Whether a desk's block cannot be given to others yet.
#[must_use]
pub fn is_bound(desk: &Desk, now: Timestamp) -> bool {
    desk.block.as_ref().is_some_and(|block| !block.seats.is_empty() && now < block.until + TimeDelta::minutes(REST_MINUTES))
}

/// What the device may give at a desk now. Where no block was ever leased, one desk is enough, and every seat may be given.
/// `is_confirmed` says whether the desk's record came from the server as it is.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn offer<V: View + ?Sized>(
    view: &V,
    meeting: MeetingId,
    desk: Option<DeskId>,
    device: ClientId,
    is_confirmed: bool,
    now: Timestamp,
) -> Result<Offer, Unavailable> {
    let tables = in_order(view.list::<Table>(&Index::TablesByMeeting(meeting))?);
    if tables.is_empty() {
        return Ok(Offer::NoSeats);
    }
    let desks = view.list::<Desk>(&Index::DesksByMeeting(meeting))?;
    let all = || tables.iter().flat_map(|table| table.usable());
    if desks.iter().all(|desk| desk.block.is_none()) {
        return free(view, meeting, all(), now).map(Offer::Seats);
    }
    let own = desks.iter().find(|other| Some(other.id) == desk && other.standing == DeskStanding::Open);
    let Some(own) = own.filter(|own| own.staffed.is_some_and(|staffed| staffed.device == device)) else { return Ok(Offer::NotADesk) };
    let Some(block) = own.block.as_ref().filter(|block| !block.seats.is_empty()) else { return Ok(Offer::NoBlock) };
    if now >= block.until {
        return Ok(Offer::RunOut { at: block.until });
    }
    if !is_confirmed {
        return Ok(Offer::Unconfirmed);
    }
    let seats = all().filter(|seat| block.seats.iter().any(|range| range.holds(*seat)));
    free(view, meeting, seats, now).map(Offer::Seats)
}

/// Those of some seats that are nobody's, or a no-show's from the hour on.
fn free<V: View + ?Sized>(view: &V, meeting: MeetingId, of: impl Iterator<Item = Seat>, now: Timestamp) -> Result<Vec<FreeSeat>, Unavailable> {
    let counted = of_meeting(view, meeting)?;
    let released = released(view, meeting, &counted, now)?;
    let free = |seat: Seat| match counted.seats.get(&seat) {
        None => Some(FreeSeat { seat, no_show: None }),
        Some(sits) => released.contains(&sits.seating).then_some(FreeSeat { seat, no_show: Some(sits.seating) }),
    };
    // Nobody's seats first: who comes late still finds theirs.
    let (mut empty, late): (Vec<_>, Vec<_>) = of.filter_map(free).partition(|seat| seat.no_show.is_none());
    empty.extend(late);
    Ok(empty)
}

/// The seatings that count of guests who have not come, once the hour has passed that a person chose.
fn released<V: View + ?Sized>(view: &V, meeting: MeetingId, counted: &Counted, now: Timestamp) -> Result<Vec<SeatingId>, Unavailable> {
    let after = view.get::<Hall>(meeting)?.and_then(|hall| hall.no_shows_after);
    if after.is_none_or(|after| now < after) {
        return Ok(Vec::new());
    }
    no_shows(view, counted)
}

/// The seatings that count of guests who have not come.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn no_shows<V: View + ?Sized>(view: &V, counted: &Counted) -> Result<Vec<SeatingId>, Unavailable> {
    let mut seatings = Vec::new();
    for sits in counted.seats.values() {
        // A seat given at a desk is given to somebody who stands there.
        let at_a_desk = || Ok(view.get::<Seating>(sits.seating)?.is_some_and(|seating| seating.desk.is_some()));
        if !at_a_desk()? && !has_come(view, sits.guest)? {
            seatings.push(sits.seating);
        }
    }
    Ok(seatings)
}

/// Tables as people look for them: by name with its numbers as numbers, so that 2 comes before 10.
#[must_use]
pub fn in_order(mut tables: Vec<Arc<Table>>) -> Vec<Arc<Table>> {
    let number = |table: &Table| table.name.chars().filter(char::is_ascii_digit).collect::<String>().parse::<u64>().ok();
    let letters = |table: &Table| table.name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    tables.sort_by_cached_key(|table| (letters(table), number(table), table.name.clone(), table.id));
    tables
}
