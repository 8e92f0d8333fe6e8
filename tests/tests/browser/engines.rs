//! What does not run in an engine, and why: the only place where a journey learns that it is not for this one.

use tests::harness::{Engine, Result};

/// What a journey needs of a browser, or of its driver, beyond what every engine offers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// An offer to install the app.
    Install,
    /// Device sizes, schemes and languages that change while the browser runs, and axe past the page's policy.
    Pictures,
    /// A film before the browser's own camera.
    Film,
    /// A browser without Web Locks.
    NoLocks,
    /// A device that is full from one moment to the next.
    FullDevice,
    /// Pages whose clock is moved.
    Clock,
    /// What wakes the worker once there is a network, with no page open.
    BackgroundSync,
}

impl Part {
    /// None: it runs there.
    fn why_not(self, engine: Engine) -> Option<&'static str> {
        match (self, engine) {
            (_, Engine::Chromium) => None,
            (Self::Install, _) => Some("the engine has no offer to install, and says nothing about the manifest"),
            (Self::Pictures, _) => Some("the pictures need Chromium's emulation; what they show comes from the same styles"),
            (Self::Film, _) => Some("only Chromium plays a film as its camera; journeys lend the page the film's stills instead"),
            (Self::NoLocks, Engine::WebKit) => None,
            (Self::NoLocks, Engine::Firefox) => Some("Firefox has no switch that takes Web Locks away"),
            (Self::FullDevice, _) => Some("only Chromium's room can be taken away and given back while it runs"),
            (Self::Clock, _) => Some("only Chromium's driver gives every page another clock"),
            (Self::BackgroundSync, _) => Some("the engine has no Background Sync: the pages send, locked or not"),
        }
    }
}

/// Whether the chosen engine can do it; if not, it is printed why.
pub(crate) fn can(part: Part) -> Result<bool> {
    let engine = Engine::chosen()?;
    let why_not = part.why_not(engine);
    if let Some(reason) = why_not {
        println!("{part:?} is left out in {engine}: {reason}");
    }
    Ok(why_not.is_none())
}
