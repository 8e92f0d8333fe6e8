//! The messages of sync, shared by device and server. docs/sync.md tells the laws in prose.

use crate::carry::Signed;
use crate::ids::ClientId;
use crate::record::{Kind, Scope};
use crate::rejection::{Rejection, known_or_newer};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Version of this protocol.
pub const PROTO: u16 = 1;
/// Version of the records' schema.
pub const SCHEMA: u16 = 1;
/// Most commands in one push.
pub const MOST_PUSHED: usize = 100;
/// Most rows in one page of a pull.
pub const MOST_PULLED: usize = 5_000;
/// A page of a pull is closed once it holds this many bytes of bodies.
pub const PAGE_BYTES: usize = 2 << 20;
/// Clocks that differ more from the server's are told to the user, in milliseconds.
pub const CLOCK_SKEW_TOLD_MS: i64 = 300_000;

/// A command as it travels and is stored: name and arguments, not yet understood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RawCommand {
    /// Versioned name.
    pub name: String,
    /// Arguments, byte for byte.
    pub args: Box<RawValue>,
}

impl PartialEq for RawCommand {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.args.get() == other.args.get()
    }
}

/// A command with everything that must survive until the server has ruled on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Order on the device, from 1, without holes within an incarnation.
    pub seq: u64,
    /// Identity; the server applies a uuid once.
    pub uuid: Uuid,
    /// When the person acted, on the device's clock.
    pub occurred_at: Timestamp,
    /// Server's clock less device's clock, in milliseconds, as last known.
    pub clock_offset_ms: i64,
    /// What was asked. Not flattened: serde would buffer the arguments, and a raw value cannot be read from its buffer.
    pub command: RawCommand,
}

/// Commands of one device, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushRequest {
    /// [`PROTO`].
    pub proto: u16,
    /// [`SCHEMA`].
    pub schema: u16,
    /// The server's history as the device knows it; none before the first contact.
    pub epoch: Option<Uuid>,
    /// The device.
    pub client: ClientId,
    /// The device's numbering; a new one begins at 1.
    pub incarnation: Uuid,
    /// The device's clock.
    pub sent_at: Timestamp,
    /// At most [`MOST_PUSHED`].
    pub commands: Vec<Envelope>,
    /// What this device has taken in of others ([`crate::carry`]), ruled on before its own commands, which may rest on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<Signed>,
}

/// What the server says to a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum PushAnswer {
    /// Commands were ruled on.
    Done {
        /// The server's history.
        epoch: Uuid,
        /// The last number ruled on in this incarnation.
        last_seq: u64,
        /// One for each command ruled on: all of the request, or those before one that only a newer server understands.
        outcomes: Vec<Outcome>,
        /// One for each bundle that was carried; none from a server that knows of none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        carried: Vec<CarriedAnswer>,
    },
    /// A number is missing before the first one sent; nothing was done.
    Gap {
        /// The number expected.
        expected: u64,
    },
    /// A number was used before for another command: the device fell back in time. Begin a new incarnation.
    Fork,
    /// The server's history is another one: a backup was restored.
    EpochChanged {
        /// The new history.
        epoch: Uuid,
    },
    /// Not now; nothing was done. Also for commands of a newer app.
    Retry {
        /// Why.
        reason: RetryReason,
    },
    /// The user has no access any more; what was sent waits for a person. Said by servers of earlier releases: today's give each command's
    /// outcome, and a pull tells that access was taken away.
    AccessRevoked,
}

/// What the server says to whoever has carried a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum CarriedAnswer {
    /// Commands of it were ruled on, now or before. Those that are missing here wait: one before them has not come yet.
    Ruled {
        /// In their order.
        outcomes: Vec<CarriedOutcome>,
    },
    /// No device of this organisation has signed it, or its certificate has run out: only the author's device can send it.
    Refused,
}

/// What has become of a carried command. Why it was not applied is told to its author alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOutcome {
    /// The command.
    pub uuid: Uuid,
    /// As in [`Outcome`].
    pub version: u64,
    /// Whether it took effect.
    pub applied: bool,
}

/// Why to try again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryReason {
    /// A command's name is not known to this server yet.
    ServerTooOld,
    /// The server's store is not available.
    Busy,
}

/// The server's ruling on one command. Kept for ever under the command's uuid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The command's number as sent.
    pub seq: u64,
    /// The command.
    pub uuid: Uuid,
    /// The organisation's version after the ruling. Once a device holds this version of all its scopes, it need not replay the command.
    pub version: u64,
    /// The ruling.
    pub verdict: Verdict,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It took effect.
    Applied,
    /// The rules refused it.
    Rejected {
        /// Why.
        #[serde(deserialize_with = "known_or_newer")]
        rejection: Rejection,
    },
    /// A field fact that the rules could not accept waits for a person's decision.
    Quarantined {
        /// Why.
        #[serde(deserialize_with = "known_or_newer")]
        rejection: Rejection,
    },
}

/// A request for everything new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// [`PROTO`].
    pub proto: u16,
    /// [`SCHEMA`].
    pub schema: u16,
    /// The server's history as the device knows it; none before the first contact.
    pub epoch: Option<Uuid>,
    /// The device.
    pub client: ClientId,
    /// The device's clock.
    pub sent_at: Timestamp,
    /// What the device holds, including what is staged from earlier pages of the same pull.
    pub scopes: Vec<ScopeCursor>,
    /// Scopes that the device found damaged and threw away since its last pull.
    #[serde(default)]
    pub healed: Vec<Scope>,
}

/// How far a device is in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeCursor {
    /// Which scope.
    pub scope: Scope,
    /// Everything up to this version is held.
    pub cursor: u64,
    /// The device held rows up to this cursor before this pull began, so it may hold some whose tombstones are forgotten. False for a
    /// scope that this pull brings from nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// What the server says to a pull. Tagged from outside: an inner tag would make serde buffer the bodies, and a raw value cannot be
/// read from its buffer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullAnswer {
    /// One page.
    Page(Page),
    /// The server's history is another one: throw rows away (never outbox or journal) and pull from nothing.
    EpochChanged {
        /// The new history.
        epoch: Uuid,
    },
    /// The app is too old to understand the rows: it must update before it pulls.
    UpdateNeeded {
        /// The least schema that the server speaks.
        schema: u16,
    },
    /// The user has no access any more: rows must go.
    AccessRevoked,
}

/// One page of rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page {
    /// The server's history.
    pub epoch: Uuid,
    /// The organisation's version when the page was read.
    pub version: u64,
    /// The server's clock.
    pub server_time: Timestamp,
    /// Scopes that the device must drop with all their rows, before it takes the rows of this page.
    pub dropped: Vec<Scope>,
    /// The scopes that this page speaks of, in order, with how far it brings each.
    pub scopes: Vec<PageScope>,
    /// Changes, in the order of scope, then version.
    pub rows: Vec<Row>,
    /// Whether another page follows. Rows are shown only once the last one is here.
    pub more: bool,
}

/// One scope of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageScope {
    /// Which.
    pub scope: Scope,
    /// Where the next page goes on.
    pub cursor: u64,
    /// Given when the scope is complete with this page: what the device must then hold.
    pub complete: Option<Digest>,
}

/// Count and sum of hashes of a scope's rows: equal digests mean equal rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Number of rows.
    pub count: u64,
    /// Wrapping sum of the rows' hashes.
    #[serde(with = "hex128")]
    pub sum: u128,
}

impl Digest {
    /// With one more row.
    pub fn add(&mut self, hash: RowHash) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(hash.0);
    }

    /// With one row less.
    pub fn remove(&mut self, hash: RowHash) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(hash.0);
    }
}

/// A change of one row in one scope.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// In which scope.
    pub scope: Scope,
    /// Which noun. Text, because an older app must be able to keep rows of kinds it does not know.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
    /// The version at which it changed.
    pub version: u64,
    /// The record's JSON, or none if it is gone from this scope (deleted, or moved to another).
    pub body: Option<Box<RawValue>>,
}

/// The first 128 bits of BLAKE3 over a row's kind, id, version and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowHash(pub u128);

impl RowHash {
    /// The hash of a row that exists.
    #[must_use]
    pub fn of(kind: &str, id: Uuid, version: u64, body: &str) -> Self {
        // In one piece: for what is as short as a row, a hasher that can be fed costs more than the hash.
        let row = [kind.as_bytes(), &[0], id.as_bytes(), &version.to_be_bytes(), body.as_bytes()].concat();
        let hash = blake3::hash(&row);
        Self(u128::from_be_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes")))
    }

    /// The hash of a kind that is known.
    #[must_use]
    pub fn of_kind(kind: Kind, id: Uuid, version: u64, body: &str) -> Self {
        Self::of(kind.name(), id, version, body)
    }
}

mod hex128 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:032x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_survives_the_wire_byte_for_byte() {
        let text = concat!(
            r#"{"page":{"epoch":"00000000-0000-0000-0000-000000000001","version":7,"server_time":"2026-11-23T16:30:00Z","dropped":["pool"],"#,
            r#""scopes":[{"scope":"org","cursor":7,"complete":{"count":1,"sum":"000000000000000000000000000000ff"}}],"#,
            r#""rows":[{"scope":"org","kind":"product","id":"00000000-0000-0000-0000-000000000002","version":7,"body":{"b": 1,"a":[2]}}],"more":false}}"#
        );
        let answer: PullAnswer = serde_json::from_str(text).expect("a page");
        assert_eq!(serde_json::to_string(&answer).expect("serialises"), text);
    }

    #[test]
    fn a_refusal_that_only_a_newer_server_knows_does_not_hold_up_an_old_app() {
        let text = r#"{"seq":1,"uuid":"00000000-0000-0000-0000-000000000001","version":2,"verdict":{"verdict":"rejected","rejection":{"code":"moon_is_full","values":{"a":[1]}}}}"#;
        let outcome: Outcome = serde_json::from_str(text).expect("an outcome");
        assert_eq!(outcome.verdict, Verdict::Rejected { rejection: Rejection::Newer });
    }

    #[test]
    fn an_envelope_survives_the_wire_byte_for_byte() {
        let text = concat!(
            r#"{"seq":1,"uuid":"00000000-0000-0000-0000-000000000001","occurred_at":"2026-11-23T16:30:00Z","clock_offset_ms":-5,"#,
            r#""command":{"name":"add_team_v1","args":{"b": 1,"a":2}}}"#
        );
        let envelope: Envelope = serde_json::from_str(text).expect("an envelope");
        assert_eq!(serde_json::to_string(&envelope).expect("serialises"), text);
    }
}
