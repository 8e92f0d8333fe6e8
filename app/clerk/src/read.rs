//! One sheet of a workbook as text: a line for each of its rows, so that the rest of the import is the same as for other files.

use crate::archive;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader};
use serde::{Deserialize, Serialize};
use shared::customers::import::workbook::{ERROR_VALUE, NO_RESULT};
use shared::customers::import::{BYTES_OF_CELL, LINES_OF_CELL, MOST_COLUMNS, MOST_ROWS, Refusal, check_size};
use std::io::Cursor;

/// A sheet that was read. Debug hides its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The names of the sheets that are shown, in their order.
    pub sheets: Vec<String>,
    /// Which of them was read.
    pub chosen: usize,
    /// Its cells, divided by commas, each in quotes.
    #[serde(skip)]
    pub text: String,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found").field("sheets", &self.sheets.len()).field("chosen", &self.chosen).field("bytes", &self.text.len()).finish()
    }
}

const MOST_SHEETS: usize = 255;
/// Most cells with something in them.
const MOST_CELLS: u32 = 4_000_000;
/// Most text of a sheet, in bytes: as much as of a file that is text.
const MOST_TEXT: usize = 64 << 20;
/// What a sheet can have at all.
const LAST_ROW: u32 = 1_048_575;
const LAST_COLUMN: u32 = 16_383;
/// Numbers have 15 digits in a spreadsheet; of those that are longer the last ones are lost.
const EXACT: f64 = 1e15;

/// Reads a sheet that is shown: the one that is wished, or the first with something in it.
///
/// # Errors
/// [`Refusal`] for what is no workbook, is broken, or is too much.
pub fn read(bytes: &[u8], wished: Option<usize>) -> Result<Found, Refusal> {
    check_size(bytes.len() as u64)?;
    archive::check(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| Refusal::Broken)?;
    let all = book.sheets_metadata();
    if all.len() > MOST_SHEETS {
        return Err(Refusal::TooManySheets { max: MOST_SHEETS as u32 });
    }
    let shown = all.iter().filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<String> = shown.map(|sheet| sheet.name.clone()).collect();
    let candidates = wished.map_or(0..sheets.len(), |wished| wished..sheets.len().min(wished + 1));
    for chosen in candidates {
        let cells = book.worksheet_cells_reader(&sheets[chosen]).map_err(|_| Refusal::Broken)?;
        let text = text_of(cells)?;
        if !text.is_empty() {
            return Ok(Found { sheets, chosen, text });
        }
    }
    Err(if wished.is_some() { Refusal::Empty } else { Refusal::NothingShown })
}

/// Rows being written as text.
#[derive(Default)]
struct Rows {
    text: String,
    /// The number of the row under way, from 0.
    row: u32,
    /// Rows with something in them.
    filled: u32,
    cells: u32,
    under_way: Vec<(u32, String)>,
}

fn text_of<R: std::io::Read + std::io::Seek>(mut cells: XlsxCellReader<'_, R>) -> Result<String, Refusal> {
    let mut rows = Rows::default();
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|_| Refusal::Broken)? {
        let text = match cell.value {
            DataRef::Empty if cell.formula.is_some() => NO_RESULT.to_owned(),
            value => words(value),
        };
        if !text.trim().is_empty() {
            rows.put(cell.pos, text)?;
        }
    }
    rows.end_row()?;
    Ok(rows.text)
}

impl Rows {
    fn put(&mut self, (row, column): (u32, u32), text: String) -> Result<(), Refusal> {
        if row > LAST_ROW || column > LAST_COLUMN || row < self.row {
            return Err(Refusal::Broken);
        }
        if column as usize >= MOST_COLUMNS {
            return Err(Refusal::TooManyColumns { max: MOST_COLUMNS as u32 });
        }
        self.cells += 1;
        if self.cells > MOST_CELLS {
            return Err(Refusal::TooManyCells { max: MOST_CELLS });
        }
        while self.row < row {
            self.end_row()?;
            self.text.push('\n');
            self.row += 1;
        }
        self.under_way.push((column, text));
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Refusal> {
        if self.under_way.is_empty() {
            return Ok(());
        }
        self.filled += 1;
        if self.filled > MOST_ROWS {
            return Err(Refusal::TooManyRows { max: MOST_ROWS });
        }
        self.under_way.sort_by_key(|(column, _)| *column);
        let mut next = 0;
        for (column, text) in self.under_way.drain(..) {
            // The same cell twice: the first stays, as in a merged one.
            if column < next {
                continue;
            }
            (next..column).for_each(|_| self.text.push(','));
            quoted(&mut self.text, &text);
            self.text.push(',');
            next = column + 1;
        }
        self.text.pop();
        if self.text.len() > MOST_TEXT { Err(Refusal::TooLargeInside { max: archive::MOST_UNPACKED }) } else { Ok(()) }
    }
}

/// A cell as text: numbers without what a spreadsheet adds to them, days as ISO 8601 writes them.
fn words(value: DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text,
        DataRef::SharedString(text) => text.to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(value) => number(value),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) => day(&moment),
        DataRef::DateTimeIso(text) => text.trim_end_matches('Z').trim_end_matches(".000").trim_end_matches("T00:00:00").replace('T', " "),
        DataRef::DurationIso(text) => text,
        DataRef::Error(_) => ERROR_VALUE.to_owned(),
    }
}

/// A whole number has no point and no exponent: it may be a phone's. One whose last digits are lost shows that by its exponent.
fn number(value: f64) -> String {
    if value.abs() >= EXACT {
        format!("{value:.5E}").replacen('E', "E+", 1)
    } else if value.fract() == 0.0 {
        format!("{:.0}", value + 0.0)
    } else {
        // 15 digits, as a spreadsheet shows them: 0.1 + 0.2 is 0.3.
        format!("{value:.14e}").parse::<f64>().unwrap_or(value).to_string()
    }
}

fn day(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() || !(0.0..2_958_466.0).contains(&days) {
        return number(days);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let (date, time) = (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"));
    match (days < 1.0, days.fract() == 0.0) {
        (true, false) => time,
        (_, true) => date,
        (false, false) => format!("{date} {time}"),
    }
}

/// A cell in quotes. What is longer than any field is cut where it is still told as too long.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    if text.len() <= BYTES_OF_CELL - 16 && memchr::memchr3(b'"', b'\r', b'\n', text.as_bytes()).is_none() {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut lines = 1;
    let begin = out.len();
    for character in text.chars() {
        if out.len() - begin > BYTES_OF_CELL - 16 {
            break;
        }
        match character {
            '"' => out.push_str("\"\""),
            '\r' => {}
            '\n' if lines + 1 >= LINES_OF_CELL => out.push(' '),
            '\n' => {
                lines += 1;
                out.push('\n');
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime as Moment, Format, Formula, Workbook, Worksheet};
    use shared::customers::import::{Mapping, Reader as Rows, Reason, RowOutcome, Settings, Sheet};
    use shared::phone::Country;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    /// An archive of these parts, packed.
    pub(crate) fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            packed.start_file(*name, SimpleFileOptions::default()).expect("in memory");
            packed.write_all(content).expect("in memory");
        }
        packed.finish().expect("in memory").into_inner()
    }

    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>"#;
    const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="one" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const BOOK_RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

    /// The parts of a workbook with one sheet.
    pub(crate) fn parts<'p>(sheet: &'p str, strings: &'p str) -> Vec<(&'p str, &'p [u8])> {
        let mut parts: Vec<(&str, &[u8])> = vec![
            ("[Content_Types].xml", TYPES.as_bytes()),
            ("_rels/.rels", RELATIONS.as_bytes()),
            ("xl/workbook.xml", BOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS.as_bytes()),
        ];
        parts.extend(
            [("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", strings)]
                .map(|(name, xml)| (name, xml.as_bytes()))
                .into_iter()
                .filter(|(_, xml)| !xml.is_empty()),
        );
        parts
    }

    fn sheet(rows: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        )
    }

    fn by_hand(rows: &str) -> Vec<u8> {
        zip(&parts(&sheet(rows), ""))
    }

    /// Reads a file that is refused before it has taken much memory, whatever it says of itself.
    #[track_caller]
    pub(crate) fn refusal(bytes: &[u8]) -> Refusal {
        refusal_within(bytes, 32 << 20)
    }

    #[track_caller]
    fn refusal_within(bytes: &[u8], most_taken: u64) -> Refusal {
        let mut refusal = None;
        let taken = allocation_counter::measure(|| refusal = read(bytes, None).err());
        assert!(taken.bytes_max <= most_taken, "{} bytes at once, {} in all", taken.bytes_max, taken.bytes_total);
        refusal.expect("no list")
    }

    fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(&mut book);
        book.save_to_buffer().expect("in memory")
    }

    fn one_sheet(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
        workbook(|book| fill(book.add_worksheet()))
    }

    fn outcomes(bytes: &[u8]) -> Vec<RowOutcome> {
        let sheet = Sheet::open(read(bytes, None).expect("a list").text, Some(shared::customers::import::Delimiter::Comma)).expect("a list");
        let mapping = Mapping::guess(&sheet.preview(20));
        let at = "2026-11-30T08:00:00Z".parse().expect("valid");
        let mut reader = Rows::new(sheet, mapping, Settings { country: Country::Tw, at });
        while !reader.step(100).done {}
        reader.into_outcomes()
    }

    #[test]
    fn a2_a_workbook_becomes_customers_with_the_rows_that_a_spreadsheet_numbers() {
        let bytes = one_sheet(|sheet| {
            for (column, name) in ["姓名", "手機", "出生日期", "備註", "需求", "同意行銷"].into_iter().enumerate() {
                sheet.write(2, column as u16 + 1, name).expect("a cell");
            }
            let date = Format::new().set_num_format("yyyy/m/d");
            sheet.write(4, 1, "王大明").expect("a cell");
            // A phone that became a number, and one with its country.
            sheet.write(4, 2, 912_345_678).expect("a cell");
            sheet.write_with_format(4, 3, Moment::from_ymd(1985, 5, 1).expect("a day"), &date).expect("a cell");
            sheet.write(4, 5, "說 \"快\", 慢\n再看").expect("a cell");
            sheet.write(4, 6, true).expect("a cell");
            sheet.write(5, 1, "李小美").expect("a cell");
            sheet.write(5, 2, 886_922_333_444_u64).expect("a cell");
            sheet.write(5, 3, 1990).expect("a cell");
            sheet.write(6, 1, "陳建國").expect("a cell");
            sheet.write(6, 2, "0933-444-555").expect("a cell");
            sheet.write_with_format(6, 6, Moment::from_ymd(2024, 5, 1).expect("a day"), &date).expect("a cell");
        });
        let found = outcomes(&bytes);
        assert_eq!(found.iter().map(|one| (one.row, one.problems.len())).collect::<Vec<_>>(), [(5, 0), (6, 0), (7, 0)]);
        let people: Vec<_> = found.into_iter().map(|one| *one.profile.expect("good")).collect();
        let phones: Vec<_> = people.iter().map(|one| one.phones[0].e164()).collect();
        assert_eq!(phones, ["+886912345678", "+886922333444", "+886933444555"]);
        assert_eq!(people.iter().map(|one| one.birth_year).collect::<Vec<_>>(), [Some(1985), Some(1990), None]);
        assert_eq!(people[0].needs, "說 \"快\", 慢\n再看");
        assert_eq!(people[0].consents.len(), 1);
        assert_eq!(people[2].consents[0].at.to_rfc3339(), "2024-05-01T00:00:00+00:00");
    }

    #[test]
    fn a2_numbers_and_days_are_written_as_people_mean_them() {
        for (value, expected) in [
            (912_345_678.0, "912345678"),
            (886_912_345_678.0, "886912345678"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1.00000E+15"),
            (12_345_678_901_234_567_890.0, "1.23457E+19"),
        ] {
            assert_eq!(number(value), expected);
        }
        let day_of = |value| day(&ExcelDateTime::new(value, calamine::ExcelDateTimeType::DateTime, false));
        assert_eq!(day_of(31_168.0), "1985-05-01");
        assert_eq!(day_of(31_168.5), "1985-05-01 12:00:00");
        assert_eq!(day_of(0.75), "18:00:00");
        assert_eq!((day_of(-1.0), day_of(1e9)), ("-1".to_owned(), "1000000000".to_owned()));
        assert_eq!(
            day(&ExcelDateTime::new(29_706.0, calamine::ExcelDateTimeType::DateTime, true)),
            "1985-05-01",
            "the other calendar of spreadsheets"
        );
    }

    #[test]
    fn a2_a_phone_that_a_spreadsheet_rounded_is_told_and_not_made_up() {
        let bytes = one_sheet(|sheet| {
            for (row, (name, phone)) in [("姓名", None), ("王大明", Some(8_869_123_456_781_234_567.0))].into_iter().enumerate() {
                sheet.write(row as u32, 0, name).expect("a cell");
                match phone {
                    Some(phone) => sheet.write(row as u32, 1, phone).expect("a cell"),
                    None => sheet.write(row as u32, 1, "手機").expect("a cell"),
                };
            }
        });
        let reasons: Vec<_> = outcomes(&bytes)[0].problems.iter().map(|problem| problem.reason).collect();
        assert_eq!(reasons, [Reason::Rounded, Reason::NoWayOfContact]);
    }

    #[test]
    fn a2_the_first_sheet_that_is_shown_and_has_something_is_read_and_others_can_be_chosen() {
        let bytes = workbook(|book| {
            book.add_worksheet().set_name("舊").expect("a name").set_hidden(true).write(0, 0, "hidden").expect("a cell");
            book.add_worksheet().set_name("空").expect("a name");
            book.add_worksheet().set_name("名單").expect("a name").write(0, 0, "first").expect("a cell");
            book.add_worksheet().set_name("更舊").expect("a name").set_very_hidden(true).write(0, 0, "very hidden").expect("a cell");
            let last = book.add_worksheet().set_name("台中").expect("a name");
            last.set_active(true).write(0, 0, "second").expect("a cell");
        });
        let found = read(&bytes, None).expect("a list");
        assert_eq!(
            (found.sheets.as_slice(), found.chosen, found.text.as_str()),
            (["空", "名單", "台中"].map(str::to_owned).as_slice(), 1, "\"first\"")
        );
        assert_eq!(read(&bytes, Some(2)).map(|found| found.text), Ok("\"second\"".to_owned()));
        assert_eq!(read(&bytes, Some(0)).map(|found| found.text), Err(Refusal::Empty));
        assert_eq!(read(&bytes, Some(3)).map(|found| found.text), Err(Refusal::Empty), "no number reaches a hidden one");
        let hidden = workbook(|book| {
            book.add_worksheet();
            book.add_worksheet().set_hidden(true).write(0, 0, "姓名").expect("a cell");
        });
        assert_eq!(read(&hidden, None).map(|found| found.text), Err(Refusal::NothingShown));
    }

    #[test]
    fn a2_a_merged_cell_has_its_value_in_the_first() {
        let bytes = one_sheet(|sheet| {
            sheet.merge_range(0, 0, 1, 1, "華東", &Format::new()).expect("a range");
            sheet.write(0, 2, "x").expect("a cell");
            sheet.write(1, 2, "y").expect("a cell");
        });
        assert_eq!(read(&bytes, None).map(|found| found.text), Ok("\"華東\",,\"x\"\n,,\"y\"".to_owned()));
    }

    #[test]
    fn a2_a_formula_is_its_stored_result_and_one_without_is_told() {
        let bytes = one_sheet(|sheet| {
            sheet.write(0, 0, Formula::new("A2&B2").set_result("王大明")).expect("a cell");
            sheet.write(0, 1, Formula::new("1+1").set_result("2")).expect("a cell");
        });
        assert_eq!(read(&bytes, None).map(|found| found.text), Ok("\"王大明\",\"2\"".to_owned()));
        let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>手機</t></is></c><c r="C1" t="inlineStr"><is><t>公司</t></is></c></row>
            <row r="2"><c r="A2" t="str"><f t="shared" ref="A2:A9" si="4294967295">D2</f><v>王大明</v></c><c r="B2"><f>E2</f><v></v></c><c r="C2" t="e"><v>#N/A</v></c></row>
            <row r="3"><c r="A3" t="str"><f t="shared" si="4294967295"/><v>李小美</v></c><c r="B3" t="str"><v>0922333444</v></c><c r="C3"><f>F3</f></c></row>"#;
        let found = outcomes(&by_hand(rows));
        let told: Vec<Vec<_>> = found.iter().map(|one| one.problems.iter().map(|problem| (problem.column, problem.reason)).collect()).collect();
        assert_eq!(told[0], [(Some(1), Reason::NoResult), (Some(2), Reason::ErrorValue), (Some(1), Reason::NoWayOfContact)]);
        assert_eq!(told[1], [(Some(2), Reason::NoResult)]);
        assert_eq!(found[1].profile.as_ref().map(|profile| profile.name.as_str()), Some("李小美"));
    }

    #[test]
    fn a2_a_sheet_beyond_every_list_is_refused() {
        let cell = |place: &str| by_hand(&format!(r#"<row><c r="{place}"><v>1</v></c></row>"#));
        assert_eq!(refusal(&cell("ALL1")), Refusal::TooManyColumns { max: 512 });
        assert_eq!(refusal(&cell("XFD1")), Refusal::TooManyColumns { max: 512 });
        // The millionth column: no spreadsheet has it.
        assert_eq!(refusal(&cell("BDWGN1")), Refusal::Broken);
        assert_eq!(refusal(&cell("A1048577")), Refusal::Broken);
        let rows: String = (0..=MOST_ROWS).map(|n| format!(r#"<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>"#, n + 1)).collect();
        assert_eq!(read(&by_hand(&rows), None).map(|found| found.chosen), Err(Refusal::TooManyRows { max: MOST_ROWS }));
        // One text of 32,767 characters, in thousands of cells: little in the file, gigabytes outside of it.
        let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "會".repeat(32_767));
        let rows: String = (1..=50_000).map(|n| format!(r#"<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>"#)).collect();
        let most = archive::MOST_UNPACKED;
        assert_eq!(refusal_within(&zip(&parts(&sheet(&rows), &strings)), most + (32 << 20)), Refusal::TooLargeInside { max: most });
        let sheets: String = (1..=300).map(|n| format!(r#"<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>"#)).collect();
        let book = BOOK.replace(r#"<sheet name="one" sheetId="1" r:id="rId1"/>"#, &sheets);
        let one = sheet("");
        let many: Vec<_> =
            parts(&one, "").into_iter().map(|(name, xml)| if name == "xl/workbook.xml" { (name, book.as_bytes()) } else { (name, xml) }).collect();
        assert_eq!(refusal(&zip(&many)), Refusal::TooManySheets { max: 255 });
    }

    #[test]
    fn a2_a_cell_longer_than_any_field_is_told_as_too_long() {
        let bytes = one_sheet(|sheet| {
            for (column, text) in ["姓名", "手機", "需求"].into_iter().enumerate() {
                sheet.write(0, column as u16, text).expect("a cell");
            }
            for (row, needs) in ["會\"".repeat(16_000), "行\n".repeat(5_000)].into_iter().enumerate() {
                sheet.write(row as u32 + 1, 0, "王大明").expect("a cell");
                sheet.write(row as u32 + 1, 1, "0912345678").expect("a cell");
                sheet.write(row as u32 + 1, 2, needs).expect("a cell");
            }
        });
        for outcome in outcomes(&bytes) {
            assert!(matches!(outcome.problems.as_slice(), [problem] if matches!(problem.reason, Reason::TooLong { .. })), "{:?}", outcome.problems);
        }
    }

    #[test]
    fn a2_a_broken_workbook_is_refused_wherever_it_breaks() {
        let whole = one_sheet(|sheet| {
            for row in 0..200 {
                sheet.write(row, 0, format!("客戶{row}")).expect("a cell");
                sheet.write(row, 1, row).expect("a cell");
            }
        });
        for kept in (0..whole.len()).step_by(97) {
            refusal(&whole[..kept]);
        }
        // A byte changed anywhere gives the list or a refusal, and no panic.
        let mut seed = 1_u32;
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut changed = whole.clone();
            let at = (seed >> 8) as usize % changed.len();
            changed[at] ^= 1 << (seed & 7);
            drop(read(&changed, None));
        }
        for rows in [
            "<row><c r=\"A1\"><v>1",
            "<row><c r=\"1A\"><v>1</v></c></row>",
            "<row><c r=\"A1\" t=\"s\"><v>7</v></c></row>",
            "<row><c r=\"A2\"><v>1</v></c></row><row><c r=\"A1\"><v>1</v></c></row>",
        ] {
            assert_eq!(refusal(&by_hand(rows)), Refusal::Broken);
        }
    }
}
