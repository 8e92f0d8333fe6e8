//! What every request needs.

use crate::analysis::Ledgers;
use crate::auth::limit::Limiter;
use crate::auth::passwords::Passwords;
use crate::files::Depot;
use crate::heard::Heard;
use crate::store::Store;
use shared::time::Timestamp;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::watch;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The bytes of files.
    pub files: Depot,
    /// Which devices were heard of, and when.
    pub heard: Heard,
    /// What was sold, to make reports of.
    pub ledgers: Ledgers,
    /// Hashes and verifies.
    pub passwords: Passwords,
    /// Holds guessers up.
    pub limiter: Limiter,
    /// Whether a TLS proxy stands before the server: cookies are Secure, and its X-Forwarded-For is believed.
    pub secure: bool,
    /// Turns true when the server stops; streams end then.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
