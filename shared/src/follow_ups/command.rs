//! What may be asked about follow-up tasks. That one is done is said by the contact that did it ([`crate::contacts::command::LogContact`]).

use super::{Rule, Why};
use crate::ids::{CustomerId, UserId};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Says what becomes of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkFollowUp {
    /// About whom.
    pub customer: CustomerId,
    /// Which task.
    pub why: Why,
    /// What becomes of it.
    pub mark: Mark,
}

/// What somebody can make of a task.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Mark {
    /// To be done, as if nobody had touched it: takes back what was said before. Whoever it was handed to gives it back.
    Open,
    /// Not before a day.
    Snoozed {
        /// Which, on the organisation's clock.
        until: NaiveDate,
    },
    /// Not needed.
    Dropped {
        /// Why.
        reason: String,
    },
    /// A colleague does it.
    HandedOver {
        /// Who.
        to: UserId,
        /// By when it should be done.
        due: Timestamp,
        /// What to know before; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Snoozed { .. } => "Snoozed",
            Self::Dropped { .. } => "Dropped",
            Self::HandedOver { .. } => "HandedOver",
        })
    }
}

/// Switches one rule on or off, so that two who change others overwrite nothing of each other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFollowUpRule {
    /// Which.
    pub rule: Rule,
    /// After how many hours or days its task is due; none: it does not come.
    pub after: Option<u16>,
}
