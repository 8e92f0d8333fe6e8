//! The page in its window: seen or not, connected or not, loaded again.

use super::remembered;
use gloo_events::EventListener;
use gloo_storage::{SessionStorage, Storage};
use js_sys::{Date, Promise};
use leptos::prelude::{ArcRwSignal, Get, Update, untrack};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

/// Whether somebody can see it.
pub(crate) fn is_visible() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| !document.hidden())
}

/// Whether the browser believes that there is a network. It may be wrong about yes, not about no.
pub(crate) fn is_online() -> bool {
    web_sys::window().is_some_and(|window| window.navigator().on_line())
}

/// Calls whenever the page comes back: seen again, restored, focused, or its network is back.
pub(crate) fn on_return(f: impl Fn() + Clone + 'static) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let mut listeners: Vec<_> = ["pageshow", "online", "focus"].map(|name| listen(&window, name, f.clone())).into();
    if let Some(document) = window.document() {
        listeners.push(listen(&document, "visibilitychange", move || {
            if is_visible() {
                f();
            }
        }));
    }
    listeners
}

/// Calls whenever the page is seen no more, or seen again.
pub(crate) fn on_visibility(f: impl Fn() + 'static) -> Option<EventListener> {
    let document = web_sys::window()?.document()?;
    Some(listen(&document, "visibilitychange", f))
}

/// Calls when the browser has lost the network.
pub(crate) fn on_offline(f: impl Fn() + 'static) -> Option<EventListener> {
    let window = web_sys::window()?;
    Some(listen(&window, "offline", f))
}

/// When the device was touched last.
pub(crate) struct Touched {
    at: Rc<Cell<f64>>,
    _listeners: Vec<EventListener>,
}

impl Touched {
    /// Begins to watch; now counts as a touch. `on_touch` is told how many milliseconds after the one before each touch comes.
    pub(crate) fn watch(on_touch: impl Fn(f64) + 'static) -> Self {
        let (at, on_touch) = (Rc::new(Cell::new(Date::now())), Rc::new(on_touch));
        note_for_all();
        let note = |name: &'static str| {
            let (at, on_touch) = (Rc::clone(&at), Rc::clone(&on_touch));
            let touched = move || {
                on_touch(Date::now() - last(at.get()));
                // Tabs need not hear of every key.
                if Date::now() - at.replace(Date::now()) > TELL_EVERY_MS {
                    note_for_all();
                }
            };
            web_sys::window().map(|window| listen(&window, name, touched))
        };
        let listeners = ["pointerdown", "keydown", "wheel"].into_iter().filter_map(note).collect();
        Self { at, _listeners: listeners }
    }

    /// Milliseconds since, also while the device slept; a touch in any tab counts.
    pub(crate) fn ago_ms(&self) -> f64 {
        Date::now() - last(self.at.get())
    }
}

/// When any tab was touched last, in milliseconds since 1970.
const TOUCHED: &str = "huixiao.touched";
const TELL_EVERY_MS: f64 = 2_000.0;

fn note_for_all() {
    // A browser that keeps nothing has each tab lock by itself.
    remembered::set(TOUCHED, &Date::now());
}

fn last(own: f64) -> f64 {
    // A time to come is none: the clock was set back since.
    remembered::get(TOUCHED).filter(|all: &f64| *all <= Date::now()).map_or(own, |all| own.max(all))
}

/// Loads the page again, unless it was loaded again for this reason within a minute, or somebody has typed something that would be lost.
/// Returns whether it does.
pub(crate) fn reload_if_calm(now_ms: i64) -> bool {
    const KEY: &str = "huixiao-reloaded";
    const AGAIN_MS: i64 = 60_000;
    let before: Option<i64> = SessionStorage::get(KEY).ok();
    if before.is_some_and(|before| now_ms - before < AGAIN_MS) || has_typed_text() || untrack(is_held) {
        return false;
    }
    // Without a guard that holds it could go round and round.
    SessionStorage::set(KEY, now_ms).is_ok() && web_sys::window().is_some_and(|window| window.location().reload().is_ok())
}

thread_local! {
    static HELD: ArcRwSignal<usize> = ArcRwSignal::new(0);
}

/// Something is on the page that would be lost with it, or is so no more.
pub(crate) fn hold(is_held: bool) {
    HELD.with(|held| held.update(|held| *held = if is_held { *held + 1 } else { held.saturating_sub(1) }));
}

/// Whether something is on the page that would be lost with it, apart from what is typed; tracked.
pub(crate) fn is_held() -> bool {
    HELD.with(|held| held.get() > 0)
}

/// Asks the browser not to throw the data away when room is short. None if it has no such promise to give.
pub(crate) async fn persist() -> Option<bool> {
    let storage = web_sys::window()?.navigator().storage();
    if yes(storage.persisted().ok()?).await? {
        return Some(true);
    }
    yes(storage.persist().ok()?).await
}

/// Where this app is served from, as `https://example.com`.
#[must_use]
pub fn origin() -> Option<String> {
    web_sys::window()?.location().origin().ok()
}

/// How much of this origin's room is used, and how much there is, in bytes; none where browsers do not tell.
pub(crate) async fn room() -> Option<(u64, u64)> {
    let estimate = JsFuture::from(web_sys::window()?.navigator().storage().estimate().ok()?).await.ok()?;
    let number = |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64().map(|number| number as u64);
    Some((number("usage")?, number("quota")?))
}

fn listen(target: &web_sys::EventTarget, name: &'static str, f: impl Fn() + 'static) -> EventListener {
    EventListener::new(target, name, move |_| f())
}

fn has_typed_text() -> bool {
    let Some(fields) = web_sys::window().and_then(|window| window.document()?.query_selector_all("input, textarea").ok()) else { return false };
    (0..fields.length()).filter_map(|place| fields.item(place)).any(|field| {
        let input = field.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.value() != input.default_value());
        input || field.dyn_ref::<HtmlTextAreaElement>().is_some_and(|area| area.default_value() != Ok(area.value()))
    })
}

async fn yes(promise: Promise) -> Option<bool> {
    JsFuture::from(promise).await.ok()?.as_bool()
}
