//! A device whose network does not come back: what it has not sent is taken to another device in a file, which tells nothing.

use serde_json::json;
use shared::customers::Customer;
use shared::files::Attachment;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{add_customer, log_in, on, pay_with_photo, wait_until_synced};

const NAMES: [&str; 2] = ["雷檔案", "雷隨身"];
const PHONES: [&str; 2] = ["0933000551", "0933000552"];

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_cannot_send_another_one_sends() -> Result {
    const HEAR: &str = "const give = URL.createObjectURL;
        URL.createObjectURL = blob => { blob.text().then(text => { window.taken = text }); return give.call(URL, blob); };";
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let line = Proxy::start(&server.address()).await?;
    let (app, tablet) = (line.url(), Browser::start(Device::tablet("tablet")).await?);
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    line.cut().await;
    let deal = pay_with_photo(&tablet, &app, &server).await?;
    for (name, phone) in NAMES.iter().zip(PHONES) {
        add_customer(&tablet, &app, name, phone).await?;
    }
    tablet.click(&on("sync-chip")).await?;
    tablet.run(HEAR, json!([])).await?;
    tablet.click(&on("carry-take")).await?;
    let file = tablet.wait_until("be given the file", "return window.taken").await?;
    let file = file.as_str().unwrap_or_default();
    for secret in NAMES.iter().chain(&PHONES) {
        assert!(!file.contains(secret));
    }
    let rep = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let me = rep.get("/api/session").await?.json::<serde_json::Value>().await?["user"].as_str().unwrap_or_default().to_owned();
    assert!(file.contains(&me), "it says whose it is");

    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &server.url(), "rep1").await?;
    wait_until_synced(&phone).await?;
    phone.goto(&format!("{}/more", server.url())).await?;
    let folder = tempfile::tempdir()?;
    let send = async |text: &str, answer: &str| {
        let path = folder.path().join("file.txt");
        std::fs::write(&path, text)?;
        phone.choose_file(&on("carry-file"), &path).await?;
        phone.wait_for_text(&on("carry-sent"), answer).await
    };
    send(&file[..file.len() / 2], "檔案不完整").await?;
    send(&file.replace(&me, "00000000-0000-0000-0000-00000000ffff"), "別人的紀錄").await?;
    send(file, "3 筆紀錄都已在公司。 1 張照片也都在了").await?;
    send(file, "3 筆紀錄都已在公司。 1 張照片也都在了").await?;
    assert_eq!(arrived(&office).await?, [1, 1]);
    let slips =
        office.holdings().await?.all::<Attachment>()?.into_iter().filter(|attachment| attachment.deal == deal && attachment.stored_at.is_some());
    assert_eq!(slips.count(), 1);

    // The tablet's line comes back all the same.
    line.mend().await;
    wait_until_synced(&tablet).await?;
    assert_eq!(arrived(&office).await?, [1, 1], "sent from both, there once");
    for browser in [&tablet, &phone] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}

/// How many customers of each name the server has.
async fn arrived(office: &Account) -> Result<[usize; 2]> {
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    Ok(NAMES.map(|name| customers.iter().filter(|customer| customer.profile.name == name).count()))
}
