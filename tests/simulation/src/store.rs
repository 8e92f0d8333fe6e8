//! The servers' common store in memory: the reference that other stores are compared with.

use super::Weakness;
use shared::decide::{Unavailable, View};
use shared::ids::{ClientId, MeetingId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::record::{Index, Key, Record, Scope};
use shared::sync::protocol::{Digest, Outcome, Row, RowHash};
use shared::sync::records::Records;
use shared::sync::scopes::Everyone;
use shared::sync::server::{RuledCommand, Session, StoredRow, Transaction};
use shared::testing::{TICKET_SEED, World};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

static SIGNER: LazyLock<TicketSigner> = LazyLock::new(|| TicketSigner::from_seed(&TICKET_SEED));

/// One organisation's data.
#[derive(Clone)]
pub struct MemoryStore {
    epoch: Uuid,
    version: u64,
    purged: u64,
    records: Records,
    rows: HashMap<Key, StoredRow>,
    /// By scope and version: rows and tombstones.
    log: BTreeMap<(Scope, u64, Key), Change>,
    tombstones: HashMap<(Scope, Key), u64>,
    digests: HashMap<Scope, Digest>,
    numbers: HashMap<(ClientId, Uuid), u64>,
    by_uuid: HashMap<Uuid, (UserId, Outcome)>,
    ruled: Vec<Ruled>,
    /// Writes after which the server that makes them dies.
    fuse: Option<u32>,
    weakness: Weakness,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Put,
    Gone,
}

/// A ruling as it stands in the trail.
#[derive(Clone)]
pub struct Ruled {
    /// The device that sent the command.
    pub client: ClientId,
    /// The command.
    pub uuid: Uuid,
    /// The ruling.
    pub outcome: Arc<Outcome>,
}

impl MemoryStore {
    /// A store that holds a world's records and no history yet.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let weakness = Weakness::None;
        let mut store = Self {
            epoch: Uuid::nil(),
            version: 1,
            purged: 0,
            records: Records::default(),
            rows: HashMap::new(),
            log: BTreeMap::new(),
            tombstones: HashMap::new(),
            digests: HashMap::new(),
            numbers: HashMap::new(),
            by_uuid: HashMap::new(),
            ruled: Vec::new(),
            fuse: None,
            weakness,
        };
        for record in world.all() {
            let (key, scope, body) = (record.key(), record.scope(), record.encode());
            let hash = RowHash::of_kind(key.kind, key.id, 1, &body);
            store.digests.entry(scope).or_default().add(hash);
            store.put_row(record, &StoredRow { scope, version: 1, hash, body }).expect("memory can always be written");
        }
        store
    }

    /// The same data with a history of its own.
    #[must_use]
    pub fn begun(&self, epoch: Uuid, weakness: Weakness) -> Self {
        Self { epoch, weakness, ..self.clone() }
    }

    /// The store as it was in a backup, with a new history.
    #[must_use]
    pub fn restored(backup: &Self, epoch: Uuid) -> Self {
        let epoch = if backup.weakness == Weakness::KeepsEpochAtRestore { backup.epoch } else { epoch };
        Self { epoch, ..backup.clone() }
    }

    /// All records.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// Everything that was ruled on, in order.
    #[must_use]
    pub fn ruled(&self) -> &[Ruled] {
        &self.ruled
    }

    /// All rows, in no order.
    pub fn rows(&self) -> impl Iterator<Item = (Key, &StoredRow)> {
        self.rows.iter().map(|(key, row)| (*key, row))
    }

    /// The outcome of a command.
    #[must_use]
    pub fn by_uuid(&self, uuid: Uuid) -> Option<&Outcome> {
        self.by_uuid.get(&uuid).map(|(_, outcome)| outcome)
    }

    /// The server that writes dies after so many writes; none lets it live.
    pub const fn set_fuse(&mut self, writes: Option<u32>) {
        self.fuse = writes;
    }

    /// Writes what a server has changed on a copy that it believed to be this store since a version. Only a weak server has such a copy.
    pub fn write_over(&mut self, copy: &Self, since: u64) {
        let new = |(scope, version, key): &(Scope, u64, Key)| (*version > since).then_some((*scope, *version, *key));
        for ((scope, version, key), change) in copy.log.iter().filter_map(|(at, change)| Some((new(at)?, *change))) {
            let written = match (change, copy.records.get(key), copy.rows.get(&key)) {
                (Change::Put, Some(record), Some(row)) => self.put_row(record, row),
                _ => self.put_tombstone(scope, key, version),
            };
            written.expect("a copy has no fuse");
            self.digests.insert(scope, copy.digests.get(&scope).copied().unwrap_or_default());
        }
        self.version = copy.version;
        self.numbers.extend(&copy.numbers);
        let unknown = copy.ruled.iter().filter(|ruled| !self.by_uuid.contains_key(&ruled.uuid)).cloned().collect::<Vec<_>>();
        self.ruled.extend(unknown);
        self.by_uuid.extend(copy.by_uuid.iter().map(|(uuid, known)| (*uuid, known.clone())));
    }

    /// A weak server has changed a ruling that it has just given.
    pub fn rule_otherwise(&mut self, outcome: &Outcome) {
        if let Some((_, known)) = self.by_uuid.get_mut(&outcome.uuid) {
            known.verdict = outcome.verdict.clone();
        }
        for ruled in self.ruled.iter_mut().filter(|ruled| ruled.uuid == outcome.uuid) {
            ruled.outcome = Arc::new(outcome.clone());
        }
    }

    fn burn(&mut self) -> Result<(), Unavailable> {
        match &mut self.fuse {
            None => Ok(()),
            Some(0) => Err(Unavailable("the server has died".into())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    /// Forgets all tombstones, as if the devices had been away for longer than they are kept.
    pub fn forget_tombstones(&mut self) {
        self.log.retain(|_, change| *change == Change::Put);
        self.tombstones.clear();
        if self.weakness != Weakness::ForgetsThatTombstonesWent {
            self.purged = self.version;
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(row) = self.rows.remove(&key) {
            self.log.remove(&(row.scope, row.version, key));
        }
    }
}

impl View for MemoryStore {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        self.records.record(key)
    }
    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        View::records(&self.records, index)
    }
}

impl Everyone for MemoryStore {
    fn users(&self) -> Result<Vec<UserId>, Unavailable> {
        self.records.users()
    }
    fn meetings(&self) -> Result<Vec<MeetingId>, Unavailable> {
        self.records.meetings()
    }
}

impl Transaction for MemoryStore {
    fn epoch(&self) -> Result<Uuid, Unavailable> {
        Ok(self.epoch)
    }

    fn version(&self) -> Result<u64, Unavailable> {
        Ok(self.version)
    }

    fn set_version(&mut self, version: u64) -> Result<(), Unavailable> {
        self.burn()?;
        self.version = version;
        Ok(())
    }

    fn purged(&self) -> Result<u64, Unavailable> {
        Ok(self.purged)
    }

    fn row(&self, key: Key) -> Result<Option<StoredRow>, Unavailable> {
        Ok(self.rows.get(&key).cloned())
    }

    fn put_row(&mut self, record: &Record, row: &StoredRow) -> Result<(), Unavailable> {
        self.burn()?;
        let key = record.key();
        self.forget(key);
        if let Some(version) = self.tombstones.remove(&(row.scope, key)) {
            self.log.remove(&(row.scope, version, key));
        }
        self.log.insert((row.scope, row.version, key), Change::Put);
        self.rows.insert(key, row.clone());
        self.records.put(record.clone());
        Ok(())
    }

    fn delete_row(&mut self, key: Key) -> Result<(), Unavailable> {
        self.burn()?;
        self.forget(key);
        self.records.remove(key);
        Ok(())
    }

    fn put_tombstone(&mut self, scope: Scope, key: Key, version: u64) -> Result<(), Unavailable> {
        self.burn()?;
        self.forget(key);
        if let Some(earlier) = self.tombstones.insert((scope, key), version) {
            self.log.remove(&(scope, earlier, key));
        }
        self.log.insert((scope, version, key), Change::Gone);
        Ok(())
    }

    fn digest(&self, scope: Scope) -> Result<Digest, Unavailable> {
        Ok(self.digests.get(&scope).copied().unwrap_or_default())
    }

    fn set_digest(&mut self, scope: Scope, digest: Digest) -> Result<(), Unavailable> {
        self.burn()?;
        self.digests.insert(scope, digest);
        Ok(())
    }

    fn changes(&self, scope: Scope, after: u64, limit: usize) -> Result<Vec<Row>, Unavailable> {
        let lowest = Key { kind: shared::Kind::ALL[0], id: Uuid::nil() };
        let mut rows: Vec<Row> = Vec::new();
        for ((of, version, key), change) in self.log.range((scope, after + 1, lowest)..) {
            let complete = rows.len() >= limit && rows.last().is_some_and(|last| last.version != *version);
            if *of != scope || complete {
                break;
            }
            let body = match change {
                Change::Put => {
                    let row = self.rows.get(key).ok_or_else(|| Unavailable("the log names a row that is not there".into()))?;
                    Some(serde_json::value::RawValue::from_string(row.body.clone()).map_err(|error| Unavailable(error.to_string()))?)
                }
                Change::Gone => None,
            };
            rows.push(Row { scope, kind: key.kind.name().to_owned(), id: key.id, version: *version, body });
        }
        Ok(rows)
    }

    fn last_seq(&self, client: ClientId, incarnation: Uuid) -> Result<u64, Unavailable> {
        Ok(self.numbers.get(&(client, incarnation)).copied().unwrap_or(0))
    }

    fn set_last_seq(&mut self, client: ClientId, incarnation: Uuid, _: Session, last_seq: u64) -> Result<(), Unavailable> {
        self.burn()?;
        self.numbers.insert((client, incarnation), last_seq);
        Ok(())
    }

    fn outcome(&self, uuid: Uuid) -> Result<Option<(UserId, Outcome)>, Unavailable> {
        if self.weakness == Weakness::ForgetsUuids {
            return Ok(None);
        }
        Ok(self.by_uuid.get(&uuid).cloned())
    }

    fn put_command(&mut self, command: &RuledCommand<'_>) -> Result<(), Unavailable> {
        self.burn()?;
        let uuid = command.envelope.uuid;
        let known = self.by_uuid.insert(uuid, (command.session.user, command.outcome.clone())).is_some();
        if known && self.weakness != Weakness::ForgetsUuids {
            return Err(Unavailable("a command was ruled on twice".into()));
        }
        self.ruled.push(Ruled { client: command.client, uuid, outcome: Arc::new(command.outcome.clone()) });
        Ok(())
    }

    fn signer(&self) -> &TicketSigner {
        &SIGNER
    }
}
