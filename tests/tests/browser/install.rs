//! What Chromium asks of an app before it offers to install it.

use crate::engines::{Part, can};
use serde::Deserialize;
use serde_json::{Value, json};
use tests::harness::server::{Company, Server};
use tests::harness::{Browser, Device, Result, Trouble, checkout_folder};
use tests::steps::{log_in, on, visit, wait_until_controlled, wait_until_synced};

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

    let parsed = &manifest["manifest"];
    for (member, count) in [("icons", 5), ("shortcuts", 4), ("screenshots", 4)] {
        assert_eq!(parsed[member].as_array().map(Vec::len), Some(count), "Chromium reads every one of the {member}");
    }
    let said: Manifest = serde_json::from_str(manifest["data"].as_str().unwrap_or_default())?;
    let icons = said.shortcuts.iter().flat_map(|shortcut| &shortcut.icons).chain(&said.icons).filter(|icon| icon.sizes != "any");
    for picture in icons.chain(&said.screenshots) {
        let (width, height) = size_of(&browser, &picture.src).await?;
        assert_eq!(picture.sizes, format!("{width}x{height}"), "{}", picture.src);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_of_the_offer_are_shown_and_cost_a_visitor_nothing() -> Result {
    const HELD: &str = "const names = await caches.keys();
        const held = await Promise.all(names.map(async name => (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname)));
        return held.flat().concat(performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname))";
    if !can(Part::Install)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("visitor")).await?;
    visit(&browser, &server.url()).await?;
    wait_until_controlled(&browser).await?;
    let held = browser.run(&format!("return (async () => {{ {HELD} }})()"), json!([])).await?;
    let held: Vec<_> = held.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(held.contains(&"/icons/icon.svg"), "the worker holds the app: {held:?}");
    assert!(!held.iter().any(|path| path.starts_with("/install/")), "and nothing that only the browser's dialogues show: {held:?}");

    let manifest = browser.cdp("Page.getAppManifest", json!({})).await?;
    let said: Manifest = serde_json::from_str(manifest["data"].as_str().unwrap_or_default())?;
    for form in ["narrow", "wide"] {
        let pictures: Vec<_> = said.screenshots.iter().filter(|picture| picture.form_factor == form).collect();
        assert!(!pictures.is_empty(), "{form}");
        assert!(pictures.iter().all(|picture| picture.sizes == pictures[0].sizes), "{form}: Chromium shows those of one shape together");
        for picture in pictures {
            assert!(!picture.label.is_empty(), "{}: who does not see it is told", picture.src);
            let (width, height) = size_of(&browser, &picture.src).await?;
            let (long, short) = (width.max(height), width.min(height));
            assert!(short >= 320 && long <= 3_840 && long * 10 <= short * 23, "{}: Chromium shows none of {width}×{height}", picture.src);
            assert_eq!(width > height, form == "wide", "{}", picture.src);
            let file = std::fs::metadata(checkout_folder().join("public").join(picture.src.trim_start_matches('/')))?;
            assert!(file.len() < 80_000, "{}: {} bytes", picture.src, file.len());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shortcut_opens_a_page_of_the_app() -> Result {
    if !can(Part::Install)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("rep")).await?;
    log_in(&browser, &server.url(), "rep1").await?;
    wait_until_synced(&browser).await?;
    let manifest = browser.cdp("Page.getAppManifest", json!({})).await?;
    let said: Manifest = serde_json::from_str(manifest["data"].as_str().unwrap_or_default())?;
    let ready = |url: &str| match url {
        "/venue" => Some("venue-desk"),
        "/customers" => Some("customer-row"),
        "/customers/new" => Some("customer-form"),
        "/calls" => Some("desk"),
        _ => None,
    };
    for Shortcut { name, url, .. } in &said.shortcuts {
        let ready = ready(url).ok_or_else(|| Trouble::new(format!("{name} leads to {url}, which this test does not know")))?;
        browser.goto(&format!("{}{url}", server.url())).await?;
        browser.wait_for(&on(ready)).await?;
        assert!(!browser.seen(&on("not-found")).await?, "{name}: {url}");
    }
    Ok(())
}

#[derive(Deserialize)]
struct Manifest {
    icons: Vec<Picture>,
    shortcuts: Vec<Shortcut>,
    screenshots: Vec<Picture>,
}

#[derive(Deserialize)]
struct Shortcut {
    name: String,
    url: String,
    icons: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    src: String,
    sizes: String,
    #[serde(default)]
    form_factor: String,
    #[serde(default)]
    label: String,
}

/// The size that a picture really has, as the browser reads it.
async fn size_of(browser: &Browser, src: &str) -> Result<(u64, u64)> {
    const SIZE: &str = "const image = new Image();
        image.src = arguments[0];
        return image.decode().then(() => [image.naturalWidth, image.naturalHeight])";
    let size = browser.run(SIZE, json!([src])).await?;
    Ok((size[0].as_u64().unwrap_or(0), size[1].as_u64().unwrap_or(0)))
}

/// What browsers call themselves, how many fingers they feel, whose steps are shown, and whether they come before the log-in.
const BROWSERS: [(&str, u32, &str, bool); 4] = [
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", 5, "Apple", true),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", 5, "Android", false),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", 5, "AndroidFirefox", false),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", 1, "Computer", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_an_offer_shows_its_own_steps_and_those_of_others_on_demand() -> Result {
    const BEFORE: &str = "const [install, submit] = [...arguments].map(css => document.querySelector(css));
        return Boolean(install.compareDocumentPosition(submit) & Node.DOCUMENT_POSITION_FOLLOWING)";
    if !can(Part::Install)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let browser = Browser::start(Device::phone("visitor")).await?;
    // Chromium makes its offer when it likes; here it comes when the test says so.
    const NO_OFFER: &str = "addEventListener('beforeinstallprompt', event => event.isTrusted && event.stopImmediatePropagation(), true)";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NO_OFFER })).await?;
    for (name, fingers, way, comes_first) in BROWSERS {
        browser.cdp("Emulation.setUserAgentOverride", json!({ "userAgent": name })).await?;
        browser.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true, "maxTouchPoints": fingers })).await?;
        visit(&browser, &server.url()).await?;
        let shown = |way: &str| format!("{}[data-way={way}]", on("install-steps"));
        browser.wait_for(&shown(way)).await?;
        assert_eq!(browser.run(BEFORE, json!([on("install-first"), on("login-submit")])).await?, json!(comes_first), "{way}");
        let other = if way == "Mac" { "Apple" } else { "Mac" };
        assert!(!browser.seen(&shown(other)).await?, "{way}: the steps of others are folded");
        browser.click(&format!("{} summary", on("install-others"))).await?;
        browser.wait_for(&shown(other)).await?;
        assert_eq!(browser.count(&on("install-steps")).await?, 5, "{way}: its own and four others");
    }
    log_in(&browser, &server.url(), "rep1").await?;
    browser.goto(&format!("{}/more", server.url())).await?;
    let steps = format!("{} {}[data-way=Computer]", on("install-here"), on("install-steps"));
    browser.wait_for(&steps).await?;
    browser.run("dispatchEvent(new Event('beforeinstallprompt', { cancelable: true }))", json!([])).await?;
    browser.wait_for(&on("install")).await?;
    browser.wait_until_gone(&steps).await
}
