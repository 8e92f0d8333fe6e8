//! Storage: SQLite by default, PostgreSQL by URL (docs/decisions/0009-two-databases.md). One writer in each server, a few readers.
//!
//! Laws: a change is answered only after its commit is durable; a reader sees one moment of the database and no other; what an
//! organisation's [`Organisation`] reads or writes belongs to that organisation.

mod accounts;
mod changes;
pub mod copy;
mod database;
mod heard;
mod known;
mod organisation;
mod outbox;
mod readers;
mod views;
mod whole;
mod writer;

pub use accounts::{FoundAccount, SESSION_DAYS, SecretHash, StoredSession, TokenHash};
pub use database::postgres::PostgresError;
pub use database::sqlite::SqliteError;
pub use organisation::{NewOrganisation, Organisation, organisations};
pub(crate) use outbox::{Settled, Trying};
pub use whole::ask;
pub use writer::Change;

use crate::sync::is_shallow;
use changes::Changes;
use database::postgres::{Postgres, PostgresListener, Share};
use database::sqlite::Sqlite;
use database::tables::Table;
use database::{Connection, Row, Value};
use known::Known;
use organisation::Missed;
use readers::Readers;
use shared::Unavailable;
use shared::ids::OrgId;
use shared::sync::protocol::{PushAnswer, PushRequest};
use shared::sync::server::{self, Session};
use shared::time::Timestamp;
use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::broadcast;
use writer::{Told, Writer};

/// How many pulls read at once; each has a connection of its own.
const READERS: usize = 4;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, for one server.
    Sqlite(PathBuf),
    /// A URL, for one or several servers. It may hold a password: it is never shown.
    Postgres(String),
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: Readers,
}

/// Why the database could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// SQLite.
    Sqlite(SqliteError),
    /// PostgreSQL.
    Postgres(PostgresError),
    /// No thread could be started.
    Thread(std::io::Error),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::Postgres(error) => error.fmt(f),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl From<SqliteError> for OpenError {
    fn from(error: SqliteError) -> Self {
        Self::Sqlite(error)
    }
}

impl From<PostgresError> for OpenError {
    fn from(error: PostgresError) -> Self {
        Self::Postgres(error)
    }
}

impl Store {
    /// Opens the database, makes its tables if there are none, and brings them up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(location: &Location) -> Result<Self, OpenError> {
        let location = location.clone();
        let opened = tokio::task::spawn_blocking(move || Self::open_blocking(&location)).await;
        opened.unwrap_or_else(|_| Err(OpenError::Thread(std::io::Error::other("opening the database was cut short"))))
    }

    fn open_blocking(location: &Location) -> Result<Self, OpenError> {
        let told = Told::default();
        let (writer, readers): (Box<dyn Connection>, Vec<Box<dyn Connection>>) = match location {
            Location::Sqlite(path) => {
                let writer = Sqlite::open_writer(path)?;
                let readers = (0..READERS).map(|_| Sqlite::open_reader(path).map(|reader| Box::new(reader) as _));
                (Box::new(writer), readers.collect::<Result<_, _>>()?)
            }
            Location::Postgres(url) => {
                let mut writer = Postgres::open(url, Share::Server)?;
                writer.migrate()?;
                let readers = (0..READERS).map(|_| Postgres::open(url, Share::Any).map(|reader| Box::new(reader) as _));
                writer::listen(Box::new(PostgresListener::new(url)?), told.clone()).map_err(OpenError::Thread)?;
                (Box::new(writer), readers.collect::<Result<_, _>>()?)
            }
        };
        Ok(Self { writer: Writer::start(writer, told).map_err(OpenError::Thread)?, readers: Readers::new(readers) })
    }

    /// Changes the database, in a commit of its own; the answer comes after it.
    ///
    /// # Errors
    /// [`Unavailable`]: nothing of this change was kept, unless the connection broke during the commit.
    pub async fn write<T, F>(&self, change: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        self.writer.write(None, |_| (), change).await
    }

    /// Rules on a push. Waiting pushes of an organisation are committed together.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn push(&self, session: Session, request: PushRequest, now: Timestamp) -> Result<PushAnswer, Unavailable> {
        let request = Arc::new(request);
        let rehearsed = Arc::clone(&request);
        let rehearse = move |tx: &Transaction<'_>| {
            if let Ok(org) = tx.of(session.org) {
                server::rehearse(&org, session, &rehearsed, now);
            }
        };
        let rule = move |tx: &Transaction<'_>| {
            let mut org = tx.of(session.org)?;
            let letter_box = org.letter_box();
            let mut reader = letter_box.reader();
            server::push_opening(&mut org, session, &request, now, |letter| reader.open(letter).filter(is_shallow))
        };
        self.writer.write(Some(session.org), rehearse, rule).await
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

    /// Finishes what waits and lets the database go, so that another process may have it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Tells of every commit that raised an organisation's version, by this server or another one on the same database.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.writer.changes()
    }
}

/// An open transaction: of the writer, or of a reader, which the database itself keeps from writing.
pub struct Transaction<'c> {
    connection: &'c dyn Connection,
    memory: &'c RefCell<Memory>,
    writing: bool,
    changes: RefCell<BTreeMap<OrgId, Changes>>,
    /// Whether something was written past the gathered changes: only a rollback undoes that.
    written: Cell<bool>,
    rehearsing: Cell<bool>,
    missed: RefCell<BTreeMap<OrgId, Missed>>,
}

/// What is known of each organisation.
#[derive(Default)]
struct Memory {
    orgs: HashMap<OrgId, Known>,
}

impl<'c> Transaction<'c> {
    fn new(connection: &'c dyn Connection, memory: &'c RefCell<Memory>, writing: bool) -> Self {
        Self {
            connection,
            memory,
            writing,
            changes: RefCell::default(),
            written: Cell::new(false),
            rehearsing: Cell::new(false),
            missed: RefCell::default(),
        }
    }

    fn known(&self, org: OrgId) -> RefMut<'_, Known> {
        RefMut::map(self.memory.borrow_mut(), |memory| memory.orgs.entry(org).or_default())
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Unavailable> {
        self.connection.query(sql, values)
    }

    fn execute(&self, sql: &str, values: &[Value]) -> Result<(), Unavailable> {
        self.written.set(true);
        self.connection.execute(sql, values)
    }

    fn put(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.written.set(true);
        self.connection.put(table, rows)
    }

    fn insert(&self, table: &Table, row: Vec<Value>) -> Result<(), Unavailable> {
        self.written.set(true);
        self.connection.insert(table, &[row])
    }
}
