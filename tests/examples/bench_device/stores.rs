//! Stores in one Chromium, in turns, each in a fresh database. The page that is asked is tests/peers/device/page.mjs.

use super::Settings;
use super::figures::{Times, head, line, number};
use super::goals::Goals;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use shared::Record;
use shared::ids::UserId;
use shared::record::Scope;
use shared::sync::protocol::{Page, PullAnswer, Row};
use shared::testing::{World, messages};
use std::sync::Arc;
use std::time::Duration;
use tests::fixtures::csv::{List, Person};
use tests::fixtures::customers::{customer, id_of};
use tests::harness::pages::Pages;
use tests::harness::{Browser, Device, Result, Trouble, target_folder};
use uuid::Uuid;

/// Owners have the customers in turn; the first is who works on the device.
const OWNERS: u32 = 50;
/// About as many rows as a page of the protocol holds.
const PAGE: usize = 4_500;
/// Writes of one store before the next one's turn.
const BLOCKS: u32 = 8;
/// Searches that scan a whole database take seconds.
const SLOW_SEARCHES: usize = 12;
/// Whatever a store does must end within this time.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between the end of a write and what is measured next: the browser's database tidies up.
const REST: Duration = Duration::from_secs(2);

/// Isolated, a page has a clock of 5 µs.
const ISOLATED: [(HeaderName, &str); 2] = [
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
];
const PAGE_OF_THE_BENCH: &str = r#"<!doctype html><title>bench</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>"#;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    Ours,
    Dexie,
    Pouch,
    Rx,
    Bare,
    Segments,
}

use Store::{Bare, Dexie, Ours, Pouch, Rx, Segments};

impl Store {
    const ALL: [Self; 6] = [Ours, Dexie, Pouch, Rx, Bare, Segments];
    /// Those that find and change single rows.
    const WHOLE: [Self; 5] = [Ours, Dexie, Pouch, Rx, Bare];

    /// As the page calls it.
    fn name(self) -> &'static str {
        match self {
            Ours => "ours",
            Dexie => "dexie",
            Pouch => "pouch",
            Rx => "rx",
            Bare => "bare",
            Segments => "segments",
        }
    }

    fn called(self) -> &'static str {
        match self {
            Ours => "ours, sealed (strict)",
            Dexie => "Dexie (strict)",
            Pouch => "PouchDB (relaxed: it has no setting)",
            Rx => "RxDB on Dexie (strict)",
            Bare => "bare IndexedDB, a row a record (strict)",
            Segments => "bare IndexedDB, 256 rows a record (strict)",
        }
    }
}

/// The page in its browser.
struct Bench {
    browser: Browser,
    pages: Pages,
    rows: u32,
}

pub(crate) async fn compare(settings: &Settings, goals: &mut Goals) -> Result {
    let rows = settings.rows;
    let bench = Bench::open(rows).await?;
    println!("{rows} customers, {} bytes of JSON each; {}; {} rounds in turns", average(rows), bench.chromium().await?, settings.rounds);
    // First: what is removed keeps the browser's database busy for a while.
    bench.growth().await?;
    bench.fill_and_read(settings.rounds, goals).await?;
    bench.by_owner().await?;
    bench.search(goals).await?;
    bench.writes(settings.writes).await?;
    bench.door(settings, goals).await?;
    bench.tidying(goals).await
}

impl Bench {
    async fn open(rows: u32) -> Result<Self> {
        let folder = target_folder().join("bench-device");
        if !folder.join("page.js").is_file() {
            return Err(Trouble::new("the page of the bench is not built: ./bench device builds it"));
        }
        let people: Arc<Vec<Person>> = Arc::new(List::of(rows as usize).people());
        let initials = Arc::clone(&people);
        let file = move |path: Path<String>| {
            let bytes = std::fs::read(folder.join(path.0));
            async move { bytes.map_or_else(|_| StatusCode::NOT_FOUND.into_response(), |bytes| script(&bytes)) }
        };
        let router = Router::new()
            .route("/", get((ISOLATED, Html(PAGE_OF_THE_BENCH))))
            .route("/pages/{count}", get(move |Path(count): Path<usize>| async move { pages(&people[..count]) }))
            .route("/initials/{count}", get(move |Path(count): Path<usize>| async move { text_of(&initials[..count]) }))
            .route("/{*path}", get(file));
        let (pages, browser) = (Pages::serve(router).await?, Browser::start(Device::tablet("bench")).await?);
        browser.let_scripts_run(PATIENCE).await?;
        Ok(Self { browser, pages, rows })
    }

    async fn chromium(&self) -> Result<String> {
        let version = self.browser.cdp("Browser.getVersion", json!({})).await?;
        Ok(version["product"].as_str().unwrap_or_default().to_owned())
    }

    /// A page that was just loaded.
    async fn fresh(&self) -> Result {
        self.browser.goto(&self.pages.url()).await?;
        self.browser.wait_until("load the page of the bench", "return window.bench !== undefined").await.map(drop)
    }

    /// What a verb of the page gives.
    async fn ask(&self, verb: &str, arguments: Value) -> Result<Value> {
        self.browser.run(&format!("return bench.{verb}(...arguments)"), arguments).await
    }

    async fn fill_and_read(&self, rounds: usize, goals: &mut Goals) -> Result {
        let mut fills = [const { Vec::new() }; Store::ALL.len()];
        let mut reads = [const { Vec::new() }; Store::ALL.len()];
        let mut memory = [0.0; Store::ALL.len()];
        let (mut untidied, mut tidying, mut longest) = (Times::default(), Times::default(), Times::default());
        self.fresh().await?;
        let empty = self.browser.memory().await?;
        for round in 0..rounds {
            // Each is the first once.
            for place in (0..Store::ALL.len()).map(|place| (place + round) % Store::ALL.len()) {
                let store = Store::ALL[place];
                self.fresh().await?;
                fills[place].push(self.ask("fill", json!([store.name(), self.rows])).await?);
                tokio::time::sleep(REST).await;
                self.fresh().await?;
                if store == Ours {
                    untidied.add(&self.ask("read", json!(["ours", self.rows])).await?["searchable"])?;
                    let tidied = self.tidy().await?;
                    tidying.add(&tidied["took"])?;
                    longest.add(&tidied["longest"])?;
                }
                reads[place].push(self.ask("read", json!([store.name(), self.rows])).await?);
                memory[place] = self.browser.memory().await? as f64 / 1e6;
            }
        }
        let fills: Vec<Times> = fills.into_iter().map(|times| Times::of(&Value::from(times))).collect::<Result<_>>()?;
        let of = |key: &str, place: usize| -> Result<Times> { Times::of(&reads[place].iter().map(|read| read[key].clone()).collect()) };
        head("first sync: from the server's bytes to durable");
        for (store, times) in Store::ALL.into_iter().zip(&fills) {
            line(store.called(), times, &ours_is(times, &fills[0]));
        }
        let searchable = of("searchable", 0)?;
        head("cold read of a fresh page: all rows in memory");
        println!("  (the page's process then has, in all, the memory told; {:.0} MB without any rows)", empty as f64 / 1e6);
        for (place, store) in Store::ALL.into_iter().enumerate() {
            let times = of("memory", place)?;
            line(store.called(), &times, &format!("{:>4.0} MB; {}", memory[place], ours_is(&times, &searchable)));
            if store == Ours {
                line("  and listed", &of("list", place)?, "");
                line("  and searchable", &searchable, "what the others are compared with");
                line(
                    "  searchable, before the log is tidied",
                    &untidied,
                    "a start within the seconds after a first sync, or the first one of a new build",
                );
                line("  tidying, beside other work", &tidying, &format!("its longest task {:.0} ms (none counts below 50)", longest.median()));
            }
        }
        goals.times("first sync, bytes to durable: as fast as Dexie's bulkPut", fills[1].median() / fills[0].median(), 20.0);
        goals.times("first sync, bytes to durable: as fast as PouchDB", fills[2].median() / fills[0].median(), 40.0);
        goals.times("cold read to a searchable list: as fast as Dexie's toArray", of("memory", 1)?.median() / searchable.median(), 4.0);
        Ok(())
    }

    /// Tidies the log as the app does by itself, and leaves a fresh page.
    async fn tidy(&self) -> Result<Value> {
        self.fresh().await?;
        let tidied = self.ask("tidy", json!([])).await?;
        tokio::time::sleep(REST).await;
        self.fresh().await?;
        Ok(tidied)
    }

    async fn by_owner(&self) -> Result {
        self.fresh().await?;
        self.ask("read", json!(["ours", self.rows])).await?;
        let indexing = number(&self.ask("makeIndexes", json!(["pouch"])).await?)?;
        let owners: Vec<UserId> = owners().step_by(5).collect();
        let each = self.rows / OWNERS;
        let mut ours = Times::default();
        head(&format!("all {each} customers of an owner, by index"));
        for store in Store::WHOLE {
            let times = Times::of(&self.ask("byOwner", json!([store.name(), owners, each])).await?)?;
            if store == Ours {
                ours = times.clone();
            }
            line(store.called(), &times, &ours_is(&times, &ours));
        }
        println!("  (PouchDB's index was made before, in {:.1} s)", indexing / 1_000.0);
        Ok(())
    }

    async fn search(&self, goals: &mut Goals) -> Result {
        self.fresh().await?;
        self.ask("read", json!(["ours", self.rows])).await?;
        let typed = keystrokes(self.rows);
        let few: Vec<&String> = typed.iter().step_by(typed.len().div_ceil(SLOW_SEARCHES)).collect();
        let mut ours = Times::default();
        head("a keystroke's search: name, initials or phone");
        for store in Store::WHOLE {
            let words = if matches!(store, Ours | Bare) { json!(typed) } else { json!(few) };
            let times = Times::of(&self.ask("search", json!([store.name(), words])).await?)?;
            if store == Ours {
                ours = times.clone();
            }
            let called = if store == Bare { "an array of the rows, filtered" } else { store.called() };
            line(called, &times, &ours_is(&times, &ours));
        }
        goals.most("a keystroke's search, p95", ours.p95(), 4.0, "ms");
        Ok(())
    }

    async fn writes(&self, count: u32) -> Result {
        self.fresh().await?;
        self.ask("read", json!(["ours", self.rows])).await?;
        let mut times = [const { Vec::new() }; Store::WHOLE.len()];
        let own = self.rows / OWNERS;
        for block in 0..BLOCKS {
            let ids: Vec<_> = (block * count / BLOCKS..(block + 1) * count / BLOCKS).map(|number| id_of(number % own * OWNERS)).collect();
            for (store, times) in Store::WHOLE.into_iter().zip(&mut times) {
                let some = self.ask("writes", json!([store.name(), ids])).await?;
                times.extend(some.as_array().cloned().unwrap_or_default());
            }
        }
        let times: Vec<Times> = times.into_iter().map(|times| Times::of(&Value::from(times))).collect::<Result<_>>()?;
        head(&format!("one customer changed, durable ({count} each, 100 ms apart)"));
        for (store, times_of_it) in Store::WHOLE.into_iter().zip(&times) {
            let remark = if store == Ours { "with rules, envelope and screen" } else { "" };
            line(store.called(), times_of_it, remark);
        }
        Ok(())
    }

    /// Ours with fewer rows.
    async fn growth(&self) -> Result {
        head("ours, as the rows grow");
        for rows in [1_000, 10_000, 100_000].into_iter().filter(|rows| *rows <= self.rows) {
            let (mut fills, mut reads) = (Times::default(), Times::default());
            let (mut writes, mut searches) = (Times::default(), Times::default());
            for _ in 0..3 {
                self.fresh().await?;
                fills.add(&self.ask("fill", json!(["ours", rows])).await?)?;
                tokio::time::sleep(REST).await;
                self.tidy().await?;
                reads.add(&self.ask("read", json!(["ours", rows])).await?["searchable"])?;
                searches.extend(Times::of(&self.ask("search", json!(["ours", keystrokes(rows)])).await?)?);
                let ids: Vec<_> = (0..20).map(|number| id_of(number % (rows / OWNERS) * OWNERS)).collect();
                writes.extend(Times::of(&self.ask("writes", json!(["ours", ids])).await?)?);
            }
            line(&format!("{rows} customers: bytes to durable"), &fills, "");
            line(&format!("{rows} customers: cold read, searchable"), &reads, "");
            line(&format!("{rows} customers: one changed, durable"), &writes, "");
            line(&format!("{rows} customers: a keystroke's search"), &searches, "");
        }
        Ok(())
    }

    async fn door(&self, settings: &Settings, goals: &mut Goals) -> Result {
        let (guests, count) = (settings.guests, settings.writes);
        let (_, without) = self.check_ins(guests, count, false).await?;
        let (bare, ours) = self.check_ins(guests, count, true).await?;
        head(&format!("the door with {guests} guests ({count} each, 100 ms apart)"));
        line("one bare strict put of the same bytes", &bare, "");
        line("ours: from the tap to durable and shown", &ours, "");
        line("the same without a letter to the server", &without, "a run of its own before it");
        goals.most("tap to durable check-in, p95, beside one bare strict put", ours.p95() / bare.p95(), 1.5, "times");

        self.fresh().await?;
        let shown = self.ask("follow", json!([count, (count / 4).max(8)])).await?;
        let (from_tap, from_saved) = (Times::of(&shown["fromTap"])?, Times::of(&shown["fromSaved"])?);
        head("a second tab at the same door, on the same thread");
        line("from the tap in the first until the second shows it", &from_tap, "");
        line("from durable in the first until the second shows it", &from_saved, "");
        goals.most("another tab shows what was saved, p95", from_saved.p95(), 100.0, "ms");
        Ok(())
    }

    /// Bare puts and check-ins of ours, in turns.
    async fn check_ins(&self, guests: u32, count: u32, with_letters: bool) -> Result<(Times, Times)> {
        self.fresh().await?;
        self.ask("storeGuests", json!([guests, with_letters])).await?;
        self.fresh().await?;
        self.ask("replica.open", json!([])).await?;
        let (mut bare, mut ours) = (Times::default(), Times::default());
        for block in 0..BLOCKS {
            let (first, end) = (block * count / BLOCKS, (block + 1) * count / BLOCKS);
            bare.extend(Times::of(&self.ask("checkIns", json!([true, first, end - first])).await?)?);
            ours.extend(Times::of(&self.ask("checkIns", json!([false, first, end - first])).await?)?);
        }
        Ok((bare, ours))
    }

    async fn tidying(&self, goals: &mut Goals) -> Result {
        self.fresh().await?;
        self.ask("storeThrice", json!([self.rows])).await?;
        tokio::time::sleep(REST).await;
        let tidied = self.tidy().await?;
        let (took, longest) = (number(&tidied["took"])?, number(&tidied["longest"])?);
        println!(
            "\nthe log of {} rows, two thirds of it dead, tidied: {took:.0} ms, the longest task {longest:.0} ms (none counts below 50)",
            self.rows
        );
        goals.most("longest task while the log is tidied", longest, 50.0, "ms");
        Ok(())
    }
}

fn ours_is(times: &Times, ours: &Times) -> String {
    let ratio = times.median() / ours.median();
    if (ratio - 1.0).abs() < f64::EPSILON { String::new() } else { format!("ours is {ratio:.1} times as fast") }
}

fn owners() -> impl Iterator<Item = UserId> {
    let others = (1..OWNERS).map(|number| UserId(Uuid::from_u128(u128::from(number) + 1_000_000)));
    std::iter::once(World::new().rep).chain(others)
}

fn rows(people: &[Person]) -> impl Iterator<Item = Row> {
    let (world, owners) = (World::new(), owners().collect::<Vec<_>>());
    (0..).zip(people).map(move |(number, person)| {
        let customer = customer(number, &person.name, owners[(number % OWNERS) as usize], world.north, world.now);
        messages::row(&Record::from(customer), u64::from(number) + 1)
    })
}

/// The answers to a first pull, one on a line.
fn pages(people: &[Person]) -> Response {
    let all: Vec<Row> = rows(people).collect();
    let count = all.chunks(PAGE).count();
    let answer = |(place, rows): (usize, &[Row])| {
        let (epoch, server_time) = (Uuid::nil(), World::new().now);
        let page =
            Page { epoch, version: 1, server_time, dropped: Vec::<Scope>::new(), scopes: Vec::new(), rows: rows.to_vec(), more: place + 1 < count };
        serde_json::to_string(&PullAnswer::Page(page)).expect("a page is JSON")
    };
    let answers: Vec<String> = all.chunks(PAGE).enumerate().map(answer).collect();
    answers.join("\n").into_response()
}

fn text_of(people: &[Person]) -> Response {
    people.iter().map(|person| person.initials.as_str()).collect::<Vec<_>>().join("\n").into_response()
}

fn script(bytes: &[u8]) -> Response {
    let kind = if bytes.starts_with(b"\0asm") { "application/wasm" } else { "text/javascript" };
    (ISOLATED, [(header::CONTENT_TYPE, kind)], bytes.to_vec()).into_response()
}

fn average(count: u32) -> usize {
    let people = List::of(1_000.min(count as usize)).people();
    let bytes: usize = rows(&people).map(|row| row.body.map_or(0, |body| body.get().len())).sum();
    bytes / people.len()
}

/// What stands in the field after each key of some searches: names, initials, and the last digits of phones.
fn keystrokes(rows: u32) -> Vec<String> {
    let people = List::of(rows as usize).people();
    let mut typed = Vec::new();
    for (number, person) in (0_u32..).zip(&people).step_by(people.len().div_ceil(60)) {
        let words = match number % 3 {
            0 => person.name.clone(),
            1 => person.initials.clone(),
            _ => format!("{:04}", number % 10_000),
        };
        typed.extend(words.char_indices().map(|(at, letter)| words[..at + letter.len_utf8()].to_owned()));
    }
    typed
}
