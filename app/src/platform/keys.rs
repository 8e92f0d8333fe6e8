//! Keys of the whole page, before anything on it hears of them.

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// Hears keys until it is dropped.
pub(crate) struct Keys {
    _listener: EventListener,
}

impl Keys {
    /// `take` is told each key with its moment in milliseconds, and says whether nobody else is to hear of it. Keys for an input are not told.
    pub(crate) fn watch(take: impl Fn(&str, f64) -> bool + 'static) -> Option<Self> {
        let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
        let pressed = move |event: &web_sys::Event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>().filter(|key| !key.ctrl_key() && !key.meta_key() && !key.alt_key()) else { return };
            if !super::document::is_typing() && take(&key.key(), key.time_stamp()) {
                event.prevent_default();
                event.stop_immediate_propagation();
            }
        };
        let window = web_sys::window()?;
        Some(Self { _listener: EventListener::new_with_options(&window, "keydown", options, pressed) })
    }
}
