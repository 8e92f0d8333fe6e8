use super::command::*;
use super::decide::MOST_STEPS;
use super::*;
use crate::customers::command::{MergeCustomers, TransferCustomers, UndoMerge};
use crate::people::command::EditUser;
use crate::people::{Access, User};
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn report(world: &mut World, customer: CustomerId) -> ReportComplaint {
    let what = "濾心漏水".into();
    ReportComplaint { complaint: world.id(), customer, deal: None, what, severity: Severity::Serious, deadline: day("2026-11-26") }
}

/// A complaint of the rep's customer.
fn reported() -> (World, ComplaintId) {
    let mut world = World::new();
    let customer = world.customer;
    let command = report(&mut world, customer);
    world.apply(world.rep, command.clone()).expect("within the rules");
    (world, command.complaint)
}

fn note(complaint: ComplaintId, words: &str) -> NoteComplaintStep {
    NoteComplaintStep { complaint, words: words.into() }
}

fn settle(complaint: ComplaintId, outcome: &str) -> SettleComplaint {
    SettleComplaint { complaint, outcome: outcome.into() }
}

fn tell(complaint: ComplaintId) -> TellComplainant {
    TellComplainant { complaint, way: Way::Call, words: "滿意".into() }
}

fn reopen(complaint: ComplaintId, reason: &str) -> ReopenComplaint {
    ReopenComplaint { complaint, reason: reason.into(), deadline: day("2026-12-05") }
}

fn assign(complaint: ComplaintId, handler: UserId, deadline: &str) -> AssignComplaint {
    AssignComplaint { complaint, handler, deadline: day(deadline), severity: Severity::Urgent }
}

#[test]
fn g3_a_rep_reports_a_supervisor_settles_it_and_the_customer_is_told() {
    let (mut world, id) = reported();
    let (rep, supervisor) = (world.rep, world.supervisor);
    let kept = world.get::<Complaint>(id);
    assert_eq!((kept.reported_by, kept.handler, kept.state, kept.outcome()), (rep, Some(supervisor), ComplaintState::Open, None));
    world.apply(rep, note(id, "已拍照")).expect("whoever reported it notes steps");
    assert_eq!(world.apply(rep, settle(id, "換新")), Err(Rejection::Forbidden), "a supervisor says what the outcome is");
    world.apply(supervisor, settle(id, "換新機")).expect("she sees to it");
    assert_eq!(world.get::<Complaint>(id).outcome(), Some("換新機"));
    assert!(world.get::<Complaint>(id).is_open(), "until the customer knows");
    world.apply(rep, tell(id)).expect("who works with the customer tells them");
    assert!(!world.get::<Complaint>(id).is_open());
    assert_eq!(world.apply(supervisor, settle(id, "退款")), Err(Rejection::AlreadyEnded), "not behind the customer's back");
    world.apply(rep, reopen(id, "又漏了")).expect("it goes on");
    let kept = world.get::<Complaint>(id);
    assert_eq!((kept.state, kept.deadline, kept.outcome()), (ComplaintState::Open, day("2026-12-05"), None));
    let steps: Vec<_> = kept.steps.iter().map(|step| (step.by, std::mem::discriminant(&step.what))).collect();
    let kinds = [
        StepTaken::Noted { words: String::new() },
        StepTaken::Settled { outcome: String::new() },
        StepTaken::Told { way: Way::Call, words: String::new() },
        StepTaken::Reopened { reason: String::new() },
    ];
    let expected: Vec<_> = [rep, supervisor, rep, rep].into_iter().zip(kinds.iter().map(std::mem::discriminant)).collect();
    assert_eq!(steps, expected, "everything that was done stands there, in its order");
}

#[test]
fn g3_somebody_above_in_reach_sees_to_it() {
    let (mut world, id) = reported();
    let (manager, supervisor) = (world.manager, world.supervisor);
    for (by, handler) in
        [(world.rep, manager), (world.other_supervisor, manager), (supervisor, world.other_supervisor), (supervisor, world.colleague)]
    {
        assert_eq!(world.apply(by, assign(id, handler, "2026-11-30")), Err(Rejection::Forbidden));
    }
    world.apply(supervisor, assign(id, manager, "2026-11-30")).expect("upwards");
    let kept = world.get::<Complaint>(id);
    assert_eq!((kept.handler, kept.deadline, kept.severity), (Some(manager), day("2026-11-30"), Severity::Urgent));
    assert_eq!(kept.steps.len(), 1);
    world.apply(supervisor, assign(id, manager, "2026-11-30")).expect("once more changes nothing");
    assert_eq!(world.get::<Complaint>(id).steps.len(), 1);
}

#[test]
fn g3_what_happened_with_a_complaint_is_never_refused_for_good_and_wishes_may_be() {
    let (mut world, id) = reported();
    let customer = world.customer;
    let facts: [crate::Command; 3] = [report(&mut world, customer).into(), note(id, "回電").into(), tell(id).into()];
    assert!(facts.iter().all(crate::Command::is_field_fact));
    let stranger = world.stranger;
    for fact in facts {
        assert_eq!(world.decide(stranger, &fact), Err(Rejection::Forbidden));
    }
    world.apply(world.rep, tell(id)).expect("told before there is an outcome: noted");
    assert_eq!(world.get::<Complaint>(id).state, ComplaintState::Open, "and still open");
}

#[test]
fn g3_its_day_counts_on_the_organisations_clock_until_the_customer_was_told() {
    let (mut world, id) = reported();
    let late = |world: &World, at: &str| world.get::<Complaint>(id).is_overdue(UtcOffset::EAST_8, at.parse().expect("an instant"));
    assert!(!late(&world, "2026-11-26T15:59:00Z"));
    assert!(late(&world, "2026-11-26T16:00:00Z"));
    world.apply(world.supervisor, settle(id, "換新機")).expect("she sees to it");
    assert!(late(&world, "2026-11-26T16:00:00Z"), "the customer still waits");
    world.apply(world.rep, tell(id)).expect("theirs");
    assert!(!late(&world, "2026-11-26T16:00:00Z"));
}

#[test]
fn g3_a_complaint_goes_where_its_customer_goes_and_finds_somebody_who_sees_to_it_there() {
    let (mut world, id) = reported();
    let (rep, customer, manager, stranger) = (world.rep, world.customer, world.manager, world.stranger);
    let give = |world: &mut World, to| world.apply(manager, TransferCustomers { customers: vec![customer], to }).map(drop).expect("a manager may");
    give(&mut world, Some(stranger));
    let kept = world.get::<Complaint>(id);
    assert_eq!((kept.scope(), kept.handler), (Scope::Person(stranger), Some(world.other_supervisor)));
    assert_eq!(world.apply(rep, note(id, "還有一件事")), Err(Rejection::Forbidden));
    give(&mut world, None);
    assert_eq!(world.get::<Complaint>(id).scope(), Scope::Pool);
    give(&mut world, Some(rep));
    let double = world.add_customer(rep, "王曉明");
    let command = report(&mut world, double);
    world.apply(rep, command.clone()).expect("theirs");
    world.apply(rep, MergeCustomers { kept: customer, merged: double }).expect("both are theirs");
    assert_eq!(world.get::<Complaint>(command.complaint).customer, customer);
    world.apply(rep, UndoMerge { merged: double }).expect("theirs");
    assert_eq!(world.get::<Complaint>(command.complaint).customer, double);
}

#[test]
fn g3_where_the_team_has_no_supervisor_those_above_find_it_without_a_handler() {
    let mut world = World::new();
    let (supervisor, customer, manager) = (world.supervisor, world.customer, world.manager);
    let User { name, role, team, .. } = (*world.get::<User>(supervisor)).clone();
    world.apply(world.administrator, EditUser { user: supervisor, name, role, team, access: Access::Revoked }).expect("she has left");
    let command = report(&mut world, customer);
    world.apply(world.rep, command.clone()).expect("within the rules");
    assert_eq!(world.get::<Complaint>(command.complaint).handler, None);
    world.apply(manager, assign(command.complaint, manager, "2026-11-26")).expect("he takes it");
    assert_eq!(world.get::<Complaint>(command.complaint).handler, Some(manager));
    let own = world.add_customer(manager, "曾國華");
    let command = report(&mut world, own);
    world.apply(manager, command.clone()).expect("his own customer");
    assert_eq!(world.get::<Complaint>(command.complaint).handler, Some(manager));
}

#[test]
fn g3_a_complaint_is_about_a_deal_of_the_customers_and_nothing_of_it_is_unbounded() {
    let (mut world, id) = reported();
    let (rep, supervisor, customer) = (world.rep, world.supervisor, world.customer);
    let deal = world.open_deal(world.colleagues_customer, None);
    world.apply(world.colleague, deal.clone()).expect("theirs");
    let command = ReportComplaint { deal: Some(deal.deal), ..report(&mut world, customer) };
    assert_eq!(world.apply(rep, command), Err(Rejection::NotFound { kind: crate::Kind::Deal }));
    let long = "龍".repeat(5_000);
    let too_long = |field| Err(Rejection::TooLong { field, max: 2_000, found: 5_000 });
    let command = ReportComplaint { what: long.clone(), ..report(&mut world, customer) };
    assert_eq!(world.apply(rep, command), too_long(Field::Description));
    let command = ReportComplaint { deadline: NaiveDate::MAX, ..report(&mut world, customer) };
    assert_eq!(world.apply(rep, command), Err(Rejection::Malformed { field: Field::Due }));
    assert_eq!(world.apply(rep, note(id, &long)), too_long(Field::Words));
    assert_eq!(world.apply(rep, note(id, " ")), Err(Rejection::Required { field: Field::Words }));
    assert_eq!(world.apply(supervisor, settle(id, &long)), too_long(Field::Result));
    assert_eq!(world.apply(supervisor, settle(id, "")), Err(Rejection::Required { field: Field::Result }));
    assert_eq!(world.apply(rep, TellComplainant { words: long.clone(), ..tell(id) }), too_long(Field::Words));
    world.apply(supervisor, settle(id, "換新機")).expect("within the rules");
    assert_eq!(world.apply(rep, reopen(id, &long)), too_long(Field::Reason));
    let steps = vec![ComplaintStep { at: world.now, by: rep, what: StepTaken::Noted { words: "回電".into() } }; MOST_STEPS];
    world.put(Complaint { steps, ..(*world.get::<Complaint>(id)).clone() });
    assert_eq!(world.apply(rep, note(id, "再回電")), Err(Rejection::OutOfRange { field: Field::Rows, min: 1, max: 300 }));
}
