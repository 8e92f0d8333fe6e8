//! A view with what was decided so far: where a rule is made of several steps, each sees what the ones before it change.

use super::{Patch, Unavailable, View};
use crate::record::{Index, Key, Record};
use std::collections::BTreeMap;

/// What the records will be once these patches are carried out.
pub(crate) struct Ahead<'v, V: ?Sized> {
    view: &'v V,
    patches: BTreeMap<Key, Patch>,
}

impl<'v, V: View + ?Sized> Ahead<'v, V> {
    pub(crate) const fn of(view: &'v V) -> Self {
        Self { view, patches: BTreeMap::new() }
    }

    /// Takes in the patches of a step.
    pub(crate) fn take(&mut self, patches: impl IntoIterator<Item = Patch>) {
        self.patches.extend(patches.into_iter().map(|patch| (patch.key(), patch)));
    }

    /// Everything that was decided, once for each record.
    pub(crate) fn into_patches(self) -> Vec<Patch> {
        self.patches.into_values().collect()
    }
}

impl<V: View + ?Sized> View for Ahead<'_, V> {
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable> {
        match self.patches.get(&key) {
            Some(Patch::Put(record)) => Ok(Some(record.clone())),
            Some(Patch::Delete(_)) => Ok(None),
            None => self.view.record(key),
        }
    }

    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable> {
        let as_they_are = self.view.records(index)?.into_iter().filter(|record| !self.patches.contains_key(&record.key()));
        let changed = self.patches.values().filter_map(|patch| match patch {
            Patch::Put(record) if record.indexes().contains(index) => Some(record.clone()),
            Patch::Put(_) | Patch::Delete(_) => None,
        });
        let mut found: Vec<Record> = as_they_are.chain(changed).collect();
        found.sort_unstable_by_key(Record::key);
        Ok(found)
    }
}
