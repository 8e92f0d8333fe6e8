//! A browser removes what lies on the device, all of it or a part: it is told, what the server has comes back, and what can still be sent is.

use serde_json::json;
use shared::customers::Customer;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{add_customer, lock, log_in, on, unlock, wait_until_synced};

const SAFE: &str = "雷在公司";
const SEALED: &str = "雷有信";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_has_removed_is_told_and_fetched_again() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep4").await?;
    wait_until_synced(&phone).await?;
    add_customer(&phone, &app, SAFE, "0933000561").await?;
    wait_until_synced(&phone).await?;

    // The rows alone: they come back, and that something may be lost is told.
    lock(&phone, &app).await?;
    remove(&phone, "sealed").await?;
    unlock(&phone).await?;
    phone.wait_for_text(&on("sync-chip"), "瀏覽器清掉了").await?;
    phone.click(&on("sync-chip")).await?;
    phone.click(&on("evicted-known")).await?;
    wait_until_synced(&phone).await?;
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", SAFE).await?;

    // The lock alone: nobody can open what is there any more, but its letters are sent.
    line.cut().await;
    add_customer(&phone, &app, SEALED, "0933000562").await?;
    lock(&phone, &app).await?;
    remove(&phone, "device").await?;
    line.mend().await;
    phone.goto(&app).await?;
    phone.wait_for_text(&on("login-evicted"), "瀏覽器已把資料清掉").await?;
    phone.fill(&on("login-name"), "rep4").await?;
    phone.fill(&on("login-password"), DEMO_PASSWORD).await?;
    phone.click(&on("login-submit")).await?;
    wait_until_synced(&phone).await?;
    phone.goto(&format!("{app}/customers")).await?;
    phone.wait_for_text("#page", SEALED).await?;
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    for name in [SAFE, SEALED] {
        assert_eq!(customers.iter().filter(|customer| customer.profile.name == name).count(), 1, "{name}");
    }
    Ok(())
}

/// Removes databases as a browser does that needs room.
pub(crate) async fn remove(phone: &Browser, which: &str) -> Result {
    const REMOVE: &str = "const [which] = arguments;
        return indexedDB.databases().then(all => Promise.all(all.map(one => one.name).filter(name => name.includes(which)).map(name =>
            new Promise((done, failed) => {
                const removing = indexedDB.deleteDatabase(name);
                removing.onsuccess = () => done(name);
                removing.onerror = () => failed(removing.error);
            })))).then(names => names.length)";
    let removed = phone.run(REMOVE, json!([which])).await?;
    assert_eq!(removed, json!(1), "{which}");
    Ok(())
}
