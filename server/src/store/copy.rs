//! Copies of a whole database: to another one (a company that outgrows SQLite), into a file (backup) and back (restore).
//!
//! Laws: a copy is one moment of the database, taken while servers may go on working; it is whole or not there; what is restored
//! begins a new history (epoch), so that every device sends again what it still has.

use super::database::postgres::{Postgres, Share};
use super::database::sqlite::{Sqlite, lock_file, with};
use super::database::tables::{ALL, MIGRATIONS, Table};
use super::database::{Connection, Purpose, Value};
use super::{Location, OpenError};
use shared::Unavailable;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Rows read and written at once.
const AT_ONCE: usize = 2_000;

/// Why there is no copy.
#[derive(Debug)]
pub enum CopyError {
    /// One of the two cannot be opened.
    Open(OpenError),
    /// There is something where the copy should be.
    NotEmpty,
    /// Source and copy are the same.
    Same,
    /// The source is of another release.
    OtherSchema {
        /// Migrations applied to it.
        found: usize,
        /// Migrations that this binary knows.
        known: usize,
    },
    /// The backup is not there.
    Missing(PathBuf),
    /// A file cannot be read or written.
    Io(PathBuf, std::io::Error),
    /// Reading or writing failed.
    Failed(Unavailable),
}

impl std::fmt::Display for CopyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::NotEmpty => f.write_str("there is data already; an empty database is wanted (restore can --replace it)"),
            Self::Same => f.write_str("source and copy are the same database"),
            Self::OtherSchema { found, known } => {
                write!(f, "the source is of another release (schema {found}, this one knows {known}); use the huixiao that last served it")
            }
            Self::Missing(path) => write!(f, "there is no backup {}", path.display()),
            Self::Io(path, error) => write!(f, "cannot use {}: {error}", path.display()),
            Self::Failed(failure) => write!(f, "the copy failed: {}", failure.0),
        }
    }
}

impl From<Unavailable> for CopyError {
    fn from(failure: Unavailable) -> Self {
        Self::Failed(failure)
    }
}

/// How many rows each table had.
pub type Copied = Vec<(&'static str, u64)>;

/// What may be in the way of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing may.
    Empty,
    /// What is there goes.
    Replaced,
}

/// Writes one moment of a database into a new file, while servers may go on. Blocks.
///
/// # Errors
/// [`CopyError`]; there is no file then, or the one that was there before.
pub fn backup(from: &Location, file: &Path, told: &mut dyn FnMut(&str, u64)) -> Result<Copied, CopyError> {
    if file.exists() {
        return Err(CopyError::Io(file.to_owned(), std::io::ErrorKind::AlreadyExists.into()));
    }
    let part = with(file, ".part");
    forget(&part)?;
    let copied = (|| {
        let mut source = reader(from)?;
        let mut copy: Box<dyn Connection> = Box::new(Sqlite::open_writer(&part).map_err(|error| CopyError::Open(error.into()))?);
        let copied = take_over(source.as_mut(), copy.as_mut(), Target::Empty, None, told)?;
        copy.close();
        let io = |error| CopyError::Io(file.to_owned(), error);
        // The last one to close a database empties its log into the file and removes it, unless there was no room.
        if with(&part, "-wal").exists() {
            return Err(io(std::io::ErrorKind::StorageFull.into()));
        }
        std::fs::File::open(&part).and_then(|written| written.sync_all()).map_err(io)?;
        std::fs::rename(&part, file).map_err(io)?;
        if let Some(Ok(folder)) =
            file.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).map(std::fs::File::open)
        {
            folder.sync_all().map_err(io)?;
        }
        Ok(copied)
    })();
    forget(&part)?;
    copied
}

/// Fills a database from a backup and begins a new history in it. Everybody must log in again: sessions that were ended since must not
/// live on. Blocks.
///
/// # Errors
/// [`CopyError`]; the database is then as it was.
pub fn restore(file: &Path, to: &Location, target: Target, told: &mut dyn FnMut(&str, u64)) -> Result<Copied, CopyError> {
    if !file.exists() {
        return Err(CopyError::Missing(file.to_owned()));
    }
    // An older backup is brought up to date, but not the backup itself.
    let working = with(file, ".restoring");
    forget(&working)?;
    take_file(file, &working)?;
    let copied = (|| {
        let mut source = Sqlite::open_writer(&working).map_err(|error| CopyError::Open(error.into()))?;
        let mut copy = writer(to)?;
        let copied = take_over(&mut source, copy.as_mut(), target, Some(&new_history), told)?;
        copy.close();
        Ok(copied)
    })();
    forget(&working)?;
    copied
}

/// Copies a database into another one, with its history: devices notice nothing, if no server writes to the old one any more. Blocks.
///
/// # Errors
/// [`CopyError`]; the copy is then empty.
pub fn copy(from: &Location, to: &Location, told: &mut dyn FnMut(&str, u64)) -> Result<Copied, CopyError> {
    if from == to {
        return Err(CopyError::Same);
    }
    // The writer's lock makes sure that no server is at work on it. Opening it would make one that is not there.
    let mut source = match from {
        Location::Sqlite(path) if !path.exists() => return Err(CopyError::Missing(path.clone())),
        _ => writer(from)?,
    };
    let mut copy = writer(to)?;
    let copied = take_over(source.as_mut(), copy.as_mut(), Target::Empty, None, told)?;
    copy.close();
    Ok(copied)
}

fn take_over(
    source: &mut dyn Connection,
    copy: &mut dyn Connection,
    target: Target,
    last: Option<&dyn Fn(&dyn Connection) -> Result<(), Unavailable>>,
    told: &mut dyn FnMut(&str, u64),
) -> Result<Copied, CopyError> {
    source.begin(Purpose::Read)?;
    let (found, known) = (source.schema()?, MIGRATIONS.len());
    // What this binary does not know of would be left out.
    if found != known {
        return Err(CopyError::OtherSchema { found, known });
    }
    copy.begin(Purpose::Write)?;
    let filled = fill(source, copy, target, told).and_then(|copied| {
        last.map_or(Ok(()), |last| last(copy))?;
        copy.commit()?;
        Ok(copied)
    });
    source.roll_back();
    if filled.is_err() {
        copy.roll_back();
    }
    filled
}

fn fill(source: &dyn Connection, copy: &dyn Connection, target: Target, told: &mut dyn FnMut(&str, u64)) -> Result<Copied, CopyError> {
    match target {
        Target::Empty if !copy.query("SELECT version FROM orgs LIMIT 1", &[])?.is_empty() => return Err(CopyError::NotEmpty),
        Target::Empty => {}
        Target::Replaced => ALL.iter().try_for_each(|table| copy.run(&format!("DELETE FROM {}", table.name)))?,
    }
    let mut copied = Vec::new();
    for table in ALL {
        let mut count = 0;
        let mut after: Option<Vec<Value>> = None;
        loop {
            let rows: Vec<_> = page(source, table, after.as_deref())?.into_iter().map(|row| row.0).collect();
            let Some(last) = rows.last() else { break };
            after = Some(last[..table.key].to_vec());
            copy.insert(table, &rows)?;
            count += rows.len() as u64;
            told(table.name, count);
        }
        copied.push((table.name, count));
    }
    Ok(copied)
}

/// The rows of a table that come after a key, some of them.
fn page(source: &dyn Connection, table: &Table, after: Option<&[Value]>) -> Result<Vec<super::Row>, Unavailable> {
    let key = table.names(table.key);
    let places: Vec<_> = (1..=table.key).map(|number| format!("?{number}")).collect();
    let later = after.map(|_| format!("WHERE ({key}) > ({})", places.join(", "))).unwrap_or_default();
    source.query(&format!("SELECT {} FROM {} {later} ORDER BY {key} LIMIT {AT_ONCE}", table.all_names(), table.name), after.unwrap_or(&[]))
}

fn new_history(copy: &dyn Connection) -> Result<(), Unavailable> {
    for row in copy.query("SELECT org FROM orgs", &[])? {
        copy.execute("UPDATE orgs SET epoch = ?1 WHERE org = ?2", &[Uuid::new_v4().into(), row.id(0)?.into()])?;
    }
    // Whether it was sent since the backup nobody knows, and nobody should be sent it twice.
    copy.run("UPDATE outbox SET state = 'given_up', reason = 'restored' WHERE state IN ('waiting', 'sending')")?;
    copy.run("DELETE FROM sessions")
}

pub(super) fn reader(location: &Location) -> Result<Box<dyn Connection>, CopyError> {
    Ok(match location {
        Location::Sqlite(path) if !path.exists() => return Err(CopyError::Missing(path.clone())),
        Location::Sqlite(path) => Box::new(Sqlite::open_reader(path).map_err(|error| CopyError::Open(error.into()))?),
        Location::Postgres(url) => Box::new(Postgres::open(url, Share::Any).map_err(|error| CopyError::Open(error.into()))?),
    })
}

fn writer(location: &Location) -> Result<Box<dyn Connection>, CopyError> {
    Ok(match location {
        Location::Sqlite(path) => Box::new(Sqlite::open_writer(path).map_err(|error| CopyError::Open(error.into()))?),
        Location::Postgres(url) => {
            let opened = Postgres::open(url, Share::Alone).and_then(|mut postgres| postgres.migrate().map(|()| postgres));
            Box::new(opened.map_err(|error| CopyError::Open(error.into()))?)
        }
    })
}

/// A file that was copied by hand may have its latest changes beside it.
fn take_file(from: &Path, to: &Path) -> Result<(), CopyError> {
    for ending in ["", "-wal"] {
        let (from, to) = (with(from, ending), with(to, ending));
        if ending.is_empty() || from.exists() {
            std::fs::copy(&from, &to).map_err(|error| CopyError::Io(to, error))?;
        }
    }
    Ok(())
}

/// Removes a working file with what SQLite keeps beside it.
fn forget(file: &Path) -> Result<(), CopyError> {
    for path in [file.to_owned(), with(file, "-wal"), with(file, "-shm"), lock_file(file)] {
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(CopyError::Io(path, error)),
        }
    }
    Ok(())
}
