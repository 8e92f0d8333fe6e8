//! Changes of the store that the engine or another tab asks for, and memory after each of them.
//!
//! Law: stored first, shown then; whatever changes what waits or what is held does so one after the other.

use super::tabs::Note;
use super::{DESK, Desk, Open, follow_letter_key, follow_user, read_the_rest, shown, with_replica};
use crate::platform::slices::Slices;
use crate::replica::StorageFailure;
use crate::replica::indexed_db::IndexedDb;
use crate::replica::segment::{Entry, MOST_ENTRIES, Packer, Segment, Unreadable, unpack};
use crate::replica::status::Refused;
use crate::replica::store::{JOURNAL_DAYS, Mark, NotStored, Piece, Refusal, Run, Store, is_for_good, settle_bag, without_rows};
use crate::replica::tidying::{LogSize, Pass};
use shared::Rejection;
use shared::ids::ClientId;
use shared::record::{Kind, Scope};
use shared::sync::client::{Meta, Rows};
use shared::sync::files::FileEvent;
use shared::sync::protocol::{Envelope, Outcome, Verdict};
use shared::sync::replica::Replica;
use std::collections::BTreeSet;
use std::sync::Arc;
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
                Piece::Segment(segment) => segments.push(segment),
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
                desk.log.grow(take_segment(&mut desk.replica, segment, &mut kinds).unwrap_or_default());
            }
            desk.hold_bag(loaded.bag);
            desk.settle_bag(&loaded.meta);
            desk.replica.set_pending(loaded.pending);
            kinds.extend(desk.replica.predicted_kinds());
            desk.meta = Some(loaded.meta);
            desk.mark = loaded.mark;
            desk.refused = loaded.refused.iter().map(refused).collect();
            desk.files = loaded.files;
            kinds
        });
        shown(kinds);
        read_the_rest();
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
        let Rows { dropped, rows, digests, version } = rows;
        let mut slices = Slices::begin();
        let mut packer = Packer::default();
        dropped.iter().for_each(|scope| packer.add(Entry::Drop(*scope)));
        // Each is let go when it is packed: all at once they would take as long as several frames.
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            rows.by_ref().take(MOST_ENTRIES).for_each(|row| packer.add_row(&row));
            slices.breathe().await;
        }
        let segments = packer.finish();
        // A device that holds nothing receives very much: it is put in order before it is stored, while nobody sees it.
        let aside = if with_replica(|replica| replica.base_len() == 0) { Some(Aside::of(&segments, &mut slices).await) } else { None };
        let _writing = self.writing.lock().await;
        let mark = self.store.append(&segments, meta).await?;
        let damaged = self.appended(&segments, aside, mark, meta, |desk| {
            desk.replica.settle(version);
            digests.iter().filter(|(scope, digest)| desk.replica.digest(**scope) != **digest).map(|(scope, _)| *scope).collect()
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
        let _writing = self.writing.lock().await;
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
        let _writing = self.writing.lock().await;
        let mark = self.store.forget_rows(meta).await?;
        self.stored(meta, |desk| {
            desk.forget_rows(mark);
            desk.replica.rebase();
            Kind::ALL.iter().copied().collect()
        });
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
    pub(in crate::replica) async fn tidy(&self, mut pass: Pass) -> Result<Option<Pass>, StorageFailure> {
        let held = |kind: &str, id: Uuid| with_replica(|replica| replica.held(kind, id).copied());
        // A memory that was emptied by a lock would take every row for dead.
        let reached = pass.reached;
        let mut edit = |run: &[Arc<Segment>]| if self.is_open() { pass.rewrite(run, held).unwrap_or_default() } else { None };
        let mark = DESK.with(|desk| desk.borrow().mark);
        let run = self.store.rewrite(mark, reached, &mut edit).await?;
        if !self.is_open() {
            return Ok(None);
        }
        Ok(DESK.with(|desk| {
            let mut desk = desk.borrow_mut();
            match run {
                Run::Done { reached, generation } => {
                    pass.reached = reached;
                    desk.mark.generation = generation;
                    Some(pass)
                }
                Run::End => {
                    desk.log = pass.size;
                    None
                }
                Run::Void => None,
            }
        }))
    }

    /// Removes from the journal what no restored server can lack.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn expire_journal(&self) -> Result<(), StorageFailure> {
        self.store.expire(chrono::Utc::now() - chrono::TimeDelta::days(JOURNAL_DAYS)).await
    }

    /// Rows were stored. `aside` holds them already, if there were none before. Nothing comes of it in memory that was locked meanwhile.
    fn appended<R: Default>(&self, segments: &[Arc<Segment>], aside: Option<Aside>, mark: Mark, meta: &Meta, f: impl FnOnce(&mut Desk) -> R) -> R {
        let mut result = R::default();
        self.stored(meta, |desk| {
            let mut kinds = desk.replica.predicted_kinds();
            match aside {
                Some(aside) => {
                    desk.replica.hold_rows_of(aside.replica);
                    desk.log.grow(aside.log);
                    kinds.extend(aside.kinds);
                }
                None => {
                    for segment in segments {
                        desk.log.grow(take_segment(&mut desk.replica, segment, &mut kinds).expect("packed a moment ago"));
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
            desk.settle_bag(meta);
            f(desk)
        });
        shown(kinds);
        self.say(&Note::Stored);
    }
}

/// Rows in a replica of their own: what takes long is done in slices, what is seen changes at once.
struct Aside {
    replica: Replica,
    log: LogSize,
    kinds: BTreeSet<Kind>,
}

impl Aside {
    async fn of(segments: &[Arc<Segment>], slices: &mut Slices) -> Self {
        let mut aside = Self { replica: Replica::new(ClientId(Uuid::nil()), None), log: LogSize::default(), kinds: BTreeSet::new() };
        for segment in segments {
            aside.log.grow(take_segment(&mut aside.replica, segment, &mut aside.kinds).expect("packed a moment ago"));
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
                    match take_segment(&mut replica, &segment, &mut kinds) {
                        Ok(size) => log.grow(size),
                        Err(Unreadable) => is_damaged = true,
                    }
                }
            })
            .await?;
        if !is_damaged {
            let mut bag = loaded.bag;
            settle_bag(&mut bag, &loaded.meta);
            replica.set_carried(bag.shown(loaded.meta.version));
            replica.set_pending(loaded.pending);
            let refused = loaded.refused.iter().map(refused).collect();
            let (meta, mark, files) = (Some(loaded.meta), loaded.mark, loaded.files);
            return Ok(Desk { replica, open: None, device: None, meta, mark, log, refused, files, bag });
        }
        replica.clear_rows();
        match store.forget_rows(&without_rows(loaded.meta)).await {
            // Another tab may have mended it already: what counts is what is there now.
            Ok(_) | Err(NotStored::Outrun) => {}
            Err(NotStored::Storage(failure)) => return Err(failure),
        }
    }
}

fn take_segment(replica: &mut Replica, segment: &Arc<Segment>, kinds: &mut BTreeSet<Kind>) -> Result<LogSize, Unreadable> {
    let (mut bare, mut before) = (0, "");
    let entries = unpack(segment, |entry| {
        match entry {
            Entry::Drop(_) => kinds.extend(Kind::ALL),
            Entry::Put { kind, .. } | Entry::Delete { kind, .. } => {
                // Most rows are of the kind of the one before.
                if kind != std::mem::replace(&mut before, kind) {
                    kinds.extend(Kind::from_name(kind));
                }
            }
        }
        bare += usize::from(entry.take_into(replica));
    })?;
    Ok(LogSize { segments: 1, entries, bare })
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
