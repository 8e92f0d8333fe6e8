//! What the store asks of a database: a few verbs over described tables, so that SQLite and PostgreSQL differ in one file each.
//!
//! Laws: everything happens inside a transaction that was begun; a failed one leaves nothing; SQL is written once, with parameters `?1 … ?n`
//! and types that both databases have (BLOB/BYTEA, TEXT, INTEGER/BIGINT). Errors name tables and codes, never values.

pub(super) mod postgres;
pub(super) mod sqlite;
pub(super) mod tables;

use shared::Unavailable;
use std::time::Duration;
use tables::Table;
use uuid::Uuid;

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A number, or an instant in milliseconds since 1970.
    Int(i64),
    /// Text.
    Text(String),
    /// A uuid, a hash, a secret.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value {
    /// The databases' integers are signed. A number that a device made up saturates instead of failing.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Blob(id.into_bytes().to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

/// One row that was read, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row(pub(super) Vec<Value>);

impl Row {
    pub(super) fn int(&self, column: usize) -> Result<i64, Unavailable> {
        match self.0.get(column) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(unexpected(column)),
        }
    }

    pub(super) fn number(&self, column: usize) -> Result<u64, Unavailable> {
        self.int(column).map(|number| u64::try_from(number).unwrap_or(0))
    }

    pub(super) fn text(&self, column: usize) -> Result<&str, Unavailable> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(unexpected(column)),
        }
    }

    pub(super) fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N], Unavailable> {
        match self.0.get(column) {
            Some(Value::Blob(bytes)) => bytes.as_slice().try_into().map_err(|_| unexpected(column)),
            _ => Err(unexpected(column)),
        }
    }

    /// Bytes, which may be missing.
    pub(super) fn optional_bytes<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>, Unavailable> {
        if self.0.get(column) == Some(&Value::Null) { Ok(None) } else { self.bytes(column).map(Some) }
    }

    pub(super) fn id(&self, column: usize) -> Result<Uuid, Unavailable> {
        self.bytes(column).map(Uuid::from_bytes)
    }

    /// Takes a text out, which may be missing.
    pub(super) fn take_text(&mut self, column: usize) -> Result<Option<String>, Unavailable> {
        match self.0.get_mut(column).map(|value| std::mem::replace(value, Value::Null)) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(unexpected(column)),
        }
    }
}

fn unexpected(column: usize) -> Unavailable {
    Unavailable(format!("column {column} does not hold what it should"))
}

/// For what a transaction is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To change something. What is read for a change is locked by the organisation's row, which is read first.
    Write,
    /// To read one moment of the database.
    Read,
}

/// One connection, used by one thread at a time.
pub(super) trait Connection: Send {
    /// Begins a transaction; a connection that was lost is made anew. Tells whether rows may have changed behind the versions' back: by
    /// another program, or because another copy of the database answers now.
    fn begin(&mut self, purpose: Purpose) -> Result<bool, Unavailable>;
    /// Makes everything since [`Connection::begin`] durable.
    fn commit(&mut self) -> Result<(), Unavailable>;
    /// Undoes everything since [`Connection::begin`]. Never fails: a connection that cannot do that is given up.
    fn roll_back(&mut self);

    /// Runs statements without parameters.
    fn run(&self, sql: &str) -> Result<(), Unavailable>;
    /// Runs one statement.
    fn execute(&self, sql: &str, values: &[Value]) -> Result<(), Unavailable>;
    /// How many migrations were applied to the database.
    fn schema(&self) -> Result<usize, Unavailable>;
    /// The rows of one question.
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Unavailable>;

    /// The rows, with all columns, whose first columns are these. No order is promised.
    fn find(&self, table: &Table, keys: &[Vec<Value>]) -> Result<Vec<Row>, Unavailable>;
    /// Stores rows; those of the same key are replaced. No key may come twice.
    fn put(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable>;
    /// Stores rows of new keys.
    fn insert(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Unavailable>;
    /// Removes the rows of these keys, if they are there.
    fn delete(&self, table: &Table, keys: &[Vec<Value>]) -> Result<(), Unavailable>;

    /// Keeps others from writing to a table until the commit.
    fn have_alone(&self, table: &Table) -> Result<(), Unavailable>;
    /// An organisation's row is read with this behind the question, so that a change has it alone until its commit.
    fn for_update(&self) -> &'static str;
    /// Whether each question is a way to another process: then it pays to ask many at once.
    fn is_far(&self) -> bool;
    /// Tells other servers of a raised version, with the commit.
    fn announce(&self, org: Uuid, version: u64) -> Result<(), Unavailable>;
    /// Leaves everything tidy.
    fn close(self: Box<Self>);
}

/// Hears what other servers announce.
pub(super) trait Listener: Send {
    /// Waits for announcements, at most so long. None: the connection was lost or nothing came, so it is better to look oneself.
    fn wait(&mut self, at_most: Duration) -> Option<Vec<(Uuid, u64)>>;
    /// The versions of all organisations.
    fn versions(&mut self) -> Result<Vec<(Uuid, u64)>, Unavailable>;
}
