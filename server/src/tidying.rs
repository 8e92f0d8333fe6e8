//! What a server does by itself from time to time.

use crate::files::{self, Depot};
use crate::store::{Store, organisations};
use chrono::TimeDelta;
use std::time::Duration;
use tokio::sync::watch;

/// How often. Several servers on one database do it each: the second finds nothing to do.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// How long it is remembered that a row was deleted or moved.
const TOMBSTONE_DAYS: i64 = 90;

/// Tidies until the server stops.
pub(crate) async fn tidy(store: Store, depot: Depot, mut stopping: watch::Receiver<bool>) {
    loop {
        let before = chrono::Utc::now() - TimeDelta::days(TOMBSTONE_DAYS);
        match store.read(organisations).await {
            Ok(orgs) => {
                for org in orgs {
                    let forgotten = store.write(move |tx| tx.of(org)?.forget_tombstones(before)).await;
                    let _ = forgotten.inspect_err(|failure| tracing::warn!(reason = failure.0, "old tombstones were not forgotten"));
                    let forgotten = store.write(move |tx| tx.of(org)?.forget_reminders(chrono::Utc::now())).await;
                    let _ = forgotten.inspect_err(|failure| tracing::warn!(reason = failure.0, "old reminders were not forgotten"));
                    let forgotten = store.write(move |tx| tx.of(org)?.forget_silent(chrono::Utc::now())).await;
                    let _ = forgotten.inspect_err(|failure| tracing::warn!(reason = failure.0, "silent devices were not forgotten"));
                }
            }
            Err(failure) => tracing::warn!(reason = failure.0, "nothing was tidied"),
        }
        let tidied = files::tidy(&store, &depot, chrono::Utc::now()).await;
        let _ = tidied.inspect_err(|failure| tracing::warn!(reason = failure.0, "files were not tidied"));
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}
