//! A manager's month with the network away: a target, the report, a number opened down to its deals, and what is done about it.

use chrono::{Datelike, Utc};
use serde_json::json;
use shared::deals::Deal;
use shared::improvements::{About, Improvement};
use shared::targets::{Target, TargetOf};
use shared::time::UtcOffset;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

const FINDING: &str = "老客戶回購少了三成";
const MEASURE: &str = "每月回訪一次老客戶";

#[tokio::test(flavor = "multi_thread")]
async fn i1_i2_i4_a_target_a_report_its_deals_and_a_measure_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let deals: Vec<Deal> = account.holdings().await?.all()?;
    let year_of = |deal: &Deal| deal.sold_at().map(|at| UtcOffset::EAST_8.day_of(at).year());
    let latest = deals.iter().filter_map(year_of).max().ok_or_else(|| Trouble::new("nothing was sold"))?;
    let sold = deals.iter().filter(|deal| year_of(deal) == Some(latest)).count();
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let desk = Browser::start(Device::desktop("analysis")).await?;
    log_in(&desk, &app, "manager").await?;
    wait_until_synced(&desk).await?;
    line.cut().await;

    // What the department is to sell this month.
    desk.goto(&format!("{app}/analysis")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&on("target-set")).await?;
    desk.set(&on("target-of"), "0").await?;
    desk.fill(&on("target-amount"), "1000000").await?;
    desk.fill(&on("target-deals"), "30").await?;
    desk.click(&on("target-save")).await?;
    desk.wait_for_text(&on("target-list"), "NT$1,000,000").await?;

    // The year of the latest sale: the whole is what the deals say.
    desk.click(&format!("{} button:nth-child(3)", on("analysis-length"))).await?;
    for _ in latest..UtcOffset::EAST_8.day_of(Utc::now()).year() {
        desk.click(&on("analysis-earlier")).await?;
    }
    desk.wait_for_text(&on("analysis-period"), &latest.to_string()).await?;
    desk.wait_for(&on("analysis-picture")).await?;
    desk.wait_for(&on("analysis-trend-picture")).await?;
    let cell = "return document.querySelector(arguments[0]).cells[2].innerText";
    assert_eq!(desk.run(cell, json!([on("analysis-whole")])).await?, json!(sold.to_string()));

    // A number is opened down to its deals, and what is found and done about it is kept.
    let of_first = desk.run(cell, json!([on("analysis-row")])).await?;
    desk.click(&on("analysis-open")).await?;
    desk.wait_for(&on("analysis-deal")).await?;
    assert_eq!(json!(desk.count(&on("analysis-deal")).await?.to_string()), of_first);
    desk.click(&on("measure-add")).await?;
    desk.fill(&on("measure-finding-text"), FINDING).await?;
    desk.fill(&on("measure-what"), MEASURE).await?;
    desk.set(&on("measure-owner"), "0").await?;
    desk.set(&on("measure-until"), "2030-01-31").await?;
    desk.click(&on("measure-save")).await?;
    desk.wait_for_text(&on("measures"), MEASURE).await?;

    // It comes back in the report of another period, and a deal is one tap away.
    desk.click(&on("analysis-earlier")).await?;
    desk.wait_for_text(&on("measures"), MEASURE).await?;
    desk.click(&on("analysis-later")).await?;
    desk.click(&on("analysis-open")).await?;
    desk.click(&on("analysis-deal")).await?;
    desk.wait_until("open the deal", "return location.pathname.startsWith('/deals/')").await?;

    line.mend().await;
    wait_until_synced(&desk).await?;
    let after = account.holdings().await?;
    let target = after.all::<Target>()?.into_iter().find(|target| target.whose == TargetOf::Department);
    assert_eq!(target.ok_or_else(|| Trouble::new("the target is lost"))?.goal.deals, Some(30));
    let found = |measure: &Improvement| matches!(&measure.about, About::Report { finding, .. } if finding == FINDING);
    assert!(after.all::<Improvement>()?.iter().any(|measure| measure.measure == MEASURE && found(measure)));
    assert_eq!(desk.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_a_director_is_told_totals_and_keeps_them_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let deals: Vec<Deal> = account.holdings().await?.all()?;
    let year_of = |deal: &Deal| deal.sold_at().map(|at| UtcOffset::EAST_8.day_of(at).year());
    let latest = deals.iter().filter_map(year_of).max().ok_or_else(|| Trouble::new("nothing was sold"))?;
    let sold = deals.iter().filter(|deal| year_of(deal) == Some(latest)).count();
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let desk = Browser::start(Device::desktop("totals")).await?;
    log_in(&desk, &app, "director").await?;
    wait_until_synced(&desk).await?;
    desk.goto(&format!("{app}/analysis")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&format!("{} button:nth-child(3)", on("analysis-length"))).await?;
    for _ in latest..UtcOffset::EAST_8.day_of(Utc::now()).year() {
        desk.click(&on("analysis-earlier")).await?;
    }
    desk.wait_for_text(&on("analysis-period"), &latest.to_string()).await?;
    desk.wait_for(&on("analysis-picture")).await?;
    let cell = "return document.querySelector(arguments[0]).cells[2].innerText";
    assert_eq!(desk.run(cell, json!([on("analysis-whole")])).await?, json!(sold.to_string()), "the whole is what the deals say");
    desk.wait_for(&on("analysis-as-of")).await?;
    assert_eq!(desk.count(&on("analysis-open")).await?, 0, "totals are not opened down to deals");

    // Without a network the same report stands there, with its moment; another one is not made up.
    line.cut().await;
    desk.goto(&format!("{app}/analysis")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&on("analysis-earlier")).await?;
    desk.wait_for(&on("analysis-offline")).await?;
    assert_eq!(desk.count(&on("analysis-table")).await?, 0);
    desk.click(&on("analysis-last")).await?;
    desk.wait_for_text(&on("analysis-as-of"), "離線").await?;
    assert_eq!(desk.run(cell, json!([on("analysis-whole")])).await?, json!(sold.to_string()), "it was kept");
    line.mend().await;
    wait_until_synced(&desk).await?;
    assert_eq!(desk.console_errors().await?, Vec::<String>::new());
    Ok(())
}
