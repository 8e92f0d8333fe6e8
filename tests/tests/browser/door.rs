//! At the door without a network: what a desk is told, and who comes although they never said yes.

use crate::venue_day::{expected_of, meeting_of, named, read_code};
use serde_json::{Value, json};
use shared::check_ins::{CheckIn, Conflict};
use shared::customers::Customer;
use shared::invitations::{Answer, Invitation};
use shared::meetings::{Guest, GuestOrigin};
use std::collections::BTreeSet;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{check_in_by_search, find_guest, log_in, on, unlock_if_asked, wait_until_synced};

#[tokio::test(flavor = "multi_thread")]
async fn d1_verdicts_differ_by_word_colour_and_shape_without_a_network() -> Result {
    const LOOK: &str = "const verdict = document.querySelector('[data-testid=verdict]');
        return [verdict.dataset.tone, getComputedStyle(verdict).backgroundColor, verdict.querySelector('.verdict-shape').innerHTML,
            verdict.querySelector('[data-testid=verdict-word]').innerText]";
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, ticket, guest) = expected_of(&account).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("desk")).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    line.cut().await;

    // One character within the signature.
    let (before, changed) = ticket.split_at(ticket.len() - 10);
    let forged = format!("{before}{}{}", if changed.starts_with('A') { 'B' } else { 'A' }, &changed[1..]);
    let mut looks = Vec::new();
    for (code, verdict) in [(&ticket, "welcome"), (&ticket, "already-in"), (&forged, "forged")] {
        read_code(&tablet, &app, &meeting, code).await?;
        tablet.wait_for(&format!("{}[data-verdict={verdict}]", on("verdict"))).await?;
        if verdict != "forged" {
            assert!(tablet.text(&on("verdict-name")).await?.contains(&guest.name), "{verdict}");
        }
        looks.push(tablet.run(LOOK, json!([])).await?);
        if verdict == "welcome" {
            tablet.wait_for(&on("verdict-saved")).await?;
        }
    }
    assert_eq!(looks.iter().map(|look| look[0].as_str()).collect::<Vec<_>>(), [Some("welcome"), Some("caution"), Some("refusal")]);
    for of in 1..4 {
        let told: BTreeSet<String> = looks.iter().map(|look: &Value| look[of].to_string()).collect();
        assert_eq!(told.len(), 3, "each by a word, a colour and a shape of its own: {told:?}");
    }

    // Long after, the check-in is taken back where the guest is found.
    let row = find_guest(&tablet, &app, meeting.id, &guest.name, &guest.name).await?;
    tablet.click(&row).await?;
    tablet.click(&on("guest-take-back")).await?;
    line.mend().await;
    wait_until_synced(&tablet).await?;
    let check_ins: Vec<CheckIn> = account.holdings().await?.all()?;
    let theirs: Vec<_> = check_ins.iter().filter(|check_in| check_in.guest == guest.id).map(|check_in| check_in.undone.is_some()).collect();
    assert_eq!(theirs, [true]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_d2_who_never_answered_comes_to_two_desks_and_one_tap_says_which_counts() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, guests) = meeting_of(&account).await?;
    let before = account.holdings().await?;
    let customers: Vec<Customer> = before.all()?;
    let cards: Vec<Guest> = before.all()?;
    let is_open = |invitation: &Invitation| {
        invitation.meeting == meeting.id && matches!(invitation.answer, Answer::Planned | Answer::NoAnswer | Answer::CallBack { .. })
    };
    let (invitation, name) = before
        .all::<Invitation>()?
        .into_iter()
        .filter(|invitation| is_open(invitation) && guests.iter().all(|guest| guest.customer != invitation.customer))
        .find_map(|invitation| {
            let customer = customers.iter().find(|customer| customer.id == invitation.customer)?;
            (named(&cards, &customers, &customer.profile.name) == 1).then(|| (invitation, customer.profile.name.clone()))
        })
        .expect("somebody in the demo has not answered");

    // Two desks of one rep, neither of which hears of the other.
    let lines = [Proxy::start(&server.address()).await?, Proxy::start(&server.address()).await?];
    let mut desks = Vec::new();
    for (line, called) in lines.iter().zip(["desk 1", "desk 2"]) {
        let desk = Browser::start(Device::tablet(called)).await?;
        log_in(&desk, &line.url(), "rep1").await?;
        wait_until_synced(&desk).await?;
        line.cut().await;
        desk.goto(&format!("{}/venue/{}/search", line.url(), meeting.id)).await?;
        unlock_if_asked(&desk).await?;
        check_in_by_search(&desk, &line.url(), meeting.id, &name, &name).await?;
        desks.push(desk);
    }
    for (line, desk) in lines.iter().zip(&desks) {
        line.mend().await;
        wait_until_synced(desk).await?;
    }
    let after = account.holdings().await?;
    let answered = after.all::<Invitation>()?.into_iter().find(|other| other.id == invitation.id).expect("still there");
    assert_eq!(answered.answer, Answer::Agreed, "whoever comes has said yes");
    let is_theirs = |guest: &Guest| guest.customer == invitation.customer && guest.meeting == meeting.id;
    let cards: Vec<Guest> = after.all::<Guest>()?.into_iter().filter(is_theirs).collect();
    assert_eq!(cards.iter().map(|card| card.origin).collect::<Vec<_>>(), [GuestOrigin::Invited], "a guest, and no walk-in");
    let check_ins: Vec<CheckIn> = after.all::<CheckIn>()?.into_iter().filter(|check_in| check_in.guest == cards[0].id).collect();
    assert_eq!(check_ins.len(), 2, "both are kept");
    let conflicts = |all: Vec<Conflict>| all.into_iter().filter(|conflict| conflict.guest == cards[0].id).collect::<Vec<_>>();
    assert_eq!(conflicts(after.all()?).len(), 1);

    // One tap at the second desk, and no more is open there.
    desks[1].goto(&format!("{}/venue/{}/conflicts", lines[1].url(), meeting.id)).await?;
    unlock_if_asked(&desks[1]).await?;
    let case = format!("//*[@data-testid='conflict'][@data-state='open'][contains(., '{name}')]");
    desks[1].click(&format!("{case}//*[@data-testid='conflict-keep']")).await?;
    desks[1].wait_for_text(&format!("{}[data-state=ruled]", on("conflict")), &name).await?;
    wait_until_synced(&desks[1]).await?;
    let ruled = conflicts(account.holdings().await?.all()?);
    assert!(ruled.iter().all(|conflict| conflict.ruling.is_some()), "{ruled:?}");
    Ok(())
}
