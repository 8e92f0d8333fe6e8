//! What may be asked about complaints. That somebody complained, what was done, and that the customer was told are facts: they are never refused for good.

use super::Severity;
use crate::contacts::Way;
use crate::ids::{ComplaintId, CustomerId, DealId, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Reports a complaint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportComplaint {
    /// Identifier, made by the caller.
    pub complaint: ComplaintId,
    /// Whose.
    pub customer: CustomerId,
    /// About which deal, if about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<DealId>,
    /// What it is about.
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
    /// The last day for an outcome.
    pub deadline: NaiveDate,
}

impl std::fmt::Debug for ReportComplaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportComplaint").field("complaint", &self.complaint).field("severity", &self.severity).finish_non_exhaustive()
    }
}

/// Says who sees to a complaint, until when, and how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignComplaint {
    /// Which.
    pub complaint: ComplaintId,
    /// Who sees to it.
    pub handler: UserId,
    /// The last day for an outcome.
    pub deadline: NaiveDate,
    /// How bad it is.
    pub severity: Severity,
}

/// Notes what was done about a complaint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteComplaintStep {
    /// Which.
    pub complaint: ComplaintId,
    /// What was done.
    pub words: String,
}

/// Says what the outcome is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleComplaint {
    /// Which.
    pub complaint: ComplaintId,
    /// The outcome.
    pub outcome: String,
}

/// Says that the customer was told of the outcome.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellComplainant {
    /// Which.
    pub complaint: ComplaintId,
    /// How.
    pub way: Way,
    /// What the customer said; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// Takes a complaint up again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopenComplaint {
    /// Which.
    pub complaint: ComplaintId,
    /// Why.
    pub reason: String,
    /// The last day for another outcome.
    pub deadline: NaiveDate,
}

/// Debug tells which complaint, and nothing of what was said.
macro_rules! hidden {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("complaint", &self.complaint).finish_non_exhaustive()
            }
        }
    )+};
}

hidden!(NoteComplaintStep, SettleComplaint, TellComplainant, ReopenComplaint);
