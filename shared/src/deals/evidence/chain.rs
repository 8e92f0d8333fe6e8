//! The chains of an organisation's contracts: of each device and witness, in which every statement names the one before it. What is missing at a
//! chain's end is not missed by the chain: only by the deals that are signed.

use super::{Link, Statement};
use crate::deals::Contract;
use crate::deals::contract::sha256_hex;
use crate::ids::{ClientId, DealId, OrgId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What of a contract matters to its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// On which device.
    pub device: ClientId,
    /// By whom.
    pub witness: UserId,
    /// Which contract.
    pub deal: DealId,
    /// Where it says that it stands.
    pub link: Link,
    /// SHA-256 of its statement, as the one after it names it. None if it stands where it cannot be looked at: held for a person, or set aside.
    pub sha256: Option<String>,
}

impl Chained {
    /// What of a contract matters; none if its app kept no chain.
    #[must_use]
    pub fn of(contract: &Contract, org: OrgId) -> Option<Self> {
        let seal = contract.seal.as_ref()?;
        let sha256 = Some(sha256_hex(&Statement::of(contract, org).line()));
        Some(Self { device: contract.device, witness: seal.witness, deal: contract.deal, link: seal.link.clone(), sha256 })
    }
}

/// Where a chain is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing stands at this position, and something after it: it has not arrived yet, or was taken out.
    Missing {
        /// Where.
        position: u64,
    },
    /// Two contracts stand at one position: the device was copied or set back, or one of them was put in.
    Twice {
        /// One of them.
        deal: DealId,
    },
    /// A contract names another one before it than the one that is there.
    Broken {
        /// The contract.
        deal: DealId,
    },
}

/// A chain with what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Of which device.
    pub device: ClientId,
    /// Whose.
    pub witness: UserId,
    /// How many contracts are in it.
    pub length: usize,
    /// In the order of positions.
    pub flaws: Vec<Flaw>,
}

/// The chains of these contracts, in whatever order they come.
#[must_use]
pub fn chains(contracts: impl IntoIterator<Item = Chained>) -> Vec<Chain> {
    let mut chains: BTreeMap<(ClientId, UserId, Uuid), Vec<Chained>> = BTreeMap::new();
    for contract in contracts {
        chains.entry((contract.device, contract.witness, contract.link.chain)).or_default().push(contract);
    }
    let judged = chains.into_iter().map(|((device, witness, _), mut links)| {
        links.sort_by_key(|contract| (contract.link.position, contract.deal));
        Chain { device, witness, length: links.len(), flaws: flaws(&links) }
    });
    judged.collect()
}

fn flaws(links: &[Chained]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    // What stands before the first is known: nothing.
    let (mut position, mut before) = (0, Some(None));
    for Chained { deal, link, sha256, .. } in links {
        match link.position.checked_sub(position) {
            Some(0) | None => flaws.push(Flaw::Twice { deal: *deal }),
            // What it follows is there, and can be looked at.
            Some(1) if before.is_some_and(|before| link.previous.as_ref() != before) => flaws.push(Flaw::Broken { deal: *deal }),
            Some(1) => {}
            Some(_) => flaws.push(Flaw::Missing { position: position + 1 }),
        }
        (position, before) = (link.position, sha256.as_ref().map(Some));
    }
    flaws
}
