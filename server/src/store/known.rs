//! What the writer knows of an organisation without asking the database: rows and keys that rules ask for with nearly every command.
//!
//! Law: what is known is what the database holds, at the version under which it was read. Whoever finds another version or another epoch
//! there (a second server has written, a backup was restored) forgets everything first.

use super::changes::Changes;
use super::database::Row;
use sha2::{Digest as _, Sha256};
use shared::ids::{ClientId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::sync::protocol::{Digest, Outcome, RowHash};
use shared::sync::server::StoredRow;
use shared::{Key, Record, Scope, Unavailable};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Rows, and ids under keys, kept at most for one organisation; a few KB each.
const MOST_KNOWN: usize = 20_000;

/// A row with its record, decoded once.
pub(super) struct Stored {
    pub(super) record: Record,
    pub(super) row: StoredRow,
}

/// How an organisation stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) epoch: Uuid,
    pub(super) version: u64,
    /// Tombstones up to this version are forgotten.
    pub(super) purged: u64,
}

/// What is known of one organisation. A key without a row is known too.
#[derive(Default)]
pub(super) struct Known {
    /// Read in this transaction, raised by it.
    pub(super) head: Option<Head>,
    ticket_seed: [u8; 32],
    /// Making a key out of its seed costs more than a small push, and few transactions sign.
    signer: Option<Arc<TicketSigner>>,
    pub(super) rows: HashMap<Key, Option<Arc<Stored>>>,
    pub(super) keys: HashMap<String, BTreeSet<Uuid>>,
    /// Ids under all of `keys`.
    ids: usize,
    /// What this transaction has changed under keys that are not known, and not written yet: it belongs to what is read of them.
    unwritten: HashMap<String, BTreeMap<Uuid, bool>>,
    pub(super) digests: HashMap<Scope, Digest>,
    pub(super) numbers: HashMap<(ClientId, Uuid), u64>,
    pub(super) outcomes: HashMap<Uuid, Option<(UserId, Outcome)>>,
    last: Option<Head>,
}

impl Known {
    /// Takes what the database says about the organisation, once in each transaction.
    pub(super) fn meet(&mut self, head: Head, ticket_seed: [u8; 32]) {
        if self.last != Some(head) {
            self.forget();
        }
        self.head = Some(head);
        self.ticket_seed = ticket_seed;
    }

    /// A secret of the organisation's own, the same for ever: its seed made into one for a purpose. It goes wherever the database goes.
    pub(super) fn secret(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(purpose.as_bytes()).chain_update([0]).chain_update(self.ticket_seed).finalize().into()
    }

    /// Signs the organisation's tickets.
    pub(super) fn signer(&mut self) -> Arc<TicketSigner> {
        Arc::clone(self.signer.get_or_insert_with(|| Arc::new(TicketSigner::from_seed(&self.ticket_seed))))
    }

    /// The transaction has ended. Outcomes and numbers change without a new version, so they are known for one transaction only.
    pub(super) fn part(&mut self) {
        // A transaction that had nothing to do with this organisation has learned nothing of it.
        let Some(head) = self.head.take() else { return };
        self.last = Some(head);
        self.unwritten.clear();
        self.numbers.clear();
        self.outcomes.clear();
        if self.rows.len() + self.keys.len() + self.ids > MOST_KNOWN {
            self.forget();
        }
    }

    /// Knows nothing any more but the head of the present transaction.
    pub(super) fn forget(&mut self) {
        *self = Self { head: self.head, ..Self::default() };
    }

    /// Takes in what the database holds under a key.
    pub(super) fn learn_key(&mut self, key: String, mut ids: BTreeSet<Uuid>) {
        if let Some(changed) = self.unwritten.remove(&key) {
            change_ids(&mut ids, &changed);
        }
        self.ids += ids.len();
        let before = self.keys.insert(key, ids);
        self.ids -= before.map_or(0, |ids| ids.len());
    }

    /// Takes over what a job has changed.
    pub(super) fn absorb(&mut self, changes: &Changes) {
        for (key, row) in &changes.rows {
            self.rows.insert(*key, row.clone());
        }
        for (key, ids) in &changes.keys {
            match self.keys.get_mut(key) {
                Some(known) => {
                    self.ids -= known.len();
                    change_ids(known, ids);
                    self.ids += known.len();
                }
                None => self.unwritten.entry(key.clone()).or_default().extend(ids),
            }
        }
        self.digests.extend(&changes.digests);
        self.numbers.extend(changes.numbers.iter().map(|(numbering, (_, last))| (*numbering, *last)));
        self.outcomes.extend(changes.outcomes.iter().map(|(uuid, outcome)| (*uuid, Some(outcome.clone()))));
        if let (Some(head), Some(version)) = (&mut self.head, changes.version) {
            head.version = version;
        }
    }
}

/// Adds the ids that are present now, and removes those that are gone.
pub(super) fn change_ids(ids: &mut BTreeSet<Uuid>, changed: &BTreeMap<Uuid, bool>) {
    for (id, present) in changed {
        if *present {
            ids.insert(*id)
        } else {
            ids.remove(id)
        };
    }
}

/// Reads a row of the table of rows.
pub(super) fn stored(key: Key, row: &mut Row) -> Result<Stored, Unavailable> {
    // The reason would quote the body, which is confidential.
    let unreadable = || Unavailable(format!("the stored {} {} cannot be read", key.kind.name(), key.id));
    let scope = row.text(3)?.parse().map_err(|_| unreadable())?;
    let (version, hash) = (row.number(4)?, RowHash(u128::from_be_bytes(row.bytes(5)?)));
    let body = row.take_text(6)?.ok_or_else(unreadable)?;
    let record = Record::decode(key.kind, &body).map_err(|_| unreadable())?;
    Ok(Stored { record, row: StoredRow { scope, version, hash, body } })
}
