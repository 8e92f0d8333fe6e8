-- When each device was last heard of. It may be some seconds behind: a server writes what it has heard in one go.
CREATE TABLE heard (
    org BLOB NOT NULL,
    client BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org, client)
) STRICT, WITHOUT ROWID;
