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
