//! `huixiao verify-contract` and `huixiao verify-contracts`: whether signed contracts are what was signed (clause F2). What is said names ids, hashes
//! and instants, and who is in a file that somebody holds anyway; of the database's contracts no text and no name.

use crate::config::Place;
use crate::store::copy::CopyError;
use crate::store::{Organisation, ask, organisations};
use shared::Command;
use shared::deals::Contract;
use shared::deals::command::SignDeal;
use shared::deals::contract::sha256_hex;
use shared::deals::evidence::chain::{Chained, Flaw, chains};
use shared::deals::evidence::{Altered, ByDevice, Verified, by_device, is_countersigned, organisation, verify};
use shared::ids::OrgId;
use shared::quarantine::HeldCommand;
use shared::settings::Settings;
use shared::time::Timestamp;
use shared::{Unavailable, decide::ViewExt};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Lines for whoever asked.
    pub report: String,
    /// Whether nothing is wrong.
    pub is_good: bool,
}

/// Why nothing could be looked at.
#[derive(Debug)]
pub enum VerifyError {
    /// The place makes no sense.
    Setting(String),
    /// The file cannot be read.
    File(PathBuf, std::io::Error),
    /// The database cannot be read.
    Database(CopyError),
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setting(line) => f.write_str(line),
            Self::File(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Database(CopyError::Failed(failure)) => write!(f, "the database cannot be read: {}", failure.0),
            Self::Database(CopyError::Missing(path)) => {
                write!(f, "there is no database {}; name it with --data or --database-url, or give the organisation's --key", path.display())
            }
            Self::Database(error) => error.fmt(f),
        }
    }
}

/// Looks at a file of evidence, by the key that is given or else by that of its organisation in the database. Blocks.
///
/// # Errors
/// [`VerifyError`].
pub fn verify_file(file: &Path, key: Option<&str>, place: &Place) -> Result<Found, VerifyError> {
    let bytes = std::fs::read(file).map_err(|error| VerifyError::File(file.to_owned(), error))?;
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(altered(Altered::Form)) };
    let key = match key {
        Some(key) => Some(key.to_owned()),
        None => match organisation(text) {
            Some(org) => key_of(org, place)?,
            None => return Ok(altered(Altered::Form)),
        },
    };
    let Some(key) = key else {
        return Ok(Found { report: "NOT VERIFIED: the file is of an organisation that is not in this database.\n".into(), is_good: false });
    };
    Ok(match verify(text, &key) {
        Ok(verified) => Found { report: told(&verified), is_good: true },
        Err(why) => altered(why),
    })
}

fn key_of(org: OrgId, place: &Place) -> Result<Option<String>, VerifyError> {
    let location = place.database().map_err(VerifyError::Setting)?;
    let key = ask(&location, |tx| {
        if !organisations(tx)?.contains(&org) {
            return Ok(None);
        }
        Ok(tx.of(org)?.get::<Settings>(org)?.map(|settings| settings.ticket_key.clone()))
    });
    key.map_err(VerifyError::Database)
}

fn altered(why: Altered) -> Found {
    let why = match why {
        Altered::Form => "this is no file of evidence, or it is not written as one any more",
        Altered::NotCountersigned => "the server has not countersigned it: it had not arrived when the file was made",
        Altered::Device => "what the device has signed is not what stands here, or the key is another organisation's",
        Altered::Server => "what the server has countersigned is not what stands here",
    };
    Found { report: format!("NOT VERIFIED: {why}.\n"), is_good: false }
}

fn told(verified: &Verified) -> String {
    let said = &verified.statement;
    let instant = |ms| Timestamp::from_timestamp_millis(ms).map_or_else(|| "?".to_owned(), rfc3339);
    let device = match verified.by_device {
        ByDevice::Signed => "signed by the device",
        ByDevice::Unsigned if said.link.is_none() => "not signed by the device, whose app did not seal contracts",
        ByDevice::Unsigned | ByDevice::Bad => "not signed by the device, which had no certificate then",
    };
    let place = said.link.as_ref().map_or_else(|| "none".to_owned(), |link| link.position.to_string());
    let offset = match said.clock_offset_ms {
        None => "of unknown offset".to_owned(),
        Some(ms) if ms < 0 => format!("{} ms ahead of the server's", ms.unsigned_abs()),
        Some(ms) => format!("{ms} ms behind the server's"),
    };
    let lines = [
        ("signer", said.signer.escape_debug().to_string()),
        ("signed at", format!("{} by the device's clock, {offset}", instant(said.signed_at))),
        ("received at", rfc3339(verified.received_at)),
        ("text", format!("SHA-256 {}, {} characters, template {}", sha256_hex(&said.text), said.text.chars().count(), said.template)),
        ("consent", said.declared.as_ref().map_or_else(|| "not said".to_owned(), |declared| declared.consent.escape_debug().to_string())),
        ("known by", said.declared.as_ref().map_or_else(|| "not said".to_owned(), |declared| format!("{:?}", declared.identified))),
        ("deal", said.deal.to_string()),
        ("device", format!("{} ({device})", said.device)),
        ("witness", said.witness.to_string()),
        ("in the device's chain", place),
        ("organisation", said.org.to_string()),
    ];
    let facts = lines.iter().fold(String::new(), |mut text, (what, found)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {what:<22} {found}");
        text
    });
    format!("VERIFIED: every byte is as it was signed.\n{facts}")
}

fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Looks at all contracts of a database, and at the chain of every device. Blocks.
///
/// # Errors
/// [`VerifyError`].
pub fn verify_all(place: &Place) -> Result<Found, VerifyError> {
    let location = place.database().map_err(VerifyError::Setting)?;
    let found = ask(&location, |tx| {
        let mut found = Found { report: String::new(), is_good: true };
        for id in organisations(tx)? {
            let org = tx.of(id)?;
            let key = org.get::<Settings>(id)?.map(|settings| settings.ticket_key.clone()).ok_or_else(|| Unavailable("no settings".into()))?;
            let (mut counts, mut chained) = (Counts::default(), Vec::new());
            let begins_at = found.report.len();
            org.each::<Contract>(&mut |at, contract| {
                counts.look_at(at, contract, id, &key, &mut found);
                chained.extend(Chained::of(contract, id));
            })?;
            // By place and not by deal: what was set aside is often signed anew.
            let place = |at: &Chained| (at.device, at.witness, at.link.chain, at.link.position);
            let kept: BTreeSet<_> = chained.iter().map(place).collect();
            let held = held_signatures(&org)?.into_iter().filter(|held| !kept.contains(&place(held)));
            chained.extend(held);
            let chains = chains(chained);
            let Counts { contracts, countersigned, sealed, neither } = counts;
            let summary = format!(
                "organisation {id}: {contracts} contracts, {countersigned} countersigned, {sealed} sealed in {} chains; {neither} of before, with neither\n",
                chains.len()
            );
            found.report.insert_str(begins_at, &summary);
            for chain in chains {
                for flaw in &chain.flaws {
                    found.is_good = false;
                    let flaw = match flaw {
                        Flaw::Missing { position } => format!("number {position} is missing: it has not arrived yet, or was taken out"),
                        Flaw::Twice { deal } => format!("{deal} stands where another contract stands: a copied device, or one of them was put in"),
                        Flaw::Broken { deal } => format!("{deal} does not follow the one before it"),
                    };
                    found.report += &format!("  device {} of {}: {flaw}\n", chain.device, chain.witness);
                }
            }
        }
        Ok(found)
    });
    found.map_err(VerifyError::Database)
}

/// Where signatures stand that became no contract: they wait for a person, or were set aside.
fn held_signatures(org: &Organisation<'_>) -> Result<Vec<Chained>, Unavailable> {
    let mut found = Vec::new();
    org.each::<HeldCommand>(&mut |_, held| {
        if let Ok(Command::SignDeal(SignDeal { deal, seal: Some(seal), .. })) = Command::read(&held.command) {
            found.push(Chained { device: held.device, witness: seal.witness, deal, link: seal.link, sha256: None });
        }
    })?;
    Ok(found)
}

#[derive(Default)]
struct Counts {
    contracts: usize,
    countersigned: usize,
    sealed: usize,
    neither: usize,
}

impl Counts {
    fn look_at(&mut self, at: Uuid, contract: &Contract, org: OrgId, key: &str, found: &mut Found) {
        self.contracts += 1;
        self.sealed += usize::from(contract.seal.is_some());
        self.neither += usize::from(contract.seal.is_none() && contract.received.is_none());
        let mut wrong = |what: &str| {
            found.is_good = false;
            found.report += &format!("  contract {}: {what}\n", contract.deal);
        };
        if at != contract.deal.0 {
            wrong(&format!("it stands in the place of {at}"));
        }
        if sha256_hex(&contract.text) != contract.sha256 {
            wrong("the text does not have its hash");
        }
        if by_device(contract, org, key) == ByDevice::Bad {
            wrong("the device has signed something else");
        }
        match &contract.received {
            Some(received) if is_countersigned(contract, org, received, key) => self.countersigned += 1,
            Some(_) => wrong("the server has countersigned something else"),
            None if contract.seal.is_some() => wrong("the server's countersignature was taken away"),
            // Of before the server countersigned, and before apps sealed.
            None => {}
        }
    }
}
