//! Two tablets without any network: one reads the other's code from its screen and shows what the other lacks, which reads it in turn (clause D9). A camera
//! sees what the other's screen has shown: its codes are read off the page, and filmed as a hand would hold them.

use crate::decode;
use serde_json::json;
use shared::carry::fountain::{Collector, Seen};
use shared::ids::MeetingId;
use shared::meetings::Guest;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::harness::camera::Take;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Camera, Device, Proxy, Result, Trouble};
use tests::steps::{find_guest, log_in, on, tomorrows_meeting, unlock_if_asked, wait_until_synced, walk_in};
use tokio::time::{Instant, sleep};

const WALK_IN: &str = "宋臨門";

#[tokio::test(flavor = "multi_thread")]
async fn d9_what_one_tablet_lacks_it_reads_off_the_others_screen_without_any_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let meeting = tomorrows_meeting(&office.holdings().await?)?;
    let (giver_line, taker_line) = (Proxy::start(&server.address()).await?, Proxy::start(&server.address()).await?);
    let (giver_camera, taker_camera) = (Camera::new()?, Camera::new()?);
    let giver = Browser::start(Device::tablet("giver").with_camera(&giver_camera.video())).await?;
    let taker = Browser::start(Device::tablet("taker").with_camera(&taker_camera.video())).await?;
    for (browser, line, login) in [(&giver, &giver_line, "rep4"), (&taker, &taker_line, "rep5")] {
        log_in(browser, &line.url(), login).await?;
        wait_until_synced(browser).await?;
        wait_until_certified(browser, &line.url(), meeting).await?;
    }

    // At the venue: no network at all.
    giver_line.cut().await;
    taker_line.cut().await;
    walk_in(&giver, &giver_line.url(), meeting, WALK_IN, "0933-000-111").await?;

    // Both cameras are on while the codes turn, as with two tablets face to face.
    open(&taker, &taker_line.url(), meeting, "venue-take", &taker_camera).await?;
    open(&giver, &giver_line.url(), meeting, "venue-give", &giver_camera).await?;
    film(&giver, &giver_camera, &frames(&taker).await?).await?;
    giver.wait_for_within(&on("carry-given"), Duration::from_secs(60)).await?;
    film(&taker, &taker_camera, &frames(&giver).await?).await?;
    taker.wait_for_within(&format!("{}[data-outcome=new]", on("carry-done")), Duration::from_secs(60)).await?;
    assert_eq!(taker.text(&on("carry-walk-ins")).await?, "1");

    find_guest(&taker, &taker_line.url(), meeting, WALK_IN, WALK_IN).await?;
    taker.wait_for(&format!("{} .badge.mood-good", on("guest-row"))).await?;
    let at_the_server: Vec<Guest> = office.holdings().await?.all()?;
    assert!(!at_the_server.iter().any(|guest| guest.name == WALK_IN), "it came from screen to camera, and no other way");
    for browser in [&giver, &taker] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}

/// The server certifies a device soon after its first complete pull; then it has a code to show.
async fn wait_until_certified(browser: &Browser, app: &str, meeting: MeetingId) -> Result {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        browser.goto(&format!("{app}/venue/{meeting}/take")).await?;
        unlock_if_asked(browser).await?;
        browser.wait_for(&format!("{}, {}", on("carry-code"), on("carry-not-ready"))).await?;
        if browser.seen(&on("carry-code")).await? {
            return Ok(());
        }
        if Instant::now() > patience {
            return Err(Trouble::new("the device is not certified"));
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Opens a page of the exchange with the camera before it, as a person does: from the desk of the meeting.
async fn open(browser: &Browser, app: &str, meeting: MeetingId, way: &str, camera: &Camera) -> Result {
    browser.goto(&format!("{app}/venue/{meeting}")).await?;
    unlock_if_asked(browser).await?;
    browser.wait_for(&on("venue-desk")).await?;
    browser.lend(camera).await?;
    browser.click(&on(way)).await?;
    browser.wait_for(&format!("{}[data-state=on]", on("carry-camera"))).await
}

/// The texts of the codes that a page shows, one after the other, until they are the whole message. The film of them begins again at its end, so that
/// what a camera misses comes once more.
async fn frames(browser: &Browser) -> Result<Vec<String>> {
    const DRAWN: &str = "return document.querySelector(arguments[0] + ' path')?.getAttribute('d') ?? ''";
    browser.wait_for(&on("carry-code")).await?;
    let (mut texts, mut collector) = (Vec::new(), Collector::default());
    let mut seen = BTreeSet::new();
    for _ in 0..600 {
        let drawn = browser.run(DRAWN, json!([on("carry-code")])).await?;
        if let Some(text) = read(drawn.as_str().unwrap_or_default())
            && seen.insert(text.clone())
        {
            let is_whole = matches!(collector.see(&text), Seen::Whole(_));
            texts.push(text);
            if is_whole {
                return Ok(texts);
            }
        }
        sleep(Duration::from_millis(60)).await;
    }
    Err(Trouble::new(format!("{} codes were shown, and are no message", texts.len())))
}

/// What a code says, from its drawing: a square for each dark module, `M{x},{y}h1v1h-1z`.
fn read(drawn: &str) -> Option<String> {
    const MODULE: usize = 6;
    const SIDE: usize = 89 * MODULE;
    let squares = drawn.split('M').skip(1).filter_map(|square| square.split_once('h')?.0.split_once(','));
    let dark: Vec<(usize, usize)> = squares.filter_map(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?))).collect();
    let mut luma = vec![255; SIDE * SIDE];
    for (x, y) in dark {
        for row in y * MODULE..(y + 1) * MODULE {
            luma.get_mut(row * SIDE + x * MODULE..row * SIDE + (x + 1) * MODULE)?.fill(0);
        }
    }
    decode::codes_in(SIDE, SIDE, &luma).pop()
}

/// Each code for a moment, before the camera that is on.
async fn film(browser: &Browser, camera: &Camera, codes: &[String]) -> Result {
    camera.show(&codes.iter().map(|code| Take::Code(code, 2)).collect::<Vec<_>>())?;
    browser.lend(camera).await
}
