//! PostgreSQL itself goes away and comes back under load, while the server goes on.

use super::crowd::Crowd;
use super::place::{Kind, Place};
use super::{STUCK, count, tell};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tests::harness::Result;

const DEVICES: usize = 12;

#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    Kill,
}

async fn postgresql_comes_back(end: End, seed: u64) -> Result {
    let outages = count(4).div_ceil(2);
    let place = Place::open(Kind::Postgres).await?;
    let cluster = place.cluster.as_ref().expect("the place is on PostgreSQL");
    let begun = place.ledger().await?.version;
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut crowd = Crowd::gather(&[place.server.url()], DEVICES, seed).await?;
    crowd.set_to_work();
    let mut waits = Vec::new();
    for outage in 1..=outages {
        tokio::time::sleep(Duration::from_millis(dice.u64(200..800))).await;
        match end {
            End::Stop => cluster.stop().await?,
            End::Kill => cluster.kill().await?,
        }
        // Now and then long enough for everybody to notice.
        tokio::time::sleep(Duration::from_millis(dice.u64(0..300))).await;
        cluster.start_again().await?;
        let back = Instant::now();
        waits.push(crowd.line.until_good(back, STUCK).await?);
        let heard = crowd.line.heard();
        let ledger = place.ledger().await?;
        ledger.verify(begun);
        ledger.verify_acknowledged(&heard);
        if outage % 10 == 0 {
            tell(&format!("PostgreSQL {end:?}: {outage} of {outages}"));
        }
    }
    crowd.rest().await?;
    crowd.settle().await?;
    crowd.verify(&place.ledger().await?, &place.server.files(), begun);
    waits.sort_unstable();
    tell(&format!(
        "figure PostgreSQL {end:?} and start under load: {outages} times (seed {seed}), {} commands, {} pushes put off, {} answers of 500 and above; \
         first push taken after {} ms (median), {} ms (worst)",
        crowd.commands(),
        crowd.line.put_off.load(Ordering::SeqCst),
        crowd.line.failures.load(Ordering::SeqCst),
        waits[waits.len() / 2].as_millis(),
        waits[waits.len() - 1].as_millis(),
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgresql_is_survived() -> Result {
    postgresql_comes_back(End::Stop, 3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_postgresql_is_survived() -> Result {
    postgresql_comes_back(End::Kill, 4).await
}
