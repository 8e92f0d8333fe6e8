-- What is to be sent to guests: one row for each reminder, and what became of it. No address and no text: both are made when it is sent.
CREATE TABLE outbox (
    org BLOB NOT NULL,
    invitation BLOB NOT NULL,
    carrier TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    meeting BLOB NOT NULL,
    message BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    PRIMARY KEY (org, invitation, carrier, starts_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_to_try ON outbox (org, carrier, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_by_meeting ON outbox (org, meeting);
