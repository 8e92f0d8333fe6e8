//! How many tickets the scanner reads, and how fast, beside zxing-wasm and jsQR on the same frames. `./bench camera` builds what it needs and runs it.
//!
//! `bench_camera [--frames N]`: so many frames of 1280×720 for each way of holding a ticket, each read once by each decoder, in turns, in one
//! Chromium. Read means: the ticket's own text, to the letter.

mod frames;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use frames::{Held, WAYS, frame};
use serde_json::json;
use shared::ids::{GuestId, MeetingId};
use shared::invitations::ticket::TicketSigner;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tests::harness::pages::Pages;
use tests::harness::{Browser, Device, Result, Trouble, checkout_folder, target_folder};
use uuid::Uuid;

const PAGE: &str = r#"<!doctype html><title>bench</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>"#;
/// As the page calls them, and as they are called here.
const DECODERS: [(&str, &str); 3] = [("ours", "ours"), ("zxing", "zxing-wasm"), ("jsqr", "jsQR")];
/// Any frame is read within this time.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench_camera: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result {
    let count = frames_of_each_way()?;
    let (app, page) = (checkout_folder().join("dist"), target_folder().join("bench-camera"));
    let file = move |Path(name): Path<String>| {
        let found = [&page, &app].into_iter().find_map(|folder| std::fs::read(folder.join(&name)).ok());
        async move { found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |bytes| typed(&name, bytes)) }
    };
    let router = Router::new()
        .route("/", get(Html(PAGE)))
        .route(
            "/frames/{number}",
            get(move |Path(number): Path<u32>| async move { frame(&WAYS[(number / count) as usize], number, &ticket(number)) }),
        )
        .route("/{*name}", get(file));
    let (pages, browser) = (Pages::serve(router).await?, Browser::start(Device::tablet("bench-camera")).await?);
    browser.let_scripts_run(PATIENCE).await?;
    browser.goto(&pages.url()).await?;
    browser.wait_until("load the decoders", "return window.ready === true").await?;
    println!("{count} frames of {}x{} for each way; read, and the median in ms over the frames of the way\n", frames::WIDTH, frames::HEIGHT);
    println!("| held | {} |", DECODERS.map(|(_, called)| called).join(" | "));
    println!("| --- |{}", " --- |".repeat(DECODERS.len()));
    let mut all = DECODERS.map(|_| Tally::default());
    for (way, held) in (0_u32..).zip(&WAYS) {
        let tallies = read_all(&browser, way * count..(way + 1) * count).await?;
        tell(held, &tallies);
        all.iter_mut().zip(tallies).for_each(|(all, tally)| all.join(tally));
    }
    println!("| all | {} |", all.map(|tally| tally.words()).join(" | "));
    Ok(())
}

fn frames_of_each_way() -> Result<u32> {
    let usage = || Trouble::new("usage: bench_camera [--frames N]");
    let args: Vec<String> = std::env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(20),
        ["--frames", count] => count.parse().ok().filter(|count| *count > 0).ok_or_else(usage),
        _ => Err(usage()),
    }
}

/// A ticket as guests have it; another one for each frame.
fn ticket(number: u32) -> String {
    let signer = TicketSigner::from_seed(&[7; 32]);
    let (meeting, guest) = (MeetingId(Uuid::from_u128(1 << 100)), GuestId(Uuid::from_u128((2 << 100) + u128::from(number))));
    signer.sign(meeting, guest, "2026-11-23T01:00:00Z".parse().expect("valid"), "王小明")
}

/// What a decoder did with some frames.
#[derive(Clone, Default)]
struct Tally {
    read: usize,
    milliseconds: Vec<f64>,
}

impl Tally {
    fn join(&mut self, other: Self) {
        self.read += other.read;
        self.milliseconds.extend(other.milliseconds);
    }

    fn words(mut self) -> String {
        self.milliseconds.sort_by(f64::total_cmp);
        let median = self.milliseconds.get(self.milliseconds.len() / 2).copied().unwrap_or_default();
        format!("{} %, {median:.1}", self.read * 100 / self.milliseconds.len().max(1))
    }
}

async fn read_all(browser: &Browser, numbers: std::ops::Range<u32>) -> Result<[Tally; 3]> {
    let mut tallies = DECODERS.map(|_| Tally::default());
    for number in numbers {
        let (results, ticket) = (browser.run("return window.read(arguments[0])", json!([number])).await?, ticket(number));
        for ((name, _), tally) in DECODERS.iter().zip(&mut tallies) {
            let [text, ms] = results[name].as_array().map(Vec::as_slice).unwrap_or_default() else {
                return Err(Trouble::new(format!("{name} gave no answer")));
            };
            tally.read += usize::from(text.as_str() == Some(&ticket));
            tally.milliseconds.push(ms.as_f64().unwrap_or(f64::NAN));
        }
    }
    Ok(tallies)
}

fn tell(held: &Held, tallies: &[Tally; 3]) {
    println!("| {} | {} |", held.name, tallies.clone().map(Tally::words).join(" | "));
}

fn typed(name: &str, bytes: Vec<u8>) -> Response {
    let kind = if PathBuf::from(name).extension() == Some("wasm".as_ref()) { "application/wasm" } else { "text/javascript" };
    ([(header::CONTENT_TYPE, kind)], Body::from(bytes)).into_response()
}
