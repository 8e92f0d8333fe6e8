-- When each session's device was last heard of: a row a session, so that nobody can fill it. It may be some seconds behind: a server writes what it
-- has heard in one go.
CREATE TABLE heard (
    org BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    client BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org, token_hash)
);
CREATE INDEX heard_by_client ON heard (org, client);
