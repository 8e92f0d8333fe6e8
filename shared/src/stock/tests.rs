use super::command::*;
use super::count::{DeskCount, Shortage, count, without};
use super::*;
use crate::Kind;
use crate::meetings::command::CancelMeeting;
use crate::rejection::{Field, Rejection};
use crate::seating::command::OpenDesk;
use crate::testing::World;
use crate::testing::dice::{Dice, signature};
use proptest::prelude::*;
use std::sync::Arc;

fn plan(receipt: Receipt) -> ItemPlan {
    ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 10, low_at: 2, due: Due::EveryGuest, receipt }
}

/// A world with a gift, two desks and guests.
fn stocked(receipt: Receipt, guests: usize) -> (World, ItemId, [DeskId; 2], Vec<GuestId>) {
    let mut world = World::new();
    let (item, desks) = (world.id(), [world.id(), world.id()]);
    world.apply(world.manager, PlanItem { item, meeting: world.meeting, plan: plan(receipt) }).expect("managers plan");
    for (desk, name) in desks.iter().zip(["A", "B"]) {
        world.apply(world.rep, OpenDesk { desk: *desk, meeting: world.meeting, name: name.into() }).expect("on duty");
    }
    let guests = (0..guests)
        .map(|at| {
            let customer = world.add_customer(world.rep, &format!("客{at}"));
            world.expect_guest(world.meeting, customer)
        })
        .collect();
    (world, item, desks, guests)
}

fn hand_out(world: &mut World, item: ItemId, guest: GuestId, desk: DeskId) -> HandOut {
    HandOut { handout: world.id(), item, guest, desk: Some(desk), desk_name: "A".into(), strokes: Vec::new() }
}

fn handed(world: &mut World, by: UserId, item: ItemId, guest: GuestId, desk: DeskId) -> HandoutId {
    let command = hand_out(world, item, guest, desk);
    let handout = command.handout;
    world.apply(by, command).expect("never refused");
    handout
}

fn handouts(world: &World) -> Vec<Arc<Handout>> {
    world.all().filter_map(<Handout as crate::record::Stored>::of).cloned().collect()
}

fn counted(world: &World, item: ItemId) -> count::ItemCount {
    let handouts = handouts(world);
    count(&world.get::<Item>(item), handouts.iter().map(|handout| &**handout))
}

#[test]
fn c3_what_was_planned_arrived_handed_out_and_went_back_adds_up_to_what_is_left() {
    let (mut world, item, [a, b], guests) = stocked(Receipt::None, 3);
    let (rep, colleague) = (world.rep, world.colleague);
    for quantity in [12, -2] {
        world.apply(rep, CountArrival { item, quantity }).expect("on duty");
    }
    for (desk, quantity) in [(a, 6), (b, 3), (b, 4)] {
        world.apply(rep, AllotItem { item, desk, quantity }).expect("on duty");
    }
    handed(&mut world, rep, item, guests[0], a);
    handed(&mut world, colleague, item, guests[1], b);
    world.apply(rep, CountReturn { item, quantity: 5 }).expect("on duty");
    let counted = counted(&world, item);
    assert_eq!((counted.handed_out, counted.left, counted.shared, counted.promised_twice), (2, 3, 10, 0));
    assert_eq!(counted.desks[&b], DeskCount { share: 4, handed_out: 1 }, "the last word on a share counts");
    assert!(counted.shortages.is_empty() && counted.twice.is_empty());
}

#[test]
fn c3_what_was_promised_twice_is_a_shortage_with_names_and_never_refused() {
    let (mut world, item, [a, b], guests) = stocked(Receipt::None, 5);
    let (rep, colleague) = (world.rep, world.colleague);
    world.apply(rep, CountArrival { item, quantity: 3 }).expect("on duty");
    for (desk, quantity) in [(a, 2), (b, 2)] {
        world.apply(rep, AllotItem { item, desk, quantity }).expect("promised all the same");
    }
    assert_eq!(counted(&world, item).promised_twice, 1);
    for guest in &guests[..3] {
        handed(&mut world, rep, item, *guest, a);
    }
    handed(&mut world, colleague, item, guests[3], b);
    let counted = counted(&world, item);
    assert_eq!(counted.left, -1);
    let at_a = Shortage { desk: Some(a), missing: 1, guests: vec![guests[2]] };
    let in_all = Shortage { desk: None, missing: 1, guests: vec![guests[3]] };
    assert_eq!(counted.shortages, [at_a, in_all]);
    let all = handouts(&world);
    assert_eq!(without(&world.get::<Item>(item), &counted, all.iter().map(|it| &**it), &guests), [guests[4]], "nothing is left for the last one");
}

#[test]
fn c3_who_goes_without_is_told_before_it_happens() {
    let (mut world, item, _, guests) = stocked(Receipt::None, 3);
    world.apply(world.rep, CountArrival { item, quantity: 2 }).expect("on duty");
    let (known, counted) = (world.get::<Item>(item), counted(&world, item));
    assert_eq!(without(&known, &counted, [], &guests), [guests[2]]);
    let some = Item { plan: ItemPlan { due: Due::SomeGuests, ..plan(Receipt::None) }, ..(*known).clone() };
    assert!(without(&some, &counted, [], &guests).is_empty(), "not everybody gets one");
}

#[test]
fn c3_who_prepares_a_meeting_plans_and_whoever_is_on_duty_counts() {
    let (mut world, item, [a, _], _) = stocked(Receipt::None, 0);
    let (rep, meeting) = (world.rep, world.meeting);
    let new = PlanItem { item: world.id(), meeting, plan: plan(Receipt::None) };
    assert_eq!(world.decide(rep, &new.clone().into()), Err(Rejection::Forbidden));
    world.apply(world.supervisor, new).expect("their people are on duty");
    for user in [world.office, world.marketing] {
        let new = PlanItem { item: world.id(), meeting: world.other_meeting, plan: plan(Receipt::None) };
        let theirs = new.item;
        world.apply(user, new).expect("they prepare meetings");
        world.apply(user, CountArrival { item: theirs, quantity: 5 }).expect("they prepare meetings");
        assert!(world.replica(user).noun::<Item>(theirs).is_some(), "and hold what they prepare");
    }
    assert!(world.decide(world.stranger, &CountArrival { item, quantity: 1 }.into()).is_err());
    world.apply(world.manager, CancelMeeting { meeting }).expect("a manager plans");
    world.apply(rep, CountArrival { item, quantity: 1 }).expect("what was bought is there");
    assert_eq!(world.apply(rep, AllotItem { item, desk: a, quantity: 1 }), Err(Rejection::MeetingCancelled));
}

#[test]
fn c3_equipment_is_nobodys_to_take_home_and_a_withdrawn_item_stays_counted() {
    let (mut world, item, [a, _], guests) = stocked(Receipt::None, 1);
    let manager = world.manager;
    handed(&mut world, manager, item, guests[0], a);
    let equipment = ItemPlan { sort: Sort::Equipment, ..plan(Receipt::None) };
    world.apply(manager, EditItem { item, plan: equipment, standing: ItemStanding::Withdrawn }).expect("managers plan");
    let known = world.get::<Item>(item);
    assert_eq!((known.plan.due, known.standing), (Due::Nobody, ItemStanding::Withdrawn));
    assert_eq!(counted(&world, item).handed_out, 1);
}

#[test]
fn d4_a_gift_handed_out_a_second_time_is_kept_and_told_and_taken_back_with_a_reason() {
    let (mut world, item, [a, b], guests) = stocked(Receipt::None, 1);
    let (rep, colleague) = (world.rep, world.colleague);
    world.apply(rep, CountArrival { item, quantity: 9 }).expect("on duty");
    let first = handed(&mut world, rep, item, guests[0], a);
    let second = handed(&mut world, colleague, item, guests[0], b);
    assert_eq!(counted(&world, item).twice.get(&guests[0]), Some(&vec![first, second]));
    assert_eq!(counted(&world, item).left, 7, "two are gone, whoever has them");
    assert_eq!(world.apply(rep, UndoHandOut { handout: second, reason: String::new() }), Err(Rejection::Required { field: Field::Reason }));
    world.apply(rep, UndoHandOut { handout: second, reason: "重複領取，已收回".into() }).expect("on duty");
    let undone = world.get::<Handout>(second).undone.clone().expect("it stays visible");
    assert_eq!((undone.by, undone.reason.as_str()), (rep, "重複領取，已收回"));
    assert_eq!((counted(&world, item).left, counted(&world, item).twice.len()), (8, 0));
    assert_eq!(world.apply(rep, UndoHandOut { handout: second, reason: "又".into() }), Err(Rejection::AlreadyEnded));
}

#[test]
fn d4_an_item_that_asks_for_a_signature_gets_one_that_stays_with_whoever_took_it() {
    let (mut world, item, [a, _], guests) = stocked(Receipt::Signature, 1);
    let rep = world.rep;
    let bare = hand_out(&mut world, item, guests[0], a);
    assert_eq!(world.decide(rep, &bare.clone().into()), Err(Rejection::Required { field: Field::Signature }));
    let dot = HandOut { strokes: signature().into_iter().take(1).map(|stroke| Stroke(stroke.0[..1].to_vec())).collect(), ..bare.clone() };
    assert_eq!(world.decide(rep, &dot.into()), Err(Rejection::SignatureTooSmall));
    let signed = HandOut { strokes: signature(), ..bare };
    world.apply(rep, signed.clone()).expect("signed");
    assert_eq!(world.get::<Handout>(signed.handout).receipt, Receipt::Signature);
    assert_eq!(world.get::<HandoutReceipt>(signed.handout).strokes, signature());
    let holds = |user| world.replica(user).noun::<HandoutReceipt>(signed.handout).is_some();
    assert_eq!([world.rep, world.colleague, world.supervisor, world.manager].map(holds), [true, false, true, true]);
}

#[test]
fn d4_what_went_wrong_at_the_door_waits_for_a_person() {
    let (mut world, item, [a, _], guests) = stocked(Receipt::None, 1);
    world.apply(world.manager, CancelMeeting { meeting: world.meeting }).expect("a manager plans");
    let command = hand_out(&mut world, item, guests[0], a);
    let handout = command.handout;
    assert!(!world.receive(world.rep, command.into()));
    assert_eq!(world.find::<Handout>(handout), None);
    assert!(world.all().any(|record| record.key().kind == Kind::HeldCommand));
}

#[test]
fn c3_no_field_of_the_stock_is_unbounded() {
    let (mut world, item, [a, _], guests) = stocked(Receipt::None, 1);
    let (manager, meeting) = (world.manager, world.meeting);
    let quantity = Err(Rejection::OutOfRange { field: Field::Quantity, min: 0, max: 1_000_000 });
    let planned = |plan: ItemPlan| world.decide(manager, &EditItem { item, plan, standing: ItemStanding::InUse }.into()).map(|_| ());
    assert_eq!(planned(ItemPlan { name: " ".into(), ..plan(Receipt::None) }), Err(Rejection::Required { field: Field::Item }));
    assert_eq!(
        planned(ItemPlan { name: "禮".repeat(101), ..plan(Receipt::None) }),
        Err(Rejection::TooLong { field: Field::Item, max: 100, found: 101 })
    );
    assert_eq!(planned(ItemPlan { planned: 1_000_001, ..plan(Receipt::None) }), quantity);
    assert_eq!(planned(ItemPlan { low_at: u32::MAX, ..plan(Receipt::None) }), quantity);
    for by in [i32::MIN, -1, 1_000_001, i32::MAX] {
        assert_eq!(world.decide(manager, &CountArrival { item, quantity: by }.into()).map(|_| ()), quantity);
        assert_eq!(world.decide(manager, &CountReturn { item, quantity: by }.into()).map(|_| ()), quantity);
    }
    assert_eq!(world.decide(manager, &CountReturn { item, quantity: 0 }.into()), Err(Rejection::Required { field: Field::Quantity }));
    assert_eq!(world.decide(manager, &AllotItem { item, desk: a, quantity: 1_000_001 }.into()).map(|_| ()), quantity);
    let long = HandOut { desk_name: "檯".repeat(41), ..hand_out(&mut world, item, guests[0], a) };
    assert_eq!(world.decide(manager, &long.into()), Err(Rejection::TooLong { field: Field::Desk, max: 40, found: 41 }));
    for _ in 1..300 {
        let item = world.id();
        world.apply(manager, PlanItem { item, meeting, plan: plan(Receipt::None) }).expect("managers plan");
    }
    let more = PlanItem { item: world.id(), meeting, plan: plan(Receipt::None) };
    assert_eq!(world.decide(manager, &more.into()), Err(Rejection::OutOfRange { field: Field::Item, min: 1, max: 300 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn c3_nothing_is_lost_or_counted_twice_in_any_order_of_commands(seed in any::<u64>()) {
        let (mut world, item, desks, guests) = stocked(Receipt::None, 6);
        let (mut dice, rep) = (Dice::new(seed), world.rep);
        let mut given = Vec::new();
        for _ in 0..60 {
            let (desk, guest) = (dice.pick(&desks).expect("two"), dice.pick(&guests).expect("six"));
            match dice.below(8) {
                0 => drop(world.apply(rep, CountArrival { item, quantity: dice.below(9) as i32 - 2 })),
                1 => drop(world.apply(rep, CountReturn { item, quantity: dice.below(5) as i32 - 2 })),
                2 => drop(world.apply(rep, AllotItem { item, desk, quantity: dice.below(7) as u32 })),
                3 => {
                    if let Some(handout) = dice.pick(&given) {
                        let _twice = world.apply(rep, UndoHandOut { handout, reason: "拿錯".into() });
                    }
                }
                _ => given.push(handed(&mut world, rep, item, guest, desk)),
            }
        }
        let (known, counted) = (world.get::<Item>(item), counted(&world, item));
        prop_assert_eq!(counted.left, i64::from(known.arrived) - i64::from(known.returned) - counted.handed_out);
        prop_assert_eq!(counted.handed_out, counted.desks.values().map(|desk| desk.handed_out).sum::<i64>());
        for shortage in &counted.shortages {
            prop_assert_eq!(shortage.missing as usize, shortage.guests.len(), "every missing one has a name");
        }
        let short_in_all = counted.shortages.iter().find(|shortage| shortage.desk.is_none());
        prop_assert_eq!(short_in_all.is_some(), counted.handed_out > (i64::from(known.arrived) - i64::from(known.returned)).max(0));
        let mut all = handouts(&world);
        all.reverse();
        prop_assert_eq!(super::count::count(&known, all.iter().map(|handout| &**handout)), counted);
    }
}
