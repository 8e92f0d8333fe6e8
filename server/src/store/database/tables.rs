//! The tables and their migrations, for both databases.
//!
//! Law: expand, then contract. A migration adds; what an older binary still reads is removed one release later, so that servers of two
//! releases work on one database while one after the other is replaced. A migration that has been released is never edited. A binary
//! opens a newer database only if that says that it may.
//!
//! The organisation comes first in every key: nothing crosses from one to another, and a distributed engine can spread the tables by it.
//! Instants are milliseconds since 1970; uuids and hashes are 16 bytes (session tokens and secrets: 32).

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Holds {
    /// 64 bits with a sign.
    Int,
    /// UTF-8 without NUL.
    Text,
    /// Bytes.
    Blob,
}

use Holds::{Blob, Int, Text};

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Table {
    /// Its name.
    pub(in crate::store) name: &'static str,
    /// Its columns, in order; the key's come first.
    pub(in crate::store) columns: &'static [(&'static str, Holds)],
    /// How many columns are the key.
    pub(in crate::store) key: usize,
}

impl Table {
    /// The first columns, with commas.
    pub(in crate::store) fn names(&self, count: usize) -> String {
        self.columns[..count].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// All columns, with commas.
    pub(in crate::store) fn all_names(&self) -> String {
        self.names(self.columns.len())
    }

    /// What happens to a row whose key is there already: it is replaced.
    pub(in crate::store) fn on_conflict(&self) -> String {
        let sets: Vec<_> = self.columns[self.key..].iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
        let then = if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
        format!("ON CONFLICT ({}) DO {then}", self.names(self.key))
    }
}

pub(in crate::store) const ORGS: Table = Table {
    name: "orgs",
    columns: &[("org", Blob), ("epoch", Blob), ("version", Int), ("ticket_seed", Blob), ("created_at", Int), ("purged", Int)],
    key: 1,
};

/// What exists now.
pub(in crate::store) const ROWS: Table = Table {
    name: "rows",
    columns: &[("org", Blob), ("kind", Text), ("id", Blob), ("scope", Text), ("version", Int), ("hash", Blob), ("body", Text)],
    key: 3,
};

/// Rows that have left a scope: deleted, or moved to another.
pub(in crate::store) const TOMBSTONES: Table = Table {
    name: "tombstones",
    columns: &[("org", Blob), ("scope", Text), ("kind", Text), ("id", Blob), ("version", Int), ("removed_at", Int)],
    key: 4,
};

/// Under which keys rows are found.
pub(in crate::store) const ROW_INDEX: Table = Table { name: "row_index", columns: &[("org", Blob), ("key", Text), ("id", Blob)], key: 3 };

/// Digests: how many rows a scope has, and the wrapping sum of their hashes (16 bytes, big endian).
pub(in crate::store) const SCOPES: Table =
    Table { name: "scopes", columns: &[("org", Blob), ("scope", Text), ("count", Int), ("sum", Blob)], key: 2 };

/// How far each numbering of each device was ruled on.
pub(in crate::store) const CLIENTS: Table =
    Table { name: "clients", columns: &[("org", Blob), ("client", Blob), ("incarnation", Blob), ("user_id", Blob), ("last_seq", Int)], key: 3 };

/// Every command that was ruled on, with its ruling: outcomes to redeliver and the audit trail in one.
pub(in crate::store) const COMMANDS: Table = Table {
    name: "commands",
    columns: &[
        ("org", Blob),
        ("uuid", Blob),
        ("client", Blob),
        ("incarnation", Blob),
        ("seq", Int),
        ("user_id", Blob),
        ("name", Text),
        ("args", Text),
        ("occurred_at", Int),
        ("clock_offset_ms", Int),
        ("arrived_at", Int),
        ("outcome", Text),
        ("version", Int),
    ],
    key: 2,
};

pub(in crate::store) const ACCOUNTS: Table =
    Table { name: "accounts", columns: &[("org", Blob), ("user_id", Blob), ("password_hash", Text), ("changed_at", Int)], key: 2 };

pub(in crate::store) const SESSIONS: Table = Table {
    name: "sessions",
    columns: &[
        ("token_hash", Blob),
        ("org", Blob),
        ("user_id", Blob),
        ("created_at", Int),
        ("last_seen_at", Int),
        ("expires_at", Int),
        ("secret_hash", Blob),
    ],
    key: 1,
};

/// Reminders to guests, and what became of each.
pub(in crate::store) const OUTBOX: Table = Table {
    name: "outbox",
    columns: &[
        ("org", Blob),
        ("invitation", Blob),
        ("carrier", Text),
        ("starts_at", Int),
        ("meeting", Blob),
        ("message", Blob),
        ("state", Text),
        ("reason", Text),
        ("attempts", Int),
        ("next_at", Int),
        ("queued_at", Int),
    ],
    key: 4,
};

/// When each session's device was last heard of.
pub(in crate::store) const HEARD: Table =
    Table { name: "heard", columns: &[("org", Blob), ("token_hash", Blob), ("client", Blob), ("at", Int)], key: 2 };

/// All of them: what a copy takes along.
pub(in crate::store) const ALL: &[&Table] =
    &[&ORGS, &ROWS, &TOMBSTONES, &ROW_INDEX, &SCOPES, &CLIENTS, &COMMANDS, &ACCOUNTS, &SESSIONS, &OUTBOX, &HEARD];

/// One step of the schema.
pub(in crate::store) struct Migration {
    /// For SQLite.
    pub(in crate::store) sqlite: &'static str,
    /// For PostgreSQL.
    pub(in crate::store) postgres: &'static str,
    /// The oldest schema whose binaries still work after this step.
    pub(in crate::store) serves_from: usize,
}

/// In order; their number is the schema's version.
pub(in crate::store) const MIGRATIONS: &[Migration] = &[
    Migration { sqlite: include_str!("migrations/1.sqlite.sql"), postgres: include_str!("migrations/1.postgres.sql"), serves_from: 1 },
    Migration { sqlite: include_str!("migrations/2.sqlite.sql"), postgres: include_str!("migrations/2.postgres.sql"), serves_from: 2 },
    Migration { sqlite: include_str!("migrations/3.sqlite.sql"), postgres: include_str!("migrations/3.postgres.sql"), serves_from: 2 },
    Migration { sqlite: include_str!("migrations/4.sqlite.sql"), postgres: include_str!("migrations/4.postgres.sql"), serves_from: 2 },
    Migration { sqlite: include_str!("migrations/5.sqlite.sql"), postgres: include_str!("migrations/5.postgres.sql"), serves_from: 2 },
];

/// Why a schema cannot be brought up to date: it was written by a binary that came after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    /// Migrations applied to the database.
    pub found: usize,
    /// Migrations that this binary knows.
    pub known: usize,
}

/// The migrations that a database lacks.
pub(in crate::store) fn missing(found: usize, serves_from: usize) -> Result<&'static [Migration], Newer> {
    let known = MIGRATIONS.len();
    match MIGRATIONS.get(found..) {
        Some(missing) => Ok(missing),
        None if serves_from <= known => Ok(&[]),
        None => Err(Newer { found, known }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_database_is_opened_only_if_it_says_that_older_binaries_may() {
        let known = MIGRATIONS.len();
        assert!(missing(known, 1).is_ok_and(<[_]>::is_empty));
        assert!(missing(known + 1, known).is_ok_and(<[_]>::is_empty), "the next release has only added");
        assert_eq!(missing(known + 2, known + 1).err(), Some(Newer { found: known + 2, known }), "what this one reads is gone");
        assert_eq!(missing(0, 0).map(<[_]>::len), Ok(known));
    }
}
