use super::command::RuleHeldCommand;
use super::{HeldCommand, HeldVerdict};
use crate::check_ins::CheckIn;
use crate::command::Command;
use crate::customers::Customer;
use crate::customers::command::AddCustomer;
use crate::ids::HeldCommandId;
use crate::meetings::command::{CancelMeeting, EditMeeting};
use crate::people::Access;
use crate::people::User;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn accept(held: HeldCommandId) -> RuleHeldCommand {
    RuleHeldCommand { held, verdict: HeldVerdict::Accepted }
}

fn set_aside(held: HeldCommandId, reason: &str) -> RuleHeldCommand {
    RuleHeldCommand { held, verdict: HeldVerdict::SetAside { reason: reason.into() } }
}

/// The rep is taken off duty while out of reach, and lets a guest in all the same.
fn off_duty() -> (World, HeldCommandId, CheckIn) {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let plan = world.plan(&[]);
    let meeting = world.meeting;
    world.apply(world.manager, EditMeeting { meeting, plan }).expect("a manager plans");
    let asked = world.check_in(meeting, guest);
    let held = world.hold(world.rep, asked.clone(), Rejection::Forbidden);
    let expected = CheckIn {
        id: asked.check_in,
        meeting,
        guest,
        at: world.get::<HeldCommand>(held).occurred_at,
        by: world.manager,
        device: world.device(world.rep),
        desk: asked.desk,
        method: asked.method,
        undone: None,
    };
    (world, held, expected)
}

#[test]
fn what_its_author_had_no_right_to_counts_by_the_right_of_who_accepts_it() {
    let (mut world, held, expected) = off_duty();
    world.apply(world.manager, accept(held)).expect("the manager may");
    assert_eq!(*world.get::<CheckIn>(expected.id), expected, "at the time and on the device where it happened");
    let ruling = world.get::<HeldCommand>(held).ruling.clone().expect("ruled");
    assert_eq!((ruling.verdict, ruling.by), (HeldVerdict::Accepted, world.manager));
}

#[test]
fn what_counts_by_its_authors_right_stays_its_authors() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let asked = world.check_in(world.meeting, guest);
    let held = world.hold(world.rep, asked.clone(), Rejection::MeetingCancelled);
    world.apply(world.supervisor, accept(held)).expect("the supervisor may");
    assert_eq!(world.get::<CheckIn>(asked.check_in).by, world.rep);
}

#[test]
fn what_was_set_aside_changes_nothing_and_says_why() {
    let (mut world, held, expected) = off_duty();
    assert_eq!(world.decide(world.manager, &set_aside(held, " ").into()), Err(Rejection::Required { field: Field::Reason }));
    world.apply(world.supervisor, set_aside(held, "  門口登記錯人 ")).expect("the supervisor may");
    assert_eq!(world.find::<CheckIn>(expected.id), None);
    let ruling = world.get::<HeldCommand>(held).ruling.clone().expect("ruled");
    assert_eq!(ruling.verdict, HeldVerdict::SetAside { reason: "門口登記錯人".into() });
}

#[test]
fn a_ruling_is_given_once() {
    let (mut world, held, _) = off_duty();
    world.apply(world.manager, accept(held)).expect("the first one");
    for again in [accept(held), set_aside(held, "晚了")] {
        assert_eq!(world.decide(world.supervisor, &again.into()), Err(Rejection::AlreadyRuled));
    }
}

#[test]
fn only_who_may_see_the_authors_work_and_has_people_below_rules() {
    let (world, held, _) = off_duty();
    let ask = |actor| world.decide(actor, &set_aside(held, "不算").into()).is_ok();
    let may = [world.rep, world.colleague, world.supervisor, world.other_supervisor, world.manager, world.administrator].map(ask);
    assert_eq!(may, [false, false, true, false, true, false]);
}

#[test]
fn a_supervisor_does_not_rule_on_what_they_recorded_themselves() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let asked = world.check_in(world.meeting, guest);
    let held = world.hold(world.supervisor, asked, Rejection::Forbidden);
    assert_eq!(world.decide(world.supervisor, &accept(held).into()), Err(Rejection::Forbidden));
    world.apply(world.manager, accept(held)).expect("the manager may");
}

#[test]
fn while_its_cause_lasts_it_cannot_be_accepted_and_goes_on_waiting() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let (meeting, asked) = (world.meeting, world.check_in(world.meeting, guest));
    world.apply(world.manager, CancelMeeting { meeting }).expect("a manager plans");
    let held = world.hold(world.rep, asked, Rejection::MeetingCancelled);
    assert_eq!(world.decide(world.manager, &accept(held).into()), Err(Rejection::MeetingCancelled));
    assert_eq!(world.get::<HeldCommand>(held).ruling, None);
}

#[test]
fn the_work_of_somebody_who_has_left_can_still_be_taken_over() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let asked = world.check_in(world.meeting, guest);
    let held = world.hold(world.rep, asked.clone(), Rejection::Forbidden);
    let user = User { access: Access::Revoked, ..(*world.get::<User>(world.rep)).clone() };
    world.put(user);
    world.apply(world.supervisor, accept(held)).expect("the supervisor reaches the meeting through the colleague");
    assert_eq!(world.get::<CheckIn>(asked.check_in).by, world.supervisor);
}

#[test]
fn a_customer_of_somebody_who_has_left_becomes_that_of_who_takes_it_over() {
    let mut world = World::new();
    let (customer, owner, profile) = (world.id(), Some(world.rep), world.profile("新客"));
    let held = world.hold(world.rep, AddCustomer { customer, owner, profile }, Rejection::Forbidden);
    let user = User { access: Access::Revoked, ..(*world.get::<User>(world.rep)).clone() };
    world.put(user);
    world.apply(world.supervisor, accept(held)).expect("the supervisor may");
    assert_eq!(world.get::<Customer>(customer).owner, Some(world.supervisor));
}

#[test]
fn a_held_ruling_cannot_be_accepted_so_none_can_name_itself() {
    let mut world = World::new();
    let id = world.hold(world.rep, accept(HeldCommandId(uuid::Uuid::nil())), Rejection::Forbidden);
    let mut itself = (*world.get::<HeldCommand>(id)).clone();
    itself.command = Command::from(accept(id)).to_raw();
    world.put(itself);
    assert_eq!(world.decide(world.manager, &accept(id).into()), Err(Rejection::Forbidden));
    world.apply(world.manager, set_aside(id, "不可")).expect("it can be set aside");
}

#[test]
fn what_cannot_be_read_can_only_be_set_aside() {
    let mut world = World::new();
    let held = world.hold(world.rep, accept(HeldCommandId(uuid::Uuid::nil())), Rejection::Forbidden);
    let mut unreadable = (*world.get::<HeldCommand>(held)).clone();
    unreadable.command.name = "from_the_future_v9".into();
    world.put(unreadable);
    assert_eq!(world.decide(world.manager, &accept(held).into()), Err(Rejection::UnknownCommand));
}
