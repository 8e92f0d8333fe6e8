//! The store of an app before the one that seals: what was not sent, and what may have to be sent again, is taken over; the rest the server
//! gives anew. Then it goes, with everything in it that could be read.

use super::commands::Journalled;
use super::form::{AT, ENGINE, FILE_BYTES, FILES, JOURNAL, META, OUTBOX, REFUSED, VERSION};
use super::sealed::{command, of_outcome, refusal, seal_command, seal_file};
use super::values::{field, json, number, parse, read, uuid_key, write};
use super::{IndexedDb, stored_engine};
use crate::platform::remembered;
use crate::platform::storage::{self, Durable, Step, StorageFailure, from_js};
use crate::replica::store::{Refusal, is_for_good};
use futures::future::try_join_all;
use idb::ObjectStoreParams;
use shared::ids::{AttachmentId, UserId};
use shared::sync::client::Meta;
use shared::sync::protocol::Envelope;
use shared::time::Timestamp;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen::JsValue;

/// Of the former [`JOURNAL`]: the command.
const BODY: &str = "body";
/// In [`META`]: a former store was taken over.
const TAKEN_OVER: &str = "taken_over";

pub(super) fn name(user: UserId) -> String {
    format!("huixiao-{user}")
}

/// What a former store holds, read in one moment.
struct Former {
    engine: Meta,
    outbox: Vec<Envelope>,
    journal: Vec<(Envelope, u64, Timestamp)>,
    refused: Vec<Refusal>,
    files: Vec<JsValue>,
    file_bytes: Vec<(Uuid, Vec<u8>)>,
}

impl IndexedDb {
    /// Takes over what a former store of this user holds, if there is one. It may be done again after it was interrupted anywhere.
    ///
    /// # Errors
    /// [`StorageFailure`]: the former store is still there.
    pub(crate) async fn take_over(&self, user: UserId) -> Result<(), StorageFailure> {
        let beginning = format!("draft/{user}/");
        for (name, draft) in remembered::all(&beginning) {
            self.keep_draft(&name[beginning.len()..], Some(&draft)).await?;
            remembered::forget(&name);
        }
        // Older tabs give way, and an older app does not open it any more. What does not exist is not made.
        let Ok(former) = storage::open(&name(user), &steps()).await else { return Ok(()) };
        let held = Former::read(&former).await;
        former.close();
        // What cannot be read stays where it is.
        let Ok(held) = held else { return Ok(()) };
        self.keep(held).await?;
        storage::remove(&name(user)).await
    }

    async fn keep(&self, former: Former) -> Result<(), StorageFailure> {
        let key = &self.key;
        let outbox = former.outbox.iter().map(async |envelope| Ok::<_, StorageFailure>(command(envelope.uuid, &seal_command(key, envelope).await?)));
        // Numbers of the outbox begin anew: all of these come before them. Among each other their uuids keep the order of time.
        let journal = former.journal.iter().map(async |(envelope, version, at)| {
            let command = seal_command(key, envelope).await?;
            Ok::<_, StorageFailure>(Journalled { uuid: envelope.uuid, version: *version, at: *at, order: 0, command })
        });
        let refused = former.refused.iter().map(async |Refusal { envelope, outcome }| {
            let (command, sealed) = (seal_command(key, envelope).await?, key.seal(&of_outcome(outcome.uuid), &json(outcome)).await?);
            Ok::<_, StorageFailure>((outcome.uuid, refusal(envelope.uuid, &command, &sealed, is_for_good(&outcome.verdict))))
        });
        let bytes =
            former.file_bytes.iter().map(async |(id, bytes)| Ok::<_, StorageFailure>((*id, seal_file(key, None, AttachmentId(*id), bytes).await?)));
        let (outbox, journal) = (try_join_all(outbox).await?, try_join_all(journal).await?);
        let (refused, bytes) = (try_join_all(refused).await?, try_join_all(bytes).await?);

        let tx = Durable::begin(&self.writer, &[OUTBOX, JOURNAL, REFUSED, META, FILES, FILE_BYTES])?;
        let meta = tx.store(META)?;
        if meta.get(JsValue::from(TAKEN_OVER))?.await?.is_some() {
            return Ok(());
        }
        // Numbers begin anew, so it is another numbering; of which history of the server what was acknowledged is, stays known.
        let engine = stored_engine(&tx).await?;
        let engine = Meta { epoch: engine.epoch.or(former.engine.epoch), revision: engine.revision + 1, ..engine };
        meta.put(&write(&engine), Some(&ENGINE.into()))?;
        meta.put(&true.into(), Some(&TAKEN_OVER.into()))?;
        for record in &outbox {
            tx.store(OUTBOX)?.add(record, None)?;
        }
        for entry in &journal {
            tx.store(JOURNAL)?.put(&entry.to_js(), Some(&uuid_key(entry.uuid)))?;
        }
        for (uuid, record) in &refused {
            tx.store(REFUSED)?.put(record, Some(&uuid_key(*uuid)))?;
        }
        for file in &former.files {
            tx.store(FILES)?.add(file, None)?;
        }
        for (id, sealed) in &bytes {
            tx.store(FILE_BYTES)?.put(sealed, Some(&uuid_key(*id)))?;
        }
        tx.done().await
    }
}

impl Former {
    async fn read(database: &web_sys::IdbDatabase) -> Result<Self, StorageFailure> {
        let tx = Durable::begin(database, &[OUTBOX, JOURNAL, REFUSED, META, FILES, FILE_BYTES])?;
        let engine = stored_engine(&tx).await?;
        let all = async |name: &str| Ok::<_, StorageFailure>(tx.store(name)?.get_all(None, None)?.await?);
        let outbox = all(OUTBOX).await?.iter().map(|value| read(Some(value))).collect::<Result<_, _>>()?;
        let journal = all(JOURNAL).await?.iter().map(journalled).collect::<Result<_, _>>()?;
        let refused = all(REFUSED).await?.iter().map(|value| read(Some(value))).collect::<Result<_, _>>()?;
        let (files, values) = (all(FILES).await?, all(FILE_BYTES).await?);
        let keys = tx.store(FILE_BYTES)?.get_all_keys(None, None)?.await?;
        let file = |(key, value): (&JsValue, &JsValue)| Some((key.as_string()?.parse().ok()?, from_js(value)?));
        let file_bytes = keys.iter().zip(&values).map(|pair| file(pair).ok_or(StorageFailure::Broken)).collect::<Result<_, _>>()?;
        Ok(Self { engine, outbox, journal, refused, files, file_bytes })
    }
}

fn journalled(record: &JsValue) -> Result<(Envelope, u64, Timestamp), StorageFailure> {
    let body = from_js(&field(record, BODY)?).ok_or(StorageFailure::Broken)?;
    let at = field(record, AT)?.as_f64().and_then(|at| Timestamp::from_timestamp_millis(at as i64)).ok_or(StorageFailure::Broken)?;
    Ok((parse(&body)?, number(Some(&field(record, VERSION)?))?, at))
}

/// From its second version on, in which it learnt to keep files, to one that no older app opens.
fn steps() -> [Step; 3] {
    let absent: Step = Rc::new(|_| Err(idb::Error::IndexedDbNotFound(JsValue::NULL)));
    let keep_files: Step = Rc::new(|database| {
        let mut numbered = ObjectStoreParams::new();
        numbered.auto_increment(true);
        database.create_object_store(FILES, numbered)?;
        database.create_object_store(FILE_BYTES, ObjectStoreParams::new()).map(drop)
    });
    [absent, keep_files, Rc::new(|_| Ok(()))]
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::platform::object::object;
    use crate::platform::storage::to_js;
    use crate::platform::vault::Key;
    use crate::replica::contract::{envelope, file, meta};
    use crate::replica::store::{KeptFile, Store};
    use gloo_storage::{LocalStorage, Storage};
    use idb::{IndexParams, KeyPath};
    use shared::Rejection;
    use shared::sync::protocol::{Outcome, Verdict};
    use wasm_bindgen_test::wasm_bindgen_test;

    /// As the last app before made it, in two versions.
    async fn former(user: UserId) -> web_sys::IdbDatabase {
        let begin: Step = Rc::new(|database| {
            let numbered = || {
                let mut params = ObjectStoreParams::new();
                params.auto_increment(true);
                params
            };
            database.create_object_store("base", numbered())?;
            database.create_object_store("outbox", numbered())?;
            let journal = database.create_object_store("journal", ObjectStoreParams::new())?;
            for index in ["version", "at"] {
                journal.create_index(index, KeyPath::new_single(index), Some(IndexParams::new()))?;
            }
            for name in ["refused", "drafts", "blobs"] {
                database.create_object_store(name, ObjectStoreParams::new())?;
            }
            let meta = database.create_object_store("meta", ObjectStoreParams::new())?;
            let engine = Meta { epoch: Some(Uuid::from_u128(3)), version: 9, ..crate::replica::contract::meta() };
            meta.put(&write(&engine), Some(&"engine".into()))?;
            meta.put(&JsValue::from(0), Some(&"generation".into()))?;
            meta.put(&JsValue::from(4), Some(&"start".into())).map(drop)
        });
        storage::open(&format!("huixiao-{user}"), &[begin, Rc::clone(&steps()[1])]).await.expect("made")
    }

    #[wasm_bindgen_test]
    async fn what_the_last_app_before_had_not_sent_is_sealed_and_kept() {
        let user = UserId(Uuid::now_v7());
        let old = former(user).await;
        let tx = Durable::begin(&old, &["base", "outbox", "journal", "refused", "files", "file_bytes"]).expect("begun");
        let store = |name: &str| tx.store(name).expect("there");
        store("base").add(&to_js(b"rows that anybody can read"), None).expect("asked");
        store("outbox").add(&write(&envelope(1)), None).expect("asked");
        store("outbox").add(&write(&envelope(2)), None).expect("asked");
        let body = to_js(&json(&envelope(5)));
        let entry = object(&[("version", &8.into()), ("at", &1_800_000_000_000_f64.into()), ("order", &3.into()), ("body", &body)]);
        store("journal").put(&entry, Some(&uuid_key(Uuid::from_u128(5)))).expect("asked");
        let outcome = Outcome { seq: 3, uuid: Uuid::from_u128(6), version: 8, verdict: Verdict::Rejected { rejection: Rejection::Forbidden } };
        let refusal = Refusal { envelope: envelope(6), outcome };
        store("refused").put(&write(&refusal), Some(&uuid_key(Uuid::from_u128(6)))).expect("asked");
        store("files").add(&write(&KeptFile::new(&file(7), Uuid::from_u128(5))), None).expect("asked");
        store("file_bytes").put(&to_js(&file(7).bytes), Some(&uuid_key(file(7).new.attachment.0))).expect("asked");
        tx.done().await.expect("stored");
        old.close();
        LocalStorage::set(format!("draft/{user}/customer"), "typed before").expect("kept");

        let key = Key::of(&[1; 32]).await.expect("WebCrypto");
        for interrupted in [true, false] {
            let store = IndexedDb::open(user, key.clone(), &meta(), || {}).await.expect("opened");
            store.take_over(user).await.expect("taken over");
            let outbox: Vec<_> = store.outbox(9).await.expect("read").iter().map(|envelope| (envelope.seq, envelope.uuid.as_u128())).collect();
            assert_eq!(outbox, [(1, 1), (2, 2)]);
            let loaded = store.load(None, &mut |_| {}).await.expect("read");
            assert_eq!(loaded.pending.iter().map(|pending| pending.uuid.as_u128()).collect::<Vec<_>>(), [5, 1, 2]);
            assert_eq!(loaded.refused, std::slice::from_ref(&refusal));
            assert_eq!(loaded.meta.epoch, Some(Uuid::from_u128(3)));
            assert_eq!(loaded.files.len(), 1, "the server awaits it");
            assert_eq!(store.file_bytes(file(7).new.attachment).await, Ok(Some(file(7).bytes)));
            assert_eq!(store.drafts().await.expect("read")["customer"], "\"typed before\"");
            assert_eq!(LocalStorage::raw().get_item(&format!("draft/{user}/customer")), Ok(None));
            assert!(storage::open(&name(user), &steps()).await.is_err(), "nothing of it is left to read");
            if interrupted {
                // Stored, but not removed: as if the device had gone out between the two.
                let again = former(user).await;
                let tx = Durable::begin(&again, &["outbox"]).expect("begun");
                tx.store("outbox").expect("there").add(&write(&envelope(1)), None).expect("asked");
                tx.done().await.expect("stored");
                again.close();
            }
        }
    }
}
