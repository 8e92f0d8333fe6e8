//! Improvements 改進: what is done about what the numbers show, by whom and until when (clauses B5 and I4).

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::analysis::{Group, Measure, Period};
use crate::ids::{ImprovementId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One measure. It names no customer: everybody in the organisation may see it, but for what is about one person's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Improvement {
    /// Identifier.
    pub id: ImprovementId,
    /// What it is to make better.
    pub about: About,
    /// What is done.
    pub measure: String,
    /// Who does it.
    pub owner: UserId,
    /// The last day for it, on the organisation's clock.
    pub until: NaiveDate,
    /// How far it is.
    pub state: ImprovementState,
    /// Who decided on it.
    pub decided_by: UserId,
    /// When.
    pub decided_at: Timestamp,
}

/// What a measure is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum About {
    /// A reason for declining.
    RefusalReason {
        /// Its code in the settings' dictionary.
        code: String,
    },
    /// Something that a report shows.
    Report {
        /// Which figure.
        measure: Measure,
        /// Of whom or what; none for the whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<Group>,
        /// Of when. The measure stands in later reports too.
        period: Period,
        /// What was found.
        finding: String,
    },
}

impl About {
    /// Whose figures it is about, if it is about those of one person.
    #[must_use]
    pub const fn rep(&self) -> Option<UserId> {
        match self {
            Self::Report { group: Some(Group::Rep(rep)), .. } => Some(*rep),
            Self::Report { .. } | Self::RefusalReason { .. } => None,
        }
    }
}

/// How far a measure is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ImprovementState {
    /// Decided on, not begun.
    Open,
    /// Under way.
    Doing {
        /// Who said so.
        by: UserId,
        /// Since when.
        at: Timestamp,
    },
    /// Done.
    Done {
        /// Who said so.
        by: UserId,
        /// When.
        at: Timestamp,
        /// What came of it.
        result: String,
    },
    /// Given up.
    Dropped {
        /// Who said so.
        by: UserId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl ImprovementState {
    /// Whether there is something left to do.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Doing { .. })
    }
}

impl Entity for Improvement {
    fn id(&self) -> ImprovementId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.about.rep().map_or(Scope::Org, Scope::Person)
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
