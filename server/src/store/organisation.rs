//! One organisation inside a transaction: the store that sync's state machines work on, and what rules read ([`View`]).
//!
//! Laws: whatever is read or written here belongs to this organisation; no call can name another. A row's index entries change with it.

use super::{Transaction as Opened, from_sql, to_sql, unavailable};
use rusqlite::{OptionalExtension, params};
use serde_json::value::RawValue;
use shared::ids::{ClientId, MeetingId, OrgId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::sync::protocol::{Digest, Outcome, Row, RowHash};
use shared::sync::scopes::Everyone;
use shared::sync::server::{RuledCommand, Session, StoredRow, Transaction};
use shared::time::Timestamp;
use shared::{Index, Key, Kind, Record, Scope, Unavailable, View};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// The rows of one organisation.
pub struct Organisation<'t> {
    tx: &'t Opened<'t>,
    org: OrgId,
    ticket_seed: [u8; 32],
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

/// The organisations of a database, in the order of their ids.
///
/// # Errors
/// [`Unavailable`].
pub fn organisations(tx: &Opened<'_>) -> Result<Vec<OrgId>, Unavailable> {
    let mut statement = tx.connection.prepare_cached("SELECT org FROM orgs ORDER BY org").map_err(unavailable)?;
    let rows = statement.query_map([], |row| row.get(0).map(|bytes| OrgId(Uuid::from_bytes(bytes)))).map_err(unavailable)?;
    rows.collect::<Result<_, _>>().map_err(unavailable)
}

impl Opened<'_> {
    /// An organisation.
    ///
    /// # Errors
    /// [`Unavailable`], also if there is none of this id.
    pub fn of(&self, org: OrgId) -> Result<Organisation<'_>, Unavailable> {
        let seed = self.one("SELECT ticket_seed FROM orgs WHERE org = ?1", [blob(org.0)], |row| row.get(0))?;
        let ticket_seed = seed.ok_or_else(|| Unavailable("no such organisation".into()))?;
        Ok(Organisation { tx: self, org, ticket_seed, signer: OnceCell::new() })
    }

    /// Founds an organisation with nothing in it.
    ///
    /// # Errors
    /// [`Unavailable`], also if the id is taken.
    pub fn found(&self, new: &NewOrganisation) -> Result<Organisation<'_>, Unavailable> {
        let sql = "INSERT INTO orgs (org, epoch, version, ticket_seed, created_at) VALUES (?1, ?2, 0, ?3, ?4)";
        let created_at = new.created_at.timestamp_millis();
        self.execute(sql, params![blob(new.org.0), blob(new.epoch), new.ticket_seed, created_at])?;
        self.of(new.org)
    }

    pub(super) fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, Unavailable> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).map_err(unavailable)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Unavailable> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.query_row(params, read).optional()).map_err(unavailable)
    }

    /// Writes the digests that changed. Called once, before the savepoint is released.
    pub(super) fn finish(&self) -> Result<(), Unavailable> {
        for ((org, scope), digest) in std::mem::take(&mut *self.digests.borrow_mut()) {
            self.execute(
                "INSERT INTO scopes (org, scope, count, sum) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (org, scope) DO UPDATE SET count = excluded.count, sum = excluded.sum",
                params![blob(org.0), scope.to_string(), to_sql(digest.count), digest.sum.to_be_bytes()],
            )?;
        }
        Ok(())
    }
}

impl Organisation<'_> {
    /// Which organisation.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.org
    }

    fn about<T>(&self, sql: &str, read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Result<T, Unavailable> {
        self.tx.one(sql, [blob(self.org.0)], read)?.ok_or_else(|| Unavailable("no such organisation".into()))
    }

    /// Writes only the index entries that differ: an edit of a field that nothing is found by touches none.
    fn move_index(&self, key: Key, before: Option<&Record>, after: Option<&Record>) -> Result<(), Unavailable> {
        let keys = |record: Option<&Record>| record.map(Record::indexes).unwrap_or_default().into_iter().collect::<BTreeSet<Index>>();
        let (old, new) = (keys(before), keys(after));
        for gone in old.difference(&new) {
            let sql = "DELETE FROM row_index WHERE org = ?1 AND key = ?2 AND id = ?3";
            self.tx.execute(sql, params![blob(self.org.0), gone.to_string(), blob(key.id)])?;
        }
        for come in new.difference(&old) {
            let sql = "INSERT OR IGNORE INTO row_index (org, key, id) VALUES (?1, ?2, ?3)";
            self.tx.execute(sql, params![blob(self.org.0), come.to_string(), blob(key.id)])?;
        }
        Ok(())
    }

    fn stored(&self, key: Key) -> Result<Known, Unavailable> {
        if let Some(known) = self.tx.records.and_then(|records| records.get(self.org, key)) {
            return Ok(known);
        }
        let sql = "SELECT scope, version, hash, body FROM rows WHERE org = ?1 AND kind = ?2 AND id = ?3";
        let found = self.tx.one(sql, params![blob(self.org.0), key.kind.name(), blob(key.id)], |row| {
            let body: String = row.get(3)?;
            let scope = row.get_ref(0)?.as_str()?.parse().ok();
            let (version, hash) = (row.get(1).map(from_sql)?, RowHash(u128::from_be_bytes(row.get(2)?)));
            let record = Record::decode(key.kind, &body).ok();
            Ok(scope.zip(record).map(|(scope, record)| Arc::new(Stored { record, row: StoredRow { scope, version, hash, body } })))
        });
        let stored = match found? {
            // The reason would quote the body, which is confidential.
            Some(None) => return Err(Unavailable(format!("the stored {} {} cannot be read", key.kind.name(), key.id))),
            found => found.flatten(),
        };
        self.remember(key, stored.clone());
        Ok(stored)
    }

    fn remember(&self, key: Key, stored: Known) {
        if let Some(records) = self.tx.records {
            records.put(self.org, key, stored);
        }
    }

    fn ids<P: rusqlite::Params>(&self, sql: &str, params: P) -> Result<Vec<Uuid>, Unavailable> {
        let mut statement = self.tx.connection.prepare_cached(sql).map_err(unavailable)?;
        let rows = statement.query_map(params, |row| row.get(0).map(Uuid::from_bytes)).map_err(unavailable)?;
        rows.collect::<Result<_, _>>().map_err(unavailable)
    }

    fn ids_of_kind(&self, kind: Kind) -> Result<Vec<Uuid>, Unavailable> {
        self.ids("SELECT id FROM rows WHERE org = ?1 AND kind = ?2 ORDER BY id", params![blob(self.org.0), kind.name()])
    }
}

impl Transaction for Organisation<'_> {
    fn epoch(&self) -> Result<Uuid, Unavailable> {
        self.about("SELECT epoch FROM orgs WHERE org = ?1", |row| row.get(0).map(Uuid::from_bytes))
    }

    fn version(&self) -> Result<u64, Unavailable> {
        self.about("SELECT version FROM orgs WHERE org = ?1", |row| row.get(0).map(from_sql))
    }

    /// Listeners hear of it after the commit.
    fn set_version(&mut self, version: u64) -> Result<(), Unavailable> {
        self.tx.execute("UPDATE orgs SET version = ?2 WHERE org = ?1", params![blob(self.org.0), to_sql(version)])?;
        self.tx.raised.borrow_mut().insert(self.org, version);
        Ok(())
    }

    fn row(&self, key: Key) -> Result<Option<StoredRow>, Unavailable> {
        Ok(self.stored(key)?.map(|stored| stored.row.clone()))
    }

    fn put_row(&mut self, record: &Record, row: &StoredRow) -> Result<(), Unavailable> {
        let key = record.key();
        let (org, kind, id, scope) = (blob(self.org.0), key.kind.name(), blob(key.id), row.scope.to_string());
        let before = self.stored(key)?;
        self.move_index(key, before.as_ref().map(|stored| &stored.record), Some(record))?;
        if before.is_none_or(|before| before.row.scope != row.scope) {
            self.tx.execute("DELETE FROM tombstones WHERE org = ?1 AND scope = ?2 AND kind = ?3 AND id = ?4", params![org, scope, kind, id])?;
        }
        self.tx.execute(
            "INSERT INTO rows (org, kind, id, scope, version, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (org, kind, id) DO UPDATE SET scope = excluded.scope, version = excluded.version, hash = excluded.hash, body = excluded.body",
            params![org, kind, id, scope, to_sql(row.version), row.hash.0.to_be_bytes(), row.body],
        )?;
        self.remember(key, Some(Arc::new(Stored { record: record.clone(), row: row.clone() })));
        Ok(())
    }

    fn delete_row(&mut self, key: Key) -> Result<(), Unavailable> {
        let before = self.stored(key)?;
        self.move_index(key, before.as_ref().map(|stored| &stored.record), None)?;
        self.tx.execute("DELETE FROM rows WHERE org = ?1 AND kind = ?2 AND id = ?3", params![blob(self.org.0), key.kind.name(), blob(key.id)])?;
        self.remember(key, None);
        Ok(())
    }

    fn put_tombstone(&mut self, scope: Scope, key: Key, version: u64) -> Result<(), Unavailable> {
        let sql = "INSERT INTO tombstones (org, scope, kind, id, version) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (org, scope, kind, id) DO UPDATE SET version = excluded.version";
        self.tx.execute(sql, params![blob(self.org.0), scope.to_string(), key.kind.name(), blob(key.id), to_sql(version)]).map(drop)
    }

    fn digest(&self, scope: Scope) -> Result<Digest, Unavailable> {
        if let Some(digest) = self.tx.digests.borrow().get(&(self.org, scope)) {
            return Ok(*digest);
        }
        let read = |row: &rusqlite::Row<'_>| Ok(Digest { count: row.get(0).map(from_sql)?, sum: row.get(1).map(u128::from_be_bytes)? });
        let sql = "SELECT count, sum FROM scopes WHERE org = ?1 AND scope = ?2";
        Ok(self.tx.one(sql, params![blob(self.org.0), scope.to_string()], read)?.unwrap_or_default())
    }

    /// Written once, when the transaction is finished: a command of 200 rows changes one digest 200 times.
    fn set_digest(&mut self, scope: Scope, digest: Digest) -> Result<(), Unavailable> {
        self.tx.digests.borrow_mut().insert((self.org, scope), digest);
        Ok(())
    }

    fn changes(&self, scope: Scope, after: u64, limit: usize) -> Result<Vec<Row>, Unavailable> {
        let changed = "SELECT kind, id, version, body FROM rows WHERE org = ?1 AND scope = ?2 AND version > ?3
             UNION ALL SELECT kind, id, version, NULL FROM tombstones WHERE org = ?1 AND scope = ?2 AND version > ?3 ORDER BY version";
        let mut statement = self.tx.connection.prepare_cached(changed).map_err(unavailable)?;
        let mut found = statement.query(params![blob(self.org.0), scope.to_string(), to_sql(after)]).map_err(unavailable)?;
        let mut rows: Vec<Row> = Vec::new();
        while let Some(row) = found.next().map_err(unavailable)? {
            let row = read_row(scope, row).map_err(unavailable)?;
            if rows.len() >= limit && rows.last().is_some_and(|last| last.version != row.version) {
                break;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn last_seq(&self, client: ClientId, incarnation: Uuid) -> Result<u64, Unavailable> {
        let sql = "SELECT last_seq FROM clients WHERE org = ?1 AND client = ?2 AND incarnation = ?3";
        let found = self.tx.one(sql, params![blob(self.org.0), blob(client.0), blob(incarnation)], |row| row.get(0).map(from_sql))?;
        Ok(found.unwrap_or(0))
    }

    fn set_last_seq(&mut self, client: ClientId, incarnation: Uuid, session: Session, last_seq: u64) -> Result<(), Unavailable> {
        let sql = "INSERT INTO clients (org, client, incarnation, user, last_seq) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (org, client, incarnation) DO UPDATE SET user = excluded.user, last_seq = excluded.last_seq";
        self.tx.execute(sql, params![blob(self.org.0), blob(client.0), blob(incarnation), blob(session.user.0), to_sql(last_seq)]).map(drop)
    }

    fn outcome(&self, uuid: Uuid) -> Result<Option<(UserId, Outcome)>, Unavailable> {
        let sql = "SELECT user, outcome FROM commands WHERE org = ?1 AND uuid = ?2";
        let found = self.tx.one(sql, params![blob(self.org.0), blob(uuid)], |row| {
            let user = UserId(Uuid::from_bytes(row.get(0)?));
            Ok((user, serde_json::from_str(row.get_ref(1)?.as_str()?).ok()))
        })?;
        match found {
            None => Ok(None),
            Some((user, Some(outcome))) => Ok(Some((user, outcome))),
            Some((_, None)) => Err(Unavailable(format!("the stored outcome of {uuid} cannot be read"))),
        }
    }

    fn put_command(&mut self, command: &RuledCommand<'_>) -> Result<(), Unavailable> {
        let RuledCommand { session, client, incarnation, envelope, arrived_at, outcome } = command;
        let verdict = serde_json::to_string(outcome).map_err(|_| Unavailable("an outcome does not serialise".into()))?;
        self.tx.execute(
            "INSERT INTO commands (org, uuid, client, incarnation, seq, user, name, args, occurred_at, clock_offset_ms, arrived_at, outcome, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                blob(self.org.0),
                blob(envelope.uuid),
                blob(client.0),
                blob(*incarnation),
                to_sql(envelope.seq),
                blob(session.user.0),
                envelope.command.name,
                envelope.command.args.get(),
                envelope.occurred_at.timestamp_millis(),
                envelope.clock_offset_ms,
                arrived_at.timestamp_millis(),
                verdict,
                to_sql(outcome.version),
            ],
        )?;
        Ok(())
    }

    fn signer(&self) -> &TicketSigner {
        self.signer.get_or_init(|| {
            let make = || Arc::new(TicketSigner::from_seed(&self.ticket_seed));
            self.tx.records.map_or_else(make, |records| records.signer(self.org, make))
        })
    }
}

impl View for Organisation<'_> {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        Ok(self.stored(key)?.map(|stored| stored.record.clone()))
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        let ids = self.ids("SELECT id FROM row_index WHERE org = ?1 AND key = ?2 ORDER BY id", params![blob(self.org.0), index.to_string()])?;
        let found = ids.into_iter().map(|id| self.record(Key { kind: index.kind(), id }));
        found.filter_map(Result::transpose).collect()
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
fn read_row(scope: Scope, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let body: Option<String> = row.get(3)?;
    let raw = |body: String| RawValue::from_string(body).map_err(|_| rusqlite::Error::InvalidQuery);
    Ok(Row { scope, kind: row.get(0)?, id: Uuid::from_bytes(row.get(1)?), version: row.get(2).map(from_sql)?, body: body.map(raw).transpose()? })
}

struct Stored {
    record: Record,
    row: StoredRow,
}

/// Records that the writer has read or written, so that rules which ask for the same settings, user and meeting with every command decode
/// them once. Only the writer has one: nobody else changes rows, and if somebody does (the company's tools), the cache is dropped.
#[derive(Default)]
pub(super) struct RecordCache {
    records: RefCell<HashMap<(OrgId, Key), Known>>,
    /// Making a key out of its seed costs more than a small push.
    signers: RefCell<HashMap<OrgId, Arc<TicketSigner>>>,
    data_version: Cell<i64>,
}

/// A record, or that there is none.
type Known = Option<Arc<Stored>>;

/// Records kept at most; a few KB each.
const MOST_REMEMBERED: usize = 20_000;

impl RecordCache {
    pub(super) fn forget_all(&self) {
        self.records.borrow_mut().clear();
        self.signers.borrow_mut().clear();
    }

    fn signer(&self, org: OrgId, make: impl FnOnce() -> Arc<TicketSigner>) -> Arc<TicketSigner> {
        Arc::clone(self.signers.borrow_mut().entry(org).or_insert_with(make))
    }

    /// SQLite's data_version differs once another connection has committed.
    pub(super) fn forget_if_changed_elsewhere(&self, connection: &rusqlite::Connection) -> Result<(), Unavailable> {
        let now: i64 = connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(unavailable)?;
        if self.data_version.replace(now) != now {
            self.forget_all();
        }
        Ok(())
    }

    fn get(&self, org: OrgId, key: Key) -> Option<Known> {
        self.records.borrow().get(&(org, key)).cloned()
    }

    fn put(&self, org: OrgId, key: Key, stored: Known) {
        let mut records = self.records.borrow_mut();
        if records.len() >= MOST_REMEMBERED {
            records.clear();
        }
        records.insert((org, key), stored);
    }
}

/// A uuid as it is stored.
pub(super) fn blob(id: Uuid) -> [u8; 16] {
    id.into_bytes()
}
