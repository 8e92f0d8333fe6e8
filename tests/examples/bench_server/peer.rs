//! The peer: PouchDB devices that replicate the same documents to a server of CouchDB's protocol (express-pouchdb on LevelDB).
//! Both are Node processes from tests/peers/couch, on loopback like ours.
//!
//! Where there is a choice it is made in the peer's favour: no log-in, no permissions, no validation, no compression, connections kept open.

use super::devices::Waits;
use super::{AT_ONCE, Result, used};
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
    /// Commands for each second of the server's processor time, if the database is in it.
    pub(crate) by_processor: Option<f64>,
    /// Rows and the time that they took.
    pub(crate) first_pull: Option<(usize, Duration)>,
}

/// Says what is missing before anything is measured.
pub(crate) fn installed() -> Result {
    let packages = folder().join("node_modules");
    if packages.is_dir() { Ok(()) } else { Err("the peer's packages are missing: npm ci --ignore-scripts in tests/peers/couch".into()) }
}

pub(crate) async fn compare(ours: &Ours, commands: usize, seconds: f64) -> Result {
    println!("PouchDB and express-pouchdb on LevelDB, {AT_ONCE} documents in a batch");
    let documents = 64 * (commands / 64).next_multiple_of(AT_ONCE);
    let mut rate = 0.0;
    for durability in [Durability::AsShipped, Durability::Durable] {
        let server = Server::start(durability).await?;
        let mut figures = server.devices("push", documents, &[64, AT_ONCE]).await?;
        let (name, batch) = (durability.name(), figures.waits.told());
        server.stop().await?;
        rate = figures.rate();
        println!("64 devices back to back, {name:<10} {rate:>6.0} documents/s   batch {batch}   ours {:.1} times", ours.rate / rate);
        if let Some(ours) = ours.by_processor {
            let theirs = figures.by_processor();
            println!("  in a second of the server's processor time: {theirs:.0} documents, ours {ours:.0} commands, {:.1} times", ours / theirs);
        }
    }
    due(rate / 2.0, seconds).await?;
    if let Some((rows, took)) = ours.first_pull {
        first_pull(rows, took).await?;
    }
    println!();
    Ok(())
}

/// At half of what it can, like ours.
async fn due(rate: f64, seconds: f64) -> Result {
    for count in [64, 500] {
        let each = (rate * seconds / count as f64 / AT_ONCE as f64).ceil().max(2.0) as usize;
        let server = Server::start(Durability::Durable).await?;
        let mut figures = server.devices("due", each * AT_ONCE * count, &[count, AT_ONCE, rate as usize]).await?;
        let (reached, batch, memory) = (figures.rate(), figures.waits.told(), used::most_memory(server.process.id()));
        println!("{count} devices, {rate:.0} documents/s due, {reached:.0} done: batch {batch}, server {memory}");
        server.stop().await?;
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
    let (took, worked, memory) = (figures.seconds, figures.worked.as_secs_f64(), used::most_memory(server.process.id()));
    println!(
        "a first pull of {rows} documents: {took:.1} s, the server's processor {worked:.1} s, {memory}; ours {:.1} times as fast",
        took / ours.as_secs_f64()
    );
    server.stop().await
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
    process: Child,
    url: String,
    folder: TempDir,
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
    /// Processor time that the server has used.
    worked: Duration,
}

impl Figures {
    fn rate(&self) -> f64 {
        self.documents as f64 / self.seconds
    }

    fn by_processor(&self) -> f64 {
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
        Ok(Self { process, url, folder: own })
    }

    /// Runs the devices on so many documents; their other arguments stand in devices.mjs.
    async fn devices(&self, verb: &str, documents: usize, numbers: &[usize]) -> Result<Figures> {
        let mut command = Command::new("node");
        command.arg(folder().join("devices.mjs")).arg(verb).arg(format!("{}/customers", self.url));
        if documents > 0 {
            command.arg(self.write_documents(documents)?);
        }
        command.args(numbers.iter().map(usize::to_string)).current_dir(self.folder.path()).kill_on_drop(true);
        let before = used::processor(self.process.id())?;
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().await?;
        let worked = used::processor(self.process.id())?.saturating_sub(before);
        if !output.status.success() {
            return Err(format!("the peer's devices ended with {}", output.status).into());
        }
        let Printed { seconds, documents, waits } = serde_json::from_slice(&output.stdout)?;
        let waits = waits.into_iter().map(|wait| Duration::from_secs_f64(wait / 1_000.0)).collect();
        Ok(Figures { seconds, documents, waits, worked })
    }

    /// Returns when it has ended, so that its folder can go; on an error it is killed with its handle.
    async fn stop(mut self) -> Result {
        Ok(self.process.kill().await?)
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
}

fn folder() -> PathBuf {
    checkout_folder().join("tests/peers/couch")
}

/// A customer as ours keeps it, under the key that CouchDB's protocol wants.
fn document(world: &World, number: usize) -> Result<Value> {
    let (id, profile, now) = (CustomerId(Uuid::now_v7()), world.profile(&format!("客戶{number}")), Utc::now());
    let customer = Customer {
        id,
        owner: Some(world.rep),
        team: Some(world.north),
        profile,
        import: None,
        handovers: Vec::new(),
        created_at: now,
        changed_at: now,
    };
    let mut body = serde_json::to_value(customer)?;
    body["_id"] = json!(id);
    Ok(body)
}
