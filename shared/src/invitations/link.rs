//! The link with which a guest answers an invitation (clause B6), or a customer reads the copy of a contract (F2), without logging in.
//!
//! Laws: whoever holds the token may answer for the guest, or read the copy, and nobody else; records and databases hold its hash alone, so neither a device, a
//! backup nor a log gives a link away. A device makes one with no network: the link works from when its command has reached the server.

use crate::files::ContentHash;
use crate::ids::ClientId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes of a token: 192 bits, which nobody guesses.
pub const TOKEN_BYTES: usize = 24;
/// Links of one invitation that work; each sending may make another one, and the oldest goes.
pub const MOST_LINKS: usize = 8;

/// The device that a guest acts from, and from which the server notes what it has sent them: the server's page. No other device may call itself so.
pub const GUEST_PAGE: ClientId = ClientId(Uuid::from_u128(0x6875_6978_6961_6f00_8000_6775_6573_7473));

/// What stands in a link. Never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

/// SHA-256 of a token's text: what is stored, and by which its invitation is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkHash(pub ContentHash);

impl LinkToken {
    /// The token of random bytes.
    #[must_use]
    pub fn of(bytes: &[u8; TOKEN_BYTES]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads what stands in an address; none if it cannot be a token.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        Some(Self::of(&bytes))
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> LinkHash {
        LinkHash(ContentHash::of(self.0.as_bytes()))
    }

    /// The path that opens its invitation.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/i/{}", self.0)
    }

    /// The path that opens the copy of its contract (clause F2).
    #[must_use]
    pub fn copy_path(&self) -> String {
        format!("/c/{}", self.0)
    }
}

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_a_token_has_one_form_and_shows_itself_in_its_path_only() {
        let token = LinkToken::of(&[0xA5; TOKEN_BYTES]);
        let text = token.path().strip_prefix("/i/").expect("a path").to_owned();
        assert_eq!(text.len(), 32);
        assert_eq!(LinkToken::read(&text), Some(token.clone()));
        assert!(!format!("{token:?}").contains(&text));
        for other in [&text[1..], "", &format!("{text}="), &text.replace('p', "+")] {
            assert_eq!(LinkToken::read(other), None, "{other}");
        }
        assert_ne!(token.hash(), LinkToken::of(&[0xA4; TOKEN_BYTES]).hash());
    }
}
