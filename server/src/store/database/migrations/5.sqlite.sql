-- When each session's device was last heard of: a row a session, so that nobody can fill it. It may be some seconds behind: a server writes what it
-- has heard in one go.
CREATE TABLE heard (
    org BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    client BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX heard_by_client ON heard (org, client);
