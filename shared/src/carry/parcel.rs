//! Messages as bytes: a hello, or bundles sealed to the device that has shown one.
//!
//! A message begins with a byte that says what it is. A hello is its JSON under deflate (RFC 1951). A parcel is an X25519 key (RFC 7748) of this
//! parcel alone, then AES-256-GCM over the bundles' JSON under deflate; the key is HKDF-SHA256 of the shared secret, salted with the hello's hash, and
//! serves once, so that the nonce is zero.

use super::NotTaken;
use super::bundle::Signed;
use super::hello::{Ask, Heard};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use sha2::{Digest, Sha256};

/// The longest message that is shown: some forty seconds of frames.
pub const MOST_BYTES: usize = 128 << 10;
/// The longest text that a message may hold, so that no message unpacks without an end.
pub const MOST_TEXT: usize = 2 << 20;

const HELLO: u8 = 1;
const PARCEL: u8 = 2;
const INFO: &[u8] = b"huixiao parcel 1";
const NONCE: [u8; 12] = [0; 12];
/// Deflate's level: 9 gives two in a hundred less than 6 and takes three times as long.
const LEVEL: u8 = 6;

/// What a message is.
#[derive(Clone, Debug)]
pub enum Message {
    /// A device says what it has.
    Hello(Signed),
    /// What a device is given; [`Ask::open`] reads it.
    Parcel(Vec<u8>),
}

/// The public half of an exchange's key.
pub(super) fn exchange_key(secret: [u8; 32]) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(secret).to_bytes()
}

impl Ask {
    /// The message that is shown.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let text = serde_json::to_vec(&self.signed).expect("texts always serialise");
        [&[HELLO][..], &compress_to_vec(&text, LEVEL)].concat()
    }

    /// The bundles that a parcel holds.
    ///
    /// # Errors
    /// [`NotTaken::Damaged`]: it was sealed to another hello, or changed.
    pub fn open(&self, parcel: &[u8]) -> Result<Vec<Signed>, NotTaken> {
        let (theirs, sealed) = parcel.split_first_chunk::<32>().ok_or(NotTaken::Damaged)?;
        let cipher = cipher(self.secret, *theirs, theirs, &self.signed.body).ok_or(NotTaken::Damaged)?;
        let packed = cipher.decrypt(&Nonce::from(NONCE), Payload { msg: sealed, aad: INFO }).map_err(|_| NotTaken::Damaged)?;
        let text = decompress_to_vec_with_limit(&packed, MOST_TEXT).map_err(|_| NotTaken::Damaged)?;
        serde_json::from_slice(&text).map_err(|_| NotTaken::Damaged)
    }
}

impl Heard {
    /// A message with as many of the bundles, from the first on, as one can hold, sealed to this hello under a key made of 32 secret bytes that
    /// serve once; and how many those are.
    #[must_use]
    pub fn seal(&self, bundles: &[Signed], seed: [u8; 32]) -> (Vec<u8>, usize) {
        let ours = exchange_key(seed);
        let mut count = bundles.len();
        let packed = loop {
            let text = serde_json::to_vec(&bundles[..count]).expect("texts always serialise");
            let packed = compress_to_vec(&text, LEVEL);
            if count == 0 || (packed.len() <= MOST_BYTES - OVERHEAD && text.len() <= MOST_TEXT) {
                break packed;
            }
            count -= count.div_ceil(4);
        };
        // A device that shows a key without strength gets a parcel that nobody opens.
        let sealed = cipher(seed, self.key, &ours, &self.body)
            .and_then(|cipher| cipher.encrypt(&Nonce::from(NONCE), Payload { msg: &packed, aad: INFO }).ok())
            .unwrap_or_default();
        ([&[PARCEL][..], &ours, &sealed].concat(), count)
    }
}

/// The byte that says what it is, the key, the tag.
const OVERHEAD: usize = 1 + 32 + 16;

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// [`NotTaken::Damaged`].
    pub fn read(bytes: &[u8]) -> Result<Self, NotTaken> {
        let (kind, rest) = bytes.split_first().ok_or(NotTaken::Damaged)?;
        match *kind {
            HELLO => {
                let text = decompress_to_vec_with_limit(rest, MOST_TEXT).map_err(|_| NotTaken::Damaged)?;
                serde_json::from_slice(&text).map(Self::Hello).map_err(|_| NotTaken::Damaged)
            }
            PARCEL => Ok(Self::Parcel(rest.to_vec())),
            _ => Err(NotTaken::Damaged),
        }
    }
}

/// The cipher of one parcel; none if the other's key gives no secret (RFC 7748 section 6.1).
fn cipher(ours: [u8; 32], theirs: [u8; 32], parcels_key: &[u8; 32], hello: &str) -> Option<Aes256Gcm> {
    let shared = MontgomeryPoint(theirs).mul_clamped(ours).to_bytes();
    if shared == [0; 32] {
        return None;
    }
    let salt = Sha256::digest(hello.as_bytes());
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(&salt), &shared).expand_multi_info(&[INFO, parcels_key], &mut key).ok()?;
    Some(Aes256Gcm::new(&key.into()))
}
