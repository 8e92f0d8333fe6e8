//! What people do in the app, as journeys say it. Elements are found by `data-testid`, never by their words.

use crate::fixtures::csv::{List, Person};
use crate::fixtures::picture;
use crate::harness::server::{DEMO_PASSWORD, Server};
use crate::harness::{Account, Browser, Camera, Holdings, Result, Trouble};
use serde_json::json;
use shared::customers::import::Encoding;
use shared::deals::{Deal, Stage};
use shared::ids::{CustomerId, DealId, MeetingId};
use shared::meetings::Meeting;
use std::path::Path;
use std::time::Duration;

/// A list of many thousands is read, judged and stored.
const IMPORTED: Duration = Duration::from_secs(300);
/// After a failure the app waits before it tries again: up to 60 s, and by chance half as long again so that not all devices come at once.
const SYNCED: Duration = Duration::from_secs(120);

/// The selector of a test id.
pub fn on(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

/// The first visit: the whole app is downloaded, which takes a debug build on a busy machine longer than anything after it.
pub async fn visit(browser: &Browser, app: &str) -> Result {
    browser.goto(app).await?;
    browser.wait_for_within(&on("login-name"), Duration::from_secs(60)).await
}

pub async fn log_in(browser: &Browser, app: &str, login: &str) -> Result {
    enter(browser, app, login).await?;
    // From then on a page that is loaded again opens by itself.
    wait_until_controlled(browser).await
}

/// As [`log_in`], in a browser that may have no service workers.
pub async fn enter(browser: &Browser, app: &str, login: &str) -> Result {
    visit(browser, app).await?;
    browser.fill(&on("login-name"), login).await?;
    browser.fill(&on("login-password"), DEMO_PASSWORD).await?;
    browser.click(&on("login-submit")).await?;
    browser.wait_for(&on("sync-chip")).await
}

/// Locks what is open.
pub async fn lock(browser: &Browser, app: &str) -> Result {
    browser.goto(&format!("{app}/more")).await?;
    browser.click(&on("lock")).await?;
    browser.wait_for(&on("unlock-submit")).await
}

/// The password again, after a cold start or a lock.
pub async fn unlock(browser: &Browser) -> Result {
    browser.fill(&on("unlock-password"), DEMO_PASSWORD).await?;
    browser.click(&on("unlock-submit")).await?;
    browser.wait_for(&on("sync-chip")).await
}

/// A page that is left while it opens may not hand its key on in time, and the next one asks for the password.
pub async fn unlock_if_asked(browser: &Browser) -> Result {
    browser.wait_for(&format!("{}, {}", on("sync-chip"), on("unlock-password"))).await?;
    if browser.seen(&on("unlock-password")).await? { unlock(browser).await } else { Ok(()) }
}

/// Everything on this device is on the server, and the device holds everything that it may.
pub async fn wait_until_synced(browser: &Browser) -> Result {
    wait_until_synced_within(browser, SYNCED).await
}

pub async fn wait_until_synced_within(browser: &Browser, patience: Duration) -> Result {
    browser.wait_for_within(&format!("{}[data-synced=true]", on("sync-chip")), patience).await
}

/// The service worker holds the whole app and serves this page.
pub async fn wait_until_controlled(browser: &Browser) -> Result {
    browser.wait_until("be served by the worker", "return navigator.serviceWorker.controller?.state === 'activated'").await.map(drop)
}

/// The app remembers the language in this browser and takes it up when a page is opened.
pub async fn speak(browser: &Browser, app: &str, language: &str) -> Result {
    browser.goto(app).await?;
    browser.run("localStorage.setItem('huixiao.language', JSON.stringify(arguments[0]))", json!([language])).await.map(drop)
}

/// The demo's meeting of tomorrow.
pub fn tomorrows_meeting(holdings: &Holdings) -> Result<MeetingId> {
    let meeting = holdings.all::<Meeting>()?.into_iter().find(|meeting| meeting.plan.theme == "中區老客戶回娘家");
    Ok(meeting.ok_or_else(|| Trouble::new("the demo company has no meeting tomorrow"))?.id)
}

/// Opens the form for a new customer and types.
pub async fn fill_customer(browser: &Browser, app: &str, name: &str, phone: &str) -> Result {
    browser.goto(&format!("{app}/customers/new")).await?;
    browser.fill(&on("customer-name"), name).await?;
    browser.fill(&on("customer-phone-input"), phone).await
}

/// Adds a customer, as far as the screen that shows them.
pub async fn add_customer(browser: &Browser, app: &str, name: &str, phone: &str) -> Result {
    fill_customer(browser, app, name, phone).await?;
    browser.click(&on("customer-save")).await?;
    browser.wait_for(&on("customer-detail")).await?;
    browser.wait_for_text("main", name).await.map(drop)
}

pub async fn import(browser: &Browser, app: &str, people: &List) -> Result {
    let list = tempfile::NamedTempFile::with_suffix(".csv")?;
    std::fs::write(list.path(), people.bytes(Encoding::Big5))?;
    browser.goto(&format!("{app}/customers/import")).await?;
    browser.choose_file(&on("import-file"), list.path()).await?;
    browser.click(&on("import-check")).await?;
    browser.wait_for_within(&on("import-submit"), IMPORTED).await?;
    browser.click(&on("import-submit")).await?;
    browser.wait_for_within(&on("import-done"), IMPORTED).await
}

/// Somebody who was called.
pub struct Called<'a> {
    pub invitation: String,
    pub person: &'a Person,
}

/// Works through the calling desk: people of the list agree, everybody else is left for later.
pub async fn note_agreed<'a>(browser: &Browser, app: &str, people: &'a [Person], count: usize) -> Result<Vec<Called<'a>>> {
    const READ: &str = "const desk = document.querySelector(arguments[0]);
        return [desk.dataset.invitation, desk.querySelector('[data-testid=desk-name]').innerText]";
    browser.goto(&format!("{app}/calls")).await?;
    let mut called = Vec::new();
    let mut next = on("desk");
    while called.len() < count {
        browser.wait_for(&next).await?;
        let shown = browser.run(READ, json!([next])).await?;
        let text = |at: usize| shown[at].as_str().unwrap_or_default().to_owned();
        let (invitation, name) = (text(0), text(1));
        next = format!("{}:not([data-invitation=\"{invitation}\"])", on("desk"));
        match people.iter().find(|person| name.starts_with(&person.name)) {
            Some(person) => {
                browser.click(&on("result-agreed")).await?;
                called.push(Called { invitation, person });
            }
            None => browser.click(&on("desk-skip")).await?,
        }
    }
    // The desk goes on when the last result is saved.
    browser.wait_for(&next).await?;
    Ok(called)
}

/// Opens the scan page with the camera before it, as a person does: from the desk of the meeting.
pub async fn open_scan(browser: &Browser, app: &str, meeting: MeetingId, camera: &Camera) -> Result {
    browser.goto(&format!("{app}/venue/{meeting}")).await?;
    browser.wait_for(&on("venue-desk")).await?;
    browser.lend(camera).await?;
    browser.click(&on("venue-scan")).await?;
    browser.wait_for(&format!("{}[data-state=on]", on("scan-camera"))).await
}

/// The day before: everybody who was called is confirmed.
pub async fn confirm(browser: &Browser, app: &str, called: &[Called<'_>]) -> Result {
    browser.goto(&format!("{app}/confirmations")).await?;
    for Called { invitation, .. } in called {
        let guest = format!("{}[data-invitation=\"{invitation}\"]", on("confirm-guest"));
        browser.click(&format!("{guest} {}", on("confirm-yes"))).await?;
        browser.wait_for(&format!("{guest} .badge")).await?;
    }
    Ok(())
}

/// Types into the guest search until `name` is among those found; returns the XPath of the row.
pub async fn find_guest(browser: &Browser, app: &str, meeting: MeetingId, typed: &str, name: &str) -> Result<String> {
    browser.goto(&format!("{app}/venue/{meeting}/search")).await?;
    browser.fill(&on("guest-search"), typed).await?;
    browser.wait_for_text(&on("guest-results"), name).await?;
    Ok(format!("//*[@data-testid='guest-row'][contains(., '{name}')]"))
}

pub async fn check_in_by_search(browser: &Browser, app: &str, meeting: MeetingId, typed: &str, name: &str) -> Result {
    let guest = find_guest(browser, app, meeting, typed, name).await?;
    browser.click(&guest).await?;
    browser.click(&on("guest-check-in")).await?;
    browser.wait_for_text(&on("verdict-name"), name).await?;
    browser.wait_for(&on("verdict-saved")).await
}

pub async fn walk_in(browser: &Browser, app: &str, meeting: MeetingId, name: &str, phone: &str) -> Result {
    browser.goto(&format!("{app}/venue/{meeting}/walk-in")).await?;
    browser.fill(&on("walk-in-name"), name).await?;
    browser.fill(&on("walk-in-phone"), phone).await?;
    browser.click(&on("walk-in-save")).await?;
    browser.wait_for_text(&on("verdict-name"), name).await?;
    browser.wait_for(&on("verdict-saved")).await
}

/// A payment with the photo of its slip, for a signed deal of a rep of the demo's; returns the deal.
pub async fn pay_with_photo(browser: &Browser, app: &str, server: &Server) -> Result<DealId> {
    let rep = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let mut deals = rep.holdings().await?.all::<Deal>()?.into_iter();
    let deal = deals.find(|deal| deal.stage == Stage::Signed && deal.open().minor > 0);
    let deal = deal.ok_or_else(|| Trouble::new("the demo has no deal to be paid"))?.id;
    let folder = tempfile::tempdir()?;
    let photo = folder.path().join("slip.png");
    std::fs::write(&photo, picture::noise(2_000, 1_500))?;
    browser.goto(&format!("{app}/deals/{deal}")).await?;
    take_photo(browser, &photo).await?;
    browser.click(&on("payment-save")).await?;
    browser.wait_for(&on("slip-small")).await?;
    Ok(deal)
}

/// The photo of a slip, as the camera gives it.
pub async fn take_photo(browser: &Browser, photo: &Path) -> Result {
    browser.choose_file(&on("payment-photo-take"), photo).await?;
    browser.wait_for(&on("photo-preview")).await
}

/// One of the first product, signed by the customer on the spot; returns the contract's address.
pub async fn sell(browser: &Browser, app: &str, meeting: MeetingId, customer: CustomerId) -> Result<String> {
    browser.goto(&format!("{app}/deals/new?customer={customer}&meeting={meeting}")).await?;
    browser.wait_for(&on("deal-buyer")).await?;
    browser.click(&on("product-more")).await?;
    browser.click(&on("deal-open")).await?;
    give_signature(browser).await?;
    browser.click(&on("sign-submit")).await?;
    browser.wait_for(&on("sign-done")).await?;
    browser.url().await
}

/// Says how the customer is known and ticks the consent; both sign.
pub async fn give_signature(browser: &Browser) -> Result {
    browser.click(&format!("{} button:first-child", on("sign-identified"))).await?;
    browser.click(&on("sign-consent")).await?;
    for pad in ["signature-pad", "own-signature-pad"] {
        browser.draw(&on(pad), &[(-120, 10), (-60, -30), (-20, 30), (40, -20), (110, 20)]).await?;
    }
    Ok(())
}

/// Does something in a store of the one database with such a name.
pub async fn change_stored(browser: &Browser, which: &str, store: &str, act: &str) -> Result {
    let script = format!(
        "const [which, name] = arguments;
        return indexedDB.databases().then(all => new Promise((done, failed) => {{
            const opening = indexedDB.open(all.map(one => one.name).find(name => name.includes(which)));
            opening.onerror = () => failed(opening.error);
            opening.onsuccess = () => {{
                const writing = opening.result.transaction(name, 'readwrite');
                const store = writing.objectStore(name);
                {act};
                writing.oncomplete = () => {{ opening.result.close(); done(true); }};
                writing.onabort = () => failed(writing.error);
            }};
        }}))"
    );
    browser.run(&script, json!([which, store])).await.map(drop)
}
