use super::command::{ConfirmInvitation, PlanInvitations, PlannedInvitation, RecordAnswer};
use super::ticket::Ticket;
use super::*;
use crate::customers::Customer;
use crate::customers::command::TransferCustomers;
use crate::ids::GuestId;
use crate::meetings::command::CancelMeeting;
use crate::meetings::{Guest, Standing};
use crate::rejection::{Field, Rejection};
use crate::settings::Settings;
use crate::testing::World;

fn planned(world: &mut World, customer: CustomerId, rep: UserId) -> PlannedInvitation {
    PlannedInvitation { invitation: world.id(), customer, rep, channel: Channel::Phone, due: None }
}

fn said(invitation: InvitationId, answer: Answer) -> RecordAnswer {
    RecordAnswer { invitation, channel: Channel::Phone, answer, questions: Vec::new() }
}

fn confirm(world: &mut World, invitation: InvitationId, confirmation: Confirmation) -> Result<(), Rejection> {
    world.apply(world.rep, ConfirmInvitation { invitation, confirmation }).map(|_| ())
}

fn standing(world: &World, invitation: InvitationId) -> Standing {
    world.get::<Guest>(GuestId(invitation.0)).standing
}

#[test]
fn a_second_plan_for_a_customer_says_who_has_it() {
    let mut world = World::new();
    let (meeting, customer, rep) = (world.meeting, world.customer, world.rep);
    let invitation = world.invite(meeting, customer);
    let again = vec![planned(&mut world, customer, rep)];
    let expected = Err(Rejection::AlreadyInvited { customer, invitation, rep });
    assert_eq!(world.apply(world.manager, PlanInvitations { meeting, planned: again }), expected);
}

#[test]
fn one_plan_names_a_customer_and_an_id_once() {
    let mut world = World::new();
    let (meeting, rep, customer) = (world.meeting, world.rep, world.customer);
    let other = world.add_customer(rep, "趙子龍");
    let first = planned(&mut world, customer, rep);
    let twice = PlannedInvitation { customer, ..planned(&mut world, customer, rep) };
    let refused = world.apply(rep, PlanInvitations { meeting, planned: vec![first.clone(), twice] });
    assert!(matches!(refused, Err(Rejection::AlreadyInvited { .. })), "{refused:?}");
    let same_id = PlannedInvitation { customer: other, ..first.clone() };
    let refused = world.apply(rep, PlanInvitations { meeting, planned: vec![first, same_id] });
    assert_eq!(refused, Err(Rejection::AlreadyExists { kind: crate::Kind::Invitation }));
}

#[test]
fn whoever_invites_must_hold_the_customer() {
    let mut world = World::new();
    let meeting = world.meeting;
    for (customer, rep, allowed) in [
        (world.customer, world.rep, true),
        (world.customer, world.supervisor, true),
        (world.customer, world.colleague, false),
        (world.customer, world.leaver, false),
        (world.pool_customer, world.rep, false),
        (world.colleagues_customer, world.colleague, true),
    ] {
        let plan = vec![planned(&mut world, customer, rep)];
        let ruling = world.decide(world.supervisor, &PlanInvitations { meeting, planned: plan }.into());
        assert_eq!(ruling.map(|_| ()), if allowed { Ok(()) } else { Err(Rejection::Forbidden) }, "{customer} by {rep}");
    }
}

#[test]
fn nobody_is_invited_who_asked_not_to_be_contacted() {
    let mut world = World::new();
    let (meeting, other, customer, rep) = (world.meeting, world.other_meeting, world.customer, world.rep);
    let invitation = world.invite(meeting, customer);
    world.answer(invitation, Answer::DoNotContact);
    assert_eq!(world.get::<Customer>(customer).profile.contact, crate::customers::Contact::Refused);
    let plan = vec![planned(&mut world, customer, rep)];
    assert_eq!(world.apply(rep, PlanInvitations { meeting: other, planned: plan }), Err(Rejection::DoNotContact { customer }));
}

#[test]
fn a_yes_gives_a_card_and_a_ticket_and_a_no_takes_them() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    world.answer(invitation, Answer::NoAnswer);
    assert!(world.find::<Guest>(GuestId(invitation.0)).is_none(), "nobody has said yes");
    world.answer(invitation, Answer::Agreed);
    let key = world.get::<Settings>(world.org).ticket_key.clone();
    let code = world.get::<Invitation>(invitation).ticket.clone().expect("a ticket");
    let ticket = Ticket::verify(&code, &key).expect("genuine");
    assert_eq!((ticket.meeting, ticket.guest.0), (meeting, invitation.0));
    world.answer(invitation, Answer::Declined { reason: "no_time".into(), words: String::new() });
    assert_eq!((standing(&world, invitation), world.get::<Invitation>(invitation).ticket.clone()), (Standing::Revoked, None));
}

#[test]
fn a_new_yes_takes_back_cannot_come() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    world.answer(invitation, Answer::Agreed);
    confirm(&mut world, invitation, Confirmation::CannotCome).expect("within the rules");
    assert_eq!((standing(&world, invitation), world.get::<Invitation>(invitation).ticket.clone()), (Standing::Revoked, None));
    world.answer(invitation, Answer::Agreed);
    assert_eq!(standing(&world, invitation), Standing::Agreed);
    assert!(world.get::<Invitation>(invitation).ticket.is_some());
    confirm(&mut world, invitation, Confirmation::Confirmed).expect("within the rules");
    assert_eq!(standing(&world, invitation), Standing::Confirmed);
    world.answer(invitation, Answer::Agreed);
    assert_eq!(standing(&world, invitation), Standing::Confirmed, "who confirmed and says yes again has still confirmed");
}

#[test]
fn only_whoever_agreed_can_confirm() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    assert_eq!(confirm(&mut world, invitation, Confirmation::Confirmed), Err(Rejection::InvitationNotAgreed));
    world.answer(invitation, Answer::Agreed);
    world.apply(world.manager, CancelMeeting { meeting }).expect("within the rules");
    assert_eq!(confirm(&mut world, invitation, Confirmation::Confirmed), Err(Rejection::MeetingCancelled));
}

#[test]
fn an_answer_is_one_of_those_that_people_give_and_within_bounds() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    let long = || "龍".repeat(5_000);
    let declined = |reason: &str, words: String| said(invitation, Answer::Declined { reason: reason.into(), words });
    let asked = |questions| RecordAnswer { questions, ..said(invitation, Answer::NoAnswer) };
    for (command, expected) in [
        (said(invitation, Answer::Planned), Rejection::Required { field: Field::Reason }),
        (declined("because", String::new()), Rejection::UnknownReason),
        (declined(&long(), String::new()), Rejection::UnknownReason),
        (declined("no_time", long()), Rejection::TooLong { field: Field::Words, max: 2_000, found: 5_000 }),
        (said(invitation, Answer::CallBack { at: Timestamp::MAX_UTC }), Rejection::Malformed { field: Field::CallBackAt }),
        (asked(vec![long()]), Rejection::TooLong { field: Field::Question, max: 2_000, found: 5_000 }),
        (asked(vec!["\n".into()]), Rejection::Required { field: Field::Question }),
        (asked(vec!["?".into(); 51]), Rejection::OutOfRange { field: Field::Question, min: 0, max: 50 }),
    ] {
        assert_eq!(world.apply(world.rep, command), Err(expected));
    }
}

#[test]
fn a_question_is_kept_once_over_all_attempts() {
    let mut world = World::new();
    let (meeting, customer, rep) = (world.meeting, world.customer, world.rep);
    let invitation = world.invite(meeting, customer);
    for questions in [vec!["多少錢".to_owned()], vec!["多少錢".to_owned(), "在哪裡".to_owned()]] {
        world.apply(rep, RecordAnswer { questions, ..said(invitation, Answer::NoAnswer) }).expect("within the rules");
    }
    let invitation = world.get::<Invitation>(invitation);
    assert_eq!((invitation.questions.as_slice(), invitation.attempts.len()), (["多少錢".to_owned(), "在哪裡".to_owned()].as_slice(), 2));
}

#[test]
fn the_two_hundred_and_first_attempt_is_refused() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    for _ in 0..200 {
        world.answer(invitation, Answer::NoAnswer);
    }
    let refused = world.apply(world.rep, said(invitation, Answer::Agreed));
    assert_eq!(refused, Err(Rejection::OutOfRange { field: Field::Rows, min: 1, max: 200 }));
}

#[test]
fn invitations_follow_the_customer_to_a_new_owner() {
    let mut world = World::new();
    let (meeting, customer, rep, colleague) = (world.meeting, world.customer, world.rep, world.colleague);
    let invitation = world.invite(meeting, customer);
    let guest = GuestId(invitation.0);
    world.answer(invitation, Answer::Agreed);
    world.apply(world.supervisor, TransferCustomers { customers: vec![customer], to: Some(colleague) }).expect("within the rules");
    assert!(world.replica(rep).noun::<Invitation>(invitation).is_none(), "whoever gave the customer away keeps nothing they said");
    assert!(world.replica(colleague).noun::<Invitation>(invitation).is_some());
    assert_eq!(world.apply(rep, said(invitation, Answer::NoAnswer)), Err(Rejection::Forbidden));
    world.apply(colleague, said(invitation, Answer::Agreed)).expect("the new owner calls");
    assert_eq!(world.get::<Guest>(guest).inviter, rep, "whoever invited stays the inviter");
}
