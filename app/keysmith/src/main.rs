//! The keysmith: a worker that turns a passphrase into a key with Argon2id (RFC 9106). A worker, because it takes a large part of a second and
//! 64 MiB: the page never waits, and the memory goes with the worker.
//!
//! In: `{passphrase, salt, memoryKib, passes}`, `salt` an ArrayBuffer. Out: an ArrayBuffer of 32 bytes, or null for a message that is none.
//! The very first message out is the text `ready`: what was sent before it is lost.

use argon2::{Algorithm, Argon2, Params, Version};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let worker = scope();
    let on_order = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        post(&key(&event.data()).map_or(JsValue::NULL, |key| Uint8Array::from(key.as_slice()).buffer().into()));
    });
    worker.set_onmessage(Some(on_order.as_ref().unchecked_ref()));
    on_order.forget();
    post(&JsValue::from_str("ready"));
}

fn key(order: &JsValue) -> Option<[u8; 32]> {
    let field = |name: &str| Reflect::get(order, &JsValue::from_str(name)).ok();
    let passphrase = field("passphrase")?.as_string()?;
    let salt = Uint8Array::new(&field("salt")?).to_vec();
    let (memory, passes) = (field("memoryKib")?.as_f64()? as u32, field("passes")?.as_f64()? as u32);
    let params = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(passphrase.as_bytes(), &salt, &mut key).ok()?;
    Some(key)
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(message: &JsValue) {
    scope().post_message(message).expect("bytes, null and a text can always be posted");
}
