//! What is stored, as the values of the database: bytes, and numbers and texts where they are keys.

use crate::platform::storage::{StorageFailure, from_js, to_js};
use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::time::Timestamp;
use uuid::Uuid;
use wasm_bindgen::JsValue;

pub(super) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("what is stored holds only maps with text keys, so it always serialises")
}

pub(super) fn write<T: Serialize>(value: &T) -> JsValue {
    to_js(&json(value))
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageFailure> {
    // From text like everything else that is read: another source would double the code of every type.
    let text = std::str::from_utf8(bytes).map_err(|_| StorageFailure::Broken)?;
    serde_json::from_str(text).map_err(|_| StorageFailure::Broken)
}

pub(super) fn read<T: DeserializeOwned>(value: Option<&JsValue>) -> Result<T, StorageFailure> {
    parse(&value.and_then(from_js).ok_or(StorageFailure::Broken)?)
}

/// Numbers of the database are floats; ours stay far below 2^53.
pub(super) fn count(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

pub(super) fn instant(at: Timestamp) -> JsValue {
    JsValue::from_f64(at.timestamp_millis() as f64)
}

pub(super) fn number(value: Option<&JsValue>) -> Result<u64, StorageFailure> {
    value.and_then(JsValue::as_f64).filter(|number| *number >= 0.0).map(|number| number as u64).ok_or(StorageFailure::Broken)
}

pub(super) fn uuid_key(uuid: Uuid) -> JsValue {
    JsValue::from_str(&uuid.to_string())
}

pub(super) fn field(record: &JsValue, name: &str) -> Result<JsValue, StorageFailure> {
    Reflect::get(record, &name.into()).ok().filter(|value| !value.is_undefined()).ok_or(StorageFailure::Broken)
}
