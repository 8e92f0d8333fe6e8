//! The service worker: registered once, asked for news when the page comes back, switched only when the person agrees.

use super::object::object;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Set, window};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomException, MessageChannel, MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

thread_local! {
    static OFFERED: ArcRwSignal<bool> = ArcRwSignal::new(true);
}

/// Whether this browser keeps the app on the device, so that it opens without a network; tracked.
pub(crate) fn is_offered() -> bool {
    OFFERED.with(ArcRwSignal::get)
}

/// Registers public/sw.js. `on_update` runs when a new version is wholly on the device and waits.
pub(crate) fn register(on_update: impl Fn() + 'static) {
    let Some(container) = container() else {
        OFFERED.with(|offered| offered.set(false));
        return;
    };
    let on_update = Rc::new(on_update);
    spawn_local(async move {
        // Without the worker the app still works with the network; nothing else can be done about a refusal here.
        let registration: ServiceWorkerRegistration = match JsFuture::from(container.register("/sw.js")).await {
            Ok(found) => found.unchecked_into(),
            Err(refusal) => {
                // A line that failed or a portal's page is refused otherwise, and tried again with the next page.
                if refusal.dyn_ref::<DomException>().is_some_and(|refusal| refusal.name() == "SecurityError") {
                    OFFERED.with(|offered| offered.set(false));
                }
                return;
            }
        };
        if registration.waiting().is_some() {
            on_update();
        }
        watch(&registration, on_update);
        look_for_news_when_shown(registration);
    });
}

/// Switches to the version that waits, then loads the page from it.
pub(crate) fn accept_update() {
    let Some(container) = container() else { return };
    let reloaded = Cell::new(false);
    EventListener::new(&container, "controllerchange", move |_| {
        if !reloaded.replace(true) {
            super::document::reload();
        }
    })
    .forget();
    spawn_local(async move {
        let Ok(found) = JsFuture::from(container.get_registration()).await else { return };
        if let Ok(registration) = found.dyn_into::<ServiceWorkerRegistration>() {
            match registration.waiting() {
                Some(waiting) => drop(waiting.post_message(&JsValue::from_str("skip-waiting"))),
                None => super::document::reload(),
            }
        }
    });
}

fn watch(registration: &ServiceWorkerRegistration, on_update: Rc<dyn Fn()>) {
    let found_by = registration.clone();
    EventListener::new(registration, "updatefound", move |_| {
        let Some(worker) = found_by.installing() else { return };
        let on_update = on_update.clone();
        let installing = worker.clone();
        EventListener::new(&worker, "statechange", move |_| {
            // The very first version controls nothing yet: that is an installation, not an update.
            let replaces = container().is_some_and(|container| container.controller().is_some());
            if installing.state() == ServiceWorkerState::Installed && replaces {
                on_update();
            }
        })
        .forget();
    })
    .forget();
}

fn look_for_news_when_shown(registration: ServiceWorkerRegistration) {
    EventListener::new(&leptos::prelude::document(), "visibilitychange", move |_| {
        if !leptos::prelude::document().hidden() {
            let asked = registration.update();
            spawn_local(async move {
                // No network, or a portal's page instead of a worker: what is held stays, and the next look may find more.
                drop(match asked {
                    Ok(asked) => JsFuture::from(asked).await,
                    Err(error) => Err(error),
                });
            });
        }
    })
    .forget();
}

/// What became of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    /// They are at the server.
    All,
    /// They could not be sent just then.
    NotNow,
    /// What is left can only be sent by the unlocked page.
    Unable,
}

/// Has the worker send what waits of a person, sealed to the server; returns when it has tried.
pub(crate) async fn post_letters(user: &str) -> Posted {
    if !OFFERED.with(GetUntracked::get_untracked) {
        return Posted::Unable;
    }
    let order = object(&[("post", &JsValue::from_str(user))]);
    match ask(&order, POSTING_MS).await.and_then(|became| became.as_string()).as_deref() {
        Some("all") => Posted::All,
        Some("unable") => Posted::Unable,
        _ => Posted::NotNow,
    }
}

/// What the worker holds of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldFiles {
    /// How many files the app has.
    pub(crate) all: u32,
    /// How many of them are not here, or are not what they should be.
    pub(crate) missing: u32,
}

/// Has the worker look through every file of the app as if there were no network. None if there is no worker that answers.
pub(crate) async fn check_files() -> Option<HeldFiles> {
    let held = ask(&object(&[("check", &JsValue::TRUE)]), CHECKING_MS).await?;
    let number = |name: &str| js_sys::Reflect::get(&held, &name.into()).ok()?.as_f64().map(|number| number as u32);
    Some(HeldFiles { all: number("files")?, missing: number("missing")? })
}

/// Asks the server for a newer app now. None if it did not answer, or the browser keeps no app; else whether a newer one is there.
pub(crate) async fn look_for_news() -> Option<bool> {
    let found = JsFuture::from(container()?.get_registration()).await.ok()?;
    let registration = found.dyn_into::<ServiceWorkerRegistration>().ok()?;
    let asked = JsFuture::from(registration.update().ok()?);
    let Either::Left((Ok(_), _)) = select(asked, pin!(TimeoutFuture::new(NEWS_MS))).await else { return None };
    Some(registration.installing().is_some() || registration.waiting().is_some())
}

/// The worker's answer to an order; none if there is no worker, or it stays silent.
async fn ask(order: &js_sys::Object, patience_ms: u32) -> Option<JsValue> {
    let (worker, ports) = (active().await?, MessageChannel::new().ok()?);
    let (tell, told) = oneshot::channel();
    let tell = Cell::new(Some(tell));
    let _listener = EventListener::new(&ports.port1(), "message", move |event| {
        let _late = tell.take().map(|tell| tell.send(event.unchecked_ref::<MessageEvent>().data()));
    });
    ports.port1().start();
    worker.post_message_with_transferable(order, &js_sys::Array::of1(&ports.port2())).ok()?;
    // A worker that was ended answers nobody.
    match select(told, pin!(TimeoutFuture::new(patience_ms))).await {
        Either::Left((Ok(answer), _)) => Some(answer),
        Either::Left((Err(_), _)) | Either::Right(_) => None,
    }
}

/// Has the browser wake the worker once there is a network, to send what waits, even when no page is open; where browsers offer that.
pub(crate) fn post_letters_later() {
    let Some(container) = container() else { return };
    spawn_local(async move {
        let registering = async {
            let registration = JsFuture::from(container.ready().ok()?).await.ok()?;
            let sync = js_sys::Reflect::get(&registration, &"sync".into()).ok()?;
            let register = js_sys::Reflect::get(&sync, &"register".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
            let asked: js_sys::Promise = register.call1(&sync, &"huixiao-letters".into()).ok()?.dyn_into().ok()?;
            JsFuture::from(asked).await.ok()
        };
        // Elsewhere the page sees to it when it comes back.
        let _not_offered = registering.await;
    });
}

/// How long to wait for the worker: longer than one of its requests may take.
const POSTING_MS: u32 = 90_000;
/// Hashing a few megabytes takes a tablet less than a second, and a phone of ten years some.
const CHECKING_MS: u32 = 30_000;
const NEWS_MS: u32 = 15_000;

/// The worker that serves this page.
pub(crate) fn controller() -> Option<ServiceWorker> {
    container()?.controller()
}

/// The worker that would serve this page: one that was loaded past it, as a forced reload does, is served by none as long as it lives.
async fn active() -> Option<ServiceWorker> {
    let container = container()?;
    if let Some(worker) = container.controller() {
        return Some(worker);
    }
    let found = JsFuture::from(container.get_registration()).await.ok()?;
    found.dyn_into::<ServiceWorkerRegistration>().ok()?.active()
}

/// None where the browser has no service workers: an insecure address, a private window.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator: JsValue = window().navigator().into();
    let has = js_sys::Reflect::has(&navigator, &JsValue::from_str("serviceWorker")).unwrap_or(false);
    has.then(|| window().navigator().service_worker())
}
