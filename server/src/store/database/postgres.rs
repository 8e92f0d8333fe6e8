//! PostgreSQL: several servers may share it. A change has its organisation's row alone until the commit, so the order of commits is the
//! order of versions; what another server has committed is heard by LISTEN, and looked up where that is missing.

use super::tables::{Holds, MIGRATIONS, Newer, Table, missing};
use super::{Connection, Listener, Purpose, Row, Value};
use crate::store::views;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use shared::{Kind, Unavailable};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::time::Duration;
use uuid::Uuid;

/// The channel on which servers announce versions.
const CHANNEL: &str = "huixiao";
/// Keeps two servers from migrating at once; any number that nobody else uses.
const MIGRATING: i64 = 0x0068_7569_7869_616f;
/// Servers share this lock while they run; who replaces or copies a whole database has it alone.
const SERVING: i64 = MIGRATING + 1;
/// A table that has grown by this much is looked at anew.
const GROWN: usize = 500;
/// How long to wait for a server that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the database cannot be used. Neither tells the password.
#[derive(Debug)]
pub enum PostgresError {
    /// The URL is none.
    Url,
    /// It cannot be reached, or refuses us, or a statement failed.
    Postgres(String),
    /// It was written by a newer binary.
    Newer(Newer),
    /// A server works on it, or somebody copies it.
    InUse,
}

/// What the holder of a connection may do beside others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Share {
    /// Whatever others do.
    Any,
    /// Beside other servers, but not while somebody has the database alone.
    Server,
    /// Alone.
    Alone,
}

impl std::fmt::Display for PostgresError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url => f.write_str("the database URL makes no sense; it should look like postgres://USER:PASSWORD@HOST:5432/DATABASE"),
            Self::Postgres(reason) => write!(f, "cannot use the PostgreSQL database: {reason}"),
            Self::InUse => f.write_str("a huixiao server works on this PostgreSQL database, or a copy is being made; stop it, or wait"),
            Self::Newer(Newer { found, known }) => {
                write!(f, "the PostgreSQL database was written by a newer huixiao (schema {found}, this one knows {known}); start the newer one")
            }
        }
    }
}

impl From<postgres::Error> for PostgresError {
    fn from(error: postgres::Error) -> Self {
        Self::Postgres(reason(&error))
    }
}

/// A connection. One that was lost is made anew when the next transaction begins.
pub(in crate::store) struct Postgres {
    config: Config,
    share: Share,
    client: RefCell<Client>,
    statements: RefCell<HashMap<String, Statement>>,
    /// A statement failed: PostgreSQL would answer COMMIT with a rollback, and call that a success.
    failed: Cell<bool>,
    growth: RefCell<BTreeMap<&'static str, Growth>>,
}

/// What this connection has written to a table.
#[derive(Default)]
struct Growth {
    rows: usize,
    /// How many they were when statistics were gathered the last time.
    analyzed: usize,
}

impl Growth {
    /// Whether what the planner knows of the table is old: it chooses the index with more in it, or reads the whole of one.
    fn is_news(&self) -> bool {
        self.rows > (2 * self.analyzed).max(GROWN)
    }
}

impl Postgres {
    /// Connects.
    pub(in crate::store) fn open(url: &str, share: Share) -> Result<Self, PostgresError> {
        let config = config(url)?;
        let client = RefCell::new(join(&config, share)?);
        Ok(Self { config, share, client, statements: RefCell::default(), failed: Cell::new(false), growth: RefCell::default() })
    }

    /// Brings the database up to date and makes the views anew; a database that may not be opened is left as it was.
    pub(in crate::store) fn migrate(&mut self) -> Result<(), PostgresError> {
        let mut tx = self.client.get_mut().transaction()?;
        tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATING])?;
        tx.batch_execute(
            "SET LOCAL client_min_messages = warning; CREATE TABLE IF NOT EXISTS schema (version BIGINT NOT NULL, serves_from BIGINT NOT NULL)",
        )?;
        let applied = tx.query_opt("SELECT version, serves_from FROM schema", &[])?;
        let number = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let (found, serves_from) = applied.map_or((0, 0), |row| (number(row.get(0)), number(row.get(1))));
        let missing = missing(found, serves_from).map_err(PostgresError::Newer)?;
        for migration in missing {
            tx.batch_execute(migration.postgres)?;
        }
        if let Some(last) = missing.last() {
            let row = [MIGRATIONS.len(), last.serves_from].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            tx.execute("DELETE FROM schema", &[])?;
            tx.execute("INSERT INTO schema (version, serves_from) VALUES ($1, $2)", &[&row[0], &row[1]])?;
        }
        if found <= MIGRATIONS.len() {
            for statement in views::statements(json_text, "encode(org, 'hex')") {
                let mut one = tx.transaction()?;
                match one.batch_execute(&statement) {
                    Ok(()) => one.commit()?,
                    // Something of the company's own stands on the view.
                    Err(error) => tracing::warn!(reason = reason(&error), "a view for reports was left as it was"),
                }
            }
        }
        Ok(tx.commit()?)
    }

    fn statement(&self, sql: &str) -> Result<Statement, Unavailable> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let prepared = self.checked(|client| client.prepare(&sql.replace('?', "$")))?;
        self.statements.borrow_mut().insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    fn checked<T>(&self, ask: impl FnOnce(&mut Client) -> Result<T, postgres::Error>) -> Result<T, Unavailable> {
        ask(&mut self.client.borrow_mut()).map_err(|error| {
            self.failed.set(true);
            Unavailable(format!("postgres: {}", reason(&error)))
        })
    }

    /// PostgreSQL gathers statistics by itself, but only once a minute: too late for what has just been founded or imported.
    fn gather_statistics(&self) {
        let mut tables = Vec::new();
        for (table, growth) in self.growth.borrow_mut().iter_mut().filter(|(_, growth)| growth.is_news()) {
            growth.analyzed = growth.rows;
            tables.push(*table);
        }
        if tables.is_empty() {
            return;
        }
        if let Err(failure) = self.run(&format!("ANALYZE (SKIP_LOCKED) {}", tables.join(", "))) {
            // Questions are slower without, not wrong. `begin` looks whether the connection still works.
            tracing::warn!(reason = failure.0, "statistics were not gathered");
        }
    }

    fn grow(&self, table: &Table, rows: usize) {
        self.growth.borrow_mut().entry(table.name).or_default().rows += rows;
    }

    /// One statement over all rows, which go as one array for each column.
    fn each(&self, sql: &str, columns: &[(&str, Holds)], rows: &[Vec<Value>]) -> Result<Vec<postgres::Row>, Unavailable> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let arrays: Vec<_> = columns.iter().enumerate().map(|(column, (_, holds))| Array::of(rows, column, *holds)).collect();
        let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(Array::parameter).collect();
        let statement = self.statement(sql)?;
        self.checked(|client| client.query(&statement, &parameters))
    }
}

impl Connection for Postgres {
    fn begin(&mut self, purpose: Purpose) -> Result<bool, Unavailable> {
        let begin = match purpose {
            Purpose::Write => "BEGIN",
            Purpose::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        if purpose == Purpose::Write {
            self.gather_statistics();
        }
        let lost = self.failed.get() && self.client.get_mut().is_valid(PATIENCE).is_err();
        self.failed.set(false);
        // That a connection was lost is often noticed only now, when nothing has been asked of it yet.
        if !lost && !self.client.get_mut().is_closed() && self.run(begin).is_ok() {
            return Ok(false);
        }
        *self.client.get_mut() = join(&self.config, self.share).map_err(|error| Unavailable(error.to_string()))?;
        self.statements.get_mut().clear();
        self.failed.set(false);
        self.run(begin)?;
        Ok(true)
    }

    fn commit(&mut self) -> Result<(), Unavailable> {
        if self.failed.get() {
            self.roll_back();
            return Err(Unavailable("postgres: a statement of the transaction had failed".into()));
        }
        self.run("COMMIT")
    }

    fn roll_back(&mut self) {
        // If this fails, `begin` finds the connection broken.
        let undone = self.run("ROLLBACK");
        self.failed.set(undone.is_err());
    }

    fn run(&self, sql: &str) -> Result<(), Unavailable> {
        self.checked(|client| client.batch_execute(sql))
    }

    fn execute(&self, sql: &str, values: &[Value]) -> Result<(), Unavailable> {
        let statement = self.statement(sql)?;
        let parameters: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.checked(|client| client.execute(&statement, &parameters)).map(drop)
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Unavailable> {
        let statement = self.statement(sql)?;
        let parameters: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.checked(|client| client.query(&statement, &parameters))?.iter().map(read).collect()
    }

    fn schema(&self) -> Result<usize, Unavailable> {
        let rows = self.query("SELECT version FROM schema", &[])?;
        rows.first().map_or(Ok(0), |row| row.number(0).map(|version| usize::try_from(version).unwrap_or(usize::MAX)))
    }

    fn find(&self, table: &Table, keys: &[Vec<Value>]) -> Result<Vec<Row>, Unavailable> {
        let Some(width) = keys.first().map(Vec::len) else { return Ok(Vec::new()) };
        let key = &table.columns[..width];
        let columns: Vec<_> = table.columns.iter().map(|(name, _)| format!("t.{name}")).collect();
        let sql = format!("SELECT {} FROM {} JOIN {} t ON {}", columns.join(", "), given(key), table.name, same(key));
        self.each(&sql, key, keys)?.iter().map(read).collect()
    }

    fn put(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.grow(table, rows.len());
        self.each(&format!("{} {}", insertion(table), table.on_conflict()), table.columns, rows).map(drop)
    }

    fn insert(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable> {
        self.grow(table, rows.len());
        self.each(&insertion(table), table.columns, rows).map(drop)
    }

    fn delete(&self, table: &Table, keys: &[Vec<Value>]) -> Result<(), Unavailable> {
        let key = &table.columns[..table.key];
        self.each(&format!("DELETE FROM {} t USING {} WHERE {}", table.name, given(key), same(key)), key, keys).map(drop)
    }

    fn have_alone(&self, table: &Table) -> Result<(), Unavailable> {
        self.run(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", table.name))
    }

    fn for_update(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn is_far(&self) -> bool {
        true
    }

    fn announce(&self, org: Uuid, version: u64) -> Result<(), Unavailable> {
        self.query("SELECT pg_notify(?1, ?2)::text", &[CHANNEL.into(), format!("{org} {version}").into()]).map(drop)
    }

    fn close(self: Box<Self>) {
        if let Err(error) = self.client.into_inner().close() {
            tracing::warn!(reason = reason(&error), "the connection to PostgreSQL was not closed tidily");
        }
    }
}

/// A connection that only listens; made anew when it is lost.
pub(in crate::store) struct PostgresListener {
    config: Config,
    client: Option<Client>,
}

impl PostgresListener {
    /// Connects at the first wait.
    pub(in crate::store) fn new(url: &str) -> Result<Self, PostgresError> {
        Ok(Self { config: config(url)?, client: None })
    }

    fn client(&mut self) -> Result<&mut Client, postgres::Error> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            let mut client = connect(&self.config)?;
            // An engine without LISTEN is asked for its versions instead.
            if let Err(error) = client.batch_execute(&format!("LISTEN {CHANNEL}")) {
                tracing::debug!(reason = reason(&error), "this database cannot announce changes");
            }
            self.client = Some(client);
        }
        Ok(self.client.as_mut().expect("it was just made"))
    }
}

impl Listener for PostgresListener {
    fn wait(&mut self, at_most: Duration) -> Option<Vec<(Uuid, u64)>> {
        let Ok(client) = self.client() else {
            std::thread::sleep(at_most);
            return None;
        };
        let mut notifications = client.notifications();
        let first = notifications.timeout_iter(at_most).next().ok().flatten()?;
        let mut heard = vec![first];
        let mut waiting = notifications.iter();
        while let Ok(Some(next)) = waiting.next() {
            heard.push(next);
        }
        Some(heard.iter().filter_map(|notification| announced(notification.payload())).collect())
    }

    fn versions(&mut self) -> Result<Vec<(Uuid, u64)>, Unavailable> {
        let unavailable = |error: postgres::Error| Unavailable(format!("postgres: {}", reason(&error)));
        let rows = self.client().map_err(unavailable)?.query("SELECT org, version FROM orgs", &[]).map_err(unavailable)?;
        rows.iter().map(read).map(|row| row.and_then(|row| Ok((row.id(0)?, row.number(1)?)))).collect()
    }
}

fn announced(payload: &str) -> Option<(Uuid, u64)> {
    let (org, version) = payload.split_once(' ')?;
    Some((org.parse().ok()?, version.parse().ok()?))
}

fn config(url: &str) -> Result<Config, PostgresError> {
    let mut config: Config = url.parse().map_err(|_| PostgresError::Url)?;
    config.application_name("huixiao").connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE * 3).keepalives_idle(PATIENCE * 3);
    Ok(config)
}

/// Every question of ours finds rows by a key, and tables grow faster than statistics are gathered: the planner is told to use the keys.
/// Which of two indexes is narrower, a small sample tells.
fn connect(config: &Config) -> Result<Client, postgres::Error> {
    let mut client = config.connect(NoTls)?;
    client.batch_execute(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET lock_timeout = '30s'; SET jit = off;
         SET default_statistics_target = 10; SET idle_in_transaction_session_timeout = '60s'",
    )?;
    Ok(client)
}

/// Connects, and takes a share. What a process held that was killed is let go a moment later.
fn join(config: &Config, share: Share) -> Result<Client, PostgresError> {
    let mut client = connect(config)?;
    let ask = match share {
        Share::Any => return Ok(client),
        Share::Server => "SELECT pg_try_advisory_lock_shared($1)",
        Share::Alone => "SELECT pg_try_advisory_lock($1)",
    };
    for _ in 0..50 {
        if client.query_one(ask, &[&SERVING])?.get(0) {
            return Ok(client);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(PostgresError::InUse)
}

/// What failed, without any value: PostgreSQL's own texts may quote rows.
fn reason(error: &postgres::Error) -> String {
    if let Some(database) = error.as_db_error() {
        let about = database.constraint().or(database.table()).map(|name| format!(" ({name})")).unwrap_or_default();
        let plain = [
            &SqlState::INVALID_PASSWORD,
            &SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            &SqlState::INVALID_CATALOG_NAME,
            &SqlState::INSUFFICIENT_PRIVILEGE,
            &SqlState::TOO_MANY_CONNECTIONS,
        ];
        let message = if plain.contains(&database.code()) { format!(": {}", database.message()) } else { String::new() };
        return format!("{}{about}{message}", database.code().code());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Reads `$.a.b[0]` out of the column `body`. What is held for a ruling came from a device as it is: with NUL or half a letter in it,
/// PostgreSQL would refuse the whole report.
fn json_text(kind: Kind, path: &str) -> String {
    let steps = path.trim_start_matches("$.").replace(['.', '['], ",").replace(']', "");
    let body = match kind {
        Kind::HeldCommand => r"CASE WHEN body ~* '\\u(0000|d[89a-f])' THEN NULL ELSE body END",
        _ => "body",
    };
    format!("(({body})::json #>> '{{{steps}}}')")
}

fn sql_type(holds: Holds) -> &'static str {
    match holds {
        Holds::Int => "bigint",
        Holds::Text => "text",
        Holds::Blob => "bytea",
    }
}

/// The rows of parameters as a table `k`.
fn given(columns: &[(&str, Holds)]) -> String {
    let arrays: Vec<_> = columns.iter().zip(1..).map(|((_, holds), number)| format!("?{number}::{}[]", sql_type(*holds))).collect();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    format!("unnest({}) AS k ({})", arrays.join(", "), names.join(", "))
}

fn same(columns: &[(&str, Holds)]) -> String {
    columns.iter().map(|(name, _)| format!("t.{name} = k.{name}")).collect::<Vec<_>>().join(" AND ")
}

fn insertion(table: &Table) -> String {
    format!("INSERT INTO {} ({}) SELECT * FROM {}", table.name, table.all_names(), given(table.columns))
}

fn read(row: &postgres::Row) -> Result<Row, Unavailable> {
    let value = |column: usize| {
        let read = match *row.columns()[column].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(column).map(|value| value.map(Value::Int)),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column).map(|value| value.map(Value::Blob)),
            _ => row.try_get::<_, Option<String>>(column).map(|value| value.map(Value::Text)),
        };
        read.map(|value| value.unwrap_or(Value::Null)).map_err(|_| Unavailable(format!("postgres: column {column} is of another type")))
    };
    (0..row.len()).map(value).collect::<Result<_, _>>().map(Row)
}

/// PostgreSQL's text cannot hold NUL. No text that the rules have accepted has one; a name or a login made up by a device may.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{2400}").into() } else { text.into() }
}

impl ToSql for Value {
    fn to_sql(&self, wanted: &Type, out: &mut postgres::types::private::BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(wanted, out),
            Self::Text(text) => without_nul(text).to_sql(wanted, out),
            Self::Blob(bytes) => bytes.to_sql(wanted, out),
        }
    }

    fn accepts(wanted: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(wanted)
    }

    to_sql_checked!();
}

/// One column of many rows.
enum Array<'r> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<Cow<'r, str>>>),
    Blobs(Vec<Option<&'r [u8]>>),
}

impl<'r> Array<'r> {
    fn of(rows: &'r [Vec<Value>], column: usize, holds: Holds) -> Self {
        let values = rows.iter().map(|row| row.get(column));
        match holds {
            Holds::Int => Self::Ints(values.map(|value| if let Some(Value::Int(number)) = value { Some(*number) } else { None }).collect()),
            Holds::Text => {
                Self::Texts(values.map(|value| if let Some(Value::Text(text)) = value { Some(without_nul(text)) } else { None }).collect())
            }
            Holds::Blob => {
                Self::Blobs(values.map(|value| if let Some(Value::Blob(bytes)) = value { Some(bytes.as_slice()) } else { None }).collect())
            }
        }
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Ints(values) => values,
            Self::Texts(values) => values,
            Self::Blobs(values) => values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_into_a_body_is_said_as_postgresql_says_it() {
        assert_eq!(json_text(Kind::Customer, "$.profile.phones[0]"), "((body)::json #>> '{profile,phones,0}')");
    }

    #[test]
    fn an_announcement_that_is_none_of_ours_is_not_heard() {
        let org = Uuid::from_u128(7);
        assert_eq!(announced(&format!("{org} 12")), Some((org, 12)));
        for other in ["", "12", "x 12", "00000000-0000-0000-0000-000000000007 -1"] {
            assert_eq!(announced(other), None);
        }
    }
}
