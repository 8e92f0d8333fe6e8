//! The server under fire: the real binary, on SQLite and on PostgreSQL, killed, starved of disk, cut off from its database, restored from
//! old backups and fed with nonsense, while devices with the real sync engine work on it.
//!
//! Laws that every test ends with (`ledger`): what was acknowledged stands in the database once; every applied command has a version of its
//! own and none is missing; rows, digests and index entries fit together.
//!
//! `HUIXIAO_FIRE=200` is the full count of kills, restarts and cuts; without it a small one.

mod bad_input;
mod crowd;
mod disk_full;
mod kills;
mod ledger;
mod outages;
mod place;
mod restore;
mod two_servers;
mod wal;

use std::time::{Duration, Instant};
use tests::harness::{Result, Trouble};

/// A server that has its database and by then takes no push is stuck.
const STUCK: Duration = Duration::from_secs(20);

/// How often something is done to the server.
fn count(small: usize) -> usize {
    std::env::var("HUIXIAO_FIRE").ok().and_then(|count| count.parse().ok()).unwrap_or(small)
}

/// Waits until there is an answer to `ask`, which is asked every millisecond.
async fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        if began.elapsed() > patience {
            return Err(Trouble::new(format!("could not {what} within {patience:?}")));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// One line of progress; figures for docs/reliability.md begin with `figure`.
fn tell(line: &str) {
    eprintln!("{line}");
}
