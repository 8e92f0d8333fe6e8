CREATE TABLE orgs (
    org BYTEA NOT NULL PRIMARY KEY,
    epoch BYTEA NOT NULL,
    version BIGINT NOT NULL,
    ticket_seed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- What exists now.
CREATE TABLE rows (
    org BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX rows_by_key ON rows (org, kind, id);
CREATE INDEX rows_by_scope ON rows (org, scope, version);

-- Rows that have left a scope: deleted, or moved to another.
CREATE TABLE tombstones (
    org BYTEA NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (org, scope, kind, id)
);
CREATE INDEX tombstones_by_scope ON tombstones (org, scope, version);

CREATE TABLE row_index (
    org BYTEA NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    PRIMARY KEY (org, key, id)
);

-- Digests: how many rows a scope has, and the wrapping sum of their hashes (16 bytes, big endian).
CREATE TABLE scopes (
    org BYTEA NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    sum BYTEA NOT NULL,
    PRIMARY KEY (org, scope)
);

CREATE TABLE clients (
    org BYTEA NOT NULL,
    client BYTEA NOT NULL,
    incarnation BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (org, client, incarnation)
);

-- Every command that was ruled on, with its ruling: outcomes to redeliver and the audit trail in one.
CREATE TABLE commands (
    org BYTEA NOT NULL,
    uuid BYTEA NOT NULL,
    client BYTEA NOT NULL,
    incarnation BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    user_id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    args TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    clock_offset_ms BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX commands_by_uuid ON commands (org, uuid);

CREATE TABLE accounts (
    org BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org, user_id)
);

CREATE TABLE sessions (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    org BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (org, user_id);
