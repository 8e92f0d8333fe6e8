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
mod keys;
mod mask;
mod query;
mod ranking;
mod spelling;
#[cfg(test)]
mod tests;

use super::{Customer, CustomerGist};
use crate::meetings::Guest;
use crate::sync::replica::Glance;
pub(crate) use fold::fold;
pub use fold::{folded, is_hanzi};
use foldhash::HashMap;
use keys::{Keys, Lengths, pack};
use mask::Mask;
use query::{Query, continues, words_of};
use ranking::{Best, Rank};
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

    /// Appends what an index makes of it, for [`SearchIndex::put_ready`] of the same build.
    pub fn make_ready(&self, out: &mut Vec<u8>) {
        let mut packed = Vec::new();
        let lengths = pack(self, &mut packed);
        Mask::of(&Keys::cut(&packed, lengths)).write(out);
        lengths.write(out);
        out.extend_from_slice(&packed);
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

    /// Makes room for so many more entries.
    pub fn make_room(&mut self, more: usize) {
        self.entries.reserve(more);
        self.ids.reserve(more);
        self.by_id.reserve(more);
    }

    /// Adds an entry, or replaces what is known of it.
    pub fn put(&mut self, id: Uuid, text: &SearchText<'_>) {
        let mut packed = std::mem::take(&mut self.scratch);
        packed.clear();
        let lengths = pack(text, &mut packed);
        let known = self.by_id.get(&id).map(|slot| &self.entries[*slot as usize]);
        if known.is_none_or(|entry| entry.mask.is_nothing() || entry.lengths != lengths || self.packed(entry) != packed) {
            self.place(id, Mask::of(&Keys::cut(&packed, lengths)), lengths, &packed);
        }
        self.scratch = packed;
    }

    /// Adds a customer, or replaces what is known of them: from their gist if there is one. What cannot be read is found by nothing.
    pub fn put_customer(&mut self, customer: &Glance<'_, Customer>) {
        let gist = customer.gist().and_then(CustomerGist::read);
        if !gist.is_some_and(|gist| self.put_ready(customer.id, gist.search))
            && let Some(customer) = customer.noun()
        {
            self.put(customer.id.0, &SearchText::of_customer(customer));
        }
    }

    /// Adds an entry as [`SearchText::make_ready`] has made it ready, or replaces what is known of it. Says whether these bytes are one.
    pub fn put_ready(&mut self, id: Uuid, ready: &[u8]) -> bool {
        let mut rest = ready;
        let (Some(mask), Some(lengths)) = (Mask::read(&mut rest), Lengths::read(&mut rest)) else { return false };
        self.place(id, mask, lengths, rest);
        true
    }

    fn place(&mut self, id: Uuid, mask: Mask, lengths: Lengths, packed: &[u8]) {
        self.trail.clear();
        let slot = self.by_id.get(&id).copied().unwrap_or_else(|| self.claim(id));
        self.wasted += self.entries[slot as usize].size();
        let start = u32::try_from(self.keys.len()).expect("4 GB of search keys do not fit on a device");
        self.keys.extend_from_slice(packed);
        self.entries[slot as usize] = Entry { mask, start, lengths };
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

/// What is known of an entry without reading its keys: together one line of a processor's cache.
#[derive(Clone, Copy, Default)]
struct Entry {
    mask: Mask,
    start: u32,
    lengths: Lengths,
}

impl Entry {
    const fn size(&self) -> usize {
        self.lengths.sum()
    }
}

/// A query that led to the present one, and what it found.
#[derive(Clone)]
struct Step {
    words: Vec<String>,
    slots: Vec<u32>,
}
