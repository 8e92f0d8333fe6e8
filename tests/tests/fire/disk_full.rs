//! The disk fills up under load, and has room again: refused cleanly, nothing by halves, and no restart is needed.
//!
//! The small disk is a tmpfs, which only root may mount; for others there is nothing to test with, and the test says so.

use super::crowd::Crowd;
use super::place::{Kind, Place};
use super::{count, tell, until};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::harness::server::Company;
use tests::harness::{Cluster, Result, Server, Trouble};

const DEVICES: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);

/// A disk of some megabytes.
struct SmallDisk {
    folder: TempDir,
    size: usize,
}

impl SmallDisk {
    /// None: not allowed here.
    fn mount(megabytes: usize) -> Result<Option<Self>> {
        let folder = tempfile::Builder::new().prefix("huixiao-small-").tempdir()?;
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "none"]).arg(folder.path()).output()?;
        if !mounted.status.success() {
            tell(&format!("left out: no small disk can be mounted here ({})", String::from_utf8_lossy(&mounted.stderr).trim()));
            return Ok(None);
        }
        Ok(Some(Self { folder, size: megabytes << 20 }))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left. A disk that takes more than it has is not the small one, and would be filled for ever.
    fn fill(&self) -> Result<PathBuf> {
        let path = self.path().join("filler");
        let mut file = std::fs::File::create(&path)?;
        for piece in [1 << 20, 1 << 12] {
            if (0..=self.size / piece).all(|_| file.write_all(&vec![0; piece]).is_ok()) {
                return Err(Trouble::new(format!("a disk of {} bytes took more", self.size)));
            }
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Detached even if something still has a file open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

async fn filled_up(place: &Place, disk: &SmallDisk, seed: u64) -> Result {
    let times = count(2).min(10);
    let begun = place.ledger().await?.version;
    let mut crowd = Crowd::gather(&[place.server.url()], DEVICES, seed).await?;
    crowd.set_to_work();
    let (mut waits, mut by_hand) = (Vec::new(), 0);
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let filler = disk.fill()?;
        let refused = || crowd.line.put_off.load(Ordering::SeqCst) + crowd.line.failures.load(Ordering::SeqCst);
        let before = refused();
        let refusing = until("be refused on a full disk", PATIENCE, || (refused() >= before + 20).then_some(())).await;
        refusing.map_err(|trouble| trouble.while_doing(place.server.log()))?;
        if place.cluster.is_none() {
            let pulled = crowd.line.pulls.load(Ordering::SeqCst);
            // More than can have been under way.
            until("read from a full disk", PATIENCE, || (crowd.line.pulls.load(Ordering::SeqCst) > pulled + DEVICES).then_some(())).await?;
        }
        let heard = crowd.line.heard();
        std::fs::remove_file(filler)?;
        let room = Instant::now();
        if let Some(cluster) = &place.cluster
            && place.ledger().await.is_err()
        {
            // A full log makes PostgreSQL itself end; if it does not come back by itself, somebody must start it.
            tokio::time::sleep(Duration::from_secs(2)).await;
            if place.ledger().await.is_err() {
                let _ = cluster.kill().await;
                cluster.start_again().await?;
                by_hand += 1;
            }
        }
        let ledger = place.ledger().await?;
        ledger.verify(begun);
        ledger.verify_acknowledged(&heard);
        waits.push(crowd.line.until_good(room, PATIENCE).await?);
    }
    crowd.rest().await?;
    crowd.settle().await?;
    crowd.verify(&place.ledger().await?, &place.server.files(), begun);
    let kind = if place.cluster.is_some() { Kind::Postgres } else { Kind::Sqlite };
    let failures = crowd.line.failures.load(Ordering::SeqCst);
    if kind == Kind::Sqlite {
        assert_eq!(failures, 0, "pushes are put off and pulls answered");
    }
    tell(&format!(
        "figure {kind:?} disk full: {times} times (seed {seed}), {} commands, {} pushes and {} parts of photos put off, {failures} other answers of 500 and above; \
         first push taken {} ms after \
         there was room (worst), without a restart of the server; PostgreSQL started by hand {by_hand} times",
        crowd.commands(),
        crowd.line.put_off.load(Ordering::SeqCst),
        crowd.line.photos_put_off.load(Ordering::SeqCst),
        waits.iter().max().map_or(0, Duration::as_millis),
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_on_a_full_disk_refuses_and_recovers() -> Result {
    let Some(disk) = SmallDisk::mount(64)? else { return Ok(()) };
    let mut server = Server::prepare_in(Company::Demo, disk.path(), None)?;
    server.restart().await?;
    let place = Place { server, cluster: None };
    filled_up(&place, &disk, 8).await
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_on_a_full_disk_refuses_and_recovers() -> Result {
    let Some(disk) = SmallDisk::mount(256)? else { return Ok(()) };
    let cluster = Cluster::start_in(disk.path()).await?;
    let server = Server::start_on(Company::Demo, Some(cluster.database("postgres"))).await?;
    let place = Place { server, cluster: Some(cluster) };
    filled_up(&place, &disk, 9).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_for_which_there_is_no_room_is_refused_and_leaves_nothing() -> Result {
    let server = Server::start(Company::Demo).await?;
    let size = {
        let whole = server.data().join("whole.backup");
        server.keep(&["backup", whole.to_str().expect("text")]).await?;
        usize::try_from(std::fs::metadata(&whole)?.len()).expect("it is small")
    };
    let (mut refused, mut taken) = (0, 0);
    // From too small for the rows to too small for the last step only.
    for megabytes in 1..=2 * size.div_ceil(1 << 20) + 2 {
        let Some(disk) = SmallDisk::mount(megabytes)? else { return Ok(()) };
        let file = disk.path().join("a.backup");
        let backed_up = server.keep(&["backup", file.to_str().expect("text")]).await;
        let left: Vec<_> = std::fs::read_dir(disk.path())?.flatten().map(|entry| entry.file_name()).collect();
        match backed_up {
            Err(_) => {
                refused += 1;
                assert_eq!(left, Vec::<std::ffi::OsString>::new(), "{megabytes} MB: nothing is left behind");
            }
            Ok(_) => {
                taken += 1;
                let other = Server::prepare(Company::Demo, None)?;
                other.keep(&["restore", file.to_str().expect("text")]).await.map_err(|error| error.while_doing(format!("{megabytes} MB")))?;
                super::ledger::Ledger::of_sqlite(&other.data().join("huixiao.db"))?.verify(u64::MAX >> 1);
            }
        }
    }
    assert!(refused > 1 && taken > 0, "{refused} refused, {taken} taken");
    Ok(())
}
