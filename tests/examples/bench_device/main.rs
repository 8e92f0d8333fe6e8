//! The replica in the browser beside its peers, and the app as it ships. `./bench device` builds what it needs and runs it.
//!
//! `bench_device [--rows N] [--rounds N] [--writes N] [--guests N]`; no rounds (0): the app alone.
//!
//! 1. The same customers in one Chromium, in turns: ours (sealed, packed, its code built as it ships), Dexie, PouchDB, RxDB, bare IndexedDB.
//! 2. The same of ours as the rows grow; the door with 50,000 guests; the log tidied.
//! 3. The app itself: first visit, first sync, cold start without network, keystrokes, long tasks, memory.
//! 4. The app at the door of a meeting of 50,000: verdicts, one letter in the search of guests, the board, and a list that is imported.

mod app;
mod figures;
mod goals;
mod stores;
mod venue;

use goals::Goals;
use std::process::ExitCode;
use tests::harness::{Result, Trouble};

struct Settings {
    /// Customers.
    rows: u32,
    /// Times that each store is filled and read; 0 leaves the stores out.
    rounds: usize,
    /// Single writes of each store, and check-ins.
    writes: u32,
    /// Guests at the door.
    guests: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench_device: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result {
    let settings = settings()?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    println!("load before: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    let mut goals = Goals::default();
    if settings.rounds > 0 {
        stores::compare(&settings, &mut goals).await?;
    }
    app::measure(&settings, &mut goals).await?;
    venue::measure(&settings, &mut goals).await?;
    goals.tell();
    Ok(())
}

fn settings() -> Result<Settings> {
    let mut settings = Settings { rows: 100_000, rounds: 3, writes: 400, guests: 50_000 };
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().unwrap_or_default();
        let number: u32 = value.parse().map_err(|_| Trouble::new(format!("{flag} needs a number, not {value:?}")))?;
        match flag.as_str() {
            "--rows" => settings.rows = number,
            "--rounds" => settings.rounds = number as usize,
            "--writes" => settings.writes = number,
            "--guests" => settings.guests = number,
            _ => return Err(Trouble::new("usage: bench_device [--rows N] [--rounds N] [--writes N] [--guests N]")),
        }
    }
    Ok(settings)
}
