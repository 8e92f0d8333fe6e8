//! Checks that several rules share. Lengths count characters (Unicode scalar values).

use crate::rejection::{Field, Rejection};

/// Longest name of a person, company or thing.
pub const NAME_MAX: usize = 100;
/// Longest free text.
pub const WORDS_MAX: usize = 2_000;

/// A text of at most `max` characters without control characters other than line breaks and tabs.
pub(crate) fn text(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    let found = value.chars().count();
    if found > max {
        return Err(Rejection::TooLong { field, max: count(max), found: count(found) });
    }
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Rejection::Malformed { field });
    }
    Ok(())
}

/// A text that must be there, of at most `max` characters.
pub(crate) fn required(field: Field, value: &str, max: usize) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        return Err(Rejection::Required { field });
    }
    text(field, value, max)
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

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
