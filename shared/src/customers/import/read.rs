//! Rows to profiles: a good one goes in, a bad one is listed with its row, column and reason. In steps, so that a page can show how far it is.

use super::columns::Mapping;
use super::sheet::{Cursor, Row, Sheet, clean};
use super::values::{self, Agreed, NoPhone};
use super::workbook::{ERROR_VALUE, NO_RESULT};
use crate::customers::decide::{check_profile, tidied};
use crate::customers::search::is_hanzi;
use crate::customers::{Consent, Profile};
use crate::phone::Country;
use crate::rejection::{Field, Rejection};
use crate::time::Timestamp;
use chrono::{Datelike, NaiveTime};
use serde::{Deserialize, Serialize};

/// What reading needs to know besides the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whose local phone numbers are meant.
    pub country: Country,
    /// When the import happens; the time of a consent that tells no date.
    pub at: Timestamp,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOutcome {
    /// Its number in the file, from 1, the header included, as a spreadsheet shows it.
    pub row: u32,
    /// What goes in; none if the row cannot.
    pub profile: Option<Box<Profile>>,
    /// What is wrong. Beside a profile: what was left out of it.
    pub problems: Vec<Problem>,
}

/// Something wrong with a cell, or with the whole row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The column, from 0; none for the whole row.
    pub column: Option<usize>,
    /// The field that the cell should fill.
    pub field: Option<Field>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// It must be filled in.
    Required,
    /// Neither phone nor e-mail address.
    NoWayOfContact,
    /// Too many characters.
    TooLong {
        /// Most that are allowed.
        max: u32,
        /// How many there are.
        found: u32,
    },
    /// Too many numbers or tags.
    TooMany {
        /// Most that are allowed.
        max: u32,
    },
    /// No phone number.
    NotAPhone,
    /// A phone number that a spreadsheet has rounded (8.86912E+11).
    Rounded,
    /// No e-mail address.
    NotAnEmail,
    /// No year of birth.
    NotAYear,
    /// A word that means nothing in this field.
    UnknownWord,
    /// Characters that mean nothing in the encoding, or control characters.
    Unreadable,
    /// A formula whose result the file does not hold.
    NoResult,
    /// An error of the spreadsheet's (`#N/A`).
    ErrorValue,
    /// A quotation mark that is never closed.
    UnclosedQuote,
    /// More cells than the header has columns.
    BeyondHeader,
}

/// How far reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read, empty ones included.
    pub rows: u32,
    /// Empty rows, which are passed over.
    pub empty: u32,
    /// Bytes of text read.
    pub bytes: usize,
    /// Bytes of text in all.
    pub total: usize,
    /// Whether the end is reached.
    pub done: bool,
}

/// Reads a sheet step by step. Debug shows counts only.
pub struct Reader {
    sheet: Sheet,
    mapping: Mapping,
    settings: Settings,
    header: Vec<String>,
    cursor: Cursor,
    progress: Progress,
    outcomes: Vec<RowOutcome>,
}

impl Reader {
    /// A reader at the first row of data.
    #[must_use]
    pub fn new(sheet: Sheet, mapping: Mapping, settings: Settings) -> Self {
        let mut cursor = sheet.start();
        let mut header = Vec::new();
        if mapping.has_header {
            while let Some(row) = sheet.read(&mut cursor) {
                if !row.is_empty() {
                    header = row.cells.iter().map(|cell| clean(cell).into_owned()).collect();
                    break;
                }
            }
        }
        let progress = Progress { total: sheet.len(), ..Progress::default() };
        Self { sheet, mapping, settings, header, cursor, progress, outcomes: Vec::new() }
    }

    /// Reads some more rows.
    pub fn step(&mut self, rows: usize) -> Progress {
        for _ in 0..rows {
            let Some(row) = self.sheet.read(&mut self.cursor) else {
                self.progress.done = true;
                break;
            };
            if row.is_empty() {
                self.progress.empty += 1;
            } else {
                self.outcomes.push(Reading { mapping: &self.mapping, settings: self.settings, header: &self.header }.read(&row));
            }
        }
        self.progress.rows = self.cursor.rows;
        self.progress.bytes = self.cursor.at;
        self.progress.done |= self.cursor.at >= self.sheet.len();
        self.progress
    }

    /// What became of the rows read so far, in their order.
    #[must_use]
    pub fn outcomes(&self) -> &[RowOutcome] {
        &self.outcomes
    }

    /// What became of the rows read.
    #[must_use]
    pub fn into_outcomes(self) -> Vec<RowOutcome> {
        self.outcomes
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("progress", &self.progress).field("outcomes", &self.outcomes.len()).finish_non_exhaustive()
    }
}

/// What the reading of one row needs.
struct Reading<'a> {
    mapping: &'a Mapping,
    settings: Settings,
    header: &'a [String],
}

/// A profile in the making.
#[derive(Default)]
struct Draft {
    profile: Profile,
    names: Vec<(usize, String)>,
    problems: Vec<Problem>,
    /// Whether a problem keeps the row out.
    bad: bool,
}

impl Draft {
    fn note(&mut self, column: usize, field: Field, reason: Reason) {
        self.problems.push(Problem { column: Some(column), field: Some(field), reason });
    }

    fn refuse(&mut self, column: Option<usize>, field: Option<Field>, reason: Reason) {
        self.problems.push(Problem { column, field, reason });
        self.bad = true;
    }
}

impl Reading<'_> {
    fn read(&self, row: &Row<'_>) -> RowOutcome {
        let mut draft = Draft::default();
        if let Some(column) = row.unclosed {
            draft.refuse(Some(column), self.field(column), Reason::UnclosedQuote);
            return RowOutcome { row: row.number, profile: None, problems: draft.problems };
        }
        for (column, cell) in row.cells.iter().enumerate() {
            let cell = clean(cell);
            match self.field(column) {
                _ if cell.is_empty() => {}
                Some(field) if cell == NO_RESULT => draft.note(column, field, Reason::NoResult),
                Some(field) if cell == ERROR_VALUE => draft.note(column, field, Reason::ErrorValue),
                Some(field) if cell.contains('\u{FFFD}') => draft.refuse(Some(column), Some(field), Reason::Unreadable),
                Some(field) => self.fill(&mut draft, column, field, &cell),
                None if column >= self.mapping.columns.len() && self.mapping.has_header => {
                    draft.problems.push(Problem { column: Some(column), field: None, reason: Reason::BeyondHeader });
                }
                None => {}
            }
        }
        draft.profile.name = self.joined_name(&draft.names);
        draft.profile = tidied(draft.profile);
        self.keep_the_rules(&mut draft);
        let profile = (!draft.bad).then(|| Box::new(draft.profile));
        RowOutcome { row: row.number, profile, problems: draft.problems }
    }

    fn field(&self, column: usize) -> Option<Field> {
        self.mapping.columns.get(column).copied().flatten()
    }

    fn fill(&self, draft: &mut Draft, column: usize, field: Field, cell: &str) {
        let profile = &mut draft.profile;
        match field {
            Field::Name => draft.names.push((column, one_line(cell))),
            Field::Company => fill_first(&mut profile.company, cell),
            Field::Region => fill_first(&mut profile.region, cell),
            Field::Occupation => fill_first(&mut profile.occupation, cell),
            Field::Source => fill_first(&mut profile.source, cell),
            Field::Address => {
                let between = if ends_in_hanzi(&profile.address) { "" } else { " " };
                append(&mut profile.address, &one_line(cell), between);
            }
            Field::Interests => append(&mut profile.interests, &lines(cell), "\n"),
            Field::Needs => append(&mut profile.needs, &lines(cell), "\n"),
            Field::Pains => append(&mut profile.pains, &lines(cell), "\n"),
            Field::IntentReason => append(&mut profile.intent_reason, &lines(cell), "\n"),
            Field::Tags => {
                let new: Vec<_> = values::tags(cell).into_iter().filter(|tag| !profile.tags.contains(tag)).collect();
                profile.tags.extend(new);
            }
            _ if values::is_nothing(cell) => {}
            Field::Phone => match values::phones(cell, self.settings.country) {
                Ok(phones) => {
                    let new: Vec<_> = phones.into_iter().filter(|phone| !profile.phones.contains(phone)).collect();
                    profile.phones.extend(new);
                }
                Err(NoPhone::Malformed) => draft.note(column, field, Reason::NotAPhone),
                Err(NoPhone::Rounded) => draft.note(column, field, Reason::Rounded),
            },
            Field::Email => fill_first(&mut profile.email, cell),
            Field::Salutation => match values::salutation(cell) {
                Some(salutation) => profile.salutation = profile.salutation.or(Some(salutation)),
                None => draft.note(column, field, Reason::UnknownWord),
            },
            Field::Gender => match values::gender(cell) {
                Some(gender) => profile.gender = profile.gender.or(Some(gender)),
                None => draft.note(column, field, Reason::UnknownWord),
            },
            Field::Intent => match values::intent(cell) {
                Some(intent) => profile.intent = profile.intent.or(Some(intent)),
                None => draft.note(column, field, Reason::UnknownWord),
            },
            Field::BirthYear => match values::birth_year(cell, self.settings.country, u16::try_from(self.settings.at.year()).unwrap_or(2100)) {
                Some(year) => profile.birth_year = profile.birth_year.or(Some(year)),
                None => draft.note(column, field, Reason::NotAYear),
            },
            Field::Consent => match values::consent(cell) {
                Some(Agreed::Yes(day)) => profile.consents.push(self.consent(column, day)),
                Some(Agreed::No) => {}
                None => draft.note(column, field, Reason::UnknownWord),
            },
            _ => {}
        }
    }

    /// A consent is for what the header says, and was given by the list.
    fn consent(&self, column: usize, day: Option<chrono::NaiveDate>) -> Consent {
        let purpose = self.header.get(column).filter(|name| !name.is_empty()).map_or("CSV", String::as_str);
        let at = day.map_or(self.settings.at, |day| day.and_time(NaiveTime::MIN).and_utc());
        Consent { purpose: purpose.chars().take(crate::validation::NAME_MAX).collect(), at, how: "CSV".to_owned(), withdrawn: None }
    }

    fn joined_name(&self, parts: &[(usize, String)]) -> String {
        let Some((_, first)) = parts.first() else { return String::new() };
        let Some(surname) = self.mapping.surname else { return first.clone() };
        let chinese = parts.iter().any(|(_, part)| part.chars().any(is_hanzi));
        let mut parts: Vec<_> = parts.iter().map(|(column, part)| (chinese && *column != surname, part.as_str())).collect();
        parts.sort_by_key(|(later, _)| *later);
        let parts: Vec<_> = parts.into_iter().map(|(_, part)| part).collect();
        parts.join(if chinese { "" } else { " " })
    }

    /// The rules of [`check_profile`], so that a row which is good here is good for the command.
    fn keep_the_rules(&self, draft: &mut Draft) {
        while let Err(rejection) = check_profile(&draft.profile) {
            let (field, reason) = match rejection {
                Rejection::Required { field } => (field, Reason::Required),
                Rejection::TooLong { field, max, found } => (field, Reason::TooLong { max, found }),
                Rejection::OutOfRange { field, max, .. } => (field, Reason::TooMany { max: u32::try_from(max).unwrap_or(u32::MAX) }),
                Rejection::Malformed { field: Field::Email } => (Field::Email, Reason::NotAnEmail),
                Rejection::Malformed { field } => (field, Reason::Unreadable),
                _ => {
                    draft.refuse(self.mapping.of(Field::Phone).next(), Some(Field::Phone), Reason::NoWayOfContact);
                    return;
                }
            };
            let column = self.mapping.of(field).next();
            if let (Reason::NotAnEmail, Some(column)) = (reason, column) {
                draft.note(column, field, reason);
            } else {
                draft.refuse(column, Some(field), reason);
            }
            put_aside(&mut draft.profile, field);
        }
    }
}

/// Makes a field keep the rules, so that the problems behind it come to light too. A refused row's profile is thrown away.
fn put_aside(profile: &mut Profile, field: Field) {
    match field {
        Field::Name => "-".clone_into(&mut profile.name),
        Field::Email => profile.email.clear(),
        Field::Company => profile.company.clear(),
        Field::Address => profile.address.clear(),
        Field::Region => profile.region.clear(),
        Field::Occupation => profile.occupation.clear(),
        Field::Source => profile.source.clear(),
        Field::Interests => profile.interests.clear(),
        Field::Needs => profile.needs.clear(),
        Field::Pains => profile.pains.clear(),
        Field::IntentReason => profile.intent_reason.clear(),
        Field::Tags => profile.tags.clear(),
        Field::Phone => profile.phones.truncate(1),
        _ => *profile = Profile { name: "-".to_owned(), phones: std::mem::take(&mut profile.phones), ..Profile::default() },
    }
}

fn fill_first(place: &mut String, cell: &str) {
    if place.is_empty() {
        *place = one_line(cell);
    }
}

fn append(place: &mut String, cell: &str, between: &str) {
    if !place.is_empty() {
        place.push_str(between);
    }
    place.push_str(cell);
}

fn ends_in_hanzi(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_hanzi)
}

fn one_line(cell: &str) -> String {
    if cell.contains(['\n', '\r', '\t']) { cell.split_whitespace().collect::<Vec<_>>().join(" ") } else { cell.to_owned() }
}

fn lines(cell: &str) -> String {
    cell.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::super::encoding::{Encoding, by_tables, decode};
    use super::*;
    use proptest::prelude::*;

    fn outcomes(text: &str) -> Vec<RowOutcome> {
        let sheet = Sheet::open(text, None).expect("a sheet");
        let mapping = Mapping::guess(&sheet.preview(50));
        let at = "2026-11-23T08:00:00Z".parse().expect("valid");
        let mut reader = Reader::new(sheet, mapping, Settings { country: Country::Tw, at });
        while !reader.step(3).done {}
        reader.into_outcomes()
    }

    fn only(text: &str) -> RowOutcome {
        let mut found = outcomes(text);
        assert_eq!(found.len(), 1, "{text:?}");
        found.remove(0)
    }

    fn check(text: &str, column: usize, reason: Reason) {
        let outcome = only(text);
        assert!(
            outcome.problems.iter().any(|problem| problem.column == Some(column) && problem.reason == reason),
            "{text:?}: {:?}",
            outcome.problems
        );
    }

    #[test]
    fn a1_a_full_row_becomes_a_profile() {
        let text = "姓名,稱謂,性別,出生年,手機,電子郵件,公司,地址,地區,職業,興趣,來源,需求,痛點,意向,意向原因,標籤,同意行銷\n\
            王小明,先生,男,民國74年,0912-345-678/02-23456789,wang@example.com,台積電,台北市信義路五段7號,台北,工程師,登山,展會,\"理財\n保險\",時間少,A級,想買,VIP、老客戶,是\n";
        let profile = only(text).profile.expect("good");
        assert_eq!(profile.name, "王小明");
        assert_eq!(profile.birth_year, Some(1985));
        assert_eq!(profile.phones.iter().map(crate::phone::Phone::e164).collect::<Vec<_>>(), ["+886912345678", "+886223456789"]);
        assert_eq!(profile.needs, "理財\n保險");
        assert_eq!(profile.tags, ["VIP", "老客戶"]);
        assert_eq!(profile.intent, Some(crate::customers::Intent::A));
        assert_eq!(profile.consents.iter().map(|consent| consent.purpose.as_str()).collect::<Vec<_>>(), ["同意行銷"]);
    }

    #[test]
    fn a2_what_is_wrong_is_listed_by_row_and_column() {
        let found = outcomes("姓名,手機\n王小明,0912345678\n,0912345679\n李大華,abc\n\n張三,0922333444\n");
        assert_eq!(
            found.iter().map(|outcome| (outcome.row, outcome.profile.is_some())).collect::<Vec<_>>(),
            [(2, true), (3, false), (4, false), (6, true)]
        );
        assert_eq!(found[1].problems, [Problem { column: Some(0), field: Some(Field::Name), reason: Reason::Required }]);
        assert_eq!(found[2].problems.iter().map(|problem| problem.reason).collect::<Vec<_>>(), [Reason::NotAPhone, Reason::NoWayOfContact]);
    }

    #[test]
    fn a2_bad_cells_are_told_apart() {
        check(&format!("姓名,手機\n{},0912345678\n", "王".repeat(5_000)), 0, Reason::TooLong { max: 100, found: 5_000 });
        check("姓名,手機\n王,8.86912345E+11\n", 1, Reason::Rounded);
        check("姓名,手機\n王,1/2/3\n", 1, Reason::NotAPhone);
        check("姓名,手機\n王\u{1},0912345678\n", 0, Reason::Unreadable);
        check("姓名,手機\n王\u{FFFD},0912345678\n", 0, Reason::Unreadable);
        check("姓名,手機,性別\n王,0912345678,屬牛\n", 2, Reason::UnknownWord);
        check("姓名,手機,生日\n王,0912345678,昨天\n", 2, Reason::NotAYear);
        check("姓名,手機,email\n王,0912345678,not an address\n", 2, Reason::NotAnEmail);
        check("姓名,手機\n王,0912345678,more\n", 2, Reason::BeyondHeader);
        check("姓名,手機\n王\n", 1, Reason::NoWayOfContact);
        check("姓名,手機\n王,\"0912345678\n", 1, Reason::UnclosedQuote);
    }

    #[test]
    fn what_is_not_compulsory_keeps_no_row_out() {
        let outcome = only("姓名,手機,性別,生日,email\n王,0912345678,?x?,昨天,nobody\n");
        assert_eq!(outcome.problems.len(), 3);
        let profile = outcome.profile.expect("good all the same");
        assert_eq!((profile.gender, profile.birth_year, profile.email.as_str()), (None, None, ""));
    }

    #[test]
    fn words_for_nothing_are_nothing() {
        let outcome = only("姓名,手機,email,性別\n王,0912345678,無,-\n");
        assert_eq!(outcome.problems, []);
    }

    #[test]
    fn a_chinese_name_begins_with_the_surname_wherever_it_stands() {
        let found = outcomes("First Name,Last Name,Phone\n小明,王,0912345678\nDavid,Chen,0922333444\n");
        assert_eq!(
            found.iter().filter_map(|outcome| outcome.profile.as_ref()).map(|profile| profile.name.as_str()).collect::<Vec<_>>(),
            ["王小明", "David Chen"]
        );
    }

    #[test]
    fn a_file_without_a_header_or_a_last_line_end_is_read_whole() {
        let found = outcomes("王小明,0912345678\n李大華,0922333444");
        assert_eq!(found.iter().filter(|outcome| outcome.profile.is_some()).map(|outcome| outcome.row).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn progress_tells_how_far_it_is() {
        let sheet = Sheet::open("姓名,手機\n王,0912345678\n\n李,0922333444\n", None).expect("a sheet");
        let mapping = Mapping::guess(&sheet.preview(50));
        let mut reader = Reader::new(sheet, mapping, Settings { country: Country::Tw, at: Timestamp::UNIX_EPOCH });
        let first = reader.step(1);
        assert!((first.rows, first.done) == (2, false) && first.bytes < first.total);
        let last = reader.step(10);
        assert_eq!((last.rows, last.empty, last.bytes, last.done), (4, 1, last.total, true));
    }

    proptest! {
        #[test]
        fn no_file_panics_and_every_good_row_keeps_the_rules(bytes in prop::collection::vec(any::<u8>(), 1..400), text in "[姓名手機王12+/,;\"\n\r\t -]{0,80}", encoding in prop::sample::select(&Encoding::ALL[..])) {
            for text in [decode(&bytes, encoding, by_tables).text, text.clone(), format!("姓名,手機,生日,同意,標籤,意向,email\n{text}")] {
                let Ok(sheet) = Sheet::open(text, None) else { continue };
                let mapping = Mapping::guess(&sheet.preview(50));
                let mut reader = Reader::new(sheet, mapping, Settings { country: Country::Tw, at: Timestamp::UNIX_EPOCH });
                while !reader.step(7).done {}
                for outcome in reader.outcomes() {
                    prop_assert!(outcome.profile.is_some() || !outcome.problems.is_empty(), "a row may not disappear without a word");
                    if let Some(profile) = &outcome.profile {
                        prop_assert_eq!(check_profile(profile), Ok(()));
                    }
                }
            }
        }
    }
}
