//! A user's store in IndexedDB: written through strictly durable transactions, read through rexie.
//!
//! Values are bytes throughout (an `ArrayBuffer`), so that they can be sealed without another change of form. Numbers of the outbox are
//! keys that the database gives out, less the key at which the present numbering began: one request per command, and right for any
//! number of tabs.

mod form;
mod values;

use super::compaction;
use super::segment::MOST_ENTRIES;
use super::store::{KeptFile, Loaded, Mark, NewFile, NotStored, Piece, Refusal, Run, Store, UnsentFile, pending};
use crate::platform::storage::{self, Durable, Step, StorageFailure, from_js, to_js};
use form::{AT, BASE, BODY, ENGINE, FILE_BYTES, FILES, GENERATION, JOURNAL, META, ORDER, OUTBOX, REFUSED, START, VERSION, name, steps};
use futures::future::{join, join_all, join5, try_join_all};
use futures::join;
use gloo_events::EventListener;
use idb::{KeyRange, ObjectStore};
use js_sys::{Object, Reflect};
use rexie::{Rexie, TransactionMode};
use shared::ids::{AttachmentId, UserId};
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, MOST_PUSHED, Outcome, Verdict};
use shared::time::Timestamp;
use std::cell::RefCell;
use std::future::IntoFuture;
use std::rc::Rc;
use uuid::Uuid;
use values::{count, instant, json, number, parse, read, uuid_key, write};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

/// An open store.
pub(crate) struct IndexedDb {
    writer: IdbDatabase,
    reader: Rc<RefCell<Option<Rc<Reader>>>>,
    _listeners: [EventListener; 2],
}

impl IndexedDb {
    /// Opens a user's store; a new one begins with the meta given. `lost` is called when the browser, or another tab with a newer
    /// app, has taken it away.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn open(user: UserId, first: &Meta, lost: impl Fn() + 'static) -> Result<Self, StorageFailure> {
        Self::open_by(&name(user), &steps(first), lost).await
    }

    async fn open_by(name: &str, steps: &[Step], lost: impl Fn() + 'static) -> Result<Self, StorageFailure> {
        let writer = storage::open(name, steps).await?;
        let reader = Rexie::builder(name).build().await?;
        let reader = Rc::new(RefCell::new(Some(Rc::new(Reader(Some(reader))))));
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
        Ok(Self { writer, reader, _listeners: [closed, outgrown] })
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
    async fn load(&self, after: Option<Mark>, take: &mut dyn FnMut(Piece<'_>)) -> Result<Loaded, StorageFailure> {
        let reader = self.reader()?;
        let [base, outbox, journal, refused, meta, files] = reader.stores([BASE, OUTBOX, JOURNAL, REFUSED, META, FILES])?;
        let (engine, generation) = join(meta.get(ENGINE.into()), meta.get(GENERATION.into())).await;
        let (engine, generation): (Meta, u64) = (read(engine?.as_ref())?, number(generation?.as_ref())?);
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
        give_segments(&base, &keys, take).await?;
        let mut journalled = unsettled?.iter().map(Journalled::of).collect::<Result<Vec<_>, _>>()?;
        journalled.sort_by_key(|entry| entry.order);
        let mut waits = Vec::new();
        for entry in &journalled {
            waits.push(pending(&parse(&entry.body)?, Some(entry.version)));
        }
        for value in waiting? {
            waits.push(pending(&read(Some(&value))?, None));
        }
        let last = keys.last().map(|key| number(Some(key))).transpose()?.or(known.map(|mark| mark.last)).unwrap_or(0);
        let refused = refusals?.iter().map(|value| read(Some(value))).collect::<Result<_, _>>()?;
        Ok(Loaded { meta: engine, mark: Mark { generation, last }, pending: waits, refused, files })
    }

    async fn save(&self, envelope: &Envelope, files: &[NewFile]) -> Result<(), StorageFailure> {
        // Most commands bring no file, and need not wait for those that do.
        let stores: &[&str] = if files.is_empty() { &[OUTBOX] } else { &[OUTBOX, FILES, FILE_BYTES] };
        let tx = Durable::begin(&self.writer, stores)?;
        tx.store(OUTBOX)?.add(&write(envelope), None)?;
        for file in files {
            tx.store(FILES)?.add(&write(&KeptFile::new(file, envelope.uuid)), None)?;
            tx.store(FILE_BYTES)?.put(&to_js(&file.bytes), Some(&uuid_key(file.new.attachment.0)))?;
        }
        tx.done().await
    }

    async fn outbox(&self, most: usize) -> Result<Vec<Envelope>, StorageFailure> {
        let reader = self.reader()?;
        let [outbox, meta] = reader.stores([OUTBOX, META])?;
        let most = Some(u32::try_from(most).unwrap_or(u32::MAX));
        let (values, keys, start) = join!(outbox.get_all(None, most), outbox.get_all_keys(None, most), meta.get(START.into()));
        let start = number(start?.as_ref())?;
        let numbered = values?.into_iter().zip(keys?).map(|(value, key)| {
            let envelope: Envelope = read(Some(&value))?;
            let seq = number(Some(&key))?.checked_sub(start).ok_or(StorageFailure::Broken)?;
            Ok(Envelope { seq, ..envelope })
        });
        numbered.collect()
    }

    async fn rule(&self, outcomes: &[Outcome], meta: &Meta, now: Timestamp) -> Result<Vec<Refusal>, NotStored> {
        let tx = Durable::begin(&self.writer, &[OUTBOX, JOURNAL, REFUSED, META])?;
        let (outbox, journal, refused) = (tx.store(OUTBOX)?, tx.store(JOURNAL)?, tx.store(REFUSED)?);
        // What was sent stands in front, unless the outbox was numbered anew meanwhile.
        let front = u32::try_from(outcomes.len().max(MOST_PUSHED)).unwrap_or(u32::MAX);
        let mut waiting = whole(&outbox, Some(front)).await?;
        if outcomes.iter().any(|outcome| !waiting.iter().any(|(_, envelope)| envelope.uuid == outcome.uuid)) {
            waiting = whole(&outbox, None).await?;
        }
        let mut refusals = Vec::new();
        for outcome in outcomes {
            // A ruling that was received before: its command has left already.
            let Some((key, envelope)) = waiting.iter().find(|(_, envelope)| envelope.uuid == outcome.uuid) else { continue };
            outbox.delete(key.clone())?;
            if !matches!(outcome.verdict, Verdict::Rejected { .. }) {
                // A fact in quarantine has no rows to wait for, and must be told again to a restored server all the same.
                let version = if outcome.verdict == Verdict::Applied { outcome.version } else { 0 };
                let entry = Journalled { version, at: now, order: number(Some(key))?, body: json(envelope) };
                journal.put(&entry.to_js()?, Some(&uuid_key(outcome.uuid)))?;
            }
            if outcome.verdict != Verdict::Applied {
                let refusal = Refusal { envelope: envelope.clone(), outcome: outcome.clone() };
                refused.put(&write(&refusal), Some(&uuid_key(outcome.uuid)))?;
                refusals.push(refusal);
            }
        }
        put_engine(&tx, meta).await?;
        tx.done().await?;
        Ok(refusals)
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
        let tx = Durable::begin(&self.writer, &[BASE, OUTBOX, JOURNAL, META, FILES])?;
        let (outbox, journal) = (tx.store(OUTBOX)?, tx.store(JOURNAL)?);
        let (waiting, acknowledged) = join(outbox.get_all(None, None)?.into_future(), journal.get_all(None, None)?.into_future()).await;
        let mut acknowledged = acknowledged?.iter().map(Journalled::of).collect::<Result<Vec<_>, _>>()?;
        acknowledged.sort_by_key(|entry| entry.order);
        let again = acknowledged.iter().map(|entry| to_js(&entry.body)).chain(waiting?).collect();
        journal.clear()?;
        number_anew(&tx, &outbox, again).await?;
        let kept = tx.store(FILES)?;
        for (key, file) in files(&kept).await? {
            kept.put(&write(&KeptFile { sent_at: None, ..file }), Some(&key))?;
        }
        let mark = clear_log(&tx).await?;
        put_engine(&tx, meta).await?;
        tx.done().await?;
        Ok(mark)
    }

    async fn append(&self, segments: &[Vec<u8>], meta: &Meta) -> Result<Mark, NotStored> {
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        put_engine(&tx, meta).await?;
        let adding = segments.iter().map(|segment| base.add(&to_js(segment), None)).collect::<Result<Vec<_>, _>>()?;
        let (generation, added) =
            join(metas.get(JsValue::from(GENERATION))?.into_future(), join_all(adding.into_iter().map(IntoFuture::into_future))).await;
        let added = added.into_iter().collect::<Result<Vec<_>, _>>()?;
        let last = match added.last() {
            Some(key) => number(Some(key))?,
            None => base.get_all_keys(None, None)?.await?.last().map_or(Ok(0), |key| number(Some(key)))?,
        };
        let mark = Mark { generation: number(generation?.as_ref())?, last };
        tx.done().await?;
        Ok(mark)
    }

    async fn forget_rows(&self, meta: &Meta) -> Result<Mark, NotStored> {
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let mark = clear_log(&tx).await?;
        put_engine(&tx, meta).await?;
        tx.done().await?;
        Ok(mark)
    }

    async fn rewrite(&self, after: u64, edit: &mut dyn FnMut(&[Vec<u8>]) -> Option<Vec<Vec<u8>>>) -> Result<Option<Run>, StorageFailure> {
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        let range = || KeyRange::lower_bound(&count(after), Some(true));
        let values = base.get_all(Some(range()?.into()), Some(compaction::RUN))?.into_future();
        let keys = base.get_all_keys(Some(range()?.into()), Some(compaction::RUN))?.into_future();
        let (values, keys, generation) = join!(values, keys, metas.get(JsValue::from(GENERATION))?.into_future());
        let (keys, mut generation) = (keys?, number(generation?.as_ref())?);
        let Some(last) = keys.last() else { return Ok(None) };
        let last = number(Some(last))?;
        let run = values?.iter().map(|value| from_js(value).ok_or(StorageFailure::Broken)).collect::<Result<Vec<_>, _>>()?;
        if let Some(rewritten) = edit(&run) {
            generation += 1;
            for key in &keys {
                base.delete(key.clone())?;
            }
            for (key, segment) in keys.iter().zip(&rewritten) {
                base.put(&to_js(segment), Some(key))?;
            }
            metas.put(&count(generation), Some(&GENERATION.into()))?;
        }
        tx.done().await?;
        Ok(Some(Run { last, generation }))
    }

    async fn dismiss(&self, uuid: Uuid) -> Result<(), StorageFailure> {
        let tx = Durable::begin(&self.writer, &[REFUSED, FILES, FILE_BYTES])?;
        let refused = tx.store(REFUSED)?;
        let refusal = refused.get(uuid_key(uuid))?.await?;
        refused.delete(uuid_key(uuid))?;
        if refusal.as_ref().map(|value| read::<Refusal>(Some(value))).transpose()?.is_some_and(|refusal| refusal.is_for_good()) {
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
        Ok(bytes.get(uuid_key(attachment.0)).await?.as_ref().and_then(from_js))
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
}

/// Segments read by one request while the ones before are unpacked.
const SEGMENTS_AT_ONCE: usize = 8_192 / MOST_ENTRIES;

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

/// An acknowledged command.
struct Journalled {
    version: u64,
    at: Timestamp,
    order: u64,
    body: Vec<u8>,
}

impl Journalled {
    fn of(value: &JsValue) -> Result<Self, StorageFailure> {
        let field = |name: &str| Reflect::get(value, &name.into()).ok();
        let at = field(AT).and_then(|at| at.as_f64()).ok_or(StorageFailure::Broken)?;
        Ok(Self {
            version: number(field(VERSION).as_ref())?,
            at: Timestamp::from_timestamp_millis(at as i64).ok_or(StorageFailure::Broken)?,
            order: number(field(ORDER).as_ref())?,
            body: field(BODY).as_ref().and_then(from_js).ok_or(StorageFailure::Broken)?,
        })
    }

    fn to_js(&self) -> Result<JsValue, StorageFailure> {
        let object = Object::new();
        for (name, value) in [(VERSION, count(self.version)), (AT, instant(self.at)), (ORDER, count(self.order)), (BODY, to_js(&self.body))] {
            Reflect::set(&object, &name.into(), &value).map_err(|_| StorageFailure::Broken)?;
        }
        Ok(object.into())
    }
}

/// Reads the segments of these keys, some at a time; while the database reads, those before are unpacked.
async fn give_segments(base: &rexie::Store, keys: &[JsValue], take: &mut dyn FnMut(Piece<'_>)) -> Result<(), StorageFailure> {
    let mut ranges = keys.chunks(SEGMENTS_AT_ONCE).map(|keys| KeyRange::bound(&keys[0], &keys[keys.len() - 1], None, None));
    let mut present: Vec<JsValue> = Vec::new();
    loop {
        let range = ranges.next().transpose()?;
        let next = async {
            match range {
                Some(range) => base.get_all(Some(range), None).await.map(Some),
                None => Ok(None),
            }
        };
        let unpack = async {
            for value in present.drain(..) {
                // What cannot be read is given too: the one who unpacks it knows the cure.
                take(Piece::Segment(&from_js(&value).unwrap_or_default()));
            }
        };
        let (next, ()) = join(next, unpack).await;
        match next? {
            Some(values) => present = values,
            None => return Ok(()),
        }
    }
}

/// The first commands of an outbox with their keys.
async fn whole(outbox: &ObjectStore, most: Option<u32>) -> Result<Vec<(JsValue, Envelope)>, StorageFailure> {
    let (values, keys) = join(outbox.get_all(None, most)?.into_future(), outbox.get_all_keys(None, most)?.into_future()).await;
    values?.iter().zip(keys?).map(|(value, key)| Ok((key, read(Some(value))?))).collect()
}

/// Makes the outbox hold these, numbered from 1.
async fn number_anew(tx: &Durable, outbox: &ObjectStore, commands: Vec<JsValue>) -> Result<(), StorageFailure> {
    outbox.clear()?;
    // Keys are never given twice. The one spent here is the last before the first command.
    let start = outbox.add(&JsValue::NULL, None)?.await?;
    outbox.delete(start.clone())?;
    for command in commands {
        outbox.add(&command, None)?;
    }
    tx.store(META)?.put(&start, Some(&START.into()))?;
    Ok(())
}

/// Empties the log, which then is another one.
async fn clear_log(tx: &Durable) -> Result<Mark, StorageFailure> {
    let metas = tx.store(META)?;
    tx.store(BASE)?.clear()?;
    let generation = number(metas.get(JsValue::from(GENERATION))?.await?.as_ref())? + 1;
    metas.put(&count(generation), Some(&GENERATION.into()))?;
    Ok(Mark { generation, last: 0 })
}

/// Stores what the engine knows, if it rests on what is stored. If not, the transaction must be dropped.
async fn put_engine(tx: &Durable, meta: &Meta) -> Result<(), NotStored> {
    if stored_engine(tx).await?.revision + 1 != meta.revision {
        return Err(NotStored::Outrun);
    }
    tx.store(META)?.put(&write(meta), Some(&ENGINE.into()))?;
    Ok(())
}

/// What the engine knew, in a transaction that may change it.
async fn stored_engine(tx: &Durable) -> Result<Meta, StorageFailure> {
    read(tx.store(META)?.get(JsValue::from(ENGINE))?.await?.as_ref())
}

/// All files with their keys, the oldest first.
async fn files(kept: &ObjectStore) -> Result<Vec<(JsValue, KeptFile)>, StorageFailure> {
    let (values, keys) = join(kept.get_all(None, None)?.into_future(), kept.get_all_keys(None, None)?.into_future()).await;
    values?.iter().zip(keys?).map(|(value, key)| Ok((key, read(Some(value))?))).collect()
}

async fn remove_files(tx: &Durable, is_gone: impl Fn(&KeptFile) -> bool) -> Result<(), StorageFailure> {
    let (kept, bytes) = (tx.store(FILES)?, tx.store(FILE_BYTES)?);
    for (key, file) in files(&kept).await?.into_iter().filter(|(_, file)| is_gone(file)) {
        kept.delete(key)?;
        bytes.delete(uuid_key(file.attachment.0))?;
    }
    Ok(())
}

/// Which of these files are to be sent.
async fn unsent(kept: &[JsValue], journal: &rexie::Store, refused: &rexie::Store) -> Result<Vec<UnsentFile>, StorageFailure> {
    let files = kept.iter().map(|value| read::<KeptFile>(Some(value))).collect::<Result<Vec<_>, _>>()?;
    let unsent = files.iter().filter(|file| file.sent_at.is_none()).map(async |file| {
        let key = uuid_key(file.command);
        let (acknowledged, refusal) = join(journal.get(key.clone()), refused.get(key)).await;
        let is_awaited = acknowledged?.is_some();
        let refusal: Option<Refusal> = refusal?.as_ref().map(|value| read(Some(value))).transpose()?;
        let is_refused = !is_awaited && refusal.is_some_and(|refusal| refusal.is_for_good());
        Ok::<_, StorageFailure>((!is_refused).then(|| file.unsent(is_awaited)))
    });
    Ok(try_join_all(unsent).await?.into_iter().flatten().collect())
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
