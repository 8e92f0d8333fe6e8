//! A bug that stops the app: the person is told, in their language, and what was saved is there after loading again.

use serde_json::json;
use tests::harness::server::{Company, Server};
use tests::harness::{Browser, Device, Result};
use tests::steps::{add_customer, fill_customer, log_in, on, speak, unlock_if_asked, wait_until_synced};

const SAVED: &str = "宋平安";
const LOST: &str = "宋未存";
const LOST_PHONE: &str = "0933-000-777";

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_told_in_the_users_language_and_loses_nothing_saved() -> Result {
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("rep")).await?;
    log_in(&browser, &server.url(), "rep4").await?;
    wait_until_synced(&browser).await?;
    add_customer(&browser, &server.url(), SAVED, "0933-000-666").await?;
    wait_until_synced(&browser).await?;

    for (language, happened, safe, load) in [
        ("zh-Hant-TW", "程式出錯", "已存的都安全", "重新載入"),
        ("zh-Hans-CN", "程序出错", "已保存的都安全", "重新载入"),
        ("en", "went wrong", "What you saved is safe", "Load again"),
    ] {
        speak(&browser, &server.url(), language).await?;
        unlock_if_asked(&browser).await?;
        fill_customer(&browser, &server.url(), LOST, LOST_PHONE).await?;
        assert!(!browser.seen("#crashed").await?);
        // A real panic of the app that ships: every record needs a random identity, and there is no chance any more.
        // In one script, or a sync that needs one too panics first and its message covers the button.
        let no_chance = "crypto.getRandomValues = () => { throw new Error('no chance') }; document.querySelector(arguments[0]).click()";
        browser.run(no_chance, json!([on("customer-save")])).await?;

        let told = browser.wait_for_text("#crashed", happened).await?;
        assert!(told.contains(safe) && told.contains(load), "{told}");
        assert!(!tells_of(&told), "no customer's data: {told}");
        browser.click("#crashed button").await?;
        browser.wait_until_gone("#crashed").await?;
        browser.wait_for(&on("sync-chip")).await?;
        browser.goto(&format!("{}/customers", server.url())).await?;
        browser.fill(&on("customers-search"), SAVED).await?;
        browser.wait_for_text(&on("customer-row"), SAVED).await?;
    }

    let console = browser.console_errors().await?.join("\n");
    assert!(console.contains("panic at ") && console.contains(".rs:"), "the console says where: {console}");
    assert!(!tells_of(&console), "no customer's data in the console: {console}");
    Ok(())
}

fn tells_of(text: &str) -> bool {
    let digits = LOST_PHONE.replace('-', "");
    [LOST, LOST_PHONE, &digits, &digits[1..]].iter().any(|part| text.contains(part))
}
