//! Files as they lie here: which are to be sent, and their letters.

use super::IndexedDb;
use super::form::{FILE_BYTES, FILES, FOR_GOOD};
use super::sealed::with_letter;
use super::values::{field, read, uuid_key};
use crate::platform::storage::{Durable, StorageFailure};
use crate::replica::store::{KeptFile, Store, UnsentFile};
use futures::future::{join, try_join_all};
use idb::ObjectStore;
use std::future::IntoFuture;
use wasm_bindgen::JsValue;

impl IndexedDb {
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
}

/// All files with their keys, the oldest first.
pub(super) async fn files(kept: &ObjectStore) -> Result<Vec<(JsValue, KeptFile)>, StorageFailure> {
    let (values, keys) = join(kept.get_all(None, None)?.into_future(), kept.get_all_keys(None, None)?.into_future()).await;
    values?.iter().zip(keys?).map(|(value, key)| Ok((key, read(Some(value))?))).collect()
}

pub(super) async fn remove_files(tx: &Durable, is_gone: impl Fn(&KeptFile) -> bool) -> Result<(), StorageFailure> {
    let (kept, bytes) = (tx.store(FILES)?, tx.store(FILE_BYTES)?);
    for (key, file) in files(&kept).await?.into_iter().filter(|(_, file)| is_gone(file)) {
        kept.delete(key)?;
        bytes.delete(uuid_key(file.attachment.0))?;
    }
    Ok(())
}

/// Which of these files are to be sent.
pub(super) async fn unsent(kept: &[JsValue], journal: &rexie::Store, refused: &rexie::Store) -> Result<Vec<UnsentFile>, StorageFailure> {
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

pub(super) fn is_refused_for_good(refusal: &JsValue) -> bool {
    field(refusal, FOR_GOOD).is_ok_and(|for_good| for_good.is_truthy())
}
