//! The number on the app's icon, where the device shows one: Chromium and WebKit for installed apps.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Shows a number; none for 0.
pub(crate) fn show(count: usize) {
    if count == 0 {
        return clear();
    }
    call("setAppBadge", &[&JsValue::from(u32::try_from(count).unwrap_or(u32::MAX))]);
}

/// Takes the number away.
pub(crate) fn clear() {
    call("clearAppBadge", &[]);
}

fn call(name: &str, arguments: &[&JsValue]) {
    let Some(window) = web_sys::window() else { return };
    let navigator: JsValue = window.navigator().into();
    let function: Option<Function> = Reflect::get(&navigator, &name.into()).ok().and_then(|it| it.dyn_into().ok());
    let Some(function) = function else { return };
    let answer = function.apply(&navigator, &arguments.iter().copied().collect::<js_sys::Array>());
    if let Some(asked) = answer.ok().and_then(|answer| answer.dyn_into::<Promise>().ok()) {
        spawn_local(async move {
            // Refused in a page that is not installed: there is no icon to show it on.
            let _refused = JsFuture::from(asked).await;
        });
    }
}
