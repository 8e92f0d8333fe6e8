use super::command::*;
use super::*;
use crate::customers::command::{ClaimCustomer, MergeCustomers, TransferCustomers, UndoMerge};
use crate::customers::{Contact, Customer};
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn call(world: &mut World, customer: CustomerId) -> LogContact {
    let contact = world.id();
    let (way, came, words) = (Way::Call, Came::Spoke, "想看第二期".into());
    LogContact { contact, customer, at: None, way, came, words, next: None, satisfaction: None, task: None }
}

fn logged(world: &mut World, by: UserId, customer: CustomerId) -> ContactId {
    let command = call(world, customer);
    world.apply(by, command.clone()).expect("within the rules");
    command.contact
}

#[test]
fn g2_a_contact_says_when_by_whom_how_what_came_of_it_and_what_comes_next() {
    let mut world = World::new();
    let (rep, customer, now) = (world.rep, world.customer, world.now);
    let next = NextStep { on: "2026-11-30".parse().expect("a day"), words: " 寄型錄 ".into() };
    let command = LogContact { next: Some(next), satisfaction: Some(4), ..call(&mut world, customer) };
    world.apply(rep, command.clone()).expect("within the rules");
    let kept = world.get::<LoggedContact>(command.contact);
    assert_eq!((kept.at, kept.by, kept.owner, kept.way, kept.came, kept.satisfaction), (now, rep, Some(rep), Way::Call, Came::Spoke, Some(4)));
    assert_eq!((kept.words.as_str(), kept.next.as_ref().map(|next| next.words.as_str())), ("想看第二期", Some("寄型錄")));
    let earlier = now - chrono::TimeDelta::days(2);
    let visit = LogContact { at: Some(earlier), way: Way::Visit, ..call(&mut world, customer) };
    world.apply(rep, visit.clone()).expect("Friday's visit, noted on Monday");
    assert_eq!(world.get::<LoggedContact>(visit.contact).at, earlier);
}

#[test]
fn g2_whoever_works_on_the_customer_logs_contacts_and_what_others_log_waits_for_a_person() {
    let mut world = World::new();
    let customer = world.customer;
    for by in [world.rep, world.supervisor, world.manager] {
        logged(&mut world, by, customer);
    }
    for other in [world.colleague, world.stranger, world.other_supervisor, world.office, world.administrator] {
        let command = call(&mut world, customer);
        assert_eq!(world.apply(other, command.clone()), Err(Rejection::Forbidden));
        assert!(crate::Command::from(command).is_field_fact(), "it has happened: it is held, not lost");
    }
    let nobody = world.id();
    let command = call(&mut world, nobody);
    assert_eq!(world.apply(world.rep, command), Err(Rejection::NotFound { kind: crate::Kind::Customer }));
}

#[test]
fn g2_whoever_says_not_to_be_contacted_is_contacted_by_nobody() {
    let mut world = World::new();
    let customer = world.customer;
    let command = LogContact { came: Came::DoNotContact, ..call(&mut world, customer) };
    world.apply(world.rep, command).expect("within the rules");
    assert_eq!(world.get::<Customer>(world.customer).profile.contact, Contact::Refused);
}

#[test]
fn g2_what_was_said_goes_where_the_customer_goes() {
    let mut world = World::new();
    let (rep, customer, colleague, supervisor) = (world.rep, world.customer, world.colleague, world.supervisor);
    let contact = logged(&mut world, rep, customer);
    let scope = |world: &World| world.get::<LoggedContact>(contact).scope();
    world.apply(supervisor, TransferCustomers { customers: vec![customer], to: Some(colleague) }).expect("of the team");
    assert_eq!(scope(&world), Scope::Person(colleague));
    world.apply(supervisor, TransferCustomers { customers: vec![customer], to: None }).expect("of the team");
    assert_eq!(scope(&world), Scope::Pool);
    world.apply(rep, ClaimCustomer { customer }).expect("out of the pool");
    assert_eq!(scope(&world), Scope::Person(rep));

    let double = world.add_customer(rep, "王曉明");
    let of_double = logged(&mut world, rep, double);
    world.apply(rep, MergeCustomers { kept: customer, merged: double }).expect("both are theirs");
    assert_eq!(world.get::<LoggedContact>(of_double).customer, customer);
    let late = logged(&mut world, rep, double);
    assert_eq!(world.get::<LoggedContact>(late).customer, customer, "a device that had not heard means the one that stays");
    world.apply(rep, UndoMerge { merged: double }).expect("theirs");
    assert_eq!(world.get::<LoggedContact>(of_double).customer, double);
    assert_eq!(world.get::<LoggedContact>(late).customer, customer, "what came since stays where it is");
}

#[test]
fn g2_nothing_of_a_contact_is_unbounded() {
    let mut world = World::new();
    let (rep, customer) = (world.rep, world.customer);
    let long = "龍".repeat(5_000);
    let too_long = |max| Err(Rejection::TooLong { field: Field::Words, max, found: 5_000 });
    let on = "2026-11-30".parse().expect("a day");
    let command = LogContact { words: long.clone(), ..call(&mut world, customer) };
    assert_eq!(world.apply(rep, command), too_long(2_000));
    let command = LogContact { next: Some(NextStep { on, words: long }), ..call(&mut world, customer) };
    assert_eq!(world.apply(rep, command), too_long(200));
    let command = LogContact { next: Some(NextStep { on: NaiveDate::MAX, words: String::new() }), ..call(&mut world, customer) };
    assert_eq!(world.apply(rep, command), Err(Rejection::Malformed { field: Field::Due }));
    for score in [0, 6] {
        let command = LogContact { satisfaction: Some(score), ..call(&mut world, customer) };
        assert_eq!(world.apply(rep, command), Err(Rejection::OutOfRange { field: Field::Satisfaction, min: 1, max: 5 }));
    }
    let command = LogContact { at: Some(Timestamp::MAX_UTC), ..call(&mut world, customer) };
    assert_eq!(world.apply(rep, command), Err(Rejection::Malformed { field: Field::StartsAt }));
    let contact = logged(&mut world, rep, customer);
    let again = LogContact { contact, ..call(&mut world, customer) };
    assert_eq!(world.apply(rep, again), Err(Rejection::AlreadyExists { kind: crate::Kind::LoggedContact }), "nothing that was said is overwritten");
}
