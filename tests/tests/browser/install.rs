//! What Chromium asks of an app before it offers to install it.

use crate::engines::{Part, can};
use serde_json::{Value, json};
use tests::harness::server::{Company, Server};
use tests::harness::{Browser, Device, Result};
use tests::steps::{visit, wait_until_controlled};

#[tokio::test(flavor = "multi_thread")]
async fn chromium_finds_nothing_that_stops_the_installation() -> Result {
    if !can(Part::Install)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("visitor")).await?;
    visit(&browser, &server.url()).await?;
    wait_until_controlled(&browser).await?;

    let manifest = browser.cdp("Page.getAppManifest", json!({})).await?;
    assert_eq!(manifest["errors"], json!([]), "errors in the manifest");
    assert_eq!(manifest["url"], format!("{}/manifest.webmanifest", server.url()));
    let found = browser.cdp("Page.getInstallabilityErrors", json!({})).await?;
    assert_eq!(found["installabilityErrors"], Value::Array(Vec::new()));
    Ok(())
}
