//! A venue's Wi-Fi that answers everything with its own log-in page: the app opens, tells the truth, loses nothing, replaces nothing.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::check_ins::{CheckIn, Method};
use shared::customers::Customer;
use shared::meetings::Guest;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tests::harness::pages::Pages;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Mode, Proxy, Result, checkout_folder};
use tests::steps::{add_customer, log_in, on, tomorrows_meeting, visit, wait_until_controlled, wait_until_synced, walk_in};

const CUSTOMER: &str = "宋門戶";
const WALK_IN: &str = "宋臨門";
const WANTS_LOG_IN: &str = "Wi-Fi 需要登入";

#[tokio::test(flavor = "multi_thread")]
async fn d1_behind_a_captive_portal_everything_is_kept_and_called_unsent() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let meeting = tomorrows_meeting(&office.holdings().await?)?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let browser = Browser::start(Device::tablet("desk")).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;
    let held = held(&browser).await?;

    line.switch(Mode::CaptivePortal).await;
    add_customer(&browser, &app, CUSTOMER, "0933-000-222").await?;
    walk_in(&browser, &app, meeting, WALK_IN, "0933-000-111").await?;

    browser.reload().await?;
    says_what_waits(&browser).await?;
    browser.click(&on("sync-chip")).await?;
    let told = browser.wait_for_text(&on("sync-sheet"), "這個 Wi-Fi 要先在它自己的頁面登入").await?;
    assert!(told.contains("安全存在這台裝置"), "{told}");
    assert!(!told.contains("已同步") && !told.contains("expected") && !told.contains("JSON"), "{told}");

    // The browser asks for a new worker as it does by itself, and gets the portal's page.
    update(&browser, "refused").await?;
    assert_eq!(self::held(&browser).await?, held, "not one byte of the app has changed");

    // Other portals redirect. A cut between them shows that the word was said anew.
    line.cut().await;
    browser.click(&on("sync-now")).await?;
    browser.wait_for_text(&on("sync-chip"), "離線").await?;
    line.switch(Mode::RedirectingPortal).await;
    browser.click(&on("sync-now")).await?;
    says_what_waits(&browser).await?;
    update(&browser, "refused").await?;
    assert_eq!(self::held(&browser).await?, held, "not one byte of the app has changed");

    browser.goto(&format!("{app}/customers")).await?;
    browser.fill(&on("customers-search"), CUSTOMER).await?;
    browser.wait_for_text(&on("customer-row"), CUSTOMER).await?;

    // Somebody has logged in to the Wi-Fi: everything arrives, once, by itself.
    line.mend().await;
    wait_until_synced(&browser).await?;
    let after = office.holdings().await?;
    assert_eq!(after.all::<Customer>()?.iter().filter(|customer| customer.profile.name == CUSTOMER).count(), 1);
    let guests: Vec<Guest> = after.all::<Guest>()?.into_iter().filter(|guest| guest.name == WALK_IN).collect();
    assert_eq!(guests.len(), 1);
    let came: Vec<CheckIn> = after.all::<CheckIn>()?.into_iter().filter(|check_in| check_in.guest == guests[0].id).collect();
    assert_eq!(came.iter().map(|check_in| check_in.method).collect::<Vec<_>>(), [Method::WalkIn]);
    // An event stream follows the redirect by itself, and the page's policy stops it: that is told, and right.
    let of_policy = |error: &String| error.contains("http://portal.invalid/") || error == "Blocked by Content Security Policy.";
    let errors: Vec<String> = browser.console_errors().await?.into_iter().filter(|error| !of_policy(error)).collect();
    assert_eq!(errors, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_says_so_at_log_in_too() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let browser = Browser::start(Device::phone("visitor")).await?;
    visit(&browser, &line.url()).await?;
    wait_until_controlled(&browser).await?;
    for portal in [Mode::CaptivePortal, Mode::RedirectingPortal] {
        line.switch(portal).await;
        browser.goto(&line.url()).await?;
        browser.fill(&on("login-name"), "rep4").await?;
        browser.fill(&on("login-password"), DEMO_PASSWORD).await?;
        browser.click(&on("login-submit")).await?;
        browser.wait_for_text("main", "這個 Wi-Fi 要先在它自己的頁面登入").await?;
    }
    Ok(())
}

/// The worker that ships (public/sw.js), on builds of two small files.
#[tokio::test(flavor = "multi_thread")]
async fn a_portal_in_the_middle_of_an_update_leaves_the_old_build_whole() -> Result {
    let site = Arc::new(Site { answers: AtomicUsize::new(OLD) });
    let pages = Pages::serve(Router::new().fallback(answer).with_state(Arc::clone(&site))).await?;
    let browser = Browser::start(Device::tablet("desk")).await?;
    browser.goto(&pages.url()).await?;
    browser.run(REGISTER, json!([])).await?;
    wait_until_controlled(&browser).await?;
    let old = held(&browser).await?;
    let shown = async || {
        browser.reload().await?;
        browser.text("h1").await
    };
    assert_eq!(shown().await?, "old old");

    for (answers, outcome) in [(PORTAL_AFTER_WORKER, "redundant"), (PORTAL, "refused"), (PORTAL_AFTER_PAGE, "redundant")] {
        site.answers.store(answers, Ordering::SeqCst);
        update(&browser, outcome).await?;
        assert_eq!(held(&browser).await?, old, "the old build, whole, and nothing else");
        assert_eq!(shown().await?, "old old");
    }

    site.answers.store(NEW, Ordering::SeqCst);
    update(&browser, "installed").await?;
    assert_eq!(shown().await?, "old old", "a new build waits for consent");
    browser.run(AGREE, json!([])).await?;
    assert_eq!(shown().await?, "new new");
    Ok(())
}

/// The chip says that the Wi-Fi wants a log-in and that two things wait, and not that all is well.
async fn says_what_waits(browser: &Browser) -> Result {
    let said = browser.wait_for_text(&on("sync-chip"), WANTS_LOG_IN).await?;
    assert!(said.contains("2 筆待上傳") && !said.contains("已同步"), "{said}");
    Ok(())
}

/// Every file that the workers of this origin hold, with its SHA-256, and the worker that serves. Read while no other is being installed.
async fn held(browser: &Browser) -> Result<Value> {
    const HELD: &str = "return (async () => {
        const found = await navigator.serviceWorker.getRegistration();
        let files, news;
        found.onupdatefound = () => news = true;
        do {
            while (found.installing) await new Promise(done => setTimeout(done, 10));
            [files, news] = [{}, false];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    const digest = await crypto.subtle.digest('SHA-256', await (await cache.match(request)).arrayBuffer());
                    files[`${name} ${new URL(request.url).pathname}`] = Array.from(new Uint8Array(digest)).join();
                }
            }
        } while (news || found.installing);
        return { files, active: found.active?.state, waiting: found.waiting?.state ?? null };
    })()";
    let held = browser.run(HELD, json!([])).await?;
    assert!(held["files"].as_object().is_some_and(|files| files.len() > 1), "the worker holds the app: {held}");
    Ok(held)
}

/// Registers the worker and waits until it is active. One that cannot install is told at once.
const REGISTER: &str = "return navigator.serviceWorker.register('/sw.js').then(found => new Promise((done, fail) => {
    const worker = found.installing ?? found.waiting ?? found.active;
    const look = () => {
        if (worker.state === 'activated') done(true);
        if (worker.state === 'redundant') fail(new Error('the first worker did not install'));
    };
    worker.onstatechange = look;
    look();
}))";

/// Agrees to the new build and waits until it is active. Nothing is loaded meanwhile: the old worker goes only when no request is left to it.
const AGREE: &str = "return navigator.serviceWorker.getRegistration().then(found => new Promise(done => {
    const worker = found.waiting;
    worker.onstatechange = () => { if (worker.state === 'activated') done(true) };
    worker.postMessage('skip-waiting');
}))";

/// Asks for a new worker until it comes to this: refused, redundant or installed. The browser also looks for one by itself, soon after every
/// page: a question asked meanwhile is answered with what that look came to, though it began before the line was another.
async fn update(browser: &Browser, outcome: &str) -> Result {
    // A worker that fails at once may be gone before the page hears of it: then nothing is known. Its state and its place in the registration
    // change one after the other, in no order.
    const UPDATE: &str = "return navigator.serviceWorker.getRegistration().then(found => found.update().then(() => new Promise(done => {
        const worker = found.installing ?? found.waiting;
        const look = () => {
            if (worker?.state === 'installing' || found.installing) return setTimeout(look, 10);
            done(worker?.state ?? null);
        };
        look();
    }), () => 'refused'))";
    let ends = |became: &str| became == outcome || became == "installed";
    let asked = async || Ok(browser.run(UPDATE, json!([])).await?.as_str().filter(|became| ends(became)).map(str::to_owned));
    let became = browser.until(&format!("see an update {outcome}"), Duration::from_secs(60), asked).await?;
    assert_eq!(became, outcome);
    Ok(())
}

struct Site {
    answers: AtomicUsize,
}

const OLD: usize = 0;
/// The portal came up after the new worker was fetched.
const PORTAL_AFTER_WORKER: usize = 1;
const PORTAL: usize = 2;
/// The portal came up after the first file.
const PORTAL_AFTER_PAGE: usize = 3;
const NEW: usize = 4;

async fn answer(State(site): State<Arc<Site>>, request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    let build = match (site.answers.load(Ordering::SeqCst), path) {
        (OLD, _) => Some("old"),
        (NEW, _) | (PORTAL_AFTER_WORKER, "/sw.js") | (PORTAL_AFTER_PAGE, "/sw.js" | "/") => Some("new"),
        _ => None,
    };
    let page = |text: String| ([(CONTENT_TYPE, "text/html")], text);
    let script = |text: String| ([(CONTENT_TYPE, "text/javascript")], text);
    match (build, path) {
        (None, _) => page("<!doctype html><h1>Hotel Wi-Fi</h1>".to_owned()),
        (Some(build), "/sw.js") => script(worker(build)),
        (Some(build), "/words.js") => script(words(build)),
        (Some(build), _) => page(front(build)),
    }
}

fn front(build: &str) -> String {
    format!("<!doctype html><h1>{build} </h1><script src=/words.js></script>")
}

fn words(build: &str) -> String {
    format!("document.querySelector('h1').append('{build}')")
}

fn worker(build: &str) -> String {
    static WORKER: LazyLock<String> =
        LazyLock::new(|| std::fs::read_to_string(checkout_folder().join("public/sw.js")).expect("the worker lies in the checkout"));
    let hash = |text: String| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let files = json!([["/", hash(front(build))], ["/words.js", hash(words(build))]]);
    format!("const PRECACHE = {};\n{}", json!({ "version": build, "files": files }), *WORKER)
}
