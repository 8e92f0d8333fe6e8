//! Who sits where, counted from everything that was given.
//!
//! Law: a seat counts for one guest at most, and a guest has one seat at most. The order in which seatings arrived does not matter; the one that
//! was given first counts, and whoever is left over is told, never dropped.
//!
//! ```text
//! given: 3-1 to A (9:01), 3-1 to B (9:02), 3-2 to A (9:03)     counts: 3-1 A      told: B, whose seat A has; A, who has another
//! ```

use super::{Seat, Seating, Table};
use crate::check_ins::CheckIn;
use crate::decide::{Unavailable, View, ViewExt};
use crate::ids::{GuestId, MeetingId, SeatingId, TableId};
use crate::meetings::{Guest, Standing};
use crate::record::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who sits where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Each seat that is somebody's.
    pub seats: BTreeMap<Seat, Sits>,
    /// Each guest who has a seat.
    pub guests: BTreeMap<GuestId, Seat>,
    /// Seatings that stand and do not count, in the order in which they were given.
    pub told: Vec<Told>,
}

/// By which seating a seat is whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sits {
    /// Whose.
    pub guest: GuestId,
    /// By which seating.
    pub seating: SeatingId,
}

/// A seating that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub seating: SeatingId,
    /// Whose.
    pub guest: GuestId,
    /// The seat that was meant.
    pub seat: Seat,
    /// Why it does not count.
    pub why: Why,
}

/// Why a seating does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The table is gone, or has fewer seats.
    Gone,
    /// The seat is blocked.
    Blocked,
    /// Another guest got the same seat first.
    Taken {
        /// Who, by which seating.
        by: Sits,
    },
    /// The guest got another seat first.
    HasAnother {
        /// Which.
        seat: Seat,
    },
}

impl Counted {
    /// Guests who were given a seat and have none now, each once: their table is gone, their seat is blocked or somebody else's.
    #[must_use]
    pub fn without_seat(&self) -> Vec<Told> {
        let mut seen = BTreeSet::new();
        self.told.iter().filter(|told| !self.guests.contains_key(&told.guest) && seen.insert(told.guest)).copied().collect()
    }

    /// What a person must decide: two guests on one seat, or two seats of one guest.
    pub fn conflicts(&self) -> impl Iterator<Item = &Told> {
        self.told.iter().filter(|told| matches!(told.why, Why::Taken { .. } | Why::HasAnother { .. }))
    }
}

/// Counts. Seatings that have ended, and those of guests who do not come, take no seat and are not told.
pub fn count<'a>(
    tables: impl IntoIterator<Item = &'a Table>,
    seatings: impl IntoIterator<Item = &'a Seating>,
    comes: impl Fn(GuestId) -> bool,
) -> Counted {
    let tables: BTreeMap<TableId, &Table> = tables.into_iter().map(|table| (table.id, table)).collect();
    let mut given: Vec<&Seating> = seatings.into_iter().filter(|seating| seating.ended.is_none() && comes(seating.guest)).collect();
    given.sort_unstable_by_key(|seating| (seating.at, seating.id));
    let mut counted = Counted::default();
    for &Seating { id, guest, seat, .. } in given {
        match why_not(&tables, &counted, guest, seat) {
            Some(why) => counted.told.push(Told { seating: id, guest, seat, why }),
            None => {
                counted.seats.insert(seat, Sits { guest, seating: id });
                counted.guests.insert(guest, seat);
            }
        }
    }
    counted
}

fn why_not(tables: &BTreeMap<TableId, &Table>, counted: &Counted, guest: GuestId, seat: Seat) -> Option<Why> {
    let Some(table) = tables.get(&seat.table).filter(|table| (1..=table.seats).contains(&seat.number)) else { return Some(Why::Gone) };
    if table.blocked.contains(&seat.number) {
        return Some(Why::Blocked);
    }
    let taken = counted.seats.get(&seat).map(|&by| Why::Taken { by });
    taken.or_else(|| counted.guests.get(&guest).map(|&seat| Why::HasAnother { seat }))
}

/// Who sits where in a meeting. Who said no and was not let in after all has no seat.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn of_meeting<V: View + ?Sized>(view: &V, meeting: MeetingId) -> Result<Counted, Unavailable> {
    let tables = view.list::<Table>(&Index::TablesByMeeting(meeting))?;
    let seatings = view.list::<Seating>(&Index::SeatingsByMeeting(meeting))?;
    let mut away = BTreeSet::new();
    for seating in &seatings {
        let revoked = || Ok(view.get::<Guest>(seating.guest)?.is_some_and(|card| card.standing == Standing::Revoked));
        if seating.ended.is_none() && revoked()? && !has_come(view, seating.guest)? {
            away.insert(seating.guest);
        }
    }
    Ok(count(tables.iter().map(|table| &**table), seatings.iter().map(|seating| &**seating), |guest| !away.contains(&guest)))
}

/// The seat of a guest, and the table or row where it is. A meeting's seats are counted for it.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn seat_of_guest<V: View + ?Sized>(view: &V, guest: GuestId) -> Result<Option<(Arc<Table>, Seat)>, Unavailable> {
    let given = view.list::<Seating>(&Index::SeatingsByGuest(guest))?;
    let Some(standing) = given.iter().find(|seating| seating.ended.is_none()) else { return Ok(None) };
    let Some(&seat) = of_meeting(view, standing.meeting)?.guests.get(&guest) else { return Ok(None) };
    Ok(view.get::<Table>(seat.table)?.map(|table| (table, seat)))
}

/// Whether a guest has been let in.
pub(crate) fn has_come<V: View + ?Sized>(view: &V, guest: GuestId) -> Result<bool, Unavailable> {
    Ok(view.list::<CheckIn>(&Index::CheckInsByGuest(guest))?.iter().any(|check_in| check_in.undone.is_none()))
}
