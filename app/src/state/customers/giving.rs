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
        Role::Rep | Role::Administrator => user.id == actor.user && actor.role == Role::Rep,
    };
    let mut users: Vec<_> =
        replica.all::<User>().filter(|user| user.access == Access::Granted && user.role != Role::Administrator && reached(user)).cloned().collect();
    users.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    users
}

/// The commands that give customers to somebody, or to the pool.
pub fn transfer(customers: &[CustomerId], to: Option<UserId>) -> impl Iterator<Item = TransferCustomers> {
    customers.chunks(MOST_TRANSFERRED).map(move |part| TransferCustomers { customers: part.to_vec(), to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use std::collections::BTreeSet;

    #[test]
    fn a_supervisor_gives_customers_within_the_team_only() {
        let world = World::new();
        let ids = |user| receivers(&world.replica(user), &world.actor(user)).iter().map(|user| user.id).collect::<BTreeSet<_>>();
        assert_eq!(ids(world.supervisor), [world.rep, world.colleague, world.supervisor].into());
        assert_eq!(ids(world.rep), [world.rep].into());
        assert!(ids(world.manager).contains(&world.stranger) && !ids(world.manager).contains(&world.leaver));
    }
}
