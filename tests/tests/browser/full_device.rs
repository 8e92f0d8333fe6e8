//! A device without room: nothing is called saved that is not, what was saved stays, and with room again the work goes on.

use crate::engines::{Part, can};
use serde_json::json;
use shared::check_ins::CheckIn;
use shared::customers::Customer;
use shared::meetings::Guest;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{add_customer, fill_customer, log_in, on, tomorrows_meeting, wait_until_synced};

const BEFORE: &str = "宋先存";
const DURING: &str = "宋滿載";
const WALK_IN: &str = "宋臨門";

#[tokio::test(flavor = "multi_thread")]
async fn d1_a_full_device_says_not_saved_and_goes_on_without_a_reload_when_there_is_room() -> Result {
    if !can(Part::FullDevice)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let meeting = tomorrows_meeting(&office.holdings().await?)?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let browser = Browser::start(Device::tablet("desk")).await?;
    room(&browser, &app).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;

    // Without the network, so that what is unsent is seen to stay.
    line.cut().await;
    add_customer(&browser, &app, BEFORE, "0933-000-333").await?;

    fill_customer(&browser, &app, DURING, "0933-000-444").await?;
    no_room(&browser, &app).await?;
    browser.click(&on("customer-save")).await?;
    let told = browser.wait_for_text(&on("customer-form-failed"), "存不進去：裝置空間不足").await?;
    assert!(told.contains("清出空間後再存一次"), "{told}");
    assert!(!browser.seen(&on("toast")).await?, "nothing is called saved");
    assert_eq!(
        browser.run("return document.querySelector(arguments[0]).value", json!([on("customer-name")])).await?,
        DURING,
        "it stays on the screen"
    );
    browser.wait_for_text(&on("sync-chip"), "裝置空間不足").await?;

    // Room again: the same button saves, and the warning goes.
    room(&browser, &app).await?;
    browser.click(&on("customer-save")).await?;
    browser.wait_for(&on("customer-detail")).await?;
    let said = browser.wait_for_text(&on("sync-chip"), "2 筆待上傳").await?;
    assert!(!said.contains("空間不足"), "{said}");

    // At the door: a verdict that is not saved says so, and is saved by one button.
    browser.goto(&format!("{app}/venue/{meeting}/walk-in")).await?;
    browser.fill(&on("walk-in-name"), WALK_IN).await?;
    browser.fill(&on("walk-in-phone"), "0933-000-555").await?;
    no_room(&browser, &app).await?;
    browser.click(&on("walk-in-save")).await?;
    browser.wait_for_text(&on("walk-in-not-saved"), "存不進去：裝置空間不足").await?;
    assert!(!browser.seen(&on("verdict-saved")).await?, "nobody is told that it was saved");
    room(&browser, &app).await?;
    browser.click(&on("walk-in-save")).await?;
    browser.wait_for(&on("verdict-saved")).await?;

    // Full at its start: the app opens all the same, with everything that was saved.
    no_room(&browser, &app).await?;
    browser.goto(&format!("{app}/customers")).await?;
    for name in [BEFORE, DURING] {
        browser.fill(&on("customers-search"), name).await?;
        browser.wait_for_text(&on("customer-row"), name).await?;
    }

    // Full while the server answers: what cannot be stored is not shown as synced, and comes when there is room.
    line.mend().await;
    browser.wait_for_text(&on("sync-chip"), "裝置空間不足").await?;
    room(&browser, &app).await?;
    browser.click(&on("sync-chip")).await?;
    browser.click(&on("sync-now")).await?;
    wait_until_synced(&browser).await?;
    let after = office.holdings().await?;
    let customers: Vec<Customer> = after.all()?;
    for name in [BEFORE, DURING] {
        assert_eq!(customers.iter().filter(|customer| customer.profile.name == name).count(), 1, "{name} arrived once");
    }
    let guests: Vec<Guest> = after.all::<Guest>()?.into_iter().filter(|guest| guest.name == WALK_IN).collect();
    assert_eq!(guests.len(), 1);
    assert_eq!(after.all::<CheckIn>()?.iter().filter(|check_in| check_in.guest == guests[0].id).count(), 1);
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    Ok(())
}

/// What the device has room for: the app, its data, and some to spare.
const ROOM: usize = 64 << 20;

async fn room(browser: &Browser, app: &str) -> Result {
    browser.cdp("Storage.overrideQuotaForOrigin", json!({ "origin": app, "quotaSize": ROOM })).await.map(drop)
}

/// From now on every write fails with `QuotaExceededError`. Chromium lets writes pass that fit into what it last knew to be free, and
/// counts anew only for a larger one.
async fn no_room(browser: &Browser, app: &str) -> Result {
    const WRITE: &str = "return new Promise((done, failed) => {
        const opening = indexedDB.open('proof-of-room', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('weights');
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
            const weight = new Uint8Array(arguments[0]);
            for (let at = 0; at < weight.length; at += 65536) crypto.getRandomValues(weight.subarray(at, at + 65536));
            const writing = opening.result.transaction('weights', 'readwrite');
            writing.objectStore('weights').put(weight, 'weight');
            const end = said => { opening.result.close(); done(said) };
            writing.oncomplete = () => end('stored');
            writing.onabort = () => end(writing.error.name);
        };
    })";
    browser.cdp("Storage.overrideQuotaForOrigin", json!({ "origin": app, "quotaSize": 1 })).await?;
    assert_eq!(browser.run(WRITE, json!([ROOM])).await?, "QuotaExceededError");
    Ok(())
}
