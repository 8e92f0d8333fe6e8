//! Chance with a fixed seed (SplitMix64), so that every demo tells the same story. Ids alone differ from server to server.

use crate::random;
use shared::time::Timestamp;
use uuid::Uuid;

pub(super) struct Chance {
    state: u64,
}

impl Chance {
    pub(super) fn new() -> Self {
        Self { state: 20_261_123 }
    }

    /// A number below `limit`; zero if there is none.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }

    /// Whether something happens that does in so many of a hundred cases.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of some words; nothing if there are none.
    pub(super) fn word(&mut self, from: &[String]) -> String {
        let at = self.below(from.len());
        from.get(at).cloned().unwrap_or_default()
    }

    /// A word in so many of a hundred cases, else nothing.
    pub(super) fn maybe(&mut self, chance: usize, from: &[String]) -> String {
        let word = self.word(from);
        if self.percent(chance) { word } else { String::new() }
    }

    /// So many different words at most, in the order of the list.
    pub(super) fn some(&mut self, most: usize, from: &[String]) -> Vec<String> {
        let count = self.below(most + 1);
        let mut places: Vec<_> = (0..count).map(|_| self.below(from.len())).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|at| from.get(at).cloned()).collect()
    }

    /// So many digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0))).collect()
    }

    /// A new id that sorts by the time at which it was made (version 7).
    pub(super) fn id(&self, at: Timestamp) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes()).into_uuid()
    }
}
