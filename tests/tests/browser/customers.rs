//! Customers as a person handles many of them: lists that are filtered and kept, customers given away in turn, and the pool; without a network.

use shared::customers::Customer;
use shared::customers::merging::MergedCustomer;
use shared::customers::pool::PoolCard;
use shared::people::User;
use std::collections::{BTreeMap, BTreeSet};
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn a4_a5_a_list_is_filtered_kept_and_given_in_turn_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = office.holdings().await?;
    let supervisor = before.all::<User>()?.into_iter().find(|user| user.login == "supervisor1").expect("in the demo");
    let handovers: BTreeMap<_, _> = before.all::<Customer>()?.into_iter().map(|customer| (customer.id, customer.handovers.len())).collect();
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "supervisor1").await?;
    wait_until_synced(&tablet).await?;
    line.cut().await;

    // A filter, kept under a name, and found again after the page was left.
    tablet.goto(&format!("{app}/customers")).await?;
    unlock_if_asked(&tablet).await?;
    let all = counted(&tablet).await?;
    tablet.click(&on("customers-filter")).await?;
    tablet.click(&format!("{} button:first-child", on("filter-intents"))).await?;
    tablet.fill(&on("view-name"), "近期會買").await?;
    tablet.click(&on("view-save")).await?;
    tablet.wait_for_text(&on("saved-view"), "近期會買").await?;
    tablet.click(&on("filter-done")).await?;
    tablet.wait_for(&format!("{} .chip", on("customers-active-filter"))).await?;
    let likely = counted(&tablet).await?;
    assert!(0 < likely && likely < all, "{likely} of {all}");
    tablet.reload().await?;
    unlock_if_asked(&tablet).await?;
    tablet.click(&on("customers-filter")).await?;
    tablet.click(&on("saved-view")).await?;
    tablet.wait_for(&format!("{} .chip", on("customers-active-filter"))).await?;
    assert_eq!(counted(&tablet).await?, likely);

    // All of them, one after the other to the reps of the team.
    tablet.click(&on("customers-select")).await?;
    tablet.click(&on("customers-select-all")).await?;
    tablet.click(&on("customers-bulk-give")).await?;
    tablet.click(&on("give-in-turn")).await?;
    tablet.wait_until_gone(&on("customers-bulk")).await?;
    line.mend().await;
    wait_until_synced(&tablet).await?;
    let after = office.holdings().await?;
    let reps: BTreeSet<_> =
        after.all::<User>()?.into_iter().filter(|user| user.team == supervisor.team && user.login.starts_with("rep")).map(|user| user.id).collect();
    let is_given = |customer: &Customer| customer.handovers.len() > handovers[&customer.id];
    let given: Vec<Customer> = after.all::<Customer>()?.into_iter().filter(is_given).collect();
    assert!(given.iter().all(|customer| customer.owner.is_some_and(|owner| reps.contains(&owner))), "to reps of the team alone");
    assert!(!given.is_empty() && given.len() <= likely, "{} of {likely}", given.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_two_reps_claim_one_customer_and_the_second_is_told() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let cards = office.holdings().await?.all::<PoolCard>()?.len();
    assert!(cards > 1, "the demo has customers in the pool");
    let (first_line, second_line) = (Proxy::start(&server.address()).await?, Proxy::start(&server.address()).await?);
    let mut phones = Vec::new();
    for (login, line) in [("rep1", &first_line), ("rep5", &second_line)] {
        let phone = Browser::start(Device::phone(login)).await?;
        log_in(&phone, &line.url(), login).await?;
        wait_until_synced(&phone).await?;
        line.cut().await;
        phone.goto(&format!("{}/customers", line.url())).await?;
        unlock_if_asked(&phone).await?;
        phone.click(&on("customers-pool")).await?;
        // The first on the list, at both.
        phone.click(&on("pool-row")).await?;
        phone.click(&on("claim")).await?;
        let rest = format!("return document.querySelectorAll('{}').length === {}", on("pool-row"), cards - 1);
        phone.wait_until("see one less", &rest).await?;
        phones.push(phone);
    }
    first_line.mend().await;
    wait_until_synced(&phones[0]).await?;
    second_line.mend().await;
    phones[1].wait_for_text(&on("sync-chip"), "1 筆被拒").await?;
    phones[1].click(&on("sync-chip")).await?;
    phones[1].wait_for_text(&on("sync-refusal"), "已經被別人認領").await?;
    let holdings = office.holdings().await?;
    assert_eq!(holdings.all::<PoolCard>()?.len(), cards - 1);
    let rep1 = holdings.all::<User>()?.into_iter().find(|user| user.login == "rep1").expect("in the demo");
    let claimed = |customer: &Customer| customer.handovers.last().is_some_and(|handover| handover.by == rep1.id && handover.from.is_none());
    let claimed: Vec<Customer> = holdings.all::<Customer>()?.into_iter().filter(claimed).collect();
    assert_eq!(claimed.iter().map(|customer| customer.owner).collect::<Vec<_>>(), [Some(rep1.id)]);
    // Whose customer it is now knows the name, and reads where they come from.
    phones[0].goto(&format!("{}/customers/{}", first_line.url(), claimed[0].id)).await?;
    unlock_if_asked(&phones[0]).await?;
    phones[0].wait_for_text("main", &claimed[0].profile.name).await?;
    phones[0].wait_for_text(&on("customer-timeline"), "從公海轉到").await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a7_two_records_become_one_without_a_network_and_two_again() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = office.holdings().await?.all::<Customer>()?.len();
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "supervisor1").await?;
    wait_until_synced(&tablet).await?;
    line.cut().await;

    tablet.goto(&format!("{app}/customers")).await?;
    unlock_if_asked(&tablet).await?;
    let all = counted(&tablet).await?;
    tablet.click(&on("customers-select")).await?;
    for _ in 0..2 {
        tablet.click("//*[@data-testid='customer-row'][not(preceding-sibling::*[contains(concat(' ', @class, ' '), ' on ')])]").await?;
    }
    tablet.click(&on("customers-bulk-merge")).await?;
    tablet.wait_for(&on("merge-joined")).await?;
    // The other one than the app proposes.
    tablet.click(&format!("{}:not(.on)", on("merge-side"))).await?;
    let stays = tablet.text(&format!("{}.on strong", on("merge-side"))).await?;
    let goes = tablet.text(&format!("{}:not(.on) strong", on("merge-side"))).await?;
    tablet.click(&on("merge-now")).await?;
    tablet.wait_for_text(&on("customer-detail"), &goes).await?;
    tablet.wait_for_text(".split-detail h1", &stays).await?;
    tablet.wait_for_text(&on("customer-timeline"), "合併進來").await?;
    tablet.goto(&format!("{app}/customers")).await?;
    unlock_if_asked(&tablet).await?;
    assert_eq!(counted(&tablet).await?, all - 1);

    line.mend().await;
    wait_until_synced(&tablet).await?;
    let holdings = office.holdings().await?;
    assert_eq!(holdings.all::<Customer>()?.len(), before - 1);
    let merged = holdings.all::<MergedCustomer>()?;
    assert_eq!(merged.len(), 1);

    // Whoever comes by the address of the one that went finds the other one, and can part them.
    tablet.goto(&format!("{app}/customers/{}", merged[0].was.id)).await?;
    unlock_if_asked(&tablet).await?;
    tablet.wait_for_text(".split-detail h1", &stays).await?;
    tablet.click(&on("merge-undo")).await?;
    tablet.wait_for_text(".split-detail h1", &goes).await?;
    wait_until_synced(&tablet).await?;
    let holdings = office.holdings().await?;
    assert_eq!((holdings.all::<Customer>()?.len(), holdings.all::<MergedCustomer>()?.len()), (before, 0));
    Ok(())
}

/// How many the list says that it shows.
async fn counted(browser: &Browser) -> Result<usize> {
    browser.wait_for(&on("customer-row")).await?;
    let text = browser.text(&on("customers-count")).await?;
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().map_err(|_| Trouble::new(format!("no number in {text}")))
}
