//! A user's store in IndexedDB: written through strictly durable transactions, read through rexie.
//!
//! Laws:
//! - What tells of people is sealed with the person's key: rows, commands, rulings, files, drafts, what other devices have given, the
//!   device's own key. In the clear stand ids, versions, times,
//!   sizes, hashes of files, and what the engine knows (docs/decisions/0011-sealed-at-rest.md).
//! - Sealing and opening is done outside of transactions, which would end while they wait for it. So a command goes from store to store as
//!   it was sealed, and what a transaction must compare stands in the clear.
//! - What does not open any more costs only itself: a row is fetched again, a command goes as its letter or is told of. So it must be certain that
//!   the key is the right one.
//! - A command in the outbox is sealed twice: for the person, and as a letter to the server, which the service worker sends while nobody can
//!   read it here. That takes nothing away: the page that is unlocked sends it again, and hears what became of it.
//! - Numbers of the outbox are keys that the database gives out, less the key at which the present numbering began: one request per
//!   command, and right for any number of tabs.

mod carried;
mod commands;
mod drafts;
mod files;
mod form;
mod former;
mod keyless;
mod log;
mod proof;
mod sealed;
mod values;

use super::segment::Segment;
use super::store::{Along, KeptFile, Loaded, Mark, NotStored, Piece, Refusal, Run, Store, UnsentFile, is_for_good, pending, unreadable};
use super::tidying;
use crate::platform::letters::Stationery;
use crate::platform::storage::{self, Durable, Step, StorageFailure};
use crate::platform::vault::Key;
use carried::NextBag;
use commands::{Journalled, number_anew, whole};
use files::{files, is_refused_for_good, remove_files, unsent};
use form::{AT, BAG, BASE, CHAIN, DRAFTS, ENGINE, FILE_BYTES, FILES, GENERATION, JOURNAL, META, OUTBOX, REFUSED, START, VERSION, name, steps};
use futures::future::{join, join5, try_join, try_join_all};
use futures::join;
use gloo_events::EventListener;
use idb::KeyRange;
use log::{clear_log, give_segments};
use proof::prove;
use rexie::{Rexie, TransactionMode};
use sealed::{Opened, Place, command, open_command, open_file, open_segments, refusal, seal_file, seal_segments};
use shared::carry::Bag;
use shared::deals::evidence::Link;
use shared::ids::{AttachmentId, UserId};
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, MOST_PUSHED, Outcome, Verdict};
use shared::time::Timestamp;
use std::cell::RefCell;
use std::future::IntoFuture;
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;
use values::{count, instant, json, number, parse, read, uuid_key, write};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

/// Segments that are given to the database in one task: a first sync has hundreds, and the page draws between them.
const ADDED_AT_ONCE: usize = 32;

/// An open store.
pub(crate) struct IndexedDb {
    key: Key,
    stationery: RefCell<Option<Stationery>>,
    writer: IdbDatabase,
    reader: Rc<RefCell<Option<Rc<Reader>>>>,
    _listeners: [EventListener; 2],
}

impl IndexedDb {
    /// Opens a user's store with the key under which it is sealed; a new one begins with the meta given. `lost` is called when the browser, or
    /// another tab with a newer app, has taken it away.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn open(user: UserId, key: Key, first: &Meta, lost: impl Fn() + 'static) -> Result<Self, StorageFailure> {
        Self::open_by(&name(user), key, &steps(first), lost).await
    }

    async fn open_by(name: &str, key: Key, steps: &[Step], lost: impl Fn() + 'static) -> Result<Self, StorageFailure> {
        let writer = storage::open(name, steps).await?;
        let reader = Reader(Some(Rexie::builder(name).build().await?));
        if let Err(failure) = prove(&key, &reader, &writer).await {
            writer.close();
            return Err(failure);
        }
        let reader = Rc::new(RefCell::new(Some(Rc::new(reader))));
        let lost = Rc::new(lost);
        let closed = EventListener::new(&writer, "close", {
            let (reader, lost) = (Rc::clone(&reader), Rc::clone(&lost));
            move |_| {
                reader.take();
                lost();
            }
        });
        let outgrown = EventListener::new(&writer, "versionchange", {
            let (reader, writer) = (Rc::clone(&reader), writer.clone());
            move |_| {
                // Both handles must go, or the other tab waits for ever.
                writer.close();
                reader.take();
                lost();
            }
        });
        Ok(Self { key, stationery: RefCell::new(None), writer, reader, _listeners: [closed, outgrown] })
    }

    fn reader(&self) -> Result<Rc<Reader>, StorageFailure> {
        self.reader.borrow().clone().ok_or(StorageFailure::Broken)
    }
}

impl Drop for IndexedDb {
    fn drop(&mut self) {
        self.writer.close();
    }
}

impl Store for IndexedDb {
    async fn load(&self, after: Option<Mark>, take: &mut dyn FnMut(Piece)) -> Result<Loaded, StorageFailure> {
        let reader = self.reader()?;
        let [base, outbox, journal, refused, meta, files] = reader.stores([BASE, OUTBOX, JOURNAL, REFUSED, META, FILES])?;
        let (engine, generation, bag) = join!(meta.get(ENGINE.into()), meta.get(GENERATION.into()), meta.get(BAG.into()));
        let (engine, generation, bag): (Meta, u64, _) = (read(engine?.as_ref())?, number(generation?.as_ref())?, bag?);
        let known = after.filter(|mark| mark.generation == generation);
        if known.is_none() {
            take(Piece::Anew);
        }
        let unsettled = KeyRange::lower_bound(&count(engine.version), Some(true))?;
        let by_version = journal.index(VERSION)?;
        let newer = KeyRange::lower_bound(&count(known.map_or(0, |mark| mark.last)), Some(true))?;
        let (keys, waiting, unsettled, refusals, kept) = join5(
            base.get_all_keys(Some(newer), None),
            outbox.get_all(None, None),
            by_version.get_all(Some(unsettled), None),
            refused.get_all(None, None),
            files.get_all(None, None),
        )
        .await;
        let files = unsent(&kept?, &journal, &refused).await?;
        let keys = keys?;
        give_segments(&self.key, &base, &keys, take).await?;
        let mut journalled = unsettled?.iter().map(Journalled::of).collect::<Result<Vec<_>, _>>()?;
        journalled.sort_by_key(|entry| entry.order);
        let applied = journalled.iter().map(async |entry| {
            let envelope = open_command(&self.key, entry.uuid, &entry.command).await;
            Ok(pending(&envelope.unwrap_or_else(|| unreadable(entry.uuid)), Some(entry.version)))
        });
        let waiting = waiting?;
        let waiting = waiting.iter().map(async |record| Ok(pending(&self.open_or_tell(record).await?, None)));
        let refusals = refusals?;
        let refusals = refusals.iter().map(async |record| self.open_refusal(record).await);
        let (mut pending, waiting, refused) = futures::try_join!(try_join_all(applied), try_join_all(waiting), try_join_all(refusals))?;
        pending.extend(waiting);
        let last = keys.last().map(|key| number(Some(key))).transpose()?.or(known.map(|mark| mark.last)).unwrap_or(0);
        let bag = self.open_bag(bag.as_ref()).await?;
        Ok(Loaded { meta: engine, mark: Mark { generation, last }, pending, refused, files, bag })
    }

    async fn save(&self, envelope: &Envelope, along: Along<'_>) -> Result<(), StorageFailure> {
        let Along { files, form, chain } = along;
        let stationery = self.stationery.borrow().clone();
        let sealed_files = files.iter().map(|file| seal_file(&self.key, stationery.as_ref(), file.new.attachment, &file.bytes));
        let (record, sealed_files) = try_join(self.seal_record(envelope), try_join_all(sealed_files)).await?;
        // Most commands bring no file, and need not wait for those that do.
        let mut stores = vec![OUTBOX];
        stores.extend(if files.is_empty() { &[][..] } else { &[FILES, FILE_BYTES] });
        stores.extend(form.map(|_| DRAFTS));
        let chain = match chain {
            Some(next) => Some(self.key.seal(CHAIN, &json(next)).await?),
            None => None,
        };
        stores.extend(chain.as_ref().map(|_| META));
        let tx = Durable::begin(&self.writer, &stores)?;
        tx.store(OUTBOX)?.add(&record, None)?;
        for (file, bytes) in files.iter().zip(&sealed_files) {
            tx.store(FILES)?.add(&write(&KeptFile::new(file, envelope.uuid)), None)?;
            tx.store(FILE_BYTES)?.put(bytes, Some(&uuid_key(file.new.attachment.0)))?;
        }
        if let Some(form) = form {
            tx.store(DRAFTS)?.delete(JsValue::from_str(form))?;
        }
        if let Some(chain) = chain {
            tx.store(META)?.put(&chain, Some(&CHAIN.into()))?;
        }
        tx.done().await
    }

    async fn next_link(&self) -> Result<Option<Link>, StorageFailure> {
        let reader = self.reader()?;
        let [meta] = reader.stores([META])?;
        let Some(sealed) = meta.get(CHAIN.into()).await? else { return Ok(None) };
        Ok(self.key.open(CHAIN, &sealed).await.ok().and_then(|opened| parse(&opened).ok()))
    }

    async fn outbox(&self, most: usize) -> Result<Vec<Envelope>, StorageFailure> {
        let reader = self.reader()?;
        let [outbox, meta] = reader.stores([OUTBOX, META])?;
        let most = Some(u32::try_from(most).unwrap_or(u32::MAX));
        let (values, keys, start) = join!(outbox.get_all(None, most), outbox.get_all_keys(None, most), meta.get(START.into()));
        let start = number(start?.as_ref())?;
        let (values, keys) = (values?, keys?);
        let numbered = values.iter().zip(&keys).map(async |(record, key)| {
            let seq = number(Some(key))?.checked_sub(start).ok_or(StorageFailure::Broken)?;
            Ok::<_, StorageFailure>(self.open_record(record).await?.map(|envelope| Envelope { seq, ..envelope }))
        });
        Ok(try_join_all(numbered).await?.into_iter().map_while(|envelope| envelope).collect())
    }

    async fn rule(&self, outcomes: &[Outcome], meta: &Meta, now: Timestamp) -> Result<Vec<Refusal>, NotStored> {
        let refusing = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Applied);
        let told =
            refusing.map(async |outcome| Ok::<_, StorageFailure>((outcome, self.key.seal(&sealed::of_outcome(outcome.uuid), &json(outcome)).await?)));
        let told = try_join_all(told).await?;
        let tx = Durable::begin(&self.writer, &[OUTBOX, JOURNAL, REFUSED, META])?;
        let (outbox, journal, refused) = (tx.store(OUTBOX)?, tx.store(JOURNAL)?, tx.store(REFUSED)?);
        // What was sent stands in front, unless the outbox was numbered anew meanwhile.
        let front = u32::try_from(outcomes.len().max(MOST_PUSHED)).unwrap_or(u32::MAX);
        let mut waiting = whole(&outbox, Some(front)).await?;
        if outcomes.iter().any(|outcome| !waiting.iter().any(|(_, uuid, _)| *uuid == outcome.uuid)) {
            waiting = whole(&outbox, None).await?;
        }
        let mut refusals = Vec::new();
        for outcome in outcomes {
            // A ruling that was received before: its command has left already.
            let Some((key, uuid, command)) = waiting.iter().find(|(_, uuid, _)| *uuid == outcome.uuid) else { continue };
            outbox.delete(key.clone())?;
            if !is_for_good(&outcome.verdict) {
                // A fact in quarantine has no rows to wait for, and must be told again to a restored server all the same.
                let version = if outcome.verdict == Verdict::Applied { outcome.version } else { 0 };
                let entry = Journalled { uuid: *uuid, version, at: now, order: number(Some(key))?, command: command.clone() };
                journal.put(&entry.to_js(), Some(&uuid_key(outcome.uuid)))?;
            }
            if let Some((outcome, sealed)) = told.iter().find(|(told, _)| told.uuid == outcome.uuid) {
                let record = refusal(*uuid, command, sealed, is_for_good(&outcome.verdict));
                refused.put(&record, Some(&uuid_key(outcome.uuid)))?;
                refusals.push(record);
            }
        }
        put_engine(&tx, meta).await?;
        tx.done().await?;
        Ok(try_join_all(refusals.iter().map(async |record| self.open_refusal(record).await)).await?)
    }

    async fn renumber(&self, meta: &Meta) -> Result<(), NotStored> {
        let tx = Durable::begin(&self.writer, &[OUTBOX, META])?;
        let outbox = tx.store(OUTBOX)?;
        let waiting = outbox.get_all(None, None)?.await?;
        number_anew(&tx, &outbox, waiting).await?;
        put_engine(&tx, meta).await?;
        Ok(tx.done().await?)
    }

    async fn begin_epoch(&self, meta: &Meta) -> Result<Mark, NotStored> {
        let bag = self.settled_bag(meta).await?;
        let tx = Durable::begin(&self.writer, &[BASE, OUTBOX, JOURNAL, META, FILES])?;
        let (outbox, journal) = (tx.store(OUTBOX)?, tx.store(JOURNAL)?);
        let (waiting, acknowledged) = join(outbox.get_all(None, None)?.into_future(), journal.get_all(None, None)?.into_future()).await;
        let mut acknowledged = acknowledged?.iter().map(Journalled::of).collect::<Result<Vec<_>, _>>()?;
        acknowledged.sort_by_key(|entry| entry.order);
        let again = acknowledged.iter().map(|entry| command(entry.uuid, &entry.command)).chain(waiting?).collect();
        journal.clear()?;
        number_anew(&tx, &outbox, again).await?;
        let kept = tx.store(FILES)?;
        for (key, file) in files(&kept).await? {
            kept.put(&write(&KeptFile { sent_at: None, ..file }), Some(&key))?;
        }
        let mark = clear_log(&tx).await?;
        put_engine_of_rows(&tx, meta, &bag).await?;
        tx.done().await?;
        Ok(mark)
    }

    async fn append(&self, segments: &[Arc<Segment>], meta: &Meta) -> Result<Mark, NotStored> {
        let places = (0..).map(|number| Place { revision: meta.revision, number });
        let segments = seal_segments(&self.key, places.zip(segments)).await?;
        let bag = self.settled_bag(meta).await?;
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        put_engine_of_rows(&tx, meta, &bag).await?;
        let generation = number(metas.get(JsValue::from(GENERATION))?.await?.as_ref())?;
        let mut last = None;
        for some in segments.chunks(ADDED_AT_ONCE) {
            let adding = some.iter().map(|segment| base.add(segment, None)).collect::<Result<Vec<_>, _>>()?;
            let added = try_join_all(adding.into_iter().map(IntoFuture::into_future)).await?;
            last = added.last().map(|key| number(Some(key))).transpose()?;
        }
        let last = match last {
            Some(last) => last,
            None => base.get_all_keys(None, None)?.await?.last().map_or(Ok(0), |key| number(Some(key)))?,
        };
        let mark = Mark { generation, last };
        tx.done().await?;
        Ok(mark)
    }

    async fn forget_rows(&self, meta: &Meta) -> Result<Mark, NotStored> {
        let bag = self.settled_bag(meta).await?;
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let mark = clear_log(&tx).await?;
        put_engine_of_rows(&tx, meta, &bag).await?;
        tx.done().await?;
        Ok(mark)
    }

    async fn rewrite(
        &self,
        mark: Mark,
        after: u64,
        edit: &mut dyn FnMut(&[Arc<Segment>]) -> Option<Vec<Arc<Segment>>>,
    ) -> Result<Run, StorageFailure> {
        let reader = self.reader()?;
        let [base, meta] = reader.stores([BASE, META])?;
        let range = KeyRange::lower_bound(&count(after), Some(true))?;
        let (values, keys, generation) = join!(
            base.get_all(Some(range.clone()), Some(tidying::RUN)),
            base.get_all_keys(Some(range), Some(tidying::RUN)),
            meta.get(GENERATION.into())
        );
        let (keys, generation) = (keys?, number(generation?.as_ref())?);
        if generation != mark.generation {
            return Ok(Run::Void);
        }
        let Some(reached) = keys.last().map(|key| number(Some(key))).transpose()? else { return Ok(Run::End) };
        let opened = open_segments(&self.key, &values?).await;
        let place_and_segment = |opened: Option<Opened>| opened.map(|opened| (opened.place, opened.segment)).unwrap_or_default();
        let (places, run): (Vec<_>, Vec<_>) = opened.into_iter().map(place_and_segment).unzip();
        let Some(rewritten) = edit(&run) else { return Ok(Run::Done { reached, generation }) };
        let rewritten = seal_segments(&self.key, places.into_iter().zip(&rewritten)).await?;
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        let newer = base.get_all_keys(Some(KeyRange::lower_bound(&count(mark.last), Some(true))?.into()), Some(1))?;
        let (generation_now, newer) = join(metas.get(JsValue::from(GENERATION))?.into_future(), newer.into_future()).await;
        if number(generation_now?.as_ref())? != generation || !newer?.is_empty() {
            // Another tab has made another log of it, or has added to it: this pass is over.
            return Ok(Run::Void);
        }
        for key in &keys {
            base.delete(key.clone())?;
        }
        for (key, segment) in keys.iter().zip(&rewritten) {
            base.put(segment, Some(key))?;
        }
        metas.put(&count(generation + 1), Some(&GENERATION.into()))?;
        tx.done().await?;
        Ok(Run::Done { reached, generation: generation + 1 })
    }

    async fn dismiss(&self, uuid: Uuid) -> Result<(), StorageFailure> {
        let tx = Durable::begin(&self.writer, &[REFUSED, FILES, FILE_BYTES])?;
        let refused = tx.store(REFUSED)?;
        let refusal = refused.get(uuid_key(uuid))?.await?;
        refused.delete(uuid_key(uuid))?;
        if refusal.as_ref().is_some_and(is_refused_for_good) {
            remove_files(&tx, |file| file.command == uuid).await?;
        }
        tx.done().await
    }

    async fn expire(&self, before: Timestamp) -> Result<(), StorageFailure> {
        let tx = Durable::begin(&self.writer, &[JOURNAL, FILES, FILE_BYTES])?;
        let (journal, kept) = (tx.store(JOURNAL)?, tx.store(FILES)?);
        let range = KeyRange::upper_bound(&instant(before), Some(true))?;
        let (expired, files) = join(journal.index(AT)?.get_all_keys(Some(range.into()), None)?.into_future(), files(&kept)).await;
        let is_unsent =
            |key: &JsValue| files.as_ref().is_ok_and(|files| files.iter().any(|(_, file)| file.sent_at.is_none() && uuid_key(file.command) == *key));
        for key in expired?.iter().filter(|key| !is_unsent(key)) {
            journal.delete(key.clone())?;
        }
        let held = journal.get_all_keys(None, None)?.await?;
        remove_files(&tx, |file| file.sent_at.is_some() && !held.contains(&uuid_key(file.command))).await?;
        tx.done().await
    }

    async fn unsent_files(&self) -> Result<Vec<UnsentFile>, StorageFailure> {
        let reader = self.reader()?;
        let [files, journal, refused] = reader.stores([FILES, JOURNAL, REFUSED])?;
        unsent(&files.get_all(None, None).await?, &journal, &refused).await
    }

    async fn file_bytes(&self, attachment: AttachmentId) -> Result<Option<Vec<u8>>, StorageFailure> {
        let reader = self.reader()?;
        let [bytes] = reader.stores([FILE_BYTES])?;
        let Some(sealed) = bytes.get(uuid_key(attachment.0)).await? else { return Ok(None) };
        // What does not open is not there: whoever sends it tells of the damage.
        Ok(open_file(&self.key, attachment, &sealed).await)
    }

    async fn note_sent(&self, attachment: AttachmentId, epoch: Uuid, now: Timestamp) -> Result<bool, StorageFailure> {
        let tx = Durable::begin(&self.writer, &[FILES, META])?;
        let kept = tx.store(FILES)?;
        if stored_engine(&tx).await?.epoch != Some(epoch) {
            return Ok(false);
        }
        let found = files(&kept).await?.into_iter().find(|(_, file)| file.attachment == attachment);
        if let Some((key, file)) = found {
            kept.put(&write(&KeptFile { sent_at: Some(now), ..file }), Some(&key))?;
        }
        tx.done().await?;
        Ok(true)
    }

    async fn change_bag(&self, change: &mut dyn FnMut(&mut Bag)) -> Result<Bag, StorageFailure> {
        loop {
            let next = self.next_bag(change).await?;
            let tx = Durable::begin(&self.writer, &[META])?;
            if next.put(&tx).await? {
                tx.done().await?;
                return Ok(next.bag);
            }
        }
    }
}

/// rexie's handle, closed when nobody reads any more.
struct Reader(Option<Rexie>);

impl Reader {
    fn stores<const N: usize>(&self, names: [&str; N]) -> Result<[rexie::Store; N], StorageFailure> {
        let rexie = self.0.as_ref().ok_or(StorageFailure::Broken)?;
        let tx = rexie.transaction(&names, TransactionMode::ReadOnly)?;
        let stores = names.iter().map(|name| tx.store(name)).collect::<Result<Vec<_>, _>>()?;
        stores.try_into().map_err(|_| StorageFailure::Broken)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(rexie) = self.0.take() {
            rexie.close();
        }
    }
}

/// Stores what the engine knows, if it rests on what is stored. If not, the transaction must be dropped.
async fn put_engine(tx: &Durable, meta: &Meta) -> Result<(), NotStored> {
    if stored_engine(tx).await?.revision + 1 != meta.revision {
        return Err(NotStored::Outrun);
    }
    tx.store(META)?.put(&write(meta), Some(&ENGINE.into()))?;
    Ok(())
}

/// The same when rows have come or gone, with what was carried of their scopes. If another tab has taken in more meanwhile, that stays as it is until
/// the bag is next looked at.
async fn put_engine_of_rows(tx: &Durable, meta: &Meta, bag: &NextBag) -> Result<(), NotStored> {
    put_engine(tx, meta).await?;
    bag.put(tx).await?;
    Ok(())
}

/// What the engine knew, in a transaction that may change it.
async fn stored_engine(tx: &Durable) -> Result<Meta, StorageFailure> {
    read(tx.store(META)?.get(JsValue::from(ENGINE))?.await?.as_ref())
}

#[cfg(all(test, target_arch = "wasm32"))]
mod earlier;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
