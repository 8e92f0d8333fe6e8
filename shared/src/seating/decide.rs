//! Rules about desks, tables and seats. A seat that was given is never refused: whether it counts is another question ([`super::count`]).

use super::command::*;
use super::count::has_come;
use super::lease::is_bound;
use super::{Block, Desk, DeskStanding, Ended, EndedWhy, Hall, Seat, SeatRange, Seating, Staffed, Table};
use crate::check_ins::CheckIn;
use crate::check_ins::decide::need_duty;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{DeskId, GuestId, MeetingId, SeatingId, TableId};
use crate::meetings::decide::planned;
use crate::meetings::{Guest, Meeting};
use crate::record::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest name of a desk or a table.
pub const DESK_NAME_MAX: usize = 40;
/// Most desks of a meeting.
pub const MOST_DESKS: usize = 100;
/// Most tables and rows of a hall.
pub const MOST_TABLES: usize = 500;
/// Most seats of one table or row.
pub const MOST_SEATS: i64 = 100;
/// Most seats of a hall.
pub const MOST_SEATS_IN_ALL: i64 = 10_000;
/// Longest side of a hall, in centimetres.
pub const HALL_MAX: i64 = 20_000;
/// Most seats, tables or guests of one command.
pub const MOST_AT_ONCE: usize = 500;
const MOST_RANGES: usize = 500;
const REASON_MAX: usize = 500;

/// Sets a desk up.
pub(crate) fn open_desk<V: View + ?Sized>(view: &V, args: &OpenDesk, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    required(Field::Desk, &args.name, DESK_NAME_MAX)?;
    view.need_free::<Desk>(args.desk)?;
    length(Field::Desk, view.list::<Desk>(&Index::DesksByMeeting(meeting.id))?.len() + 1, 1, MOST_DESKS as i64)?;
    let (id, meeting, name) = (args.desk, meeting.id, tidy(&args.name));
    Ok(vec![Patch::put(Desk { id, meeting, name, standing: DeskStanding::Open, staffed: None, block: None })])
}

/// Renames, closes or opens a desk. What is closed has no block; a block that may be in use elsewhere must be given back first.
pub(crate) fn edit_desk<V: View + ?Sized>(view: &V, args: &EditDesk, context: &Context<'_>) -> Decision {
    let desk = desk_of_duty(view, args.desk, context)?;
    required(Field::Desk, &args.name, DESK_NAME_MAX)?;
    let mut next = Desk { name: tidy(&args.name), standing: args.standing, ..(*desk).clone() };
    if args.standing == DeskStanding::Closed {
        need_within_reach(&desk, context)?;
        (next.block, next.staffed) = (given_back(&desk, context), None);
    }
    Ok(vec![Patch::put(next)])
}

/// The device becomes the desk.
pub(crate) fn staff_desk<V: View + ?Sized>(view: &V, args: &StaffDesk, context: &Context<'_>) -> Decision {
    let desk = open(desk_of_duty(view, args.desk, context)?)?;
    if !args.take_over {
        need_within_reach(&desk, context)?;
    }
    let staffed = Some(Staffed { device: context.device, by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(Desk { staffed, ..(*desk).clone() })])
}

/// Leases a block of seats. A running lease of a device that cannot be asked only grows: what it may be giving at this moment stays its own.
pub(crate) fn lease_seats<V: View + ?Sized>(view: &V, args: &LeaseSeats, context: &Context<'_>) -> Decision {
    let desk = open(desk_of_duty(view, args.desk, context)?)?;
    need_planner(context)?;
    instant(Field::Until, args.until)?;
    length(Field::Seat, args.seats.len(), 1, MOST_RANGES as i64)?;
    let tables: BTreeMap<TableId, u16> =
        view.list::<Table>(&Index::TablesByMeeting(desk.meeting))?.iter().map(|table| (table.id, table.seats)).collect();
    for (at, range) in args.seats.iter().enumerate() {
        let seats = tables.get(&range.table).ok_or(Rejection::NotFound { kind: Kind::Table })?;
        within(Field::Seat, i64::from(range.from), 1, i64::from(range.to))?;
        within(Field::Seat, i64::from(range.to), 1, i64::from(*seats))?;
        if args.seats[..at].iter().any(|earlier| earlier.overlaps(*range)) {
            return Err(Rejection::SeatsLeased { desk: desk.id }.into());
        }
    }
    for other in view.list::<Desk>(&Index::DesksByMeeting(desk.meeting))? {
        let theirs = other.block.iter().flat_map(|block| &block.seats);
        if other.id != desk.id && is_bound(&other, context.at) && theirs.into_iter().any(|range| args.seats.iter().any(|new| new.overlaps(*range))) {
            return Err(Rejection::SeatsLeased { desk: other.id }.into());
        }
    }
    if let Some(before) = &desk.block
        && (args.until < before.until || !before.seats.iter().all(|range| covered(*range, &args.seats)))
    {
        need_within_reach(&desk, context)?;
    }
    let block = Some(Block { seats: args.seats.clone(), until: args.until });
    Ok(vec![Patch::put(Desk { block, ..(*desk).clone() })])
}

/// The desk's own device gives its seats back.
pub(crate) fn return_seats<V: View + ?Sized>(view: &V, args: &ReturnSeats, context: &Context<'_>) -> Decision {
    let desk = desk_of_duty(view, args.desk, context)?;
    need_within_reach(&desk, context)?;
    Ok(vec![Patch::put(Desk { block: given_back(&desk, context), ..(*desk).clone() })])
}

/// Draws tables and rows. Blocked seats of those that are there already stay blocked.
pub(crate) fn put_tables<V: View + ?Sized>(view: &V, args: &PutTables, context: &Context<'_>) -> Decision {
    let meeting = hall_of_planner(view, args.meeting, context)?;
    length(Field::Table, args.tables.len(), 1, MOST_AT_ONCE as i64)?;
    let mut seats: BTreeMap<TableId, i64> = BTreeMap::new();
    for table in view.list::<Table>(&Index::TablesByMeeting(meeting.id))? {
        seats.insert(table.id, i64::from(table.seats));
    }
    let (mut named, mut patches) = (BTreeSet::new(), Vec::with_capacity(args.tables.len()));
    for drawn in &args.tables {
        required(Field::Table, &drawn.name, DESK_NAME_MAX)?;
        within(Field::Seat, i64::from(drawn.seats), 1, MOST_SEATS)?;
        within(Field::Place, i64::from(drawn.x), 0, HALL_MAX)?;
        within(Field::Place, i64::from(drawn.y), 0, HALL_MAX)?;
        within(Field::Place, i64::from(drawn.turn), 0, 359)?;
        if !named.insert(drawn.table) {
            return Err(Rejection::AlreadyExists { kind: Kind::Table }.into());
        }
        let before = view.get::<Table>(drawn.table)?;
        if before.as_ref().is_some_and(|before| before.meeting != meeting.id) {
            return Err(Rejection::AlreadyExists { kind: Kind::Table }.into());
        }
        let blocked = before.iter().flat_map(|before| before.blocked.iter().copied()).filter(|number| *number <= drawn.seats).collect();
        seats.insert(drawn.table, i64::from(drawn.seats));
        let &DrawnTable { table: id, shape, seats, x, y, turn, .. } = drawn;
        patches.push(Patch::put(Table { id, meeting: meeting.id, name: tidy(&drawn.name), shape, seats, x, y, turn, blocked }));
    }
    length(Field::Table, seats.len(), 1, MOST_TABLES as i64)?;
    within(Field::Seat, seats.values().sum(), 1, MOST_SEATS_IN_ALL)?;
    Ok(patches)
}

/// Takes tables away; those that are gone already are no matter.
pub(crate) fn remove_tables<V: View + ?Sized>(view: &V, args: &RemoveTables, context: &Context<'_>) -> Decision {
    let meeting = hall_of_planner(view, args.meeting, context)?;
    length(Field::Table, args.tables.len(), 1, MOST_AT_ONCE as i64)?;
    let mut gone = BTreeSet::new();
    for &table in &args.tables {
        if view.get::<Table>(table)?.is_some_and(|known| known.meeting == meeting.id) {
            gone.insert(table);
        }
    }
    Ok(gone.into_iter().map(Patch::delete::<Table>).collect())
}

/// Blocks seats of a table, all others are usable. Whoever is on duty may: a chair breaks at the venue.
pub(crate) fn block_seats<V: View + ?Sized>(view: &V, args: &BlockSeats, context: &Context<'_>) -> Decision {
    let table = view.need::<Table>(args.table)?;
    need_duty(view, &*planned(view, table.meeting)?, context)?;
    length(Field::Seat, args.blocked.len(), 0, MOST_SEATS)?;
    let blocked: BTreeSet<u16> = args.blocked.iter().copied().collect();
    for &number in &blocked {
        within(Field::Seat, i64::from(number), 1, i64::from(table.seats))?;
    }
    Ok(vec![Patch::put(Table { blocked: blocked.into_iter().collect(), ..(*table).clone() })])
}

/// Gives seats. What is taken, blocked or gone meanwhile is kept like the rest, and told; a guest moves when the caller names what is replaced.
pub(crate) fn give_seats<V: View + ?Sized>(view: &V, args: &GiveSeats, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    length(Field::Seat, args.given.len(), 1, MOST_AT_ONCE as i64)?;
    let (mut new, mut over) = (BTreeMap::new(), BTreeMap::new());
    for given in &args.given {
        view.need_free::<Seating>(given.seating)?;
        need_guest(view, meeting.id, given.guest)?;
        within(Field::Seat, i64::from(given.seat.number), 1, MOST_SEATS)?;
        if view.get::<Table>(given.seat.table)?.is_some_and(|table| table.meeting != meeting.id) {
            return Err(Rejection::NotFound { kind: Kind::Table }.into());
        }
        if let Some(before) = standing(view, given.instead_of, |before| before.guest == given.guest)? {
            over.insert(before.id, ended(&before, EndedWhy::Moved, context));
        }
        if let Some(before) = standing(view, given.no_show, |before| before.seat == given.seat && before.guest != given.guest)?
            && !has_come(view, before.guest)?
        {
            over.insert(before.id, ended(&before, EndedWhy::NoShow, context));
        }
        let (id, desk) = (given.seating, args.desk);
        let &GivenSeat { guest, seat, .. } = given;
        let (at, by, device) = (context.at, context.actor.user, context.device);
        let seating = Seating { id, meeting: meeting.id, guest, seat, at, by, device, desk, ended: None };
        if new.insert(id, seating).is_some() {
            return Err(Rejection::AlreadyExists { kind: Kind::Seating }.into());
        }
    }
    Ok(over.into_values().chain(new.into_values()).map(Patch::put).collect())
}

/// Takes a seat back; it stays visible as taken back.
pub(crate) fn take_back_seat<V: View + ?Sized>(view: &V, args: &TakeBackSeat, context: &Context<'_>) -> Decision {
    let seating = seating_of_duty(view, args.seating, context)?;
    required_text(Field::Reason, &args.reason, REASON_MAX)?;
    Ok(vec![Patch::put(ended(&seating, EndedWhy::TakenBack { reason: tidy(&args.reason) }, context))])
}

/// Releases seats of guests who have not come.
pub(crate) fn release_no_shows<V: View + ?Sized>(view: &V, args: &ReleaseNoShows, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    length(Field::Seat, args.seatings.len(), 1, MOST_AT_ONCE as i64)?;
    let mut over = BTreeMap::new();
    for &id in &args.seatings {
        if let Some(seating) = standing(view, Some(id), |seating| seating.meeting == meeting.id)?
            && !has_come(view, seating.guest)?
        {
            over.insert(id, ended(&seating, EndedWhy::NoShow, context));
        }
    }
    Ok(over.into_values().map(Patch::put).collect())
}

/// Ends whatever clashes with one seating.
pub(crate) fn rule_seats<V: View + ?Sized>(view: &V, args: &RuleSeats, context: &Context<'_>) -> Decision {
    let keep = seating_of_duty(view, args.keep, context)?;
    let clashes = |other: &Seating| other.id != keep.id && other.ended.is_none() && (other.seat == keep.seat || other.guest == keep.guest);
    let all = view.list::<Seating>(&Index::SeatingsByMeeting(keep.meeting))?;
    let over: Vec<_> = all.iter().filter(|other| clashes(other)).map(|other| Patch::put(ended(other, EndedWhy::Ruled, context))).collect();
    if over.is_empty() { Err(Rejection::AlreadyRuled.into()) } else { Ok(over) }
}

/// Sets the hour from which on the seats of no-shows are given on.
pub(crate) fn set_no_show_time<V: View + ?Sized>(view: &V, args: &SetNoShowTime, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    if let Some(after) = args.after {
        instant(Field::Due, after)?;
    }
    Ok(vec![Patch::put(Hall { meeting: meeting.id, no_shows_after: args.after })])
}

/// Who plans a meeting's hall, desks and stock: managers, and supervisors where their people are on duty.
pub(crate) fn need_planner(context: &Context<'_>) -> Result<(), Stop> {
    Ok(context.actor.need_role(&[Role::Supervisor, Role::Manager])?)
}

/// A guest of a meeting: by the card, or, where the card has not arrived, by a check-in with a good ticket.
pub(crate) fn need_guest<V: View + ?Sized>(view: &V, meeting: MeetingId, guest: GuestId) -> Result<(), Stop> {
    let is_let_in = || Ok::<_, Stop>(view.list::<CheckIn>(&Index::CheckInsByGuest(guest))?.iter().any(|check_in| check_in.meeting == meeting));
    match view.get::<Guest>(guest)? {
        Some(card) if card.meeting == meeting => Ok(()),
        None if is_let_in()? => Ok(()),
        _ => Err(Rejection::NotFound { kind: Kind::Guest }.into()),
    }
}

fn hall_of_planner<V: View + ?Sized>(view: &V, meeting: MeetingId, context: &Context<'_>) -> Result<Arc<Meeting>, Stop> {
    let meeting = planned(view, meeting)?;
    need_duty(view, &meeting, context)?;
    need_planner(context)?;
    Ok(meeting)
}

fn desk_of_duty<V: View + ?Sized>(view: &V, desk: DeskId, context: &Context<'_>) -> Result<Arc<Desk>, Stop> {
    let desk = view.need::<Desk>(desk)?;
    need_duty(view, &*planned(view, desk.meeting)?, context)?;
    Ok(desk)
}

fn seating_of_duty<V: View + ?Sized>(view: &V, seating: SeatingId, context: &Context<'_>) -> Result<Arc<Seating>, Stop> {
    let seating = view.need::<Seating>(seating)?;
    need_duty(view, &*view.need::<Meeting>(seating.meeting)?, context)?;
    if seating.ended.is_some() { Err(Rejection::AlreadyEnded.into()) } else { Ok(seating) }
}

fn open(desk: Arc<Desk>) -> Result<Arc<Desk>, Stop> {
    if desk.standing == DeskStanding::Open { Ok(desk) } else { Err(Rejection::DeskClosed.into()) }
}

/// Refuses what another device, which may be giving these seats at this moment, has not agreed to.
fn need_within_reach(desk: &Desk, context: &Context<'_>) -> Result<(), Stop> {
    match desk.staffed {
        Some(staffed) if staffed.device != context.device && is_bound(desk, context.at) => {
            Err(Rejection::DeskStaffed { desk: desk.id, by: staffed.by }.into())
        }
        _ => Ok(()),
    }
}

/// A block without seats, not no block: where leases were given once, nobody goes back to giving every seat.
fn given_back(desk: &Desk, context: &Context<'_>) -> Option<Block> {
    desk.block.as_ref().map(|_| Block { seats: Vec::new(), until: context.at })
}

/// Whether every seat of a range is in one of some ranges.
fn covered(range: SeatRange, by: &[SeatRange]) -> bool {
    (range.from..=range.to).all(|number| by.iter().any(|other| other.holds(Seat { table: range.table, number })))
}

fn standing<V: View + ?Sized>(view: &V, id: Option<SeatingId>, is_meant: impl Fn(&Seating) -> bool) -> Result<Option<Arc<Seating>>, Stop> {
    let Some(id) = id else { return Ok(None) };
    Ok(view.get::<Seating>(id)?.filter(|seating| seating.ended.is_none() && is_meant(seating)))
}

fn ended(seating: &Seating, why: EndedWhy, context: &Context<'_>) -> Seating {
    Seating { ended: Some(Ended { at: context.at, by: context.actor.user, why }), ..seating.clone() }
}
