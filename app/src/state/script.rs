//! A text to a guest while it is written: what is marked in it and why, which blanks it cannot fill, and what it costs as a text message (clause B2).

use shared::invitations::sms::{self, SmsLength};
use shared::settings::wording::marks;
use shared::settings::{Fault, Language, Wording};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// A wording of the list.
    Marked {
        /// As it was written.
        text: String,
        /// What is wrong with it.
        fault: Fault,
        /// Why, and what to say instead.
        why: String,
    },
}

/// What is to be said about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The text, whole, in pieces.
    pub pieces: Vec<Piece>,
    /// What it costs as a text message.
    pub sms: SmsLength,
}

impl Review {
    /// What was marked, each wording once.
    #[must_use]
    pub fn marked(&self) -> Vec<(&str, Fault, &str)> {
        let mut marked: Vec<(&str, Fault, &str)> = Vec::new();
        for piece in &self.pieces {
            if let Piece::Marked { text, fault, why } = piece
                && !marked.iter().any(|(known, ..)| known == text)
            {
                marked.push((text.as_str(), *fault, why.as_str()));
            }
        }
        marked
    }
}

/// Looks at a text; the reasons are told in a language.
#[must_use]
pub fn review(text: &str, list: &[Wording], language: Language) -> Review {
    let mut pieces = Vec::new();
    let mut end = 0;
    let plain = |pieces: &mut Vec<Piece>, text: &str| {
        if !text.is_empty() {
            pieces.push(Piece::Plain(text.to_owned()));
        }
    };
    for mark in marks(text, list) {
        plain(&mut pieces, &text[end..mark.at.start]);
        end = mark.at.end;
        let why = mark.wording.why.nearest(language).to_owned();
        pieces.push(Piece::Marked { text: text[mark.at].to_owned(), fault: mark.wording.fault, why });
    }
    plain(&mut pieces, &text[end..]);
    Review { pieces, sms: sms::length(text) }
}

/// A text with a piece put in where the cursor stands, counted in UTF-16 units as browsers do; at the end if it stands nowhere.
#[must_use]
pub fn put_in(text: &str, piece: &str, cursor: Option<usize>) -> String {
    let mut units = 0;
    let place = text.char_indices().find(|(_, c)| {
        let here = units;
        units += c.len_utf16();
        cursor.is_some_and(|cursor| here >= cursor)
    });
    let at = place.map_or(text.len(), |(at, _)| at);
    format!("{}{piece}{}", &text[..at], &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::settings::Texts;

    fn list() -> Vec<Wording> {
        let wording = |code: &str, phrase: &str, fault, zh: &str, en: &str| Wording {
            code: code.into(),
            phrase: phrase.into(),
            fault,
            why: Texts { zh_hant: zh.into(), zh_hans: String::new(), en: en.into() },
        };
        vec![
            wording("a", "最後機會", Fault::Pushy, "別催", "Do not press"),
            wording("b", "保證獲利", Fault::Misleading, "沒有人能保證", "Nobody can promise"),
        ]
    }

    #[test]
    fn b2_a_marked_text_is_whole_and_each_mark_says_why() {
        let text = "王先生，最後机会！這次保證獲利，最後机会。";
        let found = review(text, &list(), Language::ZhHant);
        let whole: String = found
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Plain(text) | Piece::Marked { text, .. } => text.as_str(),
            })
            .collect();
        assert_eq!(whole, text);
        assert_eq!(found.marked(), [("最後机会", Fault::Pushy, "別催"), ("保證獲利", Fault::Misleading, "沒有人能保證")]);
        assert_eq!(review(text, &list(), Language::En).marked()[0].2, "Do not press");
    }

    #[test]
    fn b2_a_variable_is_put_in_where_the_cursor_stands() {
        for (cursor, text) in [
            (Some(0), "{x}您😀好"),
            (Some(1), "您{x}😀好"),
            (Some(3), "您😀{x}好"),
            (Some(2), "您😀{x}好"),
            (Some(99), "您😀好{x}"),
            (None, "您😀好{x}"),
        ] {
            assert_eq!(put_in("您😀好", "{x}", cursor), text, "{cursor:?}");
        }
        assert_eq!(put_in("", "{x}", Some(0)), "{x}");
    }

    #[test]
    fn b2_a_text_says_what_it_costs() {
        let found = review(&format!("{{coustomer}}{}", "字".repeat(70)), &list(), Language::En);
        assert_eq!(found.sms.segments, 2);
        assert_eq!(review("", &list(), Language::En).pieces, []);
    }
}
