//! Browsers that lack what the app is built on: it says what is missing and what to do, or works all the same.

use shared::customers::Customer;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Lack, Proxy, Result};
use tests::steps::{enter, on, unlock, visit, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn without_web_assembly_the_page_says_what_is_missing_and_what_to_do() -> Result {
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("locked down").without(Lack::WebAssembly)).await?;
    browser.goto(&server.url()).await?;
    browser.wait_for(".shell-no-wasm").await?;
    let told = browser.text(".shell-no-wasm").await?;
    assert!(told.contains("封閉模式") && told.contains("改用 Chrome"), "{told}");
    assert!(!browser.seen(".shell-progress").await?, "nothing seems to go on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_service_workers_the_log_in_says_that_the_app_will_not_open_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let browser = Browser::start(Device::phone("no worker").without(Lack::ServiceWorkers)).await?;
    visit(&browser, &line.url()).await?;
    let told = browser.wait_for_text(&on("login-no-worker"), "沒有網路時打不開").await?;
    assert!(told.contains("請用一般視窗打開"), "{told}");
    works(&browser, &server, &line.url(), "宋無工").await?;

    // Nobody sends what waits while it is locked, and the lock page does not say so.
    line.cut().await;
    add(&browser, "宋無網").await?;
    browser.click("//a[@href='/more']").await?;
    browser.click(&on("lock")).await?;
    browser.wait_for_text(&on("unlock-waiting"), "打開後才會送出").await?;
    line.mend().await;
    unlock(&browser).await?;
    wait_until_synced(&browser).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_window_works_with_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("private").without(Lack::Memory)).await?;
    works(&browser, &server, &server.url(), "宋無痕").await
}

/// With a network people can work: what is saved arrives. Without loading a page again, which may ask for the password.
async fn works(browser: &Browser, server: &Server, app: &str, name: &str) -> Result {
    enter(browser, app, "rep4").await?;
    wait_until_synced(browser).await?;
    add(browser, name).await?;
    wait_until_synced(browser).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let after: Vec<Customer> = office.holdings().await?.all()?;
    assert_eq!(after.iter().filter(|customer| customer.profile.name == name).count(), 1, "it arrived, once");
    Ok(())
}

async fn add(browser: &Browser, name: &str) -> Result {
    browser.click("//a[@href='/customers']").await?;
    browser.click(&on("customers-add")).await?;
    browser.fill(&on("customer-name"), name).await?;
    browser.fill(&on("customer-phone-input"), "0933-000-999").await?;
    browser.click(&on("customer-save")).await?;
    browser.wait_for(&on("customer-detail")).await
}
