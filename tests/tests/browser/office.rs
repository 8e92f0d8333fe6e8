//! What managers set up before a meeting, with the network away: tasks, measures against refusals, wordings that are marked.

use shared::improvements::Improvement;
use shared::meetings::Meeting;
use shared::preparations::{Preparation, PreparationState};
use shared::settings::Settings;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

const TASK: &str = "借第二支麥克風";
const MEASURE: &str = "改成週末下午場";
const PHRASE: &str = "保證回本";

#[tokio::test(flavor = "multi_thread")]
async fn b2_b5_c2_tasks_measures_and_wordings_are_kept_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let meetings: Vec<Meeting> = account.holdings().await?.all()?;
    let meeting = meetings.iter().find(|meeting| meeting.plan.theme == "中區老客戶回娘家").ok_or_else(|| Trouble::new("no meeting tomorrow"))?.id;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let desk = Browser::start(Device::desktop("office")).await?;
    log_in(&desk, &app, "manager").await?;
    wait_until_synced(&desk).await?;
    line.cut().await;

    // A task of the meeting's, done by a tap.
    desk.goto(&format!("{app}/meetings/{meeting}")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&on("preparation-add")).await?;
    desk.fill(&on("preparation-what"), TASK).await?;
    desk.set(&on("preparation-owner"), "0").await?;
    desk.set(&on("preparation-due"), "2026-12-24").await?;
    desk.click(&on("preparation-save")).await?;
    let row = format!("//*[@data-testid='preparation-row'][contains(., '{TASK}')]");
    desk.click(&row).await?;
    desk.click(&on("preparation-done")).await?;
    desk.wait_until_gone(&on("preparation-done")).await?;

    // Why people decline, and what is done about it.
    desk.goto(&format!("{app}/refusals")).await?;
    unlock_if_asked(&desk).await?;
    desk.wait_for(&on("refusals-picture")).await?;
    desk.click(&on("refusals-open")).await?;
    desk.wait_for(&on("refusals-row")).await?;
    desk.click(&on("measure-add")).await?;
    desk.set(&on("measure-reason"), "0").await?;
    desk.fill(&on("measure-what"), MEASURE).await?;
    desk.set(&on("measure-owner"), "0").await?;
    desk.set(&on("measure-until"), "2026-12-31").await?;
    desk.click(&on("measure-save")).await?;
    desk.wait_for_text(&on("measures"), MEASURE).await?;

    // A wording that is not wanted is marked from then on, with its reason.
    desk.goto(&format!("{app}/settings")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&on("wording-add")).await?;
    desk.fill(&on("wording-phrase"), PHRASE).await?;
    desk.fill(&on("wording-why-hant"), "沒有人能保證").await?;
    desk.click(&on("wording-save")).await?;
    desk.wait_for_text(&on("settings"), PHRASE).await?;
    desk.click(&on("settings-text")).await?;
    desk.type_in(&on("template-text"), &format!("加入{PHRASE}")).await?;
    desk.wait_for_text(&on("wording-notes"), PHRASE).await?;

    line.mend().await;
    wait_until_synced(&desk).await?;
    let after = account.holdings().await?;
    let task = after.all::<Preparation>()?.into_iter().find(|task| task.what == TASK).ok_or_else(|| Trouble::new("the task is lost"))?;
    assert!(matches!(task.state, PreparationState::Done { .. }), "{:?}", task.state);
    assert!(after.all::<Improvement>()?.iter().any(|measure| measure.measure == MEASURE));
    assert!(after.all::<Settings>()?.iter().any(|settings| settings.wordings.iter().any(|wording| wording.phrase == PHRASE)));
    Ok(())
}
