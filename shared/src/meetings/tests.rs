use super::command::{CancelMeeting, EditMeeting, PlanMeeting};
use super::*;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn plan(world: &World, change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = world.plan(&[]);
    change(&mut plan);
    plan
}

fn check(change: impl FnOnce(&mut Plan), expected: Result<(), Rejection>) {
    let mut world = World::new();
    let (meeting, plan) = (world.id(), plan(&world, change));
    assert_eq!(world.apply(world.manager, PlanMeeting { meeting, plan }).map(|_| ()), expected);
}

fn too_long(field: Field, max: u32) -> Result<(), Rejection> {
    Err(Rejection::TooLong { field, max, found: 5_000 })
}

#[test]
fn c1_a_meeting_has_a_theme_a_venue_and_places() {
    check(|_| {}, Ok(()));
    check(|plan| plan.theme = " \u{200b} ".into(), Err(Rejection::Required { field: Field::Theme }));
    check(|plan| plan.venue = String::new(), Err(Rejection::Required { field: Field::Venue }));
    let places = Err(Rejection::OutOfRange { field: Field::Capacity, min: 1, max: 100_000 });
    check(|plan| plan.capacity = 0, places.clone());
    check(|plan| plan.capacity = u32::MAX, places);
}

#[test]
fn c1_a_meeting_ends_after_it_starts_and_in_a_time_that_people_mean() {
    check(|plan| plan.ends_at = plan.starts_at, Err(Rejection::EndsBeforeStart));
    check(|plan| plan.starts_at = Timestamp::MIN_UTC, Err(Rejection::Malformed { field: Field::StartsAt }));
    check(|plan| plan.ends_at = Timestamp::MAX_UTC, Err(Rejection::Malformed { field: Field::EndsAt }));
}

#[test]
fn no_text_of_a_meeting_is_unbounded() {
    let long = || "龍".repeat(5_000);
    check(|plan| plan.theme = long(), too_long(Field::Theme, 100));
    check(|plan| plan.venue = long(), too_long(Field::Venue, 100));
    check(|plan| plan.address = long(), too_long(Field::Address, 300));
    check(|plan| plan.agenda[0].title = long(), too_long(Field::Agenda, 100));
    check(|plan| plan.agenda[0].speaker = long(), too_long(Field::Speaker, 100));
    check(|plan| plan.agenda = vec![plan.agenda[0].clone(); 201], Err(Rejection::OutOfRange { field: Field::Agenda, min: 0, max: 200 }));
    let staff = Staff { user: UserId(uuid::Uuid::nil()), duty: Duty::Usher };
    check(|plan| plan.staff = vec![staff; 501], Err(Rejection::OutOfRange { field: Field::Staff, min: 0, max: 500 }));
}

#[test]
fn c1_nobody_without_access_is_put_on_duty_but_whoever_left_does_not_block_the_plan() {
    let mut world = World::new();
    let staff = [Staff { user: world.leaver, duty: Duty::Usher }];
    let (meeting, plan) = (world.id(), world.plan(&staff));
    assert_eq!(world.apply(world.manager, PlanMeeting { meeting, plan: plan.clone() }), Err(Rejection::Forbidden));
    let id = world.meeting;
    world.put(Meeting { plan: plan.clone(), ..(*world.get::<Meeting>(id)).clone() });
    let elsewhere = Plan { venue: "世貿中心".into(), ..plan };
    assert!(world.apply(world.manager, EditMeeting { meeting: id, plan: elsewhere }).is_ok());
}

#[test]
fn a_cancelled_meeting_is_neither_edited_nor_cancelled_again() {
    let mut world = World::new();
    let (meeting, plan) = (world.meeting, world.plan(&[]));
    world.apply(world.manager, CancelMeeting { meeting }).expect("within the rules");
    assert_eq!(world.apply(world.manager, CancelMeeting { meeting }), Err(Rejection::MeetingCancelled));
    assert_eq!(world.apply(world.manager, EditMeeting { meeting, plan }), Err(Rejection::MeetingCancelled));
}
