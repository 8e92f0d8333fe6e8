//! Seats and gifts between two tablets.

use super::*;
use crate::deals::Stroke;
use crate::ids::{HandoutId, ItemId, SeatingId, TableId};
use crate::seating::command::{DrawnTable, GiveSeats, GivenSeat, PutTables, RuleSeats, TakeBackSeat};
use crate::seating::count::{Sits, Why, of_meeting};
use crate::seating::{Seat, Seating, Shape};
use crate::stock::command::{HandOut, PlanItem, UndoHandOut};
use crate::stock::{Due, Handout, HandoutReceipt, ItemPlan, Receipt, Sort};
use crate::testing::dice;
use serde_json::Value;

/// A house with a table, and a gift that is signed for or not.
fn stocked(receipt: Receipt) -> (World, Vec<GuestId>, TableId, ItemId) {
    let (mut world, guests) = house();
    let (table, item, meeting) = (world.id(), world.id(), world.meeting);
    let drawn = DrawnTable { table, name: "1".into(), shape: Shape::Round, seats: 4, x: 300, y: 400, turn: 0 };
    world.apply(world.manager, PutTables { meeting, tables: vec![drawn] }).expect("managers draw");
    let plan = ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 10, low_at: 2, due: Due::EveryGuest, receipt };
    world.apply(world.manager, PlanItem { item, meeting, plan }).expect("managers plan");
    (world, guests, table, item)
}

fn give(world: &mut World, guest: GuestId, seat: Seat, no_show: Option<SeatingId>) -> (SeatingId, GiveSeats) {
    let seating = world.id();
    (seating, GiveSeats { meeting: world.meeting, desk: None, given: vec![GivenSeat { seating, guest, seat, instead_of: None, no_show }] })
}

fn hand_out(world: &mut World, guest: GuestId, item: ItemId, strokes: Vec<Stroke>) -> (HandoutId, HandOut) {
    let handout = world.id();
    (handout, HandOut { handout, item, guest, desk: None, desk_name: "A".into(), strokes })
}

/// Every text and number in a value.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(leaves).collect(),
        Value::Object(all) => all.values().flat_map(leaves).collect(),
        leaf => vec![leaf.to_string()],
    }
}

fn content_of(tablet: &mut Tablet, heard: &Heard, world: &World, uuid: Uuid) -> Content {
    let bundles = tablet.pack(heard).bundles;
    let items = bundles.iter().flat_map(|signed| signed.brought(world.org, &world.signer().public_key()).expect("genuine").bundle.items);
    items.filter(|item| item.uuid == uuid).map(|item| item.content).next().expect("it is given")
}

#[test]
fn d9_seats_and_gifts_travel_open_and_say_nothing_that_the_meetings_records_do_not() {
    let (mut world, guests, table, item) = stocked(Receipt::None);
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let seat = |number| Seat { table, number };
    let (first, give_first) = give(&mut world, guests[0], seat(1), None);
    let (second, give_second) = give(&mut world, guests[1], seat(1), None);
    let (third, give_third) = give(&mut world, guests[2], seat(2), None);
    let (fourth, give_fourth) = give(&mut world, guests[1], seat(2), Some(third));
    let (handout, hand_out) = hand_out(&mut world, guests[0], item, Vec::new());
    let commands: Vec<Command> = vec![
        give_first.into(),
        give_second.into(),
        RuleSeats { keep: first }.into(),
        give_third.into(),
        give_fourth.into(),
        TakeBackSeat { seating: fourth, reason: "換到貴賓席".into() }.into(),
        hand_out.into(),
        UndoHandOut { handout, reason: "拿錯了".into() }.into(),
    ];
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    for command in commands {
        let (name, args) = (command.name(), serde_json::from_str::<Value>(command.to_raw().args.get()).expect("JSON"));
        let uuid = one.record(command);
        assert!(matches!(content_of(&mut one, &heard, &world, uuid), Content::Open { .. }), "{name}");
        let is_of_the_meeting = |record: &&crate::Record| record.scope() == Scope::Meeting(world.meeting);
        let screen = one.replica.screen();
        let records: Vec<_> =
            screen.iter().filter(is_of_the_meeting).flat_map(|record| leaves(&serde_json::from_str(&record.encode()).expect("JSON"))).collect();
        let unknown: Vec<_> = leaves(&args).into_iter().filter(|leaf| !records.contains(leaf)).collect();
        assert!(unknown.is_empty(), "{name} says {unknown:?}");
    }
    assert_eq!(other.receive_from(&world, &mut one), Taken { new: 8, ..Taken::default() });
    let ended = |seating| other.replica.noun::<Seating>(seating).map(|seating| seating.ended.is_some());
    assert_eq!([first, second, third, fourth].map(ended), [Some(false), Some(true), Some(true), Some(true)]);
    let shown = other.replica.noun::<Handout>(handout).expect("shown");
    assert!(shown.undone.is_some() && shown.by == one.user && shown.device == one.device);
}

#[test]
fn d9_a_gift_that_was_signed_for_shows_the_handout_and_never_the_signature() {
    let (mut world, guests, _, item) = stocked(Receipt::Signature);
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let (handout, hand_out) = hand_out(&mut world, guests[0], item, dice::signature());
    let uuid = one.record(hand_out);
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let Content::Sealed { shown, .. } = content_of(&mut one, &heard, &world, uuid) else { panic!("a signature travels open") };
    assert_eq!(shown.iter().map(|shown| shown.kind.as_str()).collect::<Vec<_>>(), ["handout"]);
    assert_eq!(other.receive_from(&world, &mut one), Taken { new: 1, ..Taken::default() });
    assert_eq!(other.replica.noun::<Handout>(handout).map(|handout| handout.receipt), Some(Receipt::Signature));
    assert!(other.replica.noun::<HandoutReceipt>(handout).is_none());
}

#[test]
fn d9_a_seat_given_on_while_its_guest_came_in_at_the_other_tablet_is_told_there() {
    let (mut world, guests, table, _) = stocked(Receipt::None);
    let seat = Seat { table, number: 1 };
    let (absent, given) = give(&mut world, guests[0], seat, None);
    world.apply(world.manager, given).expect("before the meeting");
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let (instead, give_on) = give(&mut world, guests[1], seat, Some(absent));
    one.record(give_on);
    assert!(one.replica.noun::<Seating>(absent).expect("known").ended.is_some(), "nobody has come, as far as this tablet knows");
    other.record(check_in(&mut world, guests[0]));
    other.receive_from(&world, &mut one);
    let counted = of_meeting(&other.replica, world.meeting).expect("memory can be read");
    assert_eq!(counted.guests.get(&guests[0]), Some(&seat), "she is here, and sits there");
    let by = Sits { guest: guests[0], seating: absent };
    assert_eq!(counted.told.iter().map(|told| (told.seating, told.why)).collect::<Vec<_>>(), [(instead, Why::Taken { by })]);
}
