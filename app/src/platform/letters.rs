//! Letters to the server ([`shared::sync::letters`]): HPKE's sender (RFC 9180), its P-256 out of WebCrypto.

use super::object::object;
use super::vault::{Key, VaultFailure, subtle};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use js_sys::{Array, Reflect, Uint8Array};
use sha2::Sha256;
use shared::sync::letters::{EXPORT, INFO};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

/// What letters are sealed with: the encapsulated key that each begins with, and the one that came of it.
#[derive(Clone, Debug)]
pub(crate) struct Stationery {
    encapsulated: Vec<u8>,
    key: Key,
}

impl Stationery {
    /// For letters to whoever has the secret half of a public key, which is 65 bytes in base64url.
    ///
    /// # Errors
    /// [`VaultFailure::NotOurs`] for what is no such key, [`VaultFailure::NotOffered`].
    pub(crate) async fn to(letter_key: &str) -> Result<Self, VaultFailure> {
        let recipient = URL_SAFE_NO_PAD.decode(letter_key).map_err(|_| VaultFailure::NotOurs)?;
        let curve = object(&[("name", &"ECDH".into()), ("namedCurve", &"P-256".into())]);
        let theirs = subtle()?.import_key_with_object("raw", &Uint8Array::from(recipient.as_slice()), &curve, false, &Array::new());
        let theirs = given(theirs).await.map_err(|_| VaultFailure::NotOurs)?;
        let pair = given(subtle()?.generate_key_with_object(&curve, false, &Array::of1(&"deriveBits".into()))).await?;
        let (ours, public) = (half(&pair, "privateKey")?, half(&pair, "publicKey")?);
        let encapsulated = Uint8Array::new(&given(subtle()?.export_key("raw", &public)).await?).to_vec();
        let agreement = object(&[("name", &"ECDH".into()), ("public", &theirs)]);
        let agreed = Uint8Array::new(&given(subtle()?.derive_bits_with_object(&agreement, &ours, 256)).await?).to_vec();
        let mut bytes = export(&agreed, &encapsulated, &recipient);
        let key = Key::of(&bytes).await;
        bytes.fill(0);
        Ok(Self { encapsulated, key: key? })
    }

    /// Seals bytes: an `ArrayBuffer`. `of` says what they are of.
    ///
    /// # Errors
    /// [`VaultFailure::NotOffered`].
    pub(crate) async fn seal(&self, of: &str, bytes: &[u8]) -> Result<JsValue, VaultFailure> {
        let sealed = Uint8Array::new(&self.key.seal(of, bytes).await?);
        let head = self.encapsulated.len() as u32;
        let letter = Uint8Array::new_with_length(head + sealed.length());
        letter.set(&Uint8Array::from(self.encapsulated.as_slice()), 0);
        letter.set(&sealed, head);
        Ok(letter.buffer().into())
    }
}

/// What a promise of WebCrypto gives.
async fn given(asked: Result<js_sys::Promise, JsValue>) -> Result<JsValue, VaultFailure> {
    let asked = asked.map_err(|_| VaultFailure::NotOffered)?;
    JsFuture::from(asked).await.map_err(|_| VaultFailure::NotOffered)
}

fn half(pair: &JsValue, name: &str) -> Result<CryptoKey, VaultFailure> {
    let key = Reflect::get(pair, &name.into()).map_err(|_| VaultFailure::NotOffered)?;
    key.dyn_into().map_err(|_| VaultFailure::NotOffered)
}

const VERSION: &[u8] = b"HPKE-v1";
/// DHKEM(P-256, HKDF-SHA256).
const KEM: &[u8] = b"KEM\x00\x10";
/// The same, HKDF-SHA256, export only.
const HPKE: &[u8] = b"HPKE\x00\x10\x00\x01\xff\xff";

/// The exported key (RFC 9180, 4.1 to 5.3, base mode).
fn export(agreed: &[u8], encapsulated: &[u8], recipient: &[u8]) -> [u8; 32] {
    let shared = expand(KEM, &extract(KEM, &[], b"eae_prk", agreed), b"shared_secret", &[encapsulated, recipient].concat());
    let of_psk = extract(HPKE, &[], b"psk_id_hash", &[]);
    let of_info = extract(HPKE, &[], b"info_hash", INFO);
    let context = [&[0], of_psk.as_slice(), of_info.as_slice()].concat();
    let exporter = expand(HPKE, &extract(HPKE, &shared, b"secret", &[]), b"exp", &context);
    expand(HPKE, &exporter, b"sec", EXPORT)
}

fn extract(suite: &[u8], salt: &[u8], label: &[u8], material: &[u8]) -> [u8; 32] {
    Hkdf::<Sha256>::extract(Some(salt), &[VERSION, suite, label, material].concat()).0.into()
}

fn expand(suite: &[u8], key: &[u8; 32], label: &[u8], info: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let info = [&[0, 32], VERSION, suite, label, info].concat();
    let expanded = Hkdf::<Sha256>::from_prk(key).and_then(|key| key.expand(&info, &mut bytes).map_err(|_| hkdf::InvalidPrkLength));
    expanded.expect("a key of SHA-256's length gives as many bytes");
    bytes
}
