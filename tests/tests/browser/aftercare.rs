//! After a meeting, with the network away: whom to contact comes by itself; a complaint goes from the rep to the supervisor and back to the customer.

use shared::complaints::{Complaint, ComplaintState};
use shared::contacts::LoggedContact;
use shared::customers::Customer;
use shared::follow_ups::{Errand, FollowUp, FollowUpState};
use std::time::Duration;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

const WHAT: &str = "淨水器裝好當天就漏水";
const STEP: &str = "師傅下午到府檢查";
const OUTCOME: &str = "換一台新機，延長保固一年";
const REPLY: &str = "可以接受";

#[tokio::test(flavor = "multi_thread")]
async fn g1_g2_a_task_is_done_snoozed_and_handed_over_without_a_network() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let before = account.holdings().await?;
    let (marks, contacts) = (before.all::<FollowUp>()?.len(), before.all::<LoggedContact>()?.len());
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep1").await?;
    wait_until_synced(&phone).await?;
    // Today begins with them; the rest is one tap away.
    phone.wait_for(&format!("{} {}", on("today-list"), on("follow-up"))).await?;
    line.cut().await;
    phone.goto(&format!("{app}/follow-ups")).await?;
    unlock_if_asked(&phone).await?;
    let (due, row) = (on("follow-ups-due"), on("follow-up"));
    phone.wait_for(&format!("{due} {row}")).await?;
    let at_first = phone.count(&format!("{due} {row}")).await?;
    assert!(at_first >= 3, "a week after the demo's meeting there is enough to do: {at_first}");
    let left =
        async |expected: u64| {
            phone
                .until("have one task less", Duration::from_secs(20), async || {
                    Ok((phone.count(&format!("{due} {row}")).await? == expected).then_some(()))
                })
                .await
        };

    // Done, by a contact of three taps.
    phone.click(&format!("{due} {}", on("follow-up-log"))).await?;
    phone.click(&format!("{} button:nth-child(1)", on("log-came"))).await?;
    phone.fill(&on("log-words"), "下週再來看").await?;
    phone.click(&on("log-save")).await?;
    left(at_first - 1).await?;

    // Put off until tomorrow.
    phone.click(&format!("{due} {}", on("follow-up-change"))).await?;
    phone.click(&on("follow-up-snooze")).await?;
    left(at_first - 2).await?;
    phone.wait_for(&format!("{} {row}", on("follow-ups-later"))).await?;

    // Handed to a colleague.
    phone.click(&format!("{due} {}", on("follow-up-change"))).await?;
    phone.set(&on("follow-up-to"), "0").await?;
    phone.fill(&on("follow-up-words"), "找太太談").await?;
    phone.click(&on("follow-up-hand-over")).await?;
    left(at_first - 3).await?;
    phone.wait_for(&format!("{} {row}", on("follow-ups-handed"))).await?;

    // It is all there after a cold start, and then on the server.
    phone.goto(&format!("{app}/follow-ups")).await?;
    unlock_if_asked(&phone).await?;
    phone.wait_for(&format!("{} {row}", on("follow-ups-handed"))).await?;
    left(at_first - 3).await?;
    line.mend().await;
    wait_until_synced(&phone).await?;
    let after = account.holdings().await?;
    let states: Vec<_> = after.all::<FollowUp>()?.into_iter().map(|mark| mark.state).collect();
    assert_eq!((states.len(), after.all::<LoggedContact>()?.len()), (marks + 3, contacts + 1));
    let has = |is_it: fn(&FollowUpState) -> bool| states.iter().any(is_it);
    assert!(has(|state| matches!(state, FollowUpState::Done { .. })) && has(|state| matches!(state, FollowUpState::Snoozed { .. })));
    let to = states.iter().find_map(|state| if let FollowUpState::HandedOver { to } = state { Some(*to) } else { None });
    let to = to.ok_or_else(|| Trouble::new("nothing was handed over"))?;

    // The colleague has what is needed, and not the customer.
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?.holdings().await?;
    let errand = office.all::<Errand>()?.into_iter().find(|errand| errand.to == to).ok_or_else(|| Trouble::new("the colleague got nothing"))?;
    let customers: Vec<Customer> = office.all()?;
    let customer = customers.iter().find(|customer| customer.id == errand.customer).ok_or_else(|| Trouble::new("of nobody"))?;
    assert_eq!((errand.words.as_str(), &errand.name, &errand.phones), ("找太太談", &customer.profile.name, &customer.profile.phones));
    assert_ne!(customer.owner, Some(to));
    assert_eq!(phone.console_errors().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_a_complaint_is_reported_settled_and_told_to_the_customer() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let holdings = account.holdings().await?;
    let complained: Vec<_> = holdings.all::<Complaint>()?.into_iter().map(|complaint| complaint.customer).collect();
    let customers: Vec<Customer> = holdings.all()?;
    let customer = customers.iter().find(|customer| !complained.contains(&customer.id)).ok_or_else(|| Trouble::new("everybody has complained"))?.id;
    let row = format!("//*[@data-testid='complaint-row'][contains(., '{WHAT}')]");

    // The rep reports it at the customer's, where there is no network.
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep1").await?;
    wait_until_synced(&phone).await?;
    line.cut().await;
    phone.goto(&format!("{app}/customers/{customer}")).await?;
    unlock_if_asked(&phone).await?;
    phone.click(&on("customer-complain")).await?;
    phone.fill(&on("complaint-what"), WHAT).await?;
    phone.click(&format!("{} button:nth-child(1)", on("complaint-severity"))).await?;
    phone.click(&on("complaint-report")).await?;
    phone.wait_for_text(&on("customer-complaints"), WHAT).await?;
    phone.wait_for_text(&on("customer-timeline"), WHAT).await?;
    line.mend().await;
    wait_until_synced(&phone).await?;

    // The supervisor finds it, notes what is done, and says what the outcome is.
    let desk = Browser::start(Device::desktop("desk")).await?;
    let office = server.url();
    log_in(&desk, &office, "supervisor1").await?;
    wait_until_synced(&desk).await?;
    desk.goto(&format!("{office}/complaints")).await?;
    unlock_if_asked(&desk).await?;
    desk.click(&row).await?;
    desk.fill(&on("complaint-said"), STEP).await?;
    desk.click(&on("complaint-note")).await?;
    desk.wait_until_gone(&on("complaint-acts")).await?;
    desk.click(&row).await?;
    desk.wait_for_text(&on("complaint-steps"), STEP).await?;
    desk.fill(&on("complaint-said"), OUTCOME).await?;
    desk.click(&on("complaint-settle")).await?;
    desk.wait_until_gone(&on("complaint-acts")).await?;
    wait_until_synced(&desk).await?;

    // The rep reads it on Today, and tells the customer.
    phone.goto(&app).await?;
    unlock_if_asked(&phone).await?;
    wait_until_synced(&phone).await?;
    phone.wait_for(&on("today-complaint")).await?;
    phone.goto(&format!("{app}/complaints")).await?;
    unlock_if_asked(&phone).await?;
    phone.click(&row).await?;
    phone.wait_for_text(&on("complaint-steps"), OUTCOME).await?;
    phone.fill(&on("complaint-said"), REPLY).await?;
    phone.click(&on("complaint-tell")).await?;
    phone.wait_for_text(&on("complaints-closed"), WHAT).await?;
    wait_until_synced(&phone).await?;

    let after: Vec<Complaint> = account.holdings().await?.all()?;
    let complaint = after.iter().find(|complaint| complaint.what == WHAT).ok_or_else(|| Trouble::new("the complaint is lost"))?;
    assert_eq!((complaint.state, complaint.outcome(), complaint.steps.len()), (ComplaintState::Told, Some(OUTCOME), 3));
    for browser in [&phone, &desk] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}
