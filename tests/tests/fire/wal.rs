//! A power cut in the middle of writing SQLite's log: whatever is left of it opens as a prefix of what was committed.

use super::ledger::Ledger;
use super::{count, tell};
use server::store::{Location, Store};
use shared::ids::{ClientId, TeamId};
use shared::people::command::AddTeam;
use shared::sync::protocol::PushAnswer;
use shared::testing::messages;
use std::path::Path;
use tests::harness::server::Company;
use tests::harness::{Account, Result, Server, Trouble};
use uuid::Uuid;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// What the file says of the frames in it: their length, and how many commits the first n of them complete.
struct Frames {
    length: usize,
    commits: Vec<usize>,
}

impl Frames {
    fn of(wal: &[u8]) -> Self {
        let number = |at: usize| u32::from_be_bytes(wal[at..at + 4].try_into().expect("four bytes"));
        let length = FRAME_HEADER + number(8) as usize;
        // Frames of an earlier use of the file have another salt.
        let frames = wal[HEADER..].chunks_exact(length).take_while(|frame| frame[8..16] == wal[16..24]);
        let mut commits = vec![0];
        for frame in frames {
            let before = commits[commits.len() - 1];
            commits.push(before + usize::from(frame[4..8] != [0; 4]));
        }
        Self { length, commits }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_cut_anywhere_opens_as_a_prefix_of_the_commits() -> Result {
    let pushes = count(30);
    let mut server = Server::start(Company::Empty).await?;
    let password = server.log().lines().find_map(|line| line.strip_prefix("Password: ").map(str::to_owned));
    let administrator = Account::log_in(&server.url(), "admin", &password.ok_or_else(|| Trouble::new("no password was told"))?).await?;
    let begun = Ledger::of_sqlite(&server.data().join("huixiao.db"))?.version;
    let (client, incarnation) = (ClientId(Uuid::new_v4()), Uuid::new_v4());
    let mut uuids = Vec::new();
    for seq in 1..=pushes as u64 {
        let now = std::time::SystemTime::now().into();
        let envelope = messages::envelope(seq, now, AddTeam { team: TeamId(Uuid::new_v4()), name: format!("第{seq}組") });
        uuids.push(envelope.uuid);
        match administrator.push(&messages::push(client, incarnation, now, vec![envelope])).await? {
            PushAnswer::Done { .. } => {}
            other => return Err(Trouble::new(format!("not taken: {other:?}"))),
        }
    }
    server.kill();

    let file = std::fs::read(server.data().join("huixiao.db"))?;
    let wal = std::fs::read(server.data().join("huixiao.db-wal"))?;
    let frames = Frames::of(&wal);
    let first = first_with_an_organisation(&file, &wal, &frames).await?;
    let whole = frames.commits.len() - 1;
    let (mut cuts, mut kept) = (0, 0);
    for frame in first..=whole {
        let boundary = HEADER + frame * frames.length;
        // Odd places within the next frame: in its header, after it, in the middle of the page, a byte before its end.
        let odd = [3, FRAME_HEADER, 1 + frames.length / 2, frames.length - 1];
        let within = if frame < whole { Some(boundary + odd[frame % odd.len()]) } else { None };
        for cut in [Some(boundary), within].into_iter().flatten() {
            let ledger = opened(&file, &wal[..cut]).await?;
            ledger.verify(begun.min(ledger.version));
            let found = ledger.commands.len();
            // The last commits are the pushes, one each.
            kept = (frames.commits[frame] + pushes).saturating_sub(frames.commits[whole]);
            assert_eq!(found, kept, "cut at {cut}, in frame {frame}");
            assert!(uuids[..kept].iter().all(|uuid| ledger.commands.contains_key(uuid)), "the first {kept} and no others");
            assert_eq!(ledger.version.saturating_sub(begun), kept as u64);
            cuts += 1;
        }
    }
    assert_eq!(kept, pushes, "the whole log holds everything");
    tell(&format!("figure SQLite log cut: {cuts} cuts in {whole} frames of {pushes} pushes, each a prefix"));
    Ok(())
}

/// Before that frame the cut is in the first start: there is no organisation yet, and a server would found one.
async fn first_with_an_organisation(file: &[u8], wal: &[u8], frames: &Frames) -> Result<usize> {
    for frame in 0..frames.commits.len() {
        let boundary = HEADER + frame * frames.length;
        let is_commit = frame == 0 || frames.commits[frame] > frames.commits[frame - 1];
        if is_commit
            && with(file, &wal[..boundary], async |store| store.read(server::store::organisations).await).await?.is_ok_and(|orgs| !orgs.is_empty())
        {
            return Ok(frame);
        }
    }
    Err(Trouble::new("the log holds no organisation"))
}

/// What a server finds in what was left.
async fn opened(file: &[u8], wal: &[u8]) -> Result<Ledger> {
    let folder = lay(file, wal)?;
    let path = folder.path().join("huixiao.db");
    open(&path).await?.close().await;
    Ledger::of_sqlite(&path)
}

async fn with<T>(file: &[u8], wal: &[u8], ask: impl AsyncFnOnce(&Store) -> T) -> Result<T> {
    let folder = lay(file, wal)?;
    let store = open(&folder.path().join("huixiao.db")).await?;
    let answer = ask(&store).await;
    store.close().await;
    Ok(answer)
}

fn lay(file: &[u8], wal: &[u8]) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("huixiao.db"), file)?;
    std::fs::write(folder.path().join("huixiao.db-wal"), wal)?;
    Ok(folder)
}

async fn open(path: &Path) -> Result<Store> {
    Store::open(&Location::Sqlite(path.to_owned())).await.map_err(|error| Trouble::new(format!("a cut log is refused: {error}")))
}
