//! A contract's life after the handshake (clauses F1 to F3): instalments, both signatures, money entered twice, the customer's copy, another version, and
//! calling off, all of it without a network until the server is needed.

use serde_json::json;
use shared::customers::Customer;
use shared::deals::{Deal, Stage};
use shared::ids::DealId;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{give_signature, log_in, on, wait_until_synced};

/// The deal whose page is shown.
async fn shown(browser: &Browser) -> Result<DealId> {
    let address = browser.url().await?;
    let id = address.split('/').rev().find_map(|part| part.parse().ok());
    Ok(id.unwrap_or_else(|| panic!("a deal's address: {address}")))
}

async fn sign_and_look(browser: &Browser) -> Result<DealId> {
    give_signature(browser).await?;
    browser.click(&on("sign-submit")).await?;
    browser.wait_for(&on("sign-done")).await?;
    let deal = shown(browser).await;
    browser.click(&on("sign-to-deal")).await?;
    browser.wait_for(&on("deal")).await?;
    deal
}

async fn pay(browser: &Browser, amount: &str) -> Result {
    browser.fill(&on("payment-amount"), amount).await?;
    browser.click(&on("payment-save")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f1_f2_f3_instalments_both_signatures_a_mistake_a_copy_another_version_and_money_given_back() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let own = Account::log_in(&server.url(), "rep4", DEMO_PASSWORD).await?;
    let customer = own.holdings().await?.all::<Customer>()?.remove(0).id;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "rep4").await?;
    wait_until_synced(&tablet).await?;
    line.cut().await;

    // Three parts after a deposit; both sign.
    tablet.goto(&format!("{app}/deals/new?customer={customer}")).await?;
    tablet.click(&on("product-more")).await?;
    tablet.fill(&on("deal-deposit"), "1000").await?;
    tablet.click(&format!("{} button:nth-child(3)", on("deal-parts"))).await?;
    tablet.wait_for(&on("deal-part")).await?;
    assert_eq!(tablet.count(&on("deal-part")).await?, 3);
    tablet.click(&on("deal-open")).await?;
    tablet.wait_for_text(&on("sign-text"), "付款期程").await?;
    let first = sign_and_look(&tablet).await?;
    assert_eq!(tablet.count(&on("contract-signature")).await?, 2);
    assert_eq!(tablet.count(&on("schedule-part")).await?, 4);

    // The same money twice: asked about, and marked as a mistake.
    pay(&tablet, "1000").await?;
    tablet.wait_for(&on("payment")).await?;
    tablet.fill(&on("payment-amount"), "1000").await?;
    tablet.wait_for(&on("payment-twin")).await?;
    tablet.click(&on("payment-save")).await?;
    tablet.wait_for(&format!("{}:nth-child(2)", on("payment"))).await?;
    tablet.click(&format!("{}:nth-child(2) {}", on("payment"), on("payment-void"))).await?;
    tablet.fill(&format!("{}:nth-child(2) {}", on("payment"), on("payment-void-reason")), "同一筆記了兩次").await?;
    tablet.click(&format!("{}:nth-child(2) {}", on("payment"), on("payment-void-confirm"))).await?;
    tablet.wait_for_text(&on("payment-voided"), "同一筆記了兩次").await?;
    tablet.wait_for_text(&on("deal-paid"), "NT$1,000").await?;
    tablet.click(&on("payment-receipt")).await?;
    tablet.wait_for_text(&on("receipt-amount"), "NT$1,000").await?;

    // The customer's copy: the link is made now, and opens once the contract is there.
    tablet.goto(&format!("{app}/deals/{first}")).await?;
    tablet.click(&on("copy-pdf")).await?;
    tablet.wait_for_text(".toast", "伺服器").await?;
    tablet.click(&on("copy-link")).await?;
    tablet.wait_for(&on("copy-qr")).await?;
    // Making it has changed the deal, and the page was drawn anew.
    tablet.wait_for(&on("copy-withdraw")).await?;
    let address = tablet.text(&on("copy-address")).await?;
    let copy = address.trim().strip_prefix(&app).unwrap_or_else(|| panic!("an address of this server: {address}")).to_owned();
    assert!(office.get(&copy).await.is_err(), "nothing has reached the server yet");

    // Another version, before anybody is asked: the customer wants one more.
    tablet.goto(&format!("{app}/deals/{first}")).await?;
    tablet.click(&on("deal-new-version")).await?;
    tablet.wait_for(&on("deal-open")).await?;
    tablet.click(&on("product-more")).await?;
    tablet.click(&on("deal-open")).await?;
    tablet.wait_for_text(&on("sign-text"), "取代").await?;
    let second = sign_and_look(&tablet).await?;
    assert_ne!(first, second);
    tablet.wait_for_text(&on("deal-paid"), "NT$1,000").await?;
    tablet.goto(&format!("{app}/deals/{first}")).await?;
    tablet.wait_for(&on("deal-replaced")).await?;

    // To be called off: somebody else rules, and what was paid is given back.
    tablet.goto(&format!("{app}/deals/{second}")).await?;
    tablet.click(&on("deal-ask-cancel")).await?;
    tablet.fill(&on("deal-ask-cancel-reason"), "客戶改變主意").await?;
    tablet.click(&on("deal-ask-cancel-confirm")).await?;
    tablet.wait_for(&on("cancellation-waiting")).await?;
    line.mend().await;
    wait_until_synced(&tablet).await?;
    for path in [&copy, &format!("/api/deals/{second}/contract.pdf")] {
        let pdf = own.get(path).await?;
        assert_eq!(pdf.status(), 200, "{path}");
        assert!(pdf.bytes().await?.starts_with(b"%PDF-"), "{path}");
    }
    tablet.click(&on("copy-pdf")).await?;
    let manager = Browser::start(Device::desktop("manager")).await?;
    log_in(&manager, &server.url(), "manager").await?;
    wait_until_synced(&manager).await?;
    manager.goto(&format!("{}/deals/{second}", server.url())).await?;
    manager.click(&on("cancellation-grant")).await?;
    manager.click(&on("cancellation-grant-confirm")).await?;
    wait_until_synced(&manager).await?;
    // After an outage a browser may take its time until it hears the server again.
    tablet.run("window.dispatchEvent(new Event('online'))", json!([])).await?;
    tablet.wait_for(&on("refund-form")).await?;
    tablet.fill(&on("refund-reason"), "解約退費").await?;
    tablet.click(&on("refund-save")).await?;
    tablet.wait_for(&on("refund")).await?;
    tablet.wait_until_gone(&on("refund-form")).await?;
    wait_until_synced(&tablet).await?;

    let deals: Vec<Deal> = office.holdings().await?.all()?;
    let find = |id| deals.iter().find(|deal| deal.id == id).expect("on the server");
    assert_eq!(find(first).stage, Stage::Replaced { by: second });
    let last = find(second);
    assert!(matches!(&last.stage, Stage::Cancelled { reason } if reason == "客戶改變主意"), "{last:?}");
    assert_eq!((last.payments.len(), last.refunded().minor, last.paid().minor), (2, 100_000, 0));
    assert_eq!(last.instalments.len(), 3);
    for browser in [&tablet, &manager] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}
