//! What can be done with a user's store without their key: it is counted, taken out as letters, emptied, removed.

use super::form::{BASE, DRAFTS, ENGINE, FILES, JOURNAL, LETTER, META, OUTBOX, POSTED, REFUSED, START, name, steps};
use super::values::{count, field, number, read};
use super::{IndexedDb, Reader, clear_log, posted_of, put_engine, stored_engine, unsent, uuid_of};
use crate::platform::storage::{self, Durable, StorageFailure, from_js};
use crate::replica::store::{NotStored, Waiting, without_rows};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join;
use futures::join;
use idb::KeyRange;
use rexie::Rexie;
use shared::ids::UserId;
use shared::sync::client::Meta;
use shared::sync::letters::{Letter, LettersRequest};
use shared::time::Timestamp;

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
        let (engine, start, posted) = join!(meta.get(ENGINE.into()), meta.get(START.into()), meta.get(POSTED.into()));
        let last = match posted? {
            Some(posted) => posted_of(&posted, &read(engine?.as_ref())?),
            None => 0,
        };
        let unsent_commands = KeyRange::lower_bound(&count(number(start?.as_ref())? + last), Some(true))?;
        let (commands, kept) = try_join(outbox.count(Some(unsent_commands)), files.get_all(None, None)).await?;
        Ok(Waiting { commands: commands as usize, files: unsent(&kept, &journal, &refused).await?.len() })
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

    /// Removes all rows and drafts; what waits to be sent stays.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn empty(user: UserId, first: &Meta) -> Result<(), StorageFailure> {
        let database = storage::open(&name(user), &steps(first)).await?;
        let emptied = async {
            let tx = Durable::begin(&database, &[BASE, META, DRAFTS])?;
            let meta = stored_engine(&tx).await?;
            tx.store(DRAFTS)?.clear()?;
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
        Ok(Rexie::delete(&name(user)).await?)
    }
}
