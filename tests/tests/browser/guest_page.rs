//! What a guest does with the link of an invitation, and what the rep's device hears of it.

use serde_json::json;
use shared::invitations::{Answer, Invitation};
use std::time::Duration;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Result, Trouble};
use tests::steps::{log_in, on, wait_until_synced};

/// A reply is on the rep's device within seconds; a busy machine is given more.
const HEARD: Duration = Duration::from_secs(30);

/// The link as it stands in the text message that the desk offers to send.
async fn link_to_send(rep: &Browser) -> Result<String> {
    const READ: &str = "const sms = decodeURIComponent(document.querySelector(arguments[0])?.href ?? '');
        return sms.match(/https?:\\/\\/\\S+\\/i\\/[\\w-]+/)?.[0]";
    let read = async || Ok(rep.run(READ, json!([on("send-sms")])).await?.as_str().map(str::to_owned));
    rep.until("put the link into the text", HEARD, read).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b6_a_guest_accepts_asks_and_has_a_ticket_and_the_reps_desk_hears_it() -> Result {
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let account = Account::log_in(&app, "rep1", DEMO_PASSWORD).await?;
    let rep = Browser::start(Device::phone("rep")).await?;
    log_in(&rep, &app, "rep1").await?;
    wait_until_synced(&rep).await?;
    rep.goto(&format!("{app}/calls")).await?;
    rep.wait_for(&on("desk")).await?;
    let called = rep.run("return document.querySelector(arguments[0]).dataset.invitation", json!([on("desk")])).await?;
    let id = called.as_str().ok_or_else(|| Trouble::new("nobody is to be called"))?.to_owned();
    rep.click(&on("guest-link-make")).await?;
    rep.wait_for(&on("guest-link-ready")).await?;
    let link = link_to_send(&rep).await?;
    wait_until_synced(&rep).await?;

    // The guest's own phone: three languages, no script, two more come along.
    let guest = Browser::start(Device::phone("guest")).await?;
    guest.goto(&link).await?;
    guest.wait_for(&on("guest-accept")).await?;
    assert_eq!(guest.count("script").await?, 0, "the page works without JavaScript");
    guest.click("nav a[hreflang=en]").await?;
    guest.wait_for("html[lang=en]").await?;
    guest.set(&on("guest-companions"), "2").await?;
    guest.click(&on("guest-accept")).await?;
    guest.wait_for(&on("guest-ticket")).await?;
    guest.wait_for(&on("guest-calendar")).await?;
    let kept = async || -> Result<Invitation> {
        let mut all = account.holdings().await?.all::<Invitation>()?.into_iter();
        all.find(|invitation| invitation.id.to_string() == id).ok_or_else(|| Trouble::new("the invitation is gone"))
    };
    let invitation = kept().await?;
    assert_eq!((invitation.answer.clone(), invitation.companions), (Answer::Agreed, 2));

    // A question comes up on the rep's desk before any other call, as soon as the present one is left.
    guest.click(&format!("{} summary", on("guest-asking"))).await?;
    guest.fill("textarea[name=question]", "Is there a lift?").await?;
    guest.click(&on("guest-ask")).await?;
    guest.wait_for(&on("guest-notice")).await?;
    let asked = format!("{}[data-invitation=\"{id}\"] {}", on("desk"), on("desk-asked"));
    let leave = async || {
        let is_there = rep.seen(&asked).await?;
        if !is_there {
            rep.click(&on("desk-skip")).await?;
        }
        Ok(is_there.then_some(()))
    };
    rep.until("be told of the question", HEARD, leave).await?;
    assert_eq!(kept().await?.questions.len(), 1);
    Ok(())
}
