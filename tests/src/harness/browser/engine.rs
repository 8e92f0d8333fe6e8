//! The engines in which journeys run, and what each of them does in its own way.

use super::super::webdriver::Session;
use super::super::{Result, Trouble};
use super::{ConsoleLine, Device, chromium, firefox, webkit};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Command;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    /// Firefox ESR.
    Firefox,
    /// WebKitGTK: the nearest to an iPad's Safari that runs on Linux.
    WebKit,
}

impl Engine {
    /// HUIXIAO_ENGINE: `chromium` (if nothing is said), `firefox` or `webkit`. Anything else is an error.
    pub fn chosen() -> Result<Self> {
        match std::env::var("HUIXIAO_ENGINE").as_deref() {
            Err(std::env::VarError::NotPresent) | Ok("" | "chromium") => Ok(Self::Chromium),
            Ok("firefox") => Ok(Self::Firefox),
            Ok("webkit") => Ok(Self::WebKit),
            other => Err(Trouble::new(format!("HUIXIAO_ENGINE is chromium, firefox or webkit, and not {other:?}"))),
        }
    }

    pub(super) fn ways(self) -> &'static dyn Ways {
        match self {
            Self::Chromium => &chromium::Chromium,
            Self::Firefox => &firefox::Firefox,
            Self::WebKit => &webkit::WebKit,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKitGTK",
        })
    }
}

pub(super) type Doing<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// How an engine is started, shaped and heard. `home` is the device's folder; it outlives every kill.
pub(super) trait Ways: Send + Sync {
    /// Makes `home` ready for a start, whether it is new or left by a killed browser.
    fn prepare(&self, home: &Path, device: &Device) -> Result;

    /// The driver, which listens on `port` and starts the browser.
    fn driver(&self, home: &Path, device: &Device, port: u16) -> Command;

    /// Whether it shows its window on a screen, which then has to be there.
    fn needs_screen(&self) -> bool {
        false
    }

    fn capabilities(&self, home: &Path, device: &Device) -> Value;

    /// Gives the page the size of the device, and the rest of its shape if that can change while the browser runs.
    fn shape<'a>(&'a self, session: &'a Session, device: &'a Device) -> Doing<'a>;

    /// What it draws with: "touch" or "mouse".
    fn pointer(&self) -> &'static str {
        "touch"
    }

    /// Whether a click may reach nothing although the driver calls it done: the page moved between the finger's going down and up.
    fn loses_clicks(&self) -> bool {
        false
    }

    /// Whether the driver types what needs Shift without it: `[` for `{`, small letters for capitals.
    fn forgets_shift(&self) -> bool {
        false
    }

    /// Whether the driver reloads a page as Shift does, past its service worker.
    fn reloads_past_the_worker(&self) -> bool {
        false
    }

    /// What the page has said since it was last asked. `printed` is what driver and browser have printed since then, in whole lines.
    fn news<'a>(&'a self, session: &'a Session, printed: &'a str) -> Doing<'a, Vec<ConsoleLine>>;

    /// Where the browser keeps everything that it writes for its pages.
    fn data(&self, home: &Path) -> PathBuf;

    /// The files in which cookies may be, some of which may be missing.
    fn cookies(&self, home: &Path) -> Vec<PathBuf>;
}

/// Gives the window the size that makes the page `device.size` large, as far as the window may be so small.
pub(super) fn resize<'a>(session: &'a Session, device: &'a Device) -> Doing<'a> {
    Box::pin(async move {
        let (mut width, mut height) = device.size;
        // The second time by what the window's frame and bars have taken.
        for _ in 0..2 {
            session.post("/window/rect", serde_json::json!({ "x": 0, "y": 0, "width": width, "height": height })).await?;
            let page = session.post("/execute/sync", serde_json::json!({ "script": "return [innerWidth, innerHeight]", "args": [] })).await?;
            let lacks = |wanted: u32, at: usize| wanted.saturating_sub(u32::try_from(page[at].as_u64().unwrap_or(0)).unwrap_or(0));
            width += lacks(device.size.0, 0);
            height += lacks(device.size.1, 1);
        }
        Ok(())
    })
}
