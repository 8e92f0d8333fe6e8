//! Chromium with chromedriver. Its own protocol makes a window of any size a phone or a tablet.

use super::super::Result;
use super::super::webdriver::Session;
use super::engine::{Doing, Ways};
use super::{ConsoleLine, Device, Lack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) struct Chromium;

impl Ways for Chromium {
    fn prepare(&self, home: &Path, _: &Device) -> Result {
        // Left by a killed one, they would make the new one believe that it is already running.
        for leftover in ["SingletonLock", "SingletonCookie", "SingletonSocket", "DevToolsActivePort"] {
            let _ = std::fs::remove_file(self.data(home).join(leftover));
        }
        Ok(())
    }

    fn driver(&self, _: &Path, _: &Device, port: u16) -> Command {
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        command
    }

    fn capabilities(&self, home: &Path, device: &Device) -> Value {
        let Device { size: (width, height), language, camera, .. } = device;
        let mut flags: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            // Nothing but loopback, and none of Chromium's own errands.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            "--no-proxy-server",
            "--disable-quic",
            "--no-first-run",
            "--no-pings",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-domain-reliability",
            "--disable-sync",
            "--disable-features=OptimizationHints,MediaRouter,Translate,CertificateTransparencyComponentUpdater",
        ]
        .map(str::to_owned)
        .to_vec();
        flags.push(format!("--user-data-dir={}", self.data(home).display()));
        flags.push(format!("--window-size={width},{height}"));
        flags.push(format!("--lang={language}"));
        flags.push(format!("--accept-lang={language}"));
        if device.lacks.contains(&Lack::Memory) {
            flags.push("--incognito".to_owned());
        }
        if let Some(video) = camera {
            flags.push("--use-fake-ui-for-media-stream".to_owned());
            flags.push("--use-fake-device-for-media-stream".to_owned());
            flags.push(format!("--use-file-for-fake-video-capture={}", video.display()));
        }
        json!({
            "browserName": "chrome",
            "unhandledPromptBehavior": "ignore",
            "timeouts": { "script": 60_000, "pageLoad": 60_000, "implicit": 0 },
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": flags, "prefs": { "intl.accept_languages": language } },
        })
    }

    fn shape<'a>(&'a self, session: &'a Session, device: &'a Device) -> Doing<'a> {
        Box::pin(async move {
            let (width, height) = device.size;
            let handheld = width < 1024;
            let scheme = if device.dark { "dark" } else { "light" };
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": handheld });
            session.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
            session.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": handheld })).await?;
            let features = json!([
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ]);
            session.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
            // Debian's Chromium comes without locales of its own: Intl's default would be en-US whatever was asked for.
            session.cdp("Emulation.setLocaleOverride", json!({ "locale": device.language })).await?;
            for lack in &device.lacks {
                // In the first tab only; there is no switch for it.
                let removal = match lack {
                    Lack::Locks => "delete Navigator.prototype.locks",
                    Lack::ServiceWorkers => "delete Navigator.prototype.serviceWorker",
                    Lack::WebAssembly => "delete window.WebAssembly",
                    Lack::Memory => continue,
                };
                session.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": removal })).await?;
            }
            Ok(())
        })
    }

    fn news<'a>(&'a self, session: &'a Session, _: &'a str) -> Doing<'a, Vec<ConsoleLine>> {
        Box::pin(async move { Ok(serde_json::from_value(session.post("/se/log", json!({ "type": "browser" })).await?)?) })
    }

    fn data(&self, home: &Path) -> PathBuf {
        home.join("chromium")
    }

    fn cookies(&self, home: &Path) -> Vec<PathBuf> {
        let files = ["Cookies", "Cookies-journal", "Cookies-wal", "Network/Cookies", "Network/Cookies-journal", "Network/Cookies-wal"];
        files.map(|file| self.data(home).join("Default").join(file)).to_vec()
    }
}
