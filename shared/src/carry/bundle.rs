//! Some commands of one device, in their order and without a hole, signed by it: what another device keeps, gives on, and brings to the server.
//!
//! Laws:
//! - A command that says nothing but what lies in the meeting's scope travels as it is: whoever works there may see it. Every other one travels as
//!   its letter, which only the server opens, beside those of its records that lie in that scope.
//! - What is signed is the text, byte for byte: nobody on the way can change, leave out or add a command, or number it otherwise.

use super::NotTaken;
use super::certificate::{Certificate, DeviceSigner};
use crate::ids::{MeetingId, OrgId};
use crate::record::{Kind, Record, Scope};
use crate::sync::letters::Letter;
use crate::sync::protocol::{Envelope, MOST_PUSHED, PROTO, PushRequest, RawCommand, SCHEMA};
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Most commands in one bundle.
pub const MOST_ITEMS: usize = 50;
/// A bundle is closed when its items have this many bytes; one that is larger goes alone.
pub const FULL_BYTES: usize = 24 << 10;
/// The longest bundle that is read.
pub const MOST_BYTES: usize = 96 << 10;
/// Most records that one command shows beside its letter.
pub const MOST_SHOWN: usize = 20;

const PURPOSE: &str = "huixiao bundle 1";

/// A text with a device's signature over it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// What is signed: JSON.
    pub body: String,
    /// Ed25519 over the purpose, a zero byte and the body; 64 bytes in base64url without padding.
    pub signature: String,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl Signed {
    pub(super) fn new<T: Serialize>(purpose: &str, content: &T, signer: &DeviceSigner) -> Self {
        let body = serde_json::to_string(content).expect("ids, texts and numbers always serialise");
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(&message(purpose, &body)));
        Self { body, signature }
    }

    /// What is signed, and by whom.
    pub(super) fn verify<T: DeserializeOwned>(
        &self,
        purpose: &str,
        certificate: impl FnOnce(&T) -> &str,
        organisations_key: &str,
    ) -> Result<(Certificate, T), NotTaken> {
        if self.body.len() > MOST_BYTES {
            return Err(NotTaken::Damaged);
        }
        let content: T = serde_json::from_str(&self.body).map_err(|_| NotTaken::Damaged)?;
        let certificate = Certificate::verify(certificate(&content), organisations_key).ok_or(NotTaken::Forged)?;
        let signature = URL_SAFE_NO_PAD.decode(&self.signature).map_err(|_| NotTaken::Damaged)?;
        let is_good = certificate.has_signed(&message(purpose, &self.body), &signature);
        if is_good { Ok((certificate, content)) } else { Err(NotTaken::Forged) }
    }
}

fn message(purpose: &str, body: &str) -> Vec<u8> {
    [purpose.as_bytes(), &[0], body.as_bytes()].concat()
}

/// What a bundle says.
#[derive(Clone, Serialize, Deserialize)]
pub struct Bundle {
    /// Whose it is ([`Certificate`]).
    pub certificate: String,
    /// What stands open in it is about this meeting.
    pub meeting: MeetingId,
    /// The server's history as the device knew it; none before its first contact. In that one everything before the first item was ruled on.
    pub epoch: Option<Uuid>,
    /// The device's numbering.
    pub incarnation: Uuid,
    /// What was recorded right before the first item, if that waited too when this was signed: nothing here is ruled on before it. Its number would
    /// not tell: a device that fell back in time, or a copy of it, may have used that for another command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// In order, without holes; 1 to [`MOST_ITEMS`].
    pub items: Vec<Item>,
}

/// One command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its number.
    pub seq: u64,
    /// Its identity.
    pub uuid: Uuid,
    /// When the person acted, on their device's clock.
    pub occurred_at: Timestamp,
    /// The command itself.
    pub content: Content,
}

/// How a command travels.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// As it is.
    Open {
        /// The author's clock, as in [`Envelope`].
        clock_offset_ms: i64,
        /// What was asked.
        command: RawCommand,
    },
    /// In a letter to the server.
    Sealed {
        /// The letter, as [`Letter::sealed`] has it.
        letter: String,
        /// The records that it put into the meeting's scope on its author's device.
        shown: Vec<ShownRecord>,
    },
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open { .. } => "Open",
            Self::Sealed { .. } => "Sealed",
        })
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("meeting", &self.meeting).field("items", &self.items).finish_non_exhaustive()
    }
}

/// A record as its author's device shows it.
#[derive(Clone, Serialize, Deserialize)]
pub struct ShownRecord {
    /// Which noun. Text, because the author's app may be newer.
    pub kind: String,
    /// The record's JSON.
    pub body: Box<RawValue>,
}

impl ShownRecord {
    pub(super) fn of(record: &Record) -> Self {
        let body = RawValue::from_string(record.encode()).expect("a record encodes itself as JSON");
        Self { kind: record.key().kind.name().to_owned(), body }
    }

    /// The record, if it is of the scope in which it may be shown and this app knows its kind.
    pub(super) fn read(&self, scope: Scope) -> Option<Record> {
        let record = Record::decode(Kind::from_name(&self.kind)?, self.body.get()).ok()?;
        (record.scope() == scope).then_some(record)
    }
}

/// A bundle that was found genuine.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Who recorded what is in it, and on which device.
    pub author: Certificate,
    /// What it says.
    pub bundle: Bundle,
}

impl Bundle {
    /// The bundle with its device's signature.
    #[must_use]
    pub fn sign(&self, signer: &DeviceSigner) -> Signed {
        Signed::new(PURPOSE, self, signer)
    }
}

impl Signed {
    /// The bundle, if a device of the organisation has signed it and it is as bundles are.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn brought(&self, org: OrgId, organisations_key: &str) -> Result<Brought, NotTaken> {
        let (author, bundle) = self.verify(PURPOSE, |bundle: &Bundle| &bundle.certificate, organisations_key)?;
        let numbers = || bundle.items.iter().map(|item| item.seq);
        let first = numbers().next().unwrap_or(0);
        let is_contiguous = first > 0 && (first..).zip(numbers()).all(|(expected, seq)| expected == seq);
        if author.org != org {
            return Err(NotTaken::Forged);
        }
        if !is_contiguous || bundle.items.len() > MOST_ITEMS {
            return Err(NotTaken::Damaged);
        }
        Ok(Brought { author, bundle })
    }
}

impl Signed {
    /// The bundle, if it was found genuine before: nothing is verified.
    pub(super) fn brought_before(&self) -> Option<Brought> {
        let bundle: Bundle = serde_json::from_str(&self.body).ok()?;
        Some(Brought { author: Certificate::read(&bundle.certificate)?, bundle })
    }
}

impl Brought {
    /// The push that its author would send, up to the first letter that cannot be opened.
    #[must_use]
    pub fn opened(&self, now: Timestamp, mut open: impl FnMut(&Letter) -> Option<Envelope>) -> PushRequest {
        let commands = self.bundle.items.iter().map_while(|item| {
            let (seq, uuid, occurred_at) = (item.seq, item.uuid, item.occurred_at);
            match &item.content {
                Content::Open { clock_offset_ms, command } => {
                    Some(Envelope { seq, uuid, occurred_at, clock_offset_ms: *clock_offset_ms, command: command.clone() })
                }
                Content::Sealed { letter, .. } => {
                    let envelope = open(&Letter { seq, uuid, sealed: letter.clone() }).filter(|envelope| envelope.uuid == uuid)?;
                    Some(Envelope { seq, ..envelope })
                }
            }
        });
        PushRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: self.bundle.epoch,
            client: self.author.device,
            incarnation: self.bundle.incarnation,
            sent_at: now,
            commands: commands.take(MOST_PUSHED).collect(),
            carried: Vec::new(),
        }
    }
}
