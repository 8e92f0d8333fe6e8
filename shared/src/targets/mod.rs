//! Targets 業績目標: what the department, a team or one person is to sell in a month, a quarter or a year (clause I1).
//!
//! Law: for whom and for which period there is one target at most.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::analysis::Period;
use crate::ids::{TargetId, TeamId, UserId};
use crate::money::Money;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is to be sold. That of one person is known to that person and those above; the others to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Identifier.
    pub id: TargetId,
    /// Whose.
    pub whose: TargetOf,
    /// For when.
    pub period: Period,
    /// How much; nothing if it was withdrawn.
    pub goal: Goal,
    /// Who set it, or changed it last.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
}

/// Whose target it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TargetOf {
    /// The department's.
    Department,
    /// A team's.
    Team {
        /// Which.
        team: TeamId,
    },
    /// One person's.
    Rep {
        /// Whose.
        rep: UserId,
    },
}

/// What is to be reached: an amount, a number of deals, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Signed for at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// So many deals at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deals: Option<u32>,
}

impl Goal {
    /// Whether there is anything to reach.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.amount.is_some() || self.deals.is_some()
    }
}

impl Entity for Target {
    fn id(&self) -> TargetId {
        self.id
    }
    fn scope(&self) -> Scope {
        match self.whose {
            TargetOf::Department | TargetOf::Team { .. } => Scope::Org,
            TargetOf::Rep { rep } => Scope::Person(rep),
        }
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::TargetsByPeriod(self.period));
    }
}
