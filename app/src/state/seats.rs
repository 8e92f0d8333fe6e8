//! Seats as people see them (clauses C4, D3, D4, D7): where a guest sits, what a desk may give, who waits, what clashes, and how full each table is.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::venue::{Who, first_arrivals, who};
use shared::ids::{ClientId, DeskId, GuestId, MeetingId, SeatingId, TableId};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::record::{Index, Key, Kind};
use shared::seating::command::GivenSeat;
use shared::seating::count::{Counted, Told, Why, of_meeting, seat_of_guest};
use shared::seating::lease::{self, FreeSeat, Offer, in_order};
use shared::seating::{Desk, DeskStanding, Hall, Seat, Seating, Shape, Table};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A seat as it is said: the table's name and the number there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatName {
    pub(crate) seat: Seat,
    pub(crate) table: String,
    pub(crate) shape: Shape,
}

impl SeatName {
    fn of(table: &Table, seat: Seat) -> Self {
        Self { seat, table: table.name.clone(), shape: table.shape }
    }
}

/// Where a guest sits; none without a seat.
pub(crate) fn seat_of(replica: &Replica, guest: GuestId) -> Option<SeatName> {
    let (table, seat) = seat_of_guest(replica, guest).ok()??;
    Some(SeatName::of(&table, seat))
}

/// The seating that a new seat of this guest replaces.
pub(crate) fn seating_of(replica: &Replica, guest: GuestId) -> Option<SeatingId> {
    let standing: Vec<_> = replica.nouns::<Seating>(&Index::SeatingsByGuest(guest)).into_iter().filter(|seating| seating.ended.is_none()).collect();
    let counts = || counted(replica, standing.first()?.meeting).seats.into_values().find(|sits| sits.guest == guest).map(|sits| sits.seating);
    match &standing[..] {
        [only] => Some(only.id),
        _ => counts(),
    }
}

/// A seat's name; none if its table is gone.
pub(crate) fn named(replica: &Replica, seat: Seat) -> Option<SeatName> {
    replica.noun::<Table>(seat.table).map(|table| SeatName::of(table, seat))
}

/// Who sits where in a meeting.
pub(crate) fn counted(replica: &Replica, meeting: MeetingId) -> Counted {
    of_meeting(replica, meeting).unwrap_or_default()
}

/// What this device may give at a desk at this moment.
pub(crate) fn offer(replica: &Replica, meeting: MeetingId, desk: Option<DeskId>, now: Timestamp) -> Offer {
    let is_confirmed = desk.is_none_or(|desk| !replica.is_predicted(Key { kind: Kind::Desk, id: desk.0 }));
    lease::offer(replica, meeting, desk, replica.device(), is_confirmed, now).unwrap_or(Offer::NoSeats)
}

/// The seat that a tap gives to a guest: beside colleagues' guests of the same inviter if the desk has such a seat, else the first free one.
pub(crate) fn proposed(replica: &Replica, guest: GuestId, free: &[FreeSeat]) -> Option<(FreeSeat, SeatName)> {
    let card = replica.noun::<Guest>(guest);
    let beside: BTreeSet<TableId> = card.map(|card| tables_of_inviter(replica, card)).unwrap_or_default();
    let empty = || free.iter().filter(|free| free.no_show.is_none());
    let chosen = empty().find(|free| beside.contains(&free.seat.table)).or_else(|| empty().next()).or_else(|| free.first())?;
    Some((*chosen, named(replica, chosen.seat)?))
}

fn tables_of_inviter(replica: &Replica, card: &Guest) -> BTreeSet<TableId> {
    let inviter = |guest: GuestId| replica.noun::<Guest>(guest).map(|other| other.inviter);
    counted(replica, card.meeting).seats.iter().filter(|(_, sits)| inviter(sits.guest) == Some(card.inviter)).map(|(seat, _)| seat.table).collect()
}

/// A table with everything that is drawn of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableView {
    pub(crate) table: Arc<Table>,
    /// By number, the first one first.
    pub(crate) seats: Vec<SeatView>,
}

/// One seat as drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeatView {
    pub(crate) number: u16,
    pub(crate) state: SeatState,
    /// The desk that alone may give it now.
    pub(crate) leased: Option<DeskId>,
}

/// What a seat is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SeatState {
    Free,
    Blocked,
    /// Somebody's.
    Taken {
        guest: GuestId,
        name: String,
        seating: SeatingId,
        has_come: bool,
        is_disputed: bool,
    },
}

impl TableView {
    pub(crate) fn taken(&self) -> usize {
        self.seats.iter().filter(|seat| matches!(seat.state, SeatState::Taken { .. })).count()
    }

    pub(crate) fn usable(&self) -> usize {
        self.seats.iter().filter(|seat| seat.state != SeatState::Blocked).count()
    }
}

/// The hall of a meeting, table by table in their order.
pub(crate) fn hall(replica: &Replica, meeting: MeetingId, now: Timestamp) -> Vec<TableView> {
    let counted = counted(replica, meeting);
    let arrived = first_arrivals(replica, meeting);
    let disputed: BTreeSet<Seat> = counted.told.iter().filter(|told| matches!(told.why, Why::Taken { .. })).map(|told| told.seat).collect();
    let desks = replica.nouns::<Desk>(&Index::DesksByMeeting(meeting));
    let leased = |seat: Seat| {
        let holds =
            |desk: &&&Arc<Desk>| lease::is_bound(desk, now) && desk.block.iter().flat_map(|block| &block.seats).any(|range| range.holds(seat));
        desks.iter().find(holds).map(|desk| desk.id)
    };
    let seat_view = |table: &Table, number: u16| {
        let seat = Seat { table: table.id, number };
        let taken = |sits: &shared::seating::count::Sits| SeatState::Taken {
            guest: sits.guest,
            name: guest_name(replica, sits.guest),
            seating: sits.seating,
            has_come: arrived.contains_key(&sits.guest),
            is_disputed: disputed.contains(&seat),
        };
        let state = if table.blocked.contains(&number) { SeatState::Blocked } else { counted.seats.get(&seat).map_or(SeatState::Free, taken) };
        SeatView { number, state, leased: leased(seat) }
    };
    let view = |table: Arc<Table>| TableView { seats: (1..=table.seats).map(|number| seat_view(&table, number)).collect(), table };
    tables(replica, meeting).into_iter().map(view).collect()
}

/// The tables and rows of a hall, in their order.
pub(crate) fn tables(replica: &Replica, meeting: MeetingId) -> Vec<Arc<Table>> {
    in_order(replica.nouns::<Table>(&Index::TablesByMeeting(meeting)).into_iter().cloned().collect())
}

/// A guest's name; empty if the card has not reached this device.
pub(crate) fn guest_name(replica: &Replica, guest: GuestId) -> String {
    replica.noun::<Guest>(guest).map(|guest| guest.name.clone()).unwrap_or_default()
}

/// How full a table is: pure counts for the board and the table cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableCount {
    pub(crate) table: TableId,
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// Seats that are not blocked.
    pub(crate) usable: usize,
    pub(crate) given: usize,
    /// Of those given, how many guests are in.
    pub(crate) arrived: usize,
}

/// Each table of a meeting in numbers.
pub(crate) fn by_table(replica: &Replica, meeting: MeetingId) -> Vec<TableCount> {
    let (counted, arrived) = (counted(replica, meeting), first_arrivals(replica, meeting));
    let mut numbers: BTreeMap<TableId, (usize, usize)> = BTreeMap::new();
    for (seat, sits) in &counted.seats {
        let (given, came) = numbers.entry(seat.table).or_default();
        *given += 1;
        *came += usize::from(arrived.contains_key(&sits.guest));
    }
    let count = |table: Arc<Table>| {
        let (given, arrived) = numbers.get(&table.id).copied().unwrap_or_default();
        TableCount { table: table.id, name: table.name.clone(), shape: table.shape, usable: table.usable().count(), given, arrived }
    };
    tables(replica, meeting).into_iter().map(count).collect()
}

/// Somebody who should have a seat and has none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) who: Who,
    pub(crate) has_come: bool,
    /// The seat that they were given and why they have it no more; none if they never had one.
    pub(crate) lost: Option<(Option<SeatName>, Why)>,
}

/// Guests without a seat: those who lost theirs first, then those who are in, then the expected ones.
pub(crate) fn waiting(replica: &Replica, meeting: MeetingId) -> Vec<Waiting> {
    let counted = counted(replica, meeting);
    let arrived = first_arrivals(replica, meeting);
    let lost: BTreeMap<GuestId, Told> = counted.without_seat().into_iter().map(|told| (told.guest, told)).collect();
    let is_meant = |guest: &&&Arc<Guest>| {
        let has_come = arrived.contains_key(&guest.id);
        !counted.guests.contains_key(&guest.id) && (has_come || (guest.origin == GuestOrigin::Invited && guest.standing != Standing::Revoked))
    };
    let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
    let waits = |guest: &&Arc<Guest>| Waiting {
        who: who(replica, guest),
        has_come: arrived.contains_key(&guest.id),
        lost: lost.get(&guest.id).map(|told| (named(replica, told.seat), told.why)),
    };
    let mut all: Vec<_> = guests.iter().filter(is_meant).map(waits).collect();
    all.order_by(|a, b| (a.lost.is_none(), !a.has_come, &a.who.name, a.who.guest).cmp(&(b.lost.is_none(), !b.has_come, &b.who.name, b.who.guest)));
    all
}

/// Seats for those who wait, as the office gives them before the meeting: guests of one inviter side by side, no seat that a desk holds.
pub(crate) fn filled(replica: &Replica, meeting: MeetingId, now: Timestamp, mut id: impl FnMut() -> SeatingId) -> Vec<GivenSeat> {
    let mut guests: Vec<_> = waiting(replica, meeting).into_iter().filter(|waiting| waiting.lost.is_none()).collect();
    guests.order_by(|a, b| (&a.who.inviter, &a.who.name, a.who.guest).cmp(&(&b.who.inviter, &b.who.name, b.who.guest)));
    let free = hall(replica, meeting, now).into_iter().flat_map(|view| {
        let table = view.table.id;
        view.seats
            .into_iter()
            .filter(|seat| seat.state == SeatState::Free && seat.leased.is_none())
            .map(move |seat| Seat { table, number: seat.number })
    });
    let given = |(waiting, seat): (Waiting, Seat)| GivenSeat { seating: id(), guest: waiting.who.guest, seat, instead_of: None, no_show: None };
    guests.into_iter().zip(free).take(shared::seating::decide::MOST_AT_ONCE).map(given).collect()
}

/// A clash that a person settles: two guests on one seat, or two seats of one guest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clash {
    /// Who or what it is about, as its heading says.
    pub(crate) about: About,
    pub(crate) sides: [ClashSide; 2],
}

/// What a clash is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum About {
    OneSeat(Option<SeatName>),
    OneGuest(String),
}

/// One of two seatings that exclude each other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClashSide {
    pub(crate) seating: SeatingId,
    pub(crate) guest: String,
    pub(crate) seat: Option<SeatName>,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    /// The desk's name; empty for the office.
    pub(crate) desk: String,
    pub(crate) has_come: bool,
    pub(crate) on_this_device: bool,
}

/// The clashes of a meeting, as they were given; the side that counts until somebody rules stands first.
pub(crate) fn clashes(replica: &Replica, meeting: MeetingId, device: ClientId) -> Vec<Clash> {
    let counted = counted(replica, meeting);
    let arrived = first_arrivals(replica, meeting);
    let side = |id: SeatingId| {
        let seating = replica.noun::<Seating>(id)?;
        Some(ClashSide {
            seating: id,
            guest: guest_name(replica, seating.guest),
            seat: named(replica, seating.seat),
            at: seating.at,
            by: name_of(replica, seating.by),
            desk: seating.desk.and_then(|desk| replica.noun::<Desk>(desk)).map(|desk| desk.name.clone()).unwrap_or_default(),
            has_come: arrived.contains_key(&seating.guest),
            on_this_device: seating.device == device,
        })
    };
    let clash = |told: &Told| {
        let (first, about) = match told.why {
            Why::Taken { by } => (by.seating, About::OneSeat(named(replica, told.seat))),
            Why::HasAnother { seat } => (counted.seats.get(&seat)?.seating, About::OneGuest(guest_name(replica, told.guest))),
            Why::Gone | Why::Blocked => return None,
        };
        Some(Clash { about, sides: [side(first)?, side(told.seating)?] })
    };
    counted.conflicts().filter_map(clash).collect()
}

/// How many clashes wait for somebody.
pub(crate) fn open_clashes(replica: &Replica, meeting: MeetingId) -> usize {
    counted(replica, meeting).conflicts().count()
}

/// A desk as its page shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DeskView {
    pub(crate) desk: Arc<Desk>,
    /// Who has the device that is this desk; empty if nobody.
    pub(crate) staffed_by: String,
    pub(crate) is_here: bool,
    /// The server has not ruled yet on what this device says of it.
    pub(crate) is_predicted: bool,
    pub(crate) block: Option<BlockView>,
}

/// A desk's seats as its page shows them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BlockView {
    /// Names of the tables, those in part with their numbers.
    pub(crate) tables: Vec<(String, Option<(u16, u16)>)>,
    pub(crate) seats: usize,
    pub(crate) free: usize,
    pub(crate) until: Timestamp,
    pub(crate) runs: bool,
}

/// The desks of a meeting: open ones first, by name.
pub(crate) fn desks(replica: &Replica, meeting: MeetingId, now: Timestamp) -> Vec<DeskView> {
    let counted = counted(replica, meeting);
    let block = |desk: &Desk| {
        let block = desk.block.as_ref().filter(|block| !block.seats.is_empty())?;
        let (mut names, mut seats, mut free) = (Vec::new(), 0, 0);
        for range in &block.seats {
            let Some(table) = replica.noun::<Table>(range.table) else { continue };
            let part = (range.from > 1 || range.to < table.seats).then_some((range.from, range.to));
            names.push((table.name.clone(), part));
            let usable: Vec<_> = table.usable().filter(|seat| range.holds(*seat)).collect();
            seats += usable.len();
            free += usable.iter().filter(|seat| !counted.seats.contains_key(seat)).count();
        }
        Some(BlockView { tables: names, seats, free, until: block.until, runs: now < block.until })
    };
    let view = |desk: &Arc<Desk>| DeskView {
        staffed_by: desk.staffed.map(|staffed| name_of(replica, staffed.by)).unwrap_or_default(),
        is_here: desk.staffed.is_some_and(|staffed| staffed.device == replica.device()),
        is_predicted: replica.is_predicted(Key { kind: Kind::Desk, id: desk.id.0 }),
        block: block(desk),
        desk: Arc::clone(desk),
    };
    let mut desks: Vec<_> = replica.nouns::<Desk>(&Index::DesksByMeeting(meeting)).into_iter().map(view).collect();
    desks.order_by(|a, b| {
        (a.desk.standing == DeskStanding::Closed, &a.desk.name, a.desk.id).cmp(&(b.desk.standing == DeskStanding::Closed, &b.desk.name, b.desk.id))
    });
    desks
}

/// The desk of a meeting that this device is, if it is one.
pub(crate) fn desk_here(replica: &Replica, meeting: MeetingId) -> Option<Arc<Desk>> {
    let here = |desk: &&Arc<Desk>| desk.standing == DeskStanding::Open && desk.staffed.is_some_and(|staffed| staffed.device == replica.device());
    let all = replica.nouns::<Desk>(&Index::DesksByMeeting(meeting));
    // Who took two takes the later one.
    all.into_iter().filter(here).max_by_key(|desk| desk.staffed.map(|staffed| staffed.at)).cloned()
}

/// From when on no-shows' seats are given on, and how many there are now.
pub(crate) fn no_shows(replica: &Replica, meeting: MeetingId) -> (Option<Timestamp>, Vec<SeatingId>) {
    let after = replica.noun::<Hall>(meeting).and_then(|hall| hall.no_shows_after);
    (after, lease::no_shows(replica, &counted(replica, meeting)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{World, at};
    use shared::ids::UserId;
    use shared::seating::command::*;
    use uuid::Uuid;

    fn drawn(world: &mut World, names: &[&str], seats: u16) -> Vec<TableId> {
        let ids: Vec<TableId> = names.iter().map(|_| world.id()).collect();
        let tables = ids.iter().zip(names).map(|(table, name)| DrawnTable {
            table: *table,
            name: (*name).to_owned(),
            shape: Shape::Round,
            seats,
            x: 300,
            y: 300,
            turn: 0,
        });
        let command = PutTables { meeting: world.meeting, tables: tables.collect() };
        world.apply(world.manager, command).expect("managers draw");
        ids
    }

    fn guest(world: &mut World, owner: UserId, name: &str) -> GuestId {
        let customer = world.add_customer(owner, name);
        world.expect_guest(world.meeting, customer)
    }

    fn give(world: &mut World, by: UserId, guest: GuestId, seat: Seat) -> SeatingId {
        let seating = world.id();
        let given = vec![GivenSeat { seating, guest, seat, instead_of: None, no_show: None }];
        world.apply(by, GiveSeats { meeting: world.meeting, desk: None, given }).expect("on duty");
        seating
    }

    fn let_in(world: &mut World, guest: GuestId) {
        let command = world.check_in(world.meeting, guest);
        world.apply(world.rep, command).expect("on duty");
    }

    #[test]
    fn c4_the_hall_shows_who_sits_where_who_has_come_and_what_clashes() {
        let mut world = World::new();
        let tables = drawn(&mut world, &["1", "2"], 3);
        let (rep, colleague) = (world.rep, world.colleague);
        let [first, second] = ["王大", "李二"].map(|name| guest(&mut world, rep, name));
        let seat = Seat { table: tables[0], number: 2 };
        let kept = give(&mut world, rep, first, seat);
        give(&mut world, colleague, second, seat);
        world.apply(rep, BlockSeats { table: tables[0], blocked: vec![3] }).expect("on duty");
        let_in(&mut world, first);
        let replica = world.replica(colleague);
        let hall = hall(&replica, world.meeting, world.now);
        let states: Vec<_> = hall[0].seats.iter().map(|seat| seat.state.clone()).collect();
        let taken = SeatState::Taken { guest: first, name: "王大".into(), seating: kept, has_come: true, is_disputed: true };
        assert_eq!(states, [SeatState::Free, taken, SeatState::Blocked]);
        assert_eq!((hall[0].taken(), hall[0].usable()), (1, 2));
        let count = |given, arrived, usable| (given, arrived, usable);
        let counts: Vec<_> = by_table(&replica, world.meeting).iter().map(|table| count(table.given, table.arrived, table.usable)).collect();
        assert_eq!(counts, [(1, 1, 2), (0, 0, 3)]);

        let clashes = clashes(&replica, world.meeting, world.device(colleague));
        let [clash] = &clashes[..] else { panic!("one clash: {clashes:?}") };
        let sides = clash.sides.each_ref().map(|side| (side.guest.as_str(), side.by.as_str(), side.has_come, side.on_this_device));
        assert_eq!(sides, [("王大", "林佳穎", true, false), ("李二", "吳宗翰", false, true)]);
        assert_eq!(open_clashes(&replica, world.meeting), 1);
        let waiting = waiting(&replica, world.meeting);
        let told: Vec<_> = waiting.iter().map(|one| (one.who.name.as_str(), one.lost.is_some())).collect();
        assert_eq!(told, [("李二", true)]);
    }

    #[test]
    fn c4_those_who_lost_their_seat_stand_first_among_those_who_wait() {
        let mut world = World::new();
        let tables = drawn(&mut world, &["1", "2"], 2);
        let rep = world.rep;
        let [expected, here, lost, gone] = ["甲", "乙", "丙", "丁"].map(|name| guest(&mut world, rep, name));
        let_in(&mut world, here);
        give(&mut world, rep, lost, Seat { table: tables[1], number: 1 });
        world.answer(shared::ids::InvitationId(gone.0), shared::invitations::Answer::NoAnswer);
        world.apply(world.manager, RemoveTables { meeting: world.meeting, tables: vec![tables[1]] }).expect("managers draw");
        let replica = world.replica(rep);
        let names: Vec<_> = waiting(&replica, world.meeting).iter().map(|one| one.who.guest).collect();
        assert_eq!(names, [lost, here, expected], "who does not come waits for nothing");
        assert_eq!(waiting(&replica, world.meeting)[0].lost, Some((None, Why::Gone)));
    }

    #[test]
    fn c4_the_office_fills_free_seats_with_guests_of_one_inviter_side_by_side() {
        let mut world = World::new();
        let tables = drawn(&mut world, &["1", "2"], 2);
        let (rep, colleague) = (world.rep, world.colleague);
        let mine = guest(&mut world, rep, "甲");
        let theirs = guest(&mut world, colleague, "乙");
        let mine_too = guest(&mut world, rep, "丙");
        let desk = world.id();
        world.apply(rep, OpenDesk { desk, meeting: world.meeting, name: "A".into() }).expect("on duty");
        let seats = vec![shared::seating::SeatRange { table: tables[0], from: 1, to: 1 }];
        world.apply(world.manager, LeaseSeats { desk, seats, until: world.now + chrono::TimeDelta::hours(3) }).expect("free");
        let replica = world.replica(world.manager);
        let mut next = 0;
        let given = filled(&replica, world.meeting, world.now, || {
            next += 1;
            SeatingId(Uuid::from_u128(next))
        });
        let who: Vec<_> = given.iter().map(|given| given.guest).collect();
        assert_eq!(who.len(), 3);
        let places: Vec<_> = given.iter().map(|given| (given.seat.table, given.seat.number)).collect();
        assert_eq!(places, [(tables[0], 2), (tables[1], 1), (tables[1], 2)], "the desk's own seat is left to it");
        let at = |guest: GuestId| who.iter().position(|other| *other == guest).expect("seated");
        assert_eq!(at(mine).abs_diff(at(mine_too)), 1, "side by side");
        assert!(who.contains(&theirs));
        world.apply(world.manager, GiveSeats { meeting: world.meeting, desk: None, given }).expect("managers give");
        assert!(waiting(&world.replica(rep), world.meeting).is_empty());
    }

    #[test]
    fn c4_a_tap_gives_a_seat_beside_the_inviters_other_guests_and_a_no_shows_seat_last() {
        let mut world = World::new();
        let tables = drawn(&mut world, &["1", "2"], 2);
        let (rep, colleague) = (world.rep, world.colleague);
        let [friend, new] = ["甲", "丙"].map(|name| guest(&mut world, rep, name));
        let [late, other] = ["乙", "丁"].map(|name| guest(&mut world, colleague, name));
        give(&mut world, rep, friend, Seat { table: tables[1], number: 1 });
        let seating = give(&mut world, rep, late, Seat { table: tables[0], number: 1 });
        world.apply(rep, SetNoShowTime { meeting: world.meeting, after: Some(world.now) }).expect("on duty");
        let_in(&mut world, friend);
        let replica = world.replica(rep);
        let Offer::Seats(free) = offer(&replica, world.meeting, None, world.now) else { panic!("no leases") };
        assert_eq!(free.last().map(|free| free.no_show), Some(Some(seating)));
        let name = |guest| proposed(&replica, guest, &free).map(|(_, name)| (name.table, name.seat.number));
        assert_eq!(name(new), Some(("2".to_owned(), 2)));
        assert_eq!(name(other), Some(("1".to_owned(), 2)), "an empty one beside a colleague's guest");
        assert_eq!(proposed(&replica, new, &free[2..]).map(|(free, _)| free.no_show), Some(Some(seating)), "when nothing else is left");
    }

    #[test]
    fn c4_a_desk_is_confirmed_only_when_the_server_has_said_so() {
        let mut world = World::new();
        let tables = drawn(&mut world, &["1"], 2);
        let desk = world.id();
        world.apply(world.rep, OpenDesk { desk, meeting: world.meeting, name: "A".into() }).expect("on duty");
        let seats = vec![shared::seating::SeatRange { table: tables[0], from: 1, to: 2 }];
        let until = world.now + chrono::TimeDelta::hours(3);
        world.apply(world.manager, LeaseSeats { desk, seats, until }).expect("free");
        let mut replica = world.replica(world.rep);
        let command = Some(StaffDesk { desk, take_over: false }.into());
        replica.add_pending(shared::sync::replica::Pending { uuid: Uuid::nil(), at: world.now, command, applied_at: None });
        assert_eq!(desk_here(&replica, world.meeting).map(|desk| desk.id), Some(desk));
        assert_eq!(offer(&replica, world.meeting, Some(desk), world.now), Offer::Unconfirmed);
        world.apply(world.rep, StaffDesk { desk, take_over: false }).expect("first");
        let replica = world.replica(world.rep);
        assert!(matches!(offer(&replica, world.meeting, Some(desk), world.now), Offer::Seats(free) if free.len() == 2));
        let [view] = &desks(&replica, world.meeting, world.now)[..] else { panic!("one desk") };
        let block = view.block.as_ref().expect("leased");
        assert_eq!((view.is_here, view.is_predicted, block.seats, block.free, block.runs), (true, false, 2, 2, true));
        assert_eq!(block.tables, [("1".to_owned(), None)]);
        assert!(at(0) < until);
    }
}
