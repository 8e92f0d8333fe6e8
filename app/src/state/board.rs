//! The live board of a meeting (clause D7): what can be counted from what this device holds, and how old that is.
//!
//! Law: a number never looks newer than it is. Deals are those that this device may hold; whose they are is said beside them.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::seats::{TableCount, by_table};
use crate::state::stock::{StockCount, by_item};
use crate::state::venue::{Numbers, first_arrivals, numbers};
use chrono::TimeDelta;
use shared::check_ins::CheckIn;
use shared::deals::{Deal, Stage};
use shared::ids::{DeskId, MeetingId, UserId};
use shared::meetings::{Guest, GuestOrigin, Meeting, Standing};
use shared::money::{Currency, Money};
use shared::people::Role;
use shared::record::Index;
use shared::seating::heard::DeskHeard;
use shared::seating::{Desk, DeskStanding, Seating};
use shared::stock::Handout;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A meeting in numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Board {
    pub(crate) meeting: Arc<Meeting>,
    pub(crate) numbers: Numbers,
    /// Guests who said yes again on the day before.
    pub(crate) confirmed: usize,
    pub(crate) by_rep: Vec<RepRow>,
    /// Arrivals in equal spans of time, from the first to the last.
    pub(crate) spans: Vec<Span>,
    pub(crate) desks: Vec<DeskRow>,
    /// Tables in the hall's order; none where no hall was drawn.
    pub(crate) tables: Vec<TableCount>,
    /// Gifts and materials; none where none were planned.
    pub(crate) stock: Vec<StockCount>,
    pub(crate) deals: DealNumbers,
    pub(crate) last_arrival: Option<Timestamp>,
}

/// What one rep's guests did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RepRow {
    pub(crate) rep: UserId,
    pub(crate) name: String,
    pub(crate) expected: usize,
    /// How many of those are in.
    pub(crate) arrived: usize,
    /// Guests without an invitation whom the rep received.
    pub(crate) walk_ins: usize,
    pub(crate) signed: usize,
    pub(crate) sold: Money,
}

/// Arrivals in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) minutes: i64,
    pub(crate) arrived: usize,
}

/// What was heard of a desk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DeskRow {
    /// The open desk of this name; none if check-ins alone name it.
    pub(crate) id: Option<DeskId>,
    pub(crate) desk: String,
    pub(crate) arrived: usize,
    /// The latest record from there that this device has, by that desk's clock; none if it was not heard of yet.
    pub(crate) last: Option<Timestamp>,
}

impl Board {
    /// Desks that should have been heard of and were not.
    pub(crate) fn unheard(&self) -> usize {
        self.desks.iter().filter(|desk| desk.last.is_none()).count()
    }
}

/// What the server says of the desks' devices, and when it said so. Only who is online can ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeardByServer {
    asked_at: Timestamp,
    desks: BTreeMap<DeskId, Option<TimeDelta>>,
}

/// How a desk's device stands with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contact {
    /// Nobody has opened a desk of this name, or it is closed.
    NoDesk,
    /// No device is this desk.
    NoDevice,
    /// Its device has not come to the server yet.
    Never,
    /// It was last there at this instant of this device's clock.
    At(Timestamp),
}

impl HeardByServer {
    /// What was answered at an instant of this device's clock.
    pub(crate) fn new(answer: Vec<DeskHeard>, asked_at: Timestamp) -> Self {
        let ago = |seconds: u64| i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
        Self { asked_at, desks: answer.into_iter().map(|heard| (heard.desk, heard.seconds_ago.and_then(ago))).collect() }
    }

    pub(crate) fn of(&self, row: &DeskRow) -> Contact {
        let Some(desk) = row.id else { return Contact::NoDesk };
        match self.desks.get(&desk) {
            None => Contact::NoDevice,
            Some(None) => Contact::Never,
            Some(Some(ago)) => self.asked_at.checked_sub_signed(*ago).map_or(Contact::Never, Contact::At),
        }
    }

    /// Desks whose device works without the server: so much may be missing from this board. A device at work asks once a minute.
    pub(crate) fn silent(&self, board: &Board, now: Timestamp) -> usize {
        let is_silent = |row: &&DeskRow| match self.of(row) {
            // Who has never come has its own words beside the desk.
            Contact::NoDesk | Contact::NoDevice | Contact::Never => false,
            Contact::At(at) => now.signed_duration_since(at) >= SILENT_AFTER,
        };
        board.desks.iter().filter(is_silent).count()
    }
}

/// After how long without a word a desk is called silent.
const SILENT_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Deals and money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DealNumbers {
    pub(crate) whose: Whose,
    /// Open offers, not yet signed.
    pub(crate) quoted: usize,
    pub(crate) offered: Money,
    pub(crate) signed: usize,
    pub(crate) sold: Money,
    pub(crate) received: Money,
    /// When the latest of them was opened or paid for.
    pub(crate) last: Option<Timestamp>,
}

/// Whose deals this device holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Everybodys,
    Teams,
    Own,
}

/// The board of a meeting; none if the meeting is not here.
pub(crate) fn board(replica: &Replica, id: MeetingId, currency: Currency) -> Option<Board> {
    let meeting = Arc::clone(replica.noun::<Meeting>(id)?);
    let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(id));
    let arrivals = first_arrivals(replica, id);
    let times: Vec<_> = arrivals.values().map(|check_in| check_in.at).collect();
    let deals: Vec<_> = replica.nouns::<Deal>(&Index::DealsByMeeting(id));
    let mut reps = BTreeMap::new();
    for guest in &guests {
        let arrived = arrivals.contains_key(&guest.id);
        let row = rep_row(&mut reps, replica, guest.inviter, currency);
        match guest.origin {
            GuestOrigin::Invited => {
                row.arrived += usize::from(arrived);
                row.expected += usize::from(arrived || guest.standing != Standing::Revoked);
            }
            GuestOrigin::WalkIn => row.walk_ins += usize::from(arrived),
        }
    }
    for deal in deals.iter().filter(|deal| deal.is_sold()) {
        let row = rep_row(&mut reps, replica, deal.seller, currency);
        row.signed += 1;
        row.sold = sum(row.sold, deal.total);
    }
    let mut by_rep: Vec<_> = reps.into_values().collect();
    by_rep.order_by(|a, b| b.arrived.cmp(&a.arrived).then(b.expected.cmp(&a.expected)).then(a.name.cmp(&b.name)));
    Some(Board {
        numbers: numbers(replica, id),
        confirmed: guests.iter().filter(|guest| guest.origin == GuestOrigin::Invited && guest.standing == Standing::Confirmed).count(),
        by_rep,
        spans: spans(&times),
        desks: desk_rows(replica, id),
        tables: by_table(replica, id),
        stock: by_item(replica, id),
        deals: deal_numbers(&deals, whose(replica), currency),
        last_arrival: times.iter().max().copied(),
        meeting,
    })
}

/// Each desk that is open or of which there is a record, by name.
fn desk_rows(replica: &Replica, meeting: MeetingId) -> Vec<DeskRow> {
    let mut rows: BTreeMap<&str, DeskRow> = BTreeMap::new();
    let desks = replica.nouns::<Desk>(&Index::DesksByMeeting(meeting));
    let names: BTreeMap<DeskId, &str> = desks.iter().map(|desk| (desk.id, desk.name.as_str())).collect();
    for desk in desks.iter().filter(|desk| desk.standing == DeskStanding::Open) {
        desk_row(&mut rows, &desk.name).id = Some(desk.id);
    }
    for check_in in replica.nouns::<CheckIn>(&Index::CheckInsByMeeting(meeting)) {
        let row = desk_row(&mut rows, &check_in.desk);
        row.last = row.last.max(Some(check_in.at));
    }
    for check_in in first_arrivals(replica, meeting).into_values() {
        desk_row(&mut rows, &check_in.desk).arrived += 1;
    }
    let handed_out = replica.nouns::<Handout>(&Index::HandoutsByMeeting(meeting)).into_iter().map(|handout| (handout.desk, handout.at));
    let seated = replica.nouns::<Seating>(&Index::SeatingsByMeeting(meeting)).into_iter().map(|seating| (seating.desk, seating.at));
    for (desk, at) in handed_out.chain(seated) {
        if let Some(name) = desk.and_then(|desk| names.get(&desk)) {
            let row = desk_row(&mut rows, name);
            row.last = row.last.max(Some(at));
        }
    }
    rows.into_values().collect()
}

fn desk_row<'a, 'b>(rows: &'a mut BTreeMap<&'b str, DeskRow>, name: &'b str) -> &'a mut DeskRow {
    rows.entry(name).or_insert_with(|| DeskRow { id: None, desk: name.to_owned(), arrived: 0, last: None })
}

fn rep_row<'a>(reps: &'a mut BTreeMap<UserId, RepRow>, replica: &Replica, rep: UserId, currency: Currency) -> &'a mut RepRow {
    reps.entry(rep).or_insert_with(|| RepRow {
        rep,
        name: name_of(replica, rep),
        expected: 0,
        arrived: 0,
        walk_ins: 0,
        signed: 0,
        sold: Money::new(0, currency),
    })
}

fn deal_numbers(deals: &[&Arc<Deal>], whose: Whose, currency: Currency) -> DealNumbers {
    let zero = Money::new(0, currency);
    let mut numbers = DealNumbers { whose, quoted: 0, offered: zero, signed: 0, sold: zero, received: zero, last: None };
    for deal in deals {
        let paid_at = deal.received().map(|payment| payment.at).max();
        numbers.last = numbers.last.max(Some(deal.opened_at)).max(paid_at);
        numbers.received = sum(numbers.received, deal.paid());
        match deal.stage {
            Stage::Quoted => {
                numbers.quoted += 1;
                numbers.offered = sum(numbers.offered, deal.total);
            }
            Stage::Signed | Stage::Paid => {
                numbers.signed += 1;
                numbers.sold = sum(numbers.sold, deal.total);
            }
            Stage::Cancelled { .. } | Stage::Replaced { .. } => {}
        }
    }
    numbers
}

/// Equal spans, on round minutes, short enough to show the rush and few enough to be read.
fn spans(times: &[Timestamp]) -> Vec<Span> {
    const MOST: i64 = 24;
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return Vec::new() };
    let span = last.signed_duration_since(first).num_minutes();
    let minutes = [5, 10, 15, 30, 60, 120, 240].into_iter().find(|minutes| span / minutes < MOST).unwrap_or(span / MOST + 1);
    let seconds = minutes * 60;
    let origin = first.timestamp().div_euclid(seconds) * seconds;
    let count = (last.timestamp() - origin) / seconds + 1;
    let start = Timestamp::from_timestamp(origin, 0).unwrap_or(*first);
    let mut spans: Vec<_> = (0..count).map(|index| Span { from: start + TimeDelta::seconds(index * seconds), minutes, arrived: 0 }).collect();
    for time in times {
        if let Some(span) = usize::try_from((time.timestamp() - origin) / seconds).ok().and_then(|index| spans.get_mut(index)) {
            span.arrived += 1;
        }
    }
    spans
}

/// Whose deals a device of this person holds.
pub(crate) fn whose(replica: &Replica) -> Whose {
    match replica.actor().map(|actor| actor.role) {
        Some(Role::Manager) => Whose::Everybodys,
        Some(Role::Supervisor) => Whose::Teams,
        Some(_) | None => Whose::Own,
    }
}

/// Adds what is of one currency; the rules let no other in.
fn sum(a: Money, b: Money) -> Money {
    a.plus(b).unwrap_or(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::check_ins::command::RegisterWalkIn;
    use shared::ids::{GuestId, ItemId, TableId};
    use shared::seating::command::{DrawnTable, GiveSeats, GivenSeat, OpenDesk, PutTables};
    use shared::seating::{Seat, Shape};
    use shared::stock::command::{CountArrival, HandOut, PlanItem};
    use shared::stock::{Due, ItemPlan, Receipt, Sort};
    use shared::testing::World;

    fn at(clock: &str) -> Timestamp {
        format!("2026-11-30T{clock}:00+08:00").parse().expect("a clock time")
    }

    fn world() -> World {
        let mut world = World::new();
        for owner in [world.rep, world.rep, world.colleague] {
            let customer = world.add_customer(owner, "李小華");
            let guest = world.expect_guest(world.meeting, customer);
            let command = world.check_in(world.meeting, guest);
            world.apply(world.colleague, command).expect("on duty");
        }
        world.expect_guest(world.meeting, world.customer);
        world
    }

    #[test]
    fn d7_the_board_counts_by_rep_and_desk() {
        let world = world();
        let board = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held");
        assert_eq!((board.numbers.expected, board.numbers.arrived, board.confirmed), (4, 3, 0));
        let reps: Vec<_> = board.by_rep.iter().map(|row| (row.name.as_str(), row.expected, row.arrived)).collect();
        assert_eq!(reps, [("林佳穎", 3, 2), ("吳宗翰", 1, 1)]);
        assert_eq!(board.desks.iter().map(|row| (row.desk.as_str(), row.arrived)).collect::<Vec<_>>(), [("A", 3)]);
        assert_eq!(board.last_arrival, board.desks[0].last);
    }

    #[test]
    fn d7_whoever_walked_in_is_not_counted_among_those_whom_a_rep_had_invited() {
        let mut world = world();
        let command = RegisterWalkIn {
            check_in: world.id(),
            guest: world.id(),
            customer: world.id(),
            meeting: world.meeting,
            desk: "A".into(),
            name: "何先生".into(),
            salutation: None,
            phone: None,
            email: "he@example.tw".into(),
            company: String::new(),
        };
        world.apply(world.colleague, command).expect("on duty");
        let board = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held");
        let reps: Vec<_> = board.by_rep.iter().map(|row| (row.name.as_str(), row.expected, row.arrived, row.walk_ins)).collect();
        assert_eq!(reps, [("林佳穎", 3, 2, 0), ("吳宗翰", 1, 1, 1)]);
    }

    #[test]
    fn d7_a_desk_that_records_nothing_is_told_from_one_that_cannot_be_reached() {
        let mut world = world();
        let desks: [DeskId; 4] = std::array::from_fn(|_| world.id());
        for (desk, name) in desks.into_iter().zip(["B", "C", "D", "E"]) {
            world.apply(world.rep, OpenDesk { desk, meeting: world.meeting, name: name.to_owned() }).expect("on duty");
        }
        let board = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held");
        let asked_at = world.now;
        let answer = |desk, seconds_ago| DeskHeard { desk, seconds_ago };
        let heard = HeardByServer::new(vec![answer(desks[0], Some(40)), answer(desks[1], Some(301)), answer(desks[2], None)], asked_at);
        let contacts: Vec<_> = board.desks.iter().map(|row| (row.desk.as_str(), heard.of(row))).collect();
        let ago = |seconds| Contact::At(asked_at - TimeDelta::seconds(seconds));
        assert_eq!(contacts, [("A", Contact::NoDesk), ("B", ago(40)), ("C", ago(301)), ("D", Contact::Never), ("E", Contact::NoDevice)]);
        assert_eq!(heard.silent(&board, asked_at), 1);
        assert_eq!(heard.silent(&board, asked_at + TimeDelta::seconds(260)), 2, "an answer grows old too");
        let absurd = HeardByServer::new(vec![answer(desks[0], Some(u64::MAX))], asked_at);
        assert_eq!(absurd.of(&board.desks[1]), Contact::Never);
    }

    #[test]
    fn d7_an_open_desk_without_a_record_is_unheard_and_one_that_hands_out_is_heard() {
        let mut world = world();
        let (door, back): (DeskId, DeskId) = (world.id(), world.id());
        for (desk, name) in [(door, "門口"), (back, "後門")] {
            world.apply(world.rep, OpenDesk { desk, meeting: world.meeting, name: name.to_owned() }).expect("on duty");
        }
        let cup: ItemId = world.id();
        let plan = ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 5, low_at: 1, due: Due::EveryGuest, receipt: Receipt::None };
        world.apply(world.manager, PlanItem { item: cup, meeting: world.meeting, plan }).expect("plan");
        world.apply(world.manager, CountArrival { item: cup, quantity: 5 }).expect("came");
        let guest = world.replica(world.manager).nouns::<Guest>(&Index::GuestsByMeeting(world.meeting))[0].id;
        let command = HandOut { handout: world.id(), item: cup, guest, desk: Some(door), desk_name: "門口".into(), strokes: Vec::new() };
        let at = world.now;
        world.apply(world.colleague, command).expect("on duty");
        let board = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held");
        let heard: Vec<_> = board.desks.iter().map(|row| (row.desk.as_str(), row.arrived, row.last.is_some())).collect();
        assert_eq!(heard, [("A", 3, true), ("後門", 0, false), ("門口", 0, true)]);
        assert_eq!((board.unheard(), board.desks[2].last), (1, Some(at)));
        let by_hand = &board.desks[0];
        assert_eq!((by_hand.id, board.desks[1].id, board.desks[2].id), (None, Some(back), Some(door)));
        let stock: Vec<_> = board.stock.iter().map(|count| (count.name.as_str(), count.handed_out, count.left, count.last)).collect();
        assert_eq!(stock, [("保溫杯", 1, 4, Some(at))]);
    }

    #[test]
    fn d7_each_table_tells_its_seats_those_given_and_who_is_in() {
        let mut world = world();
        let table: TableId = world.id();
        let drawn = DrawnTable { table, name: "1".into(), shape: Shape::Round, seats: 5, x: 300, y: 300, turn: 0 };
        world.apply(world.manager, PutTables { meeting: world.meeting, tables: vec![drawn] }).expect("managers draw");
        let cards: Vec<GuestId> =
            world.replica(world.manager).nouns::<Guest>(&Index::GuestsByMeeting(world.meeting)).iter().map(|guest| guest.id).collect();
        let seat = |(guest, number)| GivenSeat { seating: world.id(), guest, seat: Seat { table, number }, instead_of: None, no_show: None };
        let given = cards.into_iter().zip(1..).map(seat).collect();
        world.apply(world.manager, GiveSeats { meeting: world.meeting, desk: None, given }).expect("office");
        let board = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held");
        let tables: Vec<_> = board.tables.iter().map(|count| (count.name.as_str(), count.usable, count.given, count.arrived)).collect();
        assert_eq!(tables, [("1", 5, 4, 3)]);
    }

    #[test]
    fn d7_money_is_told_by_what_is_offered_sold_and_received_and_whose_it_is() {
        let mut world = world();
        let (offer, sale) = (world.open_deal(world.customer, Some(world.meeting)), world.open_deal(world.customer, Some(world.meeting)));
        let sold = sale.deal;
        world.apply(world.rep, offer).expect("within the rules");
        world.apply(world.rep, sale).expect("within the rules");
        world.apply(world.rep, world.sign(sold)).expect("within the rules");
        let price = Money::new(1_280_000, Currency::Twd);
        let manager = board(&world.replica(world.manager), world.meeting, Currency::Twd).expect("held").deals;
        assert_eq!((manager.whose, manager.quoted, manager.offered, manager.signed, manager.sold), (Whose::Everybodys, 1, price, 1, price));
        let colleague = board(&world.replica(world.colleague), world.meeting, Currency::Twd).expect("held").deals;
        assert_eq!((colleague.whose, colleague.signed), (Whose::Own, 0), "a rep holds no colleague's deals, and the board says so");
    }

    #[test]
    fn arrivals_fall_into_round_spans_that_lose_nobody() {
        let times = [at("13:32"), at("13:38"), at("13:39"), at("14:04")];
        let spans = spans(&times);
        assert_eq!((spans[0].from, spans[0].minutes), (at("13:30"), 5));
        assert_eq!(spans.iter().map(|span| span.arrived).collect::<Vec<_>>(), [1, 2, 0, 0, 0, 0, 1]);
        assert_eq!(super::spans(&[]), []);
    }

    #[test]
    fn a_device_whose_clock_was_years_off_does_not_make_the_picture_endless() {
        let times = [at("13:32"), at("13:32") - TimeDelta::days(9_000)];
        let spans = spans(&times);
        assert!(spans.len() <= 26, "{}", spans.len());
        assert_eq!(spans.iter().map(|span| span.arrived).sum::<usize>(), 2);
    }
}
