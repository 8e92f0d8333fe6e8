//! Web Locks: one tab at a time does what only one may do.

use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// A lock that this tab holds, until it is dropped or the tab is gone.
pub(crate) struct Hold {
    release: Option<Function>,
}

/// Waits until no other tab holds the lock of a name. Browsers without locks (pages that are not secure) give it at once.
pub(crate) async fn hold(name: &str) -> Hold {
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    // From here on dropping the future gives the lock back, even one that is granted later.
    let hold = Hold { release };
    let (grant, granted) = oneshot::channel();
    let on_grant = Closure::once_into_js(move |_lock: JsValue| {
        let _left = grant.send(());
        held
    });
    if request(name, &on_grant).is_some() {
        let _without_locks = granted.await;
    }
    hold
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _nothing_to_tell = release.call0(&JsValue::UNDEFINED);
        }
    }
}

fn request(name: &str, on_grant: &JsValue) -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    request.call2(&locks, &name.into(), on_grant).ok()
}
