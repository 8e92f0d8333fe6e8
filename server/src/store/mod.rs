//! Storage in SQLite: one writer thread, a few readers, nothing else touches the file (docs/decisions/0002-rusqlite.md).
//!
//! Laws: a change is answered only after its commit is on the disk; a reader sees one moment of the database and no other;
//! what an organisation's [`Organisation`] reads or writes belongs to that organisation.

mod accounts;
mod organisation;
mod readers;
pub mod schema;
mod views;
mod writer;

pub use accounts::{FoundAccount, SESSION_DAYS, StoredSession, TokenHash};
pub use organisation::{NewOrganisation, Organisation, organisations};
pub use writer::Change;

use readers::Readers;
use rusqlite::{Connection, OpenFlags};
use schema::SchemaError;
use shared::ids::OrgId;
use shared::sync::protocol::Digest;
use shared::{Scope, Unavailable};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::sync::broadcast;
use writer::Writer;

/// How many pulls read at once; each has a connection of its own.
const READERS: usize = 4;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: Readers,
}

/// Why the database could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it.
    InUse(PathBuf),
    /// The file or its folder cannot be read or written.
    Io(PathBuf, std::io::Error),
    /// SQLite's own reasons.
    Schema(PathBuf, SchemaError),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(path) => write!(f, "{} is in use by another huixiao; stop it first, or give another --data folder", path.display()),
            Self::Io(path, error) => write!(f, "cannot write {}: {error}", path.display()),
            Self::Schema(path, SchemaError::Newer { found, known }) => {
                write!(f, "{} was written by a newer huixiao (schema {found}, this one knows {known}); start the newer one", path.display())
            }
            Self::Schema(path, SchemaError::Sqlite(error)) => write!(f, "cannot use the database {}: {error}", path.display()),
        }
    }
}

impl Store {
    /// Opens the database file, makes it if there is none, and brings it up to date. The file is locked against a second process.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let sqlite = |error| OpenError::Schema(path.to_owned(), SchemaError::Sqlite(error));
        let mut connection = Connection::open(path).map_err(sqlite)?;
        configure_writer(&connection).map_err(sqlite)?;
        schema::migrate(&mut connection).map_err(|error| OpenError::Schema(path.to_owned(), error))?;
        let readers = (0..READERS).map(|_| open_reader(path)).collect::<Result<_, _>>().map_err(sqlite)?;
        let writer = Writer::start(connection, lock).map_err(|error| OpenError::Io(path.to_owned(), error))?;
        Ok(Self { writer, readers: Readers::new(readers) })
    }

    /// Changes the database. Waiting changes are committed together; the answer comes after the commit. A failure undoes this change only.
    ///
    /// # Errors
    /// [`Unavailable`]: nothing of this change was kept.
    pub async fn write<T, F>(&self, change: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        self.writer.write(change).await
    }

    /// Reads one moment of the database.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn read<T, F>(&self, question: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        self.readers.read(question).await
    }

    /// Finishes what waits and lets the file go, so that another process may have it.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Tells of every commit that raised an organisation's version.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.writer.changes()
    }
}

/// An open transaction: of the writer, or of a reader, which SQLite itself keeps from writing.
pub struct Transaction<'c> {
    connection: &'c Connection,
    records: Option<&'c organisation::RecordCache>,
    raised: RefCell<BTreeMap<OrgId, u64>>,
    /// Digests as changed by this transaction, not yet written.
    digests: RefCell<BTreeMap<(OrgId, Scope), Digest>>,
}

impl<'c> Transaction<'c> {
    fn new(connection: &'c Connection, records: Option<&'c organisation::RecordCache>) -> Self {
        Self { connection, records, raised: RefCell::default(), digests: RefCell::default() }
    }
}

/// A failure of SQLite. Its texts name tables and columns, never values.
fn unavailable(error: rusqlite::Error) -> Unavailable {
    Unavailable(format!("sqlite: {error}"))
}

/// SQLite's integers are signed. A number that a device made up saturates instead of failing.
fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn lock(path: &Path) -> Result<std::fs::File, OpenError> {
    let path = path.with_extension("lock");
    let io = |error| OpenError::Io(path.clone(), error);
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(path)),
        Err(std::fs::TryLockError::Error(error)) => Err(io(error)),
    }
}

fn configure_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(std::time::Duration::from_secs(5))
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}
