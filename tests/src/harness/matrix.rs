//! Every screen in every size, scheme and language, pictured and judged by axe, in one browser.

use super::browser::Violation;
use super::{Browser, Device, Result, target_folder};
use serde_json::json;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// The narrowest first.
const SIZES: [(u32, u32); 3] = [(360, 800), (820, 1180), (1280, 800)];

type Step<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// One screen: where it is, how to know that it is there, and what to do before the picture.
pub struct Screen {
    pub name: &'static str,
    pub path: String,
    ready: &'static str,
    setup: Box<dyn for<'a> Fn(&'a Browser) -> Step<'a>>,
}

impl Screen {
    /// `ready` is a CSS selector that is seen as soon as the screen shows what it is for.
    pub fn new(name: &'static str, path: impl Into<String>, ready: &'static str) -> Self {
        Self { name, path: path.into(), ready, setup: Box::new(|_| Box::pin(async { Ok(()) })) }
    }

    /// What to do once the screen is ready: open a sheet, type a word.
    pub fn after(self, setup: impl for<'a> Fn(&'a Browser) -> Step<'a> + 'static) -> Self {
        Self { setup: Box::new(setup), ..self }
    }
}

/// What was found on one picture.
pub struct Finding {
    pub picture: String,
    pub violation: Violation,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { rule, impact, help, targets } = &self.violation;
        write!(out, "{:60} {impact:9} {rule}: {help}: {}", self.picture, targets.join(" | "))
    }
}

/// Shows every screen to `browser` and writes `target/screenshots/<language>/<scheme>/<size>/<name>.png`.
///
/// `speak` switches the app at the given address to a language. A screen is opened once for each size and language, and seen in both schemes.
/// Languages after the first are seen where it is narrowest, for long words break there; with `HUIXIAO_PICTURES=all` in every size.
pub async fn picture(
    browser: &Browser,
    base: &str,
    screens: &[Screen],
    languages: &[&str],
    speak: impl AsyncFn(&Browser, &str, &str) -> Result,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let all = std::env::var("HUIXIAO_PICTURES").is_ok_and(|which| which == "all");
    for (at, language) in languages.iter().enumerate() {
        speak(browser, base, language).await?;
        for size in SIZES.into_iter().take(if all || at == 0 { SIZES.len() } else { 1 }) {
            for screen in screens {
                let light = Device::sized(screen.name, size);
                browser.emulate(&light).await?;
                open(browser, base, screen).await.map_err(|trouble| trouble.while_doing(format!("{} in {language} at {size:?}", screen.name)))?;
                for device in [light.clone(), light.dark()] {
                    browser.emulate(&device).await?;
                    settle(browser).await?;
                    let scheme = if device.dark { "dark" } else { "light" };
                    let picture = format!("{language}/{scheme}/{}x{}/{}", size.0, size.1, screen.name);
                    browser.screenshot(&target_folder().join("screenshots").join(format!("{picture}.png"))).await?;
                    let found = browser.axe().await?.into_iter();
                    findings.extend(found.map(|violation| Finding { picture: picture.clone(), violation }));
                }
            }
        }
    }
    Ok(findings)
}

async fn open(browser: &Browser, base: &str, screen: &Screen) -> Result {
    browser.goto(&format!("{base}{}", screen.path)).await?;
    browser.wait_for(screen.ready).await?;
    (screen.setup)(browser).await
}

/// Fonts are there and two frames have been painted since the last change.
async fn settle(browser: &Browser) -> Result {
    const SETTLED: &str =
        "return document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))";
    browser.run(SETTLED, json!([])).await?;
    Ok(())
}
