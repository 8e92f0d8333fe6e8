//! A message as an endless row of frames, each the text of one QR code: whichever of them are seen, in whatever order, a few more than the message
//! has blocks are enough. A random linear fountain: a frame is the sum (exclusive or) of some blocks, chosen by its number.
//!
//! A frame is `HX9:` and base45 (RFC 9285, which QR codes hold in their alphanumeric mode) of
//! - the message's id: the first 8 bytes of its BLAKE3,
//! - its length in bytes (4, big endian),
//! - the frame's number (4, big endian),
//! - the sum of blocks of [`BLOCK`] bytes, the last block filled with zeroes,
//! - the first 4 bytes of BLAKE3 over everything before them.
//!
//! Frame n of a message of k blocks is block n for n < k; from then on block i is part of it if bit i (from the least of the first byte) of BLAKE3's
//! output over id and number is set.
//!
//! Law: what comes out is the message to the byte, or nothing.

use std::collections::VecDeque;

/// Bytes of a block. With it a frame is a code of version 16 at level M: 81 modules, which a tablet's camera reads from another's screen.
pub const BLOCK: usize = 400;
/// Most blocks of a message.
pub const MOST_BLOCKS: usize = 512;
/// What every frame begins with.
pub const PREFIX: &str = "HX9:";

const ID: usize = 8;
const HEAD: usize = ID + 4 + 4;
const CHECK: usize = 4;
const FRAME: usize = HEAD + BLOCK + CHECK;
/// Messages of which frames are kept at once: a passer-by's code must not push out the one that is being read.
const MOST_AT_ONCE: usize = 4;

/// Shows a message.
#[derive(Clone, Debug)]
pub struct Fountain {
    id: [u8; ID],
    length: u32,
    blocks: Vec<[u8; BLOCK]>,
}

impl Fountain {
    /// The frames of a message; none if it is empty or too long.
    #[must_use]
    pub fn new(message: &[u8]) -> Option<Self> {
        let length = u32::try_from(message.len()).ok().filter(|_| (1..=MOST_BLOCKS).contains(&blocks_of(message.len())))?;
        let block = |bytes: &[u8]| {
            let mut block = [0; BLOCK];
            block[..bytes.len()].copy_from_slice(bytes);
            block
        };
        Some(Self { id: id_of(message), length, blocks: message.chunks(BLOCK).map(block).collect() })
    }

    /// How many blocks there are: so many frames at least must be seen.
    #[must_use]
    pub const fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// A frame. Numbers may be as large as one likes.
    #[must_use]
    pub fn frame(&self, number: u32) -> String {
        let mut frame = Vec::with_capacity(FRAME);
        frame.extend(self.id);
        frame.extend(self.length.to_be_bytes());
        frame.extend(number.to_be_bytes());
        let mut sum = [0; BLOCK];
        for at in parts(self.id, number, self.blocks.len()).ones() {
            add(&mut sum, &self.blocks[at]);
        }
        frame.extend(sum);
        frame.extend(check_of(&frame));
        PREFIX.to_owned() + &base45(&frame)
    }
}

/// What a frame was good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is no frame, or not as it was shown.
    Nothing,
    /// So many of so many blocks are known.
    Part {
        /// Known by now.
        known: usize,
        /// Of how many.
        of: usize,
    },
    /// The message is whole. Told with every further frame of it too.
    Whole(Vec<u8>),
}

/// Puts a message together from what a camera sees.
#[derive(Clone, Debug, Default)]
pub struct Collector {
    /// The one seen last stands last.
    gatherings: VecDeque<Gathering>,
}

impl Collector {
    /// Takes in the text of a code.
    pub fn see(&mut self, text: &str) -> Seen {
        let Some(frame) = Frame::read(text) else { return Seen::Nothing };
        let known = self.gatherings.iter().position(|gathering| (gathering.id, gathering.length) == (frame.id, frame.length));
        let mut gathering = known.and_then(|at| self.gatherings.remove(at)).unwrap_or_else(|| Gathering::new(frame.id, frame.length));
        let seen = gathering.take(frame);
        if self.gatherings.len() >= MOST_AT_ONCE {
            self.gatherings.pop_front();
        }
        self.gatherings.push_back(gathering);
        seen
    }
}

struct Frame {
    id: [u8; ID],
    length: usize,
    number: u32,
    sum: [u8; BLOCK],
}

impl Frame {
    fn read(text: &str) -> Option<Self> {
        let bytes = from_base45(text.strip_prefix(PREFIX)?, FRAME)?;
        let (rest, check) = bytes.split_last_chunk::<CHECK>()?;
        let (head, sum) = rest.split_first_chunk::<HEAD>()?;
        let word = |at: usize| head[at..at + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        let length = word(ID) as usize;
        let is_whole = *check == check_of(rest) && (1..=MOST_BLOCKS).contains(&blocks_of(length));
        let id = *head.first_chunk()?;
        is_whole.then_some(Self { id, length, number: word(ID + 4), sum: sum.try_into().ok()? })
    }
}

/// Equations over the blocks of one message, solved as they come.
#[derive(Clone, Debug)]
struct Gathering {
    id: [u8; ID],
    length: usize,
    /// At i an equation whose first block is i, if there is one.
    rows: Vec<Option<(Bits, [u8; BLOCK])>>,
    known: usize,
    whole: Option<Vec<u8>>,
}

impl Gathering {
    fn new(id: [u8; ID], length: usize) -> Self {
        Self { id, length, rows: vec![None; blocks_of(length)], known: 0, whole: None }
    }

    fn take(&mut self, frame: Frame) -> Seen {
        if self.whole.is_none() {
            self.add(parts(self.id, frame.number, self.rows.len()), frame.sum);
            if self.known == self.rows.len() {
                let message = self.solved();
                if id_of(&message) == self.id {
                    self.whole = Some(message);
                } else {
                    // Some frame was made by another hand. Which one, cannot be told.
                    *self = Self::new(self.id, self.length);
                }
            }
        }
        match &self.whole {
            Some(message) => Seen::Whole(message.clone()),
            None => Seen::Part { known: self.known, of: self.rows.len() },
        }
    }

    fn add(&mut self, mut bits: Bits, mut sum: [u8; BLOCK]) {
        while let Some(first) = bits.first() {
            match &self.rows[first] {
                None => {
                    self.rows[first] = Some((bits, sum));
                    self.known += 1;
                    return;
                }
                Some((others, other_sum)) => {
                    bits.add(others);
                    add(&mut sum, other_sum);
                }
            }
        }
    }

    /// From the last block to the first: what stands behind the first one of a row is known by then.
    fn solved(&self) -> Vec<u8> {
        let mut blocks = vec![[0; BLOCK]; self.rows.len()];
        for (at, row) in self.rows.iter().enumerate().rev() {
            let Some((bits, sum)) = row else { continue };
            let mut block = *sum;
            for other in bits.ones().filter(|other| *other != at) {
                add(&mut block, &blocks[other]);
            }
            blocks[at] = block;
        }
        let mut message = blocks.concat();
        message.truncate(self.length);
        message
    }
}

/// A set of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits([u64; MOST_BLOCKS / 64]);

impl Bits {
    fn first(&self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        Some(word * 64 + self.0[word].trailing_zeros() as usize)
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word ^= other);
    }

    fn ones(&self) -> impl Iterator<Item = usize> {
        (0..MOST_BLOCKS).filter(|at| self.0[at / 64] >> (at % 64) & 1 == 1)
    }
}

/// Which blocks a frame is the sum of.
fn parts(id: [u8; ID], number: u32, count: usize) -> Bits {
    let mut bits = Bits([0; MOST_BLOCKS / 64]);
    let at = number as usize;
    if at < count {
        bits.0[at / 64] = 1 << (at % 64);
        return bits;
    }
    let mut bytes = [0; MOST_BLOCKS / 8];
    blake3::Hasher::new().update(&id).update(&number.to_be_bytes()).finalize_xof().fill(&mut bytes);
    for (at, (word, bytes)) in bits.0.iter_mut().zip(bytes.as_chunks::<8>().0).enumerate() {
        let kept = count.saturating_sub(at * 64).min(64);
        let mask = if kept == 64 { u64::MAX } else { (1 << kept) - 1 };
        *word = u64::from_le_bytes(*bytes) & mask;
    }
    bits
}

fn add(sum: &mut [u8; BLOCK], other: &[u8; BLOCK]) {
    sum.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
}

const fn blocks_of(length: usize) -> usize {
    length.div_ceil(BLOCK)
}

fn id_of(message: &[u8]) -> [u8; ID] {
    *blake3::hash(message).as_bytes().first_chunk().expect("a hash has 32 bytes")
}

fn check_of(bytes: &[u8]) -> [u8; CHECK] {
    *blake3::hash(bytes).as_bytes().first_chunk().expect("a hash has 32 bytes")
}

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn base45(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 / 2 + 2);
    for pair in bytes.chunks(2) {
        let mut value = pair.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

/// None if it is no base45, or of other than so many bytes.
fn from_base45(text: &str, length: usize) -> Option<Vec<u8>> {
    if text.len() != length / 2 * 3 + length % 2 * 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    for digits in text.as_bytes().chunks(3) {
        let value = digits.iter().rev().try_fold(0, |value, digit| Some(value * 45 + ALPHABET.iter().position(|letter| letter == digit)?))?;
        match digits.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            _ => bytes.push(u8::try_from(value).ok()?),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(length: usize, seed: u8) -> Vec<u8> {
        let mut bytes = vec![0; length];
        blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn base45_is_that_of_the_rfc() {
        assert_eq!(base45(b"AB"), "BB8");
        assert_eq!(base45(b"Hello!!"), "%69 VD92EX0");
        assert_eq!(base45(b"base-45"), "UJCLQE7W581");
        assert_eq!(from_base45("QED8WEX0", 5).as_deref(), Some(&b"ietf!"[..]));
        // RFC 9285 section 6: what stands for more than 16 bits is no base45.
        assert_eq!(from_base45("FGW", 2), Some(vec![255, 255]));
        assert_eq!(from_base45("GGW", 2), None);
        assert_eq!(from_base45(":::", 2), None);
        assert_eq!(from_base45("ab8", 2), None);
    }

    #[test]
    fn the_frames_of_a_message_are_the_same_for_ever() {
        let fountain = Fountain::new(&message(1_000, 7)).expect("short");
        assert_eq!(fountain.blocks(), 3);
        let hash = |number: u32| blake3::hash(fountain.frame(number).as_bytes()).to_hex()[..16].to_owned();
        assert_eq!([hash(0), hash(2), hash(3), hash(u32::MAX)], ["a2587e1f42d26510", "6621a69a42a5fdbf", "175807fb97ceb7d7", "e804a68617e29764"]);
    }

    #[test]
    fn without_loss_as_many_frames_as_blocks_are_enough() {
        for length in [1, BLOCK, BLOCK + 1, 20_000] {
            let message = message(length, 1);
            let fountain = Fountain::new(&message).expect("short");
            let mut collector = Collector::default();
            let last = u32::try_from(fountain.blocks()).expect("few") - 1;
            for number in 0..last {
                let known = number as usize + 1;
                assert_eq!(collector.see(&fountain.frame(number)), Seen::Part { known, of: fountain.blocks() });
            }
            assert_eq!(collector.see(&fountain.frame(last)), Seen::Whole(message));
        }
    }

    #[test]
    fn the_longest_message_arrives_from_frames_past_its_blocks_with_few_more_than_there_are_blocks() {
        let message = message(BLOCK * MOST_BLOCKS, 3);
        let fountain = Fountain::new(&message).expect("just short enough");
        let mut collector = Collector::default();
        let needed = (0..).position(|number| collector.see(&fountain.frame(MOST_BLOCKS as u32 + number)) == Seen::Whole(message.clone()));
        assert!(needed.is_some_and(|last| last < MOST_BLOCKS + 20), "{needed:?}");
    }

    #[test]
    fn nothing_and_too_much_have_no_frames() {
        assert!(Fountain::new(&[]).is_none());
        assert!(Fountain::new(&vec![0; BLOCK * MOST_BLOCKS + 1]).is_none());
    }

    #[test]
    fn one_changed_character_anywhere_makes_a_frame_nothing() {
        let fountain = Fountain::new(&message(BLOCK * 3, 2)).expect("short");
        let frame = fountain.frame(9);
        for at in 0..frame.len() {
            let mut changed = frame.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ascii");
            assert_eq!(Collector::default().see(&changed), Seen::Nothing, "changed at {at}");
        }
        for other in ["", "HX9:", "HX1.abc", "https://example.com", &frame[..frame.len() - 3], &format!("{frame}AAA")] {
            assert_eq!(Collector::default().see(other), Seen::Nothing, "{other}");
        }
    }

    #[test]
    fn a_frame_by_another_hand_costs_time_and_never_gives_another_message() {
        let message = message(BLOCK * 4, 5);
        let fountain = Fountain::new(&message).expect("short");
        let mut liar = fountain.clone();
        liar.blocks[2][7] ^= 1;
        let mut collector = Collector::default();
        collector.see(&liar.frame(2));
        let whole = (0..100).find_map(|number| match collector.see(&fountain.frame(number)) {
            Seen::Whole(whole) => Some((number, whole)),
            _ => None,
        });
        let (number, whole) = whole.expect("arrives");
        assert_eq!(whole, message);
        assert!(number >= 4, "with the forged frame in between the first four cannot have been enough");
    }

    #[test]
    fn codes_of_passers_by_do_not_push_out_what_is_being_read() {
        let message = message(BLOCK * 10, 1);
        let fountain = Fountain::new(&message).expect("short");
        let others: Vec<Fountain> = (10..13).filter_map(|seed| Fountain::new(&self::message(900, seed))).collect();
        let mut collector = Collector::default();
        for number in 0..9 {
            collector.see(&fountain.frame(number));
            others.iter().for_each(|other| drop(collector.see(&other.frame(0))));
        }
        assert_eq!(collector.see(&fountain.frame(9)), Seen::Whole(message));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Frames of two messages, mixed, in any order, some twice, and of each frame the chance of three in ten to be lost.
        #[test]
        fn d9_two_messages_arrive_whatever_is_lost_doubled_or_mixed(
            lengths in (1_usize..12_000, 1_usize..12_000),
            begins in (0_u32..200, 0_u32..200),
            luck in proptest::collection::vec((0_u8..100, any::<u8>(), any::<bool>()), 400),
        ) {
            let messages = [message(lengths.0, 1), message(lengths.1, 2)];
            let fountains = messages.each_ref().map(|message| Fountain::new(message).expect("short"));
            let mut next = [begins.0, begins.1];
            let mut waiting: Vec<String> = Vec::new();
            let mut collector = Collector::default();
            let mut whole = [false, false];
            for (chance, place, which) in luck {
                let which = usize::from(which);
                let frame = fountains[which].frame(next[which]);
                next[which] += 1;
                if chance < 30 {
                    continue;
                }
                if chance > 90 {
                    waiting.push(frame.clone());
                }
                waiting.push(frame);
                if waiting.len() > 5 {
                    let late = waiting.swap_remove(usize::from(place) % waiting.len());
                    if let Seen::Whole(seen) = collector.see(&late) {
                        let which = messages.iter().position(|message| *message == seen);
                        prop_assert!(which.is_some());
                        whole[which.expect("just asked")] = true;
                    }
                }
            }
            // 400 frames for two messages of at most 30 blocks each: even the unlucky see twice what they need.
            prop_assert_eq!(whole, [true, true]);
        }
    }
}
