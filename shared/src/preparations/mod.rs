//! Preparations 籌備: what marketing, office and sales have to do before a meeting (clause C2).

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{MeetingId, PreparationId, UserId};
use crate::meetings::{Duty, Meeting};
use crate::people::Role;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One task before a meeting. Holds no customer data: everybody in the organisation may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    /// Identifier.
    pub id: PreparationId,
    /// For which meeting.
    pub meeting: MeetingId,
    /// What is to be done.
    pub what: String,
    /// How, where, with whom.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whose task it is.
    pub owner: Owner,
    /// The day on which it must be done at the latest, on the meeting's clock.
    pub due: NaiveDate,
    /// How far it is.
    pub state: PreparationState,
}

/// Whose task something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Owner {
    /// One person's.
    Person {
        /// Who.
        user: UserId,
    },
    /// Everybody's who has a role: whoever gets to it first.
    Role {
        /// Which.
        role: Role,
    },
    /// Everybody's who has a duty at the meeting.
    Duty {
        /// Which.
        duty: Duty,
    },
}

impl Owner {
    /// Whether it is somebody's task. A duty is that of the meeting as it is planned now.
    #[must_use]
    pub fn is(self, user: UserId, role: Role, meeting: &Meeting) -> bool {
        match self {
            Self::Person { user: owner } => owner == user,
            Self::Role { role: owner } => owner == role,
            Self::Duty { duty } => meeting.plan.staff.iter().any(|staff| staff.user == user && staff.duty == duty),
        }
    }
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PreparationState {
    /// Nobody has begun.
    Open,
    /// Somebody is at it.
    Doing {
        /// Who.
        by: UserId,
        /// Since when.
        at: Timestamp,
    },
    /// Done.
    Done {
        /// By whom.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Not needed after all.
    Dropped {
        /// Who said so.
        by: UserId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl PreparationState {
    /// Whether there is something left to do.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Doing { .. })
    }
}

impl Preparation {
    /// Whether its day is over on the meeting's clock and it is not done.
    #[must_use]
    pub fn is_overdue(&self, meeting: &Meeting, now: Timestamp) -> bool {
        self.state.is_open() && meeting.plan.utc_offset.day_of(now) > self.due
    }
}

impl Entity for Preparation {
    fn id(&self) -> PreparationId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::PreparationsByMeeting(self.meeting));
    }
}
