//! An old backup comes back while the devices hold later work: what they have kept in their journals is sent again.

use super::crowd::Crowd;
use super::place::{Kind, Place};
use super::{count, tell};
use std::time::{Duration, Instant};
use tests::harness::Result;

const DEVICES: usize = 20;

async fn restored_from_an_old_backup(kind: Kind, seed: u64) -> Result {
    // Every round sends everything again that the rounds before it have made.
    let rounds = count(2).min(8);
    let mut place = Place::open(kind).await?;
    let begun = place.ledger().await?.version;
    let mut crowd = Crowd::gather(&[place.server.url()], DEVICES, seed).await?;
    let mut lost_by_the_server = 0;
    let mut healed = Vec::new();
    for round in 0..rounds {
        let file = place.server.data().join(format!("{round}.backup"));
        let file = file.to_str().expect("the folder's name is text");
        crowd.set_to_work();
        tokio::time::sleep(Duration::from_millis(300)).await;
        place.server.keep(&["backup", file]).await?;
        tokio::time::sleep(Duration::from_millis(600)).await;
        crowd.rest().await?;
        // In the first round everybody has heard everything; later on some answers were lost with the server.
        if round == 0 {
            crowd.settle().await?;
        }
        let before = place.ledger().await?;
        place.server.kill();
        crowd.save_offline(3);
        // The disk with the photos was lost too, or not.
        if round % 2 == 0 {
            std::fs::remove_dir_all(place.server.files())?;
        }

        place.server.keep(&["restore", file, "--replace"]).await?;
        crowd.line.forget_heard();
        let restored = place.ledger().await?;
        restored.verify(begun);
        lost_by_the_server += before.commands.len() - restored.commands.len();
        place.server.restart().await?;
        let back = Instant::now();
        crowd.settle().await?;
        healed.push(back.elapsed());
        crowd.verify(&place.ledger().await?, &place.server.files(), begun);
    }
    assert!(lost_by_the_server > 0, "the backups were older than what the devices held");
    healed.sort_unstable();
    tell(&format!(
        "figure {kind:?} restore of an old backup: {rounds} times (seed {seed}), {DEVICES} devices, {} commands, {lost_by_the_server} of them not in the \
         backup and sent again, {} photos, nothing lost, nothing doubled; everybody whole after {} ms (median)",
        crowd.commands(),
        crowd.photos(),
        healed[healed.len() / 2].as_millis(),
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_an_old_backup_loses_nothing_that_a_device_has() -> Result {
    restored_from_an_old_backup(Kind::Sqlite, 5).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_an_old_backup_loses_nothing_that_a_device_has() -> Result {
    restored_from_an_old_backup(Kind::Postgres, 6).await
}
