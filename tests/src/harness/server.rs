//! The real `huixiao` process on a data folder of its own, stopped, killed and started again at will.

use super::process::Group;
use super::{Result, Trouble, places};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START: Duration = Duration::from_secs(60);

/// The password of everybody in the demo company.
pub const DEMO_PASSWORD: &str = "huixiao-demo";

pub struct Server {
    port: u16,
    company: Company,
    folder: TempDir,
    process: Option<Group>,
}

/// What a fresh server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    Demo,
    Empty,
}

impl Server {
    pub async fn start(company: Company) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("huixiao-server-").tempdir()?;
        let mut server = Self { port: places::free_port()?, company, folder, process: None };
        server.restart().await?;
        Ok(server)
    }

    /// Starts it on the same port and the same data; what still runs is killed first.
    pub async fn restart(&mut self) -> Result {
        self.kill();
        let mut command = Command::new(places::huixiao()?);
        command.arg("--listen").arg(self.address()).arg("--data").arg(self.data()).args((self.company == Company::Empty).then_some("--no-demo"));
        for setting in ["HUIXIAO_DATABASE_URL", "HUIXIAO_NO_DEMO", "HUIXIAO_SECURE_COOKIES"] {
            command.env_remove(setting);
        }
        self.process = Some(Group::start(&mut command, &self.log_file())?);
        self.wait_until_healthy().await
    }

    /// SIGTERM, and waits until it has ended.
    pub async fn stop(&mut self) -> Result {
        match self.process.take() {
            Some(mut process) => process.stop().await,
            None => Ok(()),
        }
    }

    /// SIGKILL, as a power cut would end it.
    pub fn kill(&mut self) {
        self.process = None;
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The data folder: the database lies in it.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server has printed since it was first started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        Path::join(self.folder.path(), "server.log")
    }

    async fn wait_until_healthy(&mut self) -> Result {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
        let health = format!("{}/api/health", self.url());
        let deadline = Instant::now() + START;
        loop {
            if client.get(&health).send().await.is_ok_and(|response| response.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.process.as_mut().and_then(Group::ended) {
                return Err(Trouble::new(format!("the server ended at its start ({status}):\n{}", self.log())));
            }
            if Instant::now() > deadline {
                return Err(Trouble::new(format!("the server was not healthy within {START:?}:\n{}", self.log())));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
