//! The app as it ships, in Chromium, with many customers and no network: how long until the list is there, and how long a keystroke in the
//! search takes. `bench_device [customers]`, 10,000 if nothing is said. Needs `trunk build --release --offline` and `cargo build -p server`.

use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;
use tests::fixtures::csv::List;
use tests::harness::server::{Company, Server};
use tests::harness::{Browser, Device, Proxy, Result, Trouble};
use tests::steps::{import, log_in, wait_until_synced, wait_until_synced_within};

const STARTS: usize = 9;
const WORDS: [&str; 6] = ["陳", "wang", "lxm", "0977", "678", "美華"];

/// Notes when the first customer is on the screen, counted from the navigation's start.
const WATCH: &str = "window.firstRow = null; new MutationObserver((_, observer) => {
    if (document.querySelector('[data-testid=customer-row]')) {
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => { window.firstRow = performance.now() }));
    }
}).observe(document, { childList: true, subtree: true })";

/// Types a word letter by letter; for each, the time until the page has handled it and until the frame after it.
const TYPE: &str = "const [word] = arguments; const field = document.querySelector('[data-testid=customers-search]'), times = [];
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return (async () => {
        for (let end = 0; end <= word.length; end++) {
            await frame();
            const begun = performance.now();
            field.value = word.slice(0, end);
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
            await Promise.resolve();
            const handled = performance.now();
            await frame();
            if (end > 0) times.push([handled - begun, performance.now() - begun]);
        }
        return times;
    })()";

#[tokio::main]
async fn main() -> ExitCode {
    let customers = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_000);
    match measure(customers).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench_device: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(customers: usize) -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let browser = Browser::start(Device::tablet("bench")).await?;
    log_in(&browser, &line.url(), "rep4").await?;
    wait_until_synced(&browser).await?;
    import(&browser, &line.url(), &List::of(customers)).await?;
    wait_until_synced_within(&browser, Duration::from_secs(600)).await?;
    line.cut().await;

    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        browser.goto(&format!("{}/customers", line.url())).await?;
        let shown = browser.wait_until("see the list", "return window.firstRow").await?;
        starts.push(number(&shown)?);
    }
    tell(&format!("cold start without network, {customers} customers, to the list"), &mut starts);

    let (mut handled, mut framed) = (Vec::new(), Vec::new());
    for word in WORDS {
        let times = browser.run(TYPE, json!([word])).await?;
        for pair in times.as_array().into_iter().flatten() {
            handled.push(number(&pair[0])?);
            framed.push(number(&pair[1])?);
        }
    }
    tell("keystroke in the search, until handled", &mut handled);
    tell("keystroke in the search, until the frame after it", &mut framed);
    Ok(())
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().ok_or_else(|| Trouble::new("the page gave no time"))
}

fn tell(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("{what}: median {:.1} ms, p95 {:.1} ms, most {:.1} ms ({} times)", at(0.5), at(0.95), at(1.0), times.len());
}
