//! The tables and their migrations.
//!
//! Law: expand, then contract. A migration adds; what an older binary still reads is removed one release later. A migration that
//! has been released is never edited. `user_version` counts the migrations applied; a database from a newer binary is refused.
//!
//! The organisation comes first in every key: nothing crosses from one to another, and a distributed engine can spread the tables by it.
//! Instants are INTEGER milliseconds since 1970; uuids and hashes are BLOBs of 16 bytes (session tokens: 32).

use super::views;
use rusqlite::Connection;

/// Why a database cannot be used.
#[derive(Debug)]
pub enum SchemaError {
    /// A newer binary has written it.
    Newer {
        /// Migrations applied to the database.
        found: usize,
        /// Migrations that this binary knows.
        known: usize,
    },
    /// The file could not be read or written.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// One string for each migration, in order.
const MIGRATIONS: &[&str] = &["
CREATE TABLE orgs (
    org BLOB NOT NULL PRIMARY KEY,
    epoch BLOB NOT NULL,
    version INTEGER NOT NULL,
    ticket_seed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What exists now. Not WITHOUT ROWID: bodies are long, and the keys would drag them through both trees.
CREATE TABLE rows (
    org BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    scope TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash BLOB NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX rows_by_key ON rows (org, kind, id);
CREATE INDEX rows_by_scope ON rows (org, scope, version);

-- Rows that have left a scope: deleted, or moved to another.
CREATE TABLE tombstones (
    org BLOB NOT NULL,
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (org, scope, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_scope ON tombstones (org, scope, version);

CREATE TABLE row_index (
    org BLOB NOT NULL,
    key TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (org, key, id)
) STRICT, WITHOUT ROWID;

-- Digests: how many rows a scope has, and the wrapping sum of their hashes (16 bytes, big endian).
CREATE TABLE scopes (
    org BLOB NOT NULL,
    scope TEXT NOT NULL,
    count INTEGER NOT NULL,
    sum BLOB NOT NULL,
    PRIMARY KEY (org, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
    org BLOB NOT NULL,
    client BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    user BLOB NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (org, client, incarnation)
) STRICT, WITHOUT ROWID;

-- Every command that was ruled on, with its ruling: outcomes to redeliver and the audit trail in one.
CREATE TABLE commands (
    org BLOB NOT NULL,
    uuid BLOB NOT NULL,
    client BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    seq INTEGER NOT NULL,
    user BLOB NOT NULL,
    name TEXT NOT NULL,
    args TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    clock_offset_ms INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX commands_by_uuid ON commands (org, uuid);

CREATE TABLE accounts (
    org BLOB NOT NULL,
    user BLOB NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (org, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    org BLOB NOT NULL,
    user BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (org, user);
"];

/// Brings a database up to date and makes the views anew.
///
/// # Errors
/// [`SchemaError`]; the database is then as it was.
pub fn migrate(connection: &mut Connection) -> Result<(), SchemaError> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    let found: usize =
        tx.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).map(|count| usize::try_from(count).unwrap_or(usize::MAX))?;
    let known = MIGRATIONS.len();
    let missing = MIGRATIONS.get(found..).ok_or(SchemaError::Newer { found, known })?;
    for migration in missing {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "user_version", i64::try_from(known).unwrap_or(i64::MAX))?;
    views::create(&tx)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_binary_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("fresh");
        connection.pragma_update(None, "user_version", 999).expect("memory");
        assert!(matches!(migrate(&mut connection), Err(SchemaError::Newer { found: 999, .. })));
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("fresh");
        migrate(&mut connection).expect("again");
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("memory");
        assert_eq!(version, 1);
    }
}
