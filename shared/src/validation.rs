//! Checks that several rules share. Lengths count characters (Unicode scalar values).

use crate::rejection::{Field, Rejection};
use crate::time::{Timestamp, is_plausible};

/// Longest name of a person, company or thing.
pub const NAME_MAX: usize = 100;
/// Longest free text.
pub const WORDS_MAX: usize = 2_000;

/// A text of at most `max` characters without control characters other than line breaks and tabs.
pub(crate) fn text(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    plain(field, value, max, |c| matches!(c, '\n' | '\r' | '\t'))
}

/// A text of one line and at most `max` characters, without control characters.
pub(crate) fn line(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    plain(field, value, max, |_| false)
}

/// A [`line`] on which something can be seen.
pub(crate) fn required(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    need_visible(field, value)?;
    line(field, value, max)
}

/// A [`text`] in which something can be seen.
pub(crate) fn required_text(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    need_visible(field, value)?;
    text(field, value, max)
}

/// A name as it is stored: nothing invisible in it, no white space around it. Copied names and phone books bring such characters along,
/// and two names that look alike must be alike.
pub(crate) fn tidy(value: &str) -> String {
    let visible: String = value.chars().filter(|&c| !is_invisible(c)).collect();
    visible.trim().to_owned()
}

/// An instant that a person can mean.
pub(crate) fn instant(field: Field, value: Timestamp) -> Result<(), Rejection> {
    if is_plausible(value) { Ok(()) } else { Err(Rejection::Malformed { field }) }
}

/// A number within bounds.
pub(crate) fn within(field: Field, value: i64, min: i64, max: i64) -> Result<(), Rejection> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(Rejection::OutOfRange { field, min, max }) }
}

/// The length of a list.
pub(crate) fn length(field: Field, len: usize, min: i64, max: i64) -> Result<(), Rejection> {
    within(field, i64::try_from(len).unwrap_or(i64::MAX), min, max)
}

/// One `@` with something on both sides, a dot after it, no white space: what can be said of an address without sending to it.
pub(crate) fn email(value: &str) -> Result<(), Rejection> {
    text(Field::Email, value, 254)?;
    let plausible = value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains('@')
    });
    if value.is_empty() || (plausible && !value.contains(char::is_whitespace)) { Ok(()) } else { Err(Rejection::Malformed { field: Field::Email }) }
}

fn plain(field: Field, value: &str, max: usize, allowed: fn(char) -> bool) -> Result<(), Rejection> {
    let found = value.chars().count();
    if found > max {
        return Err(Rejection::TooLong { field, max: count(max), found: count(found) });
    }
    if value.chars().any(|c| c.is_control() && !allowed(c)) { Err(Rejection::Malformed { field }) } else { Ok(()) }
}

fn need_visible(field: Field, value: &str) -> Result<(), Rejection> {
    if value.chars().all(|c| c.is_whitespace() || is_invisible(c)) { Err(Rejection::Required { field }) } else { Ok(()) }
}

/// Marks of direction and of zero width. Joiners stay: emoji and some scripts need them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
