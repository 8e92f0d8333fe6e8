//! What a device shows before it is given anything: who it is, about which meeting it asks, what it has, and to which key the rest is sealed.
//!
//! It tells nothing of any guest: whoever films it learns ids.

use super::NotTaken;
use super::bundle::Signed;
use super::certificate::{Certificate, DeviceSigner};
use super::parcel::exchange_key;
use crate::decide::{Actor, View, ViewExt};
use crate::ids::{ClientId, MeetingId, OrgId};
use crate::people::User;
use crate::sync::scopes::may_hold_meeting;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PURPOSE: &str = "huixiao hello 1";
/// Most devices of which a hello says what of them is held.
pub const MOST_HELD: usize = 32;

/// Of one device's commands everything up to this one is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUpTo {
    /// The device that recorded them.
    pub device: ClientId,
    /// In this numbering.
    pub incarnation: Uuid,
    /// The last one's number.
    pub seq: u64,
    /// The last one's identity: a device that fell back in time may have given a number twice.
    pub uuid: Uuid,
}

/// What a device says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Whose device it is ([`Certificate`]).
    pub certificate: String,
    /// About which meeting.
    pub meeting: MeetingId,
    /// X25519 public key of this exchange alone, 32 bytes in base64url without padding.
    pub key: String,
    /// What is held already; at most [`MOST_HELD`].
    pub held: Vec<HeldUpTo>,
}

/// A hello that was found genuine.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Who asks.
    pub who: Certificate,
    /// What for.
    pub hello: Hello,
    pub(super) key: [u8; 32],
    pub(super) body: String,
}

/// The device's own half of an exchange: it opens what is sealed to its hello, and must not outlive the page.
pub struct Ask {
    /// What is shown.
    pub signed: Signed,
    pub(super) secret: [u8; 32],
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("signed", &self.signed).finish_non_exhaustive()
    }
}

impl Ask {
    /// A hello with a key made of 32 secret bytes that serve once.
    #[must_use]
    pub fn new(certificate: &str, signer: &DeviceSigner, meeting: MeetingId, mut held: Vec<HeldUpTo>, seed: [u8; 32]) -> Self {
        held.truncate(MOST_HELD);
        let hello = Hello { certificate: certificate.to_owned(), meeting, key: URL_SAFE_NO_PAD.encode(exchange_key(seed)), held };
        Self { signed: Signed::new(PURPOSE, &hello, signer), secret: seed }
    }
}

impl Signed {
    /// The hello, if somebody of this organisation asks who works at the meeting, as far as this device knows.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn heard<V: View + ?Sized>(&self, view: &V, org: OrgId, organisations_key: &str) -> Result<Heard, NotTaken> {
        let (who, hello) = self.verify(PURPOSE, |hello: &Hello| &hello.certificate, organisations_key)?;
        if who.org != org {
            return Err(NotTaken::Forged);
        }
        let key = URL_SAFE_NO_PAD.decode(&hello.key).ok().and_then(|key| key.try_into().ok()).ok_or(NotTaken::Damaged)?;
        let user = view.get::<User>(who.user).ok().flatten().ok_or(NotTaken::NotTheirs)?;
        let actor = Actor::of(org, &user).ok_or(NotTaken::NotTheirs)?;
        if !may_hold_meeting(view, &actor, hello.meeting).unwrap_or(false) {
            return Err(NotTaken::NotTheirs);
        }
        Ok(Heard { who, hello, key, body: self.body.clone() })
    }
}
