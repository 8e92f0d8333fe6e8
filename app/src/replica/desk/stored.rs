//! Changes of the store that the engine or another tab asks for, and memory after each of them.
//!
//! Law: stored first, shown then; whatever changes what waits does so one after the other.

use super::tabs::Note;
use super::{DESK, Desk, Open, follow_letter_key, follow_user, shown, with_replica};
use crate::platform::slices::Slices;
use crate::replica::StorageFailure;
use crate::replica::compaction::{LogSize, Pass};
use crate::replica::indexed_db::IndexedDb;
use crate::replica::segment::{Entry, MOST_ENTRIES, Packer, Unreadable, unpack};
use crate::replica::status::Refused;
use crate::replica::store::{JOURNAL_DAYS, Mark, NotStored, Piece, Refusal, Store, is_for_good, without_rows};
use shared::Rejection;
use shared::ids::ClientId;
use shared::record::{Kind, Scope};
use shared::sync::client::{Meta, Rows};
use shared::sync::files::FileEvent;
use shared::sync::protocol::{Envelope, Outcome, Verdict};
use shared::sync::replica::Replica;
use std::collections::BTreeSet;
use uuid::Uuid;

impl Open {
    /// Reads what other tabs have stored.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn catch_up(&self) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        self.behind.set(false);
        let known = DESK.with(|desk| desk.borrow().mark);
        let (mut anew, mut segments) = (false, Vec::new());
        let loaded = self
            .store
            .load(Some(known), &mut |piece| match piece {
                Piece::Anew => anew = true,
                Piece::Segment(segment) => segments.push(segment.to_vec()),
            })
            .await?;
        if !self.is_open() {
            return Ok(());
        }
        let kinds = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            let mut kinds = desk.replica.predicted_kinds();
            if anew {
                kinds.extend(Kind::ALL);
                desk.replica.clear_rows();
                desk.log = LogSize::default();
            }
            for segment in &segments {
                // Damage shows in the digests, and the next pull heals it.
                let entries = take_segment(&mut desk.replica, segment, &mut kinds).unwrap_or_default();
                desk.log.grow(1, entries);
            }
            desk.replica.set_pending(loaded.pending);
            kinds.extend(desk.replica.predicted_kinds());
            desk.meta = Some(loaded.meta);
            desk.mark = loaded.mark;
            desk.refused = loaded.refused.iter().map(refused).collect();
            desk.files = loaded.files;
            kinds
        });
        shown(kinds);
        Ok(())
    }

    /// Commands were ruled on.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn rule(&self, outcomes: &[Outcome], meta: &Meta) -> Result<(), NotStored> {
        let _writing = self.writing.lock().await;
        let refusals = self.store.rule(outcomes, meta, chrono::Utc::now()).await?;
        self.stored(meta, |desk| {
            let waiting = desk.replica.pending().len();
            for outcome in outcomes {
                if is_for_good(&outcome.verdict) {
                    desk.files.retain(|unsent| unsent.command != outcome.uuid);
                }
                match outcome.verdict {
                    Verdict::Applied => desk.replica.mark_applied(outcome.uuid, outcome.version),
                    Verdict::Rejected { .. } | Verdict::Quarantined { .. } => desk.replica.drop_pending(outcome.uuid),
                }
            }
            // A ruling that was given before may have its rows here already.
            desk.replica.settle(meta.version);
            for refusal in &refusals {
                desk.refused.retain(|known| known.uuid != refusal.envelope.uuid);
                desk.refused.push(refused(refusal));
            }
            if desk.replica.pending().len() == waiting {
                return BTreeSet::new();
            }
            let kinds = desk.replica.predicted_kinds();
            desk.replica.rebase();
            kinds
        });
        // Files of what the server has heard of can go now.
        self.tell_files(FileEvent::Wake);
        Ok(())
    }

    /// The outbox is numbered anew.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn renumber(&self, meta: &Meta) -> Result<(), NotStored> {
        let _writing = self.writing.lock().await;
        self.store.renumber(meta).await?;
        self.stored(meta, |_| BTreeSet::new());
        Ok(())
    }

    /// Rows of a complete pull. Returns the scopes whose rows are not what the server said.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn take_in(&self, rows: Rows, meta: &Meta) -> Result<Vec<Scope>, NotStored> {
        let mut slices = Slices::begin();
        let mut packer = Packer::default();
        rows.dropped.iter().for_each(|scope| packer.add(Entry::Drop(*scope)));
        for some in rows.rows.chunks(MOST_ENTRIES) {
            some.iter().for_each(|row| packer.add_row(row));
            slices.breathe().await;
        }
        let segments = packer.finish();
        // A device that holds nothing receives very much: it is put in order before it is stored, while nobody sees it.
        let aside = if with_replica(|replica| replica.base_len() == 0) { Some(Aside::of(&segments, &mut slices).await) } else { None };
        let mark = self.store.append(&segments, meta).await?;
        let damaged = self.appended(&segments, aside, mark, meta, |desk| {
            desk.replica.settle(rows.version);
            rows.digests.iter().filter(|(scope, digest)| desk.replica.digest(**scope) != **digest).map(|(scope, _)| *scope).collect()
        });
        follow_user();
        follow_letter_key();
        Ok(damaged)
    }

    /// Rows of these scopes are damaged and go.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn heal(&self, scopes: &BTreeSet<Scope>, meta: &Meta) -> Result<(), NotStored> {
        let mut packer = Packer::default();
        scopes.iter().for_each(|scope| packer.add(Entry::Drop(*scope)));
        let segments = packer.finish();
        let mark = self.store.append(&segments, meta).await?;
        self.appended(&segments, None, mark, meta, |_| ());
        Ok(())
    }

    /// Another history of the server: everything is fetched anew, and what was acknowledged is sent again.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn begin_epoch(&self, meta: &Meta) -> Result<(), NotStored> {
        let _writing = self.writing.lock().await;
        let mark = self.store.begin_epoch(meta).await?;
        let loaded = self.store.load(Some(mark), &mut |_| {}).await?;
        self.stored(meta, |desk| {
            desk.forget_rows(mark);
            desk.replica.set_pending(loaded.pending);
            desk.files = loaded.files;
            Kind::ALL.iter().copied().collect()
        });
        Ok(())
    }

    /// All rows go; outbox, journal and files stay.
    ///
    /// # Errors
    /// [`NotStored`].
    pub(in crate::replica) async fn forget_rows(&self, meta: &Meta) -> Result<(), NotStored> {
        let mark = self.store.forget_rows(meta).await?;
        self.stored(meta, |desk| {
            desk.forget_rows(mark);
            desk.replica.rebase();
            Kind::ALL.iter().copied().collect()
        });
        Ok(())
    }

    /// All rows go although no engine asks for it, whatever other tabs store meanwhile: an engine that is at work begins anew.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn leave_no_rows(&self) -> Result<(), StorageFailure> {
        while let Some(meta) = self.meta() {
            match self.forget_rows(&without_rows(meta)).await {
                Ok(()) => break,
                Err(NotStored::Outrun) => self.catch_up().await?,
                Err(NotStored::Storage(failure)) => return Err(failure),
            }
        }
        Ok(())
    }

    /// What the engine is to begin with.
    pub(in crate::replica) fn meta(&self) -> Option<Meta> {
        DESK.with(|desk| desk.borrow().meta.clone())
    }

    /// A pass over the log, if one would pay.
    pub(in crate::replica) fn pass(&self) -> Option<Pass> {
        DESK.with(|desk| {
            let desk = desk.borrow();
            desk.log.is_worth_a_pass(desk.replica.base_len()).then(Pass::default)
        })
    }

    /// Makes one run of a pass. Gives the pass if it goes on.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn compact(&self, mut pass: Pass) -> Result<Option<Pass>, StorageFailure> {
        let held = |kind: &str, id: Uuid| with_replica(|replica| replica.held(kind, id).copied());
        // A memory that was emptied by a lock would take every row for dead.
        let reached = pass.reached;
        let mut edit = |run: &[Vec<u8>]| if self.is_open() { pass.rewrite(run, held).unwrap_or_default() } else { None };
        let run = self.store.rewrite(reached, &mut edit).await?;
        if !self.is_open() {
            return Ok(None);
        }
        DESK.with(|desk| {
            let mut desk = desk.borrow_mut();
            match run {
                Some(run) => {
                    pass.reached = run.last;
                    desk.mark.generation = run.generation;
                }
                None => desk.log = pass.size,
            }
        });
        Ok(run.map(|_| pass))
    }

    /// Removes from the journal what no restored server can lack.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn expire_journal(&self) -> Result<(), StorageFailure> {
        self.store.expire(chrono::Utc::now() - chrono::TimeDelta::days(JOURNAL_DAYS)).await
    }

    /// Rows were stored. `aside` holds them already, if there were none before. Nothing comes of it in memory that was locked meanwhile.
    fn appended<R: Default>(&self, segments: &[Vec<u8>], aside: Option<Aside>, mark: Mark, meta: &Meta, f: impl FnOnce(&mut Desk) -> R) -> R {
        let mut result = R::default();
        self.stored(meta, |desk| {
            let mut kinds = desk.replica.predicted_kinds();
            match aside {
                Some(aside) => {
                    desk.replica.hold_rows_of(aside.replica);
                    desk.log.grow(segments.len(), aside.entries);
                    kinds.extend(aside.kinds);
                }
                None => {
                    for segment in segments {
                        let entries = take_segment(&mut desk.replica, segment, &mut kinds).expect("packed a moment ago");
                        desk.log.grow(1, entries);
                    }
                }
            }
            desk.mark = mark;
            result = f(desk);
            desk.replica.rebase();
            kinds.extend(desk.replica.predicted_kinds());
            kinds
        });
        result
    }

    /// Changes memory as the store has changed, unless it was locked meanwhile, shows it, and tells the other tabs.
    fn stored(&self, meta: &Meta, f: impl FnOnce(&mut Desk) -> BTreeSet<Kind>) {
        if !self.is_open() {
            return;
        }
        let kinds = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            desk.meta = Some(meta.clone());
            f(desk)
        });
        shown(kinds);
        self.say(&Note::Stored);
    }
}

/// Rows in a replica of their own: what takes long is done in slices, what is seen changes at once.
struct Aside {
    replica: Replica,
    entries: usize,
    kinds: BTreeSet<Kind>,
}

impl Aside {
    async fn of(segments: &[Vec<u8>], slices: &mut Slices) -> Self {
        let mut aside = Self { replica: Replica::new(ClientId(Uuid::nil()), None), entries: 0, kinds: BTreeSet::new() };
        for segment in segments {
            aside.entries += take_segment(&mut aside.replica, segment, &mut aside.kinds).expect("packed a moment ago");
            slices.breathe().await;
        }
        aside
    }
}

impl Desk {
    fn forget_rows(&mut self, mark: Mark) {
        self.replica.clear_rows();
        self.mark = mark;
        self.log = LogSize::default();
    }
}

/// Reads a whole store. Rows that cannot be read can be fetched again.
pub(super) async fn read_all(store: &IndexedDb, mut replica: Replica) -> Result<Desk, StorageFailure> {
    loop {
        let (mut log, mut is_damaged) = (LogSize::default(), false);
        let mut kinds = BTreeSet::new();
        let loaded = store
            .load(None, &mut |piece| {
                if let Piece::Segment(segment) = piece {
                    match take_segment(&mut replica, segment, &mut kinds) {
                        Ok(entries) => log.grow(1, entries),
                        Err(Unreadable) => is_damaged = true,
                    }
                }
            })
            .await?;
        if !is_damaged {
            replica.set_pending(loaded.pending);
            let refused = loaded.refused.iter().map(refused).collect();
            return Ok(Desk { replica, open: None, device: None, meta: Some(loaded.meta), mark: loaded.mark, log, refused, files: loaded.files });
        }
        replica.clear_rows();
        match store.forget_rows(&without_rows(loaded.meta)).await {
            // Another tab may have mended it already: what counts is what is there now.
            Ok(_) | Err(NotStored::Outrun) => {}
            Err(NotStored::Storage(failure)) => return Err(failure),
        }
    }
}

fn take_segment(replica: &mut Replica, segment: &[u8], kinds: &mut BTreeSet<Kind>) -> Result<usize, Unreadable> {
    unpack(segment, |entry| {
        match entry {
            Entry::Drop(_) => kinds.extend(Kind::ALL),
            Entry::Put { kind, .. } | Entry::Delete { kind, .. } => kinds.extend(Kind::from_name(kind)),
        }
        entry.take_into(replica);
    })
}

fn refused(refusal: &Refusal) -> Refused {
    let (rejection, quarantined) = match &refusal.outcome.verdict {
        Verdict::Rejected { rejection } => (rejection.clone(), false),
        Verdict::Quarantined { rejection } => (rejection.clone(), true),
        Verdict::Applied => (Rejection::UnknownCommand, false),
    };
    let Envelope { uuid, occurred_at, command, .. } = &refusal.envelope;
    Refused { uuid: *uuid, name: command.name.clone(), at: *occurred_at, rejection, quarantined }
}
