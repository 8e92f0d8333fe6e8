//! Marks pushy, misleading and exaggerated wording in a text to a guest, by the organisation's list (clause B2).
//!
//! Law: a wording is found however it is written: in either script of hanzi, in full width, in capitals, with spaces, dots or dashes put in between.
//! A mark tells bytes of the text as it was written.

use super::Wording;
use crate::customers::search::fold;
use std::ops::Range;

/// A wording found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark<'w> {
    /// Which bytes of the text.
    pub at: Range<usize>,
    /// What was found there.
    pub wording: &'w Wording,
}

/// The wordings of the list that a text has, from its beginning to its end. Where two overlap the first is told, of two that begin together the longer.
#[must_use]
pub fn marks<'w>(text: &str, list: &'w [Wording]) -> Vec<Mark<'w>> {
    let letters = letters(text);
    let list: Vec<(Vec<Letter>, &Wording)> =
        list.iter().map(|wording| (self::letters(&wording.phrase), wording)).filter(|(phrase, _)| !phrase.is_empty()).collect();
    let mut found = Vec::new();
    let mut place = 0;
    while place < letters.len() {
        let longest = list.iter().filter(|(phrase, _)| begins(&letters, place, phrase)).max_by_key(|(phrase, _)| phrase.len());
        match longest {
            Some((phrase, wording)) => {
                let last = place + phrase.len() - 1;
                found.push(Mark { at: letters[place].at.start..letters[last].at.end, wording });
                place = last + 1;
            }
            None => place += 1,
        }
    }
    found
}

/// Whether two phrases find the same.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    letters(one).iter().map(|letter| letter.folded).eq(letters(other).iter().map(|letter| letter.folded))
}

/// A character that counts, folded, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Letter {
    folded: char,
    at: Range<usize>,
}

/// The characters that count. White space does between two letters of the alphabet only: 保 證 is 保證, but "no risk" is two words.
fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        let Some(folded) = fold(c) else { continue };
        let after_space = letters.last().is_some_and(|last| last.folded == ' ');
        if folded == ' ' && (after_space || letters.is_empty()) {
            continue;
        }
        if after_space {
            let before = letters.iter().rev().nth(1);
            if !(is_alphabetic(folded) && before.is_some_and(|before| is_alphabetic(before.folded))) {
                letters.pop();
            }
        }
        letters.push(Letter { folded, at: start..start + c.len_utf8() });
    }
    if letters.last().is_some_and(|last| last.folded == ' ') {
        letters.pop();
    }
    letters
}

/// Whether a phrase begins at a place. Words of the alphabet are found whole: "best" is not in "bestow".
fn begins(letters: &[Letter], place: usize, phrase: &[Letter]) -> bool {
    let Some(here) = letters.get(place..place + phrase.len()) else { return false };
    let same = here.iter().zip(phrase).all(|(one, other)| one.folded == other.folded);
    let parts = |before: Option<&Letter>, after: Option<&Letter>| {
        !before.zip(after).is_some_and(|(before, after)| is_alphabetic(before.folded) && is_alphabetic(after.folded))
    };
    let before = place.checked_sub(1).and_then(|place| letters.get(place));
    same && parts(before, here.first()) && parts(here.last(), letters.get(place + phrase.len()))
}

const fn is_alphabetic(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Fault, Texts};
    use proptest::prelude::*;

    fn list(phrases: &[&str]) -> Vec<Wording> {
        let wording = |(number, phrase): (usize, &&str)| Wording {
            code: format!("w{number}"),
            phrase: (*phrase).into(),
            fault: Fault::Exaggerated,
            why: Texts::default(),
        };
        phrases.iter().enumerate().map(wording).collect()
    }

    fn found<'t>(text: &'t str, phrases: &[&str]) -> Vec<&'t str> {
        marks(text, &list(phrases)).into_iter().map(|mark| &text[mark.at]).collect()
    }

    #[test]
    fn b2_a_wording_is_found_in_either_script_in_full_width_and_with_anything_in_between() {
        for (text, expected) in [
            ("我們保證獲利，快來", "保證獲利"),
            ("我们保证获利，快来", "保证获利"),
            ("我們保 證 獲 利", "保 證 獲 利"),
            ("保-證・獲‧利！", "保-證・獲‧利"),
            ("這是 NO RISK 的", "NO RISK"),
            ("這是ｎｏ　ｒｉｓｋ的", "ｎｏ　ｒｉｓｋ"),
            ("這是no  risk的", "no  risk"),
            ("報酬率１００％", "１００％"),
            ("保\n證獲利", "保\n證獲利"),
        ] {
            assert_eq!(found(text, &["保證獲利", "no risk", "100%"]), [expected], "{text}");
            assert_eq!(found(text, &["保证获利", "No Risk", "１００％"]), [expected], "the list may be written either way: {text}");
        }
    }

    #[test]
    fn b2_words_of_the_alphabet_are_found_whole() {
        assert_eq!(found("the best, bestow, Best!", &["best"]), ["best", "Best"]);
        assert_eq!(found("norisk", &["no risk"]), Vec::<&str>::new());
        assert_eq!(found("全台第1名", &["第1"]), ["第1"]);
        assert_eq!(found("第12名", &["第1"]), Vec::<&str>::new());
    }

    #[test]
    fn b2_of_two_wordings_that_overlap_the_longer_is_told_and_none_twice() {
        assert_eq!(found("最後機會最後", &["最後", "最後機會"]), ["最後機會", "最後"]);
        assert_eq!(found("", &["最後"]), Vec::<&str>::new());
        assert_eq!(found("最後", &["", " ", "-"]), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn b2_a_mark_is_a_part_of_the_text_and_marks_do_not_overlap(text in "[ a-c保證获獲利-]{0,30}", phrase in "[ a-c保证獲]{0,4}", other in "[a-c利保]{1,3}") {
            let list = list(&[&phrase, &other]);
            let marks = marks(&text, &list);
            let mut end = 0;
            for mark in &marks {
                prop_assert!(mark.at.start >= end && mark.at.end <= text.len());
                prop_assert!(text.is_char_boundary(mark.at.start) && text.is_char_boundary(mark.at.end));
                end = mark.at.end;
            }
        }
    }
}
