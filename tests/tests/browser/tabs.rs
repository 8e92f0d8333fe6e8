//! Two tabs that both believe to be the one that syncs, as in a browser without locks: neither overwrites the other, and both go on.

use crate::engines::{Part, can};
use serde_json::json;
use shared::customers::Customer;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Engine, Lack, Result};
use tests::steps::{add_customer, log_in, on, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_both_sync_lose_nothing_and_go_on() -> Result {
    if !can(Part::NoLocks)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let browser = Browser::start(Device::desktop("two tabs").without(Lack::Locks)).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;
    assert_eq!(browser.run("return navigator.locks ?? 'none'", json!([])).await?, "none");
    // In Chromium the second tab has locks, and takes the one that the first knows nothing of; elsewhere it has none either.
    browser.run("window.second = window.open('/')", json!([])).await?;
    let second = format!("window.second?.document.querySelector('{}[data-synced=true]') !== null", on("sync-chip"));
    browser.wait_until("sync in the second tab", &format!("return window.second?.document.readyState === 'complete' && {second}")).await?;
    let held = "return window.second.navigator.locks?.query().then(all => all.held.length) ?? 'none'";
    let expected = if browser.engine() == Engine::Chromium { json!(1) } else { json!("none") };
    assert_eq!(browser.run(held, json!([])).await?, expected, "both sync");

    let names = ["雷雙頁", "雷並行", "雷同時", "雷不漏"];
    for (number, name) in names.iter().enumerate() {
        add_customer(&browser, &app, name, &format!("0933-000-60{number}")).await?;
        wait_until_synced(&browser).await?;
        assert!(!browser.text(&on("sync-chip")).await?.contains("無法儲存"), "the storage is in order");
    }
    let office = Account::log_in(&app, "manager", DEMO_PASSWORD).await?;
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    for name in names {
        assert_eq!(customers.iter().filter(|customer| customer.profile.name == name).count(), 1, "{name} arrived once");
    }
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    Ok(())
}
