//! Seats and gifts at a desk that nobody can be asked from, and what the board makes of it.

use crate::venue_day::named;
use serde_json::json;
use shared::customers::Customer;
use shared::meetings::{Guest, GuestOrigin, Meeting, Standing};
use shared::seating::Seating;
use shared::stock::Handout;
use std::collections::BTreeSet;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result, Trouble};
use tests::steps::{check_in_by_search, find_guest, log_in, on, unlock_if_asked, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn c4_d4_d7_a_desk_gives_its_seats_and_gifts_without_a_network_and_the_board_counts_them() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = account.holdings().await?;
    let meetings: Vec<Meeting> = before.all()?;
    let meeting = meetings.iter().find(|meeting| meeting.plan.theme == "好水好眠生活體驗會").ok_or_else(|| Trouble::new("no meeting today"))?.id;
    let arrived: BTreeSet<_> = before.all::<shared::check_ins::CheckIn>()?.into_iter().map(|check_in| check_in.guest).collect();
    let seated: BTreeSet<_> = before.all::<Seating>()?.into_iter().map(|seating| seating.guest).collect();
    let guests: Vec<Guest> = before.all::<Guest>()?.into_iter().filter(|guest| guest.meeting == meeting).collect();
    let customers = before.all::<Customer>()?;
    let is_alone = |guest: &&Guest| named(&guests, &customers, &guest.name) == 1;
    let waits = |guest: &&Guest| {
        guest.origin == GuestOrigin::Invited && guest.standing != Standing::Revoked && !arrived.contains(&guest.id) && !seated.contains(&guest.id)
    };
    let guest = guests.iter().filter(waits).find(is_alone).ok_or_else(|| Trouble::new("every guest has a seat"))?.clone();

    // The tablet is a desk with a table of its own, which the server has confirmed.
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "manager").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/venue/{meeting}/desks")).await?;
    tablet.click(&on("desk-take")).await?;
    tablet.wait_for(&format!("{}[data-here=true]", on("desk"))).await?;
    tablet.click(&format!("{}[data-here=true] {}", on("desk"), on("desk-lease"))).await?;
    tablet.click(&format!("{} button:nth-child(4)", on("lease-tables"))).await?;
    tablet.click(&on("lease-save")).await?;
    tablet.wait_until_gone(&on("lease-form")).await?;
    wait_until_synced(&tablet).await?;
    // Sent is not ruled on: only a confirmed desk gives seats by itself.
    tablet.wait_until_gone(&format!("{}[data-here=true] .badge.mood-warning", on("desk"))).await?;
    line.cut().await;

    // The guest comes: a seat by one tap, a gift by another; the second one is told; one is taken back with a reason.
    check_in_by_search(&tablet, &app, meeting, &guest.name, &guest.name).await?;
    let row = find_guest(&tablet, &app, meeting, &guest.name, &guest.name).await?;
    tablet.click(&row).await?;
    tablet.click(&on("seat-offer")).await?;
    let seat = tablet.text(&on("guest-seat")).await?;
    assert!(!seat.is_empty());
    tablet.click(&format!("{}[data-owed=true] {}", on("gift"), on("gift-hand-out"))).await?;
    tablet.wait_for(&on("gift-had")).await?;
    tablet.click(&format!("{}[data-owed=true] {}", on("gift"), on("gift-hand-out"))).await?;
    tablet
        .until("have handed out both", std::time::Duration::from_secs(20), async || Ok((tablet.count(&on("gift-had")).await? == 2).then_some(())))
        .await?;
    tablet.click(&on("gift-undo")).await?;
    tablet.fill(&on("gift-undo-reason"), "拿錯了").await?;
    tablet.click(&on("gift-undo-now")).await?;
    tablet.wait_for(&on("gift-undone")).await?;

    // It is all there after a cold start, and the board counts it by table and by gift.
    tablet.goto(&format!("{app}/board/{meeting}")).await?;
    unlock_if_asked(&tablet).await?;
    for part in ["board-tables", "board-stock", "board-desks"] {
        tablet.wait_for(&on(part)).await?;
    }
    let unheard = tablet.run("return [...document.querySelectorAll('.board-desks tbody tr')].map(row => row.cells[2].innerText)", json!([])).await?;
    assert!(unheard.as_array().is_some_and(|desks| desks.len() >= 2), "each desk is listed: {unheard}");

    // Offline nobody knows who reaches the server; back online the tablet hears of its own desk.
    let contacts = "return [...document.querySelectorAll('.board-desks tbody tr')].map(row => row.cells[3].innerText)";
    let offline = tablet.run(contacts, json!([])).await?;
    line.mend().await;
    wait_until_synced(&tablet).await?;
    tablet
        .until("hear that its desk reaches the server", std::time::Duration::from_secs(40), async || {
            let online = tablet.run(contacts, json!([])).await?;
            Ok((online != offline && online.as_array().is_some_and(|desks| desks.iter().any(|desk| desk == "剛剛"))).then_some(()))
        })
        .await?;
    let after = account.holdings().await?;
    let seats: Vec<Seating> = after.all::<Seating>()?.into_iter().filter(|seating| seating.guest == guest.id && seating.ended.is_none()).collect();
    assert_eq!(seats.len(), 1, "one seat, on the server too");
    let handouts: Vec<Handout> = after.all::<Handout>()?.into_iter().filter(|handout| handout.guest == guest.id).collect();
    assert_eq!((handouts.len(), handouts.iter().filter(|handout| handout.undone.is_some()).count()), (2, 1));
    Ok(())
}
