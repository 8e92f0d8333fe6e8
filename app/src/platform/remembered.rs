//! Small choices of the person at this browser (saved views, column matchings): never customers' data, which belongs into the replica.

use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

/// None where the browser keeps nothing for us, or nothing any more: WebKit takes it away from a page that is on its way out.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What was remembered under a name; none if nothing was, or an older version wrote something else.
#[must_use]
pub fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_str(&storage()?.get_item(name).ok()??).ok()
}

/// Remembers something. A browser that keeps nothing only loses the convenience.
pub fn set<T: Serialize>(name: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        drop(storage.set_item(name, &text));
    }
}

/// Everything whose name begins so, with its JSON.
pub(crate) fn all(beginning: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let names = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    let named = names.filter(|name| name.starts_with(beginning));
    named.filter_map(|name| Some((name.clone(), storage.get_item(&name).ok().flatten()?))).collect()
}

/// Forgets it.
pub(crate) fn forget(name: &str) {
    if let Some(storage) = storage() {
        drop(storage.remove_item(name));
    }
}
