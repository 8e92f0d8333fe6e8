//! A disk that changes what it was given, or somebody who does: what is damaged costs only itself, and there is a way on without a technician.

use serde_json::json;
use shared::customers::Customer;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{add_customer, change_stored, log_in, on, unlock_if_asked, wait_until_synced};

const BEFORE: &str = "雷在前";
const SEALED: &str = "雷有信";
const AFTER: &str = "雷在後";
const LOST: &str = "雷全壞";
const LATER: &str = "雷之後";
const KEPT: &str = "雷仍在";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_damaged_costs_only_itself() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep4").await?;
    wait_until_synced(&phone).await?;

    // What the person's key does not open any more goes as its letter, in its place.
    line.cut().await;
    for (name, number) in [(BEFORE, "0933000571"), (SEALED, "0933000572"), (AFTER, "0933000573")] {
        add_customer(&phone, &app, name, number).await?;
    }
    damage(&phone, 1, &["command"]).await?;
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", AFTER).await?;
    line.mend().await;
    wait_until_synced(&phone).await?;
    phone.wait_for_text("#page", SEALED).await?;
    assert_eq!(arrived(&office, &[BEFORE, SEALED, AFTER]).await?, [1, 1, 1]);

    // Without a letter it is lost: what comes after it is not, and the person is told.
    line.cut().await;
    for (name, number) in [(LOST, "0933000574"), (LATER, "0933000575")] {
        add_customer(&phone, &app, name, number).await?;
    }
    damage(&phone, 0, &["command", "letter"]).await?;
    // Opened anew before there is a line: the page that saved it still has it whole in memory, and would send that.
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", LATER).await?;
    line.mend().await;
    phone.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    phone.wait_for_text(&on("sync-chip"), "1 筆被拒").await?;
    phone.click(&on("sync-chip")).await?;
    phone.wait_for_text(&on("sync-refusal"), "損壞").await?;
    phone.click(&on("refusal-dismiss")).await?;
    wait_until_synced(&phone).await?;
    assert_eq!(arrived(&office, &[LOST, LATER]).await?, [0, 1]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_read_is_begun_anew_by_its_person() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep4").await?;
    wait_until_synced(&phone).await?;
    add_customer(&phone, &app, KEPT, "0933000576").await?;
    wait_until_synced(&phone).await?;

    // What the engine knows is gone: nothing that is there can be trusted.
    change_stored(&phone, "sealed", "meta", "store.delete('engine')").await?;
    phone.reload().await?;
    phone.wait_for(&format!("{}, {}", on("unusable"), on("unlock-password"))).await?;
    if phone.seen(&on("unlock-password")).await? {
        phone.fill(&on("unlock-password"), DEMO_PASSWORD).await?;
        phone.click(&on("unlock-submit")).await?;
    }
    phone.wait_for(&on("unusable")).await?;
    phone.click(&on("anew-ask")).await?;
    phone.wait_for(&on("anew-remains")).await?;
    phone.click(&on("anew-begin")).await?;
    unlock_if_asked(&phone).await?;
    wait_until_synced(&phone).await?;
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", KEPT).await?;

    // What the device knows of itself: whoever logs in has everything again, but for what cannot be sent without their lock, which is counted.
    line.cut().await;
    add_customer(&phone, &app, LOST, "0933000577").await?;
    change_stored(
        &phone,
        "sealed",
        "outbox",
        "store.openCursor().onsuccess = event => { const { letter, ...rest } = event.target.result.value; event.target.result.update(rest); }",
    )
    .await?;
    change_stored(&phone, "device", "facts", "store.put('nothing', 'device')").await?;
    phone.reload().await?;
    phone.wait_for(&on("unusable")).await?;
    phone.click(&on("anew-ask")).await?;
    phone.wait_for_text(&on("anew-remains"), "讀不出來").await?;
    phone.click(&on("anew-begin")).await?;
    // A page that is left while it removes has removed nothing.
    phone.wait_for(&on("login-name")).await?;
    line.mend().await;
    phone.fill(&on("login-name"), "rep4").await?;
    phone.fill(&on("login-password"), DEMO_PASSWORD).await?;
    phone.click(&on("login-submit")).await?;
    phone.wait_for_text(&on("login-error"), "有 1 筆還沒上傳的資料").await?;
    phone.click(&on("login-give-up")).await?;
    phone.wait_for(&on("sync-chip")).await?;
    wait_until_synced(&phone).await?;
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", KEPT).await.map(drop)
}

async fn arrived(office: &Account, names: &[&str]) -> Result<Vec<usize>> {
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    Ok(names.iter().map(|name| customers.iter().filter(|customer| customer.profile.name == *name).count()).collect())
}

/// Changes a byte in parts of the record that stands at a place of the outbox.
async fn damage(phone: &Browser, place: usize, parts: &[&str]) -> Result {
    let act = format!(
        "store.openCursor().onsuccess = function () {{
            const cursor = this.result;
            if (this.seen === undefined) this.seen = 0;
            if (this.seen++ < {place}) return cursor.continue();
            for (const part of {}) new Uint8Array(cursor.value[part])[90] ^= 1;
            cursor.update(cursor.value);
        }}",
        json!(parts)
    );
    change_stored(phone, "sealed", "outbox", &act).await
}
