//! Variables of the texts to guests and of contracts, and what is put in their places.

use crate::deals::contract::fill;

/// What may stand in braces in a text to a guest: name and salutation of the guest, the company inviting, who invites, the meeting's theme, day,
/// time and place. `company` is the guest's own.
pub const VARIABLES: [&str; 9] = ["customer", "salutation", "company", "rep", "org", "theme", "date", "time", "venue"];

/// What may stand in braces in a contract: its number, the company, the buyer, what is bought line by line, the total, the deposit, the instalments,
/// the contract whose place it takes, the day on which it is signed, and who sells.
pub const CONTRACT_VARIABLES: [&str; 10] = ["number", "org", "buyer", "items", "total", "deposit", "schedule", "replaces", "date", "rep"];

/// Without these a contract would not say who has agreed on what. What it leaves out of the others is added to it where it matters.
pub const CONTRACT_NEEDS: [&str; 5] = ["number", "org", "buyer", "items", "total"];

/// What the variables stand for in one text, each as people say it in the text's language. One that does not apply is empty.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named as in VARIABLES")]
pub struct Blanks<'a> {
    pub customer: &'a str,
    pub salutation: &'a str,
    pub company: &'a str,
    pub rep: &'a str,
    pub org: &'a str,
    pub theme: &'a str,
    pub date: &'a str,
    pub time: &'a str,
    pub venue: &'a str,
}

/// A text with its blanks filled.
#[must_use]
pub fn filled(template: &str, blanks: &Blanks<'_>) -> String {
    let values = [
        ("customer", blanks.customer),
        ("salutation", blanks.salutation),
        ("company", blanks.company),
        ("rep", blanks.rep),
        ("org", blanks.org),
        ("theme", blanks.theme),
        ("date", blanks.date),
        ("time", blanks.time),
        ("venue", blanks.venue),
    ];
    closed_up(&fill(template, &values))
}

/// A blank that stays empty (no salutation, no company) leaves no double space, and none before a comma.
fn closed_up(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if out.ends_with(' ') && (c == ' ' || matches!(c, ',' | '.' | '!' | '?' | '，' | '。' | '！' | '\n')) {
            out.pop();
        }
        out.push(c);
    }
    out
}

/// The variables that a contract needs and a text lacks.
#[must_use]
pub fn missing_variables(text: &str) -> Vec<&'static str> {
    CONTRACT_NEEDS.into_iter().filter(|name| !text.contains(&format!("{{{name}}}"))).collect()
}

/// The pieces in braces that are none of the variables, each once, as they were written: `{coustomer}`, and `{customer` whose end is missing.
#[must_use]
pub fn unknown_variables<'a>(text: &'a str, variables: &[&str]) -> Vec<&'a str> {
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start..];
        let inside = &rest[1..];
        let stop = inside.find(['{', '}', '\n']).unwrap_or(inside.len());
        let is_closed = inside[stop..].starts_with('}');
        let piece = &rest[..1 + stop + usize::from(is_closed)];
        let is_variable = is_closed && variables.contains(&&inside[..stop]);
        if !is_variable && !unknown.contains(&piece) {
            unknown.push(piece);
        }
        rest = &rest[piece.len()..];
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b2_what_is_no_variable_is_told_as_it_was_written() {
        for (text, unknown) in [
            ("{customer}{salutation}您好", &[][..]),
            ("{coustomer}您好，{theme}", &["{coustomer}"]),
            ("{x}{x}{ customer}", &["{x}", "{ customer}"]),
            ("{customer 您好", &["{customer 您好"]),
            ("{customer\n{theme}", &["{customer"]),
            ("{{customer}}", &["{"]),
            ("沒有變數 }", &[]),
            ("{", &["{"]),
            ("{}", &["{}"]),
        ] {
            assert_eq!(unknown_variables(text, &VARIABLES), unknown, "{text}");
        }
    }

    #[test]
    fn b2_every_variable_is_known() {
        let all: String = VARIABLES.iter().map(|name| format!("{{{name}}}")).collect();
        assert_eq!(unknown_variables(&all, &VARIABLES), Vec::<&str>::new());
    }

    #[test]
    fn f2_a_contract_needs_its_number_both_parties_the_items_and_the_total() {
        assert_eq!(missing_variables("{number} {org} {buyer} {items} {total}"), Vec::<&str>::new());
        assert_eq!(missing_variables("{number} {org} {items} {total"), ["buyer", "total"]);
    }
}
