//! What may be asked about improvements.

use super::About;
use crate::ids::{ImprovementId, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Decides on a measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddImprovement {
    /// Identifier, made by the caller.
    pub improvement: ImprovementId,
    /// What it is to make better.
    pub about: About,
    /// What is done.
    pub measure: String,
    /// Who does it.
    pub owner: UserId,
    /// The last day for it.
    pub until: NaiveDate,
}

/// Changes a measure: what, who, until when. How far it is stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditImprovement {
    /// Which.
    pub improvement: ImprovementId,
    /// What is done.
    pub measure: String,
    /// Who does it.
    pub owner: UserId,
    /// The last day for it.
    pub until: NaiveDate,
}

/// Says how far a measure is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetImprovementState {
    /// Which.
    pub improvement: ImprovementId,
    /// How far.
    pub progress: ImprovementProgress,
}

/// How far a measure is, as whoever is at it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ImprovementProgress {
    /// Not begun, or not any more.
    Open,
    /// Under way.
    Doing,
    /// Done.
    Done {
        /// What came of it.
        result: String,
    },
    /// Given up.
    Dropped {
        /// Why.
        reason: String,
    },
}
