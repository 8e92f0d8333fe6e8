//! Opens letters from devices ([`shared::sync::letters`]).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::aead::ExportOnlyAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::{DhP256HkdfSha256, Kem};
use hpke::{Deserializable, OpModeR, Serializable, setup_receiver};
use shared::ids::AttachmentId;
use shared::sync::letters::{ENCAPSULATED, EXPORT, FILE_LETTER, INFO, Letter, NONCE, of, of_file, of_file_key};
use shared::sync::protocol::Envelope;

/// The key pair of an organisation's letters.
pub struct LetterBox {
    secret: <DhP256HkdfSha256 as Kem>::PrivateKey,
    public: <DhP256HkdfSha256 as Kem>::PublicKey,
}

impl LetterBox {
    /// The one pair that a seed makes.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        let (secret, public) = DhP256HkdfSha256::derive_keypair(seed);
        Self { secret, public }
    }

    /// The public half, as [`shared::settings::Settings::letter_key`] holds it.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public.to_bytes())
    }

    /// Opens letters one after the other.
    pub(crate) const fn reader(&self) -> Reader<'_> {
        Reader { letter_box: self, last: None }
    }
}

/// Letters of one device mostly share their encapsulated key, and finding out what is in it costs more than the rest.
pub(crate) struct Reader<'b> {
    letter_box: &'b LetterBox,
    last: Option<(Vec<u8>, Aes256Gcm)>,
}

impl Reader<'_> {
    /// What is in a letter; none if it was sealed to another key, for another command, or was changed.
    pub(crate) fn open(&mut self, letter: &Letter) -> Option<Envelope> {
        let opened = self.open_letter(&URL_SAFE_NO_PAD.decode(&letter.sealed).ok()?, &of(letter.uuid))?;
        serde_json::from_str(std::str::from_utf8(&opened).ok()?).ok()
    }

    /// The bytes of a file that comes as it lies sealed on a device, behind the letter with its key; none as for [`Reader::open`].
    pub(crate) fn open_file(&mut self, attachment: AttachmentId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (letter, file) = sealed.split_at_checked(FILE_LETTER)?;
        let key: [u8; 32] = self.open_letter(letter, &of_file_key(attachment))?.try_into().ok()?;
        decrypt(&Aes256Gcm::new(&key.into()), file, &of_file(attachment))
    }

    fn open_letter(&mut self, letter: &[u8], of: &str) -> Option<Vec<u8>> {
        let (encapsulated, rest) = letter.split_at_checked(ENCAPSULATED)?;
        decrypt(self.cipher(encapsulated)?, rest, of)
    }

    fn cipher(&mut self, encapsulated: &[u8]) -> Option<&Aes256Gcm> {
        if self.last.as_ref().is_none_or(|(last, _)| last != encapsulated) {
            let key = <DhP256HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
            let secret = &self.letter_box.secret;
            let context = setup_receiver::<ExportOnlyAead, HkdfSha256, DhP256HkdfSha256>(&OpModeR::Base, secret, &key, INFO).ok()?;
            let mut key = [0; 32];
            context.export(EXPORT, &mut key).ok()?;
            self.last = Some((encapsulated.to_vec(), Aes256Gcm::new(&key.into())));
        }
        self.last.as_ref().map(|(_, cipher)| cipher)
    }
}

/// What stands behind a nonce.
fn decrypt(cipher: &Aes256Gcm, sealed: &[u8], of: &str) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: rest, aad: of.as_bytes() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_one_key_for_ever() {
        // What devices have sealed to it waits on them for weeks.
        let pair = LetterBox::from_seed(&[7; 32]);
        assert_eq!(pair.public_key(), "BHOOCgd5I7robQEmamEVXdGFIBuqWJDqkXd2AiQH0K4Snsb_gqVpfZypds301wuAunj6Izm9_xbdBa8lu7Vijfw");
    }
}
