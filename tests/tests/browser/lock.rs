//! A tablet that is put down, picked up by somebody else, stolen: locked, it tells nothing, and nothing is lost by it.

use crate::engines::{Part, can};
use serde_json::{Value, json};
use shared::customers::Customer;
use shared::deals::{Deal, Stage};
use shared::files::Attachment;
use shared::ids::UserId;
use shared::people::command::EditUser;
use shared::people::{Access, User};
use shared::quarantine::HeldCommand;
use std::path::Path;
use std::time::Duration;
use tests::fixtures::picture;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Mode, Proxy, Result, Trouble};
use tests::steps::{add_customer, change_stored, fill_customer, lock, log_in, on, unlock, unlock_if_asked, wait_until_synced};

const NAME: &str = "雷密密";
const PHONE: &str = "0933000777";
const DRAFT: &str = "雷草稿";
const DRAFT_PHONE: &str = "0933000888";

/// A rep's tablet behind a line that can be cut, and the manager in the office, who hears what has arrived.
struct Scene {
    server: Server,
    office: Account,
    line: Proxy,
    app: String,
    tablet: Browser,
}

impl Scene {
    async fn begin(login: &str) -> Result<Self> {
        let server = Server::start(Company::Demo).await?;
        let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
        let line = Proxy::start(&server.address()).await?;
        let app = line.url();
        let tablet = Browser::start(Device::tablet("tablet")).await?;
        log_in(&tablet, &app, login).await?;
        wait_until_synced(&tablet).await?;
        Ok(Self { server, office, line, app, tablet })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_device_tells_nothing_and_loses_nothing() -> Result {
    let Scene { server, office, line, app, mut tablet } = Scene::begin("rep4").await?;
    let session_secret = secret_of_session(&tablet).await?;
    line.cut().await;
    add_customer(&tablet, &app, NAME, PHONE).await?;
    fill_customer(&tablet, &app, DRAFT, DRAFT_PHONE).await?;

    // Locked by hand: the page knows nothing any more, and a reload does not help.
    lock(&tablet, &app).await?;
    tablet.reload().await?;
    tablet.wait_for(&on("unlock-password")).await?;
    tablet.fill(&on("unlock-password"), "not the password").await?;
    tablet.click(&on("unlock-submit")).await?;
    tablet.wait_for(&on("unlock-error")).await?;

    // What lies on the disk, while the browser runs and after it was killed.
    let plain = "a word that was written in the clear";
    write_in_the_clear(&tablet, plain).await?;
    let mut secrets: Vec<String> = [NAME, PHONE, DRAFT, DRAFT_PHONE, DEMO_PASSWORD, &session_secret].map(str::to_owned).into();
    let held: Vec<Customer> = Account::log_in(&server.url(), "rep4", DEMO_PASSWORD).await?.holdings().await?.all()?;
    assert!(held.len() > 10, "the demo company has customers");
    for customer in &held {
        secrets.push(customer.profile.name.clone());
        // Without the country: however it is written, these digits stand at its end.
        secrets
            .extend(customer.profile.phones.iter().map(|phone| phone.e164().chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect()));
        let words = [&customer.profile.needs, &customer.profile.pains, &customer.profile.address];
        secrets.extend(words.into_iter().filter(|words| words.chars().count() > 3).cloned());
    }
    for state in ["running", "killed"] {
        if state == "killed" {
            tablet.wait_for_cookie_on_disk("huixiao").await?;
            tablet.kill();
        }
        assert!(found_in(&tablet.profile(), &[plain.to_owned()])? == [plain], "{state}: what stands in the clear is found");
        assert_eq!(found_in(&tablet.profile(), &secrets)?, Vec::<String>::new(), "{state}");
    }

    // A cold start without a network asks for the password, and everything is there.
    tablet.restart().await?;
    tablet.goto(&app).await?;
    tablet.wait_for(&on("unlock-password")).await?;
    unlock(&tablet).await?;
    tablet.goto(&format!("{app}/customers")).await?;
    tablet.wait_for_text("#page", NAME).await?;
    tablet.goto(&format!("{app}/customers/new")).await?;
    tablet.wait_for(&on("customer-name")).await?;
    let typed = tablet.run("return document.querySelector(arguments[0]).value", json!([on("customer-name")])).await?;
    assert_eq!(typed, DRAFT, "a draft outlives a kill");

    line.mend().await;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, NAME).await?, 1, "recorded before, sent after");
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tab_opens_with_what_the_first_knows_and_locks_with_it() -> Result {
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let browser = Browser::start(Device::desktop("tabs")).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;
    // Found again by its name: Firefox's driver does not always keep what one script leaves for the next.
    browser.run("window.open('/more', 'second')", json!([])).await?;
    let in_second = |test_id: &str| format!("window.open('', 'second').document.querySelector('{}')", on(test_id));
    let there = |test_id: &str| format!("return {} != null", in_second(test_id));
    browser.wait_until("open the second tab", &there("lock")).await?;
    browser.run(&format!("{}.click()", in_second("lock")), json!([])).await?;
    browser.wait_until("lock the second tab", &there("unlock-password")).await?;
    browser.wait_for(&on("unlock-password")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_without_the_sessions_secret_goes_on_in_every_tab_once_its_person_has_logged_in_again() -> Result {
    // As after an update from an app that knew of none.
    const LOSE: &str = "store.get('device').onsuccess = event => {
        const facts = JSON.parse(new TextDecoder().decode(event.target.result));
        delete facts.secret;
        store.put(new TextEncoder().encode(JSON.stringify(facts)).buffer, 'device');
    }";
    let Scene { server: _server, office, line: _line, app, tablet } = Scene::begin("rep4").await?;
    change_stored(&tablet, "device", "facts", LOSE).await?;
    add_customer(&tablet, &app, NAME, PHONE).await?;
    tablet.wait_for_text(&on("sync-chip"), "請重新登入").await?;
    assert_eq!(arrived(&office, NAME).await?, 0);

    // The second tab is the one that syncs while the first is loaded anew.
    tablet.run("window.open('/more', 'second')", json!([])).await?;
    let in_second = |css: &str| format!("return window.open('', 'second').document.querySelector('{css}') != null");
    tablet.wait_until("open the second tab", &in_second(&on("lock"))).await?;
    tablet.goto(&format!("{app}/login")).await?;
    tablet.fill(&on("login-name"), "rep4").await?;
    tablet.fill(&on("login-password"), DEMO_PASSWORD).await?;
    tablet.click(&on("login-submit")).await?;
    wait_until_synced(&tablet).await?;
    tablet.wait_until("sync in the second tab", &in_second(&format!("{}[data-synced=true]", on("sync-chip")))).await?;
    assert_eq!(arrived(&office, NAME).await?, 1);

    // It lies on the device, and opens with the password.
    tablet.run("window.open('', 'second').close()", json!([])).await?;
    lock(&tablet, &app).await?;
    unlock(&tablet).await?;
    add_customer(&tablet, &app, DRAFT, DRAFT_PHONE).await?;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, DRAFT).await?, 1);
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_while_it_is_locked_and_with_no_page_open() -> Result {
    // The session is known, and nothing comes of it.
    const WITH_THE_COOKIE_ALONE: &str = "const ask = (path, body) =>
            fetch(path, { method: body ? 'POST' : 'GET', body, headers: { 'x-huixiao': '1', 'content-type': 'application/json' } }).then(answer => answer.status);
        return Promise.all([ask('/api/session'), ask('/api/sync/pull', '{}'), ask(`/api/files/${'0'.repeat(64)}`)])";
    let Scene { server: _server, office, line, app, tablet } = Scene::begin("rep4").await?;

    // Locked before there was a network: the lock page sends it, and nobody has typed a password.
    line.cut().await;
    add_customer(&tablet, &app, NAME, PHONE).await?;
    lock(&tablet, &app).await?;
    tablet.wait_for(&on("unlock-waiting")).await?;
    line.mend().await;
    tablet.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    tablet.wait_until_gone(&on("unlock-waiting")).await?;
    assert_eq!(arrived(&office, NAME).await?, 1);
    assert_eq!(tablet.run(WITH_THE_COOKIE_ALONE, json!([])).await?, json!([200, 401, 401]));

    // What was sent so is known to be there once it is unlocked.
    unlock(&tablet).await?;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, NAME).await?, 1, "sent again, taken once");

    if !can(Part::BackgroundSync)? {
        return Ok(());
    }
    // A page that was loaded past the worker, as by a forced reload, has it send all the same.
    line.cut().await;
    add_customer(&tablet, &app, "雷繞過", "0933000998").await?;
    lock(&tablet, &app).await?;
    line.switch(Mode::Without("/api/sync/letters")).await;
    tablet.cdp("Page.reload", json!({ "ignoreCache": true })).await?;
    const PAST: &str = "return document.readyState === 'complete' && navigator.serviceWorker.controller === null";
    tablet.wait_until("be served by no worker", PAST).await?;
    tablet.wait_for(&on("unlock-waiting")).await?;
    line.mend().await;
    tablet.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    tablet.wait_until_gone(&on("unlock-waiting")).await?;
    assert_eq!(arrived(&office, "雷繞過").await?, 1);
    tablet.goto(&app).await?;
    unlock_if_asked(&tablet).await?;

    // With no page open the browser wakes the worker as soon as there is a network.
    line.cut().await;
    add_customer(&tablet, &app, "雷背景", "0933000999").await?;
    lock(&tablet, &app).await?;
    tablet.wait_for(&on("unlock-waiting")).await?;
    line.mend().await;
    tablet.goto(&format!("{app}/icons/icon.svg")).await?;
    tablet.run("return navigator.serviceWorker.ready.then(ready => ready.sync.register('huixiao-letters')).then(() => true)", json!([])).await?;
    let there = async || Ok((arrived(&office, "雷背景").await? == 1).then_some(()));
    tablet.until("find it at the office", Duration::from_secs(30), there).await?;
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_loses_nothing_that_was_recorded() -> Result {
    let Scene { server, office, line, app, tablet } = Scene::begin("rep4").await?;
    line.cut().await;
    add_customer(&tablet, &app, NAME, PHONE).await?;
    lock(&tablet, &app).await?;
    let new = "another password 4";
    give_password(&server, "rep4", new).await?;

    // The administrator has ended the session, so nothing can be sent before somebody logs in. What cannot be sent just then is not given up.
    for fault in [Mode::Without("/api/sync/letters"), Mode::Busy("/api/sync/letters")] {
        line.switch(fault).await;
        tablet.reload().await?;
        tablet.click(&on("unlock-somebody-else")).await?;
        tablet.fill(&on("login-name"), "rep4").await?;
        tablet.fill(&on("login-password"), new).await?;
        tablet.click(&on("login-submit")).await?;
        tablet.wait_for_text(&on("login-error"), "有 1 筆還沒上傳的資料，剛才沒能送出").await?;
        assert!(!tablet.seen(&on("login-give-up")).await?, "{fault:?}");
    }

    line.mend().await;
    tablet.click(&on("login-submit")).await?;
    tablet.wait_for(&on("sync-chip")).await?;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, NAME).await?, 1);
    tablet.goto(&format!("{app}/customers")).await?;
    tablet.wait_for_text("#page", NAME).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_under_a_forgotten_password_are_sent_or_kept_until_they_are_given_up() -> Result {
    let Scene { server, office, line, app, tablet } = Scene::begin("rep1").await?;
    let deals = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?.holdings().await?.all::<Deal>()?;
    let deal = deals.into_iter().find(|deal| deal.stage == Stage::Signed && deal.open().minor > 1).expect("a deal of the demo").id;
    let folder = tempfile::tempdir()?;
    let photo = folder.path().join("slip.png");
    std::fs::write(&photo, picture::noise(400, 300))?;
    let mut password = DEMO_PASSWORD;
    let there = async || {
        let all = office.holdings().await?.all::<Attachment>()?;
        Ok::<_, Trouble>((all.len(), all.iter().filter(|attachment| attachment.stored_at.is_some()).count()))
    };
    let (named, stored) = there().await?;

    // What an app of before has stored has no letter, and cannot be sent without the password.
    const NO_LETTERS: &str = "store.openCursor().onsuccess = event => {
        const cursor = event.target.result;
        if (!cursor) return;
        delete cursor.value.letter;
        cursor.update(cursor.value);
        cursor.continue();
    }";
    for (new, remembers) in [("another password 4", None), ("yet another password 4", Some(true)), ("and another password 4", Some(false))] {
        line.cut().await;
        tablet.goto(&format!("{app}/deals/{deal}")).await?;
        tablet.fill(&on("payment-amount"), "1").await?;
        tablet.choose_file(&on("payment-photo-take"), &photo).await?;
        tablet.wait_for(&on("photo-preview")).await?;
        tablet.click(&on("payment-save")).await?;
        tablet.wait_for_text("#page", "照片待上傳").await?;
        lock(&tablet, &app).await?;
        if remembers.is_some() {
            change_stored(&tablet, "sealed", "file_bytes", NO_LETTERS).await?;
        }
        let former = std::mem::replace(&mut password, new);
        give_password(&server, "rep1", new).await?;
        line.mend().await;

        tablet.click(&on("unlock-somebody-else")).await?;
        tablet.fill(&on("login-name"), "rep1").await?;
        tablet.fill(&on("login-password"), new).await?;
        tablet.click(&on("login-submit")).await?;
        if let Some(remembers) = remembers {
            // The payment itself has gone as a letter.
            tablet.wait_for_text(&on("login-error"), "有 1 筆還沒上傳的資料，用改之前的密碼鎖著").await?;
            if remembers {
                tablet.fill(&on("login-former"), "not that one").await?;
                tablet.click(&on("login-submit")).await?;
                tablet.wait_for_text(&on("login-error"), "改之前的密碼不對").await?;
                tablet.fill(&on("login-former"), former).await?;
                tablet.click(&on("login-submit")).await?;
            } else {
                tablet.click(&on("login-give-up")).await?;
            }
        }
        tablet.wait_for(&on("sync-chip")).await?;
        wait_until_synced(&tablet).await?;
    }
    assert_eq!(there().await?, (named + 3, stored + 2), "every payment has come with word of its photo, and two photos with it");
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_opens_a_warm_device_until_the_page_is_gone_or_five_were_wrong() -> Result {
    let Scene { server: _server, office: _, line, app, tablet } = Scene::begin("rep4").await?;
    tablet.goto(&format!("{app}/more")).await?;
    tablet.click(&on("more-pin")).await?;
    tablet.fill(&on("pin-new"), "1234").await?;
    tablet.click(&on("pin-save")).await?;
    tablet.wait_for_text(&on("pin-sheet"), "容易猜").await?;
    tablet.fill(&on("pin-new"), "2580").await?;
    tablet.click(&on("pin-save")).await?;
    tablet.wait_until_gone(&on("pin-sheet")).await?;
    line.cut().await;

    tablet.click(&on("lock")).await?;
    let try_pin = async |pin: &str| {
        tablet.fill(&on("unlock-pin"), pin).await?;
        tablet.click(&on("unlock-submit")).await
    };
    try_pin("2581").await?;
    tablet.wait_for_text(&on("unlock-error"), "PIN 碼不對").await?;
    try_pin("2580").await?;
    tablet.wait_for(&on("sync-chip")).await?;

    // The key goes with the page that is locked.
    tablet.click(&on("lock")).await?;
    tablet.wait_for(&on("unlock-pin")).await?;
    tablet.reload().await?;
    unlock(&tablet).await?;

    tablet.click(&on("lock")).await?;
    for _ in 0..4 {
        try_pin("1379").await?;
        tablet.wait_for_text(&on("unlock-error"), "PIN 碼不對").await?;
    }
    try_pin("1379").await?;
    tablet.wait_for_text(&on("unlock-error"), "請輸入密碼").await?;
    tablet.wait_until_gone(&on("unlock-pin")).await?;
    unlock(&tablet).await?;
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_access_leaves_nothing_on_a_locked_device() -> Result {
    const DATABASES: &str = "return indexedDB.databases().then(all => all.map(one => one.name).filter(name => name.includes('sealed')).length)";
    let Scene { server, office, line, app, tablet } = Scene::begin("rep4").await?;
    line.cut().await;
    add_customer(&tablet, &app, NAME, PHONE).await?;
    lock(&tablet, &app).await?;
    assert_eq!(tablet.run(DATABASES, json!([])).await?, json!(1));

    let id = revoke(&server, "rep4").await?;
    line.mend().await;
    tablet.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    tablet.wait_for(&on("login-removed")).await?;
    tablet.wait_for(&on("login-name")).await?;
    assert_eq!(tablet.run(DATABASES, json!([])).await?, json!(0));
    let held: Vec<HeldCommand> = office.holdings().await?.all()?;
    assert_eq!(held.iter().filter(|held| held.by == id).count(), 1, "what was recorded waits for a ruling");
    tablet.reload().await?;
    tablet.wait_for(&on("login-name")).await?;
    assert_eq!(tablet.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_access_keeps_no_draft_on_an_open_device_either() -> Result {
    let has_drafts = |count: u8| {
        format!(
            "return indexedDB.databases().then(all => new Promise((done, failed) => {{
                const opening = indexedDB.open(all.map(one => one.name).find(name => name.includes('sealed')));
                opening.onerror = () => failed(opening.error);
                opening.onsuccess = () => {{
                    const counting = opening.result.transaction('drafts').objectStore('drafts').count();
                    counting.onsuccess = () => {{ opening.result.close(); done(counting.result === {count}); }};
                }};
            }}))"
        )
    };
    let Scene { server, office: _, line: _line, app, tablet } = Scene::begin("rep4").await?;
    fill_customer(&tablet, &app, DRAFT, DRAFT_PHONE).await?;
    tablet.wait_until("store the draft", &has_drafts(1)).await?;
    revoke(&server, "rep4").await?;
    tablet.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    tablet.wait_until("forget the draft", &has_drafts(0)).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_while_somebody_logs_out_is_not_left_behind_unnoticed() -> Result {
    let Scene { server: _server, office, line, app, tablet } = Scene::begin("rep4").await?;
    tablet.goto(&format!("{app}/more")).await?;
    tablet.wait_for(&on("logout")).await?;
    line.switch(Mode::Slow(Duration::from_secs(4))).await;
    tablet.click(&on("logout")).await?;
    tablet.click("//a[@href='/customers']").await?;
    tablet.click(&on("customers-add")).await?;
    tablet.fill(&on("customer-name"), NAME).await?;
    tablet.fill(&on("customer-phone-input"), PHONE).await?;
    tablet.click(&on("customer-save")).await?;
    tablet.wait_for(&on("unlock-waiting")).await?;

    line.mend().await;
    tablet.click(&on("unlock-somebody-else")).await?;
    enter_by_form(&tablet, "rep4").await?;
    tablet.wait_for(&on("sync-chip")).await?;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, NAME).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_handed_over_or_left_in_one_tab_is_so_in_all() -> Result {
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let browser = Browser::start(Device::desktop("tabs")).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;
    browser.goto(&format!("{app}/more")).await?;
    browser.click(&on("more-pin")).await?;
    browser.fill(&on("pin-new"), "2580").await?;
    browser.click(&on("pin-save")).await?;
    browser.wait_until_gone(&on("pin-sheet")).await?;
    browser.run("window.open('/more', 'second')", json!([])).await?;
    let in_second = |test_id: &str| format!("window.open('', 'second').document.querySelector('{}')", on(test_id));
    let shows_there = async |test_id: &str| browser.wait_until(test_id, &format!("return {} != null", in_second(test_id))).await.map(drop);
    let click_there = async |test_id: &str| {
        shows_there(test_id).await?;
        browser.run(&format!("{}.click()", in_second(test_id)), json!([])).await.map(drop)
    };
    let fill_there = async |test_id: &str, text: &str| {
        shows_there(test_id).await?;
        let script =
            format!("const field = {}; field.value = arguments[0]; field.dispatchEvent(new Event('input', {{ bubbles: true }}))", in_second(test_id));
        browser.run(&script, json!([text])).await.map(drop)
    };
    let log_in_there = async |login: &str| {
        click_there("unlock-somebody-else").await?;
        fill_there("login-name", login).await?;
        fill_there("login-password", DEMO_PASSWORD).await?;
        click_there("login-submit").await?;
        shows_there("sync-chip").await
    };
    shows_there("lock").await?;

    // Locked in both, and handed over in the second: the PIN of before opens nothing in the first, which asks for the password of who has it now.
    lock(&browser, &app).await?;
    log_in_there("rep5").await?;
    browser.fill(&on("unlock-pin"), "2580").await?;
    browser.click(&on("unlock-submit")).await?;
    browser.wait_for(&on("unlock-password")).await?;
    unlock(&browser).await?;
    wait_until_synced(&browser).await?;

    // Open in the first, and handed over in the second: the first is closed.
    lock(&browser, &app).await?;
    shows_there("unlock-password").await?;
    unlock(&browser).await?;
    log_in_there("rep4").await?;
    browser.wait_for(&on("login-name")).await?;

    // Locked in the second, and left in the first: nothing is there to be unlocked.
    enter_by_form(&browser, "rep4").await?;
    browser.wait_for(&on("sync-chip")).await?;
    lock(&browser, &app).await?;
    shows_there("unlock-submit").await?;
    browser.click(&on("unlock-by-password")).await?;
    unlock(&browser).await?;
    wait_until_synced(&browser).await?;
    browser.goto(&format!("{app}/more")).await?;
    browser.click(&on("logout")).await?;
    browser.wait_for(&on("login-name")).await?;
    click_there("unlock-by-password").await?;
    fill_there("unlock-password", DEMO_PASSWORD).await?;
    click_there("unlock-submit").await?;
    shows_there("login-name").await
}

async fn enter_by_form(browser: &Browser, login: &str) -> Result {
    browser.fill(&on("login-name"), login).await?;
    browser.fill(&on("login-password"), DEMO_PASSWORD).await?;
    browser.click(&on("login-submit")).await
}

/// The second secret of the session, as the page sends it.
async fn secret_of_session(browser: &Browser) -> Result<String> {
    const HEAR: &str = "const ask = window.fetch;
        window.fetch = (request, ...more) => {
            window.sentSecret = request.headers?.get('huixiao-secret') ?? window.sentSecret;
            return ask.call(window, request, ...more);
        };
        window.dispatchEvent(new Event('online'))";
    browser.run(HEAR, json!([])).await?;
    let heard = browser.wait_until("send the session's second secret", "return window.sentSecret").await?;
    let secret = heard.as_str().unwrap_or_default().to_owned();
    assert_eq!(secret.len(), 43, "256 bits");
    Ok(secret)
}

/// From the next page on it is 73 hours later.
pub(crate) async fn put_clock_on(browser: &Browser) -> Result<Value> {
    const LATER: &str = "const Real = Date, later = 73 * 3600e3;
        globalThis.Date = class extends Real {
            constructor(...given) { given.length ? super(...given) : super(Real.now() + later) }
            static now() { return Real.now() + later }
        }";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LATER })).await
}

/// From the next page on it is the time that it is.
pub(crate) async fn put_clock_back(browser: &Browser, put_on: &Value) -> Result {
    browser.cdp("Page.removeScriptToEvaluateOnNewDocument", json!({ "identifier": put_on["identifier"] })).await.map(drop)
}

/// An administrator gives somebody another password.
async fn give_password(server: &Server, login: &str, password: &str) -> Result {
    let id = user(server, login).await?.id;
    let administrator = Account::log_in(&server.url(), "admin", DEMO_PASSWORD).await?;
    administrator.post(&format!("/api/users/{id}/password"), &json!({ "password": password })).await.map(drop)
}

/// An administrator takes somebody's access away.
async fn revoke(server: &Server, login: &str) -> Result<UserId> {
    let User { id, name, role, team, .. } = user(server, login).await?;
    let edit = EditUser { user: id, name, role, team, access: Access::Revoked };
    Account::log_in(&server.url(), "admin", DEMO_PASSWORD).await?.submit(edit).await?;
    Ok(id)
}

async fn user(server: &Server, login: &str) -> Result<User> {
    let users: Vec<User> = Account::log_in(&server.url(), "admin", DEMO_PASSWORD).await?.holdings().await?.all()?;
    users.into_iter().find(|user| user.login == login).ok_or_else(|| Trouble::new("the demo company has them"))
}

/// How many customers of a name the server has.
async fn arrived(office: &Account, name: &str) -> Result<usize> {
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    Ok(customers.iter().filter(|customer| customer.profile.name == name).count())
}

async fn write_in_the_clear(browser: &Browser, text: &str) -> Result {
    let script = "const text = arguments[0]; return new Promise((resolve, reject) => {
        const opening = indexedDB.open('control', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('words');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
            const tx = opening.result.transaction('words', 'readwrite', { durability: 'strict' });
            tx.objectStore('words').put(new TextEncoder().encode(text).buffer, 1);
            tx.oncomplete = () => resolve(true);
        };
    })";
    browser.run(script, json!([text])).await.map(drop)
}

/// Which of the texts stand in any file below the folder, as UTF-8 or UTF-16.
fn found_in(folder: &Path, texts: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Sockets and what Chromium has removed meanwhile hold nothing.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            for text in texts {
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let is_in = |wanted: &[u8]| memchr::memmem::find(&bytes, wanted).is_some();
                if is_in(text.as_bytes()) || is_in(&wide) {
                    println!("{text:?} in {}", path.display());
                    found.push(text.clone());
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn m3_too_long_without_the_server_customers_are_hidden_and_recording_goes_on() -> Result {
    if !can(Part::Clock)? {
        return Ok(());
    }
    let Scene { server: _server, office, line, app, tablet } = Scene::begin("rep4").await?;
    line.cut().await;
    tablet.goto(&format!("{app}/customers")).await?;
    tablet.wait_for(&on("customer-row")).await?;

    let clock = put_clock_on(&tablet).await?;
    tablet.goto(&format!("{app}/customers")).await?;
    tablet.wait_for(&on("lease")).await?;
    assert!(!tablet.seen(&on("customer-row")).await?);
    fill_customer(&tablet, &app, NAME, PHONE).await?;
    tablet.click(&on("customer-save")).await?;
    tablet.wait_for(&on("lease")).await?;

    // Setting the clock back does not help; the server does.
    put_clock_back(&tablet, &clock).await?;
    tablet.goto(&format!("{app}/customers")).await?;
    tablet.wait_for(&on("lease")).await?;
    tablet.click(&on("lease-sync")).await?;
    line.mend().await;
    tablet.wait_for_text("#page", NAME).await?;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office, NAME).await?, 1);
    Ok(())
}
