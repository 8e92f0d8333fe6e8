use super::command::*;
use super::tasks::{Hands, Task, Tasks, tasks};
use super::*;
use crate::check_ins::command::UndoCheckIn;
use crate::contacts::command::LogContact;
use crate::contacts::{Came, LoggedContact, NextStep, Way};
use crate::customers::command::{EditCustomer, MergeCustomers, ProfileChange, TransferCustomers};
use crate::customers::{Contact, Intent};
use crate::ids::{GuestId, InvitationId};
use crate::invitations::Confirmation;
use crate::invitations::command::ConfirmInvitation;
use crate::meetings::Meeting;
use crate::people::command::EditUser;
use crate::people::{Access, User};
use crate::rejection::{Field, Rejection};
use crate::settings::Settings;
use crate::testing::World;
use crate::testing::dice::{Choices, Dice};
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// The organisation after its meeting of 2026-11-30, 09:00 to 12:00 in Taipei: the first of the rep's customers bought there, the second came, the third stayed away.
struct After {
    world: World,
    bought: CustomerId,
    deal: DealId,
    came: CustomerId,
    guest: GuestId,
    away: CustomerId,
}

fn after() -> After {
    let mut world = World::new();
    let (rep, meeting) = (world.rep, world.meeting);
    let [bought, came, away] = ["已購", "到場", "未到"].map(|name| world.add_customer(rep, name));
    let guests = [bought, came, away].map(|customer| world.expect_guest(meeting, customer));
    world.now = world.get::<Meeting>(meeting).plan.starts_at;
    for guest in &guests[..2] {
        let command = world.check_in(meeting, *guest);
        world.apply(world.colleague, command).expect("on duty");
    }
    let command = world.open_deal(bought, Some(meeting));
    let deal = command.deal;
    world.apply(rep, command).expect("within the rules");
    world.apply(rep, world.sign(deal)).expect("within the rules");
    world.now = world.get::<Meeting>(meeting).plan.ends_at + TimeDelta::minutes(5);
    After { world, bought, deal, came, guest: guests[1], away }
}

fn of(world: &World, user: UserId) -> Tasks {
    tasks(&world.replica(user), user, world.now)
}

fn due(world: &World, user: UserId) -> Vec<(CustomerId, Why)> {
    of(world, user).due.iter().map(|task| (task.customer, task.why)).collect()
}

fn contact(world: &mut World, customer: CustomerId, came: Came, task: Option<Why>) -> LogContact {
    let contact = world.id();
    LogContact { contact, customer, at: None, way: Way::Call, came, words: String::new(), next: None, satisfaction: None, task }
}

fn log(world: &mut World, by: UserId, customer: CustomerId, came: Came, task: Option<Why>) -> ContactId {
    let command = contact(world, customer, came, task);
    world.apply(by, command.clone()).expect("within the rules");
    command.contact
}

fn mark(world: &mut World, by: UserId, (customer, why): (CustomerId, Why), mark: Mark) -> Result<(), Rejection> {
    world.apply(by, MarkFollowUp { customer, why, mark }).map(drop)
}

fn hand_over(to: UserId) -> Mark {
    Mark::HandedOver { to, due: at("2026-12-02T04:00:00Z"), words: "要找太太談".into() }
}

#[test]
fn g1_after_a_meeting_those_who_came_and_did_not_buy_and_those_who_stayed_away_are_tasks_within_48_hours() {
    let After { mut world, came, away, .. } = after();
    let (rep, meeting) = (world.rep, world.meeting);
    let expected = [(came, Why::CameOnly { meeting }), (away, Why::StayedAway { meeting })];
    let found = of(&world, rep);
    assert_eq!(found.due.iter().map(|task| (task.customer, task.why)).collect::<BTreeSet<_>>(), BTreeSet::from(expected));
    let ends_at = world.get::<Meeting>(meeting).plan.ends_at;
    assert!(found.due.iter().all(|task| task.due == ends_at + TimeDelta::hours(48) && task.hands == Hands::Own && !task.is_overdue(world.now)));
    assert_eq!(due(&world, world.colleague), [], "who let them in has no task of that");
    world.now = ends_at - TimeDelta::minutes(1);
    assert_eq!(due(&world, rep), [], "the meeting is still on");
    world.now = ends_at + TimeDelta::hours(49);
    assert!(of(&world, rep).due.iter().all(|task| task.is_overdue(world.now)));
    mark(&mut world, rep, (away, Why::StayedAway { meeting }), Mark::Snoozed { until: day("2027-01-11") }).expect("theirs");
    world.now = ends_at + TimeDelta::days(33);
    assert!(due(&world, rep).iter().all(|(_, why)| why.is_care()), "nobody asks after a month why somebody did not come");
    assert_eq!(of(&world, rep).later.len(), 1, "but whoever was put off longer");
    world.now = at("2027-01-11T02:00:00Z");
    assert!(due(&world, rep).contains(&(away, Why::StayedAway { meeting })));
}

#[test]
fn g1_who_bought_is_cared_for_after_seven_and_after_thirty_days() {
    let After { mut world, bought, deal, .. } = after();
    let rep = world.rep;
    let care = |world: &World| due(world, rep).into_iter().filter(|(customer, _)| *customer == bought).map(|(_, why)| why).collect::<Vec<_>>();
    let (first, second) = (Why::FirstCare { deal }, Why::SecondCare { deal });
    for (now, expected) in [
        ("2026-12-06T15:59:00Z", vec![]),
        ("2026-12-06T16:00:00Z", vec![first]),
        ("2026-12-29T15:59:00Z", vec![first]),
        ("2026-12-29T16:00:00Z", vec![second]),
        ("2027-01-29T16:00:00Z", vec![second]),
        ("2027-01-31T16:00:00Z", vec![]),
    ] {
        world.now = at(now);
        assert_eq!(care(&world), expected, "{now}");
    }
    world.now = at("2026-12-07T02:00:00Z");
    let command = LogContact { satisfaction: Some(5), ..contact(&mut world, bought, Came::Spoke, Some(first)) };
    world.apply(rep, command).expect("within the rules");
    assert_eq!(care(&world), []);
    world.now = at("2026-12-30T02:00:00Z");
    assert_eq!(care(&world), [second], "the second time is another task");
}

#[test]
fn g1_who_buys_later_is_no_task_of_not_having_bought() {
    let After { mut world, came, away, .. } = after();
    let rep = world.rep;
    let command = world.open_deal(came, None);
    let deal = command.deal;
    world.apply(rep, command).expect("within the rules");
    assert_eq!(due(&world, rep).len(), 2, "an offer is no purchase");
    world.apply(rep, world.sign(deal)).expect("within the rules");
    assert_eq!(due(&world, rep), [(away, Why::StayedAway { meeting: world.meeting })]);
}

#[test]
fn g1_who_had_said_in_time_that_they_cannot_come_has_not_stayed_away() {
    let mut world = World::new();
    let (rep, meeting) = (world.rep, world.meeting);
    let guest = world.expect_guest(meeting, world.customer);
    let said = ConfirmInvitation { invitation: InvitationId(guest.0), confirmation: Confirmation::CannotCome };
    world.apply(rep, said).expect("theirs");
    world.now = world.get::<Meeting>(meeting).plan.ends_at + TimeDelta::hours(1);
    assert_eq!(due(&world, rep), []);
}

#[test]
fn g1_a_task_is_done_by_a_contact_and_not_by_a_try() {
    let After { mut world, came, away, .. } = after();
    let (rep, meeting) = (world.rep, world.meeting);
    let (why, other) = (Why::CameOnly { meeting }, Why::StayedAway { meeting });
    log(&mut world, rep, came, Came::NotReached, Some(why));
    assert!(due(&world, rep).contains(&(came, why)), "not reached");
    let done = log(&mut world, rep, came, Came::Interested, Some(why));
    assert_eq!(world.get::<FollowUp>(why.id(came)).state, FollowUpState::Done { contact: done });
    assert_eq!(due(&world, rep), [(away, other)]);
    log(&mut world, rep, away, Came::Spoke, None);
    assert_eq!(due(&world, rep), [], "logged from the customer's page: reached is reached");
    mark(&mut world, rep, (came, why), Mark::Snoozed { until: day("2026-12-09") }).expect("a tablet that had not heard");
    assert!(world.get::<FollowUp>(why.id(came)).state.is_closed(), "done stays done");
    assert_eq!(of(&world, rep), Tasks::default());
}

#[test]
fn g1_a_snoozed_task_wakes_on_its_day_and_its_snooze_is_taken_back() {
    let After { mut world, came, away, .. } = after();
    let (rep, meeting) = (world.rep, world.meeting);
    let (task, other) = ((came, Why::CameOnly { meeting }), (away, Why::StayedAway { meeting }));
    mark(&mut world, rep, task, Mark::Snoozed { until: day("2026-12-02") }).expect("theirs");
    let found = of(&world, rep);
    assert_eq!((due(&world, rep), found.later.len(), found.later[0].snoozed), (vec![other], 1, Some(day("2026-12-02"))));
    mark(&mut world, rep, task, Mark::Open).expect("theirs");
    assert!(world.find::<FollowUp>(task.1.id(came)).is_none() && due(&world, rep).contains(&task));
    mark(&mut world, rep, task, Mark::Snoozed { until: day("2026-12-02") }).expect("theirs");
    world.now = at("2026-12-01T15:59:00Z");
    assert!(!due(&world, rep).contains(&task));
    world.now = at("2026-12-01T16:00:00Z");
    assert!(due(&world, rep).contains(&task));
    let awake = of(&world, rep).due.into_iter().find(|one| one.customer == came).expect("it is there");
    assert_eq!(awake.due, at("2026-12-02T16:00:00Z"), "it is due on the day to which it was put off, not before");
}

#[test]
fn g1_a_task_handed_to_a_colleague_brings_what_is_needed_and_is_done_there() {
    let After { mut world, came, .. } = after();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    let why = Why::CameOnly { meeting };
    for nobody in [world.stranger, world.leaver, world.office, rep] {
        assert_eq!(mark(&mut world, rep, (came, why), hand_over(nobody)), Err(Rejection::Forbidden));
    }
    mark(&mut world, rep, (came, why), hand_over(colleague)).expect("of one team");
    let Tasks { due: mine, handed_over, .. } = of(&world, rep);
    assert!(!mine.iter().any(|task| task.customer == came));
    assert_eq!(handed_over.iter().map(|task| task.hands.clone()).collect::<Vec<_>>(), [Hands::With(colleague)]);
    let theirs = of(&world, colleague).due;
    let [Task { hands: Hands::From(errand), .. }] = &theirs[..] else { panic!("{theirs:?}") };
    assert_eq!((errand.name.as_str(), errand.words.as_str(), errand.phones.len()), ("到場", "要找太太談", 1));

    // The colleague does not hold the customer: the device shows that it is done, the server notes the contact where the customer is.
    let command = contact(&mut world, came, Came::Spoke, Some(why));
    let device = world.replica(colleague);
    assert_eq!(device.predict(&command.clone().into(), world.now).map(|patches| patches.len()), Ok(1));
    world.apply(colleague, command.clone()).expect("it was handed over");
    let noted = world.get::<LoggedContact>(command.contact);
    assert_eq!((noted.by, noted.owner), (colleague, Some(rep)));
    assert_eq!((of(&world, colleague), of(&world, rep).handed_over), (Tasks::default(), vec![]));
    let again = contact(&mut world, came, Came::Spoke, Some(why));
    assert_eq!(world.apply(colleague, again), Err(Rejection::Forbidden), "and holds nothing of it any more");
}

#[test]
fn g1_a_colleague_keeps_nothing_of_whom_somebody_else_has_reached_or_sold_to() {
    let After { mut world, came, away, .. } = after();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    let (task, other) = ((came, Why::CameOnly { meeting }), (away, Why::StayedAway { meeting }));
    for task in [task, other] {
        mark(&mut world, rep, task, hand_over(colleague)).expect("of one team");
    }
    log(&mut world, rep, away, Came::Spoke, None);
    assert_eq!(of(&world, colleague).due.iter().map(|task| task.customer).collect::<Vec<_>>(), [came]);
    let command = world.open_deal(came, Some(meeting));
    let deal = command.deal;
    world.apply(rep, command).expect("within the rules");
    world.apply(rep, world.sign(deal)).expect("within the rules");
    assert_eq!((of(&world, colleague), of(&world, rep).handed_over), (Tasks::default(), vec![]), "whoever has bought is not asked why not");
}

#[test]
fn g1_names_and_phones_do_not_go_along_to_another_team() {
    let After { mut world, came, .. } = after();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    let task = (came, Why::CameOnly { meeting });
    mark(&mut world, rep, task, hand_over(colleague)).expect("of one team");
    let User { name, role, .. } = (*world.get::<User>(colleague)).clone();
    let moved = EditUser { user: colleague, name, role, team: Some(world.south), access: Access::Granted };
    world.apply(world.administrator, moved).expect("another team");
    assert_eq!(world.all().filter(|record| matches!(record, crate::Record::Errand(_))).count(), 0);
    assert!(due(&world, rep).contains(&task), "it is the owner's again");
}

#[test]
fn g1_another_version_of_what_was_bought_asks_for_no_more_care_and_what_was_called_off_is_not_asked_about() {
    let After { mut world, bought, deal, .. } = after();
    let rep = world.rep;
    world.now += TimeDelta::days(7);
    let of_buyer = |world: &World| due(world, rep).into_iter().filter(|(customer, _)| *customer == bought).map(|(_, why)| why).collect::<Vec<_>>();
    assert_eq!(of_buyer(&world), [Why::FirstCare { deal }]);
    log(&mut world, rep, bought, Came::Spoke, Some(Why::FirstCare { deal }));
    world.now += TimeDelta::days(5);
    let version = crate::deals::command::OpenDeal { replaces: Some(deal), ..world.open_deal(bought, None) };
    let second = version.deal;
    world.apply(rep, version).expect("another version");
    world.apply(rep, world.sign(second)).expect("signed");
    world.now += TimeDelta::days(10);
    assert_eq!(of_buyer(&world), [], "the purchase is that of the first day");
    let asked = crate::deals::command::AskCancellation { deal: second, reason: "客戶改變主意".into() };
    world.apply(rep, asked).expect("asked");
    let asked_at = world.get::<crate::deals::Deal>(second).cancellation.as_ref().map_or(world.now, |request| request.asked_at);
    let ruled = crate::deals::command::RuleCancellation { deal: second, asked_at, refusal: None };
    world.apply(world.supervisor, ruled).expect("granted");
    assert_eq!(of_buyer(&world), [], "whoever wanted out is not asked why they did not buy");
}

#[test]
fn g1_g2_a_year_typed_wrong_silences_nobody() {
    let After { mut world, came, .. } = after();
    let (rep, meeting) = (world.rep, world.meeting);
    let wrong = LogContact { at: Some(world.now + TimeDelta::days(365)), ..contact(&mut world, came, Came::Spoke, None) };
    world.apply(rep, wrong.clone()).expect("logged");
    assert!(world.get::<LoggedContact>(wrong.contact).at <= world.now);
    assert!(!due(&world, rep).contains(&(came, Why::CameOnly { meeting })));
}

#[test]
fn g1_whoever_got_a_task_puts_it_off_drops_it_or_gives_it_back() {
    let After { mut world, came, away, .. } = after();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    let (task, other) = ((came, Why::CameOnly { meeting }), (away, Why::StayedAway { meeting }));
    for task in [task, other] {
        mark(&mut world, rep, task, hand_over(colleague)).expect("of one team");
    }
    mark(&mut world, colleague, task, Mark::Snoozed { until: day("2026-12-03") }).expect("in their hands");
    assert_eq!((of(&world, colleague).later.len(), of(&world, rep).handed_over.len()), (1, 2), "it stays with them");
    let further = hand_over(world.supervisor);
    assert_eq!(mark(&mut world, colleague, task, further), Err(Rejection::Forbidden), "not on and on");
    mark(&mut world, colleague, task, Mark::Open).expect("in their hands");
    assert_eq!(due(&world, rep), [task]);
    mark(&mut world, colleague, other, Mark::Dropped { reason: "搬到南部".into() }).expect("in their hands");
    assert_eq!((due(&world, rep), of(&world, colleague)), (vec![task], Tasks::default()));
}

#[test]
fn g1_what_a_colleague_had_comes_back_when_they_leave_or_when_the_customer_gets_another_owner() {
    let After { mut world, came, .. } = after();
    let (rep, colleague, supervisor, meeting) = (world.rep, world.colleague, world.supervisor, world.meeting);
    let task = (came, Why::CameOnly { meeting });
    mark(&mut world, rep, task, hand_over(colleague)).expect("of one team");
    let User { name, role, team, .. } = (*world.get::<User>(colleague)).clone();
    world.apply(world.administrator, EditUser { user: colleague, name: name.clone(), role, team, access: Access::Revoked }).expect("has left");
    assert!(due(&world, rep).contains(&task));
    world.apply(world.administrator, EditUser { user: colleague, name, role, team, access: Access::Granted }).expect("is back");
    world.apply(supervisor, TransferCustomers { customers: vec![came], to: Some(supervisor) }).expect("of her team");
    assert_eq!((of(&world, colleague), due(&world, supervisor)), (Tasks::default(), vec![task]));
}

#[test]
fn g1_whoever_asked_not_to_be_contacted_is_no_task_of_anybodys() {
    let After { mut world, came, away, .. } = after();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    mark(&mut world, rep, (came, Why::CameOnly { meeting }), hand_over(colleague)).expect("of one team");
    for customer in [came, away] {
        let refused = EditCustomer { customer, changes: vec![ProfileChange::Contact(Contact::Refused)] };
        world.apply(rep, refused).expect("theirs");
    }
    assert_eq!((of(&world, rep), of(&world, colleague)), (Tasks::default(), Tasks::default()));
    let late = mark(&mut world, rep, (away, Why::StayedAway { meeting }), hand_over(colleague));
    assert_eq!(late, Err(Rejection::DoNotContact { customer: away }));
}

#[test]
fn g1_the_rhythm_follows_the_intent_since_the_last_contact() {
    let mut world = World::new();
    let (rep, customer) = (world.rep, world.customer);
    let intent = |world: &mut World, intent| {
        world.apply(rep, EditCustomer { customer, changes: vec![ProfileChange::Intent(Some(intent))] }).map(drop).expect("theirs");
    };
    intent(&mut world, Intent::A);
    world.now = at("2027-11-23T01:00:00Z");
    assert_eq!(due(&world, rep), [], "with whom nobody was ever in contact is invited, not cared for");
    log(&mut world, rep, customer, Came::Spoke, None);
    let since = Why::Rhythm { since: day("2027-11-23") };
    for (of_intent, first_day) in [(Intent::A, "2027-11-29"), (Intent::B, "2027-12-06"), (Intent::C, "2027-12-22"), (Intent::D, "2028-02-20")] {
        intent(&mut world, of_intent);
        world.now = at(&format!("{first_day}T15:59:00Z"));
        assert_eq!(due(&world, rep), [], "{of_intent:?}");
        world.now = at(&format!("{first_day}T16:00:00Z"));
        assert_eq!(due(&world, rep), [(customer, since)], "{of_intent:?}");
    }
    mark(&mut world, rep, (customer, since), Mark::Dropped { reason: "出國".into() }).expect("theirs");
    assert_eq!(due(&world, rep), []);
    log(&mut world, rep, customer, Came::Spoke, None);
    world.now += TimeDelta::days(91);
    assert_eq!(due(&world, rep).len(), 1, "since another contact it is another task");
    world.now = at("2028-05-25T01:00:00Z");
    let mut plan = world.plan(&[]);
    plan.starts_at = world.now + TimeDelta::days(1);
    plan.ends_at = plan.starts_at + TimeDelta::hours(1);
    let meeting = world.id();
    world.apply(world.manager, crate::meetings::command::PlanMeeting { meeting, plan }).expect("a manager plans");
    world.invite(meeting, customer);
    assert_eq!(due(&world, rep), [], "who is about to be invited is called anyway");
}

#[test]
fn g1_g2_what_was_promised_is_a_task_of_its_day() {
    let mut world = World::new();
    let (rep, customer) = (world.rep, world.customer);
    let next = Some(NextStep { on: day("2026-11-27"), words: "寄型錄".into() });
    let command = LogContact { next, ..contact(&mut world, customer, Came::Interested, None) };
    world.apply(rep, command.clone()).expect("within the rules");
    let why = Why::Promised { contact: command.contact };
    assert_eq!(due(&world, rep), []);
    world.now = at("2026-11-25T02:00:00Z");
    log(&mut world, rep, customer, Came::Spoke, None);
    world.now = at("2026-11-26T16:00:00Z");
    assert_eq!(due(&world, rep), [(customer, why)], "a call before that day has not sent the catalogue");
    assert!(of(&world, rep).due.iter().all(|task| task.due == at("2026-11-27T16:00:00Z")));
    log(&mut world, rep, customer, Came::Spoke, Some(why));
    assert_eq!(due(&world, rep), []);
}

#[test]
fn g1_g2_what_is_promised_for_the_same_day_is_not_done_by_having_promised_it() {
    let mut world = World::new();
    let (rep, customer) = (world.rep, world.customer);
    let next = Some(NextStep { on: day("2026-11-23"), words: "下午再打".into() });
    let command = LogContact { next, ..contact(&mut world, customer, Came::Spoke, None) };
    world.apply(rep, command.clone()).expect("within the rules");
    world.now += TimeDelta::hours(3);
    let why = Why::Promised { contact: command.contact };
    assert_eq!(due(&world, rep), [(customer, why)]);
    log(&mut world, rep, customer, Came::Spoke, None);
    assert_eq!(due(&world, rep), []);
}

#[test]
fn g1_an_administrator_switches_each_rule_and_says_when() {
    let After { mut world, away, .. } = after();
    let (rep, admin) = (world.rep, world.administrator);
    let set = |world: &mut World, by, rule, after| world.apply(by, SetFollowUpRule { rule, after }).map(drop);
    for other in [rep, world.supervisor, world.manager, world.director] {
        assert_eq!(set(&mut world, other, Rule::CameOnly, None), Err(Rejection::Forbidden));
    }
    assert_eq!(set(&mut world, admin, Rule::CameOnly, Some(337)), Err(Rejection::OutOfRange { field: Field::Due, min: 1, max: 336 }));
    assert_eq!(set(&mut world, admin, Rule::RhythmA, Some(0)), Err(Rejection::OutOfRange { field: Field::Due, min: 1, max: 365 }));
    set(&mut world, admin, Rule::CameOnly, None).expect("within the rules");
    set(&mut world, admin, Rule::StayedAway, Some(24)).expect("within the rules");
    let found = of(&world, rep).due;
    assert_eq!(found.iter().map(|task| task.customer).collect::<Vec<_>>(), [away]);
    assert_eq!(found[0].due, world.get::<Meeting>(world.meeting).plan.ends_at + TimeDelta::hours(24));
    let rules = world.get::<Settings>(world.org).follow_ups;
    assert_eq!(rules, FollowUpRules { came_only: None, stayed_away: Some(24), ..FollowUpRules::default() });
    for rule in Rule::ALL {
        assert_eq!(rules.with(rule, Some(9)).of(rule), Some(9), "{rule:?} is one of its own");
    }
}

#[test]
fn g1_only_those_who_work_on_the_customer_make_something_of_a_task_and_no_text_is_unbounded() {
    let After { mut world, came, .. } = after();
    let (rep, meeting) = (world.rep, world.meeting);
    let task = (came, Why::CameOnly { meeting });
    for other in [world.colleague, world.stranger, world.other_supervisor, world.administrator] {
        assert_eq!(mark(&mut world, other, task, Mark::Open), Err(Rejection::Forbidden));
    }
    let long = "龍".repeat(5_000);
    let too_long = |field| Err(Rejection::TooLong { field, max: 300, found: 5_000 });
    assert_eq!(mark(&mut world, rep, task, Mark::Dropped { reason: long.clone() }), too_long(Field::Reason));
    assert_eq!(mark(&mut world, rep, task, Mark::Dropped { reason: " ".into() }), Err(Rejection::Required { field: Field::Reason }));
    let colleague = world.colleague;
    let wordy = Mark::HandedOver { to: colleague, due: world.now, words: long };
    assert_eq!(mark(&mut world, rep, task, wordy), too_long(Field::Words));
    assert_eq!(mark(&mut world, rep, task, Mark::Snoozed { until: NaiveDate::MAX }), Err(Rejection::Malformed { field: Field::Due }));
}

/// Rows on every device and server hang on it.
#[test]
fn g1_the_id_of_a_task_never_changes() {
    let (customer, meeting) = (CustomerId(uuid::Uuid::from_u128(5)), MeetingId(uuid::Uuid::from_u128(6)));
    let id = Why::CameOnly { meeting }.id(customer);
    assert_eq!(id, Why::CameOnly { meeting }.id(customer));
    assert_ne!(id, Why::StayedAway { meeting }.id(customer));
    assert_ne!(id, Why::CameOnly { meeting }.id(CustomerId(uuid::Uuid::from_u128(7))));
    assert_eq!(id.to_string(), "74ef352e-908f-8d88-9091-838bafd2c703");
}

/// What somebody does after the meeting with one who came.
#[derive(Clone, Debug)]
enum Act {
    CheckInAgain,
    UndoCheckIn,
    WalkInMerged,
    Snooze(u64),
    HandOver,
    TakeBack,
    Try,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::CheckInAgain),
        Just(Act::UndoCheckIn),
        Just(Act::WalkInMerged),
        (0_u64..12).prop_map(Act::Snooze),
        Just(Act::HandOver),
        Just(Act::TakeBack),
        Just(Act::Try),
        (0_i64..48).prop_map(Act::Wait),
    ]
}

/// Every task that somebody has, wherever it lies.
fn all(tasks: &Tasks) -> impl Iterator<Item = &Task> {
    tasks.due.iter().chain(&tasks.later).chain(&tasks.handed_over)
}

fn every_law_of_tasks(world: &World) {
    for user in world.people() {
        let found = of(world, user);
        let today = world.get::<Settings>(world.org).utc_offset.day_of(world.now);
        let mut seen = BTreeSet::new();
        for task in all(&found) {
            assert!(seen.insert((task.customer, task.why)), "once: {task:?}");
            let customer = world.get::<Customer>(task.customer);
            assert_eq!(customer.profile.contact, Contact::Allowed, "{task:?}");
            let marks: Vec<_> = world.all().filter_map(<FollowUp as crate::record::Stored>::of).collect();
            let of_task = marks.iter().filter(|mark| mark.customer == task.customer && mark.why == task.why);
            assert!(of_task.clone().all(|mark| !mark.state.is_closed()), "done is done: {task:?}");
            let sleeps = |mark: &&&std::sync::Arc<FollowUp>| matches!(mark.state, FollowUpState::Snoozed { until } if today < until);
            if found.due.contains(task) && !matches!(task.hands, Hands::From(_)) {
                let latest = of_task.max_by_key(|mark| (mark.at, mark.id));
                assert!(!latest.as_ref().is_some_and(sleeps), "not before its day: {task:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g1_a_task_is_there_once_however_often_its_facts_are_repeated_and_never_again_when_it_was_done(
        acts in prop::collection::vec(act(), 0..14),
        more in prop::collection::vec(act(), 0..8),
    ) {
        let After { mut world, came, guest, .. } = after();
        let (rep, meeting) = (world.rep, world.meeting);
        let why = Why::CameOnly { meeting };
        let mut let_in = Vec::new();
        let mut play = |world: &mut World, acts: Vec<Act>| {
            for act in acts {
                match act {
                    Act::CheckInAgain => {
                        let command = world.check_in(meeting, guest);
                        let_in.push(command.check_in);
                        world.apply(world.colleague, command).expect("on duty");
                    }
                    Act::UndoCheckIn => {
                        let undone = let_in.pop().map(|check_in| world.apply(world.colleague, UndoCheckIn { check_in }));
                        undone.map_or(Ok(()), |undone| undone.map(drop)).expect("once each");
                    }
                    Act::WalkInMerged => {
                        let now = world.now;
                        world.now = world.get::<Meeting>(meeting).plan.starts_at;
                        let double = world.add_customer(rep, "到場");
                        let double_guest = world.expect_guest(meeting, double);
                        let command = world.check_in(meeting, double_guest);
                        world.apply(world.colleague, command).expect("on duty");
                        world.now = now;
                        mark(world, rep, (double, why), Mark::Snoozed { until: day("2026-12-01") }).expect("theirs");
                        world.apply(rep, MergeCustomers { kept: came, merged: double }).expect("both are theirs");
                    }
                    Act::Snooze(days) => {
                        let until = day("2026-11-30") + chrono::Days::new(days);
                        mark(world, rep, (came, why), Mark::Snoozed { until }).expect("theirs");
                    }
                    Act::HandOver => mark(world, rep, (came, why), hand_over(world.colleague)).expect("of one team"),
                    Act::TakeBack => mark(world, rep, (came, why), Mark::Open).expect("theirs"),
                    Act::Try => drop(log(world, rep, came, Came::NotReached, Some(why))),
                    Act::Wait(hours) => world.now += TimeDelta::hours(hours),
                }
                every_law_of_tasks(world);
            }
        };
        play(&mut world, acts);
        let is_it = |task: &&Task| task.customer == came && task.why == why;
        prop_assert_eq!(all(&of(&world, rep)).filter(is_it).count(), 1);
        log(&mut world, rep, came, Came::Spoke, Some(why));
        play(&mut world, more);
        prop_assert_eq!(all(&of(&world, rep)).filter(is_it).count(), 0, "done");
        prop_assert_eq!(all(&of(&world, world.colleague)).filter(is_it).count(), 0, "nor with whoever had it");
    }

    #[test]
    fn g1_whatever_happens_tasks_keep_their_laws(seeds in prop::collection::vec(any::<u64>(), 0..200), days in 0_i64..60) {
        let mut world = World::new();
        for seed in seeds {
            let mut dice = Dice::new(seed);
            let user = dice.pick(&world.people()).expect("there are people");
            let command = Choices::of(world.all()).draw(user, world.now, &mut dice);
            if world.get::<User>(user).access == Access::Granted {
                world.receive(user, command);
            }
        }
        world.now += TimeDelta::days(days);
        every_law_of_tasks(&world);
    }
}
