//! What the server said last that is no row, such as figures of the whole organisation: it survives closing, update and lock, sealed like
//! everything of the person, and goes when they log out or lose access. It lies beside the drafts: the store needs no step for it.

use super::desk;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Forms have other names.
fn place(name: &str) -> String {
    format!("kept/{name}")
}

/// What is kept under a name; none if nothing is, or an older app wrote something else.
#[must_use]
pub(crate) fn of<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_str(&desk::draft(&place(name))?).ok()
}

/// Keeps it.
pub(crate) fn keep<T: Serialize>(name: &str, value: &T) {
    if let Ok(text) = serde_json::to_string(value) {
        desk::set_draft(&place(name), Some(text));
    }
}

/// Forgets it.
pub(crate) fn forget(name: &str) {
    desk::set_draft(&place(name), None);
}
