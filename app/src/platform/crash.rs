//! A panic is a bug that stops the app. The console learns where and why; the person is told by the page itself (`#crashed` in
//! public/index.html), because nothing of the app can be relied on any more. What else stops WASM is caught in public/boot.js.
//!
//! Law: nobody's data leave by this way. A message may quote what was being worked on, so what is quoted or not ASCII is left out.

use leptos::logging::error;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

/// From now on every panic is told.
pub(crate) fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!("panic at {place}: {}", without_data(panic.payload_as_str().unwrap_or_default()));
        let notice = document().get_element_by_id("crashed").and_then(|found| found.dyn_into::<HtmlDialogElement>().ok());
        if let Some(notice) = notice.filter(|notice| !notice.open()) {
            drop(notice.show_modal());
        }
    }));
}

fn without_data(message: &str) -> String {
    let mut kept = String::new();
    let mut quoted = None;
    let mut letters = message.chars();
    while let Some(letter) = letters.next() {
        match (quoted, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(mark), letter) if letter == mark => quoted = None,
            (Some(_), _) => {}
            (None, '"' | '`') => {
                quoted = Some(letter);
                kept.push('…');
            }
            (None, letter) if letter.is_ascii() => kept.push(letter),
            (None, _) if kept.ends_with('…') => {}
            (None, _) => kept.push('…'),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::without_data;

    #[test]
    fn a_message_keeps_what_it_says_and_loses_what_it_quotes() {
        for (message, kept) in [
            ("could not retrieve random bytes for uuid", "could not retrieve random bytes for uuid"),
            ("index out of bounds: the len is 3 but the index is 7", "index out of bounds: the len is 3 but the index is 7"),
            (
                "byte index 1 is not a char boundary; it is inside '陳' (bytes 0..3) of `陳雅婷`",
                "byte index 1 is not a char boundary; it is inside '…' (bytes 0..3) of …",
            ),
            (
                r#"why it cannot happen: Error("invalid type: string \"0933-000-111\", expected u64", line: 1)"#,
                "why it cannot happen: Error(…, line: 1)",
            ),
            ("never closed: \"陳雅婷 0933", "never closed: …"),
        ] {
            assert_eq!(without_data(message), kept);
        }
    }
}
