//! A real browser with a profile of its own, as one person's device: it can be killed and started again.
//!
//! Which engine it is says the environment: `HUIXIAO_ENGINE=chromium` (if nothing is said), `firefox` or `webkit`. A file for each holds what that
//! one does in its own way ([`engine::Ways`]); everything else is the WebDriver protocol.
//!
//! The profile folder outlives every kill, so what the app has stored is there again, or is proved lost.
//! Nothing but loopback can be reached, and the browser's own errands are switched off.

mod chromium;
mod engine;
mod firefox;
mod screen;
mod webkit;

use super::camera::{HEIGHT, WIDTH};
use super::process::Group;
use super::webdriver::{Element, Refusal, Session};
use super::{Camera, Result, Trouble, places};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
pub use engine::Engine;
use screen::Screen;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a verb tries before it gives up. Generous: two cores may be busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a page may take to hear a click that its driver calls done.
/// Pictures of failures of this process: devices of several journeys have one name.
static FAILURES: AtomicUsize = AtomicUsize::new(0);
const HEARD: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(25);

/// What kind of device it is. Everything but the profile can differ from start to start.
#[derive(Clone, Debug)]
pub struct Device {
    /// For messages and file names: "desk 1", "manager".
    pub name: String,
    /// CSS pixels, width × height.
    pub size: (u32, u32),
    pub dark: bool,
    /// What the browser asks for: "zh-TW", "zh-CN", "en".
    pub language: String,
    /// A video that stands in for the camera ([`super::Camera`]).
    pub camera: Option<PathBuf>,
    /// What this browser is without.
    pub lacks: Vec<Lack>,
}

/// What a browser may be without: an old one, one that was locked down, a private window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Web Locks.
    Locks,
    WebAssembly,
    ServiceWorkers,
    /// A private window: all is forgotten at its end.
    Memory,
}

impl Device {
    pub fn phone(name: &str) -> Self {
        Self::sized(name, (360, 800))
    }

    pub fn tablet(name: &str) -> Self {
        Self::sized(name, (820, 1180))
    }

    pub fn desktop(name: &str) -> Self {
        Self::sized(name, (1280, 800))
    }

    pub fn sized(name: &str, size: (u32, u32)) -> Self {
        Self { name: name.to_owned(), size, dark: false, language: "zh-TW".to_owned(), camera: None, lacks: Vec::new() }
    }

    pub fn with_camera(self, video: &Path) -> Self {
        Self { camera: Some(video.to_owned()), ..self }
    }

    pub fn speaking(self, language: &str) -> Self {
        Self { language: language.to_owned(), ..self }
    }

    pub fn without(mut self, lack: Lack) -> Self {
        self.lacks.push(lack);
        self
    }

    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
}

/// One line of the page's console, or of the network's complaints.
#[derive(Clone, Debug, Deserialize)]
pub struct ConsoleLine {
    pub level: String,
    /// "console-api", "javascript", "network", "security" …
    #[serde(default)]
    pub source: String,
    pub message: String,
}

/// What axe-core found, and where.
#[derive(Clone, Debug, Deserialize)]
pub struct Violation {
    #[serde(rename = "id")]
    pub rule: String,
    pub impact: String,
    pub help: String,
    /// CSS selectors of the elements concerned.
    pub targets: Vec<String>,
}

pub struct Browser {
    engine: Engine,
    device: Device,
    home: TempDir,
    running: Option<Running>,
    console: Mutex<Console>,
}

/// The driver and the browser under it: one process group. Dropped in this order: the screen goes last.
struct Running {
    session: Session,
    processes: Group,
    _screen: Option<Screen>,
}

#[derive(Default)]
struct Console {
    lines: Vec<ConsoleLine>,
    /// How much of what driver and browser have printed is in `lines`, in bytes.
    read: u64,
}

impl Browser {
    /// In the engine that the environment names.
    pub async fn start(device: Device) -> Result<Self> {
        let engine = Engine::chosen()?;
        let home = tempfile::Builder::new().prefix("huixiao-profile-").tempdir()?;
        let mut browser = Self { engine, device, home, running: None, console: Mutex::default() };
        browser.restart().await?;
        Ok(browser)
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// SIGKILL to the browser with all its processes, as an empty battery would end it.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Waits until the browser itself has written a cookie to disk, which it does up to half a minute late: a kill before that would
    /// test the browser's habit, and only ask for a new log-in.
    pub async fn wait_for_cookie_on_disk(&self, name: &str) -> Result {
        let files = self.engine.ways().cookies(self.home.path());
        let written = async || {
            let mut contents = files.iter().filter_map(|file| std::fs::read(file).ok());
            Ok(contents.any(|bytes| bytes.windows(name.len()).any(|part| part == name.as_bytes())).then_some(()))
        };
        self.until("find the cookie on disk", Duration::from_secs(60), written).await
    }

    /// Starts the same profile again; what still runs is killed first.
    pub async fn restart(&mut self) -> Result {
        self.kill();
        let ways = self.engine.ways();
        ways.prepare(self.home.path(), &self.device)?;
        let screen = if ways.needs_screen() { Some(Screen::start(self.home.path()).await?) } else { None };
        let (processes, driver) = self.start_driver(screen.as_ref()).await?;
        let opening = Session::open(&driver, ways.capabilities(self.home.path(), &self.device)).await;
        let session =
            opening.map_err(|trouble| trouble.while_doing(format!("starting {} ({}): {}", self.engine, self.device.name, self.printed(0).1)))?;
        self.running = Some(Running { session, processes, _screen: screen });
        self.emulate(&self.device.clone()).await
    }

    /// Makes the page believe that it is shown on this device; the profile stays. Chromium takes up its size, colour scheme, language and
    /// stillness; the others take up the size, and have the rest since their start.
    pub async fn emulate(&self, device: &Device) -> Result {
        self.engine.ways().shape(self.session()?, device).await
    }

    pub async fn goto(&self, url: &str) -> Result {
        let gone = self.session()?.post("/url", json!({ "url": url })).await.map(drop);
        self.explained(&format!("open {url}"), self.arrival(gone).await).await
    }

    pub async fn reload(&self) -> Result {
        if self.engine.ways().reloads_past_the_worker() {
            return self.goto(&self.url().await?).await;
        }
        let reloaded = self.session()?.post("/refresh", json!({})).await.map(drop);
        self.explained("reload", self.arrival(reloaded).await).await
    }

    pub async fn url(&self) -> Result<String> {
        Ok(self.session()?.get("/url").await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an element is there and can be seen.
    pub async fn wait_for(&self, css: &str) -> Result {
        self.wait_for_within(css, PATIENCE).await
    }

    pub async fn wait_for_within(&self, css: &str, patience: Duration) -> Result {
        let seen = async || self.seen(css).await.map(|seen| seen.then_some(()));
        self.until(&format!("see {css}"), patience, seen).await
    }

    /// Waits until nothing seen on the page matches any more.
    pub async fn wait_until_gone(&self, css: &str) -> Result {
        let gone = async || self.seen(css).await.map(|seen| (!seen).then_some(()));
        self.until(&format!("see {css} go"), PATIENCE, gone).await
    }

    /// Waits until the element's text contains `words`; returns the whole text.
    pub async fn wait_for_text(&self, css: &str, words: &str) -> Result<String> {
        let contains = async || Ok(self.text_now(css).await?.filter(|text| text.contains(words)));
        self.until(&format!("read 「{words}」 in {css}"), PATIENCE, contains).await
    }

    /// Waits until a script's value is truthy; returns it.
    pub async fn wait_until(&self, what: &str, script: &str) -> Result<Value> {
        let truthy = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && value != &json!(0) && value != &json!("");
        let asked = async || Ok(Some(self.evaluate(script, json!([])).await?).filter(truthy));
        self.until(what, PATIENCE, asked).await
    }

    /// Whether an element is there and can be seen, now.
    pub async fn seen(&self, css: &str) -> Result<bool> {
        const SEEN: &str = "return [...document.querySelectorAll(arguments[0])]
            .some(e => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0)";
        Ok(self.evaluate(SEEN, json!([css])).await? == json!(true))
    }

    pub async fn count(&self, css: &str) -> Result<u64> {
        Ok(self.evaluate("return document.querySelectorAll(arguments[0]).length", json!([css])).await?.as_u64().unwrap_or(0))
    }

    /// Clicks as soon as the element is there, uncovered and enabled; what is out of sight or under a bar at the edge is scrolled to the middle first, as a person does. An XPath (`//…`) finds an element by its words.
    pub async fn click(&self, css: &str) -> Result {
        let clicked = async |session: &Session, element: &Element| {
            const UNCOVER: &str = "const [element] = arguments, { left, top, width, height } = element.getBoundingClientRect();
                const there = document.elementFromPoint(left + width / 2, top + height / 2);
                if (!there || !element.contains(there) && !there.contains(element)) element.scrollIntoView({ block: 'center' })";
            if session.ask(element, "enabled").await? == json!(false) {
                return Err(Refusal::new("disabled", "the element is there, but disabled"));
            }
            session.post("/execute/sync", json!({ "script": UNCOVER, "args": [element.as_argument()] })).await?;
            if !self.engine.ways().loses_clicks() {
                return session.tell(element, "click", json!({})).await.map(drop);
            }
            let run = async |script: &str, arguments: Value| session.post("/execute/sync", json!({ "script": script, "args": arguments })).await;
            // Whatever stands there by then: the page may have drawn itself anew, with another element that looks the same.
            const LISTEN: &str = "const [css] = arguments, hears = css.startsWith('//') ? () => true : event => event.target.closest(css) !== null;
                window.heard = false;
                document.addEventListener('click', event => window.heard ||= hears(event), { capture: true, once: true })";
            run(LISTEN, json!([css])).await?;
            session.tell(element, "click", json!({})).await?;
            let deadline = Instant::now() + HEARD;
            // Where another page is meanwhile, this one has heard it.
            while run("return window.heard", json!([])).await.is_ok_and(|heard| heard == json!(false)) {
                if Instant::now() > deadline {
                    return Err(Refusal::new("unheard", "the page has not heard the click"));
                }
                tokio::time::sleep(POLL).await;
            }
            Ok(())
        };
        self.with_element(&format!("click {css}"), css, clicked).await
    }

    /// Types after what is already in the field.
    pub async fn type_in(&self, css: &str, text: &str) -> Result {
        const INSERT: &str = "const [element, text] = arguments; element.focus(); return document.execCommand('insertText', false, text)";
        let needs_shift = |c: char| c.is_ascii_uppercase() || "~!@#$%^&*()_+{}|:\"<>?".contains(c);
        if !self.engine.ways().forgets_shift() || !text.contains(needs_shift) {
            return self.press_keys(css, text).await;
        }
        let inserted = async |session: &Session, element: &Element| {
            session.post("/execute/sync", json!({ "script": INSERT, "args": [element.as_argument(), text] })).await.map(drop)
        };
        self.with_element(&format!("type in {css}"), css, inserted).await
    }

    async fn press_keys(&self, css: &str, text: &str) -> Result {
        let pressed = async |session: &Session, element: &Element| session.tell(element, "value", json!({ "text": text })).await.map(drop);
        self.with_element(&format!("type in {css}"), css, pressed).await
    }

    /// Puts `camera` before the page that is open, until it is left, and does nothing in an engine that has a camera of its own. Where one stands
    /// there already, it shows what `camera` shows now.
    pub async fn lend(&self, camera: &Camera) -> Result {
        if self.device.camera.is_some() && self.engine == Engine::Chromium {
            return Ok(());
        }
        const LEND: &str = "const [width, height, stills] = arguments;
            const pictures = stills.flatMap(([luma, frames]) => {
                const bytes = Uint8Array.from(atob(luma), letter => letter.charCodeAt(0)), picture = new ImageData(width, height);
                const pixels = new Uint32Array(picture.data.buffer);
                bytes.forEach((light, at) => { pixels[at] = 0xFF000000 | light * 0x010101; });
                return Array(frames).fill(picture);
            });
            const isLent = 'lent' in window;
            window.lent = pictures;
            if (isLent) return;
            const canvas = Object.assign(document.createElement('canvas'), { width, height }), painter = canvas.getContext('2d');
            let next = 0;
            const show = () => painter.putImageData(window.lent[next++ % window.lent.length], 0, 0);
            show();
            setInterval(show, 100);
            MediaDevices.prototype.getUserMedia = async () => canvas.captureStream(10);";
        let stills: Vec<_> = camera.stills()?.into_iter().map(|(luma, frames)| json!([BASE64.encode(luma), frames])).collect();
        self.run(LEND, json!([WIDTH, HEIGHT, stills])).await.map(drop)
    }

    /// Empties the field, then types.
    pub async fn fill(&self, css: &str, text: &str) -> Result {
        let cleared = async |session: &Session, element: &Element| session.tell(element, "clear", json!({})).await.map(drop);
        self.with_element(&format!("clear {css}"), css, cleared).await?;
        self.type_in(css, text).await
    }

    /// Sets a value at once, as a date picker or a paste does: the page hears `input` and `change`.
    pub async fn set(&self, css: &str, value: &str) -> Result {
        const SET: &str = "const [element, value] = arguments;
            Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value').set.call(element, value);
            for (const name of ['input', 'change']) element.dispatchEvent(new Event(name, { bubbles: true }));";
        let set = async |session: &Session, element: &Element| {
            session.post("/execute/sync", json!({ "script": SET, "args": [element.as_argument(), value] })).await.map(drop)
        };
        self.with_element(&format!("set {css}"), css, set).await
    }

    /// Chooses a file for an upload field, which may be hidden behind a button.
    pub async fn choose_file(&self, css: &str, file: &Path) -> Result {
        let path = file.canonicalize()?.to_string_lossy().into_owned();
        self.press_keys(css, &path).await
    }

    /// The text as it is seen, as soon as the element is there.
    pub async fn text(&self, css: &str) -> Result<String> {
        self.until(&format!("read {css}"), PATIENCE, async || self.text_now(css).await).await
    }

    /// Draws with one finger, or the mouse where the driver has no finger: points in CSS pixels from the element's centre.
    pub async fn draw(&self, css: &str, points: &[(i32, i32)]) -> Result {
        let drawn = async |session: &Session, element: &Element| {
            let step = |(index, (x, y)): (usize, &(i32, i32))| {
                let glide = if index == 0 { 0 } else { 15 };
                json!({ "type": "pointerMove", "duration": glide, "origin": element.as_argument(), "x": x, "y": y })
            };
            let mut actions: Vec<Value> = points.iter().enumerate().map(step).collect();
            actions.insert(actions.len().min(1), json!({ "type": "pointerDown", "button": 0 }));
            actions.push(json!({ "type": "pointerUp", "button": 0 }));
            let finger =
                json!({ "type": "pointer", "id": "finger", "parameters": { "pointerType": self.engine.ways().pointer() }, "actions": actions });
            session.post("/actions", json!({ "actions": [finger] })).await.map(drop)
        };
        self.run("document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })", json!([css])).await?;
        self.with_element(&format!("draw on {css}"), css, drawn).await
    }

    /// Presses keys wherever the focus is; special keys are the protocol's private-use characters.
    pub async fn press(&self, keys: &str) -> Result {
        let strokes = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() })));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() });
        self.session()?.post("/actions", json!({ "actions": [keyboard] })).await?;
        Ok(())
    }

    /// Runs a script's body in the page; a returned promise is awaited.
    pub async fn run(&self, script: &str, arguments: Value) -> Result<Value> {
        self.explained("run a script in the page", self.evaluate(script, arguments).await).await
    }

    /// A command of Chromium's own protocol; an error in any other engine.
    pub async fn cdp(&self, name: &str, parameters: Value) -> Result<Value> {
        self.session()?.cdp(name, parameters).await
    }

    /// Scripts that [`Self::run`] waits for may take this long.
    pub async fn let_scripts_run(&self, most: Duration) -> Result {
        Ok(self.session()?.post("/timeouts", json!({ "script": most.as_millis() })).await.map(drop)?)
    }

    /// Memory of the page's process that is its own (`RssAnon`), in bytes, after garbage was collected: of Chromium's renderers the largest.
    pub async fn memory(&self) -> Result<u64> {
        self.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        let running = self.running.as_ref().ok_or_else(|| Trouble::new(format!("{} does not run", self.device.name)))?;
        let is_renderer =
            |process: &u32| std::fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.contains("--type=renderer"));
        let own = |process: u32| -> Option<u64> {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        };
        let largest = running.processes.members().into_iter().filter(is_renderer).filter_map(own).max();
        largest.map(|kib| kib * 1024).ok_or_else(|| Trouble::new("no renderer was found"))
    }

    /// The viewport as PNG, written to `file`.
    pub async fn screenshot(&self, file: &Path) -> Result {
        let picture = self.session()?.get("/screenshot").await?;
        let bytes = BASE64.decode(picture.as_str().unwrap_or_default()).map_err(|error| Trouble::new(format!("no picture: {error}")))?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, bytes)?)
    }

    /// What axe-core calls serious or critical on the page as it stands.
    pub async fn axe(&self) -> Result<Vec<Violation>> {
        const RUN: &str = "const found = await axe.run(document, { resultTypes: ['violations'] });
            return found.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => ({
                id: v.id, impact: v.impact, help: v.help, targets: v.nodes.map(n => n.target.flat().join(' ')) }))";
        if self.run("return typeof axe", json!([])).await? != json!("object") {
            let file = places::checkout_folder().join("node_modules/axe-core/axe.min.js");
            let source = std::fs::read_to_string(&file)
                .map_err(|error| Trouble::from(error).while_doing(format!("reading {} (`npm ci` brings it)", file.display())))?;
            // Through the debugger, which the page's content security policy does not bind.
            self.cdp("Runtime.evaluate", json!({ "expression": source, "returnByValue": false })).await?;
        }
        Ok(serde_json::from_value(self.run(&format!("return (async () => {{ {RUN} }})()"), json!([])).await?)?)
    }

    /// Everything that the page has said since the browser was first started.
    pub async fn console(&self) -> Result<Vec<ConsoleLine>> {
        let printed = {
            let mut console = self.console.lock().expect("nobody panics while holding the console");
            let (read, printed) = self.printed(console.read);
            console.read = read;
            printed
        };
        let news = self.engine.ways().news(self.session()?, &printed).await?;
        let mut console = self.console.lock().expect("nobody panics while holding the console");
        console.lines.extend(news);
        Ok(console.lines.clone())
    }

    /// Errors of the page itself: exceptions, panics, `console.error`. A network that was cut, or hijacked, is not among them.
    pub async fn console_errors(&self) -> Result<Vec<String>> {
        let network = |line: &ConsoleLine| line.source == "network" || line.message.contains("EventSource's response has a MIME type");
        let lines = self.console().await?.into_iter();
        Ok(lines.filter(|line| line.level == "SEVERE" && !network(line)).map(|line| line.message).collect())
    }

    /// Asks until there is an answer; a page in motion (replaced, covered, between two documents) is asked again.
    /// After `patience` it tells what was missing, with a picture and the console.
    pub async fn until<T>(&self, what: &str, patience: Duration, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let deadline = Instant::now() + patience;
        loop {
            let answer = ask().await;
            if let Ok(Some(found)) = answer {
                return Ok(found);
            }
            if Instant::now() > deadline {
                let reason = answer.err().map(|trouble| format!(" ({trouble})")).unwrap_or_default();
                return Err(self.failure(&format!("could not {what} within {patience:?}{reason}")).await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Chromium's driver calls only some of the error pages an error; WebKit's none, and they are blank by their address.
    async fn arrival(&self, went: std::result::Result<(), Refusal>) -> Result {
        went?;
        let page = self.evaluate("return [location.protocol, document.body?.innerText ?? '']", json!([])).await?;
        if page[0] == "chrome-error:" || page[0] == "about:" { Err(Trouble::new(page[1].as_str().unwrap_or_default())) } else { Ok(()) }
    }

    async fn with_element<T>(&self, what: &str, css: &str, act: impl AsyncFn(&Session, &Element) -> std::result::Result<T, Refusal>) -> Result<T> {
        let attempt = async || {
            let session = self.session()?;
            let element = session.find(css).await?;
            Ok(Some(act(session, &element).await?))
        };
        self.until(what, PATIENCE, attempt).await
    }

    async fn text_now(&self, css: &str) -> Result<Option<String>> {
        let text = self.evaluate("return document.querySelector(arguments[0])?.innerText ?? null", json!([css])).await?;
        Ok(text.as_str().map(str::to_owned))
    }

    /// As [`Self::run`], for those who ask again and again: a failure is only a word.
    async fn evaluate(&self, script: &str, arguments: Value) -> Result<Value> {
        Ok(self.session()?.post("/execute/sync", json!({ "script": script, "args": arguments })).await?)
    }

    /// What could not be done, with a picture and the console.
    async fn explained<T>(&self, what: &str, done: Result<T>) -> Result<T> {
        match done {
            Ok(done) => Ok(done),
            Err(trouble) => Err(self.failure(&format!("could not {what} ({trouble})")).await),
        }
    }

    async fn failure(&self, sentence: &str) -> Trouble {
        let number = FAILURES.fetch_add(1, Ordering::SeqCst);
        let picture =
            places::target_folder().join(format!("screenshots/failures/{}-{}-{number}.png", self.device.name.replace(' ', "-"), std::process::id()));
        let url = self.url().await.unwrap_or_default();
        let seen = match self.screenshot(&picture).await {
            Ok(()) => format!("picture: {}", picture.display()),
            Err(trouble) => format!("no picture: {trouble}"),
        };
        let console = self.console().await.unwrap_or_default();
        // The app's own chatter would hide what matters.
        let severe: Vec<_> = console.iter().filter(|line| line.level == "SEVERE").collect();
        let tail = severe.iter().rev().take(20).rev().map(|line| format!("\n    {}: {}", line.source, line.message));
        Trouble::new(format!("{}: {sentence}\n  at {url}\n  {seen}\n  errors:{}", self.device.name, tail.collect::<String>()))
    }

    fn session(&self) -> Result<&Session> {
        self.running.as_ref().map(|running| &running.session).ok_or_else(|| Trouble::new(format!("{} does not run", self.device.name)))
    }

    /// Everything that the browser has written for this device.
    pub fn profile(&self) -> PathBuf {
        self.engine.ways().data(self.home.path())
    }

    /// What driver and browser have printed after the first `read` bytes, as far as lines are whole; and how much is read with it.
    fn printed(&self, read: u64) -> (u64, String) {
        let mut news = Vec::new();
        if let Ok(mut log) = std::fs::File::open(self.log_file()) {
            let _ = log.seek(SeekFrom::Start(read)).and_then(|_| log.read_to_end(&mut news));
        }
        news.truncate(news.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        (read + news.len() as u64, String::from_utf8_lossy(&news).into_owned())
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("driver.log")
    }

    async fn start_driver(&self, screen: Option<&Screen>) -> Result<(Group, String)> {
        let port = places::free_port()?;
        let mut command = self.engine.ways().driver(self.home.path(), &self.device, port);
        command.envs(screen.map(|screen| ("DISPLAY", &screen.name)));
        let mut processes = Group::start(&mut command, &self.log_file())?;
        let url = format!("http://127.0.0.1:{port}");
        let client = reqwest::Client::builder().no_proxy().build()?;
        let deadline = Instant::now() + PATIENCE;
        while client.get(format!("{url}/status")).send().await.is_err() {
            if processes.ended().is_some() || Instant::now() > deadline {
                return Err(Trouble::new(format!("the driver of {} does not answer: {}", self.engine, self.printed(0).1)));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok((processes, url))
    }
}
