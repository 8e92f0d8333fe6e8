//! What can be done with a user's store without their key: it is counted, taken out as letters, emptied, removed.

use super::commands::uuid_of;
use super::files::unsent;
use super::form::{
    BAG, BASE, BYTES, CREDENTIAL, DRAFTS, ENGINE, FILE_BYTES, FILES, JOURNAL, LETTER, META, OUTBOX, POSTED, POSTED_FILES, REFUSED, START, name, steps,
};
use super::log::clear_log;
use super::values::{count, field, number, read, uuid_key};
use super::{IndexedDb, Reader, put_engine, stored_engine};
use crate::platform::storage::{self, Durable, StorageFailure, from_js};
use crate::replica::store::{NotStored, Waiting, without_rows};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join;
use futures::join;
use idb::KeyRange;
use js_sys::Array;
use rexie::Rexie;
use shared::ids::{AttachmentId, UserId};
use shared::sync::client::Meta;
use shared::sync::files::WaitingFile;
use shared::sync::letters::{Letter, LettersRequest, SealedFile};
use shared::time::Timestamp;
use std::collections::BTreeSet;
use wasm_bindgen::JsValue;

impl IndexedDb {
    /// What waits in a user's store, and was not sent as letters.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn waiting(user: UserId, first: &Meta) -> Result<Waiting, StorageFailure> {
        let database = storage::open(&name(user), &steps(first)).await?;
        database.close();
        let reader = Reader(Some(Rexie::builder(&name(user)).build().await?));
        let [outbox, files, journal, refused, meta] = reader.stores([OUTBOX, FILES, JOURNAL, REFUSED, META])?;
        let (engine, start, posted, posted_files) =
            join!(meta.get(ENGINE.into()), meta.get(START.into()), meta.get(POSTED.into()), meta.get(POSTED_FILES.into()));
        let engine: Meta = read(engine?.as_ref())?;
        let last = posted?.map_or(0, |posted| posted_of(&posted, &engine));
        let unsent_commands = KeyRange::lower_bound(&count(number(start?.as_ref())? + last), Some(true))?;
        let (commands, kept) = try_join(outbox.count(Some(unsent_commands)), files.get_all(None, None)).await?;
        let posted = posted_files?.map(|posted| posted_files_of(&posted, &engine)).unwrap_or_default();
        let files = unsent(&kept, &journal, &refused).await?.into_iter().filter(|unsent| !posted.contains(&unsent.file.attachment));
        Ok(Waiting { commands: commands as usize, files: files.count() })
    }

    /// Files that wait and were not sent by the worker, as they lie here. None if one of them has no letter.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn sealed_files(user: UserId) -> Result<Option<Vec<SealedFile>>, StorageFailure> {
        let reader = Reader(Some(Rexie::builder(&name(user)).build().await?));
        let [files, bytes, journal, refused, meta] = reader.stores([FILES, FILE_BYTES, JOURNAL, REFUSED, META])?;
        let (engine, posted, kept) = join!(meta.get(ENGINE.into()), meta.get(POSTED_FILES.into()), files.get_all(None, None));
        let engine: Meta = read(engine?.as_ref())?;
        let posted = posted?.map(|posted| posted_files_of(&posted, &engine)).unwrap_or_default();
        let unsent = unsent(&kept?, &journal, &refused).await?;
        let mut sealed_files = Vec::new();
        for WaitingFile { attachment, content } in unsent.into_iter().map(|unsent| unsent.file).filter(|file| !posted.contains(&file.attachment)) {
            // Its bytes have gone: there is nothing to take.
            let Some(record) = bytes.get(uuid_key(attachment.0)).await? else { continue };
            let part = |name| field(&record, name).ok().and_then(|part| from_js(&part));
            let Some((letter, file)) = part(LETTER).zip(part(BYTES)) else { return Ok(None) };
            sealed_files.push(SealedFile { attachment, content, sealed: URL_SAFE_NO_PAD.encode([letter, file].concat()) });
        }
        Ok(Some(sealed_files))
    }

    /// What waits and was not sent as letters: its letters. None if some of it has none, because the server's key was not known.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn letters(user: UserId, now: Timestamp) -> Result<Option<LettersRequest>, StorageFailure> {
        let reader = Reader(Some(Rexie::builder(&name(user)).build().await?));
        let [outbox, meta] = reader.stores([OUTBOX, META])?;
        let (engine, start, posted) = join!(meta.get(ENGINE.into()), meta.get(START.into()), meta.get(POSTED.into()));
        let (engine, start) = (read::<Meta>(engine?.as_ref())?, number(start?.as_ref())?);
        let last = posted?.map_or(0, |posted| posted_of(&posted, &engine));
        let unsent = || KeyRange::lower_bound(&count(start + last), Some(true));
        let (records, keys) = try_join(outbox.get_all(Some(unsent()?), None), outbox.get_all_keys(Some(unsent()?), None)).await?;
        let mut letters = Vec::with_capacity(records.len());
        for (record, key) in records.iter().zip(keys) {
            let Some(sealed) = field(record, LETTER).ok().and_then(|letter| from_js(&letter)) else { return Ok(None) };
            letters.push(Letter { seq: number(Some(&key))? - start, uuid: uuid_of(record)?, sealed: URL_SAFE_NO_PAD.encode(sealed) });
        }
        let Meta { client, incarnation, epoch, .. } = engine;
        Ok(Some(LettersRequest { epoch, client, incarnation, sent_at: now, letters }))
    }

    /// Removes all rows, drafts, what was taken in of other devices, and the device's own key; what waits to be sent stays.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn empty(user: UserId, first: &Meta) -> Result<(), StorageFailure> {
        let database = storage::open(&name(user), &steps(first)).await?;
        let emptied = async {
            let tx = Durable::begin(&database, &[BASE, META, DRAFTS])?;
            let meta = stored_engine(&tx).await?;
            tx.store(DRAFTS)?.clear()?;
            let metas = tx.store(META)?;
            metas.delete(JsValue::from(BAG))?;
            metas.delete(JsValue::from(CREDENTIAL))?;
            clear_log(&tx).await?;
            // Nobody comes between: it is one transaction.
            put_engine(&tx, &without_rows(meta)).await.map_err(|failure| match failure {
                NotStored::Storage(failure) => failure,
                NotStored::Outrun => StorageFailure::Broken,
            })?;
            tx.done().await
        };
        let emptied = emptied.await;
        database.close();
        emptied
    }

    /// Whether a user has a store on this device.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn exists(user: UserId) -> Result<bool, StorageFailure> {
        storage::exists(&name(user)).await
    }

    /// Removes a user's store from the device, whatever it holds.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn remove(user: UserId) -> Result<(), StorageFailure> {
        storage::remove(&name(user)).await
    }
}

/// The last number that was sent as a letter, of the present numbering in the present history.
fn posted_of(posted: &JsValue, engine: &Meta) -> u64 {
    let is_numbered_so = field(posted, "incarnation").is_ok_and(|value| value.as_string() == Some(engine.incarnation.to_string()));
    let counts = is_numbered_so && is_of_history(posted, engine);
    if counts { field(posted, "last").and_then(|last| number(Some(&last))).unwrap_or(0) } else { 0 }
}

/// The files that were sent, in the present history.
fn posted_files_of(posted: &JsValue, engine: &Meta) -> BTreeSet<AttachmentId> {
    let attachments = field(posted, "attachments").ok().filter(|_| is_of_history(posted, engine)).map(|all| Array::from(&all));
    attachments.into_iter().flatten().filter_map(|one| one.as_string()?.parse().ok().map(AttachmentId)).collect()
}

fn is_of_history(posted: &JsValue, engine: &Meta) -> bool {
    engine.epoch.is_none_or(|epoch| field(posted, "epoch").is_ok_and(|value| value.as_string() == Some(epoch.to_string())))
}
