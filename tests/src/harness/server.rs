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
    folder: PathBuf,
    /// A URL; none for a file in the data folder.
    database: Option<String>,
    /// Where photos are; none for the data folder.
    files: Option<PathBuf>,
    process: Option<Group>,
    /// Held as long as the server lives, if the folder is its own.
    _own: Option<TempDir>,
}

/// What a fresh server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    Demo,
    Empty,
}

impl Server {
    pub async fn start(company: Company) -> Result<Self> {
        Self::start_on(company, None).await
    }

    /// On the database of a URL, or on a file of its own.
    pub async fn start_on(company: Company, database: Option<String>) -> Result<Self> {
        let mut server = Self::prepare(company, database)?;
        server.restart().await?;
        Ok(server)
    }

    /// A server that is yet to be started.
    pub fn prepare(company: Company, database: Option<String>) -> Result<Self> {
        let own = tempfile::Builder::new().prefix("huixiao-server-").tempdir()?;
        let folder = own.path().to_owned();
        Ok(Self { port: places::free_port()?, company, folder, database, files: None, process: None, _own: Some(own) })
    }

    /// With everything that it writes, its log too, in a folder of the caller's.
    pub fn prepare_in(company: Company, folder: &Path, database: Option<String>) -> Result<Self> {
        Ok(Self { port: places::free_port()?, company, folder: folder.to_owned(), database, files: None, process: None, _own: None })
    }

    /// A second server on the same database, with the same photos.
    pub async fn start_beside(&self) -> Result<Self> {
        let mut second = Self::prepare(self.company, self.database.clone())?;
        second.files = Some(self.files());
        second.restart().await?;
        Ok(second)
    }

    /// Starts it on the same port and the same data; what still runs is killed first.
    pub async fn restart(&mut self) -> Result {
        self.kill();
        let mut command = Command::new(places::huixiao()?);
        command.arg("--listen").arg(self.address()).arg("--data").arg(self.data()).args((self.company == Company::Empty).then_some("--no-demo"));
        for setting in ["HUIXIAO_DATABASE_URL", "HUIXIAO_FILES", "HUIXIAO_NO_DEMO", "HUIXIAO_SECURE_COOKIES"] {
            command.env_remove(setting);
        }
        command.args(self.database.iter().flat_map(|url| ["--database-url", url]));
        command.arg("--files").arg(self.files());
        let greeted = self.greetings();
        self.process = Some(Group::start(&mut command, &self.log_file())?);
        self.wait_until_healthy(greeted).await
    }

    /// Runs `huixiao VERB …` on this server's database, and gives what it says; an error if it refuses.
    pub async fn keep(&self, args: &[&str]) -> Result<String> {
        let mut command = tokio::process::Command::new(places::huixiao()?);
        command.args(args).arg("--data").arg(self.data()).args(self.database.iter().flat_map(|url| ["--database-url", url]));
        let output = command.env_remove("HUIXIAO_DATABASE_URL").output().await?;
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() { Ok(said) } else { Err(Trouble::new(said)) }
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

    /// The process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Group::id)
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The data folder: the database lies in it.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder of photos.
    pub fn files(&self) -> PathBuf {
        self.files.clone().unwrap_or_else(|| self.data().join("files"))
    }

    /// What the server has printed since it was first started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// How often the server has said that it runs, and all that it says with it.
    fn greetings(&self) -> usize {
        self.log().matches("Stop it with Ctrl-C.").count()
    }

    async fn wait_until_healthy(&mut self, greeted: usize) -> Result {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
        let health = format!("{}/api/health", self.url());
        let deadline = Instant::now() + START;
        loop {
            if client.get(&health).send().await.is_ok_and(|response| response.status().is_success()) && self.greetings() > greeted {
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
