//! What a first visit costs: what a real browser fetches until the log-in can be used, and until the app works without a network.
//! Needs `trunk build --release --offline` and `cargo build -p server`.

use std::process::ExitCode;
use tests::harness::server::{Company, Server};
use tests::harness::{Browser, Device, Proxy, Result};
use tests::steps::{visit, wait_until_controlled};

/// Every file that the page has asked for, with its bytes as they travelled.
const FETCHED: &str = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(entry => !new URL(entry.name).pathname.startsWith('/api/'))
    .map(entry => [new URL(entry.name).pathname, entry.decodedBodySize, entry.encodedBodySize])
    .filter(([path], at, all) => all.findIndex(other => other[0] === path) === at)
    .sort((one, other) => other[2] - one[2])";

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench_first_visit: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result {
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let browser = Browser::start(Device::tablet("first visit")).await?;
    visit(&browser, &line.url()).await?;
    let fetched = browser.wait_until("list what was fetched", FETCHED).await?;
    wait_until_controlled(&browser).await?;

    println!("{:>10} {:>10}  file", "raw", "travelled");
    let mut sum = 0;
    for file in fetched.as_array().into_iter().flatten() {
        let (raw, travelled) = (file[1].as_u64().unwrap_or(0), file[2].as_u64().unwrap_or(0));
        sum += travelled;
        println!("{raw:>10} {travelled:>10}  {}", file[0].as_str().unwrap_or_default());
    }
    println!("first visit, until the log-in can be used: {sum} bytes of files");
    println!("until the app works without a network: {} bytes over the line, headers and all", line.bytes_to_browser());
    Ok(())
}
