//! The service worker: registered once, asked for news when the page comes back, switched only when the person agrees.

use super::object::object;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{ArcRwSignal, Get, Set, window};
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
    let (Some(worker), Ok(ports)) = (controller(), MessageChannel::new()) else { return Posted::Unable };
    let (tell, told) = oneshot::channel();
    let tell = Cell::new(Some(tell));
    let _listener = EventListener::new(&ports.port1(), "message", move |event| {
        let became = event.unchecked_ref::<MessageEvent>().data().as_string();
        let posted = match became.as_deref() {
            Some("all") => Posted::All,
            Some("unable") => Posted::Unable,
            _ => Posted::NotNow,
        };
        let _late = tell.take().map(|tell| tell.send(posted));
    });
    ports.port1().start();
    let order = object(&[("post", &JsValue::from_str(user))]);
    if worker.post_message_with_transferable(&order, &js_sys::Array::of1(&ports.port2())).is_err() {
        return Posted::NotNow;
    }
    // A worker that was ended answers nobody.
    match select(told, pin!(TimeoutFuture::new(POSTING_MS))).await {
        Either::Left((Ok(posted), _)) => posted,
        Either::Left((Err(_), _)) | Either::Right(_) => Posted::NotNow,
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

/// The worker that serves this page.
pub(crate) fn controller() -> Option<ServiceWorker> {
    container()?.controller()
}

/// None where the browser has no service workers: an insecure address, a private window.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator: JsValue = window().navigator().into();
    let has = js_sys::Reflect::has(&navigator, &JsValue::from_str("serviceWorker")).unwrap_or(false);
    has.then(|| window().navigator().service_worker())
}
