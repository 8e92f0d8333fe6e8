-- When each device was last heard of. It may be some seconds behind: a server writes what it has heard in one go.
CREATE TABLE heard (
    org BYTEA NOT NULL,
    client BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org, client)
);
