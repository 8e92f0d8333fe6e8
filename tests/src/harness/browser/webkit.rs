//! WebKitGTK: its MiniBrowser with WebKitWebDriver, on a screen of its own.
//!
//! A driven MiniBrowser forgets everything at its end. So that a device can be killed and started again, a small library stands in front of the
//! one function that makes it forget ([`STORE`]). The features that Safari has and WebKitGTK keeps switched off are switched on.

use super::super::webdriver::Session;
use super::super::{Result, Trouble, places};
use super::engine::{Doing, Ways, resize};
use super::{ConsoleLine, Device, Lack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// In C, because it is put in front of a C library's function.
const STORE: &str = include_str!("webkit_store.c");
/// Debian has no name for it on the PATH.
const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

pub(super) struct WebKit;

impl Ways for WebKit {
    fn prepare(&self, home: &Path, device: &Device) -> Result {
        std::fs::create_dir_all(self.data(home))?;
        // WebKit asks the C library for its language, which wants a locale of that name: here it is C.UTF-8 under another name.
        let locales = home.join("locales");
        std::fs::create_dir_all(&locales)?;
        let named = locales.join(locale(device));
        if !named.exists() {
            std::os::unix::fs::symlink("/usr/lib/locale/C.utf8", named)?;
        }
        let settings = home.join("config/gtk-3.0");
        std::fs::create_dir_all(&settings)?;
        let dark = u8::from(device.dark);
        let settings_text = format!("[Settings]\ngtk-enable-animations=0\ngtk-application-prefer-dark-theme={dark}\n");
        std::fs::write(settings.join("settings.ini"), settings_text)?;
        store().map(drop)
    }

    fn driver(&self, home: &Path, device: &Device, port: u16) -> Command {
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}"));
        command.env("LOCPATH", home.join("locales")).env("LC_ALL", locale(device));
        command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_DATA_HOME", home.join("data")).env("XDG_CACHE_HOME", home.join("cache"));
        command.env("GSETTINGS_BACKEND", "memory").env("NO_AT_BRIDGE", "1");
        if !device.lacks.contains(&Lack::Memory) {
            command.env("LD_PRELOAD", store().unwrap_or_default()).env("HUIXIAO_WEBSITE_DATA", self.data(home));
        }
        if device.lacks.contains(&Lack::WebAssembly) {
            command.env("JSC_useWasm", "0");
        }
        command
    }

    fn needs_screen(&self) -> bool {
        true
    }

    fn capabilities(&self, home: &Path, device: &Device) -> Value {
        let mut features = vec!["+StorageAPI", "+StorageAPIEstimate"];
        for lack in &device.lacks {
            match lack {
                Lack::Locks => features.push("-WebLocksAPI"),
                Lack::ServiceWorkers => features.push("-ServiceWorkers"),
                Lack::WebAssembly | Lack::Memory => {}
            }
        }
        let mut arguments = vec![
            "--automation".to_owned(),
            "--enable-write-console-messages-to-stdout=true".to_owned(),
            // As drivers of the other engines do.
            "--javascript-can-open-windows-automatically=true".to_owned(),
            // Nothing but loopback: all else goes to a port where nobody is.
            "--proxy=http://127.0.0.1:9".to_owned(),
            "--ignore-host=127.0.0.1".to_owned(),
            "--ignore-host=localhost".to_owned(),
            format!("--features={}", features.join(",")),
        ];
        if !device.lacks.contains(&Lack::Memory) {
            arguments.push(format!("--cookies-file={}", self.data(home).join("cookies.sqlite").display()));
        }
        json!({
            "unhandledPromptBehavior": "ignore",
            "timeouts": { "script": 60_000, "pageLoad": 60_000, "implicit": 0 },
            "webkitgtk:browserOptions": { "binary": MINI_BROWSER, "args": arguments },
        })
    }

    fn shape<'a>(&'a self, session: &'a Session, device: &'a Device) -> Doing<'a> {
        resize(session, device)
    }

    fn pointer(&self) -> &'static str {
        // Its driver takes fingers, and does nothing with them.
        "mouse"
    }

    fn loses_clicks(&self) -> bool {
        true
    }

    fn forgets_shift(&self) -> bool {
        true
    }

    fn news<'a>(&'a self, _: &'a Session, printed: &'a str) -> Doing<'a, Vec<ConsoleLine>> {
        Box::pin(async move { Ok(heard(printed)) })
    }

    fn data(&self, home: &Path) -> PathBuf {
        home.join("webkit")
    }

    fn cookies(&self, home: &Path) -> Vec<PathBuf> {
        ["cookies.sqlite", "cookies.sqlite-wal", "cookies.sqlite-journal"].map(|file| self.data(home).join(file)).to_vec()
    }
}

fn locale(device: &Device) -> String {
    format!("{}.UTF-8", device.language.replace('-', "_"))
}

/// The library, made once for each run of the tests.
fn store() -> Result<PathBuf> {
    static MADE: OnceLock<Result<PathBuf>> = OnceLock::new();
    let make = || {
        let folder = places::target_folder().join("webkit");
        std::fs::create_dir_all(&folder)?;
        let (source, draft, library) =
            (folder.join(format!("{}.c", std::process::id())), folder.join(format!("{}.so", std::process::id())), folder.join("store.so"));
        std::fs::write(&source, STORE)?;
        let made = Command::new("cc").args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"]).arg(&draft).arg(&source).output();
        let _ = std::fs::remove_file(&source);
        let made = made.map_err(|error| Trouble::from(error).while_doing("starting the C compiler"))?;
        if !made.status.success() {
            return Err(Trouble::new(format!("{}", String::from_utf8_lossy(&made.stderr))));
        }
        std::fs::rename(draft, &library)?;
        Ok(library)
    };
    MADE.get_or_init(make).clone()
}

/// What pages have said: `[place: ]CONSOLE [SOURCE ]LEVEL message`, among all that is printed.
fn heard(printed: &str) -> Vec<ConsoleLine> {
    const LEVELS: [&str; 5] = ["LOG", "INFO", "DEBUG", "WARN", "ERROR"];
    /// What it calls an error and is none: parts of standards that it does not know, and leaves aside.
    const UNKNOWN_TO_IT: [&str; 2] = ["Unrecognized Content-Security-Policy directive 'manifest-src'", "\"interactive-widget\" not recognized"];
    const NETWORK: [&str; 3] = ["due to access control checks", "Not allowed to follow a redirection", "Failed to load resource"];
    let line = |line: &str| {
        let (place, said) = line.split_once("CONSOLE ")?;
        let (first, rest) = said.split_once(' ')?;
        let (source, level, message) = if LEVELS.contains(&first) {
            ("console-api", first, rest)
        } else {
            rest.split_once(' ').map(|(level, message)| (first, level, message))?
        };
        let is_one_of = |kinds: &[&str]| kinds.iter().any(|words| message.contains(words));
        let level = if level == "ERROR" && !is_one_of(&UNKNOWN_TO_IT) { "SEVERE" } else { "INFO" };
        let source = if is_one_of(&NETWORK) { "network".to_owned() } else { source.to_lowercase() };
        Some(ConsoleLine { level: level.into(), source, message: format!("{place}{message}") })
    };
    printed.lines().filter_map(line).collect()
}
