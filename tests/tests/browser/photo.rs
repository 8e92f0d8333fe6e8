//! A photo of the slip: taken without a network, kept, sent in parts when there is one, and seen by whoever sees the deal.

use serde_json::json;
use shared::deals::{Deal, Stage};
use shared::files::{Attachment, ContentHash, Media};
use shared::sync::files::PART_BYTES;
use tests::fixtures::picture;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Mode, Proxy, Result};
use tests::steps::{lock, log_in, on, pay_with_photo, take_photo, unlock, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_taken_without_a_network_is_kept_and_reaches_the_server() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let rep = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let deals = rep.holdings().await?.all::<Deal>()?;
    let deal = deals.into_iter().find(|deal| deal.stage == Stage::Signed && deal.open().minor > 0).expect("a deal of the demo");
    let (line, office_line) = (Proxy::start(&server.address()).await?, Proxy::start(&server.address()).await?);
    let (app, office_app) = (line.url(), office_line.url());
    let desk = Browser::start(Device::tablet("desk")).await?;
    let manager = Browser::start(Device::desktop("manager")).await?;
    for (browser, app, login) in [(&desk, &app, "rep1"), (&manager, &office_app, "manager")] {
        log_in(browser, app, login).await?;
        wait_until_synced(browser).await?;
    }

    // In the ballroom: a photo that is no photo is told, another is taken, removed, and chosen again.
    line.cut().await;
    desk.goto(&format!("{app}/deals/{}", deal.id)).await?;
    let folder = tempfile::tempdir()?;
    let (text, photo) = (folder.path().join("slip.txt"), folder.path().join("slip.png"));
    std::fs::write(&text, "not a photo")?;
    std::fs::write(&photo, picture::noise(2_000, 1_500))?;
    desk.choose_file(&on("payment-photo-choose"), &text).await?;
    desk.wait_for_text(&on("payment-photo"), "這個檔案不是照片").await?;
    take_photo(&desk, &photo).await?;
    desk.click(&on("photo-remove")).await?;
    desk.wait_until_gone(&on("photo-preview")).await?;
    take_photo(&desk, &photo).await?;
    desk.click(&on("payment-save")).await?;
    desk.wait_for(&on("slip-small")).await?;
    desk.wait_for_text(&on("payment-photo-note"), "待上傳").await?;
    desk.click(&on("sync-chip")).await?;
    let told = desk.wait_for_text(&on("sync-photos"), " MB").await?;
    assert!(told.starts_with("1 張"), "{told}");

    // The page is loaded again, and the network still away: the photo is there, and said to wait.
    desk.reload().await?;
    desk.wait_for(&on("slip-small")).await?;
    desk.click(&on("slip-open")).await?;
    wait_for_size(&desk).await?;
    desk.wait_for(&format!("{}[data-stored=false]", on("slip-standing"))).await?;

    // Large enough to read the small print.
    desk.click(&on("slip-photo")).await?;
    let width = format!("return document.querySelector('{}').getBoundingClientRect().width", on("slip-photo"));
    assert_eq!(desk.run(&width, json!([])).await?, json!(1_600));

    // A line that is good enough for records and not for photos: the record goes, and nobody logs out over a photo that is only here.
    line.switch(Mode::Without("/api/files/")).await;
    desk.wait_for_text(&on("sync-chip"), "1 張照片待上傳").await?;
    desk.goto(&format!("{app}/more")).await?;
    // A page that left before it had stored the server's word asks for it again: until then the record waits too.
    let only_the_photo = format!("return document.querySelector('{}')?.innerText.trim() === '1 張照片待上傳'", on("sync-chip"));
    desk.wait_until("know that the record has arrived", &only_the_photo).await?;
    desk.click(&on("logout")).await?;
    desk.wait_for_text(&on("logout-refused"), "有 1 張照片只在這台裝置上").await?;

    // A good line: the photo goes, in parts.
    line.mend().await;
    desk.goto(&format!("{app}/deals/{}", deal.id)).await?;
    desk.click(&on("slip-open")).await?;
    desk.wait_for(&format!("{}[data-stored=true]", on("slip-standing"))).await?;
    wait_until_synced(&desk).await?;
    let after = office.holdings().await?;
    let paid = after.all::<Deal>()?.into_iter().find(|found| found.id == deal.id).expect("the manager sees every deal");
    let id = paid.payments.last().and_then(|payment| payment.photo).expect("the payment names its photo");
    let attachment = after.all::<Attachment>()?.into_iter().find(|attachment| attachment.id == id).expect("and has it");
    assert!(attachment.stored_at.is_some());
    assert!(attachment.content.bytes > PART_BYTES, "large enough for several parts: {} bytes", attachment.content.bytes);
    let found = office.get(&format!("/api/files/{}", attachment.content.sha256)).await?.bytes().await?;
    assert_eq!((attachment.content.media, ContentHash::of(&found)), (Media::Jpeg, attachment.content.sha256));

    // The manager sees it, on a device that never had it; without a network it is told why not.
    wait_until_synced(&manager).await?;
    manager.goto(&format!("{office_app}/deals/{}", deal.id)).await?;
    manager.click(&on("slip-open")).await?;
    wait_for_size(&manager).await?;
    manager.wait_for(&format!("{}[data-stored=true]", on("slip-standing"))).await?;
    office_line.cut().await;
    manager.reload().await?;
    manager.click(&on("slip-open")).await?;
    manager.wait_for_text(&on("slip-not-here"), "現在也連不到伺服器").await?;
    office_line.mend().await;
    manager.click(&on("slip-again")).await?;
    wait_for_size(&manager).await?;

    // Nothing waits, so nobody is kept from logging out.
    desk.goto(&format!("{app}/more")).await?;
    desk.click(&on("logout")).await?;
    desk.wait_for(&on("login-name")).await?;
    for browser in [&desk, &manager] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}

/// Chosen without a network, and the tablet locked and put away.
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_leaves_while_the_device_is_locked() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let line = Proxy::start(&server.address()).await?;
    let (app, desk) = (line.url(), Browser::start(Device::tablet("desk")).await?);
    log_in(&desk, &app, "rep1").await?;
    wait_until_synced(&desk).await?;
    line.cut().await;
    let deal = pay_with_photo(&desk, &app, &server).await?;
    lock(&desk, &app).await?;
    desk.wait_for_text("#page", "1 張照片").await?;

    line.mend().await;
    desk.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    desk.wait_until_gone(&on("unlock-waiting")).await?;
    desk.wait_until("say that no photo waits", "return !document.querySelector('#page').innerText.includes('張照片')").await?;
    let attachments: Vec<Attachment> = office.holdings().await?.all()?;
    let attachment = attachments.iter().find(|attachment| attachment.deal == deal).expect("the payment names its photo");
    assert!(attachment.stored_at.is_some());
    let found = office.get(&format!("/api/files/{}", attachment.content.sha256)).await?.bytes().await?;
    assert_eq!(ContentHash::of(&found), attachment.content.sha256, "opened by the server");

    unlock(&desk).await?;
    wait_until_synced(&desk).await?;
    desk.goto(&format!("{app}/deals/{deal}")).await?;
    desk.click(&on("slip-open")).await?;
    wait_for_size(&desk).await?;
    desk.wait_for(&format!("{}[data-stored=true]", on("slip-standing"))).await?;
    assert_eq!(desk.console_errors().await?, Vec::<String>::new());
    Ok(())
}

/// The photo is on the screen, in the size in which it is kept.
async fn wait_for_size(browser: &Browser) -> Result {
    let script = format!("return document.querySelector('{}')?.naturalWidth === 1600", on("slip-photo"));
    let shown = browser.wait_until("show the photo", &script).await?;
    assert_eq!(shown, json!(true));
    Ok(())
}
