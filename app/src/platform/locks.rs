//! Web Locks: one tab at a time does what only one may do.

use super::object::object;
use futures::channel::oneshot;
use futures::future::pending;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// A lock that this tab holds, until it is dropped, another tab takes it away, or the tab is gone.
pub(crate) struct Hold {
    release: Option<Function>,
    lost: oneshot::Receiver<()>,
}

/// Waits until no other tab holds the lock of a name. Browsers without locks (pages that are not secure) give it at once.
pub(crate) async fn hold(name: &str) -> Hold {
    Hold::request(name, &[]).await.expect("only a lock that is asked for if it is free is refused")
}

/// The lock of a name, if nobody holds it. Browsers without locks give it.
pub(crate) async fn hold_if_free(name: &str) -> Option<Hold> {
    Hold::request(name, &[("ifAvailable", &JsValue::TRUE)]).await
}

/// The lock of a name, taken away from whoever holds it.
pub(crate) async fn steal(name: &str) -> Hold {
    Hold::request(name, &[("steal", &JsValue::TRUE)]).await.expect("only a lock that is asked for if it is free is refused")
}

impl Hold {
    async fn request(name: &str, options: &[(&str, &JsValue)]) -> Option<Self> {
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let (tell_lost, lost) = oneshot::channel();
        // From here on dropping the future gives the lock back, even one that is granted later.
        let hold = Self { release, lost };
        let (grant, granted) = oneshot::channel();
        let on_grant = Closure::once_into_js(move |lock: JsValue| {
            let _left = grant.send(!lock.is_null());
            held
        });
        let Some(ended) = request(name, options, &on_grant) else { return Some(hold) };
        spawn_local(async move {
            // Only a lock that was taken away ends so.
            if JsFuture::from(ended).await.is_err() {
                let _gone = tell_lost.send(());
            }
        });
        granted.await.unwrap_or(true).then_some(hold)
    }

    /// Waits until another tab has taken it away.
    pub(crate) async fn lost(&mut self) {
        if (&mut self.lost).await.is_err() {
            // A browser without locks takes none away.
            pending().await
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _nothing_to_tell = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Asks for a lock; the promise ends with it.
fn request(name: &str, options: &[(&str, &JsValue)], on_grant: &JsValue) -> Option<Promise> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    request.call3(&locks, &name.into(), &object(options), on_grant).ok()?.dyn_into().ok()
}
