//! A table as a file that spreadsheets open, with no cell that they would calculate.

/// A table: a header and rows of as many cells. Debug hides it: it is customers' data.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The header, then the others.
    pub rows: Vec<Vec<String>>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows.len()).finish()
    }
}

/// Whether a spreadsheet that reads a text out of a CSV file might take it for a formula or a command: by its first visible character, also in
/// its full width, or by a tab or line end before anything else.
#[must_use]
pub fn is_formula(cell: &str) -> bool {
    let first = cell.chars().find(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    matches!(first, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠' | '\u{2212}' | '﹢' | '﹣' | '﹦' | '﹫'))
        || cell.starts_with(['\t', '\r', '\n', '\0'])
}

/// The table as text divided by commas, every cell in quotes, with a byte order mark so that spreadsheets read it as UTF-8.
///
/// A cell that is a formula, or begins with an apostrophe, gets an apostrophe before it, which spreadsheets and our import take off.
#[must_use]
pub fn csv(table: &Table) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    for row in &table.rows {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(if column == 0 { "\"" } else { ",\"" });
            if is_formula(cell) || cell.starts_with('\'') {
                text.push('\'');
            }
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}
