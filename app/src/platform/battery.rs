//! How full the battery is, where the browser tells: Chromium does, the others do not.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What the browser tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Battery {
    /// How full, 0 to 100.
    pub(crate) percent: u8,
    /// Whether it is being charged, or the device has no battery.
    pub(crate) is_charging: bool,
}

/// None where the browser does not tell.
pub(crate) async fn look() -> Option<Battery> {
    let navigator: JsValue = web_sys::window()?.navigator().into();
    let ask: Function = Reflect::get(&navigator, &"getBattery".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = ask.call0(&navigator).ok()?.dyn_into().ok()?;
    let told = JsFuture::from(asked).await.ok()?;
    let level = Reflect::get(&told, &"level".into()).ok()?.as_f64()?;
    let is_charging = Reflect::get(&told, &"charging".into()).ok()?.as_bool()?;
    Some(Battery { percent: (level.clamp(0.0, 1.0) * 100.0).round() as u8, is_charging })
}
