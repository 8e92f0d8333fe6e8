//! What was typed into a form and not saved yet (clause N3): it survives closing, crash, update and lock, sealed like everything of the person,
//! and goes when they log out. Of a form only the fields are kept in which something was typed or chosen.
//!
//! Forms read it at once, so all drafts are in memory; what changes is stored behind them, the latest only, and other tabs take it over.

use super::desk;
use serde_json::{Map, Value};

/// What was typed, by field.
pub type Typed = Map<String, Value>;

/// What was typed into a form; nothing if an older app wrote something else.
#[must_use]
pub fn of(form: &str) -> Typed {
    desk::draft(form).and_then(|draft| serde_json::from_str(&draft).ok()).unwrap_or_default()
}

/// Keeps what was typed into a form; with nothing in it, the draft is forgotten.
pub fn keep(form: &str, typed: Typed) {
    desk::set_draft(form, (!typed.is_empty()).then(|| Value::Object(typed).to_string()));
}

/// Waits until what was typed last is stored: then the page may go.
pub async fn stored() {
    if let Some(open) = desk::opened() {
        open.store_drafts().await;
    }
}

/// Whether everything that was typed is stored; tracked.
#[must_use]
pub fn are_stored() -> bool {
    desk::drafts_are_stored()
}
