//! Draws the pictures that browsers show before they install the app: the `screenshots` of public/manifest.webmanifest, of the demo company.
//! Needs `trunk build --release --offline` and `cargo build -p server`; run it after the looks have changed.

use serde_json::json;
use shared::customers::Customer;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use std::process::{Command, ExitCode};
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Holdings, Result, Trouble, checkout_folder};
use tests::steps::{log_in, wait_until_synced};

/// In CSS pixels, and how many points one of them has.
#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
    sharpness: u32,
}

// The manifest says the sizes, in points; Chromium shows no picture that is more than 2.3 times as long as it is wide.
const PHONE: Size = Size { width: 360, height: 780, sharpness: 2 };
const DESK: Size = Size { width: 1280, height: 800, sharpness: 1 };

#[tokio::main]
async fn main() -> ExitCode {
    match draw().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("draw_screenshots: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn draw() -> Result {
    let server = Server::start(Company::Demo).await?;
    let today = meeting(&server, "好水好眠生活體驗會").await?;
    let held = meeting(&server, "換季過敏與居家空氣說明會").await?;
    let rep = Browser::start(Device::phone("rep")).await?;
    log_in(&rep, &server.url(), "rep1").await?;
    picture(&rep, &server, "narrow-today", PHONE, "/", "[data-testid=today-list]").await?;
    picture(&rep, &server, "narrow-venue", PHONE, &format!("/venue/{today}"), "[data-testid=venue-desk]").await?;
    let manager = Browser::start(Device::desktop("manager")).await?;
    log_in(&manager, &server.url(), "manager").await?;
    picture(&manager, &server, "wide-board", DESK, &format!("/board/{held}"), "[data-testid=board]").await?;
    let customer = holdings(&server).await?.all::<Customer>()?.into_iter().find(|customer| !customer.profile.needs.is_empty());
    let customer = customer.ok_or_else(|| Trouble::new("the demo company has no customer with needs"))?.id;
    picture(&manager, &server, "wide-customers", DESK, &format!("/customers/{customer}"), "[data-testid=customer-detail]").await
}

async fn holdings(server: &Server) -> Result<Holdings> {
    Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?.holdings().await
}

async fn meeting(server: &Server, theme: &str) -> Result<MeetingId> {
    let meeting = holdings(server).await?.all::<Meeting>()?.into_iter().find(|meeting| meeting.plan.theme == theme);
    Ok(meeting.ok_or_else(|| Trouble::new(format!("the demo company has no meeting 「{theme}」")))?.id)
}

async fn picture(browser: &Browser, server: &Server, name: &str, size: Size, path: &str, ready: &str) -> Result {
    let Size { width, height, sharpness } = size;
    wait_until_synced(browser).await?;
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": sharpness, "mobile": width < 1024 });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
    browser.cdp("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Taipei" })).await?;
    browser.goto(&format!("{}{path}", server.url())).await?;
    browser.wait_for(ready).await?;
    wait_until_synced(browser).await?;
    let file = checkout_folder().join("public/install").join(format!("{name}.png"));
    browser.screenshot(&file).await?;
    let shrunk = Command::new("node").arg(checkout_folder().join("scripts/shrink-png.mjs")).arg(&file).status()?;
    if shrunk.success() { Ok(()) } else { Err(Trouble::new(format!("{} could not be made small", file.display()))) }
}
