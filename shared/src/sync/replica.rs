//! The replica in memory: rows from the server (`base`) with the commands not yet ruled on replayed over them (`overlay`).
//!
//! Laws:
//! - screen = rebase(base, pending). The overlay is thrown away and made anew from the pending commands; nothing else writes to it.
//! - What other devices have recorded ([`Carried`]) stands among the pending commands where it came in, and shows what lies in its meeting's scope only.
//! - A base row from the device's storage is read when somebody looks at it ([`Slot`]); which rows an index finds is known without.

use crate::carry::bag::{Carried, Readable};
use crate::check_ins;
use crate::command::Command;
use crate::decide::{Actor, Context, Patch, Stop, Unavailable, View, decide};
use crate::gist::Gist;
use crate::ids::{ClientId, MeetingId};
use crate::people::User;
use crate::record::{Entity, Index, Key, Kind, Record, Scope};
use crate::sync::client::Rows;
use crate::sync::protocol::{Digest, Row, RowHash};
use crate::sync::records::Records;
use crate::sync::slot::{Held, Slot, Unread};
use crate::time::Timestamp;
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// What a noun is on the screen, without its content: another one whenever that changes.
#[derive(Clone, Debug)]
pub enum Edition<T> {
    /// As the server gave it: the hash of its row.
    Ruled(RowHash),
    /// As a command shows it that waits for its ruling.
    Predicted(Arc<T>),
}

/// A noun that is on the screen, not read as long as its gist is enough.
pub struct Glance<'a, T> {
    /// Which.
    pub id: Uuid,
    /// What it is now.
    pub edition: Edition<T>,
    slot: &'a Slot,
}

impl<'a, T: Entity> Glance<'a, T> {
    /// What its gist says of it; none if it came from elsewhere than the storage, or is read by now and the gist has gone.
    #[must_use]
    pub fn gist(&self) -> Option<&'a [u8]> {
        self.slot.gist().map(Gist::own)
    }

    /// The noun itself.
    #[must_use]
    pub fn noun(&self) -> Option<&'a Arc<T>> {
        self.slot.record().and_then(T::of)
    }
}

impl<T> PartialEq for Edition<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ruled(one), Self::Ruled(other)) => one == other,
            (Self::Predicted(one), Self::Predicted(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
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
    /// Rows of kinds that this version does not know are held too, so that digests agree.
    held_unknown: BTreeMap<Box<str>, HashMap<Uuid, Held>>,
    digests: HashMap<Scope, Digest>,
    pending: Vec<Pending>,
    carried: Vec<Carried>,
    overlay: Overlay,
}

/// What a pending command changes.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Which.
    pub uuid: Uuid,
    /// On this device.
    pub shown: Vec<Patch>,
    /// For somebody who holds less.
    pub told: Vec<Patch>,
}

/// The screen as far as it lies in one scope, or in everybody's.
struct Narrow<'r> {
    replica: &'r Replica,
    scope: Scope,
}

impl Narrow<'_> {
    fn holds(&self, record: &Record) -> bool {
        let scope = record.scope();
        scope == self.scope || scope == Scope::Org
    }
}

impl View for Narrow<'_> {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        Ok(self.replica.find(key).filter(|record| self.holds(record)).cloned())
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        Ok(self.replica.found(index).filter(|record| self.holds(record)).cloned().collect())
    }
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
            held_unknown: BTreeMap::new(),
            digests: HashMap::default(),
            pending: Vec::new(),
            carried: Vec::new(),
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
        decide(self, command, &Context { actor, at, device: self.device, authority: None })
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

    /// What other devices have recorded and the server has not ruled on, in the order in which it came.
    #[must_use]
    pub fn carried(&self) -> &[Carried] {
        &self.carried
    }

    /// Replaces what other devices have recorded; takes effect at the next [`Self::rebase`].
    pub fn set_carried(&mut self, carried: Vec<Carried>) {
        self.carried = carried;
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
        self.carried.retain(|carried| carried.applied_at.is_none_or(|applied| applied > version));
    }

    /// Stores a row from the server. `record` is none for a kind that this version does not know.
    pub fn put_row(&mut self, kind: &str, id: Uuid, held: Held, record: Option<Record>) {
        self.digests.entry(held.scope).or_default().add(held.hash);
        let before = match Kind::from_name(kind) {
            Some(kind) => self.base.put_slot(Key { kind, id }, Slot::read(record, Some(held))),
            None => self.held_unknown.entry(kind.into()).or_default().insert(id, held),
        };
        before.iter().for_each(|before| self.uncount(before));
    }

    /// Stores a row from the device's storage that is read when somebody looks at it.
    pub fn put_unread(&mut self, id: Uuid, held: Held, unread: Unread) {
        let key = Key { kind: unread.kind(), id };
        self.digests.entry(held.scope).or_default().add(held.hash);
        let before = self.base.put_slot(key, Slot::unread(unread, held));
        self.base.unread.push(key);
        before.iter().for_each(|before| self.uncount(before));
    }

    /// Reads some of the rows that nobody has looked at; says whether there are more. One that cannot be read, though its gist was made of it, is
    /// held no more: the next pull finds that it is missing.
    pub fn read_some(&mut self, most: usize) -> bool {
        let first = self.base.unread.len().saturating_sub(most);
        for key in self.base.unread.split_off(first) {
            let is_damaged = self.base.by_kind.of_mut(key.kind).get_mut(&key.id).is_some_and(|slot| slot.gist().is_some() && !slot.read_through());
            if is_damaged {
                self.base.take(key).iter().for_each(|held| self.uncount(held));
            }
        }
        first > 0
    }

    /// Removes a row if it is held by this scope; one that has moved to another scope stays.
    pub fn delete_row(&mut self, kind: &str, id: Uuid, scope: Scope) {
        if self.held(kind, id).is_some_and(|held| held.scope == scope) {
            self.forget_row(kind, id);
        }
    }

    fn forget_row(&mut self, kind: &str, id: Uuid) {
        let held = match Kind::from_name(kind) {
            Some(kind) => self.base.take(Key { kind, id }),
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
            Some(kind) => self.base.by_kind.get(Key { kind, id })?.held.as_ref(),
            None => self.held_unknown.get(kind)?.get(&id),
        }
    }

    /// All base rows that are held, in no order.
    pub fn all_held(&self) -> impl Iterator<Item = (&str, Uuid, &Held)> {
        let known = self
            .base
            .by_kind
            .kinds()
            .flat_map(|(kind, rows)| rows.iter().filter_map(move |(id, slot)| Some((kind.name(), *id, slot.held.as_ref()?))));
        let unknown = self.held_unknown.iter().flat_map(|(kind, rows)| rows.iter().map(|(id, held)| (&**kind, *id, held)));
        known.chain(unknown)
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
        self.held_unknown = other.held_unknown;
        self.digests = other.digests;
    }

    /// Removes all base rows. Pending commands stay.
    pub fn clear_rows(&mut self) {
        self.base = Records::default();
        self.held_unknown.clear();
        self.digests.clear();
    }

    /// Count and sum of hashes of the rows held for a scope.
    #[must_use]
    pub fn digest(&self, scope: Scope) -> Digest {
        self.digests.get(&scope).copied().unwrap_or_default()
    }

    /// Makes the overlay anew: everything that waits replayed, in order, over the base.
    pub fn rebase(&mut self) {
        self.replay_all(|_, _, _| {});
    }

    /// What each pending command changes, in their order: on the screen, and for somebody who holds a meeting's scope and the organisation's alone.
    pub fn effects(&mut self, meeting: MeetingId) -> Vec<Effect> {
        let mut effects = Vec::with_capacity(self.pending.len());
        self.replay_all(|replica, pending, patches| {
            let told = replica.predict_for(&Narrow { replica, scope: Scope::Meeting(meeting) }, pending);
            effects.push(Effect { uuid: pending.uuid, shown: patches.to_vec(), told });
        });
        effects
    }

    fn predict_for(&self, view: &Narrow<'_>, pending: &Pending) -> Vec<Patch> {
        let (Some(command), Some(actor)) = (&pending.command, self.actor.clone()) else { return Vec::new() };
        decide(view, command, &Context { actor, at: pending.at, device: self.device, authority: None }).unwrap_or_default()
    }

    /// What was carried here while nothing waited comes first; the rest comes after the command that was the last one then.
    fn replay_all(&mut self, mut told: impl FnMut(&Self, &Pending, &[Patch])) {
        self.overlay = Overlay::default();
        let (pending, carried) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.carried));
        let waiting: BTreeSet<Uuid> = pending.iter().map(|command| command.uuid).collect();
        let place = |carried: &Carried| carried.after.filter(|after| waiting.contains(after));
        let replay_after = |replica: &mut Self, last: Option<Uuid>| {
            for carried in carried.iter().filter(|carried| place(carried) == last && !waiting.contains(&carried.uuid)) {
                let patches = replica.predict_carried(carried);
                replica.show(patches);
            }
        };
        replay_after(self, None);
        for command in &pending {
            let patches = self.predict_pending(command);
            told(self, command, &patches);
            self.show(patches);
            if !carried.is_empty() {
                replay_after(self, Some(command.uuid));
            }
        }
        (self.pending, self.carried) = (pending, carried);
    }

    /// A pending command's effect. One that the rules refuse here has none: the server will say what becomes of it.
    fn predict_pending(&self, pending: &Pending) -> Vec<Patch> {
        pending.command.as_ref().and_then(|command| self.predict(command, pending.at).ok()).unwrap_or_default()
    }

    /// What is shown of another device's command: what it changes in the scope of its meeting, by the rights of its author.
    fn predict_carried(&self, carried: &Carried) -> Vec<Patch> {
        let scope = Scope::Meeting(carried.meeting);
        let mut patches = match &carried.readable {
            Readable::Nothing => Vec::new(),
            Readable::Records(records) => records.iter().flat_map(|record| self.show_record(record)).collect(),
            Readable::Command(command) => {
                let org = self.actor.as_ref().map(|actor| actor.org);
                let author = self.noun::<User>(carried.author).and_then(|user| Actor::of(org?, user));
                let context = author.map(|actor| Context { actor, at: carried.at, device: carried.device, authority: None });
                context.and_then(|context| decide(self, command, &context).ok()).unwrap_or_default()
            }
        };
        patches.retain(|patch| match patch {
            Patch::Put(record) => record.scope() == scope,
            Patch::Delete(key) => self.find(*key).is_some_and(|record| record.scope() == scope),
        });
        patches
    }

    /// A check-in that another device shows may be the second one of its guest here.
    fn show_record(&self, record: &Record) -> Vec<Patch> {
        match record {
            Record::CheckIn(check_in) if self.find(record.key()).is_none() => check_ins::decide::shown(self, check_in).unwrap_or_default(),
            _ => vec![Patch::Put(record.clone())],
        }
    }

    fn replay(&mut self, pending: &Pending) -> BTreeSet<Kind> {
        let patches = self.predict_pending(pending);
        self.show(patches)
    }

    fn show(&mut self, patches: Vec<Patch>) -> BTreeSet<Kind> {
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
        let unchanged = self.unchanged(T::KIND).filter_map(|(_, slot)| slot.record());
        unchanged.chain(self.overlay.records.of_kind(T::KIND)).filter_map(T::of)
    }

    /// What all nouns of a kind are on the screen, in no order: enough to see which have changed, without reading them.
    pub fn glances<T: Entity>(&self) -> impl Iterator<Item = Glance<'_, T>> {
        let ruled = self.unchanged(T::KIND).filter_map(|(id, slot)| Some(Glance { id, edition: Edition::Ruled(slot.held?.hash), slot }));
        let predicted = self.overlay.records.slots(T::KIND).filter_map(|(id, slot)| {
            let noun = slot.record().and_then(T::of)?;
            Some(Glance { id, edition: Edition::Predicted(Arc::clone(noun)), slot })
        });
        ruled.chain(predicted)
    }

    /// How many nouns of a kind there are at most on the screen.
    #[must_use]
    pub fn most_of<T: Entity>(&self) -> usize {
        let among = |records: &Records| records.by_kind.of(T::KIND).map_or(0, HashMap::len);
        among(&self.base) + among(&self.overlay.records)
    }

    /// A noun, without reading it.
    #[must_use]
    pub fn glance<T: Entity>(&self, id: T::Id) -> Option<Glance<'_, T>> {
        let key = Key { kind: T::KIND, id: id.into() };
        if self.is_predicted(key) {
            let slot = self.overlay.records.by_kind.get(key)?;
            return Some(Glance { id: key.id, edition: Edition::Predicted(Arc::clone(slot.record().and_then(T::of)?)), slot });
        }
        let slot = self.base.by_kind.get(key)?;
        Some(Glance { id: key.id, edition: Edition::Ruled(slot.held?.hash), slot })
    }

    /// Base rows that the overlay has not changed.
    fn unchanged(&self, kind: Kind) -> impl Iterator<Item = (Uuid, &Slot)> {
        let is_any_changed = !self.overlay.records.is_empty() || !self.overlay.gone.is_empty();
        self.base.slots(kind).filter(move |(id, _)| !is_any_changed || !self.is_predicted(Key { kind, id: *id }))
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
        self.overlay.records.by_kind.get(key).is_some() || self.overlay.gone.contains(&key)
    }

    /// The kinds of records that pending commands have changed.
    #[must_use]
    pub fn predicted_kinds(&self) -> BTreeSet<Kind> {
        let present = self.overlay.records.by_kind.kinds().filter(|(_, rows)| !rows.is_empty()).map(|(kind, _)| kind);
        present.chain(self.overlay.gone.iter().map(|key| key.kind)).collect()
    }

    /// How many base rows are held.
    #[must_use]
    pub fn base_len(&self) -> usize {
        self.base.len() + self.held_unknown.values().map(HashMap::len).sum::<usize>()
    }

    /// The records found by an index, in the order of their ids. A base row that the overlay has changed may not be found by its old keys any more.
    fn found(&self, index: &Index) -> impl Iterator<Item = &Record> {
        let kind = index.kind();
        merged(self.base.ids(index), self.overlay.records.ids(index)).filter_map(move |id| {
            let key = Key { kind, id };
            match self.overlay.records.get(key) {
                Some(record) => record.indexes().contains(index).then_some(record),
                None if self.overlay.gone.contains(&key) => None,
                None => self.base.get(key),
            }
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
    use crate::sync::slot::Page;
    use crate::testing::World;

    /// A page whose second half is lost.
    struct Damaged(Vec<u8>);

    impl Page for Damaged {
        fn heads(&self) -> &[u8] {
            &self.0
        }

        fn bodies(&self) -> Option<&[u8]> {
            None
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_held_no_more_and_leaves_no_key() {
        let world = World::new();
        let (customer, scope) = (world.get::<Customer>(world.customer), Scope::Person(world.rep));
        let gist = crate::gist::of(&(*customer).clone().into()).expect("few keys");
        let end = u32::try_from(gist.len()).expect("short");
        let mut device = Replica::new(world.device(world.rep), Some(world.actor(world.rep)));
        let held = Held { scope, version: 1, hash: RowHash(7) };
        device.put_unread(customer.id.0, held, Unread::new(Kind::Customer, Arc::new(Damaged(gist)), 0..2, 0..end));
        let by_owner = Index::CustomersByOwner(world.rep);
        assert_eq!((device.digest(scope).count, device.base.ids(&by_owner).count()), (1, 1));
        assert!(device.nouns::<Customer>(&by_owner).is_empty());
        assert!(!device.read_some(10));
        assert_eq!((device.digest(scope), device.base.ids(&by_owner).count(), device.base_len()), (Digest::default(), 0, 0));
    }

    #[test]
    fn a_row_leaves_no_key_whether_it_was_read_or_not() {
        let world = World::new();
        for is_read in [false, true] {
            let mut device = world.replica(world.manager);
            while is_read && device.read_some(3) {}
            for scope in device.all_held().map(|(_, _, held)| held.scope).collect::<BTreeSet<_>>() {
                device.drop_scope(scope);
            }
            assert_eq!((device.base_len(), device.base.by_index.len()), (0, 0));
        }
    }

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
