//! Lists that come in and go out as files, with no network: what reads and writes them was downloaded with the rest of the app.

use rust_xlsxwriter::Workbook;
use serde_json::json;
use shared::customers::Customer;
use shared::exports::{Export, Format};
use std::time::Duration;
use tests::fixtures::csv::List;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{log_in, on, wait_until_synced};

const NORTH: usize = 120;
const SOUTH: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a2_a_spreadsheet_is_imported_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = office.holdings().await?.all::<Customer>()?.len();
    let device = Browser::start(Device::tablet("desk 1")).await?;
    log_in(&device, &line.url(), "rep4").await?;
    device.goto(&format!("{}/customers/import", line.url())).await?;
    device.wait_for(&on("import")).await?;
    line.cut().await;

    let folder = tempfile::tempdir()?;
    let (locked, good) = (folder.path().join("locked.xlsx"), folder.path().join("good.xlsx"));
    let name = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    std::fs::write(&locked, [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 504], &name("EncryptedPackage")].concat())?;
    std::fs::write(&good, two_lists())?;

    device.choose_file(&on("import-file"), &locked).await?;
    device.wait_for(&on("import-refused")).await?;
    device.choose_file(&on("import-file"), &good).await?;
    // The hidden sheet is not offered.
    device.wait_for(&on("import-sheet")).await?;
    let offered =
        device.run("return [...document.querySelector(arguments[0]).options].map(o => o.text).filter(Boolean)", json!([on("import-sheet")])).await?;
    assert_eq!(offered, json!(["北區", "南區"]));
    import(&device, NORTH).await?;
    device.click(&on("import-again")).await?;
    device.choose_file(&on("import-file"), &good).await?;
    device.wait_for(&on("import-sheet")).await?;
    const CHOOSE: &str = "const list = document.querySelector(arguments[0]);
        list.value = [...list.options].find(option => option.text === arguments[1]).value;
        list.dispatchEvent(new Event('change', { bubbles: true }))";
    device.run(CHOOSE, json!([on("import-sheet"), "南區"])).await?;
    import(&device, SOUTH).await?;

    line.mend().await;
    wait_until_synced(&device).await?;
    let after = office.holdings().await?.all::<Customer>()?.len();
    assert_eq!(after - before, NORTH + SOUTH);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a7_who_exports_says_why_and_the_manager_reads_it() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let device = Browser::start(Device::tablet("supervisor's")).await?;
    log_in(&device, &line.url(), "supervisor1").await?;
    wait_until_synced(&device).await?;
    device.goto(&format!("{}/customers", line.url())).await?;
    device.wait_for(&on("customer-row")).await?;
    line.cut().await;
    device.click(&on("customers-export")).await?;
    device.click(&on("export-now")).await?;
    // Without a reason nothing is given.
    device.wait_for(&format!("{}[aria-invalid=true]", on("export-reason"))).await?;
    device.fill(&on("export-reason"), "寄送年節禮品").await?;
    device.click(&on("export-now")).await?;
    device.wait_until_gone(&on("export-reason")).await?;
    line.mend().await;
    wait_until_synced(&device).await?;

    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let kept = office.holdings().await?.all::<Export>()?;
    assert_eq!(kept.iter().map(|export| (export.reason.as_str(), export.format)).collect::<Vec<_>>(), [("寄送年節禮品", Format::Xlsx)]);
    let admin = Browser::start(Device::desktop("admin")).await?;
    log_in(&admin, &server.url(), "admin").await?;
    admin.goto(&format!("{}/exports", server.url())).await?;
    admin.wait_for_text(&on("export-row"), "寄送年節禮品").await?;
    let rep = Browser::start(Device::tablet("rep's")).await?;
    log_in(&rep, &server.url(), "rep1").await?;
    rep.goto(&format!("{}/customers", server.url())).await?;
    rep.wait_for(&on("customer-row")).await?;
    assert!(!rep.seen(&on("customers-export")).await?, "a rep exports nothing");
    Ok(())
}

/// Checks and takes in what is shown, which is so many new customers.
async fn import(device: &Browser, customers: usize) -> Result {
    device.click(&on("import-check")).await?;
    device.wait_for_text(&on("import-submit"), &customers.to_string()).await?;
    device.click(&on("import-submit")).await?;
    device.wait_for_within(&on("import-done"), Duration::from_secs(60)).await
}

fn two_lists() -> Vec<u8> {
    let list = List::of(NORTH + SOUTH);
    let mut book = Workbook::new();
    let mut add = |name: &str, rows, hidden| {
        let sheet = book.add_worksheet().set_name(name).expect("a name").set_hidden(hidden);
        list.fill(sheet, rows);
    };
    add("去年", 0..10, true);
    add("北區", 0..NORTH, false);
    add("南區", NORTH..NORTH + SOUTH, false);
    book.worksheet_from_index(1).expect("the second").set_active(true);
    book.save_to_buffer().expect("a book in memory")
}
