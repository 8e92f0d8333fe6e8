//! The device's own sheet for sharing a text.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::ShareData;

/// Whether the browser can share texts.
#[must_use]
pub fn is_offered() -> bool {
    web_sys::window().is_some_and(|window| Reflect::has(&window.navigator(), &JsValue::from_str("share")).unwrap_or(false))
}

/// Opens the sheet. A person who closes it has shared nothing, which is no failure.
pub async fn text(text: &str) {
    let Some(window) = web_sys::window() else { return };
    let data: ShareData = Object::new().unchecked_into();
    data.set_text(text);
    drop(wasm_bindgen_futures::JsFuture::from(window.navigator().share_with_data(&data)).await);
}
