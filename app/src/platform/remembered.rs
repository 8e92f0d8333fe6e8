//! Small choices of the person at this browser (saved views, column matchings): never customers' data, which belongs into the replica.

use gloo_storage::{LocalStorage, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What was remembered under a name; none if nothing was, or an older version wrote something else.
#[must_use]
pub fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    LocalStorage::get(name).ok()
}

/// Remembers something. A browser that keeps nothing only loses the convenience.
pub fn set<T: Serialize>(name: &str, value: &T) {
    drop(LocalStorage::set(name, value));
}

/// Everything whose name begins so, with its JSON.
pub(crate) fn all(beginning: &str) -> Vec<(String, String)> {
    let storage = LocalStorage::raw();
    let names = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    let named = names.filter(|name| name.starts_with(beginning));
    named.filter_map(|name| Some((name.clone(), storage.get_item(&name).ok().flatten()?))).collect()
}

/// Forgets it.
pub(crate) fn forget(name: &str) {
    LocalStorage::delete(name);
}
