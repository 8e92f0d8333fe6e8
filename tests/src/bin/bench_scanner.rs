//! How long the scanner's worker takes to read a camera frame: `bench_scanner [folder of the built app]`, `dist` unless told otherwise.
//!
//! One worker in Chromium reads a 1280×720 frame with a real ticket, held askew before a noisy camera, and an empty one, 100 times each.

use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use fast_qr::{ECL, QRBuilder};
use serde_json::json;
use shared::ids::{GuestId, MeetingId};
use shared::invitations::ticket::TicketSigner;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::harness::pages::Pages;
use tests::harness::{Browser, Device, Result, checkout_folder};
use uuid::Uuid;

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const PAGE: &str = r#"<!doctype html><title>bench</title><script>
const pixels = async (name) => {
  const luma = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const rgba = new Uint8ClampedArray(luma.length * 4);
  luma.forEach((value, at) => rgba.set([value, value, value, 255], at * 4));
  return rgba;
};
const worker = new Worker("/scanner_loader.js");
const answer = () => new Promise((done, failed) => { worker.onmessage = (event) => done(event.data); worker.onerror = failed; });
(async () => {
  await answer();
  const result = {};
  for (const name of ["ticket", "empty"]) {
    const frame = await pixels(name);
    const times = [];
    let codes;
    for (let round = 0; round < 100; round++) {
      const rgba = frame.slice().buffer;
      worker.postMessage({ width: 1280, height: 720, rgba }, [rgba]);
      const read = await answer();
      times.push(read.ms);
      codes = read.codes;
    }
    times.sort((a, b) => a - b);
    result[name] = { codes, median: times[50], p95: times[95], best: times[0] };
  }
  window.result = result;
})();
</script>"#;

#[tokio::main]
async fn main() -> Result {
    let folder = std::env::args().nth(1).map_or_else(|| checkout_folder().join("dist"), PathBuf::from);
    let signer = TicketSigner::from_seed(&[7; 32]);
    let (meeting, guest) = (MeetingId(Uuid::from_u128(1 << 100)), GuestId(Uuid::from_u128(2 << 100)));
    let ticket = signer.sign(meeting, guest, "2026-11-23T01:00:00Z".parse().expect("valid"), "王小明");
    let (seen, empty) = (frame(Some(&ticket)), frame(None));
    let router = Router::new()
        .route("/", get(Html(PAGE)))
        .route("/ticket", get(seen))
        .route("/empty", get(empty))
        .fallback(move |uri: Uri| file(folder.join(uri.path().trim_start_matches('/'))));
    let pages = Pages::serve(router).await?;
    let browser = Browser::start(Device::tablet("bench-scanner")).await?;
    browser.goto(&pages.url()).await?;
    let result = async || Ok(Some(browser.run("return window.result ?? null", json!([])).await?).filter(|result| !result.is_null()));
    let result = browser.until("have 200 frames read", Duration::from_secs(120), result).await?;
    assert_eq!(result["ticket"]["codes"][0], ticket.as_str(), "the frame with the ticket must be read");
    for name in ["ticket", "empty"] {
        println!("{name}: median {} ms, p95 {} ms, best {} ms", result[name]["median"], result[name]["p95"], result[name]["best"]);
    }
    Ok(())
}

async fn file(path: PathBuf) -> Response {
    let kind = if path.extension() == Some("wasm".as_ref()) { "application/wasm" } else { "text/javascript" };
    match read(&path) {
        Some(bytes) => ([(header::CONTENT_TYPE, kind)], Body::from(bytes)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

/// Brightness of a frame: a ticket of a third of the picture's width, turned by some eight degrees, under noise.
fn frame(ticket: Option<&str>) -> Vec<u8> {
    let code = ticket.map(|text| QRBuilder::new(text).ecl(ECL::M).build().expect("a ticket fits a code"));
    let mut noise = fastrand::Rng::with_seed(7);
    let (sine, cosine) = 0.14_f32.sin_cos();
    let mut luma = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (dx, dy) = (x as f32 - WIDTH as f32 / 2.0, y as f32 - HEIGHT as f32 / 2.0);
            let light = code.as_ref().map_or(118.0, |code| {
                let module = 420.0 / code.size as f32;
                let at = |value: f32| (value / module + code.size as f32 / 2.0).floor() as isize;
                let (column, row) = (at(dx * cosine + dy * sine), at(dy * cosine - dx * sine));
                let side = code.size as isize;
                if (0..side).contains(&column) && (0..side).contains(&row) {
                    if code[row as usize][column as usize].value() { 34.0 } else { 226.0 }
                } else if (-4..side + 4).contains(&column) && (-4..side + 4).contains(&row) {
                    226.0
                } else {
                    118.0
                }
            });
            luma.push((light + noise.f32() * 24.0 - 12.0).clamp(0.0, 255.0) as u8);
        }
    }
    luma
}
