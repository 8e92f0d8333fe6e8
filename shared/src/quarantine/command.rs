//! What may be asked about quarantine.

use super::HeldVerdict;
use crate::ids::HeldCommandId;
use serde::{Deserialize, Serialize};

/// Decides on a held command. Accepted, it takes effect now, by the rules as they stand now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleHeldCommand {
    /// Which.
    pub held: HeldCommandId,
    /// How.
    pub verdict: HeldVerdict,
}
