//! A child process with everything it starts: one process group, killed as a whole, and surely gone afterwards.

use super::{Result, Trouble};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(10);
const GRACE: Duration = Duration::from_secs(20);

pub(super) struct Group {
    leader: Child,
}

impl Group {
    /// Starts `command` as the leader of a new group; its output is appended to `log`.
    pub(super) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let out = std::fs::File::options().create(true).append(true).open(log)?;
        let err = out.try_clone()?;
        let program = command.get_program().to_string_lossy().into_owned();
        let leader = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .map_err(|error| Trouble::from(error).while_doing(format!("starting {program}")))?;
        Ok(Self { leader })
    }

    pub(super) fn id(&self) -> u32 {
        self.leader.id()
    }

    /// All its processes that still run.
    pub(super) fn members(&self) -> Vec<u32> {
        living_members(self.id())
    }

    /// The leader's exit, if it has ended by itself.
    pub(super) fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.leader.try_wait().ok().flatten()
    }

    /// Asks the leader to end and waits for it.
    pub(super) async fn stop(&mut self) -> Result {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while self.ended().is_none() {
            if Instant::now() > deadline {
                self.kill();
                return Err(Trouble::new("the process did not end within 20 s of SIGTERM"));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// SIGKILL to the whole group: nobody gets to write anything any more. Returns when all are gone.
    pub(super) fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.leader.wait();
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && !self.members().is_empty() {
            self.signal(Signal::KILL);
            std::thread::sleep(POLL);
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Members of a process group that still run; a zombie whose new parent never reaps it does not count.
fn living_members(group: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let member = |stat: String| {
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let (state, _parent, its_group) = (fields.next()?, fields.next()?, fields.next()?);
        (state != "Z" && its_group == group.to_string()).then_some(())
    };
    let living = |entry: std::fs::DirEntry| {
        let process = entry.file_name().to_str()?.parse().ok()?;
        member(std::fs::read_to_string(entry.path().join("stat")).ok()?)?;
        Some(process)
    };
    processes.flatten().filter_map(living).collect()
}
