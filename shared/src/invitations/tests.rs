use super::command::{
    ChangeParty, ConfirmInvitation, MakeLink, NoteReminder, PlanInvitations, PlannedInvitation, RecordAnswer, RefuseReminders, TellWaiting,
    WithdrawLinks,
};
use super::link::{GUEST_PAGE, LinkToken, MOST_LINKS};
use super::ticket::Ticket;
use super::*;
use crate::customers::command::TransferCustomers;
use crate::customers::{Contact, Customer};
use crate::ids::GuestId;
use crate::meetings::command::{CancelMeeting, EditMeeting};
use crate::meetings::places::{InLine, MOST_WAITING, Places};
use crate::meetings::{Guest, Meeting, Standing};
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
fn b1_one_plan_names_a_customer_and_an_id_once() {
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
fn b1_whoever_invites_must_hold_the_customer() {
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
fn b3_nobody_is_invited_who_asked_not_to_be_contacted() {
    let mut world = World::new();
    let (meeting, other, customer, rep) = (world.meeting, world.other_meeting, world.customer, world.rep);
    let invitation = world.invite(meeting, customer);
    world.answer(invitation, Answer::DoNotContact);
    assert_eq!(world.get::<Customer>(customer).profile.contact, crate::customers::Contact::Refused);
    let plan = vec![planned(&mut world, customer, rep)];
    assert_eq!(world.apply(rep, PlanInvitations { meeting: other, planned: plan }), Err(Rejection::DoNotContact { customer }));
}

#[test]
fn b3_a_yes_gives_a_card_and_a_ticket_and_a_no_takes_them() {
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
fn b4_a_new_yes_takes_back_cannot_come() {
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
fn b4_only_whoever_agreed_can_confirm() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let invitation = world.invite(meeting, customer);
    assert_eq!(confirm(&mut world, invitation, Confirmation::Confirmed), Err(Rejection::InvitationNotAgreed));
    world.answer(invitation, Answer::Agreed);
    world.apply(world.manager, CancelMeeting { meeting }).expect("within the rules");
    assert_eq!(confirm(&mut world, invitation, Confirmation::Confirmed), Err(Rejection::MeetingCancelled));
}

#[test]
fn b3_an_answer_is_one_of_those_that_people_give_and_within_bounds() {
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
fn b3_a_question_is_kept_once_over_all_attempts() {
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
fn b3_the_two_hundred_and_first_attempt_is_refused() {
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

/// A meeting with so many places and some customers of `rep`'s who are invited to it.
fn narrow(capacity: u32, guests: usize) -> (World, Vec<InvitationId>) {
    let mut world = World::new();
    let (id, rep) = (world.meeting, world.rep);
    let mut meeting = (*world.get::<Meeting>(id)).clone();
    meeting.plan.capacity = capacity;
    world.put(meeting);
    let names = ["甲", "乙", "丙", "丁", "戊", "己"];
    let invited = names[..guests].iter().map(|name| {
        let customer = world.add_customer(rep, name);
        world.invite(id, customer)
    });
    let invited = invited.collect();
    (world, invited)
}

fn bring(world: &mut World, invitation: InvitationId, companions: u8) -> Result<(), Rejection> {
    world.apply(world.rep, ChangeParty { invitation, companions }).map(|_| ())
}

/// Who comes (`+`), who waits (`-`, offered: `o`), in the order given.
fn seats(world: &World, invitations: &[InvitationId]) -> String {
    let places = world.find::<Places>(world.meeting).map_or(Places::none_taken(world.meeting), |places| (*places).clone());
    let sign = |id: &InvitationId| match world.get::<Invitation>(*id) {
        it if it.comes() => '+',
        it if it.waiting.is_some() => {
            if places.is_offered(it.id) {
                'o'
            } else {
                '-'
            }
        }
        _ => '.',
    };
    invitations.iter().map(sign).collect()
}

#[test]
fn b8_a_yes_beyond_the_capacity_stands_in_line_without_a_card_and_a_ticket() {
    let (mut world, guests) = narrow(2, 4);
    for guest in &guests {
        world.answer(*guest, Answer::Agreed);
    }
    assert_eq!(seats(&world, &guests), "++--");
    let places = world.get::<Places>(world.meeting);
    assert_eq!((places.taken, places.waiting(), places.free(2)), (2, 2, 0));
    assert_eq!((places.position(guests[2]), places.position(guests[3]), places.position(guests[0])), (Some(1), Some(2), None));
    let waits = world.get::<Invitation>(guests[2]);
    assert_eq!((waits.waiting, &waits.ticket), (Some(Waiting::Untold), &None));
    assert!(world.find::<Guest>(GuestId(guests[2].0)).is_none());
    assert_eq!(confirm(&mut world, guests[2], Confirmation::Confirmed), Err(Rejection::InvitationNotAgreed), "there is no place to confirm");
}

#[test]
fn b8_a_freed_place_is_held_for_the_first_in_line_until_they_answer() {
    let (mut world, guests) = narrow(1, 4);
    for guest in &guests {
        world.answer(*guest, Answer::Agreed);
    }
    confirm(&mut world, guests[0], Confirmation::CannotCome).expect("within the rules");
    assert_eq!(seats(&world, &guests), ".o--");
    world.answer(guests[0], Answer::Agreed);
    assert_eq!(seats(&world, &guests), "-o--", "the place is held: who has given it up goes to the end of the line");
    assert_eq!(world.get::<Places>(world.meeting).position(guests[0]), Some(4));
    world.answer(guests[1], Answer::NoAnswer);
    assert_eq!(seats(&world, &guests), "-o--", "not reached is not given up");
    world.answer(guests[1], Answer::Declined { reason: "no_time".into(), words: String::new() });
    assert_eq!(seats(&world, &guests), "-.o-");
    world.answer(guests[2], Answer::Agreed);
    assert_eq!(seats(&world, &guests), "-.+-");
    assert!(world.get::<Invitation>(guests[2]).ticket.is_some());
    assert_eq!(standing(&world, guests[2]), Standing::Agreed);
}

#[test]
fn b8_companions_take_places_and_a_party_that_does_not_fit_keeps_its_turn() {
    let (mut world, guests) = narrow(5, 4);
    bring(&mut world, guests[0], 3).expect("known before the yes");
    world.answer(guests[0], Answer::Agreed);
    assert_eq!(world.get::<Guest>(GuestId(guests[0].0)).companions, 3);
    bring(&mut world, guests[1], 2).expect("within the rules");
    world.answer(guests[1], Answer::Agreed);
    world.answer(guests[2], Answer::Agreed);
    world.answer(guests[3], Answer::Agreed);
    assert_eq!(seats(&world, &guests), "+-+-", "a single one fits where three do not");
    assert_eq!(bring(&mut world, guests[0], 4), Err(Rejection::NotEnoughPlaces { left: 0 }));
    bring(&mut world, guests[0], 2).expect("one less");
    assert_eq!(seats(&world, &guests), "+-+o");
    bring(&mut world, guests[3], 1).expect("who waits may ask for more, and waits on");
    assert_eq!(seats(&world, &guests), "+-+-");
    bring(&mut world, guests[1], 0).expect("comes alone after all");
    assert_eq!(seats(&world, &guests), "+o+-");
    for (companions, expected) in
        [(9, Err(Rejection::NotEnoughPlaces { left: 0 })), (10, Err(Rejection::OutOfRange { field: Field::Companions, min: 0, max: 9 }))]
    {
        assert_eq!(bring(&mut world, guests[0], companions), expected);
    }
}

#[test]
fn b8_more_places_in_the_plan_are_offered_and_fewer_take_nobodys_away() {
    let (mut world, guests) = narrow(2, 4);
    for guest in &guests {
        world.answer(*guest, Answer::Agreed);
    }
    let resize = |world: &mut World, capacity| {
        let meeting = world.meeting;
        let plan = crate::meetings::Plan { capacity, ..world.get::<Meeting>(meeting).plan.clone() };
        world.apply(world.manager, EditMeeting { meeting, plan }).expect("within the rules");
    };
    resize(&mut world, 3);
    assert_eq!(seats(&world, &guests), "++o-");
    resize(&mut world, 1);
    assert_eq!(seats(&world, &guests), "++o-");
    world.answer(guests[2], Answer::Agreed);
    world.answer(guests[0], Answer::DoNotContact);
    assert_eq!(seats(&world, &guests), ".++-", "there are more guests than places still");
}

#[test]
fn b8_a_yes_noted_offline_beyond_the_capacity_is_kept_in_line_until_the_guest_is_told() {
    let (mut world, guests) = narrow(1, 2);
    // The device knows of neither of the two rulings: it promises a place.
    let device = world.replica(world.rep);
    let command = said(guests[1], Answer::Agreed).into();
    let context = crate::decide::Context { actor: world.actor(world.rep), at: world.now, device: world.device(world.rep), authority: None };
    let predicted = crate::decide::decide(&device, &command, &context).expect("within the rules");
    world.answer(guests[0], Answer::Agreed);
    world.apply(world.rep, command).expect("never lost");
    let waiting = |patches: &[crate::Patch]| {
        let mut found = patches
            .iter()
            .filter_map(|patch| if let crate::Patch::Put(record) = patch { <Invitation as crate::record::Stored>::of(record) } else { None });
        found.next().and_then(|invitation| invitation.waiting)
    };
    assert_eq!(waiting(&predicted), None);
    assert_eq!(world.get::<Invitation>(guests[1]).waiting, Some(Waiting::Untold));
    world.apply(world.rep, TellWaiting { invitation: guests[1] }).expect("within the rules");
    assert_eq!(world.get::<Invitation>(guests[1]).waiting, Some(Waiting::Told));
    world.answer(guests[1], Answer::Agreed);
    assert_eq!(world.get::<Invitation>(guests[1]).waiting, Some(Waiting::Told), "the line has not moved");
    assert_eq!(world.apply(world.rep, TellWaiting { invitation: guests[0] }), Ok(Vec::new()), "who has a place waits for nothing");
}

#[test]
fn b8_places_of_before_there_were_lines_are_counted_from_the_cards() {
    let (mut world, guests) = narrow(2, 3);
    world.answer(guests[0], Answer::Agreed);
    world.records.apply(crate::Patch::delete::<Places>(world.meeting));
    world.answer(guests[1], Answer::Agreed);
    world.answer(guests[2], Answer::Agreed);
    assert_eq!(seats(&world, &guests), "++-");
}

#[test]
fn b8_a_line_is_bounded() {
    let (mut world, guests) = narrow(1, 2);
    let meeting = world.meeting;
    let entry = |at: u128| InLine { invitation: InvitationId(uuid::Uuid::from_u128(1_000_000 + at)), party: 1, offered: false };
    world.put(Places { meeting, taken: 1, line: (0..MOST_WAITING as u128).map(entry).collect() });
    let refused = world.apply(world.rep, said(guests[0], Answer::Agreed));
    assert_eq!(refused, Err(Rejection::OutOfRange { field: Field::Capacity, min: 0, max: MOST_WAITING as i64 }));
}

#[test]
fn b6_the_last_links_work_and_withdrawing_ends_all() {
    let (mut world, guests) = narrow(5, 2);
    let link = |number: usize| LinkToken::of(&[number as u8; 24]).hash();
    let rep = world.rep;
    let found = |world: &World, number| world.records.ids(&crate::Index::InvitationByLink(link(number))).count();
    for number in 0..=MOST_LINKS {
        world.apply(rep, MakeLink { invitation: guests[0], link: link(number) }).expect("within the rules");
    }
    world.apply(rep, MakeLink { invitation: guests[0], link: link(3) }).expect("the same once more changes nothing");
    assert_eq!((found(&world, 0), found(&world, 1), found(&world, MOST_LINKS)), (0, 1, 1), "the oldest has gone");
    let taken = world.apply(rep, MakeLink { invitation: guests[1], link: link(1) });
    assert_eq!(taken, Err(Rejection::AlreadyExists { kind: crate::Kind::Invitation }));
    world.apply(rep, WithdrawLinks { invitation: guests[0] }).expect("within the rules");
    assert_eq!(found(&world, MOST_LINKS), 0);
    world.answer(guests[0], Answer::DoNotContact);
    let customer = world.get::<Invitation>(guests[0]).customer;
    assert_eq!(world.apply(rep, MakeLink { invitation: guests[0], link: link(1) }), Err(Rejection::DoNotContact { customer }));
}

/// What the rules say to the server's page.
fn from_the_page(world: &World, command: impl Into<crate::Command>) -> Result<Vec<crate::Patch>, crate::decide::Stop> {
    let context = crate::decide::Context {
        actor: world.actor(world.rep),
        at: world.now,
        device: GUEST_PAGE,
        authority: Some(crate::decide::Authority { signer: world.signer(), now: world.now }),
    };
    crate::decide::decide(&world.records, &command.into(), &context)
}

#[test]
fn b6_a_guest_declines_without_a_reason_and_leaves_room_for_the_rep() {
    let (mut world, guests) = narrow(5, 1);
    let declined = said(guests[0], Answer::Declined { reason: String::new(), words: "出國".into() });
    assert_eq!(world.apply(world.rep, declined.clone()), Err(Rejection::UnknownReason), "a rep names one");
    for round in 0..60 {
        let patches = from_the_page(&world, declined.clone()).unwrap_or_else(|stop| panic!("{round}: {stop:?}"));
        patches.into_iter().for_each(|patch| world.records.apply(patch));
    }
    assert!(from_the_page(&world, declined).is_err(), "whoever presses about is held up");
    assert!(world.get::<Invitation>(guests[0]).attempts.iter().all(|attempt| attempt.by_guest));
    world.answer(guests[0], Answer::Agreed);
    assert!(!world.get::<Invitation>(guests[0]).attempts[60].by_guest);
}

#[test]
fn b7_who_wants_no_reminders_keeps_the_place_and_may_be_called() {
    let (mut world, guests) = narrow(5, 1);
    world.answer(guests[0], Answer::Agreed);
    let (rep, meeting, before) = (world.rep, world.meeting, world.get::<Invitation>(guests[0]));
    world.apply(world.manager, CancelMeeting { meeting }).expect("within the rules");
    for round in 0..2 {
        world.apply(rep, RefuseReminders { invitation: guests[0] }).unwrap_or_else(|rejection| panic!("{round}: {rejection:?}"));
    }
    let profile = world.get::<Customer>(before.customer).profile.clone();
    assert_eq!((profile.reminders, profile.contact), (Contact::Refused, Contact::Allowed));
    assert!(world.get::<Invitation>(guests[0]) == before, "the place and the ticket are as they were");
}

#[test]
fn b7_the_server_alone_notes_what_it_has_sent_and_the_latest_are_kept() {
    let (mut world, guests) = narrow(5, 1);
    let note = |channel| NoteReminder { invitation: guests[0], channel, outcome: ReminderOutcome::Sent };
    for user in [world.rep, world.manager, world.administrator] {
        assert_eq!(world.apply(user, note(Channel::Mail)), Err(Rejection::Forbidden));
    }
    for channel in std::iter::once(Channel::Mail).chain([Channel::Sms; reminder::MOST_NOTED]) {
        let patches = from_the_page(&world, note(channel)).expect("within the rules");
        patches.into_iter().for_each(|patch| world.records.apply(patch));
    }
    let noted = world.get::<Invitation>(guests[0]).reminders.clone();
    assert_eq!(noted.len(), reminder::MOST_NOTED);
    assert!(noted.iter().all(|reminded| reminded.channel == Channel::Sms), "the oldest has gone");
}
