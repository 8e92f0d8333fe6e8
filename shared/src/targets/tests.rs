use super::command::{EditTarget, SetTarget};
use super::decide::{AMOUNT_MAX, DEALS_MAX};
use super::*;
use crate::Kind;
use crate::ids::UserId;
use crate::money::Currency;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

fn amount(minor: i64) -> Goal {
    Goal { amount: Some(Money::new(minor, Currency::Twd)), deals: None }
}

fn set(world: &mut World, whose: TargetOf, when: &str) -> SetTarget {
    SetTarget { target: world.id(), whose, period: period(when), goal: amount(50_000_000) }
}

#[test]
fn i1_managers_set_every_target_and_supervisors_those_of_their_people() {
    let mut world = World::new();
    let team = |team| TargetOf::Team { team };
    let rep = |rep| TargetOf::Rep { rep };
    let everyone = world.people();
    for (whose, setters) in [
        (TargetOf::Department, vec![world.manager]),
        (team(world.north), vec![world.manager]),
        (rep(world.rep), vec![world.manager, world.supervisor]),
        (rep(world.stranger), vec![world.manager, world.other_supervisor]),
        (rep(world.supervisor), vec![world.manager]),
        (rep(world.manager), vec![world.manager]),
    ] {
        let command = set(&mut world, whose, "2026-11");
        for actor in everyone {
            let asked = world.decide(actor, &command.into()).map(|_| ());
            assert_eq!(asked, if setters.contains(&actor) { Ok(()) } else { Err(Rejection::Forbidden) }, "{whose:?}");
        }
    }
}

#[test]
fn i1_a_target_is_changed_and_withdrawn_by_whoever_may_set_it_and_says_who_did() {
    let mut world = World::new();
    let rep = world.rep;
    let command = set(&mut world, TargetOf::Rep { rep }, "2026-Q4");
    world.apply(world.manager, command).expect("a manager may");
    let edit = |goal| EditTarget { target: command.target, goal };
    let both = Goal { deals: Some(12), ..amount(60_000_000) };
    for other in [world.rep, world.other_supervisor, world.director] {
        assert_eq!(world.apply(other, edit(both)), Err(Rejection::Forbidden));
    }
    world.apply(world.supervisor, edit(both)).expect("a supervisor may");
    let kept = world.get::<Target>(command.target);
    assert_eq!((kept.goal, kept.set_by, kept.whose, kept.period), (both, world.supervisor, command.whose, command.period));
    world.apply(world.supervisor, edit(Goal::default())).expect("withdrawn");
    assert!(!world.get::<Target>(command.target).goal.is_any());
}

#[test]
fn i1_there_is_one_target_for_whom_and_when() {
    let mut world = World::new();
    let rep = TargetOf::Rep { rep: world.rep };
    let first = set(&mut world, rep, "2026-11");
    world.apply(world.manager, first).expect("within the rules");
    let again = set(&mut world, rep, "2026-11");
    assert_eq!(world.apply(world.supervisor, again), Err(Rejection::AlreadyExists { kind: Kind::Target }));
    for (whose, when) in [(rep, "2026-12"), (rep, "2026-Q4"), (rep, "2026"), (TargetOf::Department, "2026-11")] {
        let other = set(&mut world, whose, when);
        world.apply(world.manager, other).expect("for others, or another time");
    }
}

#[test]
fn i1_the_target_of_a_person_is_known_to_them_and_those_above_the_others_to_everybody() {
    let mut world = World::new();
    let rep = world.rep;
    let own = set(&mut world, TargetOf::Rep { rep }, "2026-11");
    let of_all = set(&mut world, TargetOf::Department, "2026-11");
    for command in [own, of_all] {
        world.apply(world.manager, command).expect("within the rules");
    }
    let holds = |user: UserId, target| world.replica(user).noun::<Target>(target).is_some();
    let who = [world.rep, world.supervisor, world.manager, world.colleague, world.other_supervisor, world.office, world.director];
    assert_eq!(who.map(|user| holds(user, own.target)), [true, true, true, false, false, false, false]);
    assert_eq!(who.map(|user| holds(user, of_all.target)), [true; 7]);
}

#[test]
fn i1_a_target_is_within_bounds_in_the_currency_of_the_company_and_of_somebody_who_sells() {
    let mut world = World::new();
    let command = set(&mut world, TargetOf::Department, "2026");
    let asked = |goal| world.decide(world.manager, &SetTarget { goal, ..command }.into()).map(|_| ());
    assert_eq!(asked(Goal::default()), Err(Rejection::Required { field: Field::Amount }));
    for minor in [0, -1, AMOUNT_MAX + 1] {
        assert_eq!(asked(amount(minor)), Err(Rejection::OutOfRange { field: Field::Amount, min: 1, max: AMOUNT_MAX }));
    }
    for deals in [0, 1_000_001] {
        let goal = Goal { deals: Some(deals), amount: None };
        assert_eq!(asked(goal), Err(Rejection::OutOfRange { field: Field::Quantity, min: 1, max: DEALS_MAX }));
    }
    assert_eq!(asked(Goal { amount: Some(Money::new(1, Currency::Usd)), deals: None }), Err(Rejection::CurrencyMixed));
    let of = |whose| world.decide(world.manager, &SetTarget { whose, ..command }.into()).map(|_| ());
    for rep in [world.leaver, world.office] {
        assert_eq!(of(TargetOf::Rep { rep }), Err(Rejection::Forbidden));
    }
    assert_eq!(of(TargetOf::Team { team: TeamId(world.rep.0) }), Err(Rejection::NotFound { kind: Kind::Team }));
}
