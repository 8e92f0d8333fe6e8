//! Commands as they lie in outbox, journal and among the refused; and those that cannot be read any more.

use super::IndexedDb;
use super::form::{AT, COMMAND, LETTER, META, ORDER, OUTBOX, OUTCOME, START, UUID, VERSION};
use super::sealed::{self, command, command_and_letter, open_command, seal_command, seal_letter};
use super::values::{count, field, instant, number, parse, uuid_key};
use crate::platform::letters::Stationery;
use crate::platform::object::object;
use crate::platform::storage::{Durable, StorageFailure, from_js};
use crate::replica::store::{Refusal, Unreadable, damaged, unreadable};
use futures::future::{join, try_join, try_join_all};
use idb::ObjectStore;
use shared::sync::protocol::Envelope;
use shared::time::Timestamp;
use std::future::IntoFuture;
use uuid::Uuid;
use wasm_bindgen::JsValue;

impl IndexedDb {
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

    pub(super) async fn seal_record(&self, envelope: &Envelope) -> Result<JsValue, StorageFailure> {
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
    pub(super) async fn open_record(&self, record: &JsValue) -> Result<Option<Envelope>, StorageFailure> {
        Ok(open_command(&self.key, uuid_of(record)?, &field(record, COMMAND)?).await)
    }

    /// The same; what is known of it if it cannot be read.
    pub(super) async fn open_or_tell(&self, record: &JsValue) -> Result<Envelope, StorageFailure> {
        let uuid = uuid_of(record)?;
        Ok(self.open_record(record).await?.unwrap_or_else(|| unreadable(uuid)))
    }

    pub(super) async fn open_refusal(&self, record: &JsValue) -> Result<Refusal, StorageFailure> {
        let (envelope, sealed) = (self.open_or_tell(record).await?, field(record, OUTCOME)?);
        let outcome = self.key.open(&sealed::of_outcome(envelope.uuid), &sealed).await.ok();
        let outcome = outcome.and_then(|outcome| parse(&outcome).ok()).unwrap_or_else(|| damaged(envelope.uuid));
        Ok(Refusal { envelope, outcome })
    }
}

/// An acknowledged command.
pub(super) struct Journalled {
    pub(super) uuid: Uuid,
    pub(super) version: u64,
    pub(super) at: Timestamp,
    pub(super) order: u64,
    pub(super) command: JsValue,
}

impl Journalled {
    pub(super) fn of(record: &JsValue) -> Result<Self, StorageFailure> {
        let at = field(record, AT)?.as_f64().ok_or(StorageFailure::Broken)?;
        Ok(Self {
            uuid: uuid_of(record)?,
            version: number(Some(&field(record, VERSION)?))?,
            at: Timestamp::from_timestamp_millis(at as i64).ok_or(StorageFailure::Broken)?,
            order: number(Some(&field(record, ORDER)?))?,
            command: field(record, COMMAND)?,
        })
    }

    pub(super) fn to_js(&self) -> JsValue {
        let (uuid, version, at, order) = (uuid_key(self.uuid), count(self.version), instant(self.at), count(self.order));
        object(&[(UUID, &uuid), (VERSION, &version), (AT, &at), (ORDER, &order), (COMMAND, &self.command)]).into()
    }
}

pub(super) fn uuid_of(record: &JsValue) -> Result<Uuid, StorageFailure> {
    field(record, UUID)?.as_string().and_then(|text| text.parse().ok()).ok_or(StorageFailure::Broken)
}

/// The first commands of an outbox with their keys, sealed.
pub(super) async fn whole(outbox: &ObjectStore, most: Option<u32>) -> Result<Vec<(JsValue, Uuid, JsValue)>, StorageFailure> {
    let (values, keys) = join(outbox.get_all(None, most)?.into_future(), outbox.get_all_keys(None, most)?.into_future()).await;
    values?.iter().zip(keys?).map(|(record, key)| Ok((key, uuid_of(record)?, field(record, COMMAND)?))).collect()
}

/// Makes the outbox hold these, numbered from 1.
pub(super) async fn number_anew(tx: &Durable, outbox: &ObjectStore, commands: Vec<JsValue>) -> Result<(), StorageFailure> {
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
