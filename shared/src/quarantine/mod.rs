//! Quarantine 待裁決: what has happened in the world and the rules could not accept waits here for a person (clause D2; M3 for those whose
//! access was taken away). Nothing of it is lost, nothing of it counts until somebody says so.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{ClientId, HeldCommandId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::rejection::{Rejection, known_or_newer};
use crate::sync::protocol::RawCommand;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A command that waits for a ruling, or had one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldCommand {
    /// Identifier; equals the command's uuid.
    pub id: HeldCommandId,
    /// What was asked, as it arrived.
    pub command: RawCommand,
    /// By whom.
    pub by: UserId,
    /// On which device.
    pub device: ClientId,
    /// When, on the device's clock.
    pub occurred_at: Timestamp,
    /// When it reached the server.
    pub arrived_at: Timestamp,
    /// Why the rules could not accept it.
    #[serde(deserialize_with = "known_or_newer")]
    pub rejection: Rejection,
    /// What a person decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<HeldRuling>,
}

/// Arguments are customers' data.
impl std::fmt::Debug for HeldCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldCommand").field("id", &self.id).field("name", &self.command.name).field("by", &self.by).finish_non_exhaustive()
    }
}

/// A person's decision on what was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRuling {
    /// What was decided.
    pub verdict: HeldVerdict,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HeldVerdict {
    /// It counts: it took effect with the ruling.
    Accepted,
    /// It does not count; it stays to be read.
    SetAside {
        /// Why.
        reason: String,
    },
}

impl Entity for HeldCommand {
    fn id(&self) -> HeldCommandId {
        self.id
    }
    /// Who recorded it may see it, and who may see that person's work may rule on it.
    fn scope(&self) -> Scope {
        Scope::Person(self.by)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::HeldCommandsBy(self.by));
    }
}
