//! A store in memory: what the suite of laws is measured against. It keeps nothing, so no person may work on it.

use super::StorageFailure;
use super::segment::Segment;
use super::store::{Along, KeptFile, Loaded, Mark, NotStored, Piece, Refusal, Run, Store, UnsentFile, is_for_good, pending, settle_bag};
use super::tidying::RUN;
use shared::carry::Bag;
use shared::deals::evidence::Link;
use shared::ids::AttachmentId;
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, Outcome, Verdict};
use shared::time::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use uuid::Uuid;

pub(super) struct Memory(RefCell<Kept>);

struct Kept {
    meta: Meta,
    generation: u64,
    next_segment: u64,
    base: BTreeMap<u64, Arc<Segment>>,
    next_key: u64,
    start: u64,
    outbox: BTreeMap<u64, Envelope>,
    journal: BTreeMap<u64, Journalled>,
    refused: BTreeMap<Uuid, Refusal>,
    /// The oldest first.
    files: Vec<(KeptFile, Vec<u8>)>,
    bag: Bag,
    chain: Option<Link>,
}

struct Journalled {
    version: u64,
    at: Timestamp,
    envelope: Envelope,
}

impl Memory {
    pub(super) fn new(meta: Meta) -> Self {
        let (base, outbox, journal, refused, files, bag) = Default::default();
        Self(RefCell::new(Kept {
            meta,
            generation: 0,
            next_segment: 1,
            base,
            next_key: 1,
            start: 0,
            outbox,
            journal,
            refused,
            files,
            bag,
            chain: None,
        }))
    }
}

impl Kept {
    fn number_anew(&mut self, envelopes: Vec<Envelope>) {
        self.start = self.next_key;
        self.next_key += 1;
        self.outbox.clear();
        envelopes.into_iter().for_each(|envelope| self.push(envelope));
    }

    fn push(&mut self, envelope: Envelope) {
        self.outbox.insert(self.next_key, envelope);
        self.next_key += 1;
    }

    /// Takes what the engine knows now, if it rests on what is here.
    fn put_engine(&mut self, meta: &Meta) -> Result<(), NotStored> {
        if self.meta.revision + 1 != meta.revision {
            return Err(NotStored::Outrun);
        }
        self.meta = meta.clone();
        Ok(())
    }

    fn has_in_journal(&self, command: Uuid) -> bool {
        self.journal.values().any(|entry| entry.envelope.uuid == command)
    }

    fn unsent_files(&self) -> Vec<UnsentFile> {
        let unsent = self.files.iter().map(|(file, _)| file).filter(|file| file.sent_at.is_none());
        let of = |file: &KeptFile| {
            let is_awaited = self.has_in_journal(file.command);
            let is_refused = !is_awaited && self.refused.get(&file.command).is_some_and(|refusal| is_for_good(&refusal.outcome.verdict));
            (!is_refused).then(|| file.unsent(is_awaited))
        };
        unsent.filter_map(of).collect()
    }

    /// Takes what the engine knows when rows have come or gone.
    fn put_engine_of_rows(&mut self, meta: &Meta) -> Result<(), NotStored> {
        self.put_engine(meta)?;
        settle_bag(&mut self.bag, meta);
        Ok(())
    }

    fn clear_log(&mut self) -> Mark {
        self.base.clear();
        self.generation += 1;
        Mark { generation: self.generation, last: 0 }
    }
}

impl Store for Memory {
    async fn load(&self, after: Option<Mark>, take: &mut dyn FnMut(Piece)) -> Result<Loaded, StorageFailure> {
        let kept = self.0.borrow();
        let known = after.filter(|mark| mark.generation == kept.generation);
        if known.is_none() {
            take(Piece::Anew);
        }
        let from = known.map_or(0, |mark| mark.last);
        kept.base.range((Bound::Excluded(from), Bound::Unbounded)).for_each(|(_, segment)| take(Piece::Segment(Arc::clone(segment))));
        let unsettled = kept.journal.values().filter(|entry| entry.version > kept.meta.version);
        let applied = unsettled.map(|entry| pending(&entry.envelope, Some(entry.version)));
        let waiting = kept.outbox.values().map(|envelope| pending(envelope, None));
        let last = kept.base.keys().next_back().copied().unwrap_or(0).max(from);
        Ok(Loaded {
            meta: kept.meta.clone(),
            mark: Mark { generation: kept.generation, last },
            pending: applied.chain(waiting).collect(),
            refused: kept.refused.values().cloned().collect(),
            files: kept.unsent_files(),
            bag: kept.bag.clone(),
        })
    }

    async fn save(&self, envelope: &Envelope, along: Along<'_>) -> Result<(), StorageFailure> {
        let mut kept = self.0.borrow_mut();
        kept.push(envelope.clone());
        kept.files.extend(along.files.iter().map(|file| (KeptFile::new(file, envelope.uuid), file.bytes.clone())));
        kept.chain = along.chain.cloned().or(kept.chain.take());
        Ok(())
    }

    async fn next_link(&self) -> Result<Option<Link>, StorageFailure> {
        Ok(self.0.borrow().chain.clone())
    }

    async fn outbox(&self, most: usize) -> Result<Vec<Envelope>, StorageFailure> {
        let kept = self.0.borrow();
        Ok(kept.outbox.iter().take(most).map(|(key, envelope)| Envelope { seq: key - kept.start, ..envelope.clone() }).collect())
    }

    async fn rule(&self, outcomes: &[Outcome], meta: &Meta, now: Timestamp) -> Result<Vec<Refusal>, NotStored> {
        let mut kept = self.0.borrow_mut();
        kept.put_engine(meta)?;
        let mut refusals = Vec::new();
        for outcome in outcomes {
            let Some(key) = kept.outbox.iter().find(|(_, envelope)| envelope.uuid == outcome.uuid).map(|(key, _)| *key) else { continue };
            let envelope = kept.outbox.remove(&key).expect("found just now");
            match outcome.verdict {
                Verdict::Applied => drop(kept.journal.insert(key, Journalled { version: outcome.version, at: now, envelope: envelope.clone() })),
                Verdict::Quarantined { .. } => drop(kept.journal.insert(key, Journalled { version: 0, at: now, envelope: envelope.clone() })),
                Verdict::Rejected { .. } => {}
            }
            if outcome.verdict != Verdict::Applied {
                let refusal = Refusal { envelope, outcome: outcome.clone() };
                kept.refused.insert(outcome.uuid, refusal.clone());
                refusals.push(refusal);
            }
        }
        Ok(refusals)
    }

    async fn renumber(&self, meta: &Meta) -> Result<(), NotStored> {
        let mut kept = self.0.borrow_mut();
        kept.put_engine(meta)?;
        let waiting = std::mem::take(&mut kept.outbox).into_values().collect();
        kept.number_anew(waiting);
        Ok(())
    }

    async fn begin_epoch(&self, meta: &Meta) -> Result<Mark, NotStored> {
        let mut kept = self.0.borrow_mut();
        kept.put_engine_of_rows(meta)?;
        let again = std::mem::take(&mut kept.journal).into_values().map(|entry| entry.envelope);
        let all = again.chain(std::mem::take(&mut kept.outbox).into_values()).collect();
        kept.number_anew(all);
        kept.files.iter_mut().for_each(|(file, _)| file.sent_at = None);
        Ok(kept.clear_log())
    }

    async fn append(&self, segments: &[Arc<Segment>], meta: &Meta) -> Result<Mark, NotStored> {
        let mut kept = self.0.borrow_mut();
        kept.put_engine_of_rows(meta)?;
        for segment in segments {
            let key = kept.next_segment;
            kept.next_segment += 1;
            kept.base.insert(key, segment.clone());
        }
        Ok(Mark { generation: kept.generation, last: kept.base.keys().next_back().copied().unwrap_or(0) })
    }

    async fn forget_rows(&self, meta: &Meta) -> Result<Mark, NotStored> {
        let mut kept = self.0.borrow_mut();
        kept.put_engine_of_rows(meta)?;
        Ok(kept.clear_log())
    }

    async fn rewrite(
        &self,
        mark: Mark,
        after: u64,
        edit: &mut dyn FnMut(&[Arc<Segment>]) -> Option<Vec<Arc<Segment>>>,
    ) -> Result<Run, StorageFailure> {
        let mut kept = self.0.borrow_mut();
        if kept.generation != mark.generation || kept.base.keys().next_back().is_some_and(|last| *last > mark.last) {
            return Ok(Run::Void);
        }
        let range = kept.base.range((Bound::Excluded(after), Bound::Unbounded)).take(RUN as usize);
        let (keys, run): (Vec<u64>, Vec<Arc<Segment>>) = range.map(|(key, segment)| (*key, segment.clone())).unzip();
        let Some(&last) = keys.last() else { return Ok(Run::End) };
        if let Some(rewritten) = edit(&run) {
            keys.iter().for_each(|key| drop(kept.base.remove(key)));
            kept.base.extend(keys.into_iter().zip(rewritten));
            kept.generation += 1;
        }
        Ok(Run::Done { reached: last, generation: kept.generation })
    }

    async fn dismiss(&self, uuid: Uuid) -> Result<(), StorageFailure> {
        let mut kept = self.0.borrow_mut();
        if kept.refused.remove(&uuid).is_some_and(|refusal| is_for_good(&refusal.outcome.verdict)) {
            kept.files.retain(|(file, _)| file.command != uuid);
        }
        Ok(())
    }

    async fn expire(&self, before: Timestamp) -> Result<(), StorageFailure> {
        let mut kept = self.0.borrow_mut();
        let unsent: Vec<_> = kept.files.iter().filter(|(file, _)| file.sent_at.is_none()).map(|(file, _)| file.command).collect();
        kept.journal.retain(|_, entry| entry.at >= before || unsent.contains(&entry.envelope.uuid));
        let held: Vec<_> = kept.journal.values().map(|entry| entry.envelope.uuid).collect();
        kept.files.retain(|(file, _)| file.sent_at.is_none() || held.contains(&file.command));
        Ok(())
    }

    async fn unsent_files(&self) -> Result<Vec<UnsentFile>, StorageFailure> {
        Ok(self.0.borrow().unsent_files())
    }

    async fn file_bytes(&self, attachment: AttachmentId) -> Result<Option<Vec<u8>>, StorageFailure> {
        Ok(self.0.borrow().files.iter().find(|(file, _)| file.attachment == attachment).map(|(_, bytes)| bytes.clone()))
    }

    async fn note_sent(&self, attachment: AttachmentId, epoch: Uuid, now: Timestamp) -> Result<bool, StorageFailure> {
        let mut kept = self.0.borrow_mut();
        if kept.meta.epoch != Some(epoch) {
            return Ok(false);
        }
        let found = kept.files.iter_mut().find(|(file, _)| file.attachment == attachment);
        found.into_iter().for_each(|(file, _)| file.sent_at = Some(now));
        Ok(true)
    }

    async fn change_bag(&self, change: &mut dyn FnMut(&mut Bag)) -> Result<Bag, StorageFailure> {
        let mut kept = self.0.borrow_mut();
        change(&mut kept.bag);
        Ok(kept.bag.clone())
    }
}
