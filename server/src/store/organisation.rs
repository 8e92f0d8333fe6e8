//! One organisation inside a transaction: the store that sync's state machines work on, and what rules read ([`View`]).
//!
//! Laws: whatever is read or written here belongs to this organisation; no call can name another. Reads see what this change has written,
//! then what its neighbours in the same commit have, then the database. A row's index entries change with it.

use super::Transaction as Opened;
use super::changes::Changes;
use super::database::tables::{CLIENTS, COMMANDS, ORGS, ROW_INDEX, ROWS, SCOPES};
use super::database::{Row as Found, Value};

use super::known::{Head, Known, Stored, change_ids, stored};
use crate::letters::LetterBox;
use serde_json::value::RawValue;
use shared::ids::{ClientId, CustomerId, MeetingId, OrgId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::sync::protocol::{Digest, Outcome, Row};
use shared::sync::scopes::Everyone;
use shared::sync::server::{RuledCommand, Session, StoredRow, Transaction};
use shared::time::Timestamp;
use shared::{Index, Key, Kind, Record, Scope, Unavailable, View};
use std::cell::{OnceCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// The rows of one organisation.
pub struct Organisation<'t> {
    tx: &'t Opened<'t>,
    org: OrgId,
    signer: OnceCell<Arc<TicketSigner>>,
}

/// What an organisation is made of before anything is in it.
pub struct NewOrganisation {
    /// Its id.
    pub org: OrgId,
    /// Its first history.
    pub epoch: Uuid,
    /// The secret half of its ticket key.
    pub ticket_seed: [u8; 32],
    /// When.
    pub created_at: Timestamp,
}

/// What a rehearsal has found to be missing in memory.
#[derive(Default)]
pub(super) struct Missed {
    rows: BTreeSet<Key>,
    keys: BTreeSet<String>,
    digests: BTreeSet<Scope>,
    numbers: BTreeSet<(ClientId, Uuid)>,
    outcomes: BTreeSet<Uuid>,
}

/// The organisations of a database, in the order of their ids.
///
/// # Errors
/// [`Unavailable`].
pub fn organisations(tx: &Opened<'_>) -> Result<Vec<OrgId>, Unavailable> {
    tx.query("SELECT org FROM orgs ORDER BY org", &[])?.iter().map(|row| row.id(0).map(OrgId)).collect()
}

impl Opened<'_> {
    /// An organisation.
    ///
    /// # Errors
    /// [`Unavailable`], also if there is none of this id.
    pub fn of(&self, org: OrgId) -> Result<Organisation<'_>, Unavailable> {
        let met = self.known(org).head.is_some();
        if !met {
            self.meet(org)?;
        }
        Ok(Organisation { tx: self, org, signer: OnceCell::new() })
    }

    /// Whether there is no organisation, and until the commit nobody else founds one.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn is_unsettled(&self) -> Result<bool, Unavailable> {
        self.connection.have_alone(&ORGS)?;
        Ok(organisations(self)?.is_empty())
    }

    /// Founds an organisation with nothing in it.
    ///
    /// # Errors
    /// [`Unavailable`], also if the id is taken.
    pub fn found(&self, new: &NewOrganisation) -> Result<Organisation<'_>, Unavailable> {
        let created_at = new.created_at.timestamp_millis();
        let row = vec![new.org.0.into(), new.epoch.into(), 0_u64.into(), new.ticket_seed.into(), created_at.into(), 0_u64.into()];
        self.insert(&ORGS, row)?;
        self.of(new.org)
    }

    /// Reads how the organisation stands. In a change this takes its lock, so nothing was read before that others could still change.
    fn meet(&self, org: OrgId) -> Result<(), Unavailable> {
        let lock = if self.writing { self.connection.for_update() } else { "" };
        let sql = format!("SELECT epoch, version, purged, ticket_seed FROM orgs WHERE org = ?1{lock}");
        let rows = self.connection.query(&sql, &[org.0.into()])?;
        let row = rows.first().ok_or_else(|| Unavailable("no such organisation".into()))?;
        let mut known = self.known(org);
        known.meet(Head { epoch: row.id(0)?, version: row.number(1)?, purged: row.number(2)? }, row.bytes(3)?);
        Ok(())
    }

    /// Loads at once what rehearsals have missed; whether there was anything.
    pub(super) fn load_missed(&self) -> Result<bool, Unavailable> {
        let missed = std::mem::take(&mut *self.missed.borrow_mut());
        for (org, missed) in &missed {
            let org = self.of(*org)?;
            org.load_rows(missed.rows.iter().copied())?;
            org.load_keys(missed.keys.iter().cloned())?;
            org.load_digests(missed.digests.iter().copied())?;
            org.load_numbers(missed.numbers.iter().copied())?;
            org.load_outcomes(missed.outcomes.iter().copied())?;
        }
        Ok(!missed.is_empty())
    }
}

impl Organisation<'_> {
    /// Forgets tombstones from before an instant. Devices that have not been told of them by now are brought their rows anew.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn forget_tombstones(&self, before: Timestamp) -> Result<(), Unavailable> {
        let asked = [self.org.0.into(), before.timestamp_millis().into()];
        let last = "SELECT coalesce(max(version), 0) FROM tombstones WHERE org = ?1 AND removed_at < ?2";
        let last = self.tx.query(last, &asked)?.first().map_or(Ok(0), |row| row.number(0))?;
        if last > self.head()?.purged {
            self.tx.execute("DELETE FROM tombstones WHERE org = ?1 AND removed_at < ?2", &asked)?;
            self.tx.execute("UPDATE orgs SET purged = ?1 WHERE org = ?2", &[last.into(), self.org.0.into()])?;
        }
        Ok(())
    }

    /// The digests of all scopes that have any.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn digests(&self) -> Result<BTreeMap<Scope, Digest>, Unavailable> {
        self.reading_only()?;
        let rows = self.tx.query("SELECT scope, count, sum FROM scopes WHERE org = ?1", &[self.org.0.into()])?;
        let digest = |row: &Found| {
            let scope = row.text(0)?.parse().map_err(|_| Unavailable("a scope that is none".into()))?;
            Ok((scope, Digest { count: row.number(1)?, sum: u128::from_be_bytes(row.bytes(2)?) }))
        };
        rows.iter().map(digest).collect()
    }

    /// The transaction that this is read and written in.
    pub(super) fn transaction(&self) -> &Opened<'_> {
        self.tx
    }

    /// Everybody in the organisation as this change found them: what it has changed itself does not show.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn users_before(&self) -> Result<Vec<UserId>, Unavailable> {
        Ok(self.stored_ids(Kind::User)?.into_iter().map(UserId).collect())
    }

    /// Opens letters to the organisation.
    #[must_use]
    pub fn letter_box(&self) -> LetterBox {
        LetterBox::from_seed(&self.known().secret("letters"))
    }

    /// Customers in the pool without a card there.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn without_pool_card(&self) -> Result<Vec<CustomerId>, Unavailable> {
        self.reading_only()?;
        let sql = "SELECT id FROM rows WHERE org = ?1 AND kind = ?2 AND scope = ?3 \
            AND id NOT IN (SELECT id FROM rows WHERE org = ?1 AND kind = ?4) ORDER BY id";
        let (customer, card) = (Kind::Customer.name().into(), Kind::PoolCard.name().into());
        let rows = self.tx.query(sql, &[self.org.0.into(), customer, Scope::Pool.to_string().into(), card])?;
        rows.iter().map(|row| row.id(0).map(CustomerId)).collect()
    }

    /// Which organisation.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.org
    }

    fn known(&self) -> RefMut<'_, Known> {
        self.tx.known(self.org)
    }

    fn changes(&self) -> RefMut<'_, Changes> {
        RefMut::map(self.tx.changes.borrow_mut(), |changes| changes.entry(self.org).or_default())
    }

    fn head(&self) -> Result<Head, Unavailable> {
        self.known().head.ok_or_else(|| Unavailable("no such organisation".into()))
    }

    /// In a rehearsal nothing is loaded: it is noted what would have been.
    fn miss<T>(&self, note: impl FnOnce(&mut Missed) -> T) -> Result<(), Unavailable> {
        if self.tx.rehearsing.get() {
            note(self.tx.missed.borrow_mut().entry(self.org).or_default());
            return Err(Unavailable("not loaded yet".into()));
        }
        Ok(())
    }

    fn key(&self, parts: impl IntoIterator<Item = Value>) -> Vec<Value> {
        std::iter::once(Value::from(self.org.0)).chain(parts).collect()
    }

    fn load_rows(&self, keys: impl Iterator<Item = Key>) -> Result<(), Unavailable> {
        let keys: Vec<Key> = keys.collect();
        let asked: Vec<_> = keys.iter().map(|key| self.key([key.kind.name().into(), key.id.into()])).collect();
        let found = self.tx.connection.find(&ROWS, &asked)?;
        let mut known = self.known();
        known.rows.extend(keys.iter().map(|key| (*key, None)));
        for mut row in found {
            let (name, id) = (row.text(1)?, row.id(2)?);
            let kind = Kind::from_name(name).ok_or_else(|| Unavailable("a row of no kind".into()))?;
            let key = Key { kind, id };
            known.rows.insert(key, Some(Arc::new(stored(key, &mut row)?)));
        }
        Ok(())
    }

    fn load_keys(&self, keys: impl Iterator<Item = String>) -> Result<(), Unavailable> {
        let keys: Vec<String> = keys.collect();
        let asked: Vec<_> = keys.iter().map(|key| self.key([key.as_str().into()])).collect();
        let found = self.tx.connection.find(&ROW_INDEX, &asked)?;
        let mut ids: BTreeMap<String, BTreeSet<Uuid>> = keys.into_iter().map(|key| (key, BTreeSet::new())).collect();
        for row in found {
            ids.entry(row.text(1)?.to_owned()).or_default().insert(row.id(2)?);
        }
        let mut known = self.known();
        ids.into_iter().for_each(|(key, ids)| known.learn_key(key, ids));
        Ok(())
    }

    fn load_digests(&self, scopes: impl Iterator<Item = Scope>) -> Result<(), Unavailable> {
        let scopes: Vec<Scope> = scopes.collect();
        let asked: Vec<_> = scopes.iter().map(|scope| self.key([scope.to_string().into()])).collect();
        let found = self.tx.connection.find(&SCOPES, &asked)?;
        let mut known = self.known();
        known.digests.extend(scopes.into_iter().map(|scope| (scope, Digest::default())));
        for row in found {
            let scope = row.text(1)?.parse().map_err(|_| Unavailable("a scope that is none".into()))?;
            known.digests.insert(scope, Digest { count: row.number(2)?, sum: u128::from_be_bytes(row.bytes(3)?) });
        }
        Ok(())
    }

    fn load_numbers(&self, numberings: impl Iterator<Item = (ClientId, Uuid)>) -> Result<(), Unavailable> {
        let numberings: Vec<_> = numberings.collect();
        let asked: Vec<_> = numberings.iter().map(|(client, incarnation)| self.key([client.0.into(), (*incarnation).into()])).collect();
        let found = self.tx.connection.find(&CLIENTS, &asked)?;
        let mut known = self.known();
        known.numbers.extend(numberings.into_iter().map(|numbering| (numbering, 0)));
        for row in found {
            known.numbers.insert((ClientId(row.id(1)?), row.id(2)?), row.number(4)?);
        }
        Ok(())
    }

    fn load_outcomes(&self, uuids: impl Iterator<Item = Uuid>) -> Result<(), Unavailable> {
        let uuids: Vec<Uuid> = uuids.collect();
        let asked: Vec<_> = uuids.iter().map(|uuid| self.key([(*uuid).into()])).collect();
        let found = self.tx.connection.find(&COMMANDS, &asked)?;
        let mut known = self.known();
        known.outcomes.extend(uuids.into_iter().map(|uuid| (uuid, None)));
        for row in found {
            let uuid = row.id(1)?;
            let outcome = serde_json::from_str(row.text(11)?).map_err(|_| Unavailable(format!("the stored outcome of {uuid} cannot be read")))?;
            known.outcomes.insert(uuid, Some((UserId(row.id(5)?), outcome)));
        }
        Ok(())
    }

    fn stored(&self, key: Key) -> Result<Option<Arc<Stored>>, Unavailable> {
        if let Some(changed) = self.changes().rows.get(&key) {
            return Ok(changed.clone());
        }
        if let Some(known) = self.known().rows.get(&key) {
            return Ok(known.clone());
        }
        self.miss(|missed| missed.rows.insert(key))?;
        self.load_rows(std::iter::once(key))?;
        Ok(self.known().rows.get(&key).cloned().flatten())
    }

    /// The ids found under a key.
    fn ids(&self, index: &Index) -> Result<BTreeSet<Uuid>, Unavailable> {
        let key = index.to_string();
        if !self.known().keys.contains_key(&key) {
            self.miss(|missed| missed.keys.insert(key.clone()))?;
            self.load_keys(std::iter::once(key.clone()))?;
        }
        let mut ids = self.known().keys.get(&key).cloned().unwrap_or_default();
        if let Some(changed) = self.changes().keys.get(&key) {
            change_ids(&mut ids, changed);
        }
        Ok(ids)
    }

    fn ids_of_kind(&self, kind: Kind) -> Result<Vec<Uuid>, Unavailable> {
        self.reading_only()?;
        self.stored_ids(kind)
    }

    fn stored_ids(&self, kind: Kind) -> Result<Vec<Uuid>, Unavailable> {
        let rows = self.tx.query("SELECT id FROM rows WHERE org = ?1 AND kind = ?2 ORDER BY id", &[self.org.0.into(), kind.name().into()])?;
        rows.iter().map(|row| row.id(0)).collect()
    }

    /// Questions that pass by what changes have in memory are for readers.
    fn reading_only(&self) -> Result<(), Unavailable> {
        if self.tx.writing { Err(Unavailable("a pull reads and does not write".into())) } else { Ok(()) }
    }

    /// Changes only the index entries that differ: an edit of a field that nothing is found by touches none.
    fn move_index(&self, key: Key, before: Option<&Record>, after: Option<&Record>) {
        let keys = |record: Option<&Record>| record.map(Record::indexes).unwrap_or_default().into_iter().collect::<BTreeSet<Index>>();
        let (old, new) = (keys(before), keys(after));
        let mut changes = self.changes();
        for gone in old.difference(&new) {
            changes.keys.entry(gone.to_string()).or_default().insert(key.id, false);
        }
        for come in new.difference(&old) {
            changes.keys.entry(come.to_string()).or_default().insert(key.id, true);
        }
    }
}

impl Transaction for Organisation<'_> {
    fn epoch(&self) -> Result<Uuid, Unavailable> {
        self.head().map(|head| head.epoch)
    }

    fn version(&self) -> Result<u64, Unavailable> {
        let raised = self.changes().version;
        raised.map_or_else(|| self.head().map(|head| head.version), Ok)
    }

    fn purged(&self) -> Result<u64, Unavailable> {
        self.head().map(|head| head.purged)
    }

    /// Listeners hear of it after the commit.
    fn set_version(&mut self, version: u64) -> Result<(), Unavailable> {
        self.changes().version = Some(version);
        Ok(())
    }

    fn row(&self, key: Key) -> Result<Option<StoredRow>, Unavailable> {
        Ok(self.stored(key)?.map(|stored| stored.row.clone()))
    }

    fn put_row(&mut self, record: &Record, row: &StoredRow) -> Result<(), Unavailable> {
        let key = record.key();
        let before = self.stored(key)?;
        self.move_index(key, before.as_ref().map(|stored| &stored.record), Some(record));
        let mut changes = self.changes();
        if before.is_none_or(|before| before.row.scope != row.scope) {
            changes.tombstones.insert((row.scope, key), None);
        }
        changes.rows.insert(key, Some(Arc::new(Stored { record: record.clone(), row: row.clone() })));
        Ok(())
    }

    fn delete_row(&mut self, key: Key) -> Result<(), Unavailable> {
        let before = self.stored(key)?;
        self.move_index(key, before.as_ref().map(|stored| &stored.record), None);
        self.changes().rows.insert(key, None);
        Ok(())
    }

    fn put_tombstone(&mut self, scope: Scope, key: Key, version: u64) -> Result<(), Unavailable> {
        self.changes().tombstones.insert((scope, key), Some(version));
        Ok(())
    }

    fn digest(&self, scope: Scope) -> Result<Digest, Unavailable> {
        if let Some(changed) = self.changes().digests.get(&scope) {
            return Ok(*changed);
        }
        if let Some(known) = self.known().digests.get(&scope) {
            return Ok(*known);
        }
        self.miss(|missed| missed.digests.insert(scope))?;
        self.load_digests(std::iter::once(scope))?;
        Ok(self.known().digests.get(&scope).copied().unwrap_or_default())
    }

    fn set_digest(&mut self, scope: Scope, digest: Digest) -> Result<(), Unavailable> {
        self.changes().digests.insert(scope, digest);
        Ok(())
    }

    fn changes(&self, scope: Scope, after: u64, limit: usize) -> Result<Vec<Row>, Unavailable> {
        self.reading_only()?;
        let of = |what: &str, which: &str| {
            let from = |what: &str, table: &str| format!("SELECT {what} FROM {table} WHERE org = ?1 AND scope = ?2 AND version {which}");
            format!("{} UNION ALL {}", from(&format!("{what}, body"), "rows"), from(&format!("{what}, NULL"), "tombstones"))
        };
        let (what, org, scoped) = ("kind, id, version", Value::from(self.org.0), Value::from(scope.to_string()));
        let asked = [org.clone(), scoped.clone(), after.into(), (limit as u64).into()];
        let mut found = self.tx.query(&format!("{} ORDER BY version LIMIT ?4", of(what, "> ?3")), &asked)?;
        // The version that fills the page is given whole.
        if let Some(last) = found.last().filter(|_| found.len() >= limit) {
            let last = last.number(2)?;
            found.truncate(found.partition_point(|row| row.number(2).is_ok_and(|version| version < last)));
            found.append(&mut self.tx.query(&of(what, "= ?3"), &[org, scoped, last.into()])?);
        }
        found.into_iter().map(|row| read_row(scope, row)).collect()
    }

    fn last_seq(&self, client: ClientId, incarnation: Uuid) -> Result<u64, Unavailable> {
        let numbering = (client, incarnation);
        if let Some((_, changed)) = self.changes().numbers.get(&numbering) {
            return Ok(*changed);
        }
        if let Some(known) = self.known().numbers.get(&numbering) {
            return Ok(*known);
        }
        self.miss(|missed| missed.numbers.insert(numbering))?;
        self.load_numbers(std::iter::once(numbering))?;
        Ok(self.known().numbers.get(&numbering).copied().unwrap_or(0))
    }

    fn set_last_seq(&mut self, client: ClientId, incarnation: Uuid, session: Session, last_seq: u64) -> Result<(), Unavailable> {
        self.changes().numbers.insert((client, incarnation), (session.user, last_seq));
        Ok(())
    }

    fn outcome(&self, uuid: Uuid) -> Result<Option<(UserId, Outcome)>, Unavailable> {
        if let Some(changed) = self.changes().outcomes.get(&uuid) {
            return Ok(Some(changed.clone()));
        }
        if let Some(known) = self.known().outcomes.get(&uuid) {
            return Ok(known.clone());
        }
        self.miss(|missed| missed.outcomes.insert(uuid))?;
        self.load_outcomes(std::iter::once(uuid))?;
        Ok(self.known().outcomes.get(&uuid).cloned().flatten())
    }

    fn put_command(&mut self, command: &RuledCommand<'_>) -> Result<(), Unavailable> {
        let RuledCommand { session, client, incarnation, envelope, arrived_at, outcome } = command;
        let verdict = serde_json::to_string(outcome).map_err(|_| Unavailable("an outcome does not serialise".into()))?;
        let row = self.key([
            envelope.uuid.into(),
            client.0.into(),
            (*incarnation).into(),
            envelope.seq.into(),
            session.user.0.into(),
            envelope.command.name.as_str().into(),
            envelope.command.args.get().into(),
            envelope.occurred_at.timestamp_millis().into(),
            envelope.clock_offset_ms.into(),
            arrived_at.timestamp_millis().into(),
            verdict.into(),
            outcome.version.into(),
        ]);
        let mut changes = self.changes();
        changes.outcomes.insert(envelope.uuid, (session.user, (*outcome).clone()));
        changes.commands.push(row);
        Ok(())
    }

    fn signer(&self) -> &TicketSigner {
        self.signer.get_or_init(|| self.known().signer())
    }
}

impl View for Organisation<'_> {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        Ok(self.stored(key)?.map(|stored| stored.record.clone()))
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        let keys: Vec<Key> = self.ids(index)?.into_iter().map(|id| Key { kind: index.kind(), id }).collect();
        let unknown = |key: &Key| !self.changes().rows.contains_key(key) && !self.known().rows.contains_key(key);
        let unknown: Vec<Key> = keys.iter().copied().filter(unknown).collect();
        if !unknown.is_empty() {
            self.miss(|missed| missed.rows.extend(&unknown))?;
            self.load_rows(unknown.into_iter())?;
        }
        keys.into_iter().filter_map(|key| self.record(key).transpose()).collect()
    }
}

impl Everyone for Organisation<'_> {
    fn users(&self) -> Result<Vec<UserId>, Unavailable> {
        Ok(self.ids_of_kind(Kind::User)?.into_iter().map(UserId).collect())
    }

    fn meetings(&self) -> Result<Vec<MeetingId>, Unavailable> {
        Ok(self.ids_of_kind(Kind::Meeting)?.into_iter().map(MeetingId).collect())
    }
}

/// The body is given out as it is stored, byte for byte: the row's hash is over these bytes.
fn read_row(scope: Scope, mut row: Found) -> Result<Row, Unavailable> {
    let (kind, id, version) = (row.text(0)?.to_owned(), row.id(1)?, row.number(2)?);
    let raw = |body: String| RawValue::from_string(body).map_err(|_| Unavailable(format!("the stored {kind} {id} cannot be read")));
    let body = row.take_text(3)?.map(raw).transpose()?;
    Ok(Row { scope, kind, id, version, body })
}
