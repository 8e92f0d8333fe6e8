//! WebCrypto: bytes sealed with AES-256-GCM under a key that no script can read out.
//!
//! A sealed value is a nonce of 12 bytes by chance, then what AES-GCM made (its tag at the end). What the value is of is authenticated with
//! it: a value that was moved to another place does not open there.

use super::object::object;
use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

const NONCE: u32 = 12;

/// A key: it seals and opens, and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(CryptoKey);

/// Why nothing was sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VaultFailure {
    /// The browser has no WebCrypto here: the page is not served securely.
    NotOffered,
    /// It was sealed with another key, for another place, or was changed.
    NotOurs,
}

impl Key {
    /// A key of these bytes.
    ///
    /// # Errors
    /// [`VaultFailure::NotOffered`].
    pub(crate) async fn of(bytes: &[u8; 32]) -> Result<Self, VaultFailure> {
        let usages = ["encrypt", "decrypt"].into_iter().map(JsValue::from_str).collect::<js_sys::Array>();
        let bytes = Uint8Array::from(bytes.as_slice());
        let imported = subtle()?.import_key_with_str("raw", &bytes, "AES-GCM", false, &usages).map_err(|_| VaultFailure::NotOffered)?;
        let key = JsFuture::from(imported).await.map_err(|_| VaultFailure::NotOffered)?;
        bytes.fill(0, 0, 32);
        Self::from_js(&key).ok_or(VaultFailure::NotOffered)
    }

    /// The key as another tab or the service worker gave it.
    pub(crate) fn from_js(value: &JsValue) -> Option<Self> {
        value.dyn_ref::<CryptoKey>().cloned().map(Self)
    }

    /// The key as another tab or the service worker can be given it. It cannot be read there either.
    pub(crate) fn to_js(&self) -> JsValue {
        self.0.clone().into()
    }

    /// Seals bytes: an `ArrayBuffer`. `of` says what they are of.
    ///
    /// # Errors
    /// [`VaultFailure::NotOffered`].
    pub(crate) async fn seal(&self, of: &str, bytes: &[u8]) -> Result<JsValue, VaultFailure> {
        let mut nonce = [0; NONCE as usize];
        fill_by_chance(&mut nonce)?;
        let sealing = subtle()?.encrypt_with_object_and_u8_array(&gcm(&nonce, of), &self.0, bytes).map_err(|_| VaultFailure::NotOffered)?;
        let sealed = Uint8Array::new(&JsFuture::from(sealing).await.map_err(|_| VaultFailure::NotOffered)?);
        let value = Uint8Array::new_with_length(NONCE + sealed.length());
        value.set(&Uint8Array::from(nonce.as_slice()), 0);
        value.set(&sealed, NONCE);
        Ok(value.buffer().into())
    }

    /// Opens what was sealed of the same.
    ///
    /// # Errors
    /// [`VaultFailure`].
    pub(crate) async fn open(&self, of: &str, sealed: &JsValue) -> Result<Vec<u8>, VaultFailure> {
        let sealed = Uint8Array::new(sealed.dyn_ref::<ArrayBuffer>().ok_or(VaultFailure::NotOurs)?);
        let nonce = sealed.subarray(0, NONCE).to_vec();
        let rest = sealed.subarray(NONCE, sealed.length());
        let opening = subtle()?.decrypt_with_object_and_buffer_source(&gcm(&nonce, of), &self.0, &rest).map_err(|_| VaultFailure::NotOurs)?;
        let opened = JsFuture::from(opening).await.map_err(|_| VaultFailure::NotOurs)?;
        Ok(Uint8Array::new(&opened).to_vec())
    }
}

/// Fills it with random bytes.
///
/// # Errors
/// [`VaultFailure::NotOffered`].
pub(crate) fn fill_by_chance(bytes: &mut [u8]) -> Result<(), VaultFailure> {
    crypto()?.get_random_values_with_u8_array(bytes).map(drop).map_err(|_| VaultFailure::NotOffered)
}

fn gcm(nonce: &[u8], of: &str) -> Object {
    let (nonce, of) = (Uint8Array::from(nonce), Uint8Array::from(of.as_bytes()));
    object(&[("name", &JsValue::from_str("AES-GCM")), ("iv", &nonce), ("additionalData", &of)])
}

fn crypto() -> Result<Crypto, VaultFailure> {
    web_sys::window().and_then(|window| window.crypto().ok()).ok_or(VaultFailure::NotOffered)
}

/// WebCrypto.
///
/// # Errors
/// [`VaultFailure::NotOffered`].
pub(super) fn subtle() -> Result<SubtleCrypto, VaultFailure> {
    // Absent, not null, where the page is not served securely.
    let crypto = crypto()?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).map_err(|_| VaultFailure::NotOffered)?;
    subtle.dyn_into().map_err(|_| VaultFailure::NotOffered)
}
