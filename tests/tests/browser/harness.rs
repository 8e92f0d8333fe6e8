//! The stage itself is proved on small pages: the line, the killed browser, the camera.

use crate::decode;
use crate::engines::{Part, can};
use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::harness::camera::{HEIGHT, Take, WIDTH};
use tests::harness::matrix::{self, Screen};
use tests::harness::pages::Pages;
use tests::harness::{Browser, Camera, Device, Engine, Mode, Proxy, Result, target_folder};

const COUNT: &str = "return fetch('/count', { method: 'POST' }).then(
    async answer => ({ status: answer.status, text: await answer.text() }), error => ({ error: String(error) }))";

#[tokio::test(flavor = "multi_thread")]
async fn the_line_can_be_cut_mended_hijacked_and_made_deaf() -> Result {
    let counted = Arc::new(AtomicUsize::new(0));
    let count = {
        let counted = Arc::clone(&counted);
        async move || (counted.fetch_add(1, Ordering::SeqCst) + 1).to_string()
    };
    let pages = Pages::serve(Router::new().route("/", get(async || Html("<h1>Here</h1>"))).route("/count", post(count))).await?;
    let line = Proxy::start(&pages.address()).await?;
    let browser = Browser::start(Device::phone("visitor")).await?;
    browser.goto(&line.url()).await?;
    let ask = async || browser.run(COUNT, json!([])).await;
    let answered = |number: usize| json!({ "status": 200, "text": number.to_string() });

    assert_eq!(ask().await?, answered(1), "an open line");

    line.cut().await;
    assert!(ask().await?["error"].is_string(), "a cut line, on a connection that was alive");
    assert!(ask().await?["error"].is_string(), "a cut line, on a new connection");
    assert!(browser.goto(&line.url()).await.is_err(), "a page behind a cut line");

    line.mend().await;
    browser.goto(&line.url()).await?;
    assert_eq!(ask().await?, answered(2), "the server heard nothing while the line was cut");

    line.switch(Mode::CaptivePortal).await;
    let hijacked = ask().await?;
    assert_eq!(hijacked["status"], 200);
    assert!(hijacked["text"].as_str().is_some_and(|page| page.contains("log in")), "{hijacked}");

    line.switch(Mode::DropResponses).await;
    assert!(ask().await?["error"].is_string(), "an answer that never arrived");
    assert_eq!((counted.load(Ordering::SeqCst), line.dropped_responses()), (3, 1), "but the server did it, once");

    line.switch(Mode::Slow(Duration::from_millis(300))).await;
    let started = std::time::Instant::now();
    assert_eq!(ask().await?, answered(4));
    assert!(started.elapsed() >= Duration::from_millis(600), "both ways are slow");

    line.mend().await;
    assert_eq!(ask().await?, answered(5));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_strictly_is_there_after_a_kill() -> Result {
    const WRITE: &str = "return new Promise((done, failed) => {
        const opening = indexedDB.open('proof', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('notes');
        opening.onerror = failed;
        opening.onsuccess = () => {
            const writing = opening.result.transaction('notes', 'readwrite', { durability: 'strict' });
            writing.objectStore('notes').put(arguments[0], 'note');
            writing.oncomplete = () => done(true);
            writing.onabort = failed;
        };
    })";
    const READ: &str = "return new Promise((done, failed) => {
        const opening = indexedDB.open('proof');
        opening.onerror = failed;
        opening.onsuccess = () => {
            const reading = opening.result.transaction('notes').objectStore('notes').get('note');
            reading.onsuccess = () => done(reading.result);
            reading.onerror = failed;
        };
    })";
    let pages = Pages::serve(Router::new().route("/", get(async || Html("<h1>Here</h1>")))).await?;
    let mut browser = Browser::start(Device::tablet("desk")).await?;
    for note in ["first", "second"] {
        browser.goto(&pages.url()).await?;
        browser.run(WRITE, json!([note])).await?;
        browser.kill();
        assert!(browser.url().await.is_err(), "a killed browser does not answer");
        browser.restart().await?;
        browser.goto(&pages.url()).await?;
        assert_eq!(browser.run(READ, json!([])).await?, json!(note));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_camera_shows_one_code_after_the_other_and_begins_again() -> Result {
    if !can(Part::Film)? {
        return Ok(());
    }
    const PAGE: &str = "<video autoplay muted playsinline></video><canvas></canvas>";
    const OPEN: &str = "const video = document.querySelector('video');
        video.srcObject?.getTracks().forEach(track => track.stop());
        return navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } })
            .then(stream => { video.srcObject = stream; return video.play(); })
            .then(() => true)";
    const NEXT_FRAME: &str = "return new Promise(done => {
        const video = document.querySelector('video'), canvas = document.querySelector('canvas');
        video.requestVideoFrameCallback(() => {
            [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
            const painter = canvas.getContext('2d', { willReadFrequently: true });
            painter.drawImage(video, 0, 0);
            const { data, width, height } = painter.getImageData(0, 0, canvas.width, canvas.height);
            let luma = '';
            for (let at = 0; at < data.length; at += 4) luma += String.fromCharCode(data[at]);
            done({ width, height, luma: btoa(luma) });
        });
    })";
    let pages = Pages::serve(Router::new().route("/", get(async || Html(PAGE)))).await?;
    let camera = Camera::new()?;
    let browser = Browser::start(Device::tablet("desk").with_camera(&camera.video())).await?;
    browser.goto(&pages.url()).await?;
    let next_code = async || -> Result<Option<String>> { Ok(read_code(&browser.run(NEXT_FRAME, json!([])).await?)) };

    camera.show(&[Take::Code("HX1:first guest", 8), Take::Nothing(8), Take::Code("HX1:second guest", 8)])?;
    browser.run(OPEN, json!([])).await?;
    for expected in ["HX1:first guest", "HX1:second guest", "HX1:first guest"] {
        let shown = async || Ok(next_code().await?.filter(|text| text == expected));
        browser.until(&format!("see the code of {expected}"), Duration::from_secs(20), shown).await?;
    }

    camera.show(&[Take::Code("HX1:third guest", 8)])?;
    browser.run(OPEN, json!([])).await?;
    let shown = async || Ok(next_code().await?.filter(|text| text == "HX1:third guest"));
    browser.until("see the code of a film shown later", Duration::from_secs(20), shown).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_reaches_the_page() -> Result {
    const PAGE: &str = "<input id=name value=old><input id=day type=date><input id=list type=file hidden><button id=late disabled>Go</button>
        <canvas width=300 height=100 style='touch-action: none'></canvas><p id=heard></p>
        <script>
            const heard = [], hear = word => { heard.push(word); document.querySelector('#heard').innerText = heard.join(' '); };
            day.onchange = () => hear(day.value);
            list.onchange = () => hear(list.files[0].name + ':' + list.files[0].size);
            late.onclick = () => hear('clicked');
            document.querySelector('canvas').onpointermove = move => { if (move.buttons) hear(move.pointerType) };
            document.onkeydown = key => { if (key.target === document.body) hear(key.key) };
            setTimeout(() => late.disabled = false, 300);
        </script>";
    let pages = Pages::serve(Router::new().route("/", get(async || Html(PAGE)))).await?;
    let browser = Browser::start(Device::tablet("desk")).await?;
    let list = tempfile::NamedTempFile::with_suffix(".csv")?;
    std::fs::write(list.path(), "12345")?;
    browser.goto(&pages.url()).await?;

    browser.press("n").await?;
    browser.wait_for_text("#heard", "n").await?;
    browser.fill("#name", "曾雅婷").await?;
    assert_eq!(browser.run("return document.querySelector('#name').value", json!([])).await?, "曾雅婷");
    browser.set("#day", "2026-12-01").await?;
    browser.wait_for_text("#heard", "2026-12-01").await?;
    browser.choose_file("#list", list.path()).await?;
    browser.wait_for_text("#heard", ".csv:5").await?;
    browser.click("#late").await?;
    browser.wait_for_text("#heard", "clicked").await?;
    browser.draw("canvas", &[(-50, 0), (0, 20), (50, -10)]).await?;
    let pointer = if browser.engine() == Engine::WebKit { "mouse" } else { "touch" };
    browser.wait_for_text("#heard", pointer).await?;
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    browser.run("console.error('a complaint')", json!([])).await?;
    assert!(browser.console_errors().await?[0].contains("a complaint"));
    let failed = browser.run("throw new Error('a mistake')", json!([])).await.expect_err("it throws").to_string();
    assert!(["desk", "a mistake", &pages.url(), "picture: ", "a complaint"].iter().all(|told| failed.contains(told)), "{failed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_are_pictured_in_every_size_and_scheme_and_axe_judges_them() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    const PAGE: &str = "<!doctype html><html lang=en><title>Here</title><meta name=viewport content='width=device-width'>
        <style>:root { color-scheme: light dark } p { color: #777; background: white }
        @media (prefers-color-scheme: dark) { p { color: white; background: black } }</style><main><h1>Here</h1><p>Pale</p></main>";
    let pages = Pages::serve(Router::new().route("/pale", get(async || Html(PAGE)))).await?;
    let browser = Browser::start(Device::desktop("gallery")).await?;
    let screens = [Screen::new("harness-pale", "/pale", "h1")];

    let findings = matrix::picture(&browser, &pages.url(), &screens, &["en"], async |_, _, _| Ok(())).await?;

    let found: Vec<_> = findings.iter().map(|finding| (finding.picture.as_str(), finding.violation.rule.as_str())).collect();
    let pale = ["en/light/360x800/harness-pale", "en/light/820x1180/harness-pale", "en/light/1280x800/harness-pale"];
    assert_eq!(found, pale.map(|picture| (picture, "color-contrast")));
    for (width, height) in [(360, 800), (820, 1180), (1280, 800)] {
        for scheme in ["light", "dark"] {
            let file = target_folder().join(format!("screenshots/en/{scheme}/{width}x{height}/harness-pale.png"));
            assert_eq!(png_size(&std::fs::read(&file)?), (width, height), "{}", file.display());
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// Width and height stand in a PNG's first chunk.
fn png_size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

fn read_code(frame: &Value) -> Option<String> {
    assert_eq!((frame["width"].as_u64(), frame["height"].as_u64()), (Some(WIDTH as u64), Some(HEIGHT as u64)));
    let luma = BASE64.decode(frame["luma"].as_str()?).ok()?;
    decode::codes_in(WIDTH, HEIGHT, &luma).pop()
}
