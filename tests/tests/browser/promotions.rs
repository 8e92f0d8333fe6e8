//! Promotions (clauses E3 and F1): offered by themselves, taken and signed with no network, paid, in the customer's copy; and two desks that give the last
//! of the first one, of which a manager hears.

use shared::customers::Customer;
use shared::deals::Deal;
use shared::ids::{CustomerId, DealId};
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{give_signature, log_in, on, wait_until_synced};

const NAME: &str = "現場第一名";

/// Sells the first product with the promotion, and signs.
async fn take_and_sign(tablet: &Browser, app: &str, customer: CustomerId) -> Result<DealId> {
    tablet.goto(&format!("{app}/deals/new?customer={customer}")).await?;
    tablet.click(&on("product-more")).await?;
    tablet.wait_for_text(&on("offers"), NAME).await?;
    let whole = tablet.text(&on("deal-total")).await?;
    tablet.click(&on("offer-take")).await?;
    tablet.wait_for(&on("deal-saved")).await?;
    assert_ne!(tablet.text(&on("deal-total")).await?, whole, "it takes something off");
    tablet.click(&on("deal-open")).await?;
    tablet.wait_for_text(&on("sign-text"), NAME).await?;
    give_signature(tablet).await?;
    tablet.click(&on("sign-submit")).await?;
    tablet.wait_for(&on("sign-done")).await?;
    tablet.click(&on("sign-to-deal")).await?;
    tablet.wait_for_text(&on("line-promotion"), NAME).await?;
    let address = tablet.url().await?;
    Ok(address.split('/').rev().find_map(|part| part.parse().ok()).unwrap_or_else(|| panic!("a deal's address: {address}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_two_desks_give_the_last_of_the_first_one_and_the_manager_rules() -> Result {
    let server = Server::start(Company::Demo).await?;
    let mut sellers = Vec::new();
    for login in ["rep1", "rep4"] {
        let account = Account::log_in(&server.url(), login, DEMO_PASSWORD).await?;
        let customer = account.holdings().await?.all::<Customer>()?.remove(0).id;
        sellers.push((login, account, customer));
    }

    // The manager offers it to the first one.
    let manager = Browser::start(Device::desktop("manager")).await?;
    log_in(&manager, &server.url(), "manager").await?;
    wait_until_synced(&manager).await?;
    manager.goto(&format!("{}/promotions", server.url())).await?;
    manager.click(&on("promotion-add")).await?;
    manager.fill(&on("promotion-name"), NAME).await?;
    for (field, at) in [("promotion-opens", "2020-01-01T00:00"), ("promotion-closes", "2040-01-01T00:00")] {
        manager.set(&on(field), at).await?;
    }
    for product in 1..=2 {
        manager.click(&format!("{} button:nth-child({product})", on("promotion-products"))).await?;
    }
    manager.fill(&on("promotion-amount"), "10").await?;
    manager.fill(&on("promotion-first"), "1").await?;
    manager.click(&on("promotion-save")).await?;
    manager.wait_for_text(&on("promotions"), NAME).await?;
    wait_until_synced(&manager).await?;

    // Two desks, neither of which hears of the other.
    let mut desks = Vec::new();
    for (login, account, customer) in sellers {
        let line = Proxy::start(&server.address()).await?;
        let tablet = Browser::start(Device::tablet(login)).await?;
        log_in(&tablet, &line.url(), login).await?;
        wait_until_synced(&tablet).await?;
        line.cut().await;
        desks.push((line, tablet, account, customer));
    }
    let mut deals = Vec::new();
    for (line, tablet, _, customer) in &desks {
        deals.push(take_and_sign(tablet, &line.url(), *customer).await?);
    }
    let (_, first, account, _) = &desks[0];
    first.fill(&on("payment-amount"), "100").await?;
    first.click(&on("payment-save")).await?;
    first.wait_for(&on("payment")).await?;
    first.click(&on("payment-receipt")).await?;
    first.wait_for_text(&on("receipt-amount"), "NT$100").await?;
    first.wait_for_text(&on("receipt-promotions"), NAME).await?;

    // The later one reaches the server first, and is the later one all the same.
    for (line, tablet, ..) in desks.iter().rev() {
        line.mend().await;
        wait_until_synced(tablet).await?;
    }
    let pdf = account.get(&format!("/api/deals/{}/contract.pdf", deals[0])).await?;
    assert_eq!(pdf.status(), 200);
    assert!(pdf.bytes().await?.starts_with(b"%PDF-"));
    manager.goto(&format!("{}/", server.url())).await?;
    wait_until_synced(&manager).await?;
    manager.wait_for_text(&on("today-honour"), NAME).await?;
    manager.click(&on("today-honour")).await?;
    manager.wait_for_text(&on("beyond"), NAME).await?;
    assert!(manager.url().await?.ends_with(&deals[1].to_string()), "the one that was signed later");
    manager.click(&on("honour")).await?;
    manager.fill(&on("honour-reason"), "兩桌同時簽的").await?;
    manager.click(&on("honour-confirm")).await?;
    manager.wait_for_text(&on("honoured"), "兩桌同時簽的").await?;
    wait_until_synced(&manager).await?;

    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let kept: Vec<Deal> = office.holdings().await?.all()?;
    let find = |id| kept.iter().find(|deal| deal.id == id).expect("on the server");
    let off = |deal: &Deal| deal.lines.iter().filter_map(|line| line.promotion.as_ref()).map(|applied| applied.off.minor).sum::<i64>();
    assert!(deals.iter().all(|id| off(find(*id)) > 0), "money that was agreed on stays");
    assert_eq!((find(deals[0]).honoured.len(), find(deals[1]).honoured.len()), (0, 1));
    for browser in [first, &desks[1].1, &manager] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}
