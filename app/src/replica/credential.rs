//! The device's own key for its person, and the server's word for it (clause D9): by it other devices, and later the server, believe what this one
//! has recorded, whoever brings it.
//!
//! Laws (decision 17):
//! - Both lie sealed under the person's key, in their store, and go when the person leaves the device.
//! - The certificate is renewed at contact with the server, once a day: it counts for 90.

use super::desk::{self, Open};
use super::{StorageFailure, runner};
use crate::platform::network;
use crate::platform::vault::fill_by_chance;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::carry::{Certificate, DeviceSigner, certificate};
use shared::ids::{ClientId, UserId};
use shared::time::Timestamp;
use std::rc::Rc;

/// As a store keeps it, sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credential {
    /// Of which the key is made.
    seed: [u8; 32],
    /// None before the first contact.
    certificate: Option<String>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

/// Whom a certificate must name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder<'a> {
    pub(super) user: UserId,
    pub(super) device: ClientId,
    /// The organisation's public key.
    pub(super) organisations_key: &'a str,
}

impl Credential {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, certificate: None }
    }

    pub(super) fn signer(&self) -> DeviceSigner {
        DeviceSigner::from_seed(&self.seed)
    }

    /// The same with another certificate, if it is one of this key.
    pub(super) fn certified(self, certificate: String, holder: Holder<'_>) -> Option<Self> {
        let certified = Self { certificate: Some(certificate), ..self };
        certified.certificate(holder).is_some().then_some(certified)
    }

    /// The certificate, if it names the holder and this key. Whether it has run out the server alone can tell.
    pub(super) fn certificate(&self, holder: Holder<'_>) -> Option<&str> {
        self.read(holder).and(self.certificate.as_deref())
    }

    /// Whether it was given within a day, by the server's clock as far as it is known.
    fn is_of_today(&self, holder: Holder<'_>, now: Timestamp) -> bool {
        self.read(holder).is_some_and(|certificate| certificate.until > now + TimeDelta::days(certificate::DAYS - 1))
    }

    fn read(&self, holder: Holder<'_>) -> Option<Certificate> {
        let certificate = Certificate::verify(self.certificate.as_deref()?, holder.organisations_key)?;
        let is_ours = (certificate.user, certificate.device, certificate.key) == (holder.user, holder.device, self.signer().public_key());
        is_ours.then_some(certificate)
    }
}

/// Everything that the server had is here: the certificate is renewed if it is not of today.
pub(super) async fn at_contact(open: Rc<Open>) {
    const SOON_MS: i64 = 60_000;
    const LATER_MS: i64 = 3_600_000;
    let now = chrono::Utc::now().timestamp_millis();
    // A device's clock may be set back.
    if (0..=LATER_MS).contains(&(open.certified_until_ms.get() - now)) || !open.me.role.sells() {
        return;
    }
    open.certified_until_ms.set(now + SOON_MS);
    match renewed(&open).await {
        Ok(true) => open.certified_until_ms.set(now + LATER_MS),
        Ok(false) => {}
        Err(failure) => desk::failed(failure),
    }
}

/// Somebody waits for the certificate.
pub(super) async fn ask_now(open: Rc<Open>) {
    open.certified_until_ms.set(0);
    at_contact(open).await;
}

/// Gives whether the certificate is of today now.
async fn renewed(open: &Open) -> Result<bool, StorageFailure> {
    let Some((settings, device)) = desk::settings().zip(open.meta().map(|meta| meta.client)) else { return Ok(false) };
    let holder = Holder { user: open.me.user, device, organisations_key: &settings.ticket_key };
    let credential = match open.store.credential().await? {
        Some(credential) => credential,
        None => {
            let mut seed = [0; 32];
            fill_by_chance(&mut seed)?;
            Credential::new(seed)
        }
    };
    let offset = TimeDelta::milliseconds(desk::device().and_then(|device| device.clock_offset_ms).unwrap_or(0));
    if credential.is_of_today(holder, chrono::Utc::now() + offset) {
        return Ok(true);
    }
    let Some(certificate) = asked(device, &credential).await else { return Ok(false) };
    match credential.certified(certificate, holder) {
        Some(credential) => open.keep_credential(&credential).await.map(|()| true),
        None => Ok(false),
    }
}

/// The server's word; none if it cannot be had now. A server of before does not know the question.
async fn asked(client: ClientId, credential: &Credential) -> Option<String> {
    const TIMEOUT_MS: u32 = 20_000;
    #[derive(Serialize)]
    struct Asked {
        client: ClientId,
        key: String,
    }
    #[derive(Deserialize)]
    struct Certified {
        certificate: String,
    }
    let asked = Asked { client, key: URL_SAFE_NO_PAD.encode(credential.signer().public_key()) };
    let body = serde_json::to_string(&asked).expect("ids and texts always serialise");
    let answer = network::post("/api/certificate", &body, TIMEOUT_MS).await;
    runner::read::<Certified>(answer).ok().map(|certified| certified.certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::World;
    use uuid::Uuid;

    #[test]
    fn d9_a_certificate_counts_for_its_person_device_and_key_and_is_renewed_after_a_day() {
        let world = World::new();
        let (user, device) = (world.rep, ClientId(Uuid::from_u128(5)));
        let key = world.signer().public_key();
        let holder = Holder { user, device, organisations_key: &key };
        let credential = Credential::new([7; 32]);
        assert_eq!(credential.certificate(holder), None);
        assert!(!credential.is_of_today(holder, world.now));
        let certify = |user, device, seed| world.signer().certify(world.org, user, device, DeviceSigner::from_seed(&seed).public_key(), world.now);
        for foreign in [certify(world.colleague, device, [7; 32]), certify(user, ClientId(Uuid::nil()), [7; 32]), certify(user, device, [8; 32])] {
            assert_eq!(credential.clone().certified(foreign, holder), None);
        }
        let text = certify(user, device, [7; 32]);
        let certified = credential.certified(text.clone(), holder).expect("of this key");
        assert_eq!(certified.certificate(holder), Some(text.as_str()));
        assert!(certified.is_of_today(holder, world.now + TimeDelta::hours(23)));
        assert!(!certified.is_of_today(holder, world.now + TimeDelta::hours(25)));
        assert_eq!(certified.certificate(Holder { organisations_key: "another", ..holder }), None, "the organisation has another key now");
        let stored = serde_json::to_vec(&certified).expect("serialises");
        assert_eq!(serde_json::from_slice::<Credential>(&stored).expect("reads"), certified);
        assert!(!format!("{certified:?}").contains('7'), "nothing of it is shown");
    }
}
