//! The browser is killed at random moments around saves, as an empty battery would: what the screen called saved is there, and nothing twice.
//!
//! `HUIXIAO_KILLS=200` is the full count; without it a small one. `HUIXIAO_SEED` draws the same moments again, as far as the machine lets it.

use serde_json::json;
use shared::customers::Customer;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::{Duration, Instant};
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Proxy, Result};
use tests::steps::{fill_customer, log_in, on, unlock, wait_until_synced};
use tokio::time::timeout;

/// When the button is pressed, and when the latest kill comes.
const PRESSED_MS: u64 = 30;
const LATEST_MS: u64 = 130;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_screen_called_saved_outlives_every_kill() -> Result {
    let kills: usize = given("HUIXIAO_KILLS").unwrap_or(6);
    let seed = given("HUIXIAO_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let app = line.url();
    let mut phone = Browser::start(Device::phone("phone")).await?;
    log_in(&phone, &app, "rep4").await?;
    wait_until_synced(&phone).await?;
    phone.wait_for_cookie_on_disk("huixiao").await?;

    let mut called_saved = BTreeMap::new();
    for kill in 0..kills {
        // Some are killed while they send, some have nobody to send to.
        if dice.bool() {
            line.mend().await
        } else {
            line.cut().await
        }
        let name = format!("雷斷電{kill}");
        fill_customer(&phone, &app, &name, &format!("09{:08}", 60_000_000 + kill)).await?;
        let moment = Duration::from_millis(dice.u64(0..LATEST_MS));
        const PRESS: &str = "const [button, wait] = arguments; setTimeout(() => document.querySelector(button).click(), wait); return true";
        phone.run(PRESS, json!([on("customer-save"), PRESSED_MS])).await?;
        let begun = Instant::now();
        let said = async {
            phone.wait_for(&on("customer-detail")).await?;
            phone.url().await
        };
        let said = timeout(moment, said).await.ok().transpose()?;
        tokio::time::sleep(moment.saturating_sub(begun.elapsed())).await;
        phone.kill();

        phone.restart().await?;
        phone.goto(said.as_ref().unwrap_or(&app)).await?;
        unlock(&phone).await?;
        if said.is_some() {
            phone.wait_for_text("main", &name).await?;
        }
        called_saved.insert(name, said.is_some());
    }

    line.mend().await;
    phone.reload().await?;
    wait_until_synced(&phone).await?;
    let there: Vec<Customer> = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?.holdings().await?.all()?;
    let mut others = 0;
    for (name, saved) in &called_saved {
        let times = there.iter().filter(|customer| customer.profile.name == *name).count();
        let fits = if *saved { times == 1 } else { times <= 1 };
        assert!(fits, "{name} is there {times} times, called saved: {saved}; seed {seed}");
        others += usize::from(!saved && times == 1);
    }
    let saved = called_saved.values().filter(|saved| **saved).count();
    println!("{kills} kills: {saved} after the screen had said saved, {others} saved and not yet said, {} before", kills - saved - others);
    Ok(())
}

fn given<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}
