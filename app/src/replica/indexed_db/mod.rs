//! A user's store in IndexedDB: written through strictly durable transactions, read through rexie.
//!
//! Laws:
//! - What tells of people is sealed with the person's key: rows, commands, rulings, files, drafts. In the clear stand ids, versions, times,
//!   sizes, hashes of files, and what the engine knows (docs/decisions/0011-sealed-at-rest.md).
//! - Sealing and opening is done outside of transactions, which would end while they wait for it. So a command goes from store to store as
//!   it was sealed, and what a transaction must compare stands in the clear.
//! - What does not open any more costs only itself: a row is fetched again, a command goes as its letter or is told of. So it must be certain that
//!   the key is the right one.
//! - A command in the outbox is sealed twice: for the person, and as a letter to the server, which the service worker sends while nobody can
//!   read it here. That takes nothing away: the page that is unlocked sends it again, and hears what became of it.
//! - Numbers of the outbox are keys that the database gives out, less the key at which the present numbering began: one request per
//!   command, and right for any number of tabs.

mod form;
mod former;
mod keyless;
mod sealed;
mod values;

use super::compaction;
use super::segment::MOST_ENTRIES;
use super::store::{
    KeptFile, Loaded, Mark, NewFile, NotStored, Piece, Refusal, Run, Store, Unreadable, UnsentFile, damaged, is_for_good, pending, unreadable,
};
use crate::platform::letters::Stationery;
use crate::platform::object::object;
use crate::platform::storage::{self, Durable, Step, StorageFailure, from_js};
use crate::platform::vault::Key;
use form::{
    AT, BASE, COMMAND, DRAFTS, ENGINE, FILE_BYTES, FILES, FOR_GOOD, GENERATION, JOURNAL, LETTER, META, ORDER, OUTBOX, OUTCOME, PROOF, REFUSED, START,
    UUID, VERSION, name, steps,
};
use futures::channel::mpsc::unbounded;
use futures::future::{join, join_all, join5, try_join, try_join_all, try_join3};
use futures::{StreamExt, join};
use gloo_events::EventListener;
use idb::{KeyRange, ObjectStore};
use rexie::{Rexie, TransactionMode};
use sealed::{
    Opened, Place, command, command_and_letter, open_command, open_file, open_segments, refusal, seal_command, seal_file, seal_letter, seal_segments,
    with_letter,
};
use shared::ids::{AttachmentId, UserId};
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, MOST_PUSHED, Outcome, Verdict};
use shared::time::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::rc::Rc;
use uuid::Uuid;
use values::{count, field, instant, json, number, parse, read, uuid_key, write};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

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

    /// From now on commands are saved with a letter to whoever has the secret half of this key; those that wait are given theirs.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn write_letters_to(&self, letter_key: &str) -> Result<(), StorageFailure> {
        let stationery = Stationery::to(letter_key).await?;
        *self.stationery.borrow_mut() = Some(stationery.clone());
        let reader = self.reader()?;
        let [outbox] = reader.stores([OUTBOX])?;
        let (records, keys) = try_join(outbox.get_all(None, None), outbox.get_all_keys(None, None)).await?;
        let without = records.iter().zip(keys).filter(|(record, _)| field(record, LETTER).is_err());
        let writing = without.map(async |(record, key)| {
            let Some(envelope) = self.open_record(record).await? else { return Ok(None) };
            let letter = seal_letter(&stationery, &envelope).await?;
            Ok::<_, StorageFailure>(Some((key, envelope.uuid, command_and_letter(envelope.uuid, &field(record, COMMAND)?, &letter))))
        });
        let written: Vec<_> = try_join_all(writing).await?.into_iter().flatten().collect();
        if written.is_empty() {
            return Ok(());
        }
        let tx = Durable::begin(&self.writer, &[OUTBOX])?;
        let outbox = tx.store(OUTBOX)?;
        for (key, uuid, record) in written {
            // It may have left meanwhile, and another one may stand there.
            let there = outbox.get(key.clone())?.await?;
            if there.is_some_and(|there| uuid_of(&there) == Ok(uuid)) {
                outbox.put(&record, Some(&key))?;
            }
        }
        tx.done().await
    }

    /// Files that were stored before the server's key was known, and wait, are given their letters.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn give_letters_to_files(&self) -> Result<(), StorageFailure> {
        let Some(stationery) = self.stationery.borrow().clone() else { return Ok(()) };
        for UnsentFile { file, .. } in self.unsent_files().await? {
            let key = uuid_key(file.attachment.0);
            let reader = self.reader()?;
            let [bytes] = reader.stores([FILE_BYTES])?;
            let Some(record) = bytes.get(key.clone()).await? else { continue };
            let Some(record) = with_letter(&self.key, &stationery, file.attachment, &record).await? else { continue };
            let tx = Durable::begin(&self.writer, &[FILE_BYTES])?;
            let bytes = tx.store(FILE_BYTES)?;
            // It may have gone meanwhile.
            if bytes.get(key.clone())?.await?.is_some() {
                bytes.put(&record, Some(&key))?;
            }
            tx.done().await?;
        }
        Ok(())
    }

    /// What was typed and not saved, by form.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn drafts(&self) -> Result<BTreeMap<String, String>, StorageFailure> {
        let reader = self.reader()?;
        let [drafts] = reader.stores([DRAFTS])?;
        let (values, forms) = try_join(drafts.get_all(None, None), drafts.get_all_keys(None, None)).await?;
        let opening = values.iter().zip(&forms).map(async |(sealed, form)| {
            let form = form.as_string()?;
            // One that does not open is no draft any more.
            let draft = self.key.open(&sealed::of_draft(&form), sealed).await.ok()?;
            Some((form, String::from_utf8(draft).ok()?))
        });
        Ok(join_all(opening).await.into_iter().flatten().collect())
    }

    /// Keeps or forgets the draft of a form.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn keep_draft(&self, form: &str, draft: Option<&str>) -> Result<(), StorageFailure> {
        let sealed = match draft {
            Some(draft) => Some(self.key.seal(&sealed::of_draft(form), draft.as_bytes()).await?),
            None => None,
        };
        let tx = Durable::begin(&self.writer, &[DRAFTS])?;
        let drafts = tx.store(DRAFTS)?;
        match sealed {
            Some(sealed) => drop(drafts.put(&sealed, Some(&form.into()))?),
            None => drop(drafts.delete(JsValue::from_str(form))?),
        }
        tx.done().await
    }

    /// Saves a command as [`Store::save`], and forgets the draft of the form that it comes from in the same transaction.
    ///
    /// # Errors
    /// [`StorageFailure`]: nothing is saved, and the draft is as it was.
    pub(crate) async fn save_from(&self, form: &str, envelope: &Envelope, files: &[NewFile]) -> Result<(), StorageFailure> {
        self.put_command(envelope, files, Some(form)).await
    }

    async fn put_command(&self, envelope: &Envelope, files: &[NewFile], form: Option<&str>) -> Result<(), StorageFailure> {
        let stationery = self.stationery.borrow().clone();
        let sealed_files = files.iter().map(|file| seal_file(&self.key, stationery.as_ref(), file.new.attachment, &file.bytes));
        let (record, sealed_files) = try_join(self.seal_record(envelope), try_join_all(sealed_files)).await?;
        // Most commands bring no file, and need not wait for those that do.
        let mut stores = vec![OUTBOX];
        stores.extend(if files.is_empty() { &[][..] } else { &[FILES, FILE_BYTES] });
        stores.extend(form.map(|_| DRAFTS));
        let tx = Durable::begin(&self.writer, &stores)?;
        tx.store(OUTBOX)?.add(&record, None)?;
        for (file, bytes) in files.iter().zip(&sealed_files) {
            tx.store(FILES)?.add(&write(&KeptFile::new(file, envelope.uuid)), None)?;
            tx.store(FILE_BYTES)?.put(bytes, Some(&uuid_key(file.new.attachment.0)))?;
        }
        if let Some(form) = form {
            tx.store(DRAFTS)?.delete(JsValue::from_str(form))?;
        }
        tx.done().await
    }

    /// Forgets all drafts.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn forget_drafts(&self) -> Result<(), StorageFailure> {
        let tx = Durable::begin(&self.writer, &[DRAFTS])?;
        tx.store(DRAFTS)?.clear()?;
        tx.done().await
    }

    /// The first command of the outbox, if it cannot be read any more.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn unreadable_head(&self) -> Result<Option<Unreadable>, StorageFailure> {
        let reader = self.reader()?;
        let [outbox] = reader.stores([OUTBOX])?;
        let Some(record) = outbox.get_all(None, Some(1)).await?.pop() else { return Ok(None) };
        if self.open_record(&record).await?.is_some() {
            return Ok(None);
        }
        let letter = field(&record, LETTER).ok().and_then(|letter| from_js(&letter));
        Ok(Some(Unreadable { uuid: uuid_of(&record)?, letter }))
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
        Ok(Loaded { meta: engine, mark: Mark { generation, last }, pending, refused, files })
    }

    async fn save(&self, envelope: &Envelope, files: &[NewFile]) -> Result<(), StorageFailure> {
        self.put_command(envelope, files, None).await
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
        put_engine(&tx, meta).await?;
        tx.done().await?;
        Ok(mark)
    }

    async fn append(&self, segments: &[Vec<u8>], meta: &Meta) -> Result<Mark, NotStored> {
        let places = (0..).map(|number| Place { revision: meta.revision, number });
        let segments = seal_segments(&self.key, places.zip(segments)).await?;
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        put_engine(&tx, meta).await?;
        let adding = segments.iter().map(|segment| base.add(segment, None)).collect::<Result<Vec<_>, _>>()?;
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
        let reader = self.reader()?;
        let [base, meta] = reader.stores([BASE, META])?;
        let range = KeyRange::lower_bound(&count(after), Some(true))?;
        let (values, keys, generation) = join!(
            base.get_all(Some(range.clone()), Some(compaction::RUN)),
            base.get_all_keys(Some(range), Some(compaction::RUN)),
            meta.get(GENERATION.into())
        );
        let (keys, generation) = (keys?, number(generation?.as_ref())?);
        let Some(last) = keys.last() else { return Ok(None) };
        let last = number(Some(last))?;
        let opened = open_segments(&self.key, &values?).await;
        let place_and_segment = |opened: Option<Opened>| opened.map(|opened| (opened.place, opened.segment)).unwrap_or_default();
        let (places, run): (Vec<_>, Vec<_>) = opened.into_iter().map(place_and_segment).unzip();
        let Some(rewritten) = edit(&run) else { return Ok(Some(Run { last, generation })) };
        let rewritten = seal_segments(&self.key, places.into_iter().zip(&rewritten)).await?;
        let tx = Durable::begin(&self.writer, &[BASE, META])?;
        let (base, metas) = (tx.store(BASE)?, tx.store(META)?);
        if number(metas.get(JsValue::from(GENERATION))?.await?.as_ref())? != generation {
            // Another tab has made another log of it: this pass is over.
            return Ok(None);
        }
        for key in &keys {
            base.delete(key.clone())?;
        }
        for (key, segment) in keys.iter().zip(&rewritten) {
            base.put(segment, Some(key))?;
        }
        metas.put(&count(generation + 1), Some(&GENERATION.into()))?;
        tx.done().await?;
        Ok(Some(Run { last, generation: generation + 1 }))
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
}

/// Segments read by one request while the ones before are unpacked.
const SEGMENTS_AT_ONCE: usize = 8_192 / MOST_ENTRIES;

/// How many such requests the browser opens at once.
const OPENED_AHEAD: usize = 2;

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

impl IndexedDb {
    async fn seal_record(&self, envelope: &Envelope) -> Result<JsValue, StorageFailure> {
        let stationery = self.stationery.borrow().clone();
        let sealing = seal_command(&self.key, envelope);
        Ok(match stationery {
            Some(stationery) => {
                let (sealed, letter) = try_join(sealing, seal_letter(&stationery, envelope)).await?;
                command_and_letter(envelope.uuid, &sealed, &letter)
            }
            None => command(envelope.uuid, &sealing.await?),
        })
    }

    /// The command in a record of [`OUTBOX`] or [`REFUSED`]; none if it cannot be read any more.
    async fn open_record(&self, record: &JsValue) -> Result<Option<Envelope>, StorageFailure> {
        Ok(open_command(&self.key, uuid_of(record)?, &field(record, COMMAND)?).await)
    }

    /// The same; what is known of it if it cannot be read.
    async fn open_or_tell(&self, record: &JsValue) -> Result<Envelope, StorageFailure> {
        let uuid = uuid_of(record)?;
        Ok(self.open_record(record).await?.unwrap_or_else(|| unreadable(uuid)))
    }

    async fn open_refusal(&self, record: &JsValue) -> Result<Refusal, StorageFailure> {
        let (envelope, sealed) = (self.open_or_tell(record).await?, field(record, OUTCOME)?);
        let outcome = self.key.open(&sealed::of_outcome(envelope.uuid), &sealed).await.ok();
        let outcome = outcome.and_then(|outcome| parse(&outcome).ok()).unwrap_or_else(|| damaged(envelope.uuid));
        Ok(Refusal { envelope, outcome })
    }
}

/// That this is the key under which a store is sealed: under another one everything would be taken for damaged. What is sealed as a proof is
/// nothing; a store of before has none yet, and something else that opens is one.
async fn prove(key: &Key, reader: &Reader, writer: &IdbDatabase) -> Result<(), StorageFailure> {
    let [meta] = reader.stores([META])?;
    if let Some(proof) = meta.get(PROOF.into()).await? {
        return Ok(key.open(PROOF, &proof).await.map(drop)?);
    }
    let [base, outbox, journal] = reader.stores([BASE, OUTBOX, JOURNAL])?;
    let (segments, waiting, acknowledged) =
        try_join3(base.get_all(None, Some(1)), outbox.get_all(None, Some(SOME)), journal.get_all(None, Some(SOME))).await?;
    let commands = waiting.iter().chain(&acknowledged);
    let opening = commands.map(async |record| Some(open_command(key, uuid_of(record).ok()?, &field(record, COMMAND).ok()?).await.is_some()));
    let segments = open_segments(key, &segments).await.into_iter().map(|opened| opened.is_some());
    let mut opened = join_all(opening).await.into_iter().flatten().chain(segments).peekable();
    if opened.peek().is_some() && !opened.any(|is_open| is_open) {
        return Err(StorageFailure::Broken);
    }
    let proof = key.seal(PROOF, &[]).await?;
    let tx = Durable::begin(writer, &[META])?;
    tx.store(META)?.put(&proof, Some(&PROOF.into()))?;
    match tx.done().await {
        // A device without room is opened all the same.
        Ok(()) | Err(StorageFailure::Full) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Commands of which one at least must open, or none is there.
const SOME: u32 = 20;

/// An acknowledged command.
struct Journalled {
    uuid: Uuid,
    version: u64,
    at: Timestamp,
    order: u64,
    command: JsValue,
}

impl Journalled {
    fn of(record: &JsValue) -> Result<Self, StorageFailure> {
        let at = field(record, AT)?.as_f64().ok_or(StorageFailure::Broken)?;
        Ok(Self {
            uuid: uuid_of(record)?,
            version: number(Some(&field(record, VERSION)?))?,
            at: Timestamp::from_timestamp_millis(at as i64).ok_or(StorageFailure::Broken)?,
            order: number(Some(&field(record, ORDER)?))?,
            command: field(record, COMMAND)?,
        })
    }

    fn to_js(&self) -> JsValue {
        let (uuid, version, at, order) = (uuid_key(self.uuid), count(self.version), instant(self.at), count(self.order));
        object(&[(UUID, &uuid), (VERSION, &version), (AT, &at), (ORDER, &order), (COMMAND, &self.command)]).into()
    }
}

fn uuid_of(record: &JsValue) -> Result<Uuid, StorageFailure> {
    field(record, UUID)?.as_string().and_then(|text| text.parse().ok()).ok_or(StorageFailure::Broken)
}

fn is_refused_for_good(refusal: &JsValue) -> bool {
    field(refusal, FOR_GOOD).is_ok_and(|for_good| for_good.is_truthy())
}

/// Reads the segments of these keys, some at a time; while the database reads and the browser opens, those before are unpacked.
async fn give_segments(key: &Key, base: &rexie::Store, keys: &[JsValue], take: &mut dyn FnMut(Piece<'_>)) -> Result<(), StorageFailure> {
    let (read, to_open) = unbounded();
    let reading = async {
        for keys in keys.chunks(SEGMENTS_AT_ONCE) {
            let range = KeyRange::bound(&keys[0], &keys[keys.len() - 1], None, None)?;
            // It never waits for anything but the database, or the transaction would end.
            let _nobody = read.unbounded_send(base.get_all(Some(range), None).await?);
        }
        read.close_channel();
        Ok(())
    };
    let opening = async {
        // The browser opens what comes next while this thread unpacks.
        let mut opened = to_open.map(async |values: Vec<JsValue>| open_segments(key, &values).await).buffered(OPENED_AHEAD);
        let mut before = None;
        while let Some(segments) = opened.next().await {
            for segment in segments {
                // What cannot be read, or stands in the wrong place, is given as nothing: the one who unpacks it knows the cure.
                let segment = segment.filter(|opened| before.replace(opened.place).is_none_or(|before| before < opened.place));
                take(Piece::Segment(segment.as_ref().map_or(&[], |opened| opened.segment.as_slice())));
            }
        }
        Ok(())
    };
    try_join(reading, opening).await.map(drop)
}

/// The first commands of an outbox with their keys, sealed.
async fn whole(outbox: &ObjectStore, most: Option<u32>) -> Result<Vec<(JsValue, Uuid, JsValue)>, StorageFailure> {
    let (values, keys) = join(outbox.get_all(None, most)?.into_future(), outbox.get_all_keys(None, most)?.into_future()).await;
    values?.iter().zip(keys?).map(|(record, key)| Ok((key, uuid_of(record)?, field(record, COMMAND)?))).collect()
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
        let is_refused = !is_awaited && refusal?.as_ref().is_some_and(is_refused_for_good);
        Ok::<_, StorageFailure>((!is_refused).then(|| file.unsent(is_awaited)))
    });
    Ok(try_join_all(unsent).await?.into_iter().flatten().collect())
}

#[cfg(all(test, target_arch = "wasm32"))]
mod earlier;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
