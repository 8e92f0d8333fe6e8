//! The day of a meeting on one tablet: checked before it leaves, on a stand among guests, printed from, and done with in the evening.

use crate::engines::{Part, can};
use serde_json::{Value, json};
use shared::check_ins::CheckIn;
use shared::customers::Customer;
use shared::invitations::Invitation;
use shared::meetings::{Guest, Meeting, Standing};
use shared::people::User;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::harness::camera::Take;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Camera, Device, Proxy, Result, Trouble};
use tests::steps::{log_in, on, unlock_if_asked, wait_until_synced};

const KIOSK_PIN: &str = "2580";

async fn mark(browser: &Browser, check: &str, is: &str) -> Result {
    browser.wait_for_within(&format!("{}[data-mark={is}]", on(&format!("ready-{check}"))), Duration::from_secs(40)).await
}

/// A meeting at whose door the account works, with guests who are expected.
pub(crate) async fn meeting_of(account: &Account) -> Result<(Meeting, Vec<Guest>)> {
    let holdings = account.holdings().await?;
    let guests: Vec<Guest> = holdings.all()?;
    let meetings: Vec<Meeting> = holdings.all()?;
    let found = meetings.into_iter().find(|meeting| meeting.plan.theme == "好水好眠生活體驗會");
    let meeting = found.ok_or_else(|| Trouble::new("the demo company has no such meeting"))?;
    let guests = guests.into_iter().filter(|guest| guest.meeting == meeting.id && guest.standing != Standing::Revoked).collect();
    Ok((meeting, guests))
}

/// How many people of that name could be found at a desk, among them those who called off.
pub(crate) fn named(cards: &[Guest], customers: &[Customer], name: &str) -> usize {
    let of_cards = cards.iter().filter(|card| card.name == name).map(|card| card.customer);
    let theirs = customers.iter().filter(|customer| customer.profile.name == name).map(|customer| customer.id);
    of_cards.chain(theirs).collect::<BTreeSet<_>>().len()
}

/// A guest of that meeting who has a ticket, is not in yet, and shares the name with nobody.
pub(crate) async fn expected_of(account: &Account) -> Result<(Meeting, String, Guest)> {
    let (meeting, guests) = meeting_of(account).await?;
    let holdings = account.holdings().await?;
    let arrived: BTreeSet<_> = holdings.all::<CheckIn>()?.into_iter().map(|check_in| check_in.guest).collect();
    let invitations: Vec<Invitation> = holdings.all()?;
    let cards: Vec<Guest> = holdings.all()?;
    let customers: Vec<Customer> = holdings.all()?;
    let ticket_of = |guest: &Guest| invitations.iter().find(|invitation| invitation.id.0 == guest.id.0)?.ticket.clone();
    let mut expected = guests.into_iter().filter(|guest| !arrived.contains(&guest.id) && named(&cards, &customers, &guest.name) == 1);
    let held = expected.find_map(|guest| Some((ticket_of(&guest)?, guest)));
    let (ticket, guest) = held.ok_or_else(|| Trouble::new("no guest of theirs has a ticket"))?;
    Ok((meeting, ticket, guest))
}

#[tokio::test(flavor = "multi_thread")]
async fn c5_a_tablet_is_checked_before_it_leaves_and_says_what_lacks() -> Result {
    if !can(Part::Film)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, _) = meeting_of(&account).await?;
    let (line, camera) = (Proxy::start(&server.address()).await?, Camera::new()?);
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet").with_camera(&camera.video())).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/venue/{}/ready", meeting.id)).await?;
    for check in ["app", "data", "unsent", "camera", "rehearsal", "clock"] {
        mark(&tablet, check, "good").await?;
    }
    assert!(!tablet.seen(&format!("{} video", on("ready"))).await?, "the camera is off once it has seen something");

    // A file of the app goes: it would not open at the venue, and the check says so.
    let lose = "const names = await caches.keys(); const cache = await caches.open(names.find(name => name.startsWith('huixiao-')));
        const keys = await cache.keys(); await cache.delete(keys.find(key => key.url.endsWith('.wasm'))); return true";
    tablet.run(&format!("return (async () => {{ {lose} }})()"), json!([])).await?;
    tablet.click(&on("ready-again")).await?;
    mark(&tablet, "app", "bad").await?;

    // Without a network a newer app cannot be asked for, and the rehearsal works all the same.
    line.cut().await;
    tablet.click(&on("ready-again")).await?;
    mark(&tablet, "rehearsal", "good").await?;
    tablet.wait_for(&format!("{}[data-verdict=bad]", on("ready-verdict"))).await?;
    let remembered = tablet.run("return localStorage.getItem('huixiao.ready')", json!([])).await?;
    assert!(remembered.as_str().is_some_and(|text| text.contains(&meeting.id.to_string())), "{remembered}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_a_tablet_on_a_stand_is_nothing_but_a_kiosk_until_staff_end_it() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, guests) = meeting_of(&account).await?;
    let customers: Vec<Customer> = account.holdings().await?.all()?;
    let app = server.url();
    let tablet = Browser::start(Device::tablet("stand")).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/venue/{}/kiosk", meeting.id)).await?;
    for field in ["kiosk-pin-new", "kiosk-pin-again"] {
        tablet.fill(&on(field), KIOSK_PIN).await?;
    }
    tablet.click(&on("kiosk-walk-ins")).await?;
    tablet.click(&on("kiosk-start-now")).await?;
    tablet.wait_for(&on("kiosk-start")).await?;

    // Whatever address is typed, and after a reload, and in another tab.
    for path in ["/customers", "/more", "/", "/deals"] {
        tablet.goto(&format!("{app}{path}")).await?;
        tablet.wait_for(&on("kiosk-start")).await?;
        assert!(!tablet.seen(&on("sync-chip")).await?, "{path}");
    }
    tablet.reload().await?;
    tablet.wait_for(&on("kiosk-start")).await?;

    // A guest by surname and digits: the whole name is told to nobody.
    let others =
        |surname: &str, tail: &str| guests.iter().filter(|guest| guest.name.starts_with(surname) && guest.phone_masked.ends_with(tail)).count();
    let who = guests
        .iter()
        .filter_map(|guest| {
            let customer = customers.iter().find(|customer| customer.id == guest.customer)?;
            let digits = customer.profile.phones.first()?.e164();
            Some((guest.name.clone(), guest.name.chars().next()?.to_string(), digits[digits.len() - 3..].to_owned()))
        })
        .find(|(_, surname, tail)| others(surname, tail) == 1);
    let (name, surname, tail) = who.ok_or_else(|| Trouble::new("no guest can be told apart"))?;
    tablet.click(&on("kiosk-by-phone")).await?;
    tablet.fill(&on("kiosk-surname"), &surname).await?;
    tablet.fill(&on("kiosk-digits"), &tail).await?;
    tablet.click(&on("kiosk-find")).await?;
    tablet.wait_for(&on("kiosk-told")).await?;
    let page = tablet.text("main").await?;
    assert!(!page.contains(&name), "the whole name of {surname}… stands on the stand");
    tablet.wait_for_within(&on("kiosk-start"), Duration::from_secs(20)).await?;

    // Nobody of that name: three misses are free.
    for _ in 0..3 {
        tablet.click(&on("kiosk-by-phone")).await?;
        tablet.fill(&on("kiosk-surname"), "龘").await?;
        tablet.fill(&on("kiosk-digits"), "000").await?;
        tablet.click(&on("kiosk-find")).await?;
        tablet.wait_for(&format!("{}[data-told=not-found]", on("kiosk-told"))).await?;
        tablet.click(&on("kiosk-done")).await?;
    }
    tablet.click(&on("kiosk-by-phone")).await?;
    tablet.wait_for(&on("kiosk-wait")).await?;
    tablet.click(&on("kiosk-back")).await?;

    // A guest without an invitation.
    tablet.click(&on("kiosk-en")).await?;
    tablet.click(&on("kiosk-walk-in")).await?;
    tablet.fill(&on("kiosk-name"), "Vera Kiosk").await?;
    tablet.fill(&on("kiosk-tel"), "0933000246").await?;
    tablet.click(&on("kiosk-enter")).await?;
    tablet.wait_for(&format!("{}[data-told=welcome]", on("kiosk-told"))).await?;
    tablet.click(&on("kiosk-done")).await?;

    // A wrong PIN, three times, must wait; the right one locks what was open.
    tablet.click(&on("kiosk-staff")).await?;
    for _ in 0..3 {
        tablet.fill(&on("kiosk-pin"), "9999").await?;
        tablet.click(&on("kiosk-end-submit")).await?;
        tablet.wait_for(&on("kiosk-end-error")).await?;
    }
    tablet.wait_for(&format!("{}:disabled", on("kiosk-end-submit"))).await?;
    tablet.wait_for_within(&format!("{}:not(:disabled)", on("kiosk-end-submit")), Duration::from_secs(15)).await?;
    tablet.fill(&on("kiosk-pin"), KIOSK_PIN).await?;
    tablet.click(&on("kiosk-end-submit")).await?;
    tablet.wait_for(&on("unlock-submit")).await?;
    tablet.fill(&on("unlock-password"), DEMO_PASSWORD).await?;
    tablet.click(&on("unlock-submit")).await?;
    tablet.wait_for(&on("sync-chip")).await?;
    wait_until_synced(&tablet).await?;
    let after: Vec<Guest> = account.holdings().await?.all()?;
    assert!(after.iter().any(|guest| guest.name == "Vera Kiosk"), "what was entered at the stand is on the server");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_the_camera_goes_off_when_its_page_is_left() -> Result {
    const WATCH: &str = "const ask = MediaDevices.prototype.getUserMedia;
        window.opened = [];
        MediaDevices.prototype.getUserMedia = async function (...wishes) {
            const stream = await ask.apply(this, wishes);
            window.opened.push(...stream.getTracks());
            return stream;
        };";
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, _) = meeting_of(&account).await?;
    let (app, camera) = (server.url(), Camera::new()?);
    let tablet = Browser::start(Device::tablet("desk").with_camera(&camera.video())).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/venue/{}", meeting.id)).await?;
    tablet.wait_for(&on("venue-desk")).await?;
    tablet.lend(&camera).await?;
    tablet.run(WATCH, json!([])).await?;
    for (way, lens) in [("venue-scan", "scan-camera"), ("venue-take", "carry-camera")] {
        tablet.click(&on(way)).await?;
        tablet.wait_for(&format!("{}[data-state=on]", on(lens))).await?;
        tablet.run("history.back()", json!([])).await?;
        tablet.wait_for(&on("venue-desk")).await?;
        tablet.wait_until("see the camera off", "return opened.length > 0 && opened.every(track => track.readyState === 'ended')").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_a_code_reader_that_types_lets_a_guest_in_and_leads_nowhere_else() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, ticket, guest) = expected_of(&account).await?;
    let tablet = Browser::start(Device::tablet("desk")).await?;
    log_in(&tablet, &server.url(), "rep1").await?;
    wait_until_synced(&tablet).await?;
    read_code(&tablet, &server.url(), &meeting, &ticket).await?;
    tablet.wait_for(&on("verdict-saved")).await?;
    wait_until_kept(&account, &guest).await?;
    // The same text pasted into the search is the same ticket, by now of somebody who is in.
    tablet.goto(&format!("{}/venue/{}/search", server.url(), meeting.id)).await?;
    unlock_if_asked(&tablet).await?;
    tablet.set(&on("guest-search"), &ticket).await?;
    tablet.wait_for_text(&on("verdict-name"), &guest.name).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_a_ticket_held_before_the_stand_lets_its_guest_in() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, ticket, guest) = expected_of(&account).await?;
    let camera = Camera::new()?;
    // Long enough to be seen by a stand that is slow to open, away long enough for it to go back to its start.
    camera.show(&[Take::Code(&ticket, 50), Take::Nothing(100)])?;
    let app = server.url();
    let tablet = Browser::start(Device::tablet("stand").with_camera(&camera.video())).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;
    tablet.goto(&format!("{app}/venue/{}/kiosk", meeting.id)).await?;
    for field in ["kiosk-pin-new", "kiosk-pin-again"] {
        tablet.fill(&on(field), KIOSK_PIN).await?;
    }
    tablet.lend(&camera).await?;
    tablet.click(&on("kiosk-start-now")).await?;
    tablet.wait_for(&format!("{}[data-told=welcome]", on("kiosk-told"))).await?;
    assert!(tablet.text(&on("kiosk-told-name")).await?.contains(&guest.name), "whoever shows a ticket is called by its name");
    tablet.wait_for_within(&on("kiosk-start"), Duration::from_secs(30)).await?;
    wait_until_kept(&account, &guest).await
}

/// A reader that types reads a code at the door.
pub(crate) async fn read_code(browser: &Browser, app: &str, meeting: &Meeting, code: &str) -> Result {
    // Made at once, as a reader presses them: when the page comes to each of them is another thing. They are pressed where the page's focus is.
    const TYPE: &str = "const keys = [...arguments[0], 'Enter'].map(key => new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true }));
        keys.forEach(key => document.activeElement.dispatchEvent(key));";
    browser.goto(&format!("{app}/venue/{}/scan", meeting.id)).await?;
    unlock_if_asked(browser).await?;
    browser.wait_for(&on("scan-arrived")).await?;
    browser.run(TYPE, json!([code])).await.map(drop)
}

async fn wait_until_kept(account: &Account, guest: &Guest) -> Result {
    for _ in 0..60 {
        let all: Vec<CheckIn> = account.holdings().await?.all()?;
        if all.iter().any(|check_in| check_in.guest == guest.id) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err(Trouble::new("the check-in did not reach the server"))
}

#[tokio::test(flavor = "multi_thread")]
async fn d8_labels_are_printed_on_pages_of_exactly_their_size() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let (meeting, guests) = meeting_of(&account).await?;
    assert!(guests.len() > 3, "the demo's meeting has guests");
    let app = server.url();
    let desk = Browser::start(Device::desktop("desk")).await?;
    log_in(&desk, &app, "manager").await?;
    wait_until_synced(&desk).await?;
    desk.goto(&format!("{app}/venue/{}/labels", meeting.id)).await?;
    desk.wait_for(&on("label")).await?;
    let labels = usize::try_from(desk.count(&on("label")).await?).expect("a few");

    // One label a page, 90 by 55 mm: 255.1 by 155.9 points.
    let pdf = print(&desk).await?;
    assert_eq!(pages(&pdf), vec![(255, 156); labels], "one page a label");

    // A size is set once, and is there again after the page is opened anew.
    desk.set(&on("labels-width"), "100").await?;
    desk.set(&on("labels-height"), "70").await?;
    desk.wait_until("remember it", "return localStorage.getItem('huixiao.label').includes('1000')").await?;
    desk.reload().await?;
    desk.wait_for(&on("label")).await?;
    let pdf = print(&desk).await?;
    assert_eq!(pages(&pdf).first(), Some(&(283, 198)));

    // On A4 as many as fit on a page.
    desk.click(&format!("{} button:nth-child(2)", on("labels-paper"))).await?;
    desk.wait_for(&format!("{}.cut", on("label-sheet"))).await?;
    let pdf = print(&desk).await?;
    assert_eq!(pages(&pdf), vec![(595, 842); labels.div_ceil(8)], "two beside and four below each other");
    Ok(())
}

/// What the browser would send to a printer, with the pages' own size.
async fn print(browser: &Browser) -> Result<Vec<u8>> {
    let printed = browser.cdp("Page.printToPDF", json!({ "preferCSSPageSize": true, "printBackground": true })).await?;
    let data = printed.get("data").and_then(Value::as_str).ok_or_else(|| Trouble::new("nothing was printed"))?;
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).map_err(|error| Trouble::new(format!("no PDF: {error}")))
}

/// Width and height of each page in points, rounded.
fn pages(pdf: &[u8]) -> Vec<(i64, i64)> {
    let text = String::from_utf8_lossy(pdf);
    let media = text.split("/MediaBox").skip(1).filter_map(|rest| rest.split(['[', ']']).nth(1));
    let size = |numbers: &str| -> Option<(i64, i64)> {
        let numbers: Vec<f64> = numbers.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [left, bottom, right, top] = numbers[..] else { return None };
        Some(((right - left).round() as i64, (top - bottom).round() as i64))
    };
    media.filter_map(size).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn d10_a_tablet_says_done_only_when_the_server_has_everything() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep4", DEMO_PASSWORD).await?;
    let holdings = account.holdings().await?;
    let meetings: Vec<Meeting> = holdings.all()?;
    let conflicts: Vec<shared::check_ins::Conflict> = holdings.all()?;
    let me = holdings.all::<User>()?.into_iter().find(|user| user.login == "rep4").map(|user| user.id);
    let works = |meeting: &&Meeting| meeting.plan.staff.iter().any(|staff| Some(staff.user) == me);
    let has_none_open = |meeting: &&Meeting| !conflicts.iter().any(|conflict| conflict.meeting == meeting.id && conflict.ruling.is_none());
    let meeting = meetings.iter().filter(works).find(has_none_open).ok_or_else(|| Trouble::new("no meeting of theirs"))?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "rep4").await?;
    wait_until_synced(&tablet).await?;
    let page = format!("{app}/venue/{}/leaving", meeting.id);
    tablet.goto(&page).await?;
    let said = |verdict: &str| format!("{}[data-verdict={verdict}]", on("leaving-verdict"));
    tablet.wait_for(&said("done")).await?;

    line.cut().await;
    tests::steps::add_customer(&tablet, &app, "雷離場", "0933000135").await?;
    tablet.goto(&page).await?;
    tablet.wait_for(&said("open")).await?;
    tablet.wait_for(&on("leaving-unsent")).await?;
    tablet.wait_for(&on("leaving-unheard")).await?;
    // Pressed while the line is away it changes nothing; once it is back an engine may have sent before anybody presses.
    tablet.click(&on("leaving-sync")).await?;
    tablet.wait_for(&said("open")).await?;
    line.mend().await;
    tablet.wait_for_within(&said("done"), Duration::from_secs(120)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_call_for_help_reaches_the_other_tablet_and_says_when_it_has_not_left() -> Result {
    let server = Server::start(Company::Demo).await?;
    let account = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?;
    let (meeting, _) = meeting_of(&account).await?;
    let line = Proxy::start(&server.address()).await?;
    let (here, office) = (line.url(), server.url());
    let (tablet, other) = (Browser::start(Device::tablet("tablet")).await?, Browser::start(Device::tablet("other")).await?);
    log_in(&tablet, &here, "rep1").await?;
    log_in(&other, &office, "manager").await?;
    for browser in [&tablet, &other] {
        wait_until_synced(browser).await?;
    }
    tablet.goto(&format!("{here}/venue/{}/floor", meeting.id)).await?;
    other.goto(&format!("{office}/venue/{}/floor", meeting.id)).await?;

    // The first point begins, and both see it.
    tablet.click(&on("floor-begin")).await?;
    let is_on = format!("{}[data-state=on]", on("floor-point"));
    tablet.wait_for(&is_on).await?;
    other.wait_for_within(&is_on, Duration::from_secs(60)).await?;

    // Called without a network: it says that it has not left; with one it reaches the other tablet.
    line.cut().await;
    tablet.fill(&on("floor-place"), "5 桌").await?;
    tablet.click(&on("floor-call-now")).await?;
    tablet.wait_for(&on("floor-not-left")).await?;
    assert!(!other.seen(&on("floor-answer")).await?, "it cannot be there");
    line.mend().await;
    other.wait_for_within(&on("floor-answer"), Duration::from_secs(120)).await?;
    tablet.wait_until_gone(&on("floor-not-left")).await?;
    other.click(&on("floor-answer")).await?;
    tablet.wait_for_within(&on("floor-coming"), Duration::from_secs(60)).await?;
    tablet.click(&on("floor-close")).await?;
    other.wait_for_within(&format!("{}[data-state=settled]", on("floor-call")), Duration::from_secs(60)).await?;

    // What is noticed of a guest stands there at once.
    tablet.goto(&format!("{here}/venue/{}/search", meeting.id)).await?;
    tablet.click(&on("guest-row")).await?;
    tablet.click(&on("note-chip")).await?;
    tablet.wait_for(&on("venue-note")).await
}
