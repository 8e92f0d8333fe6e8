//! The replica in memory: rows from the server (`base`) with the commands not yet ruled on replayed over them (`overlay`).
//!
//! Law: screen = rebase(base, pending). The overlay is thrown away and made anew from the pending commands; nothing else writes to it.

use crate::command::Command;
use crate::decide::{Actor, Context, Patch, Stop, Unavailable, View, decide};
use crate::ids::{ClientId, MeetingId, UserId};
use crate::record::{Entity, Index, Key, Kind, Record, Scope};
use crate::sync::client::Rows;
use crate::sync::protocol::{Digest, Row, RowHash};
use crate::sync::scopes::Everyone;
use crate::time::Timestamp;
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Records by key with their indexes. Keeps what every store must: a record is found under each key that it names, and under no other.
#[derive(Clone, Default)]
pub struct Records {
    by_kind: BTreeMap<Kind, HashMap<Uuid, Record>>,
    by_index: HashMap<Index, Ids>,
}

/// The ids under one key of an index, in order. Most keys find one record, for which a set of its own would cost 200 bytes; and most of
/// what many are found by comes in the order of its ids, so that a set is needed only where something stands in between or goes.
#[derive(Clone, Debug)]
enum Ids {
    One(Uuid),
    Rising(Vec<Uuid>),
    Many(BTreeSet<Uuid>),
}

impl Ids {
    fn insert(&mut self, id: Uuid) {
        match self {
            Self::One(only) if *only == id => {}
            Self::One(only) => *self = Self::Rising(vec![id.min(*only), id.max(*only)]),
            Self::Rising(ids) if ids.last().is_some_and(|last| *last < id) => ids.push(id),
            Self::Rising(ids) => {
                let mut set: BTreeSet<_> = ids.iter().copied().collect();
                set.insert(id);
                *self = Self::Many(set);
            }
            Self::Many(ids) => drop(ids.insert(id)),
        }
    }

    /// Takes an id out; returns whether none is left.
    fn remove(&mut self, id: Uuid) -> bool {
        match self {
            Self::One(only) => *only == id,
            Self::Rising(ids) => {
                let mut set: BTreeSet<_> = ids.iter().copied().collect();
                set.remove(&id);
                let is_empty = set.is_empty();
                *self = Self::Many(set);
                is_empty
            }
            Self::Many(ids) => {
                ids.remove(&id);
                ids.is_empty()
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = Uuid> {
        let (row, set): (&[Uuid], _) = match self {
            Self::One(id) => (std::slice::from_ref(id), None),
            Self::Rising(ids) => (ids, None),
            Self::Many(ids) => (&[], Some(ids)),
        };
        row.iter().chain(set.into_iter().flatten()).copied()
    }
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.by_kind.iter().map(|(kind, rows)| (kind, rows.len()))).finish()
    }
}

impl Records {
    /// The record of a key.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Record> {
        self.by_kind.get(&key.kind)?.get(&key.id)
    }

    /// Stores a record; the one it replaces is given back.
    pub fn put(&mut self, record: Record) -> Option<Record> {
        let key = record.key();
        let indexes = record.indexes();
        let before = self.by_kind.entry(key.kind).or_default().insert(key.id, record);
        if let Some(before) = &before {
            self.unindex(before, key.id);
        }
        for index in indexes {
            self.by_index.entry(index).and_modify(|ids| ids.insert(key.id)).or_insert(Ids::One(key.id));
        }
        before
    }

    /// Removes and returns a record.
    pub fn remove(&mut self, key: Key) -> Option<Record> {
        let record = self.by_kind.get_mut(&key.kind)?.remove(&key.id)?;
        self.unindex(&record, key.id);
        Some(record)
    }

    fn unindex(&mut self, record: &Record, id: Uuid) {
        for index in record.indexes() {
            if self.by_index.get_mut(&index).is_some_and(|ids| ids.remove(id)) {
                self.by_index.remove(&index);
            }
        }
    }

    /// Carries out what a rule gave.
    pub fn apply(&mut self, patch: Patch) {
        match patch {
            Patch::Put(record) => drop(self.put(record)),
            Patch::Delete(key) => drop(self.remove(key)),
        }
    }

    /// The ids found by an index, in order.
    pub fn ids(&self, index: &Index) -> impl Iterator<Item = Uuid> {
        self.by_index.get(index).into_iter().flat_map(Ids::iter)
    }

    /// All records of a kind, in no order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.by_kind.get(&kind).into_iter().flat_map(HashMap::values)
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_kind.values().map(HashMap::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl View for Records {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        Ok(self.get(key).cloned())
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        let kind = index.kind();
        Ok(self.ids(index).filter_map(|id| self.get(Key { kind, id })).cloned().collect())
    }
}

impl Everyone for Records {
    fn users(&self) -> Result<Vec<UserId>, Unavailable> {
        Ok(self.of_kind(Kind::User).map(|record| UserId(record.key().id)).collect())
    }

    fn meetings(&self) -> Result<Vec<MeetingId>, Unavailable> {
        Ok(self.of_kind(Kind::Meeting).map(|record| MeetingId(record.key().id)).collect())
    }
}

/// What is known of a base row besides its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The scope that brought it.
    pub scope: Scope,
    /// The version at which it changed.
    pub version: u64,
    /// Its hash.
    pub hash: RowHash,
}

/// A command that waits for its ruling, or for the rows of its ruling.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Its identity.
    pub uuid: Uuid,
    /// When the person acted.
    pub at: Timestamp,
    /// What was asked; none if an older app wrote it and this one cannot read it.
    pub command: Option<Command>,
    /// Set once the server has applied it: the version whose rows make the replay needless.
    pub applied_at: Option<u64>,
}

/// A device's whole state in memory.
#[derive(Clone, Debug)]
pub struct Replica {
    device: ClientId,
    actor: Option<Actor>,
    base: Records,
    held: BTreeMap<Kind, HashMap<Uuid, Held>>,
    /// Rows of kinds that this version does not know are held too, so that digests agree.
    held_unknown: BTreeMap<Box<str>, HashMap<Uuid, Held>>,
    digests: BTreeMap<Scope, Digest>,
    pending: Vec<Pending>,
    overlay: Overlay,
}

/// What pending commands changed: a record, or its absence.
#[derive(Clone, Debug, Default)]
struct Overlay {
    records: Records,
    gone: BTreeSet<Key>,
}

impl Replica {
    /// An empty replica of a device. The actor is known after log-in.
    #[must_use]
    pub fn new(device: ClientId, actor: Option<Actor>) -> Self {
        Self {
            device,
            actor,
            base: Records::default(),
            held: BTreeMap::new(),
            held_unknown: BTreeMap::new(),
            digests: BTreeMap::new(),
            pending: Vec::new(),
            overlay: Overlay::default(),
        }
    }

    /// Which device it is.
    #[must_use]
    pub const fn device(&self) -> ClientId {
        self.device
    }

    /// Who uses the device.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Sets who uses the device; takes effect for commands from now on and at the next [`Self::rebase`].
    pub fn set_actor(&mut self, actor: Option<Actor>) {
        self.actor = actor;
    }

    /// Predicts a command without recording it.
    ///
    /// # Errors
    /// [`Stop`]: the rules refuse it on what the device holds.
    pub fn predict(&self, command: &Command, at: Timestamp) -> Result<Vec<Patch>, Stop> {
        let actor = self.actor.clone().ok_or(Stop::Rejected(crate::Rejection::Forbidden))?;
        decide(self, command, &Context { actor, at, device: self.device, signer: None })
    }

    /// Adds a saved command and shows its effect. Which kinds changed is returned.
    pub fn add_pending(&mut self, pending: Pending) -> BTreeSet<Kind> {
        let kinds = self.replay(&pending);
        self.pending.push(pending);
        kinds
    }

    /// The commands that wait, in order.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// The server applied a command: it stays on the screen until the rows of that version are here.
    pub fn mark_applied(&mut self, uuid: Uuid, version: u64) {
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.uuid == uuid) {
            pending.applied_at = Some(version);
        }
    }

    /// The server refused a command: it leaves the screen at the next [`Self::rebase`].
    pub fn drop_pending(&mut self, uuid: Uuid) {
        self.pending.retain(|pending| pending.uuid != uuid);
    }

    /// All base rows of a version and before are here: commands applied by then need no replay any more.
    pub fn settle(&mut self, version: u64) {
        self.pending.retain(|pending| pending.applied_at.is_none_or(|applied| applied > version));
    }

    /// Stores a row from the server. `record` is none for a kind that this version does not know.
    pub fn put_row(&mut self, kind: &str, id: Uuid, held: Held, record: Option<Record>) {
        self.digests.entry(held.scope).or_default().add(held.hash);
        let known = Kind::from_name(kind);
        let before = match known {
            Some(kind) => self.held.entry(kind).or_default().insert(id, held),
            None => self.held_unknown.entry(kind.into()).or_default().insert(id, held),
        };
        if let Some(before) = before {
            self.uncount(&before);
            if let Some(kind) = known {
                self.base.remove(Key { kind, id });
            }
        }
        if let Some(record) = record {
            self.base.put(record);
        }
    }

    /// Removes a row if it is held by this scope; one that has moved to another scope stays.
    pub fn delete_row(&mut self, kind: &str, id: Uuid, scope: Scope) {
        if self.held(kind, id).is_some_and(|held| held.scope == scope) {
            self.forget_row(kind, id);
        }
    }

    fn forget_row(&mut self, kind: &str, id: Uuid) {
        let held = match Kind::from_name(kind) {
            Some(kind) => self.held.get_mut(&kind).and_then(|rows| rows.remove(&id)).inspect(|_| drop(self.base.remove(Key { kind, id }))),
            None => self.held_unknown.get_mut(kind).and_then(|rows| rows.remove(&id)),
        };
        if let Some(held) = held {
            self.uncount(&held);
        }
    }

    fn uncount(&mut self, held: &Held) {
        if let Some(digest) = self.digests.get_mut(&held.scope) {
            digest.remove(held.hash);
        }
    }

    /// What is known of a base row.
    #[must_use]
    pub fn held(&self, kind: &str, id: Uuid) -> Option<&Held> {
        match Kind::from_name(kind) {
            Some(kind) => self.held.get(&kind)?.get(&id),
            None => self.held_unknown.get(kind)?.get(&id),
        }
    }

    /// All base rows that are held, in no order.
    pub fn all_held(&self) -> impl Iterator<Item = (&str, Uuid, &Held)> {
        let known = self.held.iter().map(|(kind, rows)| (kind.name(), rows));
        let unknown = self.held_unknown.iter().map(|(kind, rows)| (&**kind, rows));
        known.chain(unknown).flat_map(|(kind, rows)| rows.iter().map(move |(id, held)| (kind, *id, held)))
    }

    /// Removes all rows of a scope; returns how many.
    pub fn drop_scope(&mut self, scope: Scope) -> usize {
        let rows: Vec<_> = self.all_held().filter(|(_, _, held)| held.scope == scope).map(|(kind, id, _)| (kind.to_owned(), id)).collect();
        for (kind, id) in &rows {
            self.forget_row(kind, *id);
        }
        self.digests.remove(&scope);
        rows.len()
    }

    /// Swaps in the rows of a complete pull, settles what they make needless and rebases. Returns the scopes whose rows do not have
    /// the digest that the server gave: something was lost or altered on the way.
    pub fn take_in(&mut self, rows: &Rows) -> Vec<Scope> {
        for scope in &rows.dropped {
            self.drop_scope(*scope);
        }
        for row in &rows.rows {
            self.take_row(row);
        }
        self.settle(rows.version);
        self.rebase();
        rows.digests.iter().filter(|(scope, digest)| self.digest(**scope) != **digest).map(|(scope, _)| *scope).collect()
    }

    /// Stores or removes one row as it came from the server or from this device's storage.
    pub fn take_row(&mut self, row: &Row) {
        match &row.body {
            None => self.delete_row(&row.kind, row.id, row.scope),
            Some(body) => {
                let hash = RowHash::of(&row.kind, row.id, row.version, body.get());
                let held = Held { scope: row.scope, version: row.version, hash };
                let record = Kind::from_name(&row.kind).and_then(|kind| Record::decode(kind, body.get()).ok());
                self.put_row(&row.kind, row.id, held, record);
            }
        }
    }

    /// Replaces the commands that wait by those stored, and shows them.
    pub fn set_pending(&mut self, pending: Vec<Pending>) {
        self.pending = pending;
        self.rebase();
    }

    /// Holds the base rows of another replica in place of its own. Pending commands stay; what they show is made anew by [`Self::rebase`].
    pub fn hold_rows_of(&mut self, other: Self) {
        self.base = other.base;
        self.held = other.held;
        self.held_unknown = other.held_unknown;
        self.digests = other.digests;
    }

    /// Removes all base rows. Pending commands stay.
    pub fn clear_rows(&mut self) {
        self.base = Records::default();
        self.held.clear();
        self.held_unknown.clear();
        self.digests.clear();
    }

    /// Count and sum of hashes of the rows held for a scope.
    #[must_use]
    pub fn digest(&self, scope: Scope) -> Digest {
        self.digests.get(&scope).copied().unwrap_or_default()
    }

    /// Makes the overlay anew: every pending command replayed, in order, over the base.
    pub fn rebase(&mut self) {
        self.overlay = Overlay::default();
        let pending = std::mem::take(&mut self.pending);
        for command in &pending {
            self.replay(command);
        }
        self.pending = pending;
    }

    /// Shows a pending command's effect. One that the rules refuse here shows none: the server will say what becomes of it.
    fn replay(&mut self, pending: &Pending) -> BTreeSet<Kind> {
        let patches = pending.command.as_ref().and_then(|command| self.predict(command, pending.at).ok()).unwrap_or_default();
        let mut kinds = BTreeSet::new();
        for patch in patches {
            let key = patch.key();
            kinds.insert(key.kind);
            match patch {
                Patch::Put(record) => {
                    self.overlay.gone.remove(&key);
                    self.overlay.records.put(record);
                }
                Patch::Delete(key) => {
                    self.overlay.records.remove(key);
                    self.overlay.gone.insert(key);
                }
            }
        }
        kinds
    }

    /// The record as the screen shows it.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<&Record> {
        if self.overlay.gone.contains(&key) {
            return None;
        }
        self.overlay.records.get(key).or_else(|| self.base.get(key))
    }

    /// The noun as the screen shows it.
    #[must_use]
    pub fn noun<T: Entity>(&self, id: T::Id) -> Option<&Arc<T>> {
        self.find(Key { kind: T::KIND, id: id.into() }).and_then(T::of)
    }

    /// The nouns found by an index, in the order of their ids, as the screen shows them.
    #[must_use]
    pub fn nouns<T: Entity>(&self, index: &Index) -> Vec<&Arc<T>> {
        debug_assert_eq!(index.kind(), T::KIND);
        self.found(index).filter_map(T::of).collect()
    }

    /// All nouns of a kind as the screen shows them, in no order.
    pub fn all<T: Entity>(&self) -> impl Iterator<Item = &Arc<T>> {
        let unchanged = self.base.of_kind(T::KIND).filter(|record| {
            let key = record.key();
            self.overlay.records.get(key).is_none() && !self.overlay.gone.contains(&key)
        });
        unchanged.chain(self.overlay.records.of_kind(T::KIND)).filter_map(T::of)
    }

    /// Everything on the screen, in the order of keys.
    #[must_use]
    pub fn screen(&self) -> Vec<Record> {
        let of_kind = |&kind: &Kind| self.base.of_kind(kind).chain(self.overlay.records.of_kind(kind)).map(Record::key).collect::<BTreeSet<_>>();
        Kind::ALL.iter().flat_map(of_kind).filter_map(|key| self.find(key).cloned()).collect()
    }

    /// Whether a record on the screen comes (in part) from a command that the server has not ruled on.
    #[must_use]
    pub fn is_predicted(&self, key: Key) -> bool {
        self.overlay.records.get(key).is_some() || self.overlay.gone.contains(&key)
    }

    /// The kinds of records that pending commands have changed.
    #[must_use]
    pub fn predicted_kinds(&self) -> BTreeSet<Kind> {
        let present = self.overlay.records.by_kind.iter().filter(|(_, rows)| !rows.is_empty()).map(|(kind, _)| *kind);
        present.chain(self.overlay.gone.iter().map(|key| key.kind)).collect()
    }

    /// How many base rows are held.
    #[must_use]
    pub fn base_len(&self) -> usize {
        self.held.values().chain(self.held_unknown.values()).map(HashMap::len).sum()
    }

    /// The records found by an index, in the order of their ids. A base row that the overlay has changed may not be found by its old keys any more.
    fn found(&self, index: &Index) -> impl Iterator<Item = &Record> {
        let kind = index.kind();
        let (base, changed) = (self.base.by_kind.get(&kind), self.overlay.records.by_kind.get(&kind));
        merged(self.base.ids(index), self.overlay.records.ids(index)).filter_map(move |id| match changed.and_then(|rows| rows.get(&id)) {
            Some(record) => record.indexes().contains(index).then_some(record),
            None if self.overlay.gone.contains(&Key { kind, id }) => None,
            None => base.and_then(|rows| rows.get(&id)),
        })
    }
}

/// Two ordered rows of ids as one, each id once.
fn merged(left: impl Iterator<Item = Uuid>, right: impl Iterator<Item = Uuid>) -> impl Iterator<Item = Uuid> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(l), Some(r)) if l == r => {
            right.next();
            left.next()
        }
        (Some(l), Some(r)) if l < r => left.next(),
        (Some(_), None) => left.next(),
        _ => right.next(),
    })
}

impl View for Replica {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        Ok(self.find(key).cloned())
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        Ok(self.found(index).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::Customer;
    use crate::customers::command::AddCustomer;
    use crate::testing::World;

    #[test]
    fn rows_of_another_replica_come_beneath_what_waits() {
        let mut world = World::new();
        let (rep, scope, added) = (world.rep, Scope::Person(world.rep), world.id());
        let before = world.replica(rep);
        let command = AddCustomer { customer: added, owner: Some(rep), profile: world.profile("梁新來") };
        let mut device = Replica::new(world.device(rep), Some(world.actor(rep)));
        device.add_pending(Pending { uuid: Uuid::from_u128(1), at: world.now, command: Some(command.into()), applied_at: None });
        device.hold_rows_of(before.clone());
        device.rebase();
        assert_eq!((device.digest(scope), device.base_len()), (before.digest(scope), before.base_len()));
        assert_eq!(
            device.nouns::<Customer>(&Index::CustomersByOwner(rep)).iter().map(|customer| customer.id).collect::<Vec<_>>(),
            [world.customer, added]
        );
        assert!(before.noun::<Customer>(added).is_none());
    }
}
