//! What may be asked about exports.

use super::{Filters, Format};
use crate::ids::ExportId;
use serde::{Deserialize, Serialize};

/// Says that customers are given out as a file. Durable before the file is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordExport {
    /// Identifier, made by the caller.
    pub export: ExportId,
    /// Why.
    pub reason: String,
    /// As which kind of file.
    pub format: Format,
    /// How many customers.
    pub rows: u32,
    /// Which were chosen out of all.
    #[serde(default)]
    pub filters: Filters,
}
