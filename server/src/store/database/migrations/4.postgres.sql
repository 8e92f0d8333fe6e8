-- What is to be sent to guests: one row for each reminder, and what became of it. No address and no text: both are made when it is sent.
CREATE TABLE outbox (
    org BYTEA NOT NULL,
    invitation BYTEA NOT NULL,
    carrier TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    meeting BYTEA NOT NULL,
    message BYTEA NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (org, invitation, carrier, starts_at)
);
CREATE INDEX outbox_to_try ON outbox (org, carrier, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_by_meeting ON outbox (org, meeting);
