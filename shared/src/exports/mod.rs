//! Exports 匯出 (clause A7): customers leave the system as a file only with a right and a reason, and that they did is kept where nobody can change it.
//!
//! Law: no command changes or deletes an [`Export`]; it holds who, when, why and how much, and nothing about any customer.

pub mod command;
pub mod decide;
pub mod table;
#[cfg(test)]
mod tests;

use crate::customers::Intent;
use crate::ids::{ClientId, ExportId, MeetingId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Customers were given out as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Identifier.
    pub id: ExportId,
    /// Who has it.
    pub by: UserId,
    /// When, on the device's clock.
    pub at: Timestamp,
    /// On which device.
    pub device: ClientId,
    /// Why.
    pub reason: String,
    /// As which kind of file.
    pub format: Format,
    /// How many customers.
    pub rows: u32,
    /// Which were chosen out of all.
    pub filters: Filters,
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text divided by commas, in UTF-8 with a byte order mark.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

/// Which customers were chosen. What was searched for is left out: it would be somebody's name or phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Whether words were searched for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub searched: bool,
    /// One of these intents; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intents: Vec<Intent>,
    /// Has this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Came from this source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Lives there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Whose>,
    /// Invited or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited: Option<Invited>,
}

/// Whose customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Nobody's.
    Pool,
    /// This person's.
    Person(UserId),
}

/// Whether customers have an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invited {
    /// To this meeting.
    To(MeetingId),
    /// Not to this meeting.
    NotTo(MeetingId),
    /// To none.
    Never,
}

impl Entity for Export {
    fn id(&self) -> ExportId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Audit
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
