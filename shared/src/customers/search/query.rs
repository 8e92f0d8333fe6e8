//! A query and its words: what each of them must find in an entry's keys.

use super::fold::fold;
use super::keys::{BREAK, Keys};
use super::mask::Mask;
use super::ranking::Rank;
use super::spelling::{self, Fit};
use memchr::memmem::Finder;

pub(super) struct Query<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) mask: Mask,
}

pub(super) struct Word<'a> {
    text: &'a [u8],
    finder: Finder<'a>,
    digits: bool,
    ending: bool,
    spelled: bool,
    ascii: bool,
}

/// The words of a query, folded.
pub(super) fn words_of(query: &str) -> Vec<String> {
    let folded: String = query.chars().filter_map(fold).collect();
    folded.split_whitespace().map(str::to_owned).collect()
}

impl<'a> Query<'a> {
    pub(super) fn of(words: &'a [String]) -> Self {
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

    pub(super) fn rank(&self, keys: &Keys<'_>) -> Option<Rank> {
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
pub(super) fn is_ending(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether whatever matches `words` has matched `before` too: each earlier word is the beginning of the word in its place.
pub(super) fn continues(before: &[String], words: &[String]) -> bool {
    let narrows = |(old, new): (&String, &String)| old == new || (new.starts_with(old.as_str()) && !is_ending(old));
    before.len() <= words.len() && before.iter().zip(words).all(narrows)
}
