//! Installing to the home screen where the browser offers it (Chromium); elsewhere the page explains how.

use crate::state::install::Way;
use gloo_events::EventListener;
use leptos::prelude::*;
use leptos::web_sys::Event;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static OFFER: ArcRwSignal<Option<SendWrapper<Event>>> = ArcRwSignal::new(None);
}

/// Keeps the browser's offer until the person wants it.
pub(crate) fn watch() {
    let options = gloo_events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window(), "beforeinstallprompt", options, |event| {
        event.prevent_default();
        OFFER.with(|offer| offer.set(Some(SendWrapper::new(event.clone()))));
    })
    .forget();
}

/// How this browser does it, by what it says of itself.
pub(crate) fn way() -> Way {
    let navigator = window().navigator();
    Way::of(&navigator.user_agent().unwrap_or_default(), navigator.max_touch_points())
}

/// Whether the browser offers it; tracked.
pub(crate) fn is_offered() -> bool {
    OFFER.with(|offer| offer.with(Option::is_some))
}

/// Takes the offer: the browser asks the person.
pub(crate) fn take() {
    let Some(event) = OFFER.with(|offer| offer.try_update(Option::take)).flatten() else { return };
    let prompt = js_sys::Reflect::get(&event, &JsValue::from_str("prompt")).ok().and_then(|prompt| prompt.dyn_into::<js_sys::Function>().ok());
    if let Some(prompt) = prompt {
        drop(prompt.call0(&event));
    }
}
