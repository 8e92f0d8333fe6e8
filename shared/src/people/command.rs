//! What may be asked about people.

use super::Role;
use crate::ids::{TeamId, UserId};
use serde::{Deserialize, Serialize};

/// Creates a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddTeam {
    /// Identifier, made by the caller.
    pub team: TeamId,
    /// Its name.
    pub name: String,
}

/// Creates a user without a password: an administrator sets one through the server's own interface, never by a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddUser {
    /// Identifier, made by the caller.
    pub user: UserId,
    /// Display name.
    pub name: String,
    /// Name typed at log-in.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Team; reps and supervisors need one.
    pub team: Option<TeamId>,
}

/// Changes a user's name, role or team, or takes access away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditUser {
    /// Whom.
    pub user: UserId,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Team.
    pub team: Option<TeamId>,
    /// Whether the person may log in.
    pub access: super::Access,
}
