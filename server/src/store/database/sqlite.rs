//! SQLite: one file, one process. Write-ahead log, `synchronous=FULL`: a commit is on the disk when it returns.

use super::tables::{MIGRATIONS, Newer, Table, missing};
use super::{Connection, Purpose, Row, Value};
use crate::store::views;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, OptionalExtension, ToSql};
use shared::Unavailable;
use std::cell::Cell;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A log longer than this is begun anew after a commit, even if readers must be waited for: as long as one reads from it SQLite would only
/// append to it, and with many devices one always does.
const LONG_LOG: u64 = 32 << 20;
/// How seldom its length is looked at, in commits.
const LOOK_EVERY: u32 = 64;

/// Why the file cannot be used.
#[derive(Debug)]
pub enum SqliteError {
    /// Another process has it.
    InUse(PathBuf),
    /// The file or its folder cannot be read or written.
    Io(PathBuf, std::io::Error),
    /// SQLite's own reasons.
    Sqlite(PathBuf, rusqlite::Error),
    /// It was written by a newer binary.
    Newer(PathBuf, Newer),
}

impl std::fmt::Display for SqliteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(path) => write!(f, "{} is in use by another huixiao; stop it first, or give another --data folder", path.display()),
            Self::Io(path, error) => write!(f, "cannot write {}: {error}", path.display()),
            Self::Sqlite(path, error) => write!(f, "cannot use the database {}: {error}", path.display()),
            Self::Newer(path, Newer { found, known }) => {
                write!(f, "{} was written by a newer huixiao (schema {found}, this one knows {known}); start the newer one", path.display())
            }
        }
    }
}

/// A connection.
pub(in crate::store) struct Sqlite {
    connection: rusqlite::Connection,
    /// Held as long as a writer lives; a reader has none.
    lock: Option<std::fs::File>,
    /// Differs once another connection has committed.
    data_version: Cell<i64>,
    log: PathBuf,
    commits: Cell<u32>,
}

impl Sqlite {
    /// Opens the file to write, makes it if there is none, and brings it up to date. The file is locked against a second process.
    pub(in crate::store) fn open_writer(path: &Path) -> Result<Self, SqliteError> {
        let lock = lock(path)?;
        let sqlite = |error| SqliteError::Sqlite(path.to_owned(), error);
        let mut connection = rusqlite::Connection::open(path).map_err(sqlite)?;
        configure(&connection).map_err(sqlite)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
        connection.pragma_update(None, "cache_size", -65_536).map_err(sqlite)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000).map_err(sqlite)?;
        connection.pragma_update(None, "journal_size_limit", i64::try_from(LONG_LOG / 2).unwrap_or(i64::MAX)).map_err(sqlite)?;
        migrate(&mut connection).map_err(sqlite)?.map_err(|newer| SqliteError::Newer(path.to_owned(), newer))?;
        Ok(Self { connection, lock: Some(lock), data_version: Cell::new(0), log: with(path, "-wal"), commits: Cell::new(0) })
    }

    /// Opens the file to read, beside a writer.
    pub(in crate::store) fn open_reader(path: &Path) -> Result<Self, SqliteError> {
        let sqlite = |error| SqliteError::Sqlite(path.to_owned(), error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(sqlite)?;
        configure(&connection).map_err(sqlite)?;
        connection.pragma_update(None, "query_only", true).map_err(sqlite)?;
        Ok(Self { connection, lock: None, data_version: Cell::new(0), log: with(path, "-wal"), commits: Cell::new(0) })
    }

    /// What fails here is done after a later commit.
    fn shorten_log(&self) {
        let commits = self.commits.get().wrapping_add(1);
        self.commits.set(commits);
        if commits.is_multiple_of(LOOK_EVERY) && std::fs::metadata(&self.log).is_ok_and(|log| log.len() > LONG_LOG) {
            let _ = self.run("PRAGMA wal_checkpoint(RESTART)").inspect_err(|failure| tracing::warn!(reason = failure.0, "the log stays long"));
        }
    }

    fn changed_elsewhere(&self) -> Result<bool, Unavailable> {
        let now: i64 = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(unavailable)?;
        Ok(self.data_version.replace(now) != now)
    }

    /// The same statement for each row.
    fn each(&self, sql: &str, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        let mut statement = self.connection.prepare_cached(sql).map_err(unavailable)?;
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row)).map_err(unavailable)?;
        }
        Ok(())
    }
}

impl Connection for Sqlite {
    fn begin(&mut self, purpose: Purpose) -> Result<bool, Unavailable> {
        self.run(if purpose == Purpose::Write { "BEGIN IMMEDIATE" } else { "BEGIN DEFERRED" })?;
        // A reader keeps nothing from one question to the next.
        Ok(purpose == Purpose::Write && self.changed_elsewhere()?)
    }

    fn commit(&mut self) -> Result<(), Unavailable> {
        self.run("COMMIT")?;
        self.shorten_log();
        Ok(())
    }

    fn roll_back(&mut self) {
        // SQLite has rolled back by itself after some failures.
        if !self.connection.is_autocommit()
            && let Err(failure) = self.run("ROLLBACK")
        {
            tracing::error!(reason = failure.0, "a transaction could not be rolled back");
        }
    }

    fn run(&self, sql: &str) -> Result<(), Unavailable> {
        self.connection.execute_batch(sql).map_err(unavailable)
    }

    fn execute(&self, sql: &str, values: &[Value]) -> Result<(), Unavailable> {
        let mut statement = self.connection.prepare_cached(sql).map_err(unavailable)?;
        statement.execute(rusqlite::params_from_iter(values)).map(drop).map_err(unavailable)
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Unavailable> {
        let mut statement = self.connection.prepare_cached(sql).map_err(unavailable)?;
        let width = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(values)).map_err(unavailable)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(unavailable)? {
            rows.push(read(row, width).map_err(unavailable)?);
        }
        Ok(rows)
    }

    fn schema(&self) -> Result<usize, Unavailable> {
        let rows = self.query("PRAGMA user_version", &[])?;
        rows.first().map_or(Ok(0), |row| row.number(0).map(|version| usize::try_from(version).unwrap_or(usize::MAX)))
    }

    fn find(&self, table: &Table, keys: &[Vec<Value>]) -> Result<Vec<Row>, Unavailable> {
        let Some(width) = keys.first().map(Vec::len) else { return Ok(Vec::new()) };
        let sql = format!("SELECT {} FROM {} WHERE {}", table.all_names(), table.name, matching(table, width));
        let mut rows = Vec::new();
        for key in keys {
            rows.append(&mut self.query(&sql, key)?);
        }
        Ok(rows)
    }

    fn put(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.each(&format!("{} {}", insertion(table), table.on_conflict()), rows)
    }

    fn insert(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.each(&insertion(table), rows)
    }

    fn delete(&self, table: &Table, keys: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.each(&format!("DELETE FROM {} WHERE {}", table.name, matching(table, table.key)), keys)
    }

    /// Whoever writes has the whole file alone.
    fn have_alone(&self, _: &Table) -> Result<(), Unavailable> {
        Ok(())
    }

    fn for_update(&self) -> &'static str {
        ""
    }

    fn is_far(&self) -> bool {
        false
    }

    /// There is no other server: the file is locked.
    fn announce(&self, _: Uuid, _: u64) -> Result<(), Unavailable> {
        Ok(())
    }

    /// What fails here is mended by SQLite at the next start.
    fn close(self: Box<Self>) {
        let writes = self.lock.is_some();
        let tidied = if writes { self.run("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") } else { Ok(()) };
        if let Err(failure) = tidied.and_then(|()| self.connection.close().map_err(|(_, error)| unavailable(error))) {
            tracing::warn!(reason = failure.0, "the database was not closed tidily");
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn read(row: &rusqlite::Row<'_>, width: usize) -> rusqlite::Result<Row> {
    let value = |column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(_) => Value::Text(row.get(column)?),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            // No column of ours is a float.
            ValueRef::Null | ValueRef::Real(_) => Value::Null,
        })
    };
    (0..width).map(value).collect::<rusqlite::Result<_>>().map(Row)
}

fn matching(table: &Table, count: usize) -> String {
    let tests: Vec<_> = table.columns[..count].iter().zip(1..).map(|((name, _), number)| format!("{name} = ?{number}")).collect();
    tests.join(" AND ")
}

fn insertion(table: &Table) -> String {
    let mut sql = format!("INSERT INTO {} ({}) VALUES (", table.name, table.all_names());
    for number in 1..=table.columns.len() {
        let comma = if number == 1 { "" } else { ", " };
        write!(sql, "{comma}?{number}").expect("a string takes everything");
    }
    sql + ")"
}

/// A failure of SQLite. Its texts name tables and columns, never values.
fn unavailable(error: rusqlite::Error) -> Unavailable {
    Unavailable(format!("sqlite: {error}"))
}

/// The lock of a database. It has the database's whole name in its own, so that a backup beside a database has another one.
pub(in crate::store) fn lock_file(database: &Path) -> PathBuf {
    with(database, ".lock")
}

/// A file's name with something behind it.
pub(in crate::store) fn with(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn lock(path: &Path) -> Result<std::fs::File, SqliteError> {
    let path = lock_file(path);
    let io = |error| SqliteError::Io(path.clone(), error);
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(SqliteError::InUse(path)),
        Err(std::fs::TryLockError::Error(error)) => Err(io(error)),
    }
}

fn configure(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(std::time::Duration::from_secs(5))
}

/// Brings a database up to date and makes the views anew; a database that may not be opened is left as it was.
fn migrate(connection: &mut rusqlite::Connection) -> rusqlite::Result<Result<(), Newer>> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    let said = tx.prepare("SELECT serves_from FROM schema").and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional());
    let serves_from = said.ok().flatten().map_or(found, |version: i64| usize::try_from(version).unwrap_or(usize::MAX));
    let missing = match missing(found, serves_from) {
        Ok(missing) => missing,
        Err(newer) => return Ok(Err(newer)),
    };
    for migration in missing {
        tx.execute_batch(migration.sqlite)?;
    }
    if let Some(last) = missing.last() {
        tx.execute("UPDATE schema SET serves_from = ?1", [i64::try_from(last.serves_from).unwrap_or(i64::MAX)])?;
        tx.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
    }
    if found <= MIGRATIONS.len() {
        for statement in views::statements(|_, path| format!("json_extract(body, '{path}')"), "lower(hex(org))") {
            tx.execute_batch(&statement)?;
        }
    }
    tx.commit()?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tables::{ALL, Holds};
    use std::sync::atomic::{AtomicBool, Ordering};

    fn fresh() -> rusqlite::Connection {
        let mut connection = rusqlite::Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("fresh").expect("fresh");
        connection
    }

    #[test]
    fn a_database_of_a_newer_binary_is_refused_and_left_alone() {
        let mut connection = fresh();
        connection.execute_batch("PRAGMA user_version = 999; UPDATE schema SET serves_from = 999").expect("memory");
        assert_eq!(migrate(&mut connection).expect("memory"), Err(Newer { found: 999, known: MIGRATIONS.len() }));
    }

    #[test]
    fn a_newer_database_that_only_has_more_is_opened_and_keeps_its_version() {
        let mut connection = fresh();
        let newer = MIGRATIONS.len() + 1;
        connection.execute_batch(&format!("PRAGMA user_version = {newer}; CREATE TABLE more (a INTEGER)")).expect("memory");
        migrate(&mut connection).expect("memory").expect("it may be opened");
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("memory");
        assert_eq!(usize::try_from(version), Ok(newer));
    }

    #[test]
    fn what_the_first_release_wrote_is_brought_up_to_date() {
        let mut connection = rusqlite::Connection::open_in_memory().expect("memory");
        connection.execute_batch(MIGRATIONS[0].sqlite).expect("the first schema");
        let old = "INSERT INTO tombstones VALUES (x'00', 'org', 'team', x'01', 7); INSERT INTO accounts VALUES (x'00', x'02', 'hash', 5);
                   INSERT INTO sessions VALUES (x'03', x'00', x'02', 5, 6, 7); PRAGMA user_version = 1";
        connection.execute_batch(old).expect("the first schema");
        migrate(&mut connection).expect("memory").expect("older");
        let removed_at: i64 = connection.query_row("SELECT removed_at FROM tombstones", [], |row| row.get(0)).expect("a tombstone");
        assert!(removed_at > 1_700_000_000_000, "it is counted from now: {removed_at}");
        let hash: String = connection.query_row("SELECT password_hash FROM accounts WHERE user_id = x'02'", [], |row| row.get(0)).expect("kept");
        assert_eq!(hash, "hash");
        let (expires_at, secret): (i64, Option<Vec<u8>>) = connection
            .query_row("SELECT expires_at, secret_hash FROM sessions WHERE user_id = x'02'", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("it goes on");
        assert_eq!((expires_at, secret), (7, None));
    }

    #[test]
    fn the_tables_are_as_described() {
        let connection = fresh();
        for table in ALL {
            let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid").expect("a pragma");
            let columns = statement.query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?))).expect("a pragma");
            let mut columns: Vec<(String, String)> = columns.collect::<Result<_, _>>().expect("two texts");
            let mut described: Vec<_> = table.columns.iter().map(|(name, holds)| ((*name).to_owned(), sqlite_type(*holds).to_owned())).collect();
            columns.sort();
            described.sort();
            assert_eq!(columns, described, "{}", table.name);
        }
    }

    #[test]
    fn the_log_stays_short_although_somebody_always_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut writer = Sqlite::open_writer(&path).expect("a new file");
        writer.connection.pragma_update(None, "synchronous", "OFF").expect("a pragma");
        writer.run("CREATE TABLE filler (bytes BLOB)").expect("a table");
        let over = AtomicBool::new(false);
        let (mut longest, mut written) = (0, 0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut reader = Sqlite::open_reader(&path).expect("the file is there");
                    while !over.load(Ordering::SeqCst) {
                        reader.begin(Purpose::Read).expect("a reader always may");
                        reader.query("SELECT count(*) FROM orgs", &[]).expect("a count");
                        std::thread::sleep(std::time::Duration::from_millis(3));
                        reader.roll_back();
                    }
                });
            }
            while written < 4 * LONG_LOG {
                writer.begin(Purpose::Write).expect("nobody else writes");
                writer.execute("INSERT INTO filler VALUES (?1)", &[Value::Blob(vec![7; 250_000])]).expect("room");
                writer.commit().expect("room");
                written += 250_000;
                longest = longest.max(std::fs::metadata(&writer.log).expect("there is a log").len());
            }
            over.store(true, Ordering::SeqCst);
        });
        assert!(longest < 3 * LONG_LOG, "{longest}");
    }

    fn sqlite_type(holds: Holds) -> &'static str {
        match holds {
            Holds::Int => "INTEGER",
            Holds::Text => "TEXT",
            Holds::Blob => "BLOB",
        }
    }
}
