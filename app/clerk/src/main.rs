//! The clerk: a worker that reads and writes spreadsheets, so that the page never waits and what reads them is not part of the first download.
//!
//! In, to read: `{bytes, sheet}`, `bytes` an ArrayBuffer that is handed over, `sheet` the number of the wished one among those that are shown, or absent.
//! Out: `{head, text}`: `head` the JSON of `Result<Found, Refusal>`, `text` an ArrayBuffer of the sheet's text in UTF-8; or null for a message
//! that is none. In, to write: `{table}`, an ArrayBuffer with the JSON of a `Table`; out: an ArrayBuffer of the workbook, or null. The very first message out is the text `ready`: what was sent before it is lost.

use clerk::read::read;
use clerk::write::{Table, write};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let worker = scope();
    let on_order = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| answer(&event.data()));
    worker.set_onmessage(Some(on_order.as_ref().unchecked_ref()));
    on_order.forget();
    post(&JsValue::from_str("ready"), &Array::new());
}

fn answer(order: &JsValue) {
    let field = |name: &str| Reflect::get(order, &JsValue::from_str(name)).ok().filter(|value| !value.is_undefined());
    if let Some(table) = field("table") {
        let book = serde_json::from_slice::<Table>(&Uint8Array::new(&table).to_vec()).ok().and_then(|table| write(&table).ok());
        let book: JsValue = book.map_or(JsValue::NULL, |book| Uint8Array::from(book.as_slice()).buffer().into());
        return if book.is_null() { post(&book, &Array::new()) } else { post(&book, &Array::of1(&book)) };
    }
    let Some(bytes) = field("bytes") else { return post(&JsValue::NULL, &Array::new()) };
    let wished = field("sheet").and_then(|sheet| sheet.as_f64()).map(|sheet| sheet as usize);
    let found = read(&Uint8Array::new(&bytes).to_vec(), wished);
    let head = serde_json::to_string(&found).expect("names and numbers always serialise");
    let text: JsValue = Uint8Array::from(found.map(|found| found.text).unwrap_or_default().as_bytes()).buffer().into();
    let out = Object::new();
    set(&out, "head", &JsValue::from_str(&head));
    set(&out, "text", &text);
    post(&out, &Array::of1(&text));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &JsValue::from_str(name), value).expect("a new plain object takes any property");
}

fn post(message: &JsValue, handed_over: &Array) {
    scope().post_message_with_transfer(message, handed_over).expect("texts and buffers of our own can always be posted");
}
