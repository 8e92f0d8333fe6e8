//! The main job, end to end, as a rep does it: invite at the office, receive where there is no network, close, and sync.

use shared::check_ins::{CheckIn, Conflict, Method};
use shared::customers::Customer;
use shared::deals::evidence::{ByDevice, file, verify};
use shared::deals::{Contract, Deal, Stage};
use shared::invitations::{Answer, Confirmation, Invitation};
use shared::meetings::Guest;
use shared::settings::Settings;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::fixtures::csv::List;
use tests::harness::camera::Take;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Camera, Device, Proxy, Result};
use tests::steps::{
    Called, check_in_by_search, confirm, find_guest, import, log_in, note_agreed, on, open_scan, sell, tomorrows_meeting, unlock, wait_until_synced,
    walk_in,
};

const PROSPECTS: usize = 5_000;
const WALK_IN: &str = "宋臨門";

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_call_to_the_last_upload() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = office.holdings().await?;
    let meeting = tomorrows_meeting(&before)?;

    // At the office: the list, the plan, the calls, the confirmations.
    let (line, camera) = (Proxy::start(&server.address()).await?, Camera::new()?);
    let mut desk = Browser::start(Device::tablet("desk 1").with_camera(&camera.video())).await?;
    log_in(&desk, &line.url(), "rep4").await?;
    let list = List { namesakes: false, ..List::of(PROSPECTS) };
    import(&desk, &line.url(), &list).await?;
    desk.goto(&format!("{}/meetings/{meeting}/invitations", line.url())).await?;
    desk.click(&on("plan-submit")).await?;
    desk.wait_for(&on("rep-progress")).await?;
    // All are invited: nobody is left to be.
    desk.wait_for_within(&format!("{}:disabled", on("plan-submit")), Duration::from_secs(60)).await?;
    let people = list.people();
    let called = note_agreed(&desk, &line.url(), &people, 3).await?;
    confirm(&desk, &line.url(), &called).await?;
    wait_until_synced(&desk).await?;

    let planned = office.holdings().await?;
    let imported = planned.all::<Customer>()?.len() - before.all::<Customer>()?.len();
    assert_eq!(imported, PROSPECTS, "every row of the list is a customer, once");
    let invitations: Vec<Invitation> = planned.all()?;
    let invited = |called: &Called<'_>| invitations.iter().find(|invitation| invitation.id.to_string() == called.invitation);
    let guests: Vec<&Invitation> = called.iter().filter_map(invited).collect();
    assert_eq!(guests.len(), called.len());
    assert!(guests.iter().all(|guest| guest.answer == Answer::Agreed && guest.confirmation == Some(Confirmation::Confirmed)));
    let ticket = guests[0].ticket.as_deref().expect("the server has signed a ticket");
    let (scanned, searched) = (&called[0].person.name, &called[1].person);

    // A second desk, of a colleague, holds the same guests.
    let second_line = Proxy::start(&server.address()).await?;
    let second = Browser::start(Device::tablet("desk 2")).await?;
    log_in(&second, &second_line.url(), "rep5").await?;
    wait_until_synced(&second).await?;

    // At the venue: no network at all.
    line.cut().await;
    second_line.cut().await;
    desk.reload().await?;

    camera.show(&[Take::Nothing(10), Take::Code(ticket, 40)])?;
    open_scan(&desk, &line.url(), meeting, &camera).await?;
    desk.wait_for_text(&on("verdict-name"), scanned).await?;
    desk.wait_for(&on("verdict-saved")).await?;

    check_in_by_search(&desk, &line.url(), meeting, &searched.initials, &searched.name).await?;
    check_in_by_search(&second, &second_line.url(), meeting, scanned, scanned).await?;
    walk_in(&desk, &line.url(), meeting, WALK_IN, "0933-000-111").await?;
    let contract = sell(&desk, &line.url(), meeting, guests[0].customer).await?;

    desk.wait_for_cookie_on_disk("huixiao").await?;
    // The battery is empty, and the network still away: everything is there.
    desk.kill();
    desk.restart().await?;
    desk.goto(&line.url()).await?;
    unlock(&desk).await?;
    for name in [scanned, &searched.name, WALK_IN] {
        find_guest(&desk, &line.url(), meeting, name, name).await?;
        desk.wait_for(&format!("{} .badge.mood-good", on("guest-row"))).await?;
    }
    desk.goto(&contract).await?;
    desk.wait_for(&on("contract-signature")).await?;
    let looked_at = |check: &str, found: &str| format!("{}[data-found={found}]", on(check));
    for check in ["check-text", "check-device", "check-chain"] {
        desk.wait_for(&looked_at(check, "good")).await?;
    }
    desk.wait_for(&looked_at("check-server", "open")).await?;

    // The network is back: everything is on the server, once.
    line.mend().await;
    wait_until_synced(&desk).await?;
    second_line.mend().await;
    wait_until_synced(&second).await?;
    let after = office.holdings().await?;
    let old: BTreeSet<_> = before.all::<CheckIn>()?.into_iter().map(|check_in| check_in.id).collect();
    let check_ins: Vec<CheckIn> = after.all()?;
    let methods = |method: Method| check_ins.iter().filter(|check_in| check_in.method == method && !old.contains(&check_in.id)).count();
    assert_eq!((methods(Method::Ticket), methods(Method::Search), methods(Method::WalkIn)), (1, 2, 1));
    let walk_ins = after.all::<Guest>()?.into_iter().filter(|guest| guest.name == WALK_IN).count();
    assert_eq!(walk_ins, 1);
    let deals: Vec<Deal> = after.all::<Deal>()?.into_iter().filter(|deal| deal.customer == guests[0].customer).collect();
    assert_eq!(deals.len(), 1);
    assert_eq!(deals[0].stage, Stage::Signed);
    desk.goto(&contract).await?;
    desk.wait_for(&looked_at("check-server", "good")).await?;
    let signed = after.all::<Contract>()?.into_iter().find(|contract| contract.deal == deals[0].id).expect("signed and kept");
    let settings: Vec<Settings> = after.all()?;
    let Ok(evidence) = verify(&file(&signed, settings[0].org), &settings[0].ticket_key) else { panic!("the server's evidence is whole") };
    let place = evidence.statement.link.map(|link| (link.position, link.previous));
    assert_eq!((evidence.by_device, place), (ByDevice::Signed, Some((1, None))));

    // The same guest at two desks: both are kept, a person decides.
    assert_eq!(after.all::<Conflict>()?.len() - before.all::<Conflict>()?.len(), 1);
    second.goto(&format!("{}/venue/{meeting}/conflicts", second_line.url())).await?;
    second.wait_for_text(&format!("{}[data-state=open]", on("conflict")), scanned).await?;

    // The manager sees it.
    let manager = Browser::start(Device::desktop("manager")).await?;
    log_in(&manager, &server.url(), "manager").await?;
    wait_until_synced(&manager).await?;
    manager.goto(&format!("{}/board/{meeting}", server.url())).await?;
    let arrived = |walk_in: bool| {
        let of_meeting = check_ins.iter().filter(|check_in| check_in.meeting == meeting && (check_in.method == Method::WalkIn) == walk_in);
        of_meeting.map(|check_in| check_in.guest).collect::<BTreeSet<_>>().len().to_string()
    };
    manager.wait_for_text(&on("board-arrived"), &arrived(false)).await?;
    manager.wait_for_text(&on("board-walk-ins"), &arrived(true)).await?;
    for browser in [&desk, &second, &manager] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}
