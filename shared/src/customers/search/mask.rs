//! A few bits per entry that tell what its keys can contain at all.

use super::keys::{BREAK, Keys};
use super::query::is_ending;
use super::spelling;
use crate::gist::take;

/// What the keys of an entry can contain, or what a query needs; a superset of the query's bits is necessary for a match, never sufficient.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mask {
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
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { hanzi, pairs, ascii, digits } = self;
        hanzi.iter().chain(pairs).chain([ascii, digits]).for_each(|bits| out.extend_from_slice(&bits.to_le_bytes()));
    }

    pub(super) fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut bits = || take(rest).map(u64::from_le_bytes);
        Some(Self { hanzi: [bits()?, bits()?], pairs: [bits()?, bits()?], ascii: bits()?, digits: bits()? })
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.ascii & HERE == 0
    }

    pub(super) const fn covers(&self, needed: &Self) -> bool {
        // No branches: which bits are missing differs from entry to entry, and cannot be foretold.
        (!self.hanzi[0] & needed.hanzi[0])
            | (!self.hanzi[1] & needed.hanzi[1])
            | (!self.pairs[0] & needed.pairs[0])
            | (!self.pairs[1] & needed.pairs[1])
            | (!self.ascii & needed.ascii)
            | (!self.digits & needed.digits)
            == 0
    }

    pub(super) fn of(keys: &Keys<'_>) -> Self {
        let mut mask = Self { ascii: HERE, ..Self::default() };
        mask.add_text(keys.text, true);
        mask.add_phones(keys.digits);
        let mut ends = Letters::default();
        for (hanzi, readings) in spelling::cells(keys.cells) {
            mask.add_text(hanzi, false);
            let mut ends_here = Letters::default();
            for reading in readings.split(|b| *b == b'/').filter(|reading| !reading.is_empty()) {
                mask.add_text(reading, false);
                mask.add_begin(reading[0]);
                ends.each(|end| mask.add_pair(end, reading[0]));
                ends_here.add(reading[reading.len() - 1]);
                spelling::initials(reading).filter(|initial| *initial <= reading.len()).for_each(|initial| ends_here.add(reading[initial - 1]));
            }
            ends = ends_here;
        }
        mask
    }

    /// What a word of a query needs. Letters need a place to begin only where the word begins with one.
    pub(super) fn needed(word: &str) -> Self {
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

    pub(super) const fn and(&self, other: &Self) -> Self {
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
        let mut rest = text;
        while let [byte, after @ ..] = rest {
            rest = after;
            if byte.is_ascii() {
                self.add_ascii(*byte);
                self.add_pair(before, *byte);
                self.add_last_digit(*byte);
                if begins {
                    self.add_begin(*byte);
                }
            } else {
                // A character of this length; its first byte says so.
                let (more, end) = rest.split_at(rest.len().min(if *byte >= 0xF0 {
                    3
                } else if *byte >= 0xE0 {
                    2
                } else {
                    1
                }));
                let wide = more.iter().fold(u32::from(*byte), |wide, byte| (wide << 8) | u32::from(*byte));
                let hash = wide.wrapping_mul(0x9E37_79B1);
                set(&mut self.hanzi, hash >> 25);
                set(&mut self.hanzi, (hash >> 18) & 127);
                rest = end;
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
        self.ascii |= ASCII[byte as usize];
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

/// The bit of each letter and digit in [`Mask::ascii`].
const ASCII: [u64; 256] = {
    let mut bits = [0; 256];
    let mut place = 0;
    while place < 26 {
        bits[b'a' as usize + place] = 1 << (36 + place);
        if place < 10 {
            bits[b'0' as usize + place] = 1 << (26 + place);
        }
        place += 1;
    }
    bits
};

/// A set of letters and digits.
#[derive(Clone, Copy, Default)]
struct Letters(u64);

impl Letters {
    const FIRST: u8 = b'0';

    const fn add(&mut self, byte: u8) {
        if byte.is_ascii_digit() || byte.is_ascii_lowercase() {
            // '0' to '9' are bits 0–9, 'a' to 'z' 10–35.
            let place = byte - Self::FIRST;
            self.0 |= 1 << (if place < 10 { place } else { place - 39 });
        }
    }

    fn each(self, mut f: impl FnMut(u8)) {
        let mut rest = self.0;
        while rest != 0 {
            let place = rest.trailing_zeros() as u8;
            rest &= rest - 1;
            f(Self::FIRST + if place < 10 { place } else { place + 39 });
        }
    }
}

/// Sets one of 128 bits.
const fn set(bits: &mut [u64; 2], bit: u32) {
    bits[(bit >> 6) as usize] |= 1 << (bit & 63);
}
