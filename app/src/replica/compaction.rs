//! When and how the log of segments is made smaller: rows that were replaced or dropped leave it, and small segments become one.
//!
//! Law: a pass goes from the oldest segment to the newest, in runs; after each run the log gives the same rows as before. Drops and
//! deletions may leave a run because everything before them that they spoke of has left already. That rests on what is held while the pass
//! goes on: a pass is void as soon as rows change.

use super::segment::{Entry, MOST_ENTRIES, Packer, Unreadable, unpack};
use shared::sync::replica::Held;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Segments rewritten by one transaction: some megabytes, short enough that nobody notices.
pub(crate) const RUN: u32 = 64;

/// How large a log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogSize {
    /// Records in the database.
    pub(crate) segments: usize,
    /// Entries in them.
    pub(crate) entries: usize,
}

impl LogSize {
    /// With more segments.
    pub(crate) fn grow(&mut self, segments: usize, entries: usize) {
        self.segments += segments;
        self.entries += entries;
    }

    /// Whether a pass would pay: more than half of the log is dead, or its records are far more than its rows need.
    pub(crate) fn is_worth_a_pass(self, live: usize) -> bool {
        const SMALL: usize = 16;
        let few = self.segments <= SMALL;
        !few && (self.entries > 2 * live + SMALL * MOST_ENTRIES || self.segments > 2 * live.div_ceil(MOST_ENTRIES) + SMALL)
    }
}

/// One pass over a log.
#[derive(Default)]
pub(crate) struct Pass {
    kept: HashMap<Box<str>, HashSet<Uuid>>,
    /// Where it has come to: the key of the last segment that it has seen.
    pub(crate) reached: u64,
    /// How large the log is up to there.
    pub(crate) size: LogSize,
}

impl Pass {
    /// What a run of segments becomes: never more segments than it had. None if it is as small as can be.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub(crate) fn rewrite(&mut self, run: &[Vec<u8>], held: impl Fn(&str, Uuid) -> Option<Held>) -> Result<Option<Vec<Vec<u8>>>, Unreadable> {
        let mut packer = Packer::default();
        let (mut before, mut after) = (0, 0);
        for segment in run {
            before += unpack(segment, |entry| {
                if let Entry::Put { kind, id, held: known, .. } = entry
                    && held(kind, id) == Some(known)
                    && self.keep(kind, id)
                {
                    packer.add(entry);
                    after += 1;
                }
            })?;
        }
        let rewritten = packer.finish();
        self.size.grow(rewritten.len(), after);
        Ok((after < before || rewritten.len() < run.len()).then_some(rewritten))
    }

    /// Whether a row was not met before: a scope that was fetched again has its rows twice.
    fn keep(&mut self, kind: &str, id: Uuid) -> bool {
        match self.kept.get_mut(kind) {
            Some(ids) => ids.insert(id),
            None => self.kept.entry(kind.into()).or_default().insert(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ClientId;
    use shared::record::Scope;
    use shared::sync::protocol::RowHash;
    use shared::sync::replica::Replica;

    /// A log and the rows that it gives.
    struct World {
        log: Vec<Vec<u8>>,
        replica: Replica,
    }

    impl World {
        fn new() -> Self {
            Self { log: Vec::new(), replica: Replica::new(ClientId(Uuid::nil()), None) }
        }

        fn append(&mut self, entries: &[Entry<'_>]) {
            let mut packer = Packer::default();
            for entry in entries {
                packer.add(*entry);
                entry.take_into(&mut self.replica);
            }
            self.log.extend(packer.finish());
        }

        /// Rewrites one run after the other and checks after each that the log gives the same rows.
        fn compact(&mut self, run: usize) -> LogSize {
            let rows = given_by(&self.log);
            let mut pass = Pass::default();
            let mut done = Vec::new();
            while !self.log.is_empty() {
                let old: Vec<_> = self.log.drain(..run.min(self.log.len())).collect();
                let new = pass.rewrite(&old, |kind, id| self.replica.held(kind, id).copied()).expect("packed here");
                assert!(new.as_ref().is_none_or(|new| new.len() <= old.len()));
                done.extend(new.unwrap_or(old));
                let whole: Vec<_> = done.iter().chain(&self.log).cloned().collect();
                assert_eq!(given_by(&whole), rows, "a crash after any run must lose nothing");
            }
            self.log = done;
            pass.size
        }
    }

    fn given_by(log: &[Vec<u8>]) -> Vec<(String, Uuid, Scope, u64)> {
        let mut replica = Replica::new(ClientId(Uuid::nil()), None);
        for segment in log {
            unpack(segment, |entry| entry.take_into(&mut replica)).expect("packed here");
        }
        let mut rows: Vec<_> = replica.all_held().map(|(kind, id, held)| (kind.to_owned(), id, held.scope, held.version)).collect();
        rows.sort();
        rows
    }

    fn put(id: u128, scope: Scope, version: u64) -> Entry<'static> {
        Entry::Put { kind: "note", id: Uuid::from_u128(id), held: Held { scope, version, hash: RowHash(version.into()) }, body: "{}" }
    }

    fn delete(id: u128, scope: Scope) -> Entry<'static> {
        Entry::Delete { kind: "note", id: Uuid::from_u128(id), scope }
    }

    #[test]
    fn only_living_rows_stay() {
        let mut world = World::new();
        for version in 1..=40 {
            world.append(&[put(1, Scope::Org, version), put(u128::from(version) + 100, Scope::Pool, version)]);
        }
        world.append(&[delete(101, Scope::Pool), put(102, Scope::Org, 50), delete(102, Scope::Pool)]);
        assert_eq!(world.compact(7), LogSize { segments: 6, entries: 40 });
        assert_eq!(world.compact(64), LogSize { segments: 1, entries: 40 });
    }

    #[test]
    fn a_scope_that_was_dropped_and_fetched_again_is_kept_once() {
        let mut world = World::new();
        for _ in 0..3 {
            world.append(&[Entry::Drop(Scope::Pool)]);
            world.append(&[put(1, Scope::Pool, 5), put(2, Scope::Pool, 6), put(3, Scope::Org, 7)]);
        }
        world.append(&[Entry::Drop(Scope::Org)]);
        for run in [1, 2, 3, 64] {
            assert_eq!(world.compact(run).entries, 2);
        }
    }

    #[test]
    fn a_log_as_small_as_can_be_is_left_alone() {
        let mut world = World::new();
        let rows: Vec<_> = (0..300).map(|id| put(id, Scope::Org, 1)).collect();
        world.append(&rows);
        let mut pass = Pass::default();
        assert_eq!(pass.rewrite(&world.log, |kind, id| world.replica.held(kind, id).copied()), Ok(None));
    }

    #[test]
    fn a_pass_pays_when_half_is_dead_or_segments_are_many() {
        assert!(!LogSize { segments: 391, entries: 100_000 }.is_worth_a_pass(100_000));
        assert!(LogSize { segments: 900, entries: 230_000 }.is_worth_a_pass(100_000));
        assert!(LogSize { segments: 900, entries: 100_500 }.is_worth_a_pass(100_000));
        assert!(LogSize { segments: 40, entries: 40 }.is_worth_a_pass(40));
        assert!(!LogSize { segments: 16, entries: 4_000 }.is_worth_a_pass(0), "so few that nothing is gained");
    }
}
