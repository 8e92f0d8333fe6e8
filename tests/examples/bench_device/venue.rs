//! The door of a large meeting, on the app as it ships: verdicts, the search of guests, the board, and an import at the office.

use super::Settings;
use super::figures::{Times, head, line, number};
use super::goals::Goals;
use chrono::Utc;
use serde_json::{Value, json};
use server::store::Location;
use shared::Record;
use shared::check_ins::Method;
use shared::check_ins::command::CheckInGuest;
use shared::customers::import::Encoding;
use shared::ids::{CheckInId, GuestId};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::testing::World;
use std::time::Duration;
use tests::fixtures::csv::List;
use tests::fixtures::customers::customer;
use tests::fixtures::organisation::found;
use tests::harness::camera::Take;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Camera, Device, Result};
use tests::steps::{log_in, on, open_scan, wait_until_synced_within};
use uuid::Uuid;

const SYNCED: Duration = Duration::from_secs(300);
const IMPORTED: Duration = Duration::from_secs(60);
const LETTERS: [&str; 8] = ["陳", "w", "l", "9", "7", "美", "x", "c"];
const VERDICTS: usize = 10;
const NEWS: usize = 15;
/// Rows of the list that is imported; a fifth of them are customers who are there already.
const LIST: usize = 10_000;

/// Notes when the worker that reads frames has found which code, and when which name stands on the screen as the verdict.
const WATCH: &str = "Object.assign(window, { decoded: [], verdicts: [] });
    window.Worker = class extends Worker {
        constructor(...all) {
            super(...all);
            this.addEventListener('message', event => {
                for (const code of event.data?.codes ?? []) decoded.push([performance.now(), code]);
            });
        }
    };
    const said = () => {
        const name = document.querySelector('[data-testid=verdict-name]')?.innerText;
        if (name && verdicts.at(-1)?.[1] !== name) {
            const verdict = [0, name];
            verdicts.push(verdict);
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => { verdict[0] = performance.now() };
                port2.postMessage(0);
            });
        }
    };
    new MutationObserver(said).observe(document, { childList: true, subtree: true, characterData: true })";

/// Types one letter; the time that the page works for it, its next frame included.
const TYPE: &str = "const [letter] = arguments; const field = document.querySelector('[data-testid=guest-search]');
    const frame = () => new Promise(done => requestAnimationFrame(() => {
        const begun = performance.now(), { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - begun);
        port2.postMessage(0);
    }));
    const type = async text => {
        await frame();
        const begun = performance.now();
        field.value = text;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await Promise.resolve();
        const handled = performance.now() - begun;
        return handled + await frame();
    };
    return (async () => { await type(''); return type(letter) })()";

/// Notes the wall clock of every change of the number of those who have arrived.
const BOARD: &str = "window.arrivals = [];
    const number = () => document.querySelector('[data-testid=board-arrived]')?.innerText;
    let before = number();
    new MutationObserver(() => { const now = number(); if (now && now !== before) { before = now; arrivals.push(Date.now()) } })
        .observe(document, { childList: true, subtree: true, characterData: true })";

pub(crate) async fn measure(settings: &Settings, goals: &mut Goals) -> Result {
    let guests = settings.guests as usize;
    println!("\nthe door of a meeting of {guests} guests, the app as it ships");
    let world = World::new();
    let people = List::of(guests).people();
    let cards: Vec<Guest> = (0..).zip(&people).map(|(number, person)| card(&world, number, &person.name)).collect();
    let folder = tempfile::Builder::new().prefix("huixiao-bench-").tempdir()?;
    std::fs::create_dir_all(folder.path().join("data"))?;
    let location = Location::Sqlite(folder.path().join("data/huixiao.db"));
    found(&location, &world, vec![world.rep, world.manager], DEMO_PASSWORD, &mut cards.iter().cloned().map(Record::from)).await?;
    let mut server = Server::prepare_in(Company::Empty, folder.path(), None)?;
    server.restart().await?;

    let camera = Camera::new()?;
    let tablet = Browser::start(Device::tablet("door").with_camera(&camera.video())).await?;
    tablet.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
    log_in(&tablet, &server.url(), "rep").await?;
    wait_until_synced_within(&tablet, SYNCED).await?;
    searches(&tablet, &server.url(), &world, goals).await?;
    verdicts(&tablet, &server.url(), &world, &cards, &camera, goals).await?;
    news(&server, &world, &cards, goals).await?;
    import(&tablet, &server.url(), goals).await
}

fn card(world: &World, number: u32, name: &str) -> Guest {
    let invited = customer(number, name, world.rep, world.north, world.now);
    let id = GuestId(Uuid::from_u128(invited.id.0.as_u128() ^ (1 << 96)));
    Guest::new(id, world.meeting, &invited, world.rep, GuestOrigin::Invited, Standing::Confirmed)
}

async fn searches(tablet: &Browser, app: &str, world: &World, goals: &mut Goals) -> Result {
    tablet.goto(&format!("{app}/venue/{}/search", world.meeting)).await?;
    tablet.wait_for(&on("guest-search")).await?;
    let mut worked = Times::default();
    for letter in LETTERS.iter().cycle().take(5 * LETTERS.len()) {
        worked.add(&tablet.run(TYPE, json!([letter])).await?)?;
    }
    head("one letter in the search of guests");
    line("the page's work for it, painting included", &worked, "");
    goals.most("one letter among the guests, painting included, p95", worked.p95(), 16.0, "ms");
    Ok(())
}

async fn verdicts(tablet: &Browser, app: &str, world: &World, cards: &[Guest], camera: &Camera, goals: &mut Goals) -> Result {
    let shown: Vec<_> = cards.iter().step_by(cards.len() / VERDICTS).take(VERDICTS).collect();
    let tickets: Vec<_> = shown.iter().map(|card| world.signer().sign(world.meeting, card.id, world.now, &card.name)).collect();
    let takes: Vec<_> =
        std::iter::once(Take::Nothing(10)).chain(tickets.iter().flat_map(|ticket| [Take::Code(ticket, 12), Take::Nothing(12)])).collect();
    camera.show(&takes)?;
    open_scan(tablet, app, world.meeting, camera).await?;
    let all = format!("return verdicts.length >= {VERDICTS} && verdicts.every(([at]) => at > 0) && [decoded, verdicts]");
    let look = async || Ok(Some(tablet.run(&all, json!([])).await?).filter(Value::is_array));
    let seen = tablet.until("see every verdict", Duration::from_secs(120), look).await?;
    let mut times = Times::default();
    for (ticket, card) in tickets.iter().zip(&shown) {
        let decoded = first_of(&seen[0], |code| code == ticket);
        let said = first_of(&seen[1], |name| name.contains(&card.name));
        if let Some((decoded, said)) = decoded.zip(said) {
            times.add(&json!(said - decoded))?;
        }
    }
    assert_eq!(times.count(), VERDICTS, "a guest was not welcomed");
    head("from the decoded frame to the verdict on the screen");
    line("ticket of a guest on the list", &times, "");
    goals.most("verdict after the decoded frame, p95", times.p95(), 100.0, "ms");
    Ok(())
}

fn first_of(noted: &Value, is_it: impl Fn(&str) -> bool) -> Option<f64> {
    noted.as_array()?.iter().find(|pair| pair[1].as_str().is_some_and(&is_it)).and_then(|pair| pair[0].as_f64())
}

/// Another desk lets somebody in: from the server's answer until a board that stands open shows one more.
async fn news(server: &Server, world: &World, cards: &[Guest], goals: &mut Goals) -> Result {
    let board = Browser::start(Device::desktop("board")).await?;
    log_in(&board, &server.url(), "manager").await?;
    wait_until_synced_within(&board, SYNCED).await?;
    board.goto(&format!("{}/board/{}", server.url(), world.meeting)).await?;
    board.wait_for(&on("board-arrived")).await?;
    // The page's first look at everything is over.
    tokio::time::sleep(Duration::from_secs(5)).await;
    board.run(BOARD, json!([])).await?;
    let desk = Account::log_in(&server.url(), "rep", DEMO_PASSWORD).await?;
    let mut times = Times::default();
    for (count, card) in cards.iter().rev().take(NEWS).enumerate() {
        let (check_in, guest) = (CheckInId(Uuid::now_v7()), card.id);
        desk.submit(CheckInGuest { check_in, meeting: world.meeting, guest, desk: "B".into(), method: Method::Search, ticket: None }).await?;
        let ruled = Utc::now().timestamp_millis() as f64;
        let shown = board.wait_until("show one more", &format!("return arrivals.length > {count} && arrivals[{count}]")).await?;
        times.add(&json!((number(&shown)? - ruled).max(0.0)))?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    head("from the ruling on another desk's check-in to the board that shows it");
    line("one more has arrived", &times, "");
    goals.most("board after a check-in elsewhere, p95", times.p95(), 1_000.0, "ms");
    Ok(())
}

async fn import(tablet: &Browser, app: &str, goals: &mut Goals) -> Result {
    let mut stored = Vec::new();
    // The second list holds a fifth of the first one again.
    for list in [List { namesakes: false, ..List::of(LIST / 5) }, List { namesakes: false, ..List::of(LIST) }] {
        let file = tempfile::NamedTempFile::with_suffix(".csv")?;
        std::fs::write(file.path(), list.bytes(Encoding::Big5))?;
        tablet.goto(&format!("{app}/customers/import")).await?;
        tablet.choose_file(&on("import-file"), file.path()).await?;
        let press = "const [button, next] = arguments; const begun = performance.now();
            document.querySelector(button).click();
            return new Promise(done => {
                const look = () => document.querySelector(next) ? done(performance.now() - begun) : setTimeout(look, 5);
                look();
            })";
        tablet.wait_for(&on("import-check")).await?;
        tablet.let_scripts_run(IMPORTED).await?;
        let read = number(&tablet.run(press, json!([on("import-check"), on("import-submit")])).await?)?;
        let saved = number(&tablet.run(press, json!([on("import-submit"), on("import-done")])).await?)?;
        stored.push((read, saved));
    }
    let (read, saved) = stored[1];
    println!("  import of {LIST} rows, a fifth of them there already: {read:.0} ms to the preview, {saved:.0} ms until all is durable");
    goals.most("import of 10,000 rows, read, compared and durable", (read + saved) / 1e3, 3.0, "s");
    Ok(())
}
