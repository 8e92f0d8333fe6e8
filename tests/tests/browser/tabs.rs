//! Two tabs that both believe to be the one that syncs, as in a browser without locks: neither overwrites the other, and both go on. One that
//! was elected and is frozen does not keep the others from it.

use crate::engines::{Part, can};
use serde_json::json;
use shared::customers::Customer;
use shared::people::User;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Engine, Lack, Proxy, Result, Trouble};
use tests::steps::{add_customer, lock, log_in, on, wait_until_synced};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_window_with_the_lock_in_its_hands_keeps_nobody_from_syncing() -> Result {
    // It holds the lock and answers nobody. The app's own tab had it, and asks for it again.
    const FREEZE: &str = "const [name, lock] = arguments, frozen = window.open('/icons/icon.svg', name, 'popup,width=300,height=300');
        return new Promise(done => {
            const looking = setInterval(() => {
                if (!frozen.location.pathname.endsWith('.svg') || frozen.document.readyState !== 'complete') return;
                clearInterval(looking);
                frozen.navigator.locks.request(lock, { steal: true }, () => { done(true); return new Promise(() => {}); });
            }, 50);
        })";
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let browser = Browser::start(Device::desktop("frozen")).await?;
    log_in(&browser, &app, "rep4").await?;
    wait_until_synced(&browser).await?;
    let arrived = async |name: &str| {
        let customers: Vec<Customer> = office.holdings().await?.all()?;
        Ok::<_, Trouble>(customers.iter().filter(|customer| customer.profile.name == name).count())
    };
    let lock_of_rep = lock_of(&office).await?;
    browser.run(FREEZE, json!(["frozen", lock_of_rep])).await?;
    browser.click("//a[@href='/customers']").await?;
    browser.click(&on("customers-add")).await?;
    browser.fill(&on("customer-name"), "雷解凍").await?;
    browser.fill(&on("customer-phone-input"), "0933-000-611").await?;
    browser.click(&on("customer-save")).await?;
    browser.wait_for(&on("customer-detail")).await?;
    wait_until_synced(&browser).await?;
    assert_eq!(arrived("雷解凍").await?, 1);

    // Locked, the worker sends in spite of it.
    line.cut().await;
    add_customer(&browser, &app, "雷凍住", "0933-000-612").await?;
    lock(&browser, &app).await?;
    browser.wait_for(&on("unlock-waiting")).await?;
    browser.run(FREEZE, json!(["frozen too", lock_of_rep])).await?;
    line.mend().await;
    browser.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    browser.wait_until_gone(&on("unlock-waiting")).await?;
    assert_eq!(arrived("雷凍住").await?, 1);
    Ok(())
}

/// The lock under which rep4's data are synced.
async fn lock_of(office: &Account) -> Result<String> {
    let users: Vec<User> = office.holdings().await?.all()?;
    let user = users.into_iter().find(|user| user.login == "rep4").ok_or_else(|| Trouble::new("the demo company has them"))?;
    Ok(format!("huixiao-sync-{}", user.id))
}
