//! Commands in sealed letters to the server: a device that is locked, or whose page is closed, can send them without being able to read them.
//!
//! A letter is HPKE's encapsulated key (RFC 9180: DHKEM on P-256 with HKDF-SHA256, export only; [`INFO`] and [`EXPORT`] as below), then a
//! nonce of 12 bytes, then the envelope's JSON under AES-256-GCM with the exported key; [`of`] is authenticated with it. A device
//! encapsulates once and seals many letters under what came of it, each with a nonce by chance.

use super::protocol::{Envelope, PROTO, PushRequest, SCHEMA};
use crate::ids::ClientId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// HPKE's `info`.
pub const INFO: &[u8] = b"huixiao letter 1";
/// HPKE's `exporter_context`.
pub const EXPORT: &[u8] = b"key";
/// Bytes of an encapsulated key: a point of P-256, not compressed.
pub const ENCAPSULATED: usize = 65;
/// Bytes of a nonce.
pub const NONCE: usize = 12;

/// What a letter is of, authenticated with it.
#[must_use]
pub fn of(uuid: Uuid) -> String {
    format!("letter/{uuid}")
}

/// A sealed command with what the server must know to put it in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The command's number; what stands in the letter does not count, because commands can be numbered anew.
    pub seq: u64,
    /// The command.
    pub uuid: Uuid,
    /// The letter in base64url without padding.
    pub sealed: String,
}

/// Letters of one device, in order: a push that was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LettersRequest {
    /// The server's history as the device knows it; none before the first contact.
    pub epoch: Option<Uuid>,
    /// The device.
    pub client: ClientId,
    /// The device's numbering.
    pub incarnation: Uuid,
    /// The device's clock.
    pub sent_at: Timestamp,
    /// At most [`super::protocol::MOST_PUSHED`].
    pub letters: Vec<Letter>,
}

impl LettersRequest {
    /// The push that it is, up to the first letter that cannot be opened. Letters are read by no other version than the server's own, and
    /// what is in them has a version by itself.
    #[must_use]
    pub fn opened(self, mut open: impl FnMut(&Letter) -> Option<Envelope>) -> PushRequest {
        let commands = self.letters.iter().map_while(|letter| {
            let envelope = open(letter).filter(|envelope| envelope.uuid == letter.uuid)?;
            Some(Envelope { seq: letter.seq, ..envelope })
        });
        let commands = commands.collect();
        let Self { epoch, client, incarnation, sent_at, .. } = self;
        PushRequest { proto: PROTO, schema: SCHEMA, epoch, client, incarnation, sent_at, commands }
    }
}
