//! A device's disk: what survives a crash. Every change is one transaction, as in IndexedDB. A snapshot taken earlier can be put back, as
//! browsers do to a database after a power cut.

use super::Weakness;
use shared::command::Command;
use shared::sync::client::{Change, Meta};
use shared::sync::protocol::{Envelope, Outcome, RawCommand, Row, Verdict};
use shared::sync::replica::Pending;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Everything stored on one device.
#[derive(Clone)]
pub struct Disk {
    /// What the engine knows.
    pub meta: Meta,
    /// Commands not yet ruled on, by number.
    pub outbox: BTreeMap<u64, Arc<Envelope>>,
    /// Applied commands with the version at which they were, in the order of their outcomes; quarantined ones with version 0.
    pub journal: Vec<(u64, Arc<Envelope>)>,
    /// Refused commands with their outcome.
    pub refused: BTreeMap<Uuid, Outcome>,
    /// Rows from the server.
    pub base: BTreeMap<(String, Uuid), Row>,
    next_seq: u64,
    weakness: Weakness,
}

impl Disk {
    /// An empty disk.
    #[must_use]
    pub const fn new(meta: Meta, weakness: Weakness) -> Self {
        Self { meta, outbox: BTreeMap::new(), journal: Vec::new(), refused: BTreeMap::new(), base: BTreeMap::new(), next_seq: 1, weakness }
    }

    /// Saves a command; its number is given inside the transaction.
    pub fn save(&mut self, uuid: Uuid, occurred_at: Timestamp, command: RawCommand) -> Arc<Envelope> {
        let envelope = Arc::new(Envelope { seq: self.next_seq, uuid, occurred_at, clock_offset_ms: 0, command });
        self.outbox.insert(envelope.seq, envelope.clone());
        self.next_seq += 1;
        envelope
    }

    /// Carries out one change of the engine's together with its meta.
    pub fn change(&mut self, change: &Change, meta: &Meta) {
        match change {
            Change::Outcomes(outcomes) => self.take_outcomes(outcomes),
            Change::Renumber => self.renumber(),
            Change::Rows(rows) => {
                self.base.retain(|_, row| !rows.dropped.contains(&row.scope));
                for row in &rows.rows {
                    self.take_row(row);
                }
            }
            Change::NewEpoch => {
                self.base.clear();
                let journal = std::mem::take(&mut self.journal);
                let outbox = std::mem::take(&mut self.outbox);
                let again: BTreeSet<Uuid> = journal.iter().map(|(_, envelope)| envelope.uuid).collect();
                let waiting = outbox.into_values().filter(|envelope| !again.contains(&envelope.uuid));
                let all = journal.into_iter().map(|(_, envelope)| envelope).chain(waiting);
                self.outbox = (1..).zip(all).collect();
                self.renumber();
            }
            Change::Heal(scopes) => self.base.retain(|_, row| !scopes.contains(&row.scope)),
            Change::Revoked => self.base.clear(),
        }
        self.meta = meta.clone();
    }

    /// The commands that a start must show: applied ones whose rows are not here yet, then those not ruled on.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        let awaiting = self.journal.iter().filter(|(version, _)| *version > self.meta.version);
        let awaiting = awaiting.map(|(version, envelope)| pending(envelope, Some(*version)));
        awaiting.chain(self.outbox.values().map(|envelope| pending(envelope, None))).collect()
    }

    fn take_outcomes(&mut self, outcomes: &[Outcome]) {
        let by_uuid: BTreeMap<Uuid, &Outcome> = outcomes.iter().map(|outcome| (outcome.uuid, outcome)).collect();
        let (ruled, waiting) = std::mem::take(&mut self.outbox).into_iter().partition(|(_, envelope)| by_uuid.contains_key(&envelope.uuid));
        self.outbox = waiting;
        let ruled: BTreeMap<u64, Arc<Envelope>> = ruled;
        for envelope in ruled.into_values() {
            let outcome = by_uuid[&envelope.uuid];
            match outcome.verdict {
                _ if self.weakness == Weakness::KeepsNoJournal => {}
                Verdict::Applied => self.journal.push((outcome.version, envelope)),
                Verdict::Rejected { .. } => {
                    self.refused.insert(outcome.uuid, outcome.clone());
                }
                // A restored server must hear of it again; version 0 keeps it off the screen.
                Verdict::Quarantined { .. } => {
                    self.refused.insert(outcome.uuid, outcome.clone());
                    self.journal.push((0, envelope));
                }
            }
        }
    }

    fn renumber(&mut self) {
        let waiting = std::mem::take(&mut self.outbox);
        self.outbox = (1..).zip(waiting.into_values()).map(|(seq, envelope)| (seq, Arc::new(Envelope { seq, ..(*envelope).clone() }))).collect();
        self.next_seq = self.outbox.len() as u64 + 1;
    }

    fn take_row(&mut self, row: &Row) {
        let key = (row.kind.clone(), row.id);
        if row.body.is_some() {
            self.base.insert(key, row.clone());
        } else if self.base.get(&key).is_some_and(|held| held.scope == row.scope) {
            self.base.remove(&key);
        }
    }
}

/// A stored command as the replica shows it.
#[must_use]
pub fn pending(envelope: &Envelope, applied_at: Option<u64>) -> Pending {
    Pending { uuid: envelope.uuid, at: envelope.occurred_at, command: Command::read(&envelope.command).ok(), applied_at }
}
