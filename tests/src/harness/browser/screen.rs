//! A screen that nobody sees, for a browser that cannot do without one: an Xvfb of its own.

use super::super::process::Group;
use super::super::{Result, Trouble};
use super::{PATIENCE, POLL};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

pub(super) struct Screen {
    /// As DISPLAY names it.
    pub(super) name: String,
    _process: Group,
}

impl Screen {
    /// Larger than any device; the server finds a free number by itself.
    pub(super) async fn start(home: &Path) -> Result<Self> {
        let said = home.join("screen.log");
        let _ = std::fs::remove_file(&said);
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1600x1400x24", "-nolisten", "tcp"]);
        let mut process = Group::start(&mut command, &said)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = std::fs::read_to_string(&said).unwrap_or_default();
            // Its own line, whole: what else it says is no number.
            if let Some(number) = text.split_inclusive('\n').find_map(|line| line.strip_suffix('\n')?.parse::<u32>().ok()) {
                return Ok(Self { name: format!(":{number}"), _process: process });
            }
            if process.ended().is_some() || Instant::now() > deadline {
                return Err(Trouble::new(format!("Xvfb gives no screen: {text}")));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}
