use super::command::*;
use super::*;
use crate::ids::PreparationId;
use crate::meetings::{MeetingState, Staff};
use crate::people::{Access, User};
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn task(world: &mut World, owner: Owner) -> AddPreparation {
    AddPreparation {
        preparation: world.id(),
        meeting: world.meeting,
        what: "印製資料袋 80 份".into(),
        note: "樣本在二樓".into(),
        owner,
        due: day("2026-11-27"),
    }
}

fn added(world: &mut World, owner: Owner) -> PreparationId {
    let command = task(world, owner);
    world.apply(world.manager, command.clone()).expect("within the rules");
    command.preparation
}

fn state(preparation: PreparationId, progress: Progress) -> SetPreparationState {
    SetPreparationState { preparation, progress }
}

const OFFICE: Owner = Owner::Role { role: Role::Office };

#[test]
fn c2_whose_task_it_is_says_how_far_it_is() {
    let mut world = World::new();
    let office = world.office;
    let id = added(&mut world, OFFICE);
    assert_eq!(world.get::<Preparation>(id).state, PreparationState::Open);
    world.apply(office, state(id, Progress::Doing)).expect("within the rules");
    assert!(matches!(world.get::<Preparation>(id).state, PreparationState::Doing { by, .. } if by == office));
    world.apply(office, state(id, Progress::Done)).expect("within the rules");
    assert!(!world.get::<Preparation>(id).state.is_open());
    world.apply(office, state(id, Progress::Open)).expect("it was not done after all");
    let dropped = |reason: &str| state(id, Progress::Dropped { reason: reason.into() });
    assert_eq!(world.apply(office, dropped(" ")), Err(Rejection::Required { field: Field::Reason }));
    assert_eq!(world.apply(office, dropped(&"長".repeat(301))), Err(Rejection::TooLong { field: Field::Reason, max: 300, found: 301 }));
    world.apply(office, dropped("場地已備")).expect("within the rules");
    assert!(matches!(&world.get::<Preparation>(id).state, PreparationState::Dropped { reason, .. } if reason == "場地已備"));
    for other in [world.marketing, world.rep, world.supervisor, world.finance, world.director, world.administrator] {
        assert_eq!(world.apply(other, state(id, Progress::Done)), Err(Rejection::Forbidden));
    }
}

#[test]
fn c2_a_task_is_a_persons_a_roles_or_a_dutys() {
    let mut world = World::new();
    let rep = world.rep;
    let persons = added(&mut world, Owner::Person { user: rep });
    assert!(world.apply(rep, state(persons, Progress::Doing)).is_ok());
    assert_eq!(world.apply(world.colleague, state(persons, Progress::Done)), Err(Rejection::Forbidden));
    assert!(world.apply(world.supervisor, state(persons, Progress::Done)).is_ok(), "of the same team");
    assert_eq!(world.apply(world.other_supervisor, state(persons, Progress::Open)), Err(Rejection::Forbidden));
    let dutys = added(&mut world, Owner::Duty { duty: Duty::Closer });
    assert!(world.apply(world.colleague, state(dutys, Progress::Doing)).is_ok(), "closer at the meeting");
    assert_eq!(world.apply(rep, state(dutys, Progress::Done)), Err(Rejection::Forbidden), "reception");
    let meeting = world.get::<Meeting>(world.meeting);
    let mut plan = meeting.plan.clone();
    plan.staff = vec![Staff { user: rep, duty: Duty::Closer }];
    world.put(Meeting { plan, ..(*meeting).clone() });
    assert!(world.apply(rep, state(dutys, Progress::Done)).is_ok(), "a duty is that of the plan as it is now");
}

#[test]
fn c2_those_who_prepare_add_tasks_and_change_their_own() {
    let mut world = World::new();
    for (who, may) in [
        (world.manager, true),
        (world.supervisor, true),
        (world.marketing, true),
        (world.office, true),
        (world.rep, false),
        (world.director, false),
        (world.finance, false),
        (world.administrator, false),
    ] {
        let command = task(&mut world, OFFICE);
        let expected = if may { Ok(()) } else { Err(Rejection::Forbidden) };
        assert_eq!(world.apply(who, command).map(drop), expected);
    }
    let id = added(&mut world, OFFICE);
    let edit = |owner| EditPreparation { preparation: id, what: "印 100 份".into(), note: String::new(), owner, due: day("2026-11-28") };
    assert_eq!(world.apply(world.marketing, edit(OFFICE)), Err(Rejection::Forbidden));
    world.apply(world.office, state(id, Progress::Doing)).expect("within the rules");
    world.apply(world.office, edit(Owner::Person { user: world.office })).expect("within the rules");
    let changed = world.get::<Preparation>(id);
    assert_eq!((changed.what.as_str(), changed.due), ("印 100 份", day("2026-11-28")));
    assert!(matches!(changed.state, PreparationState::Doing { .. }), "how far it is stays");
}

#[test]
fn c2_nobody_without_access_is_given_a_task_but_whoever_left_does_not_block_it() {
    let mut world = World::new();
    let leaver = Owner::Person { user: world.leaver };
    let command = task(&mut world, leaver);
    assert_eq!(world.apply(world.manager, command), Err(Rejection::Forbidden));
    let id = added(&mut world, OFFICE);
    world.put(Preparation { owner: leaver, ..(*world.get::<Preparation>(id)).clone() });
    let edit = EditPreparation { preparation: id, what: "改期".into(), note: String::new(), owner: leaver, due: day("2026-11-28") };
    assert!(world.apply(world.manager, edit).is_ok());
}

#[test]
fn c2_a_task_is_overdue_when_its_day_is_over_on_the_meetings_clock() {
    let mut world = World::new();
    let id = added(&mut world, OFFICE);
    let overdue =
        |world: &World, at: &str| world.get::<Preparation>(id).is_overdue(&world.get::<Meeting>(world.meeting), at.parse().expect("an instant"));
    assert!(!overdue(&world, "2026-11-27T15:59:59Z"), "23:59 in Taipei");
    assert!(overdue(&world, "2026-11-27T16:00:00Z"), "midnight in Taipei");
    world.apply(world.office, state(id, Progress::Done)).expect("within the rules");
    assert!(!overdue(&world, "2026-12-27T16:00:00Z"), "what is done is not late");
}

#[test]
fn c2_a_meeting_is_copied_with_agenda_duties_and_tasks_relative_to_its_day_and_without_guests() {
    let mut world = World::new();
    let (manager, from) = (world.manager, world.meeting);
    // The world's meeting is on 2026-11-30 in Taipei.
    let first = added(&mut world, OFFICE);
    let (rep, colleague) = (world.rep, world.colleague);
    let last = added(&mut world, Owner::Person { user: rep });
    let gone = added(&mut world, Owner::Person { user: colleague });
    world.put(Preparation { due: day("2026-12-02"), ..(*world.get::<Preparation>(last)).clone() });
    world.put(User { access: Access::Revoked, ..(*world.get::<User>(world.colleague)).clone() });
    world.apply(world.office, state(first, Progress::Done)).expect("within the rules");
    world.expect_guest(from, world.customer);
    let pattern = world.get::<Meeting>(from);
    let meeting = world.id();
    let mut plan = pattern.plan.clone();
    plan.staff.retain(|staff| staff.user != world.colleague);
    // 00:30 of the 15th in Taipei.
    plan.starts_at = "2027-01-14T16:30:00Z".parse().expect("an instant");
    plan.ends_at = plan.starts_at + chrono::Duration::hours(2);
    let preparations: Vec<_> = [first, last, gone].into_iter().map(|of| CopiedPreparation { of, preparation: world.id() }).collect();
    let copy = CopyMeeting { from, meeting, plan: plan.clone(), preparations: preparations.clone() };
    for other in [world.supervisor, world.marketing, world.rep] {
        assert_eq!(world.apply(other, copy.clone()), Err(Rejection::Forbidden));
    }
    world.apply(manager, copy.clone()).expect("within the rules");
    let copied = world.get::<Meeting>(meeting);
    assert_eq!((copied.state, &copied.plan.agenda, &copied.plan.staff), (MeetingState::Planned, &pattern.plan.agenda, &plan.staff));
    let [first, last, gone] = [0, 1, 2].map(|place| world.get::<Preparation>(preparations[place].preparation));
    assert_eq!((first.due, &first.state, first.owner), (day("2027-01-12"), &PreparationState::Open, OFFICE), "three days before, and not begun");
    assert_eq!(last.due, day("2027-01-17"), "two days after");
    assert_eq!(gone.owner, Owner::Role { role: Role::Rep }, "whoever left takes no task along");
    assert_eq!((first.meeting, first.what.as_str(), first.note.as_str()), (meeting, "印製資料袋 80 份", "樣本在二樓"));
    assert_eq!(world.records.ids(&Index::GuestsByMeeting(meeting)).count(), 0);
    assert_eq!(world.records.ids(&Index::InvitationsByMeeting(meeting)).count(), 0);
    assert_eq!(world.apply(manager, copy), Err(Rejection::AlreadyExists { kind: crate::Kind::Meeting }));
}

#[test]
fn c2_a_task_of_another_meeting_is_not_copied_nor_one_twice_under_one_name() {
    let mut world = World::new();
    let (manager, from, other) = (world.manager, world.meeting, world.other_meeting);
    let of = added(&mut world, OFFICE);
    let (meeting, preparation, plan) = (world.id(), world.id(), world.plan(&[]));
    let copied = CopiedPreparation { of, preparation };
    let copy = |from, preparations| CopyMeeting { from, meeting, plan: plan.clone(), preparations };
    assert_eq!(world.apply(manager, copy(other, vec![copied])), Err(Rejection::NotFound { kind: crate::Kind::Preparation }));
    assert_eq!(world.apply(manager, copy(from, vec![copied; 2])), Err(Rejection::AlreadyExists { kind: crate::Kind::Preparation }));
    assert_eq!(
        world.apply(manager, copy(from, vec![CopiedPreparation { of, preparation: of }])),
        Err(Rejection::AlreadyExists { kind: crate::Kind::Preparation })
    );
    let many = vec![copied; 201];
    assert_eq!(world.apply(manager, copy(from, many)), Err(Rejection::OutOfRange { field: Field::Task, min: 0, max: 200 }));
}

#[test]
fn c2_no_text_of_a_task_and_no_number_of_tasks_is_unbounded() {
    let mut world = World::new();
    let manager = world.manager;
    let long = "龍".repeat(5_000);
    let mut check = |change: fn(&mut AddPreparation, String), expected: Rejection| {
        let mut command = task(&mut world, OFFICE);
        change(&mut command, long.clone());
        assert_eq!(world.apply(manager, command), Err(expected));
    };
    check(|command, long| command.what = long, Rejection::TooLong { field: Field::Task, max: 100, found: 5_000 });
    check(|command, _| command.what = " ".into(), Rejection::Required { field: Field::Task });
    check(|command, long| command.note = long, Rejection::TooLong { field: Field::Description, max: 2_000, found: 5_000 });
    check(|command, _| command.due = NaiveDate::MAX, Rejection::Malformed { field: Field::Due });
    for _ in 0..200 {
        added(&mut world, OFFICE);
    }
    let command = task(&mut world, OFFICE);
    assert_eq!(world.apply(manager, command), Err(Rejection::OutOfRange { field: Field::Task, min: 0, max: 200 }));
}

#[test]
fn c2_a_meeting_that_was_called_off_gets_no_new_task_but_its_old_ones_can_be_closed() {
    let mut world = World::new();
    let id = added(&mut world, OFFICE);
    let meeting = world.meeting;
    world.apply(world.manager, crate::meetings::command::CancelMeeting { meeting }).expect("within the rules");
    let command = task(&mut world, OFFICE);
    assert_eq!(world.apply(world.manager, command), Err(Rejection::MeetingCancelled));
    assert!(world.apply(world.office, state(id, Progress::Dropped { reason: "會議取消".into() })).is_ok());
}
