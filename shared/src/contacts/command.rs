//! What may be asked about contacts. They have happened by then, and are never refused for good.

use super::{Came, NextStep, Way};
use crate::follow_ups::Why;
use crate::ids::{ContactId, CustomerId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Logs that the actor was in contact with a customer, or tried to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogContact {
    /// Identifier, made by the caller.
    pub contact: ContactId,
    /// With whom.
    pub customer: CustomerId,
    /// When, if not just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How.
    pub way: Way,
    /// What came of it.
    pub came: Came,
    /// In words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// What is to be done next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
    /// What the customer says of the purchase, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<u8>,
    /// The task that was done by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Why>,
}

impl std::fmt::Debug for LogContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogContact").field("contact", &self.contact).field("way", &self.way).field("came", &self.came).finish_non_exhaustive()
    }
}
