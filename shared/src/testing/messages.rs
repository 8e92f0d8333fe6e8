//! What a device says to a server and hears from it, as short as tests say it.
//!
//! The one exception from the law that everything is fixed: each envelope has a uuid of its own in every run, because a server knows
//! commands by it.

use crate::command::Command;
use crate::ids::ClientId;
use crate::record::Record;
use crate::sync::protocol::{Envelope, PROTO, PullRequest, PushRequest, Row, SCHEMA, ScopeCursor};
use crate::time::Timestamp;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A command with its number, saved at this moment by a clock that is right.
#[must_use]
pub fn envelope(seq: u64, at: Timestamp, command: impl Into<Command>) -> Envelope {
    Envelope { seq, uuid: Uuid::now_v7(), occurred_at: at, clock_offset_ms: 0, command: command.into().to_raw() }
}

/// A push of this release, from a device that has not heard yet which history it is in.
#[must_use]
pub const fn push(client: ClientId, incarnation: Uuid, at: Timestamp, commands: Vec<Envelope>) -> PushRequest {
    PushRequest { proto: PROTO, schema: SCHEMA, epoch: None, client, incarnation, sent_at: at, commands, carried: Vec::new() }
}

/// A pull of this release, from a device that has not heard yet which history it is in and found nothing damaged.
#[must_use]
pub const fn pull(client: ClientId, at: Timestamp, scopes: Vec<ScopeCursor>) -> PullRequest {
    PullRequest { proto: PROTO, schema: SCHEMA, epoch: None, client, sent_at: at, scopes, healed: Vec::new() }
}

/// A record as a pull brings it, changed at a version.
///
/// # Panics
/// Never: a record is JSON.
#[must_use]
pub fn row(record: &Record, version: u64) -> Row {
    let key = record.key();
    let body = RawValue::from_string(record.encode()).expect("a record is JSON");
    Row { scope: record.scope(), kind: key.kind.name().into(), id: key.id, version, body: Some(body) }
}
