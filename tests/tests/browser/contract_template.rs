//! The text that contracts are made from is kept in the app, and never changes under a pen (clause F2).

use shared::customers::Customer;
use shared::deals::Contract;
use shared::settings::Settings;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Result};
use tests::steps::{give_signature, log_in, on, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn f2_the_contracts_text_is_kept_in_the_app_and_never_changes_under_a_pen() -> Result {
    const ADDED: &str = "第九條　雙方以本合約為準。";
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let office = Account::log_in(&app, "admin", DEMO_PASSWORD).await?;
    let settings = async || office.holdings().await?.all::<Settings>().map(|mut all| all.remove(0));
    let before = settings().await?;
    let desk = Browser::start(Device::desktop("desk")).await?;
    log_in(&desk, &app, "admin").await?;
    wait_until_synced(&desk).await?;

    // What lacks and what cannot be filled is told while it is written, and such a text is not saved.
    desk.goto(&format!("{app}/settings/contract")).await?;
    desk.wait_for_text(&on("template-preview"), "買受人").await?;
    desk.fill(&on("template-text"), "{org} {buyer} {items} {total} {prize}").await?;
    desk.wait_for_text(&on("template-unknown"), "{prize}").await?;
    desk.wait_for_text(&on("template-lacks"), "合約編號").await?;
    desk.click(&on("template-save")).await?;
    desk.wait_for(&on("template-not-saved")).await?;
    assert_eq!(settings().await?, before);

    // A rep's customer holds the pen as a line is added.
    let own = Account::log_in(&app, "rep4", DEMO_PASSWORD).await?;
    let customer = own.holdings().await?.all::<Customer>()?.remove(0).id;
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "rep4").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/deals/new?customer={customer}")).await?;
    tablet.click(&on("product-more")).await?;
    tablet.click(&on("deal-open")).await?;
    tablet.wait_for(&on("sign-text")).await?;
    give_signature(&tablet).await?;
    let text = format!("{}\n\n{ADDED}", before.contract_template.zh_hant);
    desk.fill(&on("template-text"), &text).await?;
    desk.wait_for_text(&on("template-preview"), ADDED).await?;
    desk.click(&on("template-save")).await?;
    desk.wait_for_text(&on("contract-version"), &(before.contract_template_version + 1).to_string()).await?;
    wait_until_synced(&desk).await?;
    tablet.wait_for(&on("sign-another")).await?;
    tablet.wait_for_text(&on("sign-text"), ADDED).await?;
    tablet.wait_for(&format!("{}:disabled", on("sign-submit"))).await?;

    // Read again and signed again: what is kept is what was read.
    give_signature(&tablet).await?;
    tablet.click(&on("sign-submit")).await?;
    tablet.wait_for(&on("sign-done")).await?;
    wait_until_synced(&tablet).await?;
    let after = settings().await?;
    assert_eq!((after.contract_template.zh_hant, after.contract_template_version), (text, before.contract_template_version + 1));
    let contracts: Vec<Contract> = own.holdings().await?.all()?;
    let signed = contracts.iter().find(|contract| contract.text.ends_with(ADDED)).expect("signed with the added line");
    assert_eq!(signed.template_version, before.contract_template_version + 1);
    for browser in [&desk, &tablet] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}
