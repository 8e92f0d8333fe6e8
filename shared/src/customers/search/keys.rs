//! The keys under which an entry is found, packed one after the other: the spelling of the name, folded texts, digits of phones.

use super::fold::fold_into;
use super::{SearchText, spelling};
use crate::gist::take;

/// Between the parts of one section of an entry's keys; no folded text holds it.
pub(super) const BREAK: u8 = b'\n';

/// The bytes of an entry's keys, in this order: `cells` (spelling of the name), `text` (folded name, then folded words), `digits` (phones).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) cells: u16,
    pub(super) name: u16,
    pub(super) text: u16,
    pub(super) digits: u16,
    pub(super) shape: Shape,
}

/// What spares a look at some of the keys.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The name is hanzi only: its cells hold no hanzi in another order than its text.
    pub(super) plain_name: bool,
    /// There are digits in the text.
    pub(super) digits_in_text: bool,
}

impl Lengths {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { cells, name, text, digits, shape } = self;
        [cells, name, text, digits].into_iter().for_each(|length| out.extend_from_slice(&length.to_le_bytes()));
        out.push(u8::from(shape.plain_name) | u8::from(shape.digits_in_text) << 1);
    }

    /// None if these lengths are not those of so many bytes.
    pub(super) fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut length = || take(rest).map(u16::from_le_bytes);
        let [cells, name, text, digits] = [length()?, length()?, length()?, length()?];
        let [shape] = take(rest)?;
        let shape = Shape { plain_name: shape & 1 != 0, digits_in_text: shape & 2 != 0 };
        let lengths = Self { cells, name, text, digits, shape };
        (name <= text && lengths.sum() == rest.len()).then_some(lengths)
    }

    pub(super) const fn sum(&self) -> usize {
        self.cells as usize + self.text as usize + self.digits as usize
    }
}

pub(super) struct Keys<'a> {
    pub(super) name: &'a [u8],
    pub(super) text: &'a [u8],
    pub(super) digits: &'a [u8],
    pub(super) cells: &'a [u8],
    pub(super) shape: Shape,
}

impl<'a> Keys<'a> {
    pub(super) fn cut(packed: &'a [u8], lengths: Lengths) -> Self {
        let (cells, rest) = packed.split_at(usize::from(lengths.cells));
        let (text, digits) = rest.split_at(usize::from(lengths.text));
        Self { name: &text[..usize::from(lengths.name)], text, digits, cells, shape: lengths.shape }
    }
}

/// Characters of a name that are indexed, and bytes of words and of phones: more than any customer has, and few enough for [`Lengths`].
const NAME_CHARS: usize = 1_000;
const SECTION: usize = 60_000;
const LONGEST_PHONE: usize = 32;

/// Appends the keys of a text.
pub(super) fn pack(text: &SearchText<'_>, out: &mut Vec<u8>) -> Lengths {
    let name = text.name.char_indices().nth(NAME_CHARS).map_or(text.name, |(end, _)| &text.name[..end]);
    spelling::push_cells(name, out);
    let cells = out.len();
    fold_into(name, out);
    let end_of_name = out.len();
    for word in text.words.iter().filter(|word| !word.is_empty()) {
        let end = out.len();
        out.push(BREAK);
        fold_into(word, out);
        if out.len() - cells > SECTION {
            out.truncate(end);
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
pub(super) fn push_digits(phone: &str, out: &mut Vec<u8>) {
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
