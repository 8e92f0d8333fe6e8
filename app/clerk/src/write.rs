//! A table as a workbook. Every cell is a text, so that a phone stays as it is and nothing is calculated; what would be a formula elsewhere is
//! marked as a text for whoever edits it. Columns of figures are numbers, so that they can be added up.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};
use serde::Deserialize;
use shared::exports::table::is_formula;

/// What is written. Debug hides it: it is customers' data.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// The name of the sheet.
    pub sheet: String,
    /// The header, then the others.
    pub rows: Vec<Vec<String>>,
    /// Which columns are figures.
    #[serde(default)]
    pub numbers: Vec<u16>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

/// Most characters of a cell.
const CELL_MAX: usize = 32_767;
/// The widest column, in characters.
const WIDEST: usize = 40;

/// Writes a workbook with one sheet.
///
/// # Errors
/// More rows or columns than a sheet has, or a name that a sheet cannot have.
pub fn write(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(&table.sheet)?;
    let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
    let (header, guarded) = (text.clone().set_bold(), text.clone().set_quote_prefix());
    let width = |cell: &String| cell.lines().map(|line| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()).max().unwrap_or(0_usize);
    let columns = table.rows.first().map_or(0, Vec::len);
    for column in 0..columns {
        let widest = table.rows.iter().take(200).filter_map(|row| row.get(column)).map(width).max().unwrap_or(0);
        sheet.set_column_width(u16::try_from(column).unwrap_or(u16::MAX), (widest + 2).min(WIDEST) as f64)?;
    }
    for (row, cells) in (0..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let format = if row == 0 {
                &header
            } else if is_formula(cell) {
                &guarded
            } else {
                &text
            };
            if row > 0
                && table.numbers.contains(&column)
                && let Ok(number) = cell.parse::<f64>()
                && number.is_finite()
            {
                sheet.write_number(row, column, number)?;
            } else if cell.chars().count() > CELL_MAX {
                sheet.write_string_with_format(row, column, cell.chars().take(CELL_MAX).collect::<String>(), format)?;
            } else {
                sheet.write_string_with_format(row, column, cell, format)?;
            }
        }
    }
    if columns > 0 {
        let (last_row, last_column) = (u32::try_from(table.rows.len() - 1).unwrap_or(u32::MAX), u16::try_from(columns - 1).unwrap_or(u16::MAX));
        sheet.set_freeze_panes(1, 0)?.autofilter(0, 0, last_row, last_column)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::read;
    use std::io::Read;

    fn table(rows: &[&[&str]]) -> Table {
        Table {
            sheet: "客戶".to_owned(),
            rows: rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect(),
            numbers: Vec::new(),
        }
    }

    #[test]
    fn a7_what_is_written_is_read_again_as_it_was() {
        let found = read(&write(&table(&[&["姓名", "手機"], &["王大明", "0912-345-678"], &["=1+1", "+86-138-0013-8000"]])).expect("a book"), None)
            .expect("a list");
        assert_eq!(found.sheets, ["客戶"]);
        assert_eq!(found.text, "\"姓名\",\"手機\"\n\"王大明\",\"0912-345-678\"\n\"=1+1\",\"+86-138-0013-8000\"");
    }

    #[test]
    fn a7_every_cell_of_a_workbook_is_a_text_and_none_a_formula() {
        let bytes = write(&table(&[&["姓名", "備註"], &["=cmd|' /C calc'!A0", "＝1+1"], &["0912345678", "1985"]])).expect("a book");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        let mut part = |name: &str| {
            let mut xml = String::new();
            archive.by_name(name).expect("a part").read_to_string(&mut xml).expect("text");
            xml
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        assert!(!sheet.contains("<f"), "no formula");
        assert_eq!(sheet.matches("<c r=").count(), 6);
        assert_eq!(sheet.matches("t=\"s\"").count(), 6, "all are texts");
        assert_eq!(part("xl/styles.xml").matches("quotePrefix=\"1\"").count(), 1);
        assert!(sheet.contains("r=\"A2\" s=\"3\"") || sheet.contains("r=\"A2\" s=\"2\""), "{sheet}");
    }

    #[test]
    fn i4_columns_of_figures_are_numbers_and_their_header_and_words_are_texts() {
        let figures = Table { numbers: vec![1], ..table(&[&["人員", "金額"], &["王大明", "12800.5"], &["=1+1", "inf"]]) };
        let bytes = write(&figures).expect("a book");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).expect("an archive");
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").expect("a part").read_to_string(&mut sheet).expect("text");
        assert_eq!((sheet.matches("<c r=").count(), sheet.matches("t=\"s\"").count()), (6, 5), "{sheet}");
        assert!(sheet.contains("<v>12800.5</v>"), "{sheet}");
    }

    #[test]
    fn a7_a_cell_longer_than_a_spreadsheet_allows_is_cut_and_the_file_still_opens() {
        let long = "會".repeat(40_000);
        let bytes = write(&table(&[&["需求"], &[&long]])).expect("a book");
        assert!(read(&bytes, None).is_ok());
    }
}
