//! What can be done with a user's store without their key: it is counted, emptied, removed.

use super::form::{BASE, DRAFTS, ENGINE, FILES, JOURNAL, META, OUTBOX, POSTED, REFUSED, START, name, steps};
use super::values::{count, number, read};
use super::{IndexedDb, Reader, clear_log, posted_of, put_engine, stored_engine, unsent};
use crate::platform::storage::{self, Durable, StorageFailure};
use crate::replica::store::{NotStored, Waiting, without_rows};
use futures::future::try_join;
use futures::join;
use idb::KeyRange;
use rexie::Rexie;
use shared::ids::UserId;
use shared::sync::client::Meta;

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

    /// Removes a user's store from the device, whatever it holds.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn remove(user: UserId) -> Result<(), StorageFailure> {
        Ok(Rexie::delete(&name(user)).await?)
    }
}
