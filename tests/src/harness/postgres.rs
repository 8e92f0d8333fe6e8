//! A PostgreSQL of its own (scripts/postgres.sh), stopped, killed and started again at will on the same port.

use super::{Result, Trouble, checkout_folder};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Cluster {
    url: String,
    folder: PathBuf,
    _own: Option<TempDir>,
}

impl Cluster {
    pub async fn start() -> Result<Self> {
        let own = tempfile::Builder::new().prefix("huixiao-postgres-").tempdir()?;
        let url = script("start", own.path(), None).await?;
        Ok(Self { url, folder: own.path().to_owned(), _own: Some(own) })
    }

    /// With everything that it writes in a folder of the caller's.
    pub async fn start_in(folder: &Path) -> Result<Self> {
        Ok(Self { url: script("start", folder, None).await?, folder: folder.to_owned(), _own: None })
    }

    /// Lets transactions under way be rolled back, and ends.
    pub async fn stop(&self) -> Result {
        script("stop", &self.folder, None).await.map(drop)
    }

    /// Ends at once, as a power cut would end it; what it had promised is recovered at the next start.
    pub async fn kill(&self) -> Result {
        script("kill", &self.folder, None).await.map(drop)
    }

    pub async fn start_again(&self) -> Result {
        script("start", &self.folder, Some(self.port())).await.map(drop)
    }

    /// The URL of a database; `postgres` is always there.
    pub fn database(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        let _ = command("kill", &self.folder, None).stderr(Stdio::null()).output();
    }
}

async fn script(verb: &str, folder: &Path, port: Option<&str>) -> Result<String> {
    let mut command = command(verb, folder, port);
    // Output goes to a pipe that PostgreSQL itself must not inherit, or reading it would never end: the script sees to that.
    let output = tokio::task::spawn_blocking(move || command.output()).await.map_err(|error| Trouble::new(error.to_string()))??;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Trouble::new(format!("postgres.sh {verb}: {}", String::from_utf8_lossy(&output.stderr))))
}

fn command(verb: &str, folder: &Path, port: Option<&str>) -> Command {
    let mut command = Command::new(checkout_folder().join("scripts/postgres.sh"));
    command.arg(verb).arg(folder).args(port);
    command
}
