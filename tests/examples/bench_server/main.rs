//! The server under load: the real process, real HTTP, durable commits. `./bench server` runs it on both databases.
//!
//! `bench_server [--postgres URL] [--commands N] [--most-rows N] [--seconds N]`
//!
//! 1. What it can: 64 devices push as fast as they are answered; beside it the bare database writes the same rows, 100 commands in a commit.
//! 2. What one waits: 64 and 500 devices at a fixed rate (open loop: time counts from when a push was due, not from when it was sent).
//! 3. Whether it stays so: the rate as the organisation's rows grow, and a first pull of 100,000 rows.
//! 4. The same work by a peer, in the same run: PouchDB with a server of CouchDB's protocol.
//!
//! Server, database, devices and disk share one machine. Every command adds a customer.

mod bare;
mod devices;
mod house;
mod peer;
mod used;

use devices::{Device, Waits};
use house::House;
use peer::Ours;
use std::time::{Duration, Instant};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Commands in a push: what a desk saves between two contacts.
const AT_ONCE: usize = 10;

struct Settings {
    postgres: Option<String>,
    commands: usize,
    most_rows: usize,
    /// How long each fixed rate is kept up.
    seconds: f64,
}

#[tokio::main]
async fn main() -> Result {
    let settings = settings()?;
    peer::installed()?;
    let name = if settings.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("{name}, {AT_ONCE} commands in a push\n");
    let mut ours = capacity(&settings, name).await?;
    waits(&settings, ours.rate).await?;
    ours.first_pull = growth(&settings).await?;
    peer::compare(&ours, settings.commands / 4, settings.seconds).await
}

fn settings() -> Result<Settings> {
    let mut settings = Settings { postgres: None, commands: 64_000, most_rows: 1_000_000, seconds: 10.0 };
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().ok_or("every flag has a value")?;
        match flag.as_str() {
            "--postgres" => settings.postgres = Some(value),
            "--commands" => settings.commands = value.parse()?,
            "--most-rows" => settings.most_rows = value.parse()?,
            "--seconds" => settings.seconds = value.parse()?,
            _ => return Err("usage: bench_server [--postgres URL] [--commands N] [--most-rows N] [--seconds N]".into()),
        }
    }
    Ok(settings)
}

/// Commands a second, as fast as they are answered.
async fn capacity(settings: &Settings, name: &str) -> Result<Ours> {
    let mut house = House::open(settings.postgres.as_deref(), 0).await?;
    let devices = house.devices(64, settings.commands / 64, AT_ONCE).await?;
    let before = house.server_processor()?;
    let (took, mut waits) = back_to_back(devices).await?;
    let worked = house.server_processor()?.saturating_sub(before);
    let rate = settings.commands as f64 / took.as_secs_f64();
    let memory = house.server_memory();
    house.stop().await?;
    let bare = bare::write_again(&house).await?;
    let limit = bare.rows as f64 / bare.took.as_secs_f64();
    println!("64 devices back to back   {rate:>8.0} commands/s   push {waits}   server {memory}", waits = waits.told());
    println!("bare {name:<20} {limit:>8.0} commands/s   the same rows, 100 commands in a commit");
    println!("share                     {:>8.0} %\n", 100.0 * rate / limit);
    let by_processor = settings.postgres.is_none().then(|| settings.commands as f64 / worked.as_secs_f64());
    Ok(Ours { rate, by_processor, first_pull: None })
}

async fn back_to_back(devices: Vec<Device>) -> Result<(Duration, Waits)> {
    let began = Instant::now();
    let tasks: Vec<_> = devices.into_iter().map(|device| tokio::spawn(device.push_all())).collect();
    let mut waits = Waits::default();
    for task in tasks {
        waits.add(task.await??);
    }
    Ok((began.elapsed(), waits))
}

/// How long pushes and pulls take at a fixed rate, half of what the server can.
async fn waits(settings: &Settings, capacity: f64) -> Result {
    for count in [64, 500] {
        let rate = capacity / 2.0;
        let each = (rate * settings.seconds / count as f64 / AT_ONCE as f64).ceil().max(2.0) as usize;
        let mut house = House::open(settings.postgres.as_deref(), 0).await?;
        let devices = house.devices(count, each * AT_ONCE, AT_ONCE).await?;
        let between = Duration::from_secs_f64(AT_ONCE as f64 * count as f64 / rate);
        let began = Instant::now() + Duration::from_millis(200);
        let due = |place: usize| began + between.mul_f64(place as f64 / count as f64);
        let push = |(place, device): (usize, Device)| tokio::spawn(device.push_when_due(place, due(place), between));
        let tasks: Vec<_> = devices.into_iter().enumerate().map(push).collect();
        let (mut pushes, mut pulls) = (Waits::default(), Waits::default());
        for task in tasks {
            let (pushed, pulled) = task.await??;
            pushes.add(pushed);
            pulls.add(pulled);
        }
        let reached = (count * each * AT_ONCE) as f64 / began.elapsed().as_secs_f64();
        let memory = house.server_memory();
        println!("{count} devices, {rate:.0} commands/s due, {reached:.0} done: push {}, pull {}, server {memory}", pushes.told(), pulls.told());
        house.stop().await?;
    }
    println!();
    Ok(())
}

/// The same work as the organisation grows; gives the rows of a first pull and the time it took, if the organisation grows that far.
async fn growth(settings: &Settings) -> Result<Option<(usize, Duration)>> {
    let (mut rows, mut first_pull) = (1_000, None);
    while rows <= settings.most_rows {
        let mut house = House::open(settings.postgres.as_deref(), rows).await?;
        let commands = settings.commands / 4;
        let devices = house.devices(64, commands / 64, AT_ONCE).await?;
        let (took, _) = back_to_back(devices).await?;
        let rate = commands as f64 / took.as_secs_f64();
        let pull = if rows == 100_000 {
            let (before, began) = (house.server_processor()?, Instant::now());
            let (held, bytes) = house.first_pull().await?;
            let (took, worked) = (began.elapsed(), house.server_processor()?.saturating_sub(before));
            first_pull = Some((held, took));
            format!(
                "; a first pull of {held} rows, {:.1} MB: {:.2} s, the server's processor {:.2} s",
                bytes as f64 / 1e6,
                took.as_secs_f64(),
                worked.as_secs_f64()
            )
        } else {
            String::new()
        };
        println!("{rows:>9} rows before: {rate:>8.0} commands/s, server {}{pull}", house.server_memory());
        house.stop().await?;
        rows *= 10;
    }
    println!();
    Ok(first_pull)
}
