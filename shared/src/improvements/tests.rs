use super::command::*;
use super::*;
use crate::analysis::{Group, Measure};
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn measure(world: &mut World, owner: UserId) -> AddImprovement {
    AddImprovement {
        improvement: world.id(),
        about: About::RefusalReason { code: "no_time".into() },
        measure: "下午場外加一場晚上的".into(),
        owner,
        until: day("2026-12-31"),
    }
}

fn added(world: &mut World, by: UserId, owner: UserId) -> ImprovementId {
    let command = measure(world, owner);
    world.apply(by, command.clone()).expect("within the rules");
    command.improvement
}

fn state(improvement: ImprovementId, progress: ImprovementProgress) -> SetImprovementState {
    SetImprovementState { improvement, progress }
}

#[test]
fn b5_a_measure_says_what_who_until_when_and_who_decided() {
    let mut world = World::new();
    let (supervisor, rep) = (world.supervisor, world.rep);
    let id = added(&mut world, supervisor, rep);
    let kept = world.get::<Improvement>(id);
    assert_eq!((kept.owner, kept.until, kept.decided_by), (rep, day("2026-12-31"), supervisor));
    world.apply(rep, state(id, ImprovementProgress::Doing)).expect("who carries it out says how far it is");
    let done = |result: &str| state(id, ImprovementProgress::Done { result: result.into() });
    assert_eq!(world.apply(rep, done("")), Err(Rejection::Required { field: Field::Result }));
    world.apply(rep, done("晚上場多來了 12 位")).expect("within the rules");
    assert!(matches!(&world.get::<Improvement>(id).state, ImprovementState::Done { by, result, .. } if *by == rep && result == "晚上場多來了 12 位"));
    world.apply(supervisor, state(id, ImprovementProgress::Open)).expect("who decided on it says so too");
}

#[test]
fn b5_supervisors_and_managers_decide_on_measures_and_nobody_changes_anothers() {
    let mut world = World::new();
    for other in [world.rep, world.marketing, world.office, world.director, world.finance, world.administrator] {
        let command = measure(&mut world, other);
        assert_eq!(world.apply(other, command), Err(Rejection::Forbidden));
    }
    let (supervisor, marketing) = (world.supervisor, world.marketing);
    let id = added(&mut world, supervisor, marketing);
    let edit = EditImprovement { improvement: id, measure: "改寫簡訊".into(), owner: marketing, until: day("2027-01-31") };
    for other in [world.other_supervisor, marketing, world.rep] {
        assert_eq!(world.apply(other, edit.clone()), Err(Rejection::Forbidden));
    }
    assert_eq!(world.apply(world.rep, state(id, ImprovementProgress::Doing)), Err(Rejection::Forbidden));
    assert!(world.apply(marketing, state(id, ImprovementProgress::Doing)).is_ok());
    assert!(world.apply(world.manager, edit).is_ok());
    assert!(matches!(world.get::<Improvement>(id).state, ImprovementState::Doing { .. }), "how far it is stays");
}

#[test]
fn b5_a_measure_is_about_a_reason_of_the_dictionary_and_carried_out_by_somebody_with_access() {
    let mut world = World::new();
    let manager = world.manager;
    let unknown = AddImprovement { about: About::RefusalReason { code: "nowhere".into() }, ..measure(&mut world, manager) };
    assert_eq!(world.apply(manager, unknown), Err(Rejection::UnknownReason));
    let leaver = world.leaver;
    let command = measure(&mut world, leaver);
    assert_eq!(world.apply(manager, command), Err(Rejection::Forbidden));
    let nobody = world.id();
    let command = measure(&mut world, nobody);
    assert_eq!(world.apply(manager, command), Err(Rejection::NotFound { kind: crate::Kind::User }));
}

#[test]
fn b5_no_text_of_a_measure_is_unbounded() {
    let mut world = World::new();
    let manager = world.manager;
    let long = "龍".repeat(5_000);
    let too_long = |field| Err(Rejection::TooLong { field, max: 500, found: 5_000 });
    let command = AddImprovement { measure: long.clone(), ..measure(&mut world, manager) };
    assert_eq!(world.apply(manager, command), too_long(Field::Measure));
    let command = AddImprovement { until: NaiveDate::MAX, ..measure(&mut world, manager) };
    assert_eq!(world.apply(manager, command), Err(Rejection::Malformed { field: Field::Due }));
    let id = added(&mut world, manager, manager);
    assert_eq!(world.apply(manager, state(id, ImprovementProgress::Done { result: long.clone() })), too_long(Field::Result));
    assert_eq!(world.apply(manager, state(id, ImprovementProgress::Dropped { reason: long })), too_long(Field::Reason));
    assert_eq!(
        world.apply(manager, state(id, ImprovementProgress::Dropped { reason: " ".into() })),
        Err(Rejection::Required { field: Field::Reason })
    );
}

fn found(world: &mut World, group: Option<Group>, owner: UserId) -> AddImprovement {
    let period = "2026-11".parse().expect("a period");
    let about = About::Report { measure: Measure::Amount, group, period, finding: "十一月比去年少三成".into() };
    AddImprovement { about, ..measure(world, owner) }
}

#[test]
fn i4_a_measure_is_about_what_a_report_shows_and_keeps_what_was_found() {
    let mut world = World::new();
    let (supervisor, office, course) = (world.supervisor, world.office, world.course);
    let command = found(&mut world, Some(Group::Product(course)), office);
    world.apply(supervisor, command.clone()).expect("within the rules");
    assert_eq!(world.get::<Improvement>(command.improvement).about, command.about);
    let with = |finding: &str| {
        let About::Report { measure, group, period, .. } = command.about.clone() else { unreachable!("a report's") };
        AddImprovement {
            about: About::Report { measure, group, period, finding: finding.into() },
            improvement: ImprovementId(command.improvement.0),
            ..command.clone()
        }
    };
    let mut fresh = World::new();
    let refused = |world: &mut World, command: AddImprovement| world.apply(supervisor, command);
    assert_eq!(refused(&mut fresh, with(" ")), Err(Rejection::Required { field: Field::Finding }));
    assert_eq!(refused(&mut fresh, with(&"少".repeat(501))), Err(Rejection::TooLong { field: Field::Finding, max: 500, found: 501 }));
    let nothing = fresh.id();
    let command = found(&mut fresh, Some(Group::Product(nothing)), office);
    assert_eq!(refused(&mut fresh, command), Err(Rejection::NotFound { kind: crate::Kind::Product }));
}

#[test]
fn i4_what_is_done_about_one_persons_figures_is_known_to_that_person_and_those_above_only() {
    let mut world = World::new();
    let (supervisor, rep, office) = (world.supervisor, world.rep, world.office);
    let about_rep = Some(Group::Rep(rep));
    for (by, owner, group) in [
        (supervisor, office, about_rep.clone()),
        (supervisor, world.colleague, about_rep.clone()),
        (supervisor, supervisor, Some(Group::Rep(world.stranger))),
        (world.other_supervisor, rep, about_rep.clone()),
    ] {
        let command = found(&mut world, group, owner);
        assert_eq!(world.apply(by, command), Err(Rejection::Forbidden));
    }
    let command = found(&mut world, about_rep, rep);
    world.apply(supervisor, command.clone()).expect("the person itself, and who answers for them");
    let edit = |owner| EditImprovement { improvement: command.improvement, measure: "陪訪兩次".into(), owner, until: day("2026-12-31") };
    assert_eq!(world.apply(supervisor, edit(office)), Err(Rejection::Forbidden));
    world.apply(supervisor, edit(supervisor)).expect("who answers for them");
    let holds = |user| world.replica(user).noun::<Improvement>(command.improvement).is_some();
    assert_eq!([rep, supervisor, world.manager, world.colleague, office].map(holds), [true, true, true, false, false]);
}
