//! An import as the page shows it: a file is opened, its columns are matched, its rows are read and judged step by step, and commands come out.
//!
//! Laws: whatever the person changes (encoding, delimiter, columns), the rows are read anew from the file; a step is short, so that the page
//! can draw and stop between two of them; nothing is saved before the person says so.

use serde::{Deserialize, Serialize};
use shared::customers::Customer;
use shared::customers::import::columns::signature;
use shared::customers::import::duplicates::{Judgements, Known};
use shared::customers::import::{
    Action, Certainty, Decoder, Delimiter, Encoding, Judge, Judgement, Mapping, Plan, Reader, Refusal, RowOutcome, Settings, Sheet, decode, detect,
    plan,
};
use shared::decide::{Actor, Unavailable};
use shared::ids::{CustomerId, ImportId};
use shared::rejection::Field;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// A file whose text was found and whose columns are matched. Debug hides the content.
#[derive(Clone)]
pub struct Opened {
    bytes: Arc<[u8]>,
    decoder: Decoder,
    /// How its bytes are read.
    pub encoding: Encoding,
    /// How sure that is; none once the person has chosen.
    pub certainty: Option<Certainty>,
    /// Sequences that mean nothing in this encoding.
    pub malformed: usize,
    sheet: Sheet,
    /// The workbook that the sheet is of, if the file is one.
    pub book: Option<Book>,
    first_rows: Vec<Vec<String>>,
    /// Which field each column fills.
    pub mapping: Mapping,
}

/// The sheets of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// The names of those that are shown, in their order.
    pub sheets: Vec<String>,
    /// The one that is read.
    pub chosen: usize,
}

/// A column as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file; empty if the file names none.
    pub header: String,
    /// The first values.
    pub samples: Vec<String>,
    /// Which field it fills.
    pub field: Option<Field>,
}

/// Rows being read and judged.
pub struct Checking {
    reader: Option<Reader>,
    judge: Option<Judge>,
    outcomes: Vec<RowOutcome>,
    /// How far it is, in thousandths of both passes.
    pub permille: usize,
}

/// Rows that were read and judged.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    outcomes: Vec<RowOutcome>,
    judgements: Judgements,
    /// For each outcome its judgement, if the row is good.
    judged: Vec<Option<usize>>,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// A new customer.
    Create,
    /// Somebody known is changed.
    Update,
    /// Says nothing new.
    Same,
    /// Somebody known perhaps; left out until a person decides.
    Skip,
    /// Cannot go in.
    Bad,
}

/// How many rows have which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub create: usize,
    pub update: usize,
    pub same: usize,
    pub skip: usize,
    pub bad: usize,
}

/// The import that can be taken back, remembered beyond the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastImport {
    /// Which.
    pub import: ImportId,
    /// When.
    pub at: Timestamp,
    /// How many customers it made or changed.
    pub rows: usize,
}

/// Rows of the preview from which columns are guessed and samples shown.
const PREVIEW: usize = 20;
const SAMPLES: usize = 3;

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("bytes", &self.bytes.len()).field("encoding", &self.encoding).finish_non_exhaustive()
    }
}

impl Opened {
    /// Opens a file: encoding, delimiter and columns are found by themselves; a matching remembered for this header wins.
    ///
    /// # Errors
    /// [`Refusal`] for what is no list of customers at all.
    pub fn open(bytes: impl Into<Arc<[u8]>>, decoder: Decoder, remembered: impl Fn(&str) -> Option<Mapping>) -> Result<Self, Refusal> {
        let bytes = bytes.into();
        let detected = detect(&bytes, decoder)?;
        let mut opened = Self::read(bytes, decoder, detected.encoding, None)?;
        opened.certainty = Some(detected.certainty);
        opened.recall(remembered);
        Ok(opened)
    }

    /// A sheet of a workbook, whose text the clerk has read out of these bytes.
    ///
    /// # Errors
    /// [`Refusal`] for what is no list of customers at all.
    pub fn of_sheet(
        bytes: impl Into<Arc<[u8]>>,
        decoder: Decoder,
        book: Book,
        text: String,
        remembered: impl Fn(&str) -> Option<Mapping>,
    ) -> Result<Self, Refusal> {
        let mut opened = Self::divided(bytes.into(), decoder, Encoding::Utf8, text, Some(Delimiter::Comma))?;
        opened.book = Some(book);
        opened.recall(remembered);
        Ok(opened)
    }

    /// What another sheet of the workbook is read from.
    #[must_use]
    pub fn bytes(&self) -> Arc<[u8]> {
        self.bytes.clone()
    }

    /// The same file read in another encoding.
    ///
    /// # Errors
    /// [`Refusal`] if nothing is left to read then.
    pub fn in_encoding(&self, encoding: Encoding) -> Result<Self, Refusal> {
        Self::read(self.bytes.clone(), self.decoder, encoding, None)
    }

    /// The same file cut at another delimiter.
    ///
    /// # Errors
    /// [`Refusal`] if the rows become too wide then.
    pub fn cut_at(&self, delimiter: Delimiter) -> Result<Self, Refusal> {
        Self::read(self.bytes.clone(), self.decoder, self.encoding, Some(delimiter))
    }

    fn read(bytes: Arc<[u8]>, decoder: Decoder, encoding: Encoding, delimiter: Option<Delimiter>) -> Result<Self, Refusal> {
        let decoded = decode(&bytes, encoding, decoder);
        let malformed = decoded.malformed;
        Ok(Self { malformed, ..Self::divided(bytes, decoder, encoding, decoded.text, delimiter)? })
    }

    fn divided(bytes: Arc<[u8]>, decoder: Decoder, encoding: Encoding, text: String, delimiter: Option<Delimiter>) -> Result<Self, Refusal> {
        let sheet = Sheet::open(text, delimiter)?;
        let first_rows = sheet.preview(PREVIEW);
        let mapping = Mapping::guess(&first_rows);
        Ok(Self { bytes, decoder, encoding, certainty: None, malformed: 0, sheet, book: None, first_rows, mapping })
    }

    /// A matching remembered for this header wins.
    fn recall(&mut self, remembered: impl Fn(&str) -> Option<Mapping>) {
        let found = self.signature().and_then(|signature| remembered(&signature)).filter(|mapping| mapping.columns.len() == self.width());
        if let Some(mapping) = found {
            self.mapping = mapping;
        }
    }

    /// What separates the cells.
    #[must_use]
    pub const fn delimiter(&self) -> Delimiter {
        self.sheet.delimiter()
    }

    /// The columns with their first values.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let rows = if self.mapping.has_header { self.first_rows.get(1..).unwrap_or_default() } else { &self.first_rows };
        let column = |index: usize| Column {
            header: self.first_rows.first().filter(|_| self.mapping.has_header).and_then(|row| row.get(index)).cloned().unwrap_or_default(),
            samples: rows.iter().filter_map(|row| row.get(index)).filter(|cell| !cell.is_empty()).take(SAMPLES).cloned().collect(),
            field: self.mapping.columns.get(index).copied().flatten(),
        };
        (0..self.width()).map(column).collect()
    }

    /// Says which field a column fills.
    pub fn assign(&mut self, column: usize, field: Option<Field>) {
        self.mapping.columns.resize(self.width().max(column + 1), None);
        self.mapping.columns[column] = field;
        self.mapping.surname = self.mapping.surname.filter(|surname| self.mapping.columns.get(*surname) == Some(&Some(Field::Name)));
    }

    /// Says whether the first row names the columns.
    pub const fn set_header(&mut self, has_header: bool) {
        self.mapping.has_header = has_header;
    }

    /// Under which name the matching is remembered; none if the file does not name its columns.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        self.first_rows.first().filter(|_| self.mapping.has_header).map(|header| signature(header))
    }

    fn width(&self) -> usize {
        self.first_rows.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl Checking {
    /// Begins to read and judge the rows of a file against the customers held.
    #[must_use]
    pub fn begin(opened: &Opened, settings: Settings, replica: &Replica) -> Self {
        let reader = Reader::new(opened.sheet.clone(), opened.mapping.clone(), settings);
        let known = Known::of(replica.all::<Customer>().map(|customer| &**customer));
        Self { reader: Some(reader), judge: Some(Judge::new(known)), outcomes: Vec::new(), permille: 0 }
    }

    /// Takes some more rows. The rows with their judgements once all are done; this is then used up.
    ///
    /// # Errors
    /// [`Unavailable`] if the replica cannot be read.
    pub fn step(&mut self, replica: &Replica, actor: &Actor, rows: usize) -> Result<Option<Checked>, Unavailable> {
        if let Some(mut reader) = self.reader.take() {
            let progress = reader.step(rows);
            self.permille = progress.bytes * 500 / progress.total.max(1);
            if progress.done {
                self.outcomes = reader.into_outcomes();
            } else {
                self.reader = Some(reader);
            }
            return Ok(None);
        }
        let Some(judge) = &mut self.judge else { return Ok(None) };
        let done = judge.step(replica, actor, &self.outcomes, rows)?;
        self.permille = 500 + done * 500 / self.outcomes.len().max(1);
        if done < self.outcomes.len() {
            return Ok(None);
        }
        let Some(judge) = self.judge.take() else { return Ok(None) };
        let judgements = judge.finish(replica, actor, &self.outcomes)?;
        Ok(Some(Checked::new(std::mem::take(&mut self.outcomes), judgements)))
    }
}

impl std::fmt::Debug for Checking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checking").field("permille", &self.permille).finish_non_exhaustive()
    }
}

impl Checked {
    fn new(outcomes: Vec<RowOutcome>, judgements: Judgements) -> Self {
        let mut judged = vec![None; outcomes.len()];
        for (index, row) in judgements.rows.iter().enumerate() {
            judged[row.outcome] = Some(index);
        }
        Self { outcomes, judgements, judged }
    }

    /// What was read of a row.
    #[must_use]
    pub fn outcome(&self, index: usize) -> Option<&RowOutcome> {
        self.outcomes.get(index)
    }

    /// What a row is judged to be; none for a bad one.
    #[must_use]
    pub fn judgement(&self, index: usize) -> Option<Judgement> {
        self.judged.get(index).copied().flatten().map(|index| self.judgements.rows[index].judgement)
    }

    /// What a person may choose for a row, and what is chosen.
    #[must_use]
    pub fn choices(&self, index: usize) -> Option<(&'static [Action], Action)> {
        let row = &self.judgements.rows[self.judged.get(index).copied().flatten()?];
        Some((row.choices(), row.action()))
    }

    /// Chooses what is done with a row.
    pub fn choose(&mut self, index: usize, action: Action) {
        if let Some(index) = self.judged.get(index).copied().flatten() {
            self.judgements.rows[index].choose(action);
        }
    }

    /// What becomes of a row.
    #[must_use]
    pub fn fate(&self, index: usize) -> Fate {
        let Some(row) = self.judged.get(index).copied().flatten().map(|index| &self.judgements.rows[index]) else { return Fate::Bad };
        match (row.action(), row.judgement) {
            (Action::Create, _) => Fate::Create,
            (Action::Update, _) => Fate::Update,
            (Action::Skip, Judgement::Same { .. }) => Fate::Same,
            (Action::Skip, _) => Fate::Skip,
        }
    }

    /// The rows of one fate, or all.
    #[must_use]
    pub fn rows(&self, fate: Option<Fate>) -> Vec<usize> {
        (0..self.outcomes.len()).filter(|index| fate.is_none_or(|fate| self.fate(*index) == fate)).collect()
    }

    /// How many rows have which fate.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for index in 0..self.outcomes.len() {
            match self.fate(index) {
                Fate::Create => counts.create += 1,
                Fate::Update => counts.update += 1,
                Fate::Same => counts.same += 1,
                Fate::Skip => counts.skip += 1,
                Fate::Bad => counts.bad += 1,
            }
        }
        counts
    }

    /// The commands that carry out what was chosen.
    ///
    /// # Errors
    /// [`Unavailable`] if the replica cannot be read.
    pub fn plan(&self, replica: &Replica, import: ImportId, id: impl FnMut() -> CustomerId) -> Result<Plan, Unavailable> {
        plan(replica, import, &self.outcomes, &self.judgements, id)
    }
}

impl Counts {
    /// How many rows go in.
    #[must_use]
    pub const fn good(&self) -> usize {
        self.create + self.update
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{World, at};
    use shared::customers::import::by_tables;
    use shared::phone::Country;

    const LIST: &str = "姓名,手機,公司\n王大明,0911-222-333,晨光\n李小美,0922333444,\n,0933444555,\n陳建國,abc,\n";

    fn check(opened: &Opened, world: &World) -> Checked {
        let replica = world.replica(world.rep);
        let settings = Settings { country: Country::Tw, at: at(0) };
        let mut checking = Checking::begin(opened, settings, &replica);
        let mut before = 0;
        loop {
            let checked = checking.step(&replica, &world.actor(world.rep), 1).expect("memory can be read");
            assert!(checking.permille >= before && checking.permille <= 1_000, "progress never goes back");
            before = checking.permille;
            if let Some(checked) = checked {
                return checked;
            }
        }
    }

    fn carry_out(world: &mut World, checked: &Checked) -> usize {
        let import = world.id();
        let mut ids: Vec<CustomerId> = (0..10).map(|_| world.id()).collect();
        let plan = checked.plan(&world.replica(world.rep), import, || ids.pop().expect("enough")).expect("memory can be read");
        let rep = world.rep;
        for command in plan.commands {
            world.apply(rep, command).expect("within the rules");
        }
        plan.created + plan.updated
    }

    #[test]
    fn a2_good_rows_go_in_bad_ones_are_told_and_a_second_time_changes_nothing() {
        let mut world = World::new();
        let opened = Opened::open(LIST.as_bytes(), by_tables, |_| None).expect("a list");
        let checked = check(&opened, &world);
        assert_eq!(checked.counts(), Counts { create: 2, bad: 2, ..Counts::default() });
        assert_eq!(checked.rows(Some(Fate::Bad)), [2, 3]);
        assert_eq!(checked.outcome(2).map(|outcome| outcome.row), Some(4), "rows are numbered as a spreadsheet numbers them");
        assert_eq!(carry_out(&mut world, &checked), 2);
        let again = check(&opened, &world);
        assert_eq!(again.counts(), Counts { same: 2, bad: 2, ..Counts::default() });
        assert_eq!(carry_out(&mut world, &again), 0);
    }

    #[test]
    fn a2_a_sheet_of_a_workbook_is_the_same_list_and_its_matching_is_remembered() {
        let mut world = World::new();
        let text = "\"姓名\",\"手機\",\"公司\"\n\"王大明\",\"911222333\",\"晨光\"\n\n\"李小美\",\"0922333444\"";
        let book = Book { sheets: vec!["名單".to_owned(), "台中".to_owned()], chosen: 0 };
        let open = |remembered: Option<Mapping>| {
            Opened::of_sheet(b"PK".as_slice(), by_tables, book.clone(), text.to_owned(), |_| remembered.clone()).expect("a list")
        };
        let mut opened = open(None);
        let checked = check(&opened, &world);
        assert_eq!(checked.counts(), Counts { create: 2, ..Counts::default() });
        assert_eq!(checked.outcome(1).map(|outcome| outcome.row), Some(4), "an empty row counts");
        assert_eq!(carry_out(&mut world, &checked), 2);
        assert_eq!(check(&opened, &world).counts(), Counts { same: 2, ..Counts::default() });
        let as_text = Opened::open(LIST.as_bytes(), by_tables, |_| None).expect("a list");
        assert_eq!(check(&as_text, &world).counts(), Counts { same: 2, bad: 2, ..Counts::default() }, "the same list as CSV says nothing new");
        opened.assign(2, None);
        let again = open(Some(opened.mapping.clone()));
        assert_eq!((again.mapping, again.book), (opened.mapping, Some(book.clone())));
    }

    #[test]
    fn a2_a_person_decides_row_by_row() {
        let world = World::new();
        let opened = Opened::open(LIST.as_bytes(), by_tables, |_| None).expect("a list");
        let mut checked = check(&opened, &world);
        checked.choose(0, Action::Skip);
        checked.choose(2, Action::Create);
        assert_eq!(checked.counts(), Counts { create: 1, skip: 1, bad: 2, ..Counts::default() }, "a bad row cannot be chosen");
    }

    #[test]
    fn a2_columns_can_be_matched_otherwise_and_are_remembered_by_their_header() {
        let mut opened = Opened::open(LIST.as_bytes(), by_tables, |_| None).expect("a list");
        assert_eq!(
            opened.columns().iter().map(|column| column.field).collect::<Vec<_>>(),
            [Some(Field::Name), Some(Field::Phone), Some(Field::Company)]
        );
        opened.assign(2, None);
        let (signature, mapping) = (opened.signature().expect("it has a header"), opened.mapping);
        let next = Opened::open(LIST.as_bytes(), by_tables, |wanted| (wanted == signature).then(|| mapping.clone())).expect("a list");
        assert_eq!(next.columns()[2], Column { header: "公司".to_owned(), samples: vec!["晨光".to_owned()], field: None });
    }

    #[test]
    fn another_encoding_or_delimiter_reads_the_file_anew() {
        let opened = Opened::open("姓名;手機\n王大明;0911222333\n".as_bytes(), by_tables, |_| None).expect("a list");
        assert_eq!((opened.encoding, opened.delimiter()), (Encoding::Utf8, Delimiter::Semicolon));
        assert_eq!(opened.cut_at(Delimiter::Comma).expect("readable").columns().len(), 1);
        assert!(opened.in_encoding(Encoding::Big5).is_ok_and(|other| other.certainty.is_none()));
    }
}
