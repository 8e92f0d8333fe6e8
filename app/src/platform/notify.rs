//! Notices of the device's own, outside the page; where the browser has them and the person allows it.

use super::object::object;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Whether the browser notifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// It cannot.
    Lacking,
    /// It was not asked yet.
    Unasked,
    /// It may.
    Granted,
    /// The person, or somebody for them, has said no.
    Denied,
}

/// What it says now.
pub(crate) fn permission() -> Permission {
    let said = notification().and_then(|it| Reflect::get(&it, &"permission".into()).ok()).and_then(|said| said.as_string());
    match said.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some(_) => Permission::Unasked,
        None => Permission::Lacking,
    }
}

/// Asks the person, under the finger that asks for it.
pub(crate) async fn ask() -> Permission {
    let asked = notification().and_then(|it| {
        let ask: Function = Reflect::get(&it, &"requestPermission".into()).ok()?.dyn_into().ok()?;
        ask.call0(&it).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        let _answered = JsFuture::from(asked).await;
    }
    permission()
}

/// Shows a notice, through the service worker: phones allow no other. One with the same tag replaces the one before.
pub(crate) fn tell(text: &str, tag: &str) {
    if permission() != Permission::Granted {
        return;
    }
    let options = object(&[("tag", &tag.into()), ("icon", &"/icons/icon-192.png".into())]);
    let text = JsValue::from(text);
    spawn_local(async move {
        let Some(worker) = registration().await else { return };
        let show: Option<Function> = Reflect::get(&worker, &"showNotification".into()).ok().and_then(|it| it.dyn_into().ok());
        if let Some(Ok(asked)) = show.map(|show| show.call2(&worker, &text, &options))
            && let Ok(asked) = asked.dyn_into::<Promise>()
        {
            let _refused = JsFuture::from(asked).await;
        }
    });
}

fn notification() -> Option<JsValue> {
    let it = Reflect::get(&web_sys::window()?.into(), &"Notification".into()).ok()?;
    (!it.is_undefined()).then_some(it)
}

async fn registration() -> Option<JsValue> {
    let navigator: JsValue = web_sys::window()?.navigator().into();
    let container = Reflect::get(&navigator, &"serviceWorker".into()).ok().filter(|it| !it.is_undefined())?;
    let find: Function = Reflect::get(&container, &"getRegistration".into()).ok()?.dyn_into().ok()?;
    let found: Promise = find.call0(&container).ok()?.dyn_into().ok()?;
    JsFuture::from(found).await.ok().filter(|it| !it.is_undefined())
}
