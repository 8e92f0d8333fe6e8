use super::command::*;
use super::count::{Counted, Sits, Told, Why, count, of_meeting, seat_of_guest};
use super::lease::{Offer, REST_MINUTES, in_order, no_shows, offer};
use super::*;
use crate::customers::Customer;
use crate::decide::{Context, Patch, Stop, decide};
use crate::ids::CustomerId;
use crate::rejection::{Field, Rejection};
use crate::sync::records::Records;
use crate::testing::World;
use crate::testing::dice::Dice;
use crate::{Command, Kind};
use chrono::Duration;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn drawn(table: TableId, name: &str, seats: u16) -> DrawnTable {
    DrawnTable { table, name: name.into(), shape: Shape::Round, seats, x: 300, y: 400, turn: 0 }
}

/// A world with tables of two seats each, and guests.
fn hall(tables: usize, guests: usize) -> (World, Vec<TableId>, Vec<GuestId>) {
    let mut world = World::new();
    let tables: Vec<TableId> = (0..tables).map(|_| world.id()).collect();
    let all = tables.iter().enumerate().map(|(at, table)| drawn(*table, &(at + 1).to_string(), 2)).collect();
    world.apply(world.manager, PutTables { meeting: world.meeting, tables: all }).expect("managers draw");
    let guests = (0..guests).map(|at| guest(&mut world, &format!("客{at}"))).collect();
    (world, tables, guests)
}

fn guest(world: &mut World, name: &str) -> GuestId {
    let customer = world.add_customer(world.rep, name);
    world.expect_guest(world.meeting, customer)
}

fn seat(table: TableId, number: u16) -> Seat {
    Seat { table, number }
}

fn give(world: &mut World, guest: GuestId, seat: Seat) -> GiveSeats {
    GiveSeats { meeting: world.meeting, desk: None, given: vec![GivenSeat { seating: world.id(), guest, seat, instead_of: None, no_show: None }] }
}

fn given(world: &mut World, by: UserId, guest: GuestId, seat: Seat) -> SeatingId {
    let command = give(world, guest, seat);
    let seating = command.given[0].seating;
    world.apply(by, command).expect("never refused");
    seating
}

fn counted(world: &World) -> Counted {
    of_meeting(&world.records, world.meeting).expect("memory can be read")
}

fn open_desk(world: &mut World, name: &str) -> DeskId {
    let desk = world.id();
    world.apply(world.rep, OpenDesk { desk, meeting: world.meeting, name: name.into() }).expect("on duty");
    desk
}

fn lease(world: &World, desk: DeskId, table: TableId, minutes: i64) -> LeaseSeats {
    LeaseSeats { desk, seats: vec![SeatRange { table, from: 1, to: 2 }], until: world.now + Duration::minutes(minutes) }
}

fn offered(world: &World, desk: DeskId, user: UserId) -> Offer {
    offer(&world.records, world.meeting, Some(desk), world.device(user), true, world.now).expect("memory can be read")
}

fn seats_of(offer: &Offer) -> Vec<Seat> {
    let Offer::Seats(seats) = offer else { panic!("{offer:?}") };
    seats.iter().map(|free| free.seat).collect()
}

#[test]
fn c4_a_seat_given_before_the_meeting_or_at_the_door_is_the_guests() {
    let (mut world, tables, guests) = hall(1, 2);
    let (manager, rep) = (world.manager, world.rep);
    given(&mut world, manager, guests[0], seat(tables[0], 1));
    given(&mut world, rep, guests[1], seat(tables[0], 2));
    for (guest, number) in [(guests[0], 1), (guests[1], 2)] {
        let (table, found) = seat_of_guest(&world.records, guest).expect("memory can be read").expect("has a seat");
        assert_eq!((table.name.as_str(), found), ("1", seat(tables[0], number)));
    }
    let nobody = guest(&mut world, "無位");
    assert_eq!(seat_of_guest(&world.records, nobody), Ok(None));
}

#[test]
fn c4_what_two_devices_gave_is_kept_and_a_person_says_who_stays() {
    let (mut world, tables, guests) = hall(1, 2);
    let (rep, colleague) = (world.rep, world.colleague);
    let first = given(&mut world, rep, guests[0], seat(tables[0], 1));
    let second = given(&mut world, colleague, guests[1], seat(tables[0], 1));
    let by = Sits { guest: guests[0], seating: first };
    let told = Told { seating: second, guest: guests[1], seat: seat(tables[0], 1), why: Why::Taken { by } };
    assert_eq!(counted(&world).conflicts().copied().collect::<Vec<_>>(), [told]);
    assert_eq!(counted(&world).without_seat(), [told]);

    world.apply(colleague, RuleSeats { keep: second }).expect("on duty");
    assert_eq!(world.get::<Seating>(first).ended.as_ref().map(|ended| &ended.why), Some(&EndedWhy::Ruled), "kept, and visible");
    let counted = counted(&world);
    assert_eq!(counted.seats.get(&seat(tables[0], 1)).map(|sits| sits.guest), Some(guests[1]));
    assert_eq!(counted.conflicts().count(), 0);
    assert_eq!(world.apply(rep, RuleSeats { keep: second }), Err(Rejection::AlreadyRuled));
    assert_eq!(world.apply(rep, RuleSeats { keep: first }), Err(Rejection::AlreadyEnded));
}

#[test]
fn c4_a_guest_moves_when_the_old_seat_is_named_and_has_two_when_nobody_knew() {
    let (mut world, tables, guests) = hall(2, 1);
    let rep = world.rep;
    let first = given(&mut world, rep, guests[0], seat(tables[0], 1));
    let mut moved = give(&mut world, guests[0], seat(tables[0], 2));
    moved.given[0].instead_of = Some(first);
    world.apply(rep, moved).expect("on duty");
    assert_eq!(world.get::<Seating>(first).ended.as_ref().map(|ended| &ended.why), Some(&EndedWhy::Moved));
    assert_eq!((counted(&world).guests.get(&guests[0]), counted(&world).told.len()), (Some(&seat(tables[0], 2)), 0));

    given(&mut world, rep, guests[0], seat(tables[1], 1));
    let counted = counted(&world);
    assert_eq!(counted.guests.get(&guests[0]), Some(&seat(tables[0], 2)), "the first one counts");
    assert_eq!(counted.told[0].why, Why::HasAnother { seat: seat(tables[0], 2) });
    assert!(counted.without_seat().is_empty(), "whoever has two is not without");
}

#[test]
fn c4_a_seat_or_table_that_goes_leaves_its_guests_told_as_without_seat() {
    let (mut world, tables, guests) = hall(3, 3);
    let manager = world.manager;
    for (guest, table) in guests.iter().zip(&tables) {
        given(&mut world, manager, *guest, seat(*table, 2));
    }
    world
        .apply(manager, RemoveTables { meeting: world.meeting, tables: vec![tables[0], tables[0], TableId(uuid::Uuid::nil())] })
        .expect("managers draw");
    world.apply(manager, PutTables { meeting: world.meeting, tables: vec![drawn(tables[1], "2", 1)] }).expect("managers draw");
    world.apply(world.rep, BlockSeats { table: tables[2], blocked: vec![2, 2] }).expect("a chair broke");
    let told: Vec<_> = counted(&world).without_seat().iter().map(|told| (told.guest, told.why)).collect();
    assert_eq!(told, [(guests[0], Why::Gone), (guests[1], Why::Gone), (guests[2], Why::Blocked)]);
    world.apply(world.rep, BlockSeats { table: tables[2], blocked: vec![] }).expect("mended");
    assert_eq!(counted(&world).guests.get(&guests[2]), Some(&seat(tables[2], 2)));
}

#[test]
fn c4_who_does_not_come_takes_no_seat_unless_they_come_after_all() {
    let (mut world, tables, guests) = hall(1, 1);
    let rep = world.rep;
    given(&mut world, rep, guests[0], seat(tables[0], 1));
    world.answer(crate::ids::InvitationId(guests[0].0), crate::invitations::Answer::NoAnswer);
    assert_eq!(counted(&world), Counted::default(), "not told either: nobody waits for a seat");
    let command = world.check_in(world.meeting, guests[0]);
    world.apply(rep, command).expect("let in by name");
    assert_eq!(counted(&world).guests.get(&guests[0]), Some(&seat(tables[0], 1)));
}

#[test]
fn c4_a_block_is_given_by_its_desk_only_while_its_lease_runs() {
    let (mut world, tables, _) = hall(2, 0);
    let (a, b) = (open_desk(&mut world, "A"), open_desk(&mut world, "B"));
    let (rep, colleague, manager) = (world.rep, world.colleague, world.manager);
    assert_eq!(seats_of(&offered(&world, a, rep)).len(), 4, "where nothing is leased, every seat may be given");
    world.apply(manager, lease(&world, a, tables[0], 60)).expect("free seats");
    assert_eq!(offered(&world, a, rep), Offer::NotADesk, "nobody has said yet which device it is");
    world.apply(rep, StaffDesk { desk: a, take_over: false }).expect("nobody's yet");
    world.apply(colleague, StaffDesk { desk: b, take_over: false }).expect("nobody's yet");
    assert_eq!(seats_of(&offered(&world, a, rep)), [seat(tables[0], 1), seat(tables[0], 2)]);
    assert_eq!(offered(&world, a, colleague), Offer::NotADesk, "another device is this desk");
    assert_eq!(offered(&world, b, colleague), Offer::NoBlock);
    let unconfirmed = offer(&world.records, world.meeting, Some(a), world.device(rep), false, world.now);
    assert_eq!(unconfirmed, Ok(Offer::Unconfirmed));

    assert_eq!(world.apply(manager, lease(&world, b, tables[0], 60)), Err(Rejection::SeatsLeased { desk: a }));
    let until = world.get::<Desk>(a).block.as_ref().expect("leased").until;
    world.now = until;
    assert_eq!(offered(&world, a, rep), Offer::RunOut { at: until });
    assert_eq!(world.apply(manager, lease(&world, b, tables[0], 60)), Err(Rejection::SeatsLeased { desk: a }), "they rest: clocks differ");
    world.now = until + Duration::minutes(REST_MINUTES);
    world.apply(manager, lease(&world, b, tables[0], 60)).expect("rested");
    assert_eq!(seats_of(&offered(&world, b, colleague)).len(), 2);
}

#[test]
fn c4_a_running_lease_grows_but_is_cut_only_by_its_own_device() {
    let (mut world, tables, _) = hall(2, 0);
    let a = open_desk(&mut world, "A");
    let (rep, manager) = (world.rep, world.manager);
    world.apply(manager, lease(&world, a, tables[0], 60)).expect("free seats");
    world
        .apply(manager, LeaseSeats { seats: vec![SeatRange { table: tables[0], from: 2, to: 2 }], ..lease(&world, a, tables[0], 60) })
        .expect("no device is this desk: nothing can be under way");
    world.apply(rep, StaffDesk { desk: a, take_over: false }).expect("nobody's yet");
    let whole = |world: &World| LeaseSeats {
        seats: [tables[0], tables[1]].map(|table| SeatRange { table, from: 1, to: 2 }).to_vec(),
        ..lease(world, a, tables[0], 90)
    };
    world.apply(manager, whole(&world)).expect("it grows");
    let staffed = Err(Rejection::DeskStaffed { desk: a, by: rep });
    assert_eq!(world.apply(manager, lease(&world, a, tables[0], 120)).map(|_| ()), staffed, "fewer seats");
    assert_eq!(world.apply(manager, LeaseSeats { until: world.now + Duration::minutes(5), ..whole(&world) }).map(|_| ()), staffed, "a nearer end");
    assert_eq!(world.apply(manager, ReturnSeats { desk: a }).map(|_| ()), staffed);
    assert_eq!(world.apply(manager, StaffDesk { desk: a, take_over: false }).map(|_| ()), staffed);
    let close = EditDesk { desk: a, name: "A".into(), standing: DeskStanding::Closed };
    assert_eq!(world.apply(manager, close.clone()).map(|_| ()), staffed);
    world.apply(rep, ReturnSeats { desk: a }).expect("its own device");
    world.apply(manager, close).expect("nothing is leased any more");
    assert_eq!(world.apply(rep, StaffDesk { desk: a, take_over: false }), Err(Rejection::DeskClosed));
}

#[test]
fn c4_a_lost_tablets_desk_is_taken_over_by_a_person_who_says_so() {
    let (mut world, tables, _) = hall(1, 0);
    let a = open_desk(&mut world, "A");
    world.apply(world.manager, lease(&world, a, tables[0], 60)).expect("free seats");
    world.apply(world.rep, StaffDesk { desk: a, take_over: false }).expect("nobody's yet");
    world.apply(world.colleague, StaffDesk { desk: a, take_over: true }).expect("said so");
    assert_eq!(seats_of(&offered(&world, a, world.colleague)).len(), 2);
    assert_eq!(offered(&world, a, world.rep), Offer::NotADesk);
}

#[test]
fn c4_seats_of_no_shows_are_given_on_from_the_hour_that_a_person_chose() {
    let (mut world, tables, guests) = hall(1, 3);
    let (rep, manager) = (world.rep, world.manager);
    let a = open_desk(&mut world, "A");
    let late = given(&mut world, manager, guests[0], seat(tables[0], 1));
    let here = given(&mut world, manager, guests[1], seat(tables[0], 2));
    let command = world.check_in(world.meeting, guests[1]);
    world.apply(rep, command).expect("on duty");
    assert!(seats_of(&offered(&world, a, rep)).is_empty());
    let after = world.now + Duration::minutes(30);
    world.apply(rep, SetNoShowTime { meeting: world.meeting, after: Some(after) }).expect("on duty");
    assert!(seats_of(&offered(&world, a, rep)).is_empty(), "not yet");
    world.now = after;
    let Offer::Seats(free) = offered(&world, a, rep) else { panic!("seats") };
    assert_eq!(free.iter().map(|free| (free.seat, free.no_show)).collect::<Vec<_>>(), [(seat(tables[0], 1), Some(late))]);

    let mut on = give(&mut world, guests[2], seat(tables[0], 1));
    (on.desk, on.given[0].no_show) = (Some(a), free[0].no_show);
    world.apply(rep, on).expect("on duty");
    assert_eq!(world.get::<Seating>(late).ended.as_ref().map(|ended| &ended.why), Some(&EndedWhy::NoShow));
    let counted = counted(&world);
    assert_eq!((counted.guests.get(&guests[2]), counted.told.len()), (Some(&seat(tables[0], 1)), 0));
    assert_eq!(no_shows(&world.records, &counted), Ok(vec![]), "who got a seat at a desk stands there");

    // All at once, but for whoever has come meanwhile.
    world.apply(rep, ReleaseNoShows { meeting: world.meeting, seatings: vec![late, here] }).expect("on duty");
    assert_eq!(world.get::<Seating>(here).ended, None);
}

#[test]
fn c4_a_no_show_who_has_come_elsewhere_keeps_their_claim() {
    let (mut world, tables, guests) = hall(1, 2);
    let rep = world.rep;
    let late = given(&mut world, rep, guests[0], seat(tables[0], 1));
    let mut on = give(&mut world, guests[1], seat(tables[0], 1));
    on.given[0].no_show = Some(late);
    let command = world.check_in(world.meeting, guests[0]);
    world.apply(world.colleague, command).expect("at another desk");
    world.apply(rep, on).expect("kept all the same");
    assert_eq!(counted(&world).conflicts().count(), 1, "a person decides");
}

#[test]
fn c4_a_seat_taken_back_stays_visible_with_its_reason() {
    let (mut world, tables, guests) = hall(1, 1);
    let rep = world.rep;
    let seating = given(&mut world, rep, guests[0], seat(tables[0], 1));
    assert_eq!(world.apply(rep, TakeBackSeat { seating, reason: " ".into() }), Err(Rejection::Required { field: Field::Reason }));
    world.apply(rep, TakeBackSeat { seating, reason: " 換到主桌 ".into() }).expect("on duty");
    assert_eq!(world.get::<Seating>(seating).ended.as_ref().map(|ended| &ended.why), Some(&EndedWhy::TakenBack { reason: "換到主桌".into() }));
    assert_eq!(world.apply(rep, TakeBackSeat { seating, reason: "又".into() }), Err(Rejection::AlreadyEnded));
}

#[test]
fn c4_a_guest_whose_card_is_elsewhere_gets_a_seat_once_let_in_and_a_stranger_none() {
    let (mut world, tables, _) = hall(1, 0);
    let stranger: GuestId = world.id();
    let command = give(&mut world, stranger, seat(tables[0], 1));
    assert_eq!(world.decide(world.rep, &command.clone().into()), Err(Rejection::NotFound { kind: Kind::Guest }));
    let (id, meeting, at, by, device) = (world.id(), world.meeting, world.now, world.rep, world.device(world.rep));
    let method = crate::check_ins::Method::Ticket;
    world.put(crate::check_ins::CheckIn { id, meeting, guest: stranger, at, by, device, desk: "A".into(), method, undone: None });
    assert!(world.decide(world.rep, &command.into()).is_ok());
}

#[test]
fn c4_no_field_of_a_hall_is_unbounded() {
    let (mut world, tables, guests) = hall(1, 1);
    let (manager, meeting) = (world.manager, world.meeting);
    let put = |change: &dyn Fn(&mut DrawnTable)| {
        let mut table = drawn(tables[0], "1", 2);
        change(&mut table);
        Command::from(PutTables { meeting, tables: vec![table] })
    };
    let too_far = give(&mut world, guests[0], seat(tables[0], 101));
    let range = |field, min, max| Err(Rejection::OutOfRange { field, min, max });
    let check = |world: &World, command: Command, expected: Result<(), Rejection>| assert_eq!(world.decide(manager, &command).map(|_| ()), expected);
    check(&world, put(&|table| table.name = " ".into()), Err(Rejection::Required { field: Field::Table }));
    check(&world, put(&|table| table.name = "桌".repeat(41)), Err(Rejection::TooLong { field: Field::Table, max: 40, found: 41 }));
    check(&world, put(&|table| table.seats = 0), range(Field::Seat, 1, 100));
    check(&world, put(&|table| table.seats = 101), range(Field::Seat, 1, 100));
    check(&world, put(&|table| table.x = -1), range(Field::Place, 0, 20_000));
    check(&world, put(&|table| table.y = i32::MAX), range(Field::Place, 0, 20_000));
    check(&world, put(&|table| table.turn = 360), range(Field::Place, 0, 359));
    check(&world, PutTables { meeting, tables: vec![] }.into(), range(Field::Table, 1, 500));
    let many: Vec<_> = (0..500).map(|at| drawn(TableId(uuid::Uuid::from_u128(1_000_000 + at)), "1", 2)).collect();
    check(&world, PutTables { meeting, tables: many }.into(), range(Field::Table, 1, 500));
    let large: Vec<_> = (0..101).map(|at| drawn(TableId(uuid::Uuid::from_u128(1_000_000 + at)), "1", 100)).collect();
    check(&world, PutTables { meeting, tables: large }.into(), range(Field::Seat, 1, 10_000));
    check(&world, BlockSeats { table: tables[0], blocked: vec![3] }.into(), range(Field::Seat, 1, 2));
    check(&world, too_far.into(), range(Field::Seat, 1, 100));
    let desk = open_desk(&mut world, "A");
    for (from, to) in [(0, 1), (2, 1), (1, 3)] {
        let seats = vec![SeatRange { table: tables[0], from, to }];
        let command = LeaseSeats { desk, seats, until: world.now };
        assert!(matches!(world.decide(manager, &command.into()), Err(Rejection::OutOfRange { field: Field::Seat, .. })), "{from} to {to}");
    }
    let twice = vec![SeatRange { table: tables[0], from: 1, to: 2 }, SeatRange { table: tables[0], from: 2, to: 2 }];
    check(&world, LeaseSeats { desk, seats: twice, until: world.now }.into(), Err(Rejection::SeatsLeased { desk }));
    check(
        &world,
        LeaseSeats { until: Timestamp::MAX_UTC, ..lease(&world, desk, tables[0], 1) }.into(),
        Err(Rejection::Malformed { field: Field::Until }),
    );
    for at in 1..100 {
        open_desk(&mut world, &format!("{at}"));
    }
    let more = OpenDesk { desk: world.id(), meeting, name: "多".into() };
    check(&world, more.into(), range(Field::Desk, 1, 100));
}

#[test]
fn c4_tables_are_read_in_the_order_of_their_numbers() {
    let (mut world, _, _) = hall(12, 0);
    let named: TableId = world.id();
    world.apply(world.manager, PutTables { meeting: world.meeting, tables: vec![drawn(named, "主桌", 10)] }).expect("managers draw");
    let tables = world.all().filter_map(<Table as crate::record::Stored>::of).cloned().collect();
    let names: Vec<_> = in_order(tables).iter().map(|table| table.name.clone()).collect();
    assert_eq!(names, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "主桌"]);
}

/// A tablet with what it last heard, and what it did since.
struct Tablet {
    user: UserId,
    records: Records,
    unsent: Vec<(Timestamp, Command)>,
}

impl Tablet {
    fn does(&mut self, world: &World, command: Command) {
        let context = Context { actor: world.actor(self.user), at: world.now, device: world.device(self.user), authority: None };
        match decide(&self.records, &command, &context) {
            Ok(patches) => {
                patches.into_iter().for_each(|patch: Patch| self.records.apply(patch));
                self.unsent.push((world.now, command));
            }
            Err(Stop::Rejected(_)) => {}
            Err(Stop::Unavailable(_)) => unreachable!("memory can be read"),
        }
    }

    /// Sends what waits, each at the time when it was done, and hears everything.
    fn syncs(&mut self, world: &mut World) {
        let now = world.now;
        for (at, command) in std::mem::take(&mut self.unsent) {
            world.now = at;
            let _may_be_refused = world.apply(self.user, command);
        }
        world.now = now;
        self.records = world.records.clone();
    }

    /// Whether the record on the screen is the server's.
    fn is_confirmed(&self) -> bool {
        !self.unsent.iter().any(|(_, command)| matches!(command, Command::StaffDesk(_) | Command::LeaseSeats(_) | Command::ReturnSeats(_)))
    }
}

fn arbitrary(world: &mut World, tables: &[TableId], guests: &[GuestId], dice: &mut Dice) -> Command {
    let (guest, table) = (dice.pick(guests).expect("guests"), dice.pick(tables).expect("tables"));
    let here = seat(table, 1 + dice.below(2) as u16);
    let of = |world: &World, is_meant: &dyn Fn(&Seating) -> bool| {
        let all: Vec<_> = world.all().filter_map(<Seating as crate::record::Stored>::of).cloned().collect();
        all.iter().find(|seating| is_meant(seating)).map(|seating| seating.id)
    };
    let known = of(world, &|_| dice.clone().once_in(2)).unwrap_or_else(|| world.id());
    match dice.below(8) {
        0..4 => {
            let mut command = give(world, guest, here);
            command.given[0].instead_of = of(world, &|seating| seating.guest == guest && seating.ended.is_none()).filter(|_| dice.once_in(2));
            command.given[0].no_show = of(world, &|seating| seating.seat == here && seating.ended.is_none()).filter(|_| dice.once_in(2));
            command.into()
        }
        4 => TakeBackSeat { seating: known, reason: "換".into() }.into(),
        5 => RuleSeats { keep: known }.into(),
        6 => BlockSeats { table, blocked: if dice.once_in(2) { vec![1] } else { vec![] } }.into(),
        _ if dice.once_in(3) => RemoveTables { meeting: world.meeting, tables: vec![table] }.into(),
        _ => PutTables { meeting: world.meeting, tables: vec![drawn(table, "1", 1 + dice.below(2) as u16)] }.into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn c4_no_seat_counts_twice_and_nobody_is_dropped_in_any_order_of_commands(seed in any::<u64>(), turn in any::<usize>()) {
        let (mut world, tables, guests) = hall(3, 8);
        let mut dice = Dice::new(seed);
        for _ in 0..60 {
            let command = arbitrary(&mut world, &tables, &guests, &mut dice);
            let _may_be_refused = world.apply(world.manager, command);
        }
        let counted = counted(&world);
        prop_assert_eq!(counted.seats.len(), counted.guests.len());
        for (seat, sits) in &counted.seats {
            prop_assert_eq!(counted.guests.get(&sits.guest), Some(seat));
            let table = world.get::<Table>(seat.table);
            prop_assert!(table.usable().any(|usable| usable == *seat), "a seat that is there");
        }
        // Whatever stands counts or is told.
        let mut seatings: Vec<_> = world.all().filter_map(<Seating as crate::record::Stored>::of).cloned().collect();
        let standing: BTreeSet<_> = seatings.iter().filter(|seating| seating.ended.is_none()).map(|seating| seating.id).collect();
        let heard: BTreeSet<_> = counted.seats.values().map(|sits| sits.seating).chain(counted.told.iter().map(|told| told.seating)).collect();
        prop_assert_eq!(standing, heard);
        // In whichever order they arrived.
        let tables: Vec<_> = world.all().filter_map(<Table as crate::record::Stored>::of).cloned().collect();
        let len = seatings.len();
        seatings.rotate_left(turn % len.max(1));
        seatings.reverse();
        prop_assert_eq!(count(tables.iter().map(|table| &**table), seatings.iter().map(|seating| &**seating), |_| true), counted);
    }

    #[test]
    fn c4_desks_that_keep_to_their_lease_never_give_one_seat_twice(seed in any::<u64>()) {
        let (mut world, tables, guests) = hall(4, 24);
        let (a, b) = (open_desk(&mut world, "A"), open_desk(&mut world, "B"));
        let mut dice = Dice::new(seed);
        let mut tablets = [world.rep, world.colleague, world.supervisor].map(|user| Tablet { user, records: world.records.clone(), unsent: Vec::new() });
        let mut waiting = guests;
        // From the first lease on; before it one desk is enough, and this law says nothing.
        world.apply(world.manager, lease(&world, a, tables[0], 30)).expect("free seats");
        for tablet in &mut tablets {
            tablet.records = world.records.clone();
        }
        for _ in 0..120 {
            world.now += Duration::minutes(dice.below(4) as i64);
            let (desk, table) = (dice.pick(&[a, b]).expect("two"), dice.pick(&tables).expect("four"));
            let at = dice.below(3) as usize;
            let tablet = &mut tablets[at];
            match dice.below(10) {
                0 => tablet.does(&world, StaffDesk { desk, take_over: false }.into()),
                1 => tablet.does(&world, lease(&world, desk, table, 5 + dice.below(30) as i64).into()),
                2 => tablet.does(&world, ReturnSeats { desk }.into()),
                3..6 => tablet.syncs(&mut world),
                _ => {
                    let device = world.device(tablet.user);
                    let offer = offer(&tablet.records, world.meeting, Some(desk), device, tablet.is_confirmed(), world.now).expect("memory can be read");
                    if let Offer::Seats(free) = offer
                        && let Some(free) = dice.pick(&free)
                        && let Some(guest) = waiting.pop()
                    {
                        let mut command = give(&mut world, guest, free.seat);
                        command.desk = Some(desk);
                        tablet.does(&world, command.into());
                    }
                }
            }
        }
        tablets.iter_mut().for_each(|tablet| tablet.syncs(&mut world));
        let counted = counted(&world);
        prop_assert_eq!(counted.conflicts().count(), 0, "{:?}", counted.told);
    }
}

#[test]
fn c4_no_seat_is_counted_for_a_guest_of_another_meeting() {
    let (mut world, tables, _) = hall(1, 0);
    let customer: CustomerId = world.strangers_customer;
    let theirs = world.expect_guest(world.other_meeting, customer);
    assert!(world.find::<Customer>(customer).is_some());
    let command = give(&mut world, theirs, seat(tables[0], 1));
    assert_eq!(world.decide(world.manager, &command.into()), Err(Rejection::NotFound { kind: Kind::Guest }));
    let own = guest(&mut world, "本場");
    let command = GiveSeats { meeting: world.other_meeting, ..give(&mut world, theirs, seat(tables[0], 1)) };
    assert_eq!(world.decide(world.manager, &command.into()), Err(Rejection::NotFound { kind: Kind::Table }), "{own}");
}
