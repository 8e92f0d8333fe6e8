//! A screen that stays on while something stands on it, and fills the display; where browsers offer that. The others go dark as usual.

use super::page;
use gloo_events::EventListener;
use js_sys::{Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Keeps the screen on until it is dropped. A page that was out of sight loses that, and asks again when it is seen.
pub(crate) struct Awake {
    held: Rc<Held>,
    _listener: Option<EventListener>,
}

#[derive(Default)]
struct Held {
    is_over: Cell<bool>,
    lock: RefCell<Option<JsValue>>,
}

impl Awake {
    /// From now on.
    pub(crate) fn keep() -> Self {
        let held = Rc::new(Held::default());
        ask(Rc::clone(&held));
        let again = Rc::clone(&held);
        let listener = page::on_visibility(move || {
            if page::is_visible() {
                ask(Rc::clone(&again));
            }
        });
        Self { held, _listener: listener }
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.held.is_over.set(true);
        release(self.held.lock.take());
    }
}

/// Whether this browser can keep a screen on.
pub(crate) fn is_offered() -> bool {
    offered().is_some()
}

/// Fills the display with the page, if the browser lets it.
pub(crate) fn fill_display() {
    let Some(root) = web_sys::window().and_then(|window| window.document()?.document_element()) else { return };
    // At once, under the finger that asks for it. A phone of Apple's has none.
    if let Some(asked) = call(&root, "requestFullscreen", None) {
        spawn_local(async move {
            let _refused = JsFuture::from(asked).await;
        });
    }
}

fn offered() -> Option<JsValue> {
    let navigator: JsValue = web_sys::window()?.navigator().into();
    let lock = Reflect::get(&navigator, &"wakeLock".into()).ok()?;
    (!lock.is_undefined()).then_some(lock)
}

fn ask(held: Rc<Held>) {
    let Some(asked) = offered().and_then(|wake_lock| call(&wake_lock, "request", Some("screen"))) else { return };
    spawn_local(async move {
        // Refused with a low battery: the screen goes dark as it is set to.
        let Ok(lock) = JsFuture::from(asked).await else { return };
        if held.is_over.get() {
            release(Some(lock));
        } else {
            release(held.lock.replace(Some(lock)));
        }
    });
}

fn release(lock: Option<JsValue>) {
    if let Some(asked) = lock.and_then(|lock| call(&lock, "release", None)) {
        spawn_local(async move {
            let _released = JsFuture::from(asked).await;
        });
    }
}

fn call(of: &JsValue, name: &str, argument: Option<&str>) -> Option<Promise> {
    let function: Function = Reflect::get(of, &name.into()).ok()?.dyn_into().ok()?;
    let answer = match argument {
        Some(argument) => function.call1(of, &argument.into()),
        None => function.call0(of),
    };
    answer.ok()?.dyn_into().ok()
}
