//! SIGKILL in the middle of pushes.

use super::crowd::Crowd;
use super::place::{Kind, Place};
use super::{count, tell};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tests::harness::Result;

const DEVICES: usize = 12;

async fn killed_under_load(kind: Kind, seed: u64) -> Result {
    let (kills, began) = (count(8), Instant::now());
    let mut place = Place::open(kind).await?;
    let begun = place.ledger().await?.version;
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut crowd = Crowd::gather(&[place.server.url()], DEVICES, seed).await?;
    crowd.set_to_work();
    let mut in_the_middle = 0;
    for kill in 1..=kills {
        tokio::time::sleep(Duration::from_millis(dice.u64(30..300))).await;
        in_the_middle += usize::from(crowd.line.in_flight.load(Ordering::SeqCst) > 0);
        place.server.kill();
        place.server.restart().await?;
        let heard = crowd.line.heard();
        let ledger = place.ledger().await?;
        ledger.verify(begun);
        ledger.verify_acknowledged(&heard);
        if kill % 10 == 0 {
            tell(&format!("{kind:?}: {kill} of {kills} kills, {} commands acknowledged", heard.len()));
        }
    }
    crowd.rest().await?;
    crowd.settle().await?;
    crowd.verify(&place.ledger().await?, &place.server.files(), begun);
    assert!(in_the_middle * 2 > kills, "most kills hit a push: {in_the_middle} of {kills}");
    tell(&format!(
        "figure {kind:?} kill -9: {kills} kills (seed {seed}), {in_the_middle} with pushes under way, {DEVICES} devices, {} commands, {} photos, {} pulls, \
         {} requests cut off, nothing lost, nothing doubled, in {} s",
        crowd.commands(),
        crowd.photos(),
        crowd.line.pulls.load(Ordering::SeqCst),
        crowd.line.unreached.load(Ordering::SeqCst),
        began.elapsed().as_secs(),
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_kill_loses_nothing_and_doubles_nothing() -> Result {
    killed_under_load(Kind::Sqlite, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_a_kill_loses_nothing_and_doubles_nothing() -> Result {
    killed_under_load(Kind::Postgres, 2).await
}
