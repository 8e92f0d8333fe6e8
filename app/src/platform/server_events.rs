//! Server-sent events: the server pokes, the device asks.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{EventSource, MessageEvent};

/// An open stream. The browser reconnects by itself, except after an answer that is no stream.
pub(crate) struct ServerEvents {
    source: EventSource,
    _listener: EventListener,
}

impl ServerEvents {
    /// Opens a stream; `hear` gets each event's data.
    pub(crate) fn open(path: &str, hear: impl Fn(String) + 'static) -> Option<Self> {
        let source = EventSource::new(path).ok()?;
        let listener = EventListener::new(&source, "message", move |event| {
            if let Some(text) = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string()) {
                hear(text);
            }
        });
        Some(Self { source, _listener: listener })
    }

    /// Whether the browser has given it up.
    pub(crate) fn is_closed(&self) -> bool {
        self.source.ready_state() == EventSource::CLOSED
    }
}

impl Drop for ServerEvents {
    fn drop(&mut self) {
        self.source.close();
    }
}
