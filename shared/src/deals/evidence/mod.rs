//! Evidence of a signature (clause F2): everything that is known of it in one line, signed by the device on which it was given, chained to the one
//! before it there, and countersigned by the server on arrival. Whoever has the organisation's public key can tell whether a byte of it was changed,
//! with no database and no network ([decision 25](../../../../docs/decisions/0025-evidence.md)).
//!
//! Form of a file: six lines, each ended by a line feed. `HXE1`; the statement, as JSON without spaces and its fields in one order; the device's
//! certificate ([`crate::carry`]); its signature; the instant of arrival, in milliseconds since 1970; the server's countersignature. Signatures are
//! Ed25519 (RFC 8032) in base64url (RFC 4648 section 5, no padding), each over all bytes before it. A line is empty where there is nothing to say: a
//! device may have no certificate yet, and a contract may not have arrived.
//!
//! Law: a file has one form only. Whatever reads to the same contract and is written otherwise is an altered file.

pub mod chain;
#[cfg(test)]
mod tests;

use super::contract::{Contract, Stroke, sha256_hex};
use crate::carry::{Certificate, DeviceSigner};
use crate::decide::Patch;
use crate::ids::{ClientId, DealId, OrgId, UserId};
use crate::invitations::ticket::{TicketSigner, verifying_key};
use crate::record::Stored;
use crate::settings::Language;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const FORM: &str = "HXE1";

/// What was told and asked beside the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The language of the text that was signed.
    pub language: Language,
    /// The words of the consent to sign electronically, as they were ticked.
    pub consent: String,
    /// How the witness knew who signed.
    pub identified: Identified,
}

/// How the person who signed was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identified {
    /// Known to the witness.
    Known,
    /// A document with a photo was shown. Its number is not kept.
    Document,
    /// By the ticket with which the person came.
    Ticket,
    /// By what the person said.
    Word,
}

/// What the device adds when a signature is saved. Debug hides signatures: whoever has one can look it up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Whose deal it was then. Somebody may take it over while the signature waits.
    pub rep: UserId,
    /// Who held the device.
    pub witness: UserId,
    /// Server's clock less device's clock then, in milliseconds, as last known.
    pub clock_offset_ms: i64,
    /// Where the signature stands in the device's chain.
    pub link: Link,
    /// The device's own signature; none before the server has certified its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<DeviceSignature>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("witness", &self.witness).field("position", &self.link.position).finish_non_exhaustive()
    }
}

/// A place in a device's chain of signatures: nothing can be put in between, taken out of the middle, or exchanged later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Which chain. A device that has lost its store begins another one.
    pub chain: Uuid,
    /// From 1.
    pub position: u64,
    /// SHA-256 of the statement before it, 64 lower-case hex digits; none for the first.
    pub previous: Option<String>,
}

impl Link {
    /// The first of a chain.
    #[must_use]
    pub const fn first(chain: Uuid) -> Self {
        Self { chain, position: 1, previous: None }
    }

    /// The one after a contract that stands here.
    #[must_use]
    pub fn after(&self, statement: &str) -> Self {
        Self { chain: self.chain, position: self.position + 1, previous: Some(sha256_hex(statement)) }
    }

    /// Whether it is written as places are: the first names nothing before it, and every other one a hash.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let is_hash = |text: &String| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match self.position {
            0 => false,
            1 => self.previous.is_none(),
            _ => self.previous.as_ref().is_some_and(is_hash),
        }
    }
}

/// What a device has signed, and the organisation's word for its key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSignature {
    /// The certificate.
    pub certificate: String,
    /// The signature.
    pub signature: String,
}

/// The server's word that a contract has arrived as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// When, on the server's clock; whole milliseconds.
    pub at: Timestamp,
    /// The countersignature.
    pub signature: String,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Received").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What is signed: the fields in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The organisation.
    pub org: OrgId,
    /// The deal.
    pub deal: DealId,
    /// The whole text as the customer saw it.
    pub text: String,
    /// Version of the template that it was made from.
    pub template: u32,
    /// Who signed.
    pub signer: String,
    /// The signature as drawn.
    pub strokes: Vec<Stroke>,
    /// The witness's own for the company; not written where there is none, so that what was signed before that reads as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witness_strokes: Vec<Stroke>,
    /// When, on the device's clock, in milliseconds since 1970.
    pub signed_at: i64,
    /// Whose deal it was.
    pub rep: UserId,
    /// Who held the device.
    pub witness: UserId,
    /// The device.
    pub device: ClientId,
    /// What was told and asked; none from apps that did not say.
    pub declared: Option<Declared>,
    /// Server's clock less device's clock, in milliseconds; none from apps that did not say.
    pub clock_offset_ms: Option<i64>,
    /// The place in the device's chain; none from apps that had none.
    pub link: Option<Link>,
}

impl Statement {
    /// What a contract says.
    #[must_use]
    pub fn of(contract: &Contract, org: OrgId) -> Self {
        let seal = contract.seal.as_ref();
        Self {
            org,
            deal: contract.deal,
            text: contract.text.clone(),
            template: contract.template_version,
            signer: contract.signer.clone(),
            strokes: contract.strokes.clone(),
            witness_strokes: contract.witness_strokes.clone(),
            signed_at: contract.signed_at.timestamp_millis(),
            rep: seal.map_or(contract.rep, |seal| seal.rep),
            witness: seal.map_or(contract.witness, |seal| seal.witness),
            device: contract.device,
            declared: contract.declared.clone(),
            clock_offset_ms: seal.map(|seal| seal.clock_offset_ms),
            link: seal.map(|seal| seal.link.clone()),
        }
    }

    /// The line that is signed.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists always serialise")
    }
}

/// What the device adds to a contract: its place in the chain, and its signature if it has a certificate.
#[must_use]
pub fn seal(contract: &Contract, org: OrgId, link: Link, clock_offset_ms: i64, key: Option<(&str, &DeviceSigner)>) -> Seal {
    let mut seal = Seal { rep: contract.rep, witness: contract.witness, clock_offset_ms, link, signed: None };
    let statement = Statement::of(&Contract { seal: Some(seal.clone()), ..contract.clone() }, org).line();
    seal.signed = key.map(|(certificate, signer)| {
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(device_part(&statement, certificate).as_bytes()));
        DeviceSignature { certificate: certificate.to_owned(), signature }
    });
    seal
}

/// The server's word for a contract that arrives now.
#[must_use]
pub fn countersign(contract: &Contract, org: OrgId, signer: &TicketSigner, now: Timestamp) -> Received {
    let at = Timestamp::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now);
    let signature = URL_SAFE_NO_PAD.encode(signer.sign_bytes(server_part(contract, org, at).as_bytes()));
    Received { at, signature }
}

/// What a device's signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByDevice {
    /// The device had no certificate then, or its app signed nothing.
    Unsigned,
    /// This device of this person has signed exactly this.
    Signed,
    /// It has not, or not this.
    Bad,
}

/// The contract that a signature makes, among what it changes.
#[must_use]
pub fn contract_in(patches: &[Patch]) -> Option<&Contract> {
    patches.iter().find_map(|patch| match patch {
        Patch::Put(record) => Contract::of(record).map(|contract| &**contract),
        Patch::Delete(_) => None,
    })
}

/// Looks at a device's signature.
#[must_use]
pub fn by_device(contract: &Contract, org: OrgId, organisations_key: &str) -> ByDevice {
    let Some(seal) = &contract.seal else { return ByDevice::Unsigned };
    if seal.witness != contract.witness {
        return ByDevice::Bad;
    }
    let Some(signed) = &seal.signed else { return ByDevice::Unsigned };
    let Some(certificate) = Certificate::verify(&signed.certificate, organisations_key) else { return ByDevice::Bad };
    let is_theirs = (certificate.org, certificate.user, certificate.device) == (org, contract.witness, contract.device);
    let message = device_part(&Statement::of(contract, org).line(), &signed.certificate);
    let is_good = URL_SAFE_NO_PAD.decode(&signed.signature).is_ok_and(|signature| certificate.has_signed(message.as_bytes(), &signature));
    if is_theirs && is_good { ByDevice::Signed } else { ByDevice::Bad }
}

/// Looks at the server's countersignature.
#[must_use]
pub fn is_countersigned(contract: &Contract, org: OrgId, received: &Received, organisations_key: &str) -> bool {
    let signature = URL_SAFE_NO_PAD.decode(&received.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let message = server_part(contract, org, received.at);
    let is_whole_milliseconds = received.at.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    is_whole_milliseconds
        && signature.zip(verifying_key(organisations_key)).is_some_and(|(signature, key)| key.verify(message.as_bytes(), &signature).is_ok())
}

/// The evidence as a file.
#[must_use]
pub fn file(contract: &Contract, org: OrgId) -> String {
    let signed = contract.seal.as_ref().and_then(|seal| seal.signed.as_ref());
    let (certificate, signature) = signed.map_or(("", ""), |signed| (&signed.certificate, &signed.signature));
    let (at, countersignature) =
        contract.received.as_ref().map_or((String::new(), ""), |received| (received.at.timestamp_millis().to_string(), &received.signature));
    let statement = Statement::of(contract, org).line();
    format!("{FORM}\n{statement}\n{certificate}\n{signature}\n{at}\n{countersignature}\n")
}

fn device_part(statement: &str, certificate: &str) -> String {
    format!("{FORM}\n{statement}\n{certificate}\n")
}

fn server_part(contract: &Contract, org: OrgId, at: Timestamp) -> String {
    let whole = file(&Contract { received: Some(Received { at, signature: String::new() }), ..contract.clone() }, org);
    // All before the countersignature: its line is empty here.
    whole[..whole.len() - 1].to_owned()
}

/// What a file was found to say.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// What was signed.
    pub statement: Statement,
    /// Whether the device has signed it.
    pub by_device: ByDevice,
    /// When the server had it.
    pub received_at: Timestamp,
}

/// Why a file is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Altered {
    /// It is something else, or not written as a file of evidence is.
    Form,
    /// The server has not countersigned it: it has not arrived yet, or its word was taken out.
    NotCountersigned,
    /// The device has signed something else, or another device has.
    Device,
    /// The server has countersigned something else, or with another organisation's key.
    Server,
}

/// Reads a file and looks at every signature in it.
///
/// # Errors
/// [`Altered`].
pub fn verify(file: &str, organisations_key: &str) -> Result<Verified, Altered> {
    let (contract, statement) = read(file).ok_or(Altered::Form)?;
    let org = statement.org;
    let by_device = by_device(&contract, org, organisations_key);
    if by_device == ByDevice::Bad {
        return Err(Altered::Device);
    }
    let received = contract.received.as_ref().ok_or(Altered::NotCountersigned)?;
    if !is_countersigned(&contract, org, received, organisations_key) {
        return Err(Altered::Server);
    }
    Ok(Verified { statement, by_device, received_at: received.at })
}

/// Which organisation a file speaks of, before anything of it is believed.
#[must_use]
pub fn organisation(file: &str) -> Option<OrgId> {
    read(file).map(|(_, statement)| statement.org)
}

/// The contract in a file; none if the file would be written otherwise.
fn read(text: &str) -> Option<(Contract, Statement)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let mut next = || lines.next();
    (next()? == FORM).then_some(())?;
    let statement: Statement = serde_json::from_str(next()?).ok()?;
    let (certificate, signature, at, countersignature) = (next()?, next()?, next()?, next()?);
    let signed = DeviceSignature { certificate: certificate.to_owned(), signature: signature.to_owned() };
    let signed = Some(signed).filter(|_| !(certificate.is_empty() && signature.is_empty()));
    let seal = statement.clock_offset_ms.zip(statement.link.clone());
    let seal = seal.map(|(clock_offset_ms, link)| Seal { rep: statement.rep, witness: statement.witness, clock_offset_ms, link, signed });
    let received = match at {
        "" => None,
        at => Some(Received { at: Timestamp::from_timestamp_millis(at.parse().ok()?)?, signature: countersignature.to_owned() }),
    };
    let contract = Contract {
        deal: statement.deal,
        sha256: sha256_hex(&statement.text),
        text: statement.text.clone(),
        template_version: statement.template,
        signer: statement.signer.clone(),
        strokes: statement.strokes.clone(),
        witness_strokes: statement.witness_strokes.clone(),
        signed_at: Timestamp::from_timestamp_millis(statement.signed_at)?,
        rep: statement.rep,
        witness: statement.witness,
        device: statement.device,
        declared: statement.declared.clone(),
        seal,
        received,
    };
    (file(&contract, statement.org) == text).then_some((contract, statement))
}
