//! Records by key with their indexes, in memory.
//!
//! Law: a record is found under each key that it names, and under no other; a row that was never read is found under the keys of its gist.

use crate::decide::{Patch, Unavailable, View};
use crate::ids::{MeetingId, UserId};
use crate::record::{Index, Key, Kind, Record};
use crate::sync::scopes::Everyone;
use crate::sync::slot::{Held, Slot};
use foldhash::HashMap;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Records by key with their indexes. Keeps what every store must: a record is found under each key that it names, and under no other.
#[derive(Clone, Default)]
pub struct Records {
    pub(super) by_kind: ByKind,
    pub(super) by_index: HashMap<Index, Ids>,
    /// What was put without being read; some of it may have been read or have gone since.
    pub(super) unread: Vec<Key>,
}

/// What is known of records, by their keys.
#[derive(Clone, Default)]
pub(super) struct ByKind(Vec<HashMap<Uuid, Slot>>);

impl ByKind {
    pub(super) fn of(&self, kind: Kind) -> Option<&HashMap<Uuid, Slot>> {
        self.0.get(kind as usize)
    }

    pub(super) fn of_mut(&mut self, kind: Kind) -> &mut HashMap<Uuid, Slot> {
        if self.0.is_empty() {
            self.0.resize_with(Kind::ALL.len(), HashMap::default);
        }
        &mut self.0[kind as usize]
    }

    pub(super) fn get(&self, key: Key) -> Option<&Slot> {
        self.of(key.kind)?.get(&key.id)
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, &HashMap<Uuid, Slot>)> {
        Kind::ALL.iter().copied().zip(&self.0)
    }

    fn len(&self) -> usize {
        self.0.iter().map(HashMap::len).sum()
    }
}

/// The ids under one key of an index, in order. Most keys find one record, for which a set of its own would cost 200 bytes; and most of
/// what many are found by comes in the order of its ids, so that a set is needed only where something stands in between or goes.
#[derive(Clone, Debug)]
pub(super) enum Ids {
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
        f.debug_map().entries(self.by_kind.kinds().map(|(kind, rows)| (kind, rows.len()))).finish()
    }
}

impl Records {
    /// The record of a key.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Record> {
        self.by_kind.get(key)?.record()
    }

    /// Stores a record in place of the one before.
    pub fn put(&mut self, record: Record) {
        let key = record.key();
        self.put_slot(key, Slot::read(Some(record), None));
    }

    /// Gives what was known of the row in whose place it comes.
    pub(super) fn put_slot(&mut self, key: Key, slot: Slot) -> Option<Held> {
        let indexes = slot.indexes();
        let before = self.by_kind.of_mut(key.kind).insert(key.id, slot);
        if let Some(before) = &before {
            self.unindex(before, key.id);
        }
        for index in indexes {
            self.by_index.entry(index).and_modify(|ids| ids.insert(key.id)).or_insert(Ids::One(key.id));
        }
        before?.held
    }

    /// Removes a record.
    pub fn remove(&mut self, key: Key) {
        self.take(key);
    }

    /// Removes a record, and gives what was known of its row.
    pub(super) fn take(&mut self, key: Key) -> Option<Held> {
        let slot = self.by_kind.of_mut(key.kind).remove(&key.id)?;
        self.unindex(&slot, key.id);
        slot.held
    }

    fn unindex(&mut self, slot: &Slot, id: Uuid) {
        for index in slot.indexes() {
            if self.by_index.get_mut(&index).is_some_and(|ids| ids.remove(id)) {
                self.by_index.remove(&index);
            }
        }
    }

    /// Carries out what a rule gave.
    pub fn apply(&mut self, patch: Patch) {
        match patch {
            Patch::Put(record) => self.put(record),
            Patch::Delete(key) => self.remove(key),
        }
    }

    /// The ids found by an index, in order.
    pub fn ids(&self, index: &Index) -> impl Iterator<Item = Uuid> {
        self.by_index.get(index).into_iter().flat_map(Ids::iter)
    }

    /// All records of a kind, in no order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.slots(kind).filter_map(|(_, slot)| slot.record())
    }

    pub(super) fn slots(&self, kind: Kind) -> impl Iterator<Item = (Uuid, &Slot)> {
        self.by_kind.of(kind).into_iter().flatten().map(|(id, slot)| (*id, slot))
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_kind.len()
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
