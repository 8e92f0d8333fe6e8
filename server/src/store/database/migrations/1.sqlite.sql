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
