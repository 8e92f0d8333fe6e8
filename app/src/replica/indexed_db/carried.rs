//! What other devices have given, what this one would give them, and the key by which it is believed.

use super::IndexedDb;
use super::form::{BAG, CREDENTIAL, LETTER, META, OUTBOX, REVISION, SEALED, START};
use super::sealed;
use super::values::{count, field, json, number, parse};
use crate::platform::object::object;
use crate::platform::storage::{Durable, StorageFailure, from_js};
use crate::replica::credential::Credential;
use crate::replica::store::settle_bag;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join_all;
use futures::join;
use shared::carry::Bag;
use shared::carry::packing::Waiting;
use shared::sync::client::Meta;
use shared::sync::protocol::Envelope;
use wasm_bindgen::JsValue;

impl IndexedDb {
    /// The device's own key with its certificate; none if it has none yet, or one that cannot be read any more.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn credential(&self) -> Result<Option<Credential>, StorageFailure> {
        let reader = self.reader()?;
        let [meta] = reader.stores([META])?;
        let Some(sealed) = meta.get(CREDENTIAL.into()).await? else { return Ok(None) };
        Ok(self.key.open(CREDENTIAL, &sealed).await.ok().and_then(|opened| parse(&opened).ok()))
    }

    /// Keeps it in place of the former one.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn keep_credential(&self, credential: &Credential) -> Result<(), StorageFailure> {
        let sealed = self.key.seal(CREDENTIAL, &json(credential)).await?;
        let tx = Durable::begin(&self.writer, &[META])?;
        tx.store(META)?.put(&sealed, Some(&CREDENTIAL.into()))?;
        tx.done().await
    }

    /// The whole outbox in order, each command with its letter if it has one, up to one that cannot be read any more.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn outbox_with_letters(&self) -> Result<Vec<Waiting>, StorageFailure> {
        let reader = self.reader()?;
        let [outbox, meta] = reader.stores([OUTBOX, META])?;
        let (records, keys, start) = join!(outbox.get_all(None, None), outbox.get_all_keys(None, None), meta.get(START.into()));
        let (records, keys, start) = (records?, keys?, number(start?.as_ref())?);
        let opening = records.iter().zip(&keys).map(async |(record, key)| {
            let seq = number(Some(key))?.checked_sub(start).ok_or(StorageFailure::Broken)?;
            let letter = field(record, LETTER).ok().and_then(|letter| from_js(&letter)).map(|letter| URL_SAFE_NO_PAD.encode(letter));
            let envelope = self.open_record(record).await?;
            Ok::<_, StorageFailure>(envelope.map(|envelope| Waiting { envelope: Envelope { seq, ..envelope }, letter }))
        });
        Ok(try_join_all(opening).await?.into_iter().map_while(|waiting| waiting).collect())
    }

    /// What the bag becomes by a change of what is stored now.
    pub(super) async fn next_bag(&self, change: &mut dyn FnMut(&mut Bag)) -> Result<NextBag, StorageFailure> {
        let reader = self.reader()?;
        let [meta] = reader.stores([META])?;
        let record = meta.get(BAG.into()).await?;
        let (before, stored) = (revision_of(record.as_ref())?, self.open_bag(record.as_ref()).await?);
        let mut bag = stored.clone();
        change(&mut bag);
        if bag == stored {
            return Ok(NextBag { bag, before, record: None });
        }
        let sealed = self.key.seal(&sealed::of_bag(before + 1), &json(&bag)).await?;
        let record = object(&[(REVISION, &count(before + 1)), (SEALED, &sealed)]).into();
        Ok(NextBag { bag, before, record: Some(record) })
    }

    /// What it becomes with what the engine knows now.
    pub(super) async fn settled_bag(&self, meta: &Meta) -> Result<NextBag, StorageFailure> {
        let settle = &mut |bag: &mut Bag| {
            settle_bag(bag, meta);
        };
        self.next_bag(settle).await
    }

    /// The bag in a record. It is a copy: one that does not open is empty.
    pub(super) async fn open_bag(&self, record: Option<&JsValue>) -> Result<Bag, StorageFailure> {
        let Some(record) = record else { return Ok(Bag::default()) };
        let of = sealed::of_bag(revision_of(Some(record))?);
        let opened = self.key.open(&of, &field(record, SEALED)?).await.ok();
        Ok(opened.and_then(|opened| parse(&opened).ok()).unwrap_or_default())
    }
}

fn revision_of(record: Option<&JsValue>) -> Result<u64, StorageFailure> {
    record.map_or(Ok(0), |record| number(Some(&field(record, REVISION)?)))
}

/// What the bag becomes.
pub(super) struct NextBag {
    pub(super) bag: Bag,
    /// How often what is stored had changed.
    before: u64,
    /// None if it stays as it is.
    record: Option<JsValue>,
}

impl NextBag {
    /// Puts it, in a transaction that may change [`META`], unless another tab has changed the bag meanwhile. Gives whether it is as it was to become.
    pub(super) async fn put(&self, tx: &Durable) -> Result<bool, StorageFailure> {
        let Some(record) = &self.record else { return Ok(true) };
        let metas = tx.store(META)?;
        let there = metas.get(JsValue::from(BAG))?.await?;
        if revision_of(there.as_ref())? != self.before {
            return Ok(false);
        }
        metas.put(record, Some(&BAG.into()))?;
        Ok(true)
    }
}
