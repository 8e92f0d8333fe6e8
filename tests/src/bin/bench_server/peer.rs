//! The peer: PouchDB devices that replicate the same documents to a server of CouchDB's protocol (express-pouchdb on LevelDB).
//! Both are Node processes from tests/peers/couch, on loopback like ours; the server is killed when its handle is dropped.
//!
//! Where there is a choice it is made in the peer's favour: no log-in, no permissions, no validation, no compression, connections kept open.

use super::devices::Waits;
use super::house::most_memory;
use super::{AT_ONCE, Result, SECONDS};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::customers::Customer;
use shared::ids::CustomerId;
use shared::testing::World;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tests::harness::checkout_folder;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

/// What ours has done in this run.
pub(crate) struct Ours {
    pub(crate) rate: f64,
    /// Rows and the time that they took.
    pub(crate) first_pull: Option<(usize, Duration)>,
}

/// Says what is missing before anything is measured.
pub(crate) fn installed() -> Result {
    let packages = folder().join("node_modules");
    if packages.is_dir() { Ok(()) } else { Err("the peer's packages are missing: npm ci --ignore-scripts in tests/peers/couch".into()) }
}

pub(crate) async fn compare(ours: &Ours, commands: usize) -> Result {
    println!("PouchDB and express-pouchdb on LevelDB, {AT_ONCE} documents in a batch");
    let documents = 64 * (commands / 64).next_multiple_of(AT_ONCE);
    let mut rate = 0.0;
    for durability in [Durability::AsShipped, Durability::Durable] {
        let server = Server::start(durability).await?;
        let mut figures = server.devices("push", documents, &[64, AT_ONCE]).await?;
        let (name, batch, most) = (durability.name(), figures.waits.told(), figures.most());
        rate = figures.rate();
        println!("64 devices back to back, {name:<10} {rate:>6.0} documents/s   batch {batch}   ours {:.1} times", ours.rate / rate);
        println!("  its server alone, if devices cost nothing: {most:.0} documents/s at most   ours {:.1} times", ours.rate / most);
    }
    due(rate / 2.0).await?;
    if let Some((rows, took)) = ours.first_pull {
        first_pull(rows, took).await?;
    }
    println!();
    Ok(())
}

/// At half of what it can, like ours.
async fn due(rate: f64) -> Result {
    for count in [64, 500] {
        let each = (rate * SECONDS / count as f64 / AT_ONCE as f64).ceil().max(2.0) as usize;
        let server = Server::start(Durability::Durable).await?;
        let mut figures = server.devices("due", each * AT_ONCE * count, &[count, AT_ONCE, rate as usize]).await?;
        let (reached, batch, memory) = (figures.rate(), figures.waits.told(), most_memory(server.process.id()));
        println!("{count} devices, {rate:.0} documents/s due, {reached:.0} done: batch {batch}, server {memory}");
    }
    Ok(())
}

async fn first_pull(rows: usize, ours: Duration) -> Result {
    let server = Server::start(Durability::AsShipped).await?;
    server.devices("fill", rows, &[]).await?;
    let figures = server.devices("pull", 0, &[]).await?;
    if figures.documents != rows {
        return Err(format!("the peer pulled {} of {rows} documents", figures.documents).into());
    }
    let memory = most_memory(server.process.id());
    println!(
        "a first pull of {rows} documents: {:.1} s, server {memory}; ours {:.1} times as fast",
        figures.seconds,
        figures.seconds / ours.as_secs_f64()
    );
    Ok(())
}

#[derive(Clone, Copy)]
enum Durability {
    /// LevelDB hands writes to the system and does not wait for the disk.
    AsShipped,
    /// Each batch of documents is on the disk (fdatasync) before it is acknowledged.
    Durable,
}

impl Durability {
    fn name(self) -> &'static str {
        match self {
            Self::AsShipped => "as-shipped",
            Self::Durable => "durable",
        }
    }
}

/// The peer's server on databases of its own.
struct Server {
    folder: TempDir,
    url: String,
    process: Child,
}

/// What the devices print.
#[derive(Deserialize)]
struct Printed {
    seconds: f64,
    documents: usize,
    /// Milliseconds.
    waits: Vec<f64>,
}

struct Figures {
    seconds: f64,
    documents: usize,
    waits: Waits,
    /// Time that the server's one thread has worked.
    worked: Duration,
}

impl Figures {
    fn rate(&self) -> f64 {
        self.documents as f64 / self.seconds
    }

    /// Documents a second by the time that the server's thread has worked: what it could do if nothing else had to run on the machine.
    fn most(&self) -> f64 {
        self.documents as f64 / self.worked.as_secs_f64()
    }
}

impl Server {
    async fn start(durability: Durability) -> Result<Self> {
        let own = tempfile::Builder::new().prefix("huixiao-peer-").tempdir()?;
        let mut command = Command::new("node");
        command.arg(folder().join("server.mjs")).arg(own.path()).arg(durability.name()).current_dir(own.path());
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let said = process.stdout.take().ok_or("the peer's server has no output")?;
        let url = BufReader::new(said).lines().next_line().await?.ok_or("the peer's server ended at its start")?;
        Ok(Self { folder: own, url, process })
    }

    /// Runs the devices on so many documents; their other arguments stand in devices.mjs.
    async fn devices(&self, verb: &str, documents: usize, numbers: &[usize]) -> Result<Figures> {
        let mut command = Command::new("node");
        command.arg(folder().join("devices.mjs")).arg(verb).arg(format!("{}/customers", self.url));
        if documents > 0 {
            command.arg(self.write_documents(documents)?);
        }
        command.args(numbers.iter().map(usize::to_string)).current_dir(self.folder.path()).kill_on_drop(true);
        let before = self.worked()?;
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().await?;
        let worked = self.worked()?.saturating_sub(before);
        if !output.status.success() {
            return Err(format!("the peer's devices ended with {}", output.status).into());
        }
        let Printed { seconds, documents, waits } = serde_json::from_slice(&output.stdout)?;
        let waits = waits.into_iter().map(|wait| Duration::from_secs_f64(wait / 1_000.0)).collect();
        Ok(Figures { seconds, documents, waits, worked })
    }

    /// The rows that our commands make, one on a line.
    fn write_documents(&self, count: usize) -> Result<PathBuf> {
        let (path, world) = (self.folder.path().join("documents"), World::new());
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        for number in 0..count {
            serde_json::to_writer(&mut file, &document(&world, number)?)?;
            file.write_all(b"\n")?;
        }
        file.flush()?;
        Ok(path)
    }

    /// Linux counts the time of a process's first thread, on which Node runs JavaScript, in nanoseconds.
    fn worked(&self) -> Result<Duration> {
        let id = self.process.id().ok_or("the peer's server has ended")?;
        let counted = std::fs::read_to_string(format!("/proc/{id}/schedstat"))?;
        Ok(Duration::from_nanos(counted.split_whitespace().next().ok_or("no count in schedstat")?.parse()?))
    }
}

fn folder() -> PathBuf {
    checkout_folder().join("tests/peers/couch")
}

/// A customer as ours keeps it, under the key that CouchDB's protocol wants.
fn document(world: &World, number: usize) -> Result<Value> {
    let (id, profile, now) = (CustomerId(Uuid::now_v7()), world.profile(&format!("客戶{number}")), Utc::now());
    let customer = Customer { id, owner: Some(world.rep), team: Some(world.north), profile, import: None, created_at: now, changed_at: now };
    let mut body = serde_json::to_value(customer)?;
    body["_id"] = json!(id);
    Ok(body)
}
