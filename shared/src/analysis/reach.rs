//! Whose figures a person is told (product.md, People): their own, the team's, the department's.

use super::figures::Group;
use crate::decide::Actor;
use crate::ids::{TeamId, UserId};
use crate::people::Role;

/// Whose figures a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Their own.
    Own(UserId),
    /// The team's.
    Team(TeamId),
    /// Everybody's, of customers whom they know.
    Everybody,
    /// Everybody's, of customers whom they do not know: totals only, and no words that might name one.
    Totals,
}

impl Reach {
    /// The reach of an actor; none for those who are told no figures.
    #[must_use]
    pub const fn of(actor: &Actor) -> Option<Self> {
        match (actor.role, actor.team) {
            (Role::Supervisor, Some(team)) => Some(Self::Team(team)),
            (Role::Rep | Role::Supervisor, _) => Some(Self::Own(actor.user)),
            (Role::Manager, _) => Some(Self::Everybody),
            (Role::Director, _) => Some(Self::Totals),
            (Role::Marketing | Role::Office | Role::Finance | Role::Administrator, _) => None,
        }
    }

    /// The group of sales that it is; none for all of them.
    #[must_use]
    pub const fn group(self) -> Option<Group> {
        match self {
            Self::Own(user) => Some(Group::Rep(user)),
            Self::Team(team) => Some(Group::Team(Some(team))),
            Self::Everybody | Self::Totals => None,
        }
    }
}
