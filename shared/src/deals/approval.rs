//! Approval of a discount above the limit of whoever gave it: asked for with a reason, ruled on once, by somebody else who may give as much.
//!
//! Law: an approval is for exactly the terms that were looked at. Other lines or another discount withdraw it.

use crate::ids::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The request, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Why the discount should be given.
    pub reason: String,
    /// Who asked: the seller, or who changed the deal for them.
    pub asked_by: UserId,
    /// When, on the clock of whoever asked.
    pub asked_at: Timestamp,
    /// What became of it.
    pub state: ApprovalState,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ApprovalState {
    /// Nobody has ruled on it yet.
    Waiting,
    /// The discount may be given.
    Granted {
        /// By whom.
        by: UserId,
        /// When, on their clock.
        at: Timestamp,
    },
    /// The discount may not be given.
    Refused {
        /// By whom.
        by: UserId,
        /// When, on their clock.
        at: Timestamp,
        /// Why, in words.
        reason: String,
    },
}
