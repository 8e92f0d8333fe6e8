use super::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use super::*;
use crate::customers::Customer;
use crate::customers::milestones::Milestone;
use crate::decide::ViewExt;
use crate::ids::CustomerId;
use crate::invitations::command::ConfirmInvitation;
use crate::invitations::ticket::TicketSigner;
use crate::invitations::{Answer, Confirmation, Invitation};
use crate::meetings::command::{CancelMeeting, EditMeeting};
use crate::meetings::places::Places;
use crate::meetings::{Guest, GuestOrigin, Meeting, Plan};
use crate::phone::{Country, Phone};
use crate::record::Index;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn expected() -> (World, GuestId) {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let guest = world.expect_guest(meeting, customer);
    (world, guest)
}

fn let_in(world: &mut World, by: UserId, guest: GuestId) -> CheckInId {
    let command = world.check_in(world.meeting, guest);
    let check_in = command.check_in;
    world.apply(by, command).expect("within the rules");
    check_in
}

fn scanned(world: &mut World, guest: GuestId, code: &str) -> Result<(), Rejection> {
    let command = CheckInGuest { method: Method::Ticket, ticket: Some(code.into()), ..world.check_in(world.meeting, guest) };
    world.apply(world.rep, command).map(|_| ())
}

fn walk_in(world: &mut World, customer: CustomerId) -> RegisterWalkIn {
    RegisterWalkIn {
        check_in: world.id(),
        guest: world.id(),
        customer,
        meeting: world.meeting,
        desk: "A".into(),
        name: "何先生".into(),
        salutation: None,
        phone: Phone::parse("0912345678", Country::Tw).ok(),
        email: String::new(),
        company: "宏達".into(),
    }
}

#[test]
fn d2_two_desks_that_let_in_one_guest_are_both_kept_and_a_person_decides() {
    let (mut world, guest) = expected();
    let (rep, colleague) = (world.rep, world.colleague);
    let first = let_in(&mut world, rep, guest);
    let second = let_in(&mut world, colleague, guest);
    let conflict = world.get::<Conflict>(ConflictId(second.0));
    assert_eq!((conflict.first, conflict.second, &conflict.ruling), (first, second, &None));
    world.apply(world.supervisor, RuleConflict { conflict: conflict.id, keep: second }).expect("the supervisor of those on duty rules");
    assert_eq!(world.get::<Conflict>(conflict.id).ruling.as_ref().map(|ruling| ruling.kept), Some(second));
    assert!(world.find::<CheckIn>(first).is_some(), "nothing is deleted");
    assert_eq!(world.apply(rep, RuleConflict { conflict: conflict.id, keep: first }), Err(Rejection::AlreadyRuled));
}

#[test]
fn d2_a_ruling_keeps_one_of_the_two_and_is_made_by_those_on_duty_or_above() {
    let (mut world, guest) = expected();
    let (rep, stranger) = (world.rep, world.stranger);
    let_in(&mut world, rep, guest);
    let second = let_in(&mut world, rep, guest);
    let conflict = ConflictId(second.0);
    let neither = RuleConflict { conflict, keep: world.id() };
    assert_eq!(world.apply(rep, neither), Err(Rejection::NotFound { kind: crate::Kind::CheckIn }));
    for who in [stranger, world.other_supervisor, world.administrator] {
        assert_eq!(world.apply(who, RuleConflict { conflict, keep: second }), Err(Rejection::Forbidden));
    }
    assert!(world.apply(world.manager, RuleConflict { conflict, keep: second }).is_ok());
}

#[test]
fn a_third_check_in_conflicts_with_the_one_that_counts_whatever_the_clocks_say() {
    let (mut world, guest) = expected();
    let rep = world.rep;
    let noon = world.now;
    let first = let_in(&mut world, rep, guest);
    world.now = noon - chrono::Duration::hours(5);
    let_in(&mut world, rep, guest);
    let third = let_in(&mut world, rep, guest);
    assert_eq!(world.get::<Conflict>(ConflictId(third.0)).first, first, "the second desk's clock is five hours slow");
}

#[test]
fn d2_an_undo_stays_visible_settles_its_conflict_and_happens_once() {
    let (mut world, guest) = expected();
    let rep = world.rep;
    let first = let_in(&mut world, rep, guest);
    let second = let_in(&mut world, rep, guest);
    world.apply(rep, UndoCheckIn { check_in: first }).expect("within the rules");
    assert!(world.get::<CheckIn>(first).undone.is_some());
    assert_eq!(world.get::<Conflict>(ConflictId(second.0)).ruling.as_ref().map(|ruling| ruling.kept), Some(second));
    assert_eq!(world.apply(rep, UndoCheckIn { check_in: first }), Err(Rejection::AlreadyUndone { check_in: first }));
}

#[test]
fn whoever_was_undone_can_be_let_in_again_without_a_conflict() {
    let (mut world, guest) = expected();
    let rep = world.rep;
    let first = let_in(&mut world, rep, guest);
    world.apply(rep, UndoCheckIn { check_in: first }).expect("within the rules");
    let again = let_in(&mut world, rep, guest);
    assert!(world.find::<Conflict>(ConflictId(again.0)).is_none());
}

#[test]
fn an_id_is_used_once() {
    let (mut world, guest) = expected();
    let command = world.check_in(world.meeting, guest);
    world.apply(world.rep, command.clone()).expect("within the rules");
    assert_eq!(world.apply(world.rep, command), Err(Rejection::AlreadyExists { kind: crate::Kind::CheckIn }));
}

#[test]
fn a_code_opens_the_door_only_if_it_is_this_guests_ticket_to_this_meeting() {
    let (mut world, guest) = expected();
    let (other_meeting, strangers_customer) = (world.other_meeting, world.strangers_customer);
    let elsewhere = world.expect_guest(other_meeting, strangers_customer);
    let code = |world: &World, guest: GuestId| world.get::<Invitation>(guest.0.into()).ticket.clone().expect("a ticket");
    let (good, wrong) = (code(&world, guest), code(&world, elsewhere));
    let forged = TicketSigner::from_seed(&[9; 32]).sign(world.meeting, guest, world.now, "王小明");
    assert_eq!(scanned(&mut world, guest, "https://example.com/menu"), Err(Rejection::Malformed { field: Field::Ticket }));
    assert_eq!(scanned(&mut world, guest, &"龍".repeat(5_000)), Err(Rejection::Malformed { field: Field::Ticket }));
    assert_eq!(scanned(&mut world, guest, &forged), Err(Rejection::TicketForged));
    assert_eq!(scanned(&mut world, elsewhere, &wrong), Err(Rejection::TicketOfAnotherMeeting));
    assert_eq!(scanned(&mut world, elsewhere, &good), Err(Rejection::TicketOfAnotherMeeting), "a ticket speaks for its guest alone");
    assert_eq!(scanned(&mut world, guest, &good), Ok(()));
    let without = CheckInGuest { method: Method::Ticket, ..world.check_in(world.meeting, guest) };
    assert_eq!(world.apply(world.rep, without), Err(Rejection::Required { field: Field::Ticket }));
}

#[test]
fn d1_a_revoked_ticket_is_told_and_the_guest_can_be_let_in_by_name() {
    let (mut world, guest) = expected();
    let code = world.get::<Invitation>(guest.0.into()).ticket.clone().expect("a ticket");
    let cannot = ConfirmInvitation { invitation: guest.0.into(), confirmation: Confirmation::CannotCome };
    world.apply(world.rep, cannot).expect("within the rules");
    assert_eq!(scanned(&mut world, guest, &code), Err(Rejection::TicketRevoked));
    let rep = world.rep;
    let_in(&mut world, rep, guest);
}

#[test]
fn d1_who_was_invited_and_never_said_yes_has_come_all_the_same() {
    let mut world = World::new();
    let (meeting, rep) = (world.meeting, world.rep);
    let others: Vec<_> = ["李小華", "陳小美"].map(|name| world.add_customer(rep, name)).into();
    let silent = world.invite(meeting, world.customer);
    let (declined, elsewhere) = (world.invite(meeting, others[0]), world.invite(world.other_meeting, others[1]));
    world.answer(declined, Answer::Declined { reason: "no_time".into(), words: String::new() });
    for invitation in [silent, declined] {
        let_in(&mut world, rep, GuestId(invitation.0));
        let (card, invitation) = (world.get::<Guest>(GuestId(invitation.0)), world.get::<Invitation>(invitation));
        assert_eq!((card.origin, invitation.answer.clone(), invitation.ticket.is_some()), (GuestOrigin::Invited, Answer::Agreed, true));
    }
    assert_eq!(world.get::<Places>(meeting).taken, 2);
    let milestones = world.records.list::<Milestone>(&Index::MilestonesByCustomer(world.customer)).expect("memory can be read");
    assert_eq!(milestones.len(), 1, "the owner hears of it");
    let command = world.check_in(meeting, GuestId(elsewhere.0));
    assert_eq!(world.apply(rep, command), Err(Rejection::NotFound { kind: crate::Kind::Guest }), "of another meeting");
}

#[test]
fn d1_who_waits_in_line_and_comes_has_a_place_even_if_all_are_taken() {
    let mut world = World::new();
    let (meeting, rep) = (world.meeting, world.rep);
    let plan = Plan { capacity: 1, ..world.get::<Meeting>(meeting).plan.clone() };
    world.apply(world.manager, EditMeeting { meeting, plan }).expect("within the rules");
    let other = world.add_customer(rep, "李小華");
    world.expect_guest(meeting, world.customer);
    let waits = world.expect_guest(meeting, other);
    assert!(world.find::<Guest>(waits).is_none());
    let_in(&mut world, rep, waits);
    let places = world.get::<Places>(meeting);
    assert_eq!((places.taken, places.line.len()), (2, 0));
}

#[test]
fn d1_a_good_ticket_proves_a_guest_whom_the_device_has_never_seen() {
    let (mut world, guest) = expected();
    let code = world.get::<Invitation>(guest.0.into()).ticket.clone();
    let mut device = World::new();
    let command = CheckInGuest { method: Method::Ticket, ticket: code, ..world.check_in(world.meeting, guest) };
    assert!(device.apply(device.rep, command.clone()).is_ok());
    let by_name = CheckInGuest { check_in: device.id(), method: Method::Search, ticket: None, ..command };
    assert_eq!(device.apply(device.rep, by_name), Err(Rejection::NotFound { kind: crate::Kind::Guest }));
}

#[test]
fn c1_a_door_is_kept_by_those_on_duty_their_supervisor_and_managers() {
    let (mut world, guest) = expected();
    let command = world.check_in(world.meeting, guest);
    for (who, allowed) in [
        (world.rep, true),
        (world.colleague, true),
        (world.supervisor, true),
        (world.manager, true),
        (world.stranger, false),
        (world.other_supervisor, false),
        (world.administrator, false),
    ] {
        let ruling = world.decide(who, &command.clone().into()).map(|_| ());
        assert_eq!(ruling, if allowed { Ok(()) } else { Err(Rejection::Forbidden) }, "{who}");
    }
}

#[test]
fn d2_a_check_in_at_a_cancelled_meeting_waits_for_a_person() {
    let (mut world, guest) = expected();
    let meeting = world.meeting;
    world.apply(world.manager, CancelMeeting { meeting }).expect("within the rules");
    let command = crate::Command::from(world.check_in(meeting, guest));
    assert!(command.is_field_fact(), "so that the server keeps it");
    assert_eq!(world.decide(world.rep, &command), Err(Rejection::MeetingCancelled));
}

#[test]
fn a7_a_walk_in_becomes_a_customer_of_whoever_received_them_even_with_a_known_phone() {
    let mut world = World::new();
    let rep = world.rep;
    let phone = world.get::<Customer>(world.strangers_customer).profile.phones[0].clone();
    let customer = world.id();
    let command = RegisterWalkIn { phone: Some(phone.clone()), ..walk_in(&mut world, customer) };
    world.apply(rep, command.clone()).expect("within the rules");
    assert_eq!(world.get::<Customer>(customer).owner, Some(rep));
    assert_eq!(world.get::<Customer>(world.strangers_customer).profile.phones, [phone], "the other record is left alone");
    assert_eq!(world.get::<Guest>(command.guest).origin, GuestOrigin::WalkIn);
    assert_eq!(world.get::<CheckIn>(command.check_in).method, Method::WalkIn);
}

#[test]
fn d1_a_known_customer_who_walks_in_stays_one_customer() {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    let before = world.get::<Customer>(customer);
    let command = walk_in(&mut world, customer);
    world.apply(rep, command.clone()).expect("within the rules");
    let after = world.get::<Customer>(customer);
    assert_eq!((after.profile.name.as_str(), after.profile.company.as_str()), ("王小明", "宏達"), "what was empty is filled, what was there stays");
    assert_eq!(after.profile.phones.len(), before.profile.phones.len() + 1);
    assert_eq!(world.get::<Guest>(command.guest).customer, customer);
    let (others, customer) = (world.colleagues_customer, world.customer);
    let command = walk_in(&mut world, others);
    assert_eq!(world.apply(rep, command), Err(Rejection::AlreadyExists { kind: crate::Kind::Customer }));
    let again = walk_in(&mut world, customer);
    world.apply(rep, again.clone()).expect("kept");
    assert!(world.find::<Guest>(again.guest).is_none(), "a customer has one card per meeting");
    assert!(world.find::<Conflict>(ConflictId(again.check_in.0)).is_some());
}

#[test]
fn an_expected_guest_who_is_registered_as_walk_in_is_checked_in_on_their_card() {
    let (mut world, guest) = expected();
    let (customer, rep) = (world.customer, world.rep);
    let command = walk_in(&mut world, customer);
    world.apply(rep, command.clone()).expect("within the rules");
    assert_eq!(world.get::<CheckIn>(command.check_in).guest, guest);
}

#[test]
fn d1_a_walk_in_needs_a_name_one_way_of_contact_and_texts_within_bounds() {
    let mut world = World::new();
    let customer = world.id();
    let form = walk_in(&mut world, customer);
    let long = || "龍".repeat(5_000);
    for (command, expected) in [
        (RegisterWalkIn { name: " ".into(), ..form.clone() }, Rejection::Required { field: Field::Name }),
        (RegisterWalkIn { phone: None, ..form.clone() }, Rejection::NoWayOfContact),
        (RegisterWalkIn { name: long(), ..form.clone() }, Rejection::TooLong { field: Field::Name, max: 100, found: 5_000 }),
        (RegisterWalkIn { company: long(), ..form.clone() }, Rejection::TooLong { field: Field::Company, max: 100, found: 5_000 }),
        (RegisterWalkIn { email: long(), ..form.clone() }, Rejection::TooLong { field: Field::Email, max: 254, found: 5_000 }),
        (RegisterWalkIn { desk: long(), ..form }, Rejection::TooLong { field: Field::Desk, max: 40, found: 5_000 }),
    ] {
        assert_eq!(world.apply(world.rep, command), Err(expected));
    }
}
