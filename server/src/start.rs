//! Starting and stopping: the data folder, the database, the first organisation, the port; then requests until it is told to stop.

use crate::analysis::{self, Ledgers};
use crate::app::{App, Parts};
use crate::auth::limit::Limiter;
use crate::auth::passwords::Passwords;
use crate::config::Config;
use crate::files::{Depot, DepotError};
use crate::first_start::{self, Welcome};
use crate::heard::{self, Heard};
use crate::reminders::{self, Senders};
use crate::router::router;
use crate::store::{OpenError, Store};
use crate::tidying;
use shared::Unavailable;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long requests under way may take after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Why the server did not start. The text is one line that says what to do.
#[derive(Debug)]
pub enum StartError {
    /// A setting makes no sense.
    Setting(String),
    /// The data folder cannot be made.
    Folder(PathBuf, std::io::Error),
    /// The database cannot be used.
    Database(OpenError),
    /// The folder of files cannot be used.
    Files(DepotError),
    /// The first organisation could not be made.
    FirstStart(Unavailable),
    /// The organisations could not be given what this release wants them to have.
    Lacking(Unavailable),
    /// The address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setting(line) => f.write_str(line),
            Self::Folder(path, error) => write!(f, "cannot make the data folder {}: {error}; give another with --data", path.display()),
            Self::Database(error) => error.fmt(f),
            Self::Files(error) => error.fmt(f),
            Self::FirstStart(failure) => write!(f, "the first organisation could not be made: {}", failure.0),
            Self::Lacking(failure) => write!(f, "the organisations could not be given what they lack: {}", failure.0),
            Self::Listen(address, error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                write!(f, "{address} is taken by another program; stop it, or give another address with --listen")
            }
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}; give another address with --listen"),
        }
    }
}

/// A server that answers requests.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// What there is to tell after a first start.
    pub welcome: Option<Welcome>,
    store: Store,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    reminding: JoinHandle<()>,
    hearing: JoinHandle<()>,
}

/// Starts the server.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    let database = config.place.database().map_err(StartError::Setting)?;
    let senders = Senders::of(&config.reminding).map_err(StartError::Setting)?;
    // The port first: a second start by mistake must not wait for the database.
    let listener = TcpListener::bind(config.listen).await.map_err(|error| StartError::Listen(config.listen, error))?;
    let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error))?;
    config.place.make_folder().map_err(|error| StartError::Folder(config.place.data.clone(), error))?;
    let files = Depot::open(&config.files()).map_err(StartError::Files)?;
    let store = Store::open(&database).await.map_err(StartError::Database)?;
    let welcome = first_start::found(&store, config).await.map_err(StartError::FirstStart)?;
    first_start::give_what_is_lacking(&store).await.map_err(StartError::Lacking)?;

    let (stop, stopping) = watch::channel(false);
    tokio::spawn(tidying::tidy(store.clone(), files.clone(), stopping.clone()));
    let reminding = tokio::spawn(reminders::remind(store.clone(), senders, stopping.clone()));
    let heard = Heard::default();
    let hearing = tokio::spawn(heard::keep(heard.clone(), store.clone(), stopping.clone()));
    let ledgers = Ledgers::new(stopping.clone());
    tokio::spawn(analysis::follow(ledgers.clone(), store.clone()));
    let parts = Parts {
        store: store.clone(),
        files,
        heard,
        ledgers,
        passwords: Passwords::new(),
        limiter: Limiter::default(),
        secure: config.secure_cookies,
        stopping: stopping.clone(),
    };
    let service = router(App::new(parts)).into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move {
        let told = async move { stopping.clone().wait_for(|stopping| *stopping).await.map(drop).unwrap_or_default() };
        if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(told).await {
            tracing::error!(%error, "serving ended");
        }
    });
    Ok(Running { address, welcome, store, stop, serving, reminding, hearing })
}

impl Running {
    /// Takes no more requests and waits for those under way, and for the message that is being sent, but not for ever.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(GRACE, &mut self.serving).await.is_err() {
            tracing::warn!("requests under way were cut off");
            self.serving.abort();
        }
        if tokio::time::timeout(GRACE, &mut self.reminding).await.is_err() {
            tracing::warn!("a message was cut off while it was being sent; it is not sent again");
            self.reminding.abort();
        }
        if tokio::time::timeout(GRACE, &mut self.hearing).await.is_err() {
            tracing::warn!("which devices were heard of was not written");
            self.hearing.abort();
        }
        self.store.close().await;
    }
}
