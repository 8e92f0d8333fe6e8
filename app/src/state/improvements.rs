//! What is done about what the numbers show: the measures of a reason, and those that are somebody's own (clauses B5 and I4).

use crate::state::order::InOrder;
use shared::decide::Actor;
use shared::ids::UserId;
use shared::improvements::{About, Improvement};
use shared::people::User;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// The measures, what is left to do first, each with whether its day is over on the organisation's clock.
#[must_use]
pub fn measures(replica: &Replica, now: Timestamp) -> Vec<(Arc<Improvement>, bool)> {
    let today = replica.all::<Settings>().next().map(|settings| settings.utc_offset.day_of(now));
    let is_late = |improvement: &Improvement| improvement.state.is_open() && today.is_some_and(|today| today > improvement.until);
    let mut all: Vec<_> = replica.all::<Improvement>().map(|improvement| (improvement.clone(), is_late(improvement))).collect();
    all.order_by_key(|(improvement, _)| (!improvement.state.is_open(), improvement.until, improvement.id));
    all
}

/// The open measures that somebody carries out.
#[must_use]
pub fn own(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<(Arc<Improvement>, bool)> {
    let mut own = measures(replica, now);
    own.retain(|(improvement, _)| improvement.state.is_open() && improvement.owner == actor.user);
    own
}

/// Whether somebody can carry out a measure: whoever has access; of what is about one person's figures, that person and those above.
#[must_use]
pub fn may_carry_out(replica: &Replica, user: &User, about_rep: Option<UserId>) -> bool {
    let Some(settings) = replica.all::<Settings>().next() else { return false };
    Actor::of(settings.org, user).is_some_and(|actor| about_rep.is_none_or(|rep| actor.reaches(replica, rep) == Ok(true)))
}

/// How many measures are about a reason: those open, and all.
#[must_use]
pub fn about(measures: &[(Arc<Improvement>, bool)], code: &str) -> (usize, usize) {
    let of = |improvement: &&(Arc<Improvement>, bool)| matches!(&improvement.0.about, About::RefusalReason { code: about } if about == code);
    let open = measures.iter().filter(of).filter(|(improvement, _)| improvement.state.is_open()).count();
    (open, measures.iter().filter(of).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{World, at};
    use shared::ids::ImprovementId;
    use shared::improvements::ImprovementState;

    fn put(world: &mut World, owner: shared::ids::UserId, code: &str, until: &str, done: bool) -> ImprovementId {
        let id = world.id();
        let manager = world.manager;
        let state = if done { ImprovementState::Done { by: owner, at: at(0), result: "好多了".into() } } else { ImprovementState::Open };
        world.put(Improvement {
            id,
            about: About::RefusalReason { code: code.into() },
            measure: "加開晚上場".into(),
            owner,
            until: until.parse().expect("a day"),
            state,
            decided_by: manager,
            decided_at: at(0),
        });
        id
    }

    #[test]
    fn b5_measures_are_told_by_what_presses_and_the_own_ones_stand_on_today() {
        let mut world = World::new();
        let (rep, office) = (world.rep, world.office);
        let later = put(&mut world, rep, "no_time", "2026-12-31", false);
        let late = put(&mut world, office, "no_time", "2026-11-22", false);
        let done = put(&mut world, rep, "no_interest", "2026-11-01", true);
        let ids = |measures: Vec<(Arc<Improvement>, bool)>| measures.into_iter().map(|(it, late)| (it.id, late)).collect::<Vec<_>>();
        let all = measures(&world.replica(world.manager), at(0));
        assert_eq!((about(&all, "no_time"), about(&all, "no_interest"), about(&all, "other")), ((2, 2), (0, 1), (0, 0)));
        assert_eq!(ids(all), [(late, true), (later, false), (done, false)]);
        assert_eq!(ids(own(&world.replica(rep), &world.actor(rep), at(0))), [(later, false)]);
        assert_eq!(ids(own(&world.replica(office), &world.actor(office), at(0))), [(late, true)]);
    }

    #[test]
    fn i4_what_is_about_one_persons_figures_is_offered_to_that_person_and_those_above() {
        let world = World::new();
        let replica = world.replica(world.manager);
        let people = [world.rep, world.supervisor, world.manager, world.colleague, world.other_supervisor, world.office, world.leaver];
        let offered = |about| people.map(|user| may_carry_out(&replica, &world.get::<User>(user), about));
        assert_eq!(offered(Some(world.rep)), [true, true, true, false, false, false, false]);
        assert_eq!(offered(None), [true, true, true, true, true, true, false]);
    }
}
