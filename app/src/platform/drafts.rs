//! What was typed into a form and not saved yet (clause N3): it survives closing, crash and update, and belongs to the person who typed it.

use gloo_storage::{LocalStorage, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::ids::UserId;

/// The draft of a form; none if there is none.
#[must_use]
pub fn get<T: DeserializeOwned>(owner: UserId, form: &str) -> Option<T> {
    LocalStorage::get(name(owner, form)).ok()
}

/// Keeps a draft.
pub fn set<T: Serialize>(owner: UserId, form: &str, draft: &T) {
    drop(LocalStorage::set(name(owner, form), draft));
}

/// Forgets a draft: it was saved, or thrown away.
pub fn remove(owner: UserId, form: &str) {
    LocalStorage::delete(name(owner, form));
}

/// Forgets all drafts of a person: they have logged out.
pub fn remove_all(owner: UserId) {
    let storage = LocalStorage::raw();
    let own = name(owner, "");
    let names: Vec<String> = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten()).collect();
    names.iter().filter(|name| name.starts_with(&own)).for_each(LocalStorage::delete);
}

fn name(owner: UserId, form: &str) -> String {
    format!("draft/{owner}/{form}")
}
