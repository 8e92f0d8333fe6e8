//! A file for the person: through the device's own sheet where it takes files, as a download elsewhere.

use super::object::object;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, FilePropertyBag, HtmlElement, Url};

/// Whether it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// To another app, or as a download that has begun.
    Yes,
    /// The person has closed the sheet.
    No,
}

/// Gives a text as a file.
pub async fn text(name: &str, text: &str) -> Given {
    give(name, &text.into(), "text/plain").await
}

/// Gives bytes of a kind as a file.
pub async fn bytes(name: &str, bytes: &[u8], kind: &str) -> Given {
    give(name, &js_sys::Uint8Array::from(bytes).into(), kind).await
}

async fn give(name: &str, content: &JsValue, kind: &str) -> Given {
    match share(name, content, kind).await {
        Some(given) => given,
        None => {
            // A browser that can do neither is none of those that the app runs in.
            let _begun = download(name, content, kind);
            Given::Yes
        }
    }
}

/// None where files cannot be shared. On tablets a download out of an installed app may end nowhere.
async fn share(name: &str, content: &JsValue, kind: &str) -> Option<Given> {
    let navigator: JsValue = web_sys::window()?.navigator().into();
    let touched = web_sys::window()?.match_media("(pointer: coarse)").ok()??.matches();
    let can: Function = Reflect::get(&navigator, &"canShare".into()).ok()?.dyn_into().ok().filter(|_| touched)?;
    let options = FilePropertyBag::new();
    options.set_type(kind);
    let file = File::new_with_blob_sequence_and_options(&Array::of1(content), name, &options).ok()?;
    let data = object(&[("files", &Array::of1(&file))]);
    can.call1(&navigator, &data).ok().filter(JsValue::is_truthy)?;
    let share: Function = Reflect::get(&navigator, &"share".into()).ok()?.dyn_into().ok()?;
    let sharing: Promise = share.call1(&navigator, &data).ok()?.dyn_into().ok()?;
    match JsFuture::from(sharing).await {
        Ok(_) => Some(Given::Yes),
        Err(why) => Reflect::get(&why, &"name".into()).is_ok_and(|name| name == "AbortError").then_some(Given::No),
    }
}

fn download(name: &str, content: &JsValue, kind: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    // Parts of any kind may stand in the list, also texts.
    let address = Url::create_object_url_with_blob(&Blob::new_with_blob_sequence_and_options(&Array::of1(content), &options)?)?;
    let link: HtmlElement = leptos::prelude::document().create_element("a")?.unchecked_into();
    link.set_attribute("href", &address)?;
    link.set_attribute("download", name)?;
    link.click();
    // The browser has taken it up by then, also a slow one.
    gloo_timers::callback::Timeout::new(60_000, move || drop(Url::revoke_object_url(&address))).forget();
    Ok(())
}
