//! A rep finds a sales record by what is known of it, with the network away, and mends what lacks.

use shared::customers::Customer;
use shared::deals::{Deal, Stage};
use shared::settings::Settings;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

const NAME: &str = "司馬青衫";
const NEEDS: &str = "想換一套省電的冷氣";

#[tokio::test(flavor = "multi_thread")]
async fn h1_a_record_is_found_by_two_hanzi_and_by_contract_number_and_mended_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let holdings = account.holdings().await?;
    let deals: Vec<Deal> = holdings.all()?;
    let sold = |deal: &&Deal| matches!(deal.stage, Stage::Signed | Stage::Paid);
    let deal = deals.iter().find(sold).ok_or_else(|| Trouble::new("rep1 has sold nothing"))?;
    let settings: Vec<Settings> = holdings.all()?;
    let clock = settings.first().ok_or_else(|| Trouble::new("no settings"))?.utc_offset;

    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("records")).await?;
    log_in(&phone, &app, "rep1").await?;
    tests::steps::add_customer(&phone, &app, NAME, "0955123987").await?;
    wait_until_synced(&phone).await?;
    line.cut().await;

    // By two hanzi, and by the last digits of the phone.
    phone.goto(&format!("{app}/records")).await?;
    unlock_if_asked(&phone).await?;
    phone.wait_for(&on("records-row")).await?;
    for (typed, there) in [("青衫", NAME), ("3987", "987")] {
        phone.fill(&on("records-search"), typed).await?;
        phone.wait_for_text(&on("records-hit"), there).await?;
        phone.wait_for_text(&on("records-person"), NAME).await?;
    }

    // What lacks is one tap away from where it is mended.
    phone.click(&on("records-hit")).await?;
    phone.wait_for(&on("record")).await?;
    let lacking = phone.count(&on("lack")).await?;
    assert!(lacking >= 2, "a customer with a name and a phone lacks where they came from and what they need: {lacking}");
    phone.click(&format!("{} a", on("lacks"))).await?;
    phone.click(&on("customer-more")).await?;
    phone.fill(&on("customer-needs"), NEEDS).await?;
    phone.click(&on("customer-save")).await?;
    phone.wait_for(&on("customer-detail")).await?;
    phone.click(&on("customer-record")).await?;
    phone.wait_for(&on("record")).await?;
    let after = lacking - 1;
    phone
        .until("have one thing less that lacks", std::time::Duration::from_secs(20), async || {
            Ok((phone.count(&on("lack")).await? == after).then_some(()))
        })
        .await?;

    // What was just written is found, and a contract by its number, which leads to the deal.
    phone.goto(&format!("{app}/records")).await?;
    unlock_if_asked(&phone).await?;
    phone.fill(&on("records-search"), "省電").await?;
    phone.wait_for_text(&on("records-person"), NAME).await?;
    phone.fill(&on("records-search"), &deal.number(clock)).await?;
    phone.wait_for_text(&on("records-hit"), &deal.number(clock)).await?;
    phone.click(&on("records-hit")).await?;
    phone.wait_until("open the deal", &format!("return location.pathname === '/deals/{}'", deal.id)).await?;

    line.mend().await;
    wait_until_synced(&phone).await?;
    let customers: Vec<Customer> = account.holdings().await?.all()?;
    assert!(customers.iter().any(|customer| customer.profile.name == NAME && customer.profile.needs == NEEDS));
    assert_eq!(phone.console_errors().await?, Vec::<String>::new());
    Ok(())
}
