//! What was typed into a form and not saved yet (clause N3): it survives closing, crash and update, sealed like everything of the person, and
//! goes when they log out.
//!
//! Forms read it at once, so all drafts are in memory; what changes is stored behind them, the latest only.

use super::desk;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The draft of a form; none if there is none, or an older app wrote something else.
#[must_use]
pub fn get<T: DeserializeOwned>(form: &str) -> Option<T> {
    desk::draft(form).and_then(|draft| serde_json::from_str(&draft).ok())
}

/// Keeps a draft.
pub fn set<T: Serialize>(form: &str, draft: &T) {
    let text = serde_json::to_string(draft).expect("drafts hold only maps with text keys, so they always serialise");
    desk::set_draft(form, Some(text));
}

/// Forgets a draft: it was saved, or thrown away.
pub fn remove(form: &str) {
    desk::set_draft(form, None);
}
