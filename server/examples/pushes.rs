//! How many durable commands a second the server takes from 64 devices, and what bare SQLite does with the same rows on the same disk.
//!
//! `cargo run --release -p server --example pushes -- [commands per push, default 10] [commands per device, default 1000]`
//!
//! Devices, server and disk share one machine. Every command adds a customer; an answer counts only after its commit (WAL, synchronous=FULL).

use chrono::Utc;
use rusqlite::{Connection, params};
use serde_json::json;
use server::config::{Config, Place};
use server::store::{Location, NewOrganisation, Store};
use server::{password_hash, start};
use shared::customers::command::AddCustomer;
use shared::ids::{ClientId, CustomerId, UserId};
use shared::sync::protocol::{Envelope, PROTO, PushAnswer, PushRequest, SCHEMA, Verdict};
use shared::sync::server::apply;
use shared::testing::{TICKET_SEED, World};
use shared::{Command, Patch};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

const DEVICES: usize = 64;
const PASSWORD: &str = "for the measurement";
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let at_once = args.next().transpose()?.unwrap_or(10).clamp(1, 100);
    let each = args.next().transpose()?.unwrap_or(1_000).max(at_once);
    let folder = tempfile::tempdir()?;
    let (took, mut waits) = served(folder.path(), at_once, each).await?;
    let commands = each / at_once * at_once * DEVICES as u64;
    waits.sort_unstable();
    let wait = |percent: usize| waits[(waits.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("{DEVICES} devices, {at_once} commands in a push, {commands} commands");
    println!(
        "server      {:>8.0} commands/s   answer median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        rate(commands, took),
        wait(50),
        wait(95),
        wait(99)
    );
    let bare = bare(folder.path(), commands).await?;
    println!("bare SQLite {:>8.0} commands/s   the same rows, 100 in a transaction", rate(commands, bare));
    println!("share       {:>8.0} %", 100.0 * bare.as_secs_f64() / took.as_secs_f64());
    Ok(())
}

/// The whole time, and how long each push waited for its answer.
async fn served(folder: &Path, at_once: u64, each: u64) -> Outcome<(Duration, Vec<Duration>)> {
    let world = World::new();
    found(folder, &world).await?;
    let config =
        Config { listen: "127.0.0.1:0".parse()?, place: Place { data: folder.to_owned(), database_url: None }, no_demo: true, secure_cookies: false };
    let running = start(&config).await.map_err(|error| error.to_string())?;
    let url = format!("http://{}", running.address);
    let mut devices = Vec::new();
    for (login, user) in
        [("rep", world.rep), ("colleague", world.colleague), ("stranger", world.stranger), ("supervisor", world.supervisor)].repeat(DEVICES / 4)
    {
        let client = reqwest::Client::builder().no_proxy().cookie_store(true).build()?;
        let body = json!({ "login": login, "password": PASSWORD });
        client.post(format!("{url}/api/session")).header("x-huixiao", "1").json(&body).send().await?.error_for_status()?;
        devices.push((client, pushes(&world, user, at_once, each)?));
    }
    let began = Instant::now();
    let mut working = tokio::task::JoinSet::new();
    for (client, pushes) in devices {
        let url = format!("{url}/api/sync/push");
        working.spawn(async move { push_all(&client, &url, pushes).await });
    }
    let mut waits = Vec::new();
    while let Some(done) = working.join_next().await {
        waits.extend(done??);
    }
    let took = began.elapsed();
    running.stop().await;
    Ok((took, waits))
}

async fn push_all(client: &reqwest::Client, url: &str, pushes: Vec<Vec<u8>>) -> Outcome<Vec<Duration>> {
    let mut waits = Vec::with_capacity(pushes.len());
    for push in pushes {
        let began = Instant::now();
        let answer: PushAnswer = client.post(url).header("x-huixiao", "1").body(push).send().await?.json().await?;
        waits.push(began.elapsed());
        let PushAnswer::Done { outcomes, .. } = answer else { return Err(format!("not done: {answer:?}").into()) };
        if outcomes.iter().any(|outcome| outcome.verdict != Verdict::Applied) {
            return Err("a command was refused".into());
        }
    }
    Ok(waits)
}

/// Bodies made before the clock runs.
fn pushes(world: &World, user: UserId, at_once: u64, each: u64) -> Outcome<Vec<Vec<u8>>> {
    let (client, incarnation) = (ClientId(Uuid::new_v4()), Uuid::new_v4());
    let command = |seq| {
        let args = AddCustomer { customer: CustomerId(Uuid::now_v7()), owner: Some(user), profile: world.profile(&format!("客戶{seq}")) };
        Envelope { seq, uuid: Uuid::new_v4(), occurred_at: Utc::now(), clock_offset_ms: 0, command: Command::from(args).to_raw() }
    };
    let push = |first: u64| PushRequest {
        proto: PROTO,
        schema: SCHEMA,
        epoch: None,
        client,
        incarnation,
        sent_at: Utc::now(),
        commands: (first..first + at_once).map(command).collect(),
    };
    Ok((0..each / at_once).map(|number| serde_json::to_vec(&push(number * at_once + 1))).collect::<Result<_, _>>()?)
}

async fn found(folder: &Path, world: &World) -> Outcome {
    let store = Store::open(&Location::Sqlite(folder.join("huixiao.db"))).await.map_err(|error| error.to_string())?;
    let (org, hash, now) = (world.org, password_hash(PASSWORD), Utc::now());
    let (patches, users) = (world.all().cloned().map(Patch::Put).collect(), [world.rep, world.colleague, world.stranger, world.supervisor]);
    let founded = store.write(move |tx| {
        apply(&mut tx.found(&NewOrganisation { org, epoch: Uuid::new_v4(), ticket_seed: TICKET_SEED, created_at: now })?, patches)?;
        users.iter().try_for_each(|user| tx.set_password_hash(org, *user, &hash, now))
    });
    founded.await.map_err(|failure| failure.0)?;
    store.close().await;
    Ok(())
}

/// The rows that the server has written, copied by plain inserts into an empty database of the same form.
async fn bare(folder: &Path, commands: u64) -> Outcome<Duration> {
    let from = Connection::open(folder.join("huixiao.db"))?;
    let empty = folder.join("bare.db");
    Store::open(&Location::Sqlite(empty.clone())).await.map_err(|error| error.to_string())?.close().await;
    let mut to = Connection::open(empty)?;
    to.pragma_update(None, "journal_mode", "WAL")?;
    to.pragma_update(None, "synchronous", "FULL")?;
    // Every command has a version of its own, and its one row the same; the world that was there before has version 1.
    let mut read = from.prepare("SELECT org, uuid, args, outcome FROM commands ORDER BY version")?;
    let ruled =
        read.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?)))?;
    let mut read = from.prepare("SELECT id, hash, scope, body, version FROM rows WHERE version > 1 ORDER BY version")?;
    let written = read.query_map([], |row| {
        let ids = (row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?);
        Ok((ids, row.get::<_, String>(2)?, row.get::<_, String>(3)?, row.get::<_, i64>(4)?))
    })?;
    let rows = ruled.zip(written).map(|(ruled, written)| Ok((ruled?, written?))).collect::<rusqlite::Result<Vec<_>>>()?;
    assert_eq!(rows.len() as u64, commands, "each command has made one row");
    let began = Instant::now();
    for part in rows.chunks(100) {
        let tx = to.transaction()?;
        for ((org, uuid, args, outcome), ((id, hash), scope, body, version)) in part {
            tx.prepare_cached("INSERT INTO rows VALUES (?1, 'customer', ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![org, id, scope, version, hash, body])?;
            for key in [format!("customers_by_owner:{scope}"), format!("customers_by_phone:{version}")] {
                tx.prepare_cached("INSERT INTO row_index VALUES (?1, ?2, ?3)")?.execute(params![org, key, id])?;
            }
            tx.prepare_cached("INSERT INTO commands VALUES (?1, ?2, ?2, ?2, ?3, ?2, 'add_customer_v1', ?4, 0, 0, 0, ?5, ?3)")?
                .execute(params![org, uuid, version, args, outcome])?;
        }
        tx.commit()?;
    }
    Ok(began.elapsed())
}

fn rate(commands: u64, took: Duration) -> f64 {
    commands as f64 / took.as_secs_f64()
}
