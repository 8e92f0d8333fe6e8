//! A key in memory, handed on: to another tab that opens, and over a reload or an update, for which the service worker holds it a moment.
//!
//! Nothing of it reaches a disk: messages carry a key that no script can read. When the last page is gone and the browser has ended the
//! service worker, the key is gone.

use super::object::object;
use super::vault::Key;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageChannel, MessageEvent, ServiceWorker};

const CHANNEL: &str = "huixiao-keys";
/// Whoever has the key answers in a few milliseconds; a service worker that must be started first has none.
const PATIENCE_MS: u32 = 400;

/// Keeps a key for other tabs, and for this one over a reload.
pub(crate) struct Keeper {
    owner: String,
    channel: Option<BroadcastChannel>,
    _listeners: Vec<EventListener>,
}

impl Keeper {
    /// Answers whoever asks for the owner's key. `forgotten` is called when another tab has locked.
    pub(crate) fn new(owner: String, key: &Key, forgotten: impl Fn() + 'static) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let mut listeners = Vec::new();
        if let Some(channel) = &channel {
            let (owner, key, answers) = (owner.clone(), key.to_js(), channel.clone());
            listeners.push(EventListener::new(channel, "message", move |event| {
                let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
                if says(&event.data(), "want", &owner) {
                    let _closed = answers.post_message(&given(&owner, &key));
                } else if says(&event.data(), "forget", &owner) {
                    forgotten();
                }
            }));
        }
        if let Some(window) = web_sys::window() {
            let (owner, key) = (owner.clone(), key.to_js());
            listeners.push(EventListener::new(&window, "pagehide", move |_| tell_worker(&given(&owner, &key), None)));
        }
        Self { owner, channel, _listeners: listeners }
    }

    /// The key is to be forgotten everywhere.
    pub(crate) fn forget(self) {
        order_to_forget(&self.owner, self.channel.as_ref());
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

/// An owner's key that is not held here is to be forgotten everywhere.
pub(crate) fn forget(owner: &str) {
    let channel = BroadcastChannel::new(CHANNEL).ok();
    order_to_forget(owner, channel.as_ref());
    if let Some(channel) = channel {
        channel.close();
    }
}

fn order_to_forget(owner: &str, channel: Option<&BroadcastChannel>) {
    let order = object(&[("forget", &JsValue::from_str(owner))]);
    if let Some(channel) = channel {
        let _closed = channel.post_message(&order);
    }
    tell_worker(&order, None);
}

/// The owner's key, if another tab or the service worker has it.
pub(crate) async fn ask(owner: &str) -> Option<Key> {
    let (tell, told) = oneshot::channel();
    let tell = Rc::new(RefCell::new(Some(tell)));
    let hear = move |event: &web_sys::Event| {
        let data = event.dyn_ref::<MessageEvent>()?.data();
        let key = Key::from_js(&Reflect::get(&data, &"key".into()).ok()?)?;
        let _late = tell.take()?.send(key);
        Some(())
    };
    let hear = Rc::new(hear);
    let question = object(&[("want", &JsValue::from_str(owner))]);
    let channel = BroadcastChannel::new(CHANNEL).ok();
    let ports = MessageChannel::new().ok();
    let mut listeners = Vec::new();
    if let Some(channel) = &channel {
        let (hear, owner) = (Rc::clone(&hear), owner.to_owned());
        listeners.push(EventListener::new(channel, "message", move |event| {
            // Tabs of other people answer others here.
            let is_ours = event.dyn_ref::<MessageEvent>().is_some_and(|event| says(&event.data(), "given", &owner));
            if is_ours {
                let _heard = hear(event);
            }
        }));
        let _closed = channel.post_message(&question);
    }
    if let Some(ports) = &ports {
        listeners.push(EventListener::new(&ports.port1(), "message", move |event| {
            let _heard = hear(event);
        }));
        ports.port1().start();
        tell_worker(&question, Some(&ports.port2()));
    }
    let key = match select(told, pin!(TimeoutFuture::new(PATIENCE_MS))).await {
        Either::Left((key, _)) => key.ok(),
        Either::Right(_) => None,
    };
    if let Some(channel) = channel {
        channel.close();
    }
    key
}

fn given(owner: &str, key: &JsValue) -> Object {
    object(&[("given", &JsValue::from_str(owner)), ("key", key)])
}

fn says(data: &JsValue, what: &str, owner: &str) -> bool {
    data.is_object() && Reflect::get(data, &what.into()).is_ok_and(|value| value.as_string().as_deref() == Some(owner))
}

fn tell_worker(message: &JsValue, port: Option<&web_sys::MessagePort>) {
    let Some(worker) = super::service_worker::controller() else { return };
    let handed_over: Array = port.into_iter().collect();
    // A worker that is being replaced hears nothing; then the passphrase is asked for.
    let _deaf = ServiceWorker::post_message_with_transferable(&worker, message, &handed_over);
}
