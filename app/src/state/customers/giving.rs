//! Giving customers to colleagues, or to the pool.

use crate::state::order::InOrder;
use shared::customers::command::TransferCustomers;
use shared::customers::decide::MOST_TRANSFERRED;
use shared::decide::Actor;
use shared::ids::{CustomerId, UserId};
use shared::people::{Access, Role, User};
use shared::sync::replica::Replica;
use std::sync::Arc;

/// The colleagues to whom a person may give customers, by name.
#[must_use]
pub fn receivers(replica: &Replica, actor: &Actor) -> Vec<Arc<User>> {
    let reached = |user: &User| match actor.role {
        Role::Manager => true,
        Role::Supervisor => user.id == actor.user || (actor.team.is_some() && user.team == actor.team),
        Role::Rep => user.id == actor.user,
        Role::Director | Role::Marketing | Role::Office | Role::Finance | Role::Administrator => false,
    };
    let mut users: Vec<_> =
        replica.all::<User>().filter(|user| user.access == Access::Granted && user.role.sells() && reached(user)).cloned().collect();
    users.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    users
}

/// The commands that give customers to somebody, or to the pool.
pub fn transfer(customers: &[CustomerId], to: Option<UserId>) -> impl Iterator<Item = TransferCustomers> {
    customers.chunks(MOST_TRANSFERRED).map(move |part| TransferCustomers { customers: part.to_vec(), to })
}

/// Shares customers out among people, one after the other, in the order given: nobody gets two more than another. Each person with theirs.
#[must_use]
pub fn in_turn(customers: &[CustomerId], people: &[UserId]) -> Vec<(UserId, Vec<CustomerId>)> {
    let share = |turn: usize| customers.iter().copied().skip(turn).step_by(people.len()).collect::<Vec<_>>();
    people.iter().enumerate().map(|(turn, person)| (*person, share(turn))).filter(|(_, share)| !share.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn a5_a_supervisor_gives_customers_within_the_team_only() {
        let world = World::new();
        let ids = |user| receivers(&world.replica(user), &world.actor(user)).iter().map(|user| user.id).collect::<BTreeSet<_>>();
        assert_eq!(ids(world.supervisor), [world.rep, world.colleague, world.supervisor].into());
        assert_eq!(ids(world.rep), [world.rep].into());
        assert!(ids(world.manager).contains(&world.stranger) && !ids(world.manager).contains(&world.leaver));
    }

    #[test]
    fn a5_in_turn_everybody_gets_as_many_and_nobody_is_left_over() {
        for (customers, people) in (0..60).flat_map(|customers| (1..9).map(move |people| (customers, people))) {
            let all: Vec<_> = (0..customers).map(|id| CustomerId(Uuid::from_u128(id))).collect();
            let people: Vec<_> = (0..people).map(|id| UserId(Uuid::from_u128(id))).collect();
            let shares = in_turn(&all, &people);
            let sizes: Vec<_> = people.iter().map(|person| shares.iter().find(|(to, _)| to == person).map_or(0, |(_, share)| share.len())).collect();
            assert!(sizes.iter().max() <= sizes.iter().min().map(|least| least + 1).as_ref(), "{sizes:?}");
            let given: Vec<_> = shares.into_iter().flat_map(|(_, share)| share).collect();
            assert_eq!((given.len(), given.into_iter().collect::<BTreeSet<_>>()), (all.len(), all.into_iter().collect()));
        }
    }
}
