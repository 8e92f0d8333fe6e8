//! The app as it ships: what a first visit and a first sync cost, and how it works without network on all that it holds then.

use super::Settings;
use super::figures::{Times, head, line, number};
use super::goals::Goals;
use serde_json::{Value, json};
use server::store::Location;
use shared::Record;
use shared::testing::World;
use std::time::Duration;
use tempfile::TempDir;
use tests::fixtures::csv::List;
use tests::fixtures::customers::customer;
use tests::fixtures::organisation::found;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Browser, Device, Proxy, Result};
use tests::steps::{on, visit, wait_until_controlled, wait_until_synced_within};

const STARTS: usize = 15;
const WORDS: [&str; 6] = ["陳雅", "wang", "lxm", "0900", "678", "美華"];
const SYNCED: Duration = Duration::from_secs(300);

/// Every file that the page has asked for, with its bytes as they travelled.
const FETCHED: &str = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(entry => !new URL(entry.name).pathname.startsWith('/api/'))
    .map(entry => [new URL(entry.name).pathname, entry.decodedBodySize, entry.encodedBodySize])
    .filter(([path], at, all) => all.findIndex(other => other[0] === path) === at)
    .sort((one, other) => other[2] - one[2])";

/// Notes what keeps the main thread from the person, when the device is synced, when the first customer is on the screen, and when a search
/// that was typed then is on it too: that one waits until the whole list is searchable. All in milliseconds from the navigation's start.
const WATCH: &str = "Object.assign(window, { longTasks: [], longFrames: [], synced: null, firstRow: null, searchable: null });
    const note = (type, kept) => new PerformanceObserver(list => kept.push(...list.getEntries().map(entry => [entry.startTime, entry.duration])))
        .observe({ type, buffered: true });
    note('longtask', longTasks);
    note('long-animation-frame', longFrames);
    const frame = done => requestAnimationFrame(() => requestAnimationFrame(done));
    const see = (selector, then) => new MutationObserver((_, observer) => {
        const found = document.querySelector(selector);
        if (found) { observer.disconnect(); then(found) }
    }).observe(document, { childList: true, subtree: true, attributes: true });
    see('[data-testid=sync-chip][data-synced=true]', () => { window.synced = performance.now() });
    see('[data-testid=customer-row]', () => frame(() => {
        window.firstRow = performance.now();
        const field = document.querySelector('[data-testid=customers-search]');
        if (!field) return;
        field.value = '陳雅';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        frame(() => { window.searchable = performance.now() });
    }))";

/// Types a word letter by letter; for each, the time until the page has handled it, what it works for it in all (the handling, and its next frame
/// from its callbacks to the end of its painting), and the time until that frame is over. Most of the last is waiting for a frame of 60 Hz.
const TYPE: &str = "const [word] = arguments; const field = document.querySelector('[data-testid=customers-search]'), times = [];
    const frame = () => new Promise(done => requestAnimationFrame(() => {
        const begun = performance.now(), { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - begun);
        port2.postMessage(0);
    }));
    return (async () => {
        for (let end = 0; end <= word.length; end++) {
            await frame();
            const begun = performance.now();
            field.value = word.slice(0, end);
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
            await Promise.resolve();
            const handled = performance.now() - begun;
            const drawn = await frame();
            if (end > 0) times.push([handled, handled + drawn, performance.now() - begun]);
        }
        return times;
    })()";

/// What the browser saw of long tasks and frames that began after a moment: how many, the longest.
const LONG: &str = "const [since, until] = arguments;
    const among = kept => kept.filter(([start]) => start >= since && start <= (until ?? Infinity)).map(([, duration]) => duration);
    return [longTasks, longFrames].map(kept => [among(kept).length, Math.max(0, ...among(kept))])";

pub(crate) async fn measure(settings: &Settings, goals: &mut Goals) -> Result {
    let rows = settings.rows;
    println!("\nthe app as it ships, {rows} customers on the server");
    let folder = tempfile::Builder::new().prefix("huixiao-bench-").tempdir()?;
    let server = serve(&folder, rows).await?;
    let line = Proxy::start(&server.address()).await?;
    let browser = Browser::start(Device::tablet("bench")).await?;
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
    first_visit(&browser, &line, goals).await?;
    first_sync(&browser, goals).await?;
    line.cut().await;
    cold_starts(&browser, &line, goals).await?;
    keystrokes(&browser, goals).await?;
    println!("  memory of the page's process, with list and search: {:.0} MB", browser.memory().await? as f64 / 1e6);
    Ok(())
}

async fn serve(folder: &TempDir, rows: u32) -> Result<Server> {
    let world = World::new();
    let people = List::of(rows as usize).people();
    let mut customers =
        (0..).zip(&people).map(|(number, person)| Record::from(customer(number, &person.name, world.rep, world.north, chrono::Utc::now())));
    std::fs::create_dir_all(folder.path().join("data"))?;
    let location = Location::Sqlite(folder.path().join("data/huixiao.db"));
    found(&location, &world, vec![world.rep], DEMO_PASSWORD, &mut customers).await?;
    let mut server = Server::prepare_in(Company::Empty, folder.path(), None)?;
    server.restart().await?;
    Ok(server)
}

async fn first_visit(browser: &Browser, line: &Proxy, goals: &mut Goals) -> Result {
    visit(browser, &line.url()).await?;
    let fetched = browser.wait_until("list what was fetched", FETCHED).await?;
    wait_until_controlled(browser).await?;
    println!("{:>12} {:>12}  file of the first visit", "raw", "travelled");
    let mut sum = 0;
    for file in fetched.as_array().into_iter().flatten() {
        let (raw, travelled) = (file[1].as_u64().unwrap_or(0), file[2].as_u64().unwrap_or(0));
        sum += travelled;
        println!("{raw:>12} {travelled:>12}  {}", file[0].as_str().unwrap_or_default());
    }
    println!("  until the log-in can be used: {sum} bytes of files");
    println!("  until the app works without a network: {} bytes over the line, headers and all", line.bytes_to_browser());
    goals.most("first visit until the log-in can be used", sum as f64 / 1e3, 600.0, "KB");
    Ok(())
}

/// A device that holds nothing logs in, and everything arrives.
async fn first_sync(browser: &Browser, goals: &mut Goals) -> Result {
    browser.fill(&on("login-name"), "rep").await?;
    browser.fill(&on("login-password"), DEMO_PASSWORD).await?;
    let pressed = number(&browser.run("return performance.now()", json!([])).await?)?;
    browser.click(&on("login-submit")).await?;
    wait_until_synced_within(browser, SYNCED).await?;
    // What the page does once the rows are there counts too.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let synced = number(&browser.run("return synced", json!([])).await?)?;
    let long = Long::between(browser, pressed, None).await?;
    println!("  first sync, from the press of the log-in: {:.0} ms (with the key made of the password); {}", synced - pressed, long.told());
    goals.most("longest frame while the first pull arrives", long.most(), 50.0, "ms");
    Ok(())
}

async fn cold_starts(browser: &Browser, line: &Proxy, goals: &mut Goals) -> Result {
    let (mut listed, mut searchable, mut longest) = <(Vec<Value>, Vec<Value>, Vec<Value>)>::default();
    for _ in 0..STARTS {
        browser.goto(&format!("{}/customers", line.url())).await?;
        let both = browser.wait_until("see the list", "return searchable && [firstRow, searchable]").await?;
        let long = Long::between(browser, 0.0, both[1].as_f64()).await?;
        listed.push(both[0].clone());
        searchable.push(both[1].clone());
        longest.push(json!(long.most()));
    }
    let (listed, searchable) = (Times::of(&Value::from(listed))?, Times::of(&Value::from(searchable))?);
    head("cold start without network, the key still warm");
    line_of("to the list", &listed);
    line_of("to a search that was typed then, in the list", &searchable);
    line_of("the longest task or frame of it", &Times::of(&Value::from(longest))?);
    goals.most("cold start without network, to a searchable list", searchable.median(), 450.0, "ms");
    Ok(())
}

async fn keystrokes(browser: &Browser, goals: &mut Goals) -> Result {
    let (mut handled, mut worked, mut framed) = (Times::default(), Times::default(), Times::default());
    for word in WORDS {
        let times = browser.run(TYPE, json!([word])).await?;
        for letter in times.as_array().into_iter().flatten() {
            handled.add(&letter[0])?;
            worked.add(&letter[1])?;
            framed.add(&letter[2])?;
        }
    }
    head("a keystroke in the search of the app");
    line_of("until the page has handled it", &handled);
    line_of("the page's work for it, painting included", &worked);
    line_of("until the next frame is over", &framed);
    goals.most("the page's work for a keystroke, painting included, p95", worked.p95(), 16.0, "ms");
    Ok(())
}

fn line_of(what: &str, times: &Times) {
    line(what, times, "");
}

/// Tasks and frames that kept the main thread from the person for more than 50 ms.
struct Long {
    tasks: (u64, f64),
    frames: (u64, f64),
}

impl Long {
    async fn between(browser: &Browser, since: f64, until: Option<f64>) -> Result<Self> {
        let long = browser.run(LONG, json!([since, until])).await?;
        let of = |kind: &Value| Ok::<_, tests::harness::Trouble>((kind[0].as_u64().unwrap_or(0), number(&kind[1])?));
        Ok(Self { tasks: of(&long[0])?, frames: of(&long[1])? })
    }

    fn most(&self) -> f64 {
        self.tasks.1.max(self.frames.1)
    }

    fn told(&self) -> String {
        let ((tasks, task), (frames, frame)) = (self.tasks, self.frames);
        format!("{tasks} tasks above 50 ms, the longest {task:.0} ms; {frames} frames above 50 ms, the longest {frame:.0} ms")
    }
}
