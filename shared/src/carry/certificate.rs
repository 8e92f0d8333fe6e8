//! A device's own key, and the organisation's word that it is so: whoever holds neither a row of the device nor a network can tell what it has signed.
//!
//! Form: `HXD1.` and base64url (RFC 4648 section 5, no padding) of organisation, user, device (16 bytes each), Ed25519 public key (32 bytes), the
//! end (4 bytes, seconds since 1970, big endian), and the organisation's signature (64 bytes) over the prefix and everything before it.

use crate::ids::{ClientId, OrgId, UserId};
use crate::invitations::ticket::{TicketSigner, verifying_key};
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use uuid::Uuid;

const PREFIX: &str = "HXD1.";
const SIGNED: usize = 16 * 3 + 32 + 4;
const SIGNATURE: usize = 64;
/// How long a certificate counts. A device asks for the next one at contact, once a day.
pub const DAYS: i64 = 90;

/// The private half of a device's key, for one user of it.
pub struct DeviceSigner(SigningKey);

impl std::fmt::Debug for DeviceSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceSigner(…)")
    }
}

impl DeviceSigner {
    /// A signer from 32 secret bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half, which the server certifies.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        self.0.sign(message).to_bytes()
    }
}

/// Whose a device's key is, found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The organisation.
    pub org: OrgId,
    /// Who uses the device.
    pub user: UserId,
    /// The device.
    pub device: ClientId,
    /// Its public key.
    pub key: [u8; 32],
    /// Until when the server believes it. Devices do not ask: their clocks may be wrong.
    pub until: Timestamp,
}

impl TicketSigner {
    /// Certifies a device's key for [`DAYS`]. The caller knows from the session whose device it is.
    #[must_use]
    pub fn certify(&self, org: OrgId, user: UserId, device: ClientId, key: [u8; 32], now: Timestamp) -> String {
        let until = u32::try_from((now + TimeDelta::days(DAYS)).timestamp()).unwrap_or(0);
        let ids = [org.0, user.0, device.0].map(Uuid::into_bytes);
        let signed = [ids.as_flattened(), &key, &until.to_be_bytes()].concat();
        let signature = self.sign_bytes(&[PREFIX.as_bytes(), &signed].concat());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&signed[..], &signature].concat()))
    }
}

impl Certificate {
    /// Reads a certificate; none if it is something else, or not of the organisation with this key.
    #[must_use]
    pub fn verify(text: &str, organisations_key: &str) -> Option<Self> {
        let bytes = bytes_of(text)?;
        let (signed, signature) = bytes.split_at_checked(SIGNED)?;
        let signature = Signature::from_slice(signature).ok()?;
        verifying_key(organisations_key)?.verify(&[PREFIX.as_bytes(), signed].concat(), &signature).ok()?;
        Self::laid_out(signed)
    }

    /// What a certificate says that was found good before.
    pub(super) fn read(text: &str) -> Option<Self> {
        Self::laid_out(bytes_of(text)?.split_at_checked(SIGNED)?.0)
    }

    fn laid_out(signed: &[u8]) -> Option<Self> {
        let id = |at: usize| Uuid::from_slice(&signed[at * 16..(at + 1) * 16]).ok();
        let until = u32::from_be_bytes(*signed.last_chunk()?);
        Some(Self {
            org: OrgId(id(0)?),
            user: UserId(id(1)?),
            device: ClientId(id(2)?),
            key: *signed[48..].first_chunk()?,
            until: Timestamp::from_timestamp(until.into(), 0)?,
        })
    }

    /// Whether the device has signed a message.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(&self.key), Signature::from_slice(signature)) else { return false };
        key.verify_strict(message, &signature).is_ok()
    }
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()
}
