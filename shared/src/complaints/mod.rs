//! Complaints 客訴: what a customer complains of, whose it is until when, each step, the outcome, and that the customer was told (clause G3).
//!
//! Law: everything that was done about a complaint stands in its steps, the oldest first, and stays there. Where it stands follows from them.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::contacts::Way;
use crate::ids::{ComplaintId, CustomerId, DealId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::{Timestamp, UtcOffset};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A complaint or a dispute. It has the scope of whoever owns the customer: those above hold that, too. Debug hides what it is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Identifier.
    pub id: ComplaintId,
    /// Whose complaint.
    pub customer: CustomerId,
    /// Whose customer; none in the pool.
    pub owner: Option<UserId>,
    /// About which deal, if about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<DealId>,
    /// What it is about.
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who reported it.
    pub reported_by: UserId,
    /// When, on the reporter's clock.
    pub reported_at: Timestamp,
    /// Who sees to it: a supervisor or a manager. None while nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<UserId>,
    /// The last day for an outcome, on the organisation's clock.
    pub deadline: NaiveDate,
    /// Where it stands.
    pub state: ComplaintState,
    /// What was done about it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<ComplaintStep>,
}

impl std::fmt::Debug for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Complaint").field("id", &self.id).field("severity", &self.severity).field("state", &self.state).finish_non_exhaustive()
    }
}

/// How bad a complaint is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 緊急: somebody may come to harm, or go to the authorities or the press.
    Urgent,
    /// 嚴重: money, or the customer.
    Serious,
    /// 一般.
    Minor,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Serious, Self::Minor];

    /// How many days there are for an outcome, unless somebody sets others.
    #[must_use]
    pub const fn usual_days(self) -> u64 {
        match self {
            Self::Urgent => 1,
            Self::Serious => 3,
            Self::Minor => 7,
        }
    }
}

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintState {
    /// There is no outcome yet.
    Open,
    /// There is one, and the customer does not know it.
    Settled,
    /// The customer was told: nothing is left to do.
    Told,
}

/// Something that was done about a complaint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintStep {
    /// When, on the clock of whoever did it.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// What.
    pub what: StepTaken,
}

impl std::fmt::Debug for ComplaintStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComplaintStep").field("at", &self.at).field("by", &self.by).finish_non_exhaustive()
    }
}

/// What can be done about a complaint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum StepTaken {
    /// Anything, in words.
    Noted {
        /// What.
        words: String,
    },
    /// Somebody else sees to it, or until another day.
    Assigned {
        /// Who.
        handler: UserId,
        /// Until when.
        deadline: NaiveDate,
    },
    /// There is an outcome.
    Settled {
        /// Which.
        outcome: String,
    },
    /// The customer was told.
    Told {
        /// How.
        way: Way,
        /// What the customer said; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    /// It is open again.
    Reopened {
        /// Why.
        reason: String,
    },
}

impl std::fmt::Debug for StepTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Noted { .. } => "Noted",
            Self::Assigned { .. } => "Assigned",
            Self::Settled { .. } => "Settled",
            Self::Told { .. } => "Told",
            Self::Reopened { .. } => "Reopened",
        })
    }
}

impl Complaint {
    /// Whether there is something left to do.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state != ComplaintState::Told
    }

    /// Whether its day is over on the organisation's clock and the customer has no answer.
    #[must_use]
    pub fn is_overdue(&self, clock: UtcOffset, now: Timestamp) -> bool {
        self.is_open() && clock.day_of(now) > self.deadline
    }

    /// The outcome that stands.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        if self.state == ComplaintState::Open {
            return None;
        }
        self.steps.iter().rev().find_map(|step| if let StepTaken::Settled { outcome } = &step.what { Some(outcome.as_str()) } else { None })
    }
}

impl Entity for Complaint {
    fn id(&self) -> ComplaintId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ComplaintsByCustomer(self.customer));
    }
}
