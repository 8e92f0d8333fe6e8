//! When and how the log of segments is tidied: rows that were replaced or dropped leave it, small segments become one, and rows are given
//! their gists.
//!
//! Law: a pass goes from the oldest segment to the newest, in runs; after each run the log gives the same rows as before. Drops and
//! deletions may leave a run because everything before them that they spoke of has left already. That rests on what is held while the pass
//! goes on: a pass is void as soon as rows change.

use super::segment::{Body, Entry, MOST_ENTRIES, Packer, Segment, Unreadable, unpack};
use shared::gist::{self, Gist};
use shared::record::Kind;
use shared::sync::slot::Held;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Segments rewritten by one transaction: their rows are read and made small again in less than a frame.
pub(crate) const RUN: u32 = 16;

/// How large a log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogSize {
    /// Records in the database.
    pub(crate) segments: usize,
    /// Entries in them.
    pub(crate) entries: usize,
    /// Rows among them that a start had to read, because they have no gist.
    pub(crate) bare: usize,
}

impl LogSize {
    /// With more segments.
    pub(crate) fn grow(&mut self, by: Self) {
        self.segments += by.segments;
        self.entries += by.entries;
        self.bare += by.bare;
    }

    /// Whether a pass would pay: more than half of the log is dead, its records are far more than its rows need, or a start reads many rows.
    pub(crate) fn is_worth_a_pass(self, live: usize) -> bool {
        const SMALL: usize = 16;
        let few = self.segments <= SMALL;
        let (dead, scattered) = (self.entries > 2 * live + SMALL * MOST_ENTRIES, self.segments > 2 * live.div_ceil(MOST_ENTRIES) + SMALL);
        !few && (dead || scattered || self.bare > SMALL * MOST_ENTRIES)
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
    pub(crate) fn rewrite(
        &mut self,
        run: &[Arc<Segment>],
        held: impl Fn(&str, Uuid) -> Option<Held>,
    ) -> Result<Option<Vec<Arc<Segment>>>, Unreadable> {
        let mut packer = Packer::default();
        let (mut before, mut after, mut made) = (0, 0, 0);
        for segment in run {
            before += unpack(segment, |entry| {
                if let Entry::Put { kind, id, held: known, body, gist } = entry
                    && held(kind, id) == Some(known)
                    && self.keep(kind, id)
                {
                    let new = if gist.is_none() { gist_of(kind, &body) } else { None };
                    made += usize::from(new.is_some());
                    packer.add(Entry::Put { kind, id, held: known, body, gist: gist.or(new.as_deref().map(Gist::new)) });
                    after += 1;
                }
            })?;
        }
        let rewritten = packer.finish();
        self.size.grow(LogSize { segments: rewritten.len(), entries: after, bare: 0 });
        Ok((after < before || rewritten.len() < run.len() || made > 0).then_some(rewritten))
    }

    /// Whether a row was not met before: a scope that was fetched again has its rows twice.
    fn keep(&mut self, kind: &str, id: Uuid) -> bool {
        match self.kept.get_mut(kind) {
            Some(ids) => ids.insert(id),
            None => self.kept.entry(kind.into()).or_default().insert(id),
        }
    }
}

/// None for what this build cannot read.
fn gist_of(kind: &str, body: &Body<'_>) -> Option<Vec<u8>> {
    gist::of(&body.read(Kind::from_name(kind)?)?)
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
        log: Vec<Arc<Segment>>,
        replica: Replica,
    }

    impl World {
        fn new() -> Self {
            Self { log: Vec::new(), replica: Replica::new(ClientId(Uuid::nil()), None) }
        }

        fn append(&mut self, entries: &[Entry<'_>]) {
            let mut packer = Packer::default();
            for entry in entries {
                packer.add(entry.clone());
                entry.clone().take_into(&mut self.replica);
            }
            self.log.extend(packer.finish());
        }

        /// Rewrites one run after the other and checks after each that the log gives the same rows.
        fn tidy(&mut self, run: usize) -> LogSize {
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

    fn given_by(log: &[Arc<Segment>]) -> Vec<(String, Uuid, Scope, u64)> {
        let mut replica = Replica::new(ClientId(Uuid::nil()), None);
        for segment in log {
            unpack(segment, |entry| {
                entry.take_into(&mut replica);
            })
            .expect("packed here");
        }
        let mut rows: Vec<_> = replica.all_held().map(|(kind, id, held)| (kind.to_owned(), id, held.scope, held.version)).collect();
        rows.sort();
        rows
    }

    fn put(id: u128, scope: Scope, version: u64) -> Entry<'static> {
        Entry::Put {
            kind: "note",
            id: Uuid::from_u128(id),
            held: Held { scope, version, hash: RowHash(version.into()) },
            body: Body::Text("{}"),
            gist: None,
        }
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
        assert_eq!(world.tidy(7), LogSize { segments: 6, entries: 40, bare: 0 });
        assert_eq!(world.tidy(64), LogSize { segments: 1, entries: 40, bare: 0 });
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
            assert_eq!(world.tidy(run).entries, 2);
        }
    }

    #[test]
    fn rows_are_given_gists_and_then_a_start_reads_none_of_them() {
        let world = shared::testing::World::new();
        let mut packer = Packer::default();
        world.all().for_each(|record| packer.add_row(&shared::testing::messages::row(record, 1)));
        let bare = packer.finish();
        let load = |log: &[Arc<Segment>]| {
            let (mut replica, mut read) = (Replica::new(ClientId(Uuid::nil()), None), 0);
            for segment in log {
                unpack(segment, |entry| read += usize::from(entry.take_into(&mut replica))).expect("packed here");
            }
            (replica, read)
        };
        let (before, read) = load(&bare);
        assert_eq!(read, world.all().count());
        let tidied = Pass::default().rewrite(&bare, |kind, id| before.held(kind, id).copied()).expect("packed here").expect("changed");
        let (after, read) = load(&tidied);
        assert_eq!(read, 0);
        assert_eq!(after.screen(), before.screen());
        assert_eq!(Pass::default().rewrite(&tidied, |kind, id| after.held(kind, id).copied()), Ok(None), "once is enough");
    }

    #[test]
    fn what_an_app_before_the_halves_has_stored_is_given_halves_and_gists() {
        let world = shared::testing::World::new();
        let record = world.get::<shared::customers::Customer>(world.customer);
        let row = shared::testing::messages::row(&(*record).clone().into(), 1);
        let body = row.body.as_ref().expect("it is there").get();
        let hash = RowHash::of(&row.kind, row.id, row.version, body);
        let header = format!(r#"{{"version":1,"scopes":["{}"],"kinds":["customer"]}}"#, row.scope);
        let length = |bytes: &str| u32::try_from(bytes.len()).expect("short").to_le_bytes();
        let bytes = [
            &length(&header)[..],
            header.as_bytes(),
            &[1, 0, 0, 0, 0],
            row.id.as_bytes(),
            &row.version.to_le_bytes(),
            &hash.0.to_le_bytes(),
            &length(body),
            body.as_bytes(),
        ];
        let old = Arc::new(Segment::whole(bytes.concat()));
        let mut replica = Replica::new(ClientId(Uuid::nil()), None);
        unpack(&old, |entry| assert!(entry.take_into(&mut replica), "it is read, and has no gist")).expect("as it was stored");
        let tidied = Pass::default().rewrite(&[old], |kind, id| replica.held(kind, id).copied()).expect("readable").expect("changed");
        let mut after = Replica::new(ClientId(Uuid::nil()), None);
        unpack(&tidied[0], |entry| assert!(!entry.take_into(&mut after), "it is not read")).expect("packed here");
        assert_eq!(after.screen(), replica.screen());
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
    fn a_pass_pays_when_half_is_dead_or_segments_are_many_or_many_rows_have_no_gist() {
        let log = |segments, entries| LogSize { segments, entries, bare: 0 };
        assert!(!log(391, 100_000).is_worth_a_pass(100_000));
        assert!(log(900, 230_000).is_worth_a_pass(100_000));
        assert!(log(900, 100_500).is_worth_a_pass(100_000));
        assert!(log(40, 40).is_worth_a_pass(40));
        assert!(!log(16, 4_000).is_worth_a_pass(0), "so few that nothing is gained");
        assert!(LogSize { bare: 100_000, ..log(391, 100_000) }.is_worth_a_pass(100_000), "a start would read them all");
        assert!(!LogSize { bare: 3_000, ..log(391, 100_000) }.is_worth_a_pass(100_000), "few are read soon");
    }
}
