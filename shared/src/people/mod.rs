//! People who work with the system: users, teams, roles.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{TeamId, UserId};
use crate::record::{Entity, Index, Scope};
use serde::{Deserialize, Serialize};

/// What a person may do (product.md, People).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 銷售人員: own customers, and the guests of the meetings they work at.
    Rep,
    /// 銷售主管: the team's.
    Supervisor,
    /// 銷售經理: the department's; plans meetings.
    Manager,
    /// 總監: totals and approvals; no customers.
    Director,
    /// 市場: its tasks for a meeting; meetings, no customers.
    Marketing,
    /// 行政: its tasks for a meeting, gifts and materials; meetings, no customers.
    Office,
    /// 財務: money; a customer's name only where a payment needs one.
    Finance,
    /// Users, teams and settings; no customer content.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] =
        [Self::Rep, Self::Supervisor, Self::Manager, Self::Director, Self::Marketing, Self::Office, Self::Finance, Self::Administrator];

    /// Whether the role works with customers: invites, receives, closes. The others hold no customer, and no list of any meeting's guests.
    #[must_use]
    pub const fn sells(self) -> bool {
        matches!(self, Self::Rep | Self::Supervisor | Self::Manager)
    }
}

/// A person who works with the system. Passwords are never part of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Name by which colleagues know the person.
    pub name: String,
    /// Name typed at log-in: lower case, unique in the organisation.
    pub login: String,
    /// What the person may do.
    pub role: Role,
    /// The team, for reps and supervisors.
    pub team: Option<TeamId>,
    /// Whether the person has access.
    pub access: Access,
}

/// Whether a person may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// May log in.
    Granted,
    /// May not; devices lose what they hold at the next contact.
    Revoked,
}

impl Entity for User {
    fn id(&self) -> UserId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::UserByLogin(self.login.clone()));
        if let Some(team) = self.team {
            out.push(Index::UsersByTeam(team));
        }
    }
}

/// A team of reps with a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Identifier.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

impl Entity for Team {
    fn id(&self) -> TeamId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
