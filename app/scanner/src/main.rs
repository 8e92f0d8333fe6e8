//! The scanner: a worker that reads QR codes out of camera frames, so that the page never waits for one.
//!
//! In: `{width, height, rgba}`, `rgba` an ArrayBuffer of `width * height * 4` bytes that is handed over. Out: `{codes, ms}` for each frame,
//! `codes` the texts found and `ms` how long it took. The very first message out is the text `ready`: what was sent before it is lost.

mod decode;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let worker = scope();
    let on_frame = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| answer(&event.data()));
    worker.set_onmessage(Some(on_frame.as_ref().unchecked_ref()));
    on_frame.forget();
    post(&JsValue::from_str("ready"));
}

fn answer(frame: &JsValue) {
    let started = now();
    let codes = read(frame).unwrap_or_default();
    let texts: Array = codes.iter().map(|text| JsValue::from_str(text)).collect();
    let out = Object::new();
    set(&out, "codes", &texts);
    set(&out, "ms", &JsValue::from_f64(now() - started));
    post(&out);
}

/// None if the message is no frame: that is the page's mistake and must not stop the worker.
fn read(frame: &JsValue) -> Option<Vec<String>> {
    let field = |name: &str| Reflect::get(frame, &JsValue::from_str(name)).ok();
    let width = field("width")?.as_f64()? as usize;
    let height = field("height")?.as_f64()? as usize;
    let rgba = Uint8Array::new(&field("rgba")?).to_vec();
    Some(decode::codes_in(width, height, &decode::luma_of(&rgba)))
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn now() -> f64 {
    scope().performance().map_or(0.0, |clock| clock.now())
}

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &JsValue::from_str(name), value).expect("a new plain object takes any property");
}

fn post(message: &JsValue) {
    scope().post_message(message).expect("plain texts and numbers can always be posted");
}
