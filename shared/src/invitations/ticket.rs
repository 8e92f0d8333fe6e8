//! Tickets: what a guest shows at the door. Signed with the organisation's Ed25519 key (RFC 8032), so that a device that has never
//! seen the guest can tell a real one; the name travels inside.
//!
//! Form: `HX1.` and base64url (RFC 4648 section 5, no padding) of meeting (16 bytes), guest (16 bytes), issue time (4 bytes, seconds since 1970,
//! big endian), name (UTF-8, at most 60 bytes), signature (64 bytes) over the prefix and everything before it.

use crate::ids::{GuestId, MeetingId};
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use uuid::Uuid;

const PREFIX: &str = "HX1.";
const FIXED: usize = 16 + 16 + 4;
const SIGNATURE: usize = 64;
const LONGEST_NAME: usize = 60;

/// The private half of an organisation's ticket key.
pub struct TicketSigner(SigningKey);

impl std::fmt::Debug for TicketSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketSigner(…)")
    }
}

/// A ticket whose signature was found good.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// To which meeting.
    pub meeting: MeetingId,
    /// Whose.
    pub guest: GuestId,
    /// When it was made, to the second.
    pub issued_at: Timestamp,
    /// The guest's name, cut to 60 bytes.
    pub name: String,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("meeting", &self.meeting).field("guest", &self.guest).finish_non_exhaustive()
    }
}

/// Why a scanned code is no good ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTicket {
    /// The code is something else.
    NotATicket,
    /// It looks like a ticket, but this organisation did not sign it.
    Forged,
}

impl TicketSigner {
    /// A signer from 32 secret bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half, as [`crate::settings::Settings::ticket_key`] holds it.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes())
    }

    /// Signs what another form has laid out, whose own prefix stands before it.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; SIGNATURE] {
        self.0.sign(bytes).to_bytes()
    }

    /// Makes a ticket. The same arguments give the same bytes.
    #[must_use]
    pub fn sign(&self, meeting: MeetingId, guest: GuestId, issued_at: Timestamp, name: &str) -> String {
        let mut bytes = Vec::with_capacity(FIXED + LONGEST_NAME + SIGNATURE);
        bytes.extend_from_slice(meeting.0.as_bytes());
        bytes.extend_from_slice(guest.0.as_bytes());
        bytes.extend_from_slice(&u32::try_from(issued_at.timestamp()).unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(&name.as_bytes()[..name.floor_char_boundary(LONGEST_NAME)]);
        let signature = self.0.sign(&signed_part(&bytes));
        bytes.extend_from_slice(&signature.to_bytes());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Ticket {
    /// Reads and verifies a scanned code.
    ///
    /// # Errors
    /// [`BadTicket`]; an unreadable public key makes every ticket forged.
    pub fn verify(code: &str, public_key: &str) -> Result<Self, BadTicket> {
        let body = code.trim().strip_prefix(PREFIX).ok_or(BadTicket::NotATicket)?;
        if body.len() > 300 {
            return Err(BadTicket::NotATicket);
        }
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| BadTicket::NotATicket)?;
        let split = bytes.len().checked_sub(SIGNATURE).filter(|&split| split >= FIXED).ok_or(BadTicket::NotATicket)?;
        let (content, signature) = bytes.split_at(split);
        let signature = Signature::from_slice(signature).map_err(|_| BadTicket::Forged)?;
        let key = verifying_key(public_key).ok_or(BadTicket::Forged)?;
        key.verify(&signed_part(content), &signature).map_err(|_| BadTicket::Forged)?;
        let id = |from: usize| Uuid::from_slice(&content[from..from + 16]).map_err(|_| BadTicket::NotATicket);
        let seconds = u32::from_be_bytes([content[32], content[33], content[34], content[35]]);
        Ok(Self {
            meeting: MeetingId(id(0)?),
            guest: GuestId(id(16)?),
            issued_at: Timestamp::from_timestamp(i64::from(seconds), 0).ok_or(BadTicket::NotATicket)?,
            name: String::from_utf8(content[FIXED..].to_vec()).map_err(|_| BadTicket::NotATicket)?,
        })
    }
}

fn signed_part(content: &[u8]) -> Vec<u8> {
    [PREFIX.as_bytes(), content].concat()
}

/// The key that [`TicketSigner::public_key`] has written.
pub(crate) fn verifying_key(public_key: &str) -> Option<VerifyingKey> {
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(public_key).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued() -> (TicketSigner, String) {
        let signer = TicketSigner::from_seed(&[7; 32]);
        let ticket = signer.sign(MeetingId(Uuid::from_u128(1)), GuestId(Uuid::from_u128(2)), Timestamp::UNIX_EPOCH, "王小明");
        (signer, ticket)
    }

    #[test]
    fn a_ticket_tells_guest_meeting_and_name_without_any_other_data() {
        let (signer, code) = issued();
        let ticket = Ticket::verify(&code, &signer.public_key()).expect("genuine");
        assert_eq!((ticket.meeting.0.as_u128(), ticket.guest.0.as_u128(), ticket.name.as_str()), (1, 2, "王小明"));
    }

    #[test]
    fn d1_one_changed_character_anywhere_is_noticed() {
        let (signer, code) = issued();
        let key = signer.public_key();
        for at in 0..code.len() {
            let mut forged = code.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ascii");
            assert!(Ticket::verify(&forged, &key).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn another_organisations_ticket_is_forged_and_other_codes_are_no_tickets() {
        let (_, code) = issued();
        let other = TicketSigner::from_seed(&[8; 32]).public_key();
        assert_eq!(Ticket::verify(&code, &other), Err(BadTicket::Forged));
        for text in ["", "https://example.com", "HX1.", "HX1.AAAA", "WIFI:S:x;;"] {
            assert_eq!(Ticket::verify(text, &other), Err(BadTicket::NotATicket), "{text}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let signer = TicketSigner::from_seed(&[7; 32]);
        let code = signer.sign(MeetingId(Uuid::nil()), GuestId(Uuid::nil()), Timestamp::UNIX_EPOCH, &"龍".repeat(5_000));
        let ticket = Ticket::verify(&code, &signer.public_key()).expect("genuine");
        assert_eq!(ticket.name, "龍".repeat(20));
    }
}
