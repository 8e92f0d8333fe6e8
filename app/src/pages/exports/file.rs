//! A table as a file for the person: a spreadsheet written by the clerk's worker, or text divided by commas.

use crate::platform::clerk;
use crate::platform::give::{self, Given};
use shared::exports::Format;
use shared::exports::table::{Table, csv};

/// A table, written.
pub(in crate::pages) struct TableFile {
    content: Vec<u8>,
    format: Format,
}

impl TableFile {
    /// Writes a table, some columns of which are figures. None if the worker is not there or cannot.
    pub(in crate::pages) async fn write(sheet: &str, table: &Table, numbers: &[u16], format: Format) -> Option<Self> {
        let content = match format {
            Format::Csv => csv(table),
            Format::Xlsx => clerk::write(sheet, table, numbers).await?,
        };
        Some(Self { content, format })
    }

    /// Gives it, under a name without its ending.
    pub(in crate::pages) async fn give(&self, name: &str) -> Given {
        let (ending, kind) = match self.format {
            Format::Csv => ("csv", "text/csv;charset=utf-8"),
            Format::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        };
        give::bytes(&format!("{name}.{ending}"), &self.content, kind).await
    }
}
