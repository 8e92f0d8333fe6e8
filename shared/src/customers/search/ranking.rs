//! How well entries match, and the best of them.

/// Where and how well a word was found; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    NameBegins,
    PhoneEnds,
    Initials,
    InName,
    InPhone,
    InWords,
}

/// The best slots found so far, by rank and length of the name; no more than needed are kept of each.
pub(super) struct Best {
    limit: usize,
    lists: Vec<Vec<u32>>,
}

const RANKS: usize = 6;
/// Lengths of names that are told apart, in bytes; Chinese names have 6 to 12.
const LENGTHS: usize = 16;

impl Best {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, lists: vec![Vec::new(); RANKS * LENGTHS] }
    }

    pub(super) fn add(&mut self, slot: u32, rank: Rank, length: u16) {
        let list = &mut self.lists[rank as usize * LENGTHS + usize::from(length).min(LENGTHS - 1)];
        if list.len() < self.limit {
            list.push(slot);
        }
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.lists.iter().flatten().copied().take(self.limit)
    }
}
