//! The text of a file as rows of cells, one at a time, numbered as a spreadsheet numbers them.
//!
//! A parser of our own, because a list made by people needs more than RFC 4180: empty lines count, a lone quote inside a cell is a quote, and
//! one that is never closed must not swallow the rest of the file: such a row is reported, and reading goes on at the next line.

use super::delimiter::Delimiter;
use super::encoding::Refusal;
use super::workbook::{ERROR_VALUE, NO_RESULT};
use std::borrow::Cow;
use std::sync::Arc;

/// Most rows of one import, the header included.
pub const MOST_ROWS: u32 = 100_001;
/// Most columns of a row.
pub const MOST_COLUMNS: usize = 512;
/// A quoted cell with more lines than this was not meant: the quote was never closed.
pub const LINES_OF_CELL: usize = 100;
/// As [`LINES_OF_CELL`], for its bytes.
pub const BYTES_OF_CELL: usize = 64 << 10;

/// A file's text, divided into rows and cells. Cheap to clone; Debug hides the text.
#[derive(Clone)]
pub struct Sheet {
    text: Arc<str>,
    delimiter: Delimiter,
    /// Where the rows begin: after a line `sep=;`, which spreadsheets read and people do not see.
    begin: usize,
}

/// Where reading stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Byte at which the next row begins.
    pub(super) at: usize,
    /// Rows read.
    pub(super) rows: u32,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// Its number in the file, from 1.
    pub(super) number: u32,
    /// Its cells as written, without quotes.
    pub(super) cells: Vec<Cow<'t, str>>,
    /// The column whose quote was never closed.
    pub(super) unclosed: Option<usize>,
}

impl Sheet {
    /// Divides a decoded text; the delimiter is found by itself unless one is given.
    ///
    /// # Errors
    /// [`Refusal::Empty`] for nothing but white space, [`Refusal::TooManyRows`], [`Refusal::TooManyColumns`] in the first rows.
    pub fn open(text: impl Into<Arc<str>>, delimiter: Option<Delimiter>) -> Result<Self, Refusal> {
        let text: Arc<str> = text.into();
        if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').is_empty() {
            return Err(Refusal::Empty);
        }
        let (told, begin) = told_delimiter(&text);
        if begin == text.len() {
            return Err(Refusal::Empty);
        }
        let delimiter = delimiter.or(told).unwrap_or_else(|| Delimiter::guess(&text[begin..]));
        let sheet = Self { text, delimiter, begin };
        if sheet.rows_from(sheet.start()).take(20).any(|row| row.cells.len() > MOST_COLUMNS) {
            return Err(Refusal::TooManyColumns { max: MOST_COLUMNS as u32 });
        }
        if sheet.has_too_many_rows() { Err(Refusal::TooManyRows { max: MOST_ROWS }) } else { Ok(sheet) }
    }

    /// What separates the cells.
    #[must_use]
    pub const fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// The first rows, for the preview.
    #[must_use]
    pub fn preview(&self, rows: usize) -> Vec<Vec<String>> {
        let not_empty = self.rows_from(self.start()).filter(|row| !row.is_empty());
        let shown = |cell: Cow<'_, str>| if [NO_RESULT, ERROR_VALUE].contains(&&*cell) { String::new() } else { clean(&cell).into_owned() };
        not_empty.take(rows).map(|row| row.cells.into_iter().map(shown).collect()).collect()
    }

    pub(super) fn start(&self) -> Cursor {
        Cursor { at: self.begin, rows: u32::from(self.begin > 0) }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The row at a cursor, which moves on; none at the end.
    pub(super) fn read(&self, cursor: &mut Cursor) -> Option<Row<'_>> {
        parse(&self.text, self.delimiter.byte(), cursor)
    }

    fn rows_from(&self, mut cursor: Cursor) -> impl Iterator<Item = Row<'_>> {
        std::iter::from_fn(move || self.read(&mut cursor))
    }

    fn has_too_many_rows(&self) -> bool {
        let most = MOST_ROWS as usize;
        let lines = memchr::memchr2_iter(b'\n', b'\r', self.text.as_bytes()).take(most + 1).count();
        lines > most && self.rows_from(self.start()).filter(|row| !row.is_empty()).take(most + 1).count() > most
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("bytes", &self.text.len()).field("delimiter", &self.delimiter).finish_non_exhaustive()
    }
}

impl Row<'_> {
    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.unclosed.is_none() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Reads the row at the cursor.
pub(super) fn parse<'t>(text: &'t str, delimiter: u8, cursor: &mut Cursor) -> Option<Row<'t>> {
    let begin = *cursor;
    if begin.at >= text.len() {
        return None;
    }
    cursor.rows += 1;
    let mut cells = Vec::new();
    let mut unclosed = None;
    loop {
        let bytes = text.as_bytes();
        let quoted = bytes.get(cursor.at) == Some(&b'"') && unclosed.is_none();
        let (cell, next) = if quoted {
            match quoted_cell(text, cursor.at, delimiter) {
                Some(found) => found,
                None => {
                    unclosed = Some(cells.len());
                    plain_cell(text, cursor.at, delimiter)
                }
            }
        } else {
            plain_cell(text, cursor.at, delimiter)
        };
        cells.push(cell);
        cursor.at = next;
        match bytes.get(next) {
            Some(byte) if *byte == delimiter => cursor.at += 1,
            Some(b'\r') if bytes.get(next + 1) == Some(&b'\n') => {
                cursor.at += 2;
                break;
            }
            Some(_) => {
                cursor.at += 1;
                break;
            }
            None => break,
        }
    }
    Some(Row { number: cursor.rows, cells, unclosed })
}

/// A cell's text without what spreadsheets put around it: white space, `="0912"`, a leading apostrophe.
pub(super) fn clean<'c>(cell: &'c str) -> Cow<'c, str> {
    let trimmed = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200b}'));
    let formula = trimmed.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let bare = formula.unwrap_or(trimmed);
    Cow::Borrowed(bare.strip_prefix('\'').unwrap_or(bare))
}

/// The cell up to the next delimiter or line end, and where that is.
fn plain_cell(text: &str, from: usize, delimiter: u8) -> (Cow<'_, str>, usize) {
    let rest = &text.as_bytes()[from..];
    let end = memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
    (Cow::Borrowed(&text[from..from + end]), from + end)
}

/// The cell that begins with a quote; none if the quote is not closed within reason.
fn quoted_cell(text: &str, from: usize, delimiter: u8) -> Option<(Cow<'_, str>, usize)> {
    let bytes = text.as_bytes();
    let mut parts: Option<String> = None;
    let mut begin = from + 1;
    loop {
        let quote = begin + memchr::memchr(b'"', &bytes[begin..bytes.len().min(from + BYTES_OF_CELL)])?;
        if bytes.get(quote + 1) == Some(&b'"') {
            parts.get_or_insert_default().push_str(&text[begin..=quote]);
            begin = quote + 2;
            continue;
        }
        if memchr::memchr_iter(b'\n', &bytes[from..quote]).count() > LINES_OF_CELL {
            return None;
        }
        let inside = &text[begin..quote];
        // What follows the closing quote up to the delimiter belongs to the cell: some programs write 10" as "10"".
        let (after, end) = plain_cell(text, quote + 1, delimiter);
        let cell = match (parts, after.as_ref()) {
            (None, "") => Cow::Borrowed(inside),
            (parts, after) => Cow::Owned(parts.unwrap_or_default() + inside + after),
        };
        return Some((cell, end));
    }
}

/// A first line `sep=;` tells the delimiter.
fn told_delimiter(text: &str) -> (Option<Delimiter>, usize) {
    let line = text.lines().next().unwrap_or_default();
    let told = line.trim_matches('"').strip_prefix("sep=").and_then(|rest| Delimiter::ALL.into_iter().find(|d| rest.as_bytes() == [d.byte()]));
    let after = text[line.len()..].find(|c| !matches!(c, '\r' | '\n')).map_or(text.len(), |more| line.len() + more);
    told.map_or((None, 0), |delimiter| (Some(delimiter), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let sheet = Sheet::open(text, Some(Delimiter::Comma)).expect("a sheet");
        let rows: Vec<Vec<String>> = sheet.rows_from(sheet.start()).map(|row| row.cells.into_iter().map(Cow::into_owned).collect()).collect();
        assert_eq!(rows, expected, "{text:?}");
    }

    #[test]
    fn cells_are_read_as_people_write_them() {
        check("a,b\nc,d", &[&["a", "b"], &["c", "d"]]);
        check("a,b\r\nc,d\r\n", &[&["a", "b"], &["c", "d"]]);
        check("a,b\rc,d\r", &[&["a", "b"], &["c", "d"]]);
        check("\"a,1\",\"b \"\"x\"\"\"\n", &[&["a,1", "b \"x\""]]);
        check("\"two\nlines\",b\n", &[&["two\nlines", "b"]]);
        check("10\" pipe,b\n", &[&["10\" pipe", "b"]]);
        check("\"a\"b,c\n", &[&["ab", "c"]]);
        check("a,\n,b\n", &[&["a", ""], &["", "b"]]);
        check("a\n\nb\n", &[&["a"], &[""], &["b"]]);
        check("a,\"\"", &[&["a", ""]]);
    }

    #[test]
    fn a_quote_never_closed_does_not_swallow_the_rest() {
        let many: String = (0..500).map(|n| format!("row{n},x\n")).collect();
        let sheet = Sheet::open(format!("a,\"b\n{many}"), Some(Delimiter::Comma)).expect("a sheet");
        let rows: Vec<_> = sheet.rows_from(sheet.start()).collect();
        assert_eq!(rows.len(), 501);
        assert_eq!(rows[0].unclosed, Some(1));
        assert_eq!((rows[500].number, rows[500].cells[0].as_ref()), (501, "row499"));
    }

    #[test]
    fn a_told_delimiter_is_believed_and_its_line_counts() {
        let sheet = Sheet::open("sep=;\r\na;b\r\n", None).expect("a sheet");
        assert_eq!(sheet.delimiter(), Delimiter::Semicolon);
        assert_eq!(sheet.rows_from(sheet.start()).map(|row| row.number).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a2_what_cannot_be_a_list_of_customers_is_refused() {
        assert_eq!(Sheet::open(" \r\n\t\n", None).map(|_| ()), Err(Refusal::Empty));
        assert_eq!(Sheet::open("x,".repeat(600), None).map(|_| ()), Err(Refusal::TooManyColumns { max: 512 }));
        assert_eq!(Sheet::open("x,y\n".repeat(100_002), None).map(|_| ()), Err(Refusal::TooManyRows { max: MOST_ROWS }));
        assert!(Sheet::open(format!("a,b\n{}", "\n".repeat(200_000)), None).is_ok(), "empty lines are no rows");
    }

    #[test]
    fn what_spreadsheets_put_around_a_cell_is_taken_off() {
        assert_eq!(clean(" =\"0912\" "), "0912");
        assert_eq!(clean("'0912"), "0912");
        assert_eq!(clean("\u{3000}王小明\u{a0}"), "王小明");
    }

    proptest! {
        #[test]
        fn every_text_is_read_to_its_end(text in "[a\",;\n\r\t王 ]{0,60}") {
            if let Ok(sheet) = Sheet::open(text.as_str(), None) {
                let mut cursor = sheet.start();
                let mut rows = 0;
                while sheet.read(&mut cursor).is_some() {
                    rows += 1;
                }
                prop_assert!(rows <= text.len());
                prop_assert_eq!(cursor.at, text.len());
            }
        }

        #[test]
        fn quoted_cells_come_back_as_they_were(cells in prop::collection::vec("[a\",\n\r王]{0,8}", 2..5)) {
            let line = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
            let mut cursor = Cursor::default();
            let row = parse(&line, b',', &mut cursor).expect("a row");
            prop_assert_eq!(row.cells, cells);
        }
    }
}
