//! Firefox ESR with geckodriver, without a screen.
//!
//! Its window is never narrower than 500 pixels, so a phone is that wide here. Dates and numbers in the browser's own language are English:
//! Debian's package has no other without a further one. What pages say is read from what the browser prints.

use super::super::Result;
use super::super::webdriver::Session;
use super::engine::{Doing, Ways, resize};
use super::{ConsoleLine, Device, Lack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) struct Firefox;

impl Ways for Firefox {
    fn prepare(&self, home: &Path, _: &Device) -> Result {
        std::fs::create_dir_all(self.data(home))?;
        // Left by a killed one: locks, and the port on which it was driven.
        for leftover in ["lock", ".parentlock", "MarionetteActivePort"] {
            let _ = std::fs::remove_file(self.data(home).join(leftover));
        }
        Ok(())
    }

    fn driver(&self, home: &Path, _: &Device, port: u16) -> Command {
        let mut command = Command::new("geckodriver");
        // Port 0: one that is free.
        command.arg(format!("--port={port}")).arg("--websocket-port=0");
        // As root Firefox refuses the home of another user.
        command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
        command
    }

    fn capabilities(&self, home: &Path, device: &Device) -> Value {
        let mut preferences = json!({
            "intl.accept_languages": device.language,
            "ui.systemUsesDarkTheme": i32::from(device.dark),
            "ui.prefersReducedMotion": 1,
            // As drivers of the other engines do.
            "dom.disable_open_during_load": false,
            // What pages say, without what the browser's own pages do.
            "browser.dom.window.dump.enabled": true,
            "devtools.console.stdout.content": true,
            "devtools.console.stdout.chrome": false,
            // Nothing but loopback: all else goes to a port where nobody is.
            "network.proxy.type": 1,
            "network.proxy.http": "127.0.0.1",
            "network.proxy.http_port": 9,
            "network.proxy.ssl": "127.0.0.1",
            "network.proxy.ssl_port": 9,
            "network.proxy.no_proxies_on": "127.0.0.1, localhost",
            "network.proxy.failover_direct": false,
            "network.trr.mode": 5,
            // None of Firefox's own errands.
            "app.normandy.enabled": false,
            "messaging-system.rsexperimentloader.enabled": false,
            "app.update.disabledForTesting": true,
            "browser.safebrowsing.update.enabled": false,
            "extensions.update.enabled": false,
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            "services.settings.server": "data:,",
            "toolkit.telemetry.server": "data:,",
        });
        for lack in &device.lacks {
            match lack {
                // There is no switch for them.
                Lack::Locks => {}
                Lack::WebAssembly => preferences["javascript.options.wasm"] = false.into(),
                Lack::ServiceWorkers => preferences["dom.serviceWorkers.enabled"] = false.into(),
                Lack::Memory => preferences["browser.privatebrowsing.autostart"] = true.into(),
            }
        }
        json!({
            "browserName": "firefox",
            "unhandledPromptBehavior": "ignore",
            "timeouts": { "script": 60_000, "pageLoad": 60_000, "implicit": 0 },
            "moz:firefoxOptions": {
                "binary": "/usr/bin/firefox-esr",
                "args": ["-headless", "-profile", self.data(home)],
                "prefs": preferences,
            },
        })
    }

    fn shape<'a>(&'a self, session: &'a Session, device: &'a Device) -> Doing<'a> {
        resize(session, device)
    }

    fn reloads_past_the_worker(&self) -> bool {
        true
    }

    fn news<'a>(&'a self, _: &'a Session, printed: &'a str) -> Doing<'a, Vec<ConsoleLine>> {
        Box::pin(async move { Ok(heard(printed)) })
    }

    fn data(&self, home: &Path) -> PathBuf {
        home.join("firefox")
    }

    fn cookies(&self, home: &Path) -> Vec<PathBuf> {
        ["cookies.sqlite", "cookies.sqlite-wal"].map(|file| self.data(home).join(file)).to_vec()
    }
}

/// What pages have said, among all that is printed. A message may go on over several lines.
fn heard(printed: &str) -> Vec<ConsoleLine> {
    let mut lines: Vec<ConsoleLine> = Vec::new();
    let mut goes_on = false;
    for line in printed.lines() {
        let said = if let Some(message) = line.strip_prefix("JavaScript error: ") {
            message.starts_with("http").then_some(("SEVERE", "javascript", message))
        } else if let Some((level, message)) = line.strip_prefix("console.").and_then(|said| said.split_once(": ")) {
            Some((if level == "error" { "SEVERE" } else { "INFO" }, "console-api", message))
        } else if let (true, Some(last)) = (goes_on, lines.last_mut()) {
            last.message.push('\n');
            last.message.push_str(line);
            continue;
        } else {
            None
        };
        goes_on = said.is_some_and(|(_, source, _)| source == "console-api");
        lines.extend(said.map(|(level, source, message)| ConsoleLine { level: level.into(), source: source.into(), message: message.into() }));
    }
    // The browser's own scripts complain in the same words.
    lines.retain(|line| !["resource://", "chrome://"].iter().any(|own| line.message.contains(own)));
    lines
}
