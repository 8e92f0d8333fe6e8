//! Workers of our own: one question at a time, and none that waits for ever.

use super::object::object;
use futures::channel::mpsc;
use futures::{FutureExt, StreamExt, select_biased};
use gloo_timers::future::TimeoutFuture;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

/// Their modules are small; one that is not ready or does not answer by then never will.
const PATIENCE_MS: u32 = 15_000;

/// A worker that has said that it is ready. It ends when this is dropped.
pub(crate) struct Worker {
    worker: web_sys::Worker,
    answers: mpsc::UnboundedReceiver<Option<JsValue>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(JsValue)>,
}

impl Worker {
    /// Starts it from its loader; none if it does not get ready.
    pub(crate) async fn start(loader: &str) -> Option<Self> {
        let worker = web_sys::Worker::new(loader).ok()?;
        let (sender, answers) = mpsc::unbounded();
        let failures = sender.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| drop(sender.unbounded_send(Some(event.data()))));
        let on_error = Closure::<dyn Fn(JsValue)>::new(move |_| drop(failures.unbounded_send(None)));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let mut started = Self { worker, answers, _on_message: on_message, _on_error: on_error };
        started.answer().await.map(|_ready| started)
    }

    /// Its answer to a message of these fields; what is in `handed_over` belongs to the worker then. None if it failed or stays silent.
    pub(crate) async fn ask(&mut self, fields: &[(&str, &JsValue)], handed_over: &[&JsValue]) -> Option<JsValue> {
        self.ask_within(PATIENCE_MS, fields, handed_over).await
    }

    /// As [`Self::ask`], for what may take longer.
    pub(crate) async fn ask_within(&mut self, patience_ms: u32, fields: &[(&str, &JsValue)], handed_over: &[&JsValue]) -> Option<JsValue> {
        self.worker.post_message_with_transfer(&object(fields), &handed_over.iter().copied().collect::<Array>()).ok()?;
        self.answer_within(patience_ms).await
    }

    async fn answer(&mut self) -> Option<JsValue> {
        self.answer_within(PATIENCE_MS).await
    }

    async fn answer_within(&mut self, patience_ms: u32) -> Option<JsValue> {
        select_biased! {
            answer = self.answers.next() => answer.flatten(),
            () = TimeoutFuture::new(patience_ms).fuse() => None,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
