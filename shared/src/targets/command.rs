//! What may be asked about targets.

use super::{Goal, TargetOf};
use crate::analysis::Period;
use crate::ids::TargetId;
use serde::{Deserialize, Serialize};

/// Sets a target where there is none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTarget {
    /// Identifier, made by the caller.
    pub target: TargetId,
    /// Whose.
    pub whose: TargetOf,
    /// For when.
    pub period: Period,
    /// How much: an amount, a number of deals, or both.
    pub goal: Goal,
}

/// Changes how much a target is, or, with neither amount nor deals, withdraws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditTarget {
    /// Which.
    pub target: TargetId,
    /// How much.
    pub goal: Goal,
}
