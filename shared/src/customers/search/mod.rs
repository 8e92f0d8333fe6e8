//! Search 搜尋 (clause A3): from one character on, by hanzi of either script, pinyin, initials, digits of a phone, company or tag.
//!
//! Design: memory first. The keys of all entries lie in one byte buffer; beside it every entry has three words of bits that say what its keys
//! can contain at all. A query compares bits first (a few bytes per entry), and reads the keys of those that are left. A query that continues
//! the one before looks only at what that one found.
//!
//! Laws: what is found equals what a reading of every entry would find (property test); every word of a query must match; a longer
//! word never finds an entry that its beginning did not find, which is what narrowing rests on (one or two digits are the exception: they
//! mean the end of a phone).

mod fold;
mod spelling;

use super::Customer;
use crate::meetings::Guest;
use fold::fold;
pub use fold::{folded, is_hanzi};
use foldhash::HashMap;
use memchr::memmem::Finder;
use spelling::Fit;
use uuid::Uuid;

/// What of an entry can be searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText<'a> {
    /// A person's name: found by hanzi, spelling and initials.
    pub name: &'a str,
    /// Phone numbers in E.164 form, or what may be seen of them: found by any run of three digits or more, or by the last one or two.
    pub phones: Vec<&'a str>,
    /// Other words (company, tags): found by any part.
    pub words: Vec<&'a str>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The best ones first, no more than asked for.
    pub ids: Vec<Uuid>,
    /// How many there are in all.
    pub total: usize,
}

/// Entries that can be searched: customers, or the guests of a meeting. Debug shows counts only.
#[derive(Clone, Default)]
pub struct SearchIndex {
    entries: Vec<Entry>,
    ids: Vec<Uuid>,
    keys: Vec<u8>,
    wasted: usize,
    free: Vec<u32>,
    by_id: HashMap<Uuid, u32>,
    trail: Vec<Step>,
    scratch: Vec<u8>,
}

impl<'a> SearchText<'a> {
    /// What of a customer can be searched.
    #[must_use]
    pub fn of_customer(customer: &'a Customer) -> Self {
        let profile = &customer.profile;
        let company = Some(profile.company.as_str()).filter(|company| !company.is_empty());
        Self {
            name: &profile.name,
            phones: profile.phones.iter().map(crate::phone::Phone::e164).collect(),
            words: company.into_iter().chain(profile.tags.iter().map(String::as_str)).collect(),
        }
    }

    /// What of a meeting's guest can be searched: no more than those who work there may see.
    #[must_use]
    pub fn of_guest(guest: &'a Guest) -> Self {
        Self { name: &guest.name, phones: vec![&guest.phone_masked], words: vec![&guest.company] }
    }
}

impl SearchIndex {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Adds an entry, or replaces what is known of it.
    pub fn put(&mut self, id: Uuid, text: &SearchText<'_>) {
        let mut packed = std::mem::take(&mut self.scratch);
        packed.clear();
        let lengths = pack(text, &mut packed);
        let known = self.by_id.get(&id).copied();
        if let Some(slot) = known
            && self.packed(&self.entries[slot as usize]) == packed
            && self.entries[slot as usize].lengths == lengths
            && !self.entries[slot as usize].mask.is_nothing()
        {
            self.scratch = packed;
            return;
        }
        self.trail.clear();
        let slot = known.unwrap_or_else(|| self.claim(id));
        self.wasted += self.entries[slot as usize].size();
        let start = u32::try_from(self.keys.len()).expect("4 GB of search keys do not fit on a device");
        self.keys.extend_from_slice(&packed);
        self.entries[slot as usize] = Entry { mask: Mask::of(&Keys::cut(&packed, lengths)), start, lengths };
        self.scratch = packed;
        self.compact_when_wasteful();
    }

    /// Removes an entry, if it is there.
    pub fn remove(&mut self, id: Uuid) {
        let Some(slot) = self.by_id.remove(&id) else { return };
        self.trail.clear();
        self.wasted += self.entries[slot as usize].size();
        self.entries[slot as usize] = Entry::default();
        self.free.push(slot);
        self.compact_when_wasteful();
    }

    /// The entries in which every word of the query is found, at most `limit` of them: names that begin with it, then initials, then
    /// the rest; shorter names before longer ones. A query without anything to search for finds everything.
    pub fn search(&mut self, query: &str, limit: usize) -> Found {
        let words = words_of(query);
        if words.is_empty() {
            self.trail.clear();
            let ids = self.entries.iter().zip(&self.ids).filter(|(entry, _)| !entry.mask.is_nothing()).map(|(_, id)| *id);
            return Found { ids: ids.take(limit).collect(), total: self.len() };
        }
        let query = Query::of(&words);
        while self.trail.last().is_some_and(|step| !continues(&step.words, &words)) {
            self.trail.pop();
        }
        let mut best = Best::new(limit);
        let mut slots = Vec::new();
        let mut visit = |slot: u32| {
            let entry = &self.entries[slot as usize];
            if entry.mask.covers(&query.mask)
                && let Some(rank) = self.rank(entry, &query)
            {
                best.add(slot, rank, entry.lengths.name);
                slots.push(slot);
            }
        };
        match self.trail.last() {
            Some(step) => step.slots.iter().copied().for_each(&mut visit),
            None => (0..).take(self.entries.len()).for_each(&mut visit),
        }
        let found = Found { total: slots.len(), ids: best.slots().map(|slot| self.ids[slot as usize]).collect() };
        if self.trail.last().is_none_or(|step| step.words != words) {
            self.trail.truncate(TRAIL - 1);
            self.trail.push(Step { words, slots });
        }
        found
    }

    fn claim(&mut self, id: Uuid) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::default());
            self.ids.push(id);
            u32::try_from(self.entries.len() - 1).expect("fewer than 4 billion entries fit in memory")
        });
        self.ids[slot as usize] = id;
        self.by_id.insert(id, slot);
        slot
    }

    fn packed(&self, entry: &Entry) -> &[u8] {
        &self.keys[entry.start as usize..][..entry.size()]
    }

    fn rank(&self, entry: &Entry, query: &Query<'_>) -> Option<Rank> {
        let keys = Keys::cut(self.packed(entry), entry.lengths);
        query.words.iter().try_fold(Rank::NameBegins, |worst, word| Some(worst.max(word.rank(&keys)?)))
    }

    /// Moves the keys together when more than half of the buffer belongs to nobody.
    fn compact_when_wasteful(&mut self) {
        if self.wasted < MIN_WASTE || self.wasted * 2 < self.keys.len() {
            return;
        }
        let mut keys = Vec::with_capacity(self.keys.len() - self.wasted + MIN_WASTE);
        for entry in &mut self.entries {
            let size = entry.size();
            let start = keys.len();
            keys.extend_from_slice(&self.keys[entry.start as usize..][..size]);
            entry.start = u32::try_from(start).expect("no longer than it was");
        }
        self.keys = keys;
        self.wasted = 0;
    }
}

impl std::fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchIndex").field("entries", &self.len()).field("bytes", &self.keys.len()).finish_non_exhaustive()
    }
}

/// A name as it stands in an ordered list: the first reading of every hanzi in pinyin, other words as they are.
#[must_use]
pub fn spelled(name: &str) -> String {
    let mut packed = Vec::new();
    spelling::push_cells(name, &mut packed);
    let first = |reading: &[u8]| reading.split(|byte| *byte == b'/').next().map(|reading| String::from_utf8_lossy(reading).into_owned());
    let syllables: Vec<_> = spelling::cells(&packed).filter_map(|(_, readings)| first(readings)).collect();
    syllables.join(" ")
}

/// Bytes that may be wasted before the buffer is compacted at all.
const MIN_WASTE: usize = 1 << 16;
/// Results kept of the queries that led to the present one, so that a deleted letter costs nothing.
const TRAIL: usize = 8;
/// Between the parts of one section of an entry's keys; no folded text holds it.
const BREAK: u8 = b'\n';
const RANKS: usize = 6;

/// Where and how well a word was found; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NameBegins,
    PhoneEnds,
    Initials,
    InName,
    InPhone,
    InWords,
}

/// What is known of an entry without reading its keys: together one line of a processor's cache.
#[derive(Clone, Copy, Default)]
struct Entry {
    mask: Mask,
    start: u32,
    lengths: Lengths,
}

/// The bytes of an entry's keys, in this order: `cells` (spelling of the name), `text` (folded name, then folded words), `digits` (phones).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lengths {
    cells: u16,
    name: u16,
    text: u16,
    digits: u16,
    shape: Shape,
}

/// What spares a look at some of the keys.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    /// The name is hanzi only: its cells hold no hanzi in another order than its text.
    plain_name: bool,
    /// There are digits in the text.
    digits_in_text: bool,
}

impl Entry {
    const fn size(&self) -> usize {
        self.lengths.cells as usize + self.lengths.text as usize + self.lengths.digits as usize
    }
}

struct Keys<'a> {
    name: &'a [u8],
    text: &'a [u8],
    digits: &'a [u8],
    cells: &'a [u8],
    shape: Shape,
}

impl<'a> Keys<'a> {
    fn cut(packed: &'a [u8], lengths: Lengths) -> Self {
        let (cells, rest) = packed.split_at(usize::from(lengths.cells));
        let (text, digits) = rest.split_at(usize::from(lengths.text));
        Self { name: &text[..usize::from(lengths.name)], text, digits, cells, shape: lengths.shape }
    }
}

/// Characters of a name that are indexed, and bytes of words and of phones: more than any customer has, and few enough for [`Lengths`].
const NAME_CHARS: usize = 1_000;
const SECTION: usize = 60_000;
const LONGEST_PHONE: usize = 32;

fn pack(text: &SearchText<'_>, out: &mut Vec<u8>) -> Lengths {
    let name = text.name.char_indices().nth(NAME_CHARS).map_or(text.name, |(end, _)| &text.name[..end]);
    spelling::push_cells(name, out);
    let cells = out.len();
    out.extend_from_slice(folded(name).as_bytes());
    let end_of_name = out.len();
    for word in text.words.iter().filter(|word| !word.is_empty()) {
        let word = folded(word);
        if out.len() - cells + word.len() < SECTION {
            out.push(BREAK);
            out.extend_from_slice(word.as_bytes());
        }
    }
    let end_of_text = out.len();
    let shape = Shape { plain_name: !out[cells..end_of_name].iter().any(u8::is_ascii), digits_in_text: out[cells..].iter().any(u8::is_ascii_digit) };
    for phone in &text.phones {
        if out.len() - end_of_text < SECTION {
            push_digits(phone, out);
        }
    }
    let length = |from: usize, to: usize| u16::try_from(to - from).expect("bounded by NAME_CHARS and SECTION");
    Lengths {
        cells: length(0, cells),
        name: length(cells, end_of_name),
        text: length(cells, end_of_text),
        digits: length(end_of_text, out.len()),
        shape,
    }
}

/// The digits as written, and once more as they are dialled at home where that begins with 0.
fn push_digits(phone: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend(phone.bytes().filter(u8::is_ascii_digit).take(LONGEST_PHONE));
    let digits = start..out.len();
    if digits.is_empty() {
        return;
    }
    out.push(BREAK);
    if phone.starts_with('+') {
        for code in ["886", "86"] {
            if out[digits.clone()].starts_with(code.as_bytes()) {
                out.push(b'0');
                out.extend_from_within(start + code.len()..digits.end);
                out.push(BREAK);
                break;
            }
        }
    }
}

/// What the keys of an entry can contain, or what a query needs; a superset of the query's bits is necessary for a match, never sufficient.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Mask {
    /// Characters that are not ASCII: two hashed bits each.
    hanzi: [u64; 2],
    /// Hashed pairs of neighbouring letters.
    pairs: [u64; 2],
    /// Bits 0–25: letters with which a match can begin; 26–35: digits; 36–61: letters; 63: set for every entry that is there.
    ascii: u64,
    /// Bits 0–9: digits with which a phone ends, or that stand in a text; 10–63: pairs of neighbouring digits.
    digits: u64,
}

const HERE: u64 = 1 << 63;
const LAST_DIGITS: u64 = (1 << 10) - 1;

impl Mask {
    const fn is_nothing(&self) -> bool {
        self.ascii & HERE == 0
    }

    const fn covers(&self, needed: &Self) -> bool {
        // No branches: which bits are missing differs from entry to entry, and cannot be foretold.
        (!self.hanzi[0] & needed.hanzi[0])
            | (!self.hanzi[1] & needed.hanzi[1])
            | (!self.pairs[0] & needed.pairs[0])
            | (!self.pairs[1] & needed.pairs[1])
            | (!self.ascii & needed.ascii)
            | (!self.digits & needed.digits)
            == 0
    }

    fn of(keys: &Keys<'_>) -> Self {
        let mut mask = Self { ascii: HERE, ..Self::default() };
        mask.add_text(keys.text, true);
        mask.add_phones(keys.digits);
        let mut ends: Vec<u8> = Vec::with_capacity(8);
        let mut ends_here: Vec<u8> = Vec::with_capacity(8);
        for (hanzi, readings) in spelling::cells(keys.cells) {
            mask.add_text(hanzi, false);
            ends_here.clear();
            for reading in readings.split(|b| *b == b'/').filter(|reading| !reading.is_empty()) {
                mask.add_text(reading, false);
                mask.add_begin(reading[0]);
                ends.iter().for_each(|end| mask.add_pair(*end, reading[0]));
                ends_here.push(reading[reading.len() - 1]);
                ends_here.extend(spelling::initials(reading).filter(|initial| *initial <= reading.len()).map(|initial| reading[initial - 1]));
            }
            std::mem::swap(&mut ends, &mut ends_here);
        }
        mask
    }

    /// What a word of a query needs. Letters need a place to begin only where the word begins with one.
    fn needed(word: &str) -> Self {
        let mut mask = Self { ascii: HERE, ..Self::default() };
        mask.add_text(word.as_bytes(), false);
        mask.add_begin(word.as_bytes()[0]);
        mask.digits &= !LAST_DIGITS;
        if is_ending(word)
            && let Some(last) = word.bytes().last()
        {
            mask.digits |= 1 << (last - b'0');
        }
        mask
    }

    const fn and(&self, other: &Self) -> Self {
        Self {
            hanzi: [self.hanzi[0] | other.hanzi[0], self.hanzi[1] | other.hanzi[1]],
            pairs: [self.pairs[0] | other.pairs[0], self.pairs[1] | other.pairs[1]],
            ascii: self.ascii | other.ascii,
            digits: self.digits | other.digits,
        }
    }

    fn add_phones(&mut self, digits: &[u8]) {
        let mut before = 0;
        for byte in digits {
            if *byte == BREAK {
                self.add_last_digit(before);
            }
            self.add_ascii(*byte);
            self.add_pair(before, *byte);
            before = *byte;
        }
    }

    fn add_text(&mut self, text: &[u8], begins: bool) {
        let mut before = 0;
        let mut wide = 0u32;
        for (index, byte) in text.iter().enumerate() {
            if byte.is_ascii() {
                self.add_ascii(*byte);
                self.add_pair(before, *byte);
                self.add_last_digit(*byte);
                if begins {
                    self.add_begin(*byte);
                }
            } else {
                let lead = *byte >= 0xC0;
                wide = if lead { u32::from(*byte) } else { (wide << 8) | u32::from(*byte) };
                if text.get(index + 1).is_none_or(|next| next.is_ascii() || *next >= 0xC0) {
                    let hash = wide.wrapping_mul(0x9E37_79B1);
                    set(&mut self.hanzi, hash >> 25);
                    set(&mut self.hanzi, (hash >> 18) & 127);
                }
            }
            before = *byte;
        }
    }

    const fn add_begin(&mut self, byte: u8) {
        if byte.is_ascii_lowercase() {
            self.ascii |= 1 << (byte - b'a');
        }
    }

    const fn add_ascii(&mut self, byte: u8) {
        match byte {
            b'0'..=b'9' => self.ascii |= 1 << (26 + byte - b'0'),
            b'a'..=b'z' => self.ascii |= 1 << (36 + byte - b'a'),
            _ => {}
        }
    }

    const fn add_pair(&mut self, before: u8, byte: u8) {
        if before.is_ascii_lowercase() && byte.is_ascii_lowercase() {
            let pair = (before as u32) << 8 | byte as u32;
            set(&mut self.pairs, pair.wrapping_mul(0x9E37_79B1) >> 25);
        } else if before.is_ascii_digit() && byte.is_ascii_digit() {
            self.digits |= 1 << (10 + ((before - b'0') * 10 + (byte - b'0')) % 54);
        }
    }

    const fn add_last_digit(&mut self, byte: u8) {
        if byte.is_ascii_digit() {
            self.digits |= 1 << (byte - b'0');
        }
    }
}

/// Sets one of 128 bits.
const fn set(bits: &mut [u64; 2], bit: u32) {
    bits[(bit >> 6) as usize] |= 1 << (bit & 63);
}

struct Query<'a> {
    words: Vec<Word<'a>>,
    mask: Mask,
}

struct Word<'a> {
    text: &'a [u8],
    finder: Finder<'a>,
    digits: bool,
    ending: bool,
    spelled: bool,
    ascii: bool,
}

/// The words of a query, folded.
fn words_of(query: &str) -> Vec<String> {
    let folded: String = query.chars().filter_map(fold).collect();
    folded.split_whitespace().map(str::to_owned).collect()
}

impl<'a> Query<'a> {
    fn of(words: &'a [String]) -> Self {
        let mask = words.iter().map(|word| Mask::needed(word)).fold(Mask::default(), |all, mask| all.and(&mask));
        Self { words: words.iter().map(|word| Word::of(word)).collect(), mask }
    }
}

impl<'a> Word<'a> {
    fn of(word: &'a str) -> Self {
        let text = word.as_bytes();
        Self {
            text,
            finder: Finder::new(text),
            digits: text.iter().all(u8::is_ascii_digit),
            ending: is_ending(word),
            spelled: text.len() <= spelling::LONGEST,
            ascii: text.iter().any(u8::is_ascii),
        }
    }

    fn rank(&self, keys: &Keys<'_>) -> Option<Rank> {
        if keys.name.starts_with(self.text) {
            return Some(Rank::NameBegins);
        }
        if self.digits && !keys.shape.digits_in_text {
            return self.rank_in_phones(keys.digits);
        }
        // Hanzi alone stand in the cells of a plain name as in its text.
        if self.spelled && (self.ascii || !keys.shape.plain_name) {
            match spelling::fit(keys.cells, self.text) {
                Some(Fit::Spelled) => return Some(Rank::NameBegins),
                Some(Fit::Initials) => return Some(Rank::Initials),
                Some(Fit::Inside) => return Some(Rank::InName),
                None => {}
            }
        }
        let in_text = self.finder.find(keys.text);
        if in_text.is_some_and(|at| at + self.text.len() <= keys.name.len()) {
            return Some(Rank::InName);
        }
        let in_digits = if self.digits { self.rank_in_phones(keys.digits) } else { None };
        in_digits.or_else(|| in_text.map(|_| Rank::InWords))
    }

    fn rank_in_phones(&self, digits: &[u8]) -> Option<Rank> {
        let mut found = false;
        for window in digits.windows(self.text.len() + 1) {
            if window[0] == self.text[0] && window.starts_with(self.text) {
                if window[self.text.len()] == BREAK {
                    return Some(Rank::PhoneEnds);
                }
                found = true;
            }
        }
        (found && !self.ending).then_some(Rank::InPhone)
    }
}

/// One or two digits are taken for the last ones of a phone: anywhere else they would find nearly everybody.
fn is_ending(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether whatever matches `words` has matched `before` too: each earlier word is the beginning of the word in its place.
fn continues(before: &[String], words: &[String]) -> bool {
    let narrows = |(old, new): (&String, &String)| old == new || (new.starts_with(old.as_str()) && !is_ending(old));
    before.len() <= words.len() && before.iter().zip(words).all(narrows)
}

/// A query that led to the present one, and what it found.
#[derive(Clone)]
struct Step {
    words: Vec<String>,
    slots: Vec<u32>,
}

/// The best slots found so far, by rank and length of the name; no more than needed are kept of each.
struct Best {
    limit: usize,
    lists: Vec<Vec<u32>>,
}

/// Lengths of names that are told apart, in bytes; Chinese names have 6 to 12.
const LENGTHS: usize = 16;

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, lists: vec![Vec::new(); RANKS * LENGTHS] }
    }

    fn add(&mut self, slot: u32, rank: Rank, length: u16) {
        let list = &mut self.lists[rank as usize * LENGTHS + usize::from(length).min(LENGTHS - 1)];
        if list.len() < self.limit {
            list.push(slot);
        }
    }

    fn slots(&self) -> impl Iterator<Item = u32> {
        self.lists.iter().flatten().copied().take(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

    const PEOPLE: &[Row] = &[
        ("王小明", &["+886912345678"], &["台積電", "VIP"]),
        ("王明", &["+886922333444"], &["鴻海精密"]),
        ("歐陽娜娜", &["+8613800138000"], &["臺灣銀行"]),
        ("曾國華", &["+85291234567"], &["Acer Taiwan", "老客戶"]),
        ("David Chen", &["+886223456789"], &["Wang & Sons"]),
        ("吕丽", &[], &["王府飯店"]),
    ];

    fn text<'a>(name: &'a str, phones: &[&'a str], words: &[&'a str]) -> SearchText<'a> {
        SearchText { name, phones: phones.to_vec(), words: words.to_vec() }
    }

    fn people() -> SearchIndex {
        let mut index = SearchIndex::new();
        for (number, (name, phones, words)) in (0..).zip(PEOPLE) {
            index.put(Uuid::from_u128(number), &text(name, phones, words));
        }
        index
    }

    fn check(query: &str, expected: &[&str]) {
        let found = people().search(query, 200);
        let names: Vec<_> = found.ids.iter().map(|id| PEOPLE[id.as_u128() as usize].0).collect();
        assert_eq!(names, expected, "{query:?}");
        assert_eq!(found.total, expected.len(), "{query:?}");
    }

    #[test]
    fn one_character_is_enough() {
        check("王", &["王明", "王小明", "吕丽"]);
        check("w", &["王明", "王小明", "曾國華", "David Chen"]);
        check("9", &["David Chen"]);
    }

    #[test]
    fn hanzi_are_found_in_either_script() {
        for query in ["欧阳", "歐陽", "歐阳"] {
            check(query, &["歐陽娜娜"]);
        }
        check("台湾", &["歐陽娜娜"]);
        check("呂麗", &["吕丽"]);
        check("台積", &["王小明"]);
    }

    #[test]
    fn pinyin_and_initials_find_names() {
        check("wxm", &["王小明"]);
        check("wangm", &["王明"]);
        check("oynn", &["歐陽娜娜"]);
        check("zeng", &["曾國華"]);
        check("lvli", &["吕丽"]);
        check("ming", &["王明", "王小明"]);
        check("DC", &["David Chen"]);
    }

    #[test]
    fn digits_find_phones_and_those_that_end_with_them_come_first() {
        check("678", &["王小明", "David Chen"]);
        check("0912-345", &["王小明"]);
        check("44", &["王明"]);
        check("444", &["王明"]);
        check("+886 912", &["王小明"]);
        check("０２２３", &["David Chen"]);
        check("00138", &["歐陽娜娜"]);
    }

    #[test]
    fn all_words_must_be_found() {
        check("王 台積", &["王小明"]);
        check("王　vip 678", &["王小明"]);
        check("王 acer", &[]);
        check("taiwan zgh", &["曾國華"]);
    }

    #[test]
    fn a_query_with_nothing_to_search_for_finds_everybody() {
        for query in ["", "  ", "-"] {
            let found = people().search(query, 2);
            assert_eq!((found.ids.len(), found.total), (2, PEOPLE.len()));
        }
    }

    #[test]
    fn what_was_removed_or_changed_is_not_found_by_its_old_words() {
        let mut index = people();
        let first = Uuid::from_u128(0);
        assert_eq!(index.search("wxm", 9).total, 1);
        index.put(first, &text("李大華", &[], &[]));
        assert_eq!(index.search("wxm", 9).total, 0);
        assert_eq!(index.search("ldh", 9).ids, [first]);
        index.remove(first);
        index.remove(first);
        assert_eq!(index.search("ldh", 9).total, 0);
        assert_eq!(index.len(), PEOPLE.len() - 1);
    }

    #[test]
    fn the_buffer_does_not_grow_with_the_number_of_changes() {
        let mut index = people();
        for number in 0..20_000u32 {
            index.put(Uuid::from_u128(0), &text("王小明", &[], &[&number.to_string()]));
        }
        assert!(index.keys.len() < 2 * MIN_WASTE + 1_000, "{} bytes", index.keys.len());
        assert_eq!(index.search("19999", 9).total, 1);
        assert_eq!(index.search("oynn", 9).total, 1);
    }

    #[test]
    fn texts_longer_than_any_customer_has_do_no_harm() {
        let mut index = people();
        let (name, word) = ("吕".repeat(70_000), "呂".repeat(70_000));
        let id = Uuid::from_u128(99);
        index.put(id, &text(&name, &vec!["+886912345678"; 9_000], &[&word, "鴻海", &word]));
        assert_eq!(index.search("lvlvlv", 9).ids, [id]);
        assert_eq!(index.search("鴻海", 9).total, 2);
    }

    #[test]
    fn no_more_than_asked_for_are_given_and_all_are_counted() {
        let mut index = SearchIndex::new();
        for number in 0..1_000 {
            index.put(Uuid::from_u128(number), &text("林怡君", &[], &[]));
        }
        let found = index.search("lyj", 200);
        assert_eq!((found.ids.len(), found.total), (200, 1_000));
    }

    #[test]
    fn debug_output_holds_nothing_of_a_person() {
        assert_eq!(format!("{:?}", people()), "SearchIndex { entries: 6, bytes: 392, .. }".replace("392", &people().keys.len().to_string()));
    }

    /// The law, read entry by entry without masks, packing or narrowing.
    fn naive(rows: &[(String, String, String)], query: &str) -> Vec<u128> {
        let words = words_of(query);
        let one = |(name, phone, company): &(String, String, String), word: &str| {
            let mut digits = Vec::new();
            push_digits(phone, &mut digits);
            let numbers = String::from_utf8(digits).expect("digits are ASCII");
            let mut bytes = Vec::new();
            spelling::push_cells(name, &mut bytes);
            let cells: Vec<_> = spelling::cells(&bytes).map(|(hanzi, readings)| (hanzi.to_vec(), readings.to_vec())).collect();
            folded(name).contains(word)
                || folded(company).contains(word)
                || (is_ending(word) && numbers.contains(&format!("{word}\n")))
                || (word.len() > 2 && word.bytes().all(|b| b.is_ascii_digit()) && numbers.contains(word))
                || (word.len() <= spelling::LONGEST && (0..cells.len()).any(|from| spells(&cells[from..], word.as_bytes())))
        };
        (0..).zip(rows).filter(|(_, row)| words.iter().all(|word| one(row, word))).map(|(number, _)| number).collect()
    }

    fn spells(cells: &[(Vec<u8>, Vec<u8>)], rest: &[u8]) -> bool {
        let Some(((hanzi, readings), after)) = cells.split_first() else { return rest.is_empty() };
        if rest.is_empty() {
            return true;
        }
        let by_hanzi = !hanzi.is_empty() && rest.starts_with(hanzi) && spells(after, &rest[hanzi.len()..]);
        by_hanzi
            || readings.split(|b| *b == b'/').filter(|reading| !reading.is_empty()).any(|reading| {
                reading.starts_with(rest)
                    || (rest.starts_with(reading) && spells(after, &rest[reading.len()..]))
                    || spelling::initials(reading)
                        .any(|initial| initial <= reading.len() && rest.starts_with(&reading[..initial]) && spells(after, &rest[initial..]))
            })
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            "[王曾單张張呂区][小明娜華国國樂]{1,3}",
            "(歐陽|尉遲|司馬)[明樂行]{1,2}",
            "[王李][ .・][小a1][明b2]",
            "[A-Ca-c]{1,3} [a-cＡü]{1,3}",
            "[1-2a-b王 -]{0,5}",
        ]
    }

    fn query() -> impl Strategy<Value = String> {
        prop_oneof![
            "[王曾張張国小明華樂 ]{1,3}",
            "(w|wang|z|zh|zhang|c|ou|x|xm|xiao|m|ming|g|guo|h|l|lv|lyu|a|b|1|2|n|na|y| |王|明){1,4}",
            "[0-38-]{1,4}",
            "[a-c1-2ü ]{1,4}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn a_search_finds_what_reading_every_entry_would_find(
            rows in prop::collection::vec((name(), "(\\+886|\\+86|\\+852|•••)[0-3]{0,4}", "[台積a-c王1-3]{0,3}"), 1..40),
            queries in prop::collection::vec(query(), 1..6),
            churn in prop::collection::vec((0usize..40, name()), 0..10),
        ) {
            let mut index = SearchIndex::new();
            let mut rows = rows;
            let put = |index: &mut SearchIndex, number: usize, row: &(String, String, String)| {
                index.put(Uuid::from_u128(number as u128), &text(&row.0, &[&row.1], &[&row.2]));
            };
            for (number, row) in rows.iter().enumerate() {
                put(&mut index, number, row);
            }
            for (number, name) in churn {
                let number = number % rows.len();
                rows[number].0 = name;
                index.remove(Uuid::from_u128(number as u128));
                put(&mut index, number, &rows[number]);
            }
            for query in queries {
                let typed = query.char_indices().map(|(at, c)| &query[..at + c.len_utf8()]);
                for part in typed.chain(query.char_indices().rev().map(|(at, _)| &query[..at])) {
                    let found = index.search(part, usize::MAX);
                    let mut numbers: Vec<_> = found.ids.iter().map(Uuid::as_u128).collect();
                    numbers.sort_unstable();
                    prop_assert_eq!(numbers, naive(&rows, part), "{:?}", part);
                    prop_assert_eq!(found.total, found.ids.len());
                }
            }
        }

        #[test]
        fn no_text_and_no_query_panics(name in ".*", words in prop::collection::vec(".*", 0..3), query in ".*") {
            let mut index = SearchIndex::new();
            index.put(Uuid::nil(), &SearchText { name: &name, phones: vec![&name], words: words.iter().map(String::as_str).collect() });
            index.search(&query, 10);
            index.search(&name, 10);
        }
    }

    #[test]
    fn a_surname_is_ordered_by_the_reading_that_surnames_have() {
        assert_eq!(
            [spelled("曾國華"), spelled("王小明"), spelled("David Chen")],
            ["zeng guo hua", "wang xiao ming", "david chen"].map(str::to_owned)
        );
    }
}
