use super::form::{COMMAND, LETTER, POSTED, POSTED_FILES, PROOF};
use super::values::field;
use super::*;
use crate::platform::object::object;
use crate::platform::storage::from_js;
use crate::replica::contract::carried::{carried, take};
use crate::replica::contract::{envelope, file, holds_every_law, meta};
use crate::replica::credential::Credential;
use crate::replica::store::{Waiting, damaged};
use futures::future::join_all;
use idb::ObjectStoreParams;
use shared::sync::slot::Page;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn fresh_name() -> String {
    format!("huixiao-test-{}", Uuid::now_v7())
}

async fn key(number: u8) -> Key {
    Key::of(&[number; 32]).await.expect("WebCrypto")
}

async fn open(name: &str) -> IndexedDb {
    open_with(name, &steps(&meta())).await.expect("opened")
}

async fn open_with(name: &str, steps: &[Step]) -> Result<IndexedDb, StorageFailure> {
    IndexedDb::open_by(name, key(1).await, steps, || {}).await
}

async fn outbox(store: &IndexedDb) -> Vec<(u64, u128)> {
    store.outbox(1_000).await.expect("read").iter().map(|envelope| (envelope.seq, envelope.uuid.as_u128())).collect()
}

#[wasm_bindgen_test]
async fn indexed_db_holds_every_law() {
    holds_every_law(async || open(&fresh_name()).await).await;
}

#[wasm_bindgen_test]
async fn what_was_saved_is_there_after_it_was_closed() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    drop(store);
    let store = open(&name).await;
    assert_eq!(outbox(&store).await, [(1, 1)]);
}

#[wasm_bindgen_test]
async fn two_tabs_give_each_number_once() {
    let name = fresh_name();
    let (one, two) = (open(&name).await, open(&name).await);
    let (odd, even) = (1..=40).map(envelope).partition::<Vec<_>, _>(|envelope| envelope.uuid.as_u128() % 2 == 1);
    let saved = join(
        join_all(odd.iter().map(|envelope| one.save(envelope, Along::default()))),
        join_all(even.iter().map(|envelope| two.save(envelope, Along::default()))),
    )
    .await;
    assert!(saved.0.iter().chain(&saved.1).all(Result::is_ok));
    let mut found = outbox(&two).await;
    assert_eq!(found.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    found.sort_unstable_by_key(|(_, uuid)| *uuid);
    assert_eq!(found.iter().map(|(_, uuid)| *uuid).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn what_is_taken_back_leaves_no_hole() {
    let store = open(&fresh_name()).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    let tx = Durable::begin(&store.writer, &[OUTBOX]).expect("begun");
    tx.store(OUTBOX).expect("there").add(&write(&envelope(2)), None).expect("asked").await.expect("added");
    drop(tx);
    store.save(&envelope(3), Along::default()).await.expect("saved");
    assert_eq!(outbox(&store).await, [(1, 1), (2, 3)]);
}

#[wasm_bindgen_test]
async fn writes_are_strictly_durable() {
    let store = open(&fresh_name()).await;
    let tx = Durable::begin(&store.writer, &[OUTBOX]).expect("begun");
    let handle = tx.store(OUTBOX).expect("there").transaction();
    assert_eq!(js_sys::Reflect::get(&handle.into(), &"durability".into()), Ok(JsValue::from("strict")));
}

#[wasm_bindgen_test]
async fn a_migration_cannot_drop_a_store() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    store.append(&[Arc::new(Segment::of_heads(vec![1, 2, 3]))], &Meta { revision: 1, ..meta() }).await.expect("stored");
    let before = store.writer.object_store_names();
    drop(store);
    let mut grown = steps(&meta());
    let today = grown.len() as f64;
    grown.push(Rc::new(|database| database.create_object_store("later", ObjectStoreParams::new()).map(drop)));
    let store = open_with(&name, &grown).await.expect("migrated");
    assert_eq!(store.writer.version(), today + 1.0);
    assert_eq!(store.writer.object_store_names().length(), before.length() + 1);
    assert_eq!(outbox(&store).await, [(1, 1)]);
    assert_eq!(given(&store).await, [Arc::new(Segment::of_heads(vec![1, 2, 3]))]);
}

#[wasm_bindgen_test]
async fn a_migration_that_fails_changes_nothing() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    drop(store);
    let mut grown = steps(&meta());
    grown.push(Rc::new(|database| database.create_object_store(OUTBOX, ObjectStoreParams::new()).map(drop)));
    assert!(open_with(&name, &grown).await.is_err());
    assert_eq!(outbox(&open(&name).await).await, [(1, 1)]);
}

#[wasm_bindgen_test]
async fn an_older_tab_gives_way_to_a_newer_app_and_says_so() {
    let name = fresh_name();
    let lost = Rc::new(std::cell::Cell::new(false));
    let tell = Rc::clone(&lost);
    let old = IndexedDb::open_by(&name, key(1).await, &steps(&meta()), move || tell.set(true)).await.expect("opened");
    let mut grown = steps(&meta());
    grown.push(Rc::new(|_| Ok(())));
    let _new = open_with(&name, &grown).await.expect("not blocked");
    assert!(lost.get());
    assert_eq!(old.save(&envelope(1), Along::default()).await, Err(StorageFailure::Broken), "and saves nothing silently");
    assert_eq!(old.outbox(1).await, Err(StorageFailure::Broken));
    assert_eq!(open_error(&name).await, Err(StorageFailure::Newer), "an older app does not open what a newer one has taken further");
}

#[wasm_bindgen_test]
async fn a_page_that_does_not_let_go_of_a_database_is_not_waited_for_for_ever() {
    let name = fresh_name();
    let frozen = idb::Factory::new().expect("offered").open(&name, Some(1)).expect("asked").await.expect("opened");
    let held = (Err(StorageFailure::Held), Err(StorageFailure::Held));
    assert_eq!(join(storage::remove(&name), open_error(&name)).await, held, "nor is what waits for that");
    frozen.close();
    assert_eq!(open_error(&name).await, Ok(()), "it goes on when that page does");
}

async fn open_error(name: &str) -> Result<(), StorageFailure> {
    open_with(name, &steps(&meta())).await.map(drop)
}

#[wasm_bindgen_test]
fn a_full_disk_is_told_from_a_broken_one() {
    let failure = |name: &str| {
        let exception = web_sys::DomException::new_with_message_and_name("", name).expect("made");
        StorageFailure::from(idb::Error::DomException(exception))
    };
    assert_eq!(failure("QuotaExceededError"), StorageFailure::Full);
    assert_eq!(failure("InvalidStateError"), StorageFailure::Broken);
}

/// Every byte and text in every record of the database, as it lies on the disk.
async fn everything_stored(store: &IndexedDb) -> Vec<Vec<u8>> {
    let names = store.writer.object_store_names();
    let names: Vec<String> = (0..names.length()).filter_map(|place| names.item(place)).collect();
    let reader = store.reader().expect("open");
    let tx = reader.0.as_ref().expect("open").transaction(&names, TransactionMode::ReadOnly).expect("begun");
    let mut found = Vec::new();
    for name in &names {
        for record in tx.store(name).expect("there").get_all(None, None).await.expect("read") {
            let values =
                if record.is_object() && from_js(&record).is_none() { js_sys::Object::values(record.unchecked_ref()).to_vec() } else { vec![record] };
            found.extend(values.iter().filter_map(|value| from_js(value).or_else(|| Some(value.as_string()?.into_bytes()))));
        }
    }
    found
}

#[wasm_bindgen_test]
async fn nothing_that_tells_of_people_stands_in_the_clear() {
    let store = open(&fresh_name()).await;
    let secret = "arguments 7";
    assert!(envelope(7).command.args.get().contains(secret));
    store.save(&envelope(7), Along::of(&[file(7)])).await.expect("saved");
    store.save(&envelope(8), Along::default()).await.expect("saved");
    store.append(&[Arc::new(Segment::of_heads(b"secret row".to_vec()))], &Meta { revision: 1, ..meta() }).await.expect("stored");
    store.keep_draft("customer", Some("secret draft")).await.expect("stored");
    take(&store, 9).await;
    store.keep_credential(&Credential::new(*b"secret key of the device, 32 bit")).await.expect("stored");
    let outcomes = [
        Outcome { seq: 1, uuid: Uuid::from_u128(7), version: 3, verdict: Verdict::Applied },
        Outcome { seq: 2, uuid: Uuid::from_u128(8), version: 3, verdict: Verdict::Rejected { rejection: shared::Rejection::Forbidden } },
    ];
    store.rule(&outcomes, &Meta { revision: 2, ..meta() }, chrono::Utc::now()).await.expect("stored");
    let stored = everything_stored(&store).await;
    assert!(stored.len() >= 13, "{}", stored.len());
    for secret in ["arguments", "note_", "secret", "bytes of file", "forbidden"] {
        let is_secret = |bytes: &Vec<u8>| bytes.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret.as_bytes()));
        assert!(!stored.iter().any(is_secret), "{secret}");
    }
    assert_eq!(store.drafts().await.expect("read")["customer"], "secret draft");
    store.keep_draft("customer", None).await.expect("stored");
    assert!(store.drafts().await.expect("read").is_empty());
}

#[wasm_bindgen_test]
async fn a_draft_goes_with_the_command_that_it_became() {
    let store = open(&fresh_name()).await;
    for form in ["customer", "product"] {
        store.keep_draft(form, Some("a draft")).await.expect("stored");
    }
    let along = Along { files: &[file(1)], form: Some("customer"), chain: None };
    store.save(&envelope(1), along).await.expect("saved");
    assert_eq!(outbox(&store).await, [(1, 1)]);
    assert_eq!(store.drafts().await.expect("read").into_keys().collect::<Vec<_>>(), ["product"]);
}

#[wasm_bindgen_test]
async fn another_key_opens_nothing() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), Along::of(&[file(1)])).await.expect("saved");
    store.keep_draft("customer", Some("a draft")).await.expect("stored");
    drop(store);
    assert_eq!(open_by_another(&name).await, Err(StorageFailure::Broken));
    // A store of before, which has no proof yet; and one whose proof was damaged.
    for proof in [None, Some(JsValue::from("no proof"))] {
        let store = open(&name).await;
        let tx = Durable::begin(&store.writer, &[META]).expect("begun");
        let metas = tx.store(META).expect("there");
        match &proof {
            None => drop(metas.delete(JsValue::from(PROOF)).expect("asked")),
            Some(proof) => drop(metas.put(proof, Some(&PROOF.into())).expect("asked")),
        }
        tx.done().await.expect("stored");
        drop(store);
        assert_eq!(open_by_another(&name).await, Err(StorageFailure::Broken));
        assert_eq!(outbox(&open(&name).await).await, [(1, 1)]);
        assert_eq!(open_by_another(&name).await, Err(StorageFailure::Broken));
    }
    let empty = fresh_name();
    drop(open(&empty).await);
    assert_eq!(open_by_another(&empty).await, Err(StorageFailure::Broken), "nothing but a proof is there");
}

async fn open_by_another(name: &str) -> Result<(), StorageFailure> {
    IndexedDb::open_by(name, key(2).await, &steps(&meta()), || {}).await.map(drop)
}

#[wasm_bindgen_test]
async fn a_command_that_was_changed_costs_only_itself() {
    let name = fresh_name();
    let store = open(&name).await;
    store.write_letters_to(LETTER_KEY).await.expect("a key");
    for number in 1..=3 {
        store.save(&envelope(number), Along::default()).await.expect("saved");
    }
    let tx = Durable::begin(&store.writer, &[OUTBOX]).expect("begun");
    let records = tx.store(OUTBOX).expect("there");
    let record = records.get(JsValue::from(2)).expect("asked").await.expect("read").expect("there");
    let sealed = js_sys::Uint8Array::new(&field(&record, COMMAND).expect("sealed"));
    sealed.set_index(20, sealed.get_index(20) ^ 1);
    drop(records.put(&record, Some(&JsValue::from(2))).expect("asked"));
    tx.done().await.expect("stored");

    assert_eq!(outbox(&store).await, [(1, 1)], "up to it");
    assert_eq!(store.unreadable_head().await, Ok(None));
    let loaded = store.load(None, &mut |_| {}).await.expect("read");
    assert_eq!(loaded.pending.iter().map(|pending| pending.uuid.as_u128()).collect::<Vec<_>>(), [1, 2, 3]);
    let applied = Outcome { seq: 1, uuid: Uuid::from_u128(1), version: 1, verdict: Verdict::Applied };
    store.rule(&[applied], &Meta { revision: 1, ..meta() }, chrono::Utc::now()).await.expect("stored");
    assert_eq!(outbox(&store).await, []);
    let head = store.unreadable_head().await.expect("read").expect("damaged");
    assert!(head.uuid.as_u128() == 2 && head.letter.is_some());
    let refusals = store.rule(&[damaged(head.uuid)], &Meta { revision: 2, ..meta() }, chrono::Utc::now()).await.expect("stored");
    assert_eq!(refusals, [Refusal { envelope: unreadable(head.uuid), outcome: damaged(head.uuid) }]);
    assert_eq!(outbox(&store).await, [(3, 3)], "the rest goes on");
    assert_eq!(store.load(None, &mut |_| {}).await.expect("read").refused, refusals);
}

#[wasm_bindgen_test]
async fn segments_that_were_exchanged_doubled_or_changed_are_found_out() {
    type Tamper = fn(&mut [(JsValue, JsValue)]);
    let tampers: [Tamper; 3] = [
        |records| {
            let first = records[0].1.clone();
            records[0].1 = std::mem::replace(&mut records[1].1, first);
        },
        |records| records[2].1 = records[1].1.clone(),
        |records| {
            let mut bytes = from_js(&records[1].1).expect("bytes");
            bytes[20] ^= 1;
            records[1].1 = crate::platform::storage::to_js(&bytes);
        },
    ];
    for (number, tamper) in tampers.into_iter().enumerate() {
        let store = open(&fresh_name()).await;
        let segments: Vec<_> = (1..=3).map(|number| Arc::new(Segment::of_heads(vec![number; 40]))).collect();
        store.append(&segments[..2], &Meta { revision: 1, ..meta() }).await.expect("stored");
        store.append(&segments[2..], &Meta { revision: 2, ..meta() }).await.expect("stored");
        assert_eq!(given(&store).await, segments);
        let tx = Durable::begin(&store.writer, &[BASE]).expect("begun");
        let base = tx.store(BASE).expect("there");
        let (values, keys) = (base.get_all(None, None).expect("asked"), base.get_all_keys(None, None).expect("asked"));
        let (values, keys) = join(values.into_future(), keys.into_future()).await;
        let mut records: Vec<_> = keys.expect("read").into_iter().zip(values.expect("read")).collect();
        tamper(&mut records);
        for (key, value) in &records {
            base.put(value, Some(key)).expect("asked");
        }
        tx.done().await.expect("stored");
        assert!(given(&store).await.iter().any(|segment| segment.heads().is_empty()), "{number}");
    }
}

/// The segments as a reader gets them; what cannot be trusted is empty.
async fn given(store: &IndexedDb) -> Vec<Arc<Segment>> {
    let mut segments = Vec::new();
    let mut take = |piece: Piece| {
        if let Piece::Segment(segment) = piece {
            segments.push(segment);
        }
    };
    store.load(None, &mut take).await.expect("read");
    segments
}

/// Whoever takes the device over is told of what waits, though nothing of it can be read.
#[wasm_bindgen_test]
async fn what_waits_is_counted_without_the_key() {
    let user = UserId(Uuid::now_v7());
    assert_eq!(IndexedDb::waiting(user, &meta()).await, Ok(Waiting::default()));
    let store = IndexedDb::open(user, key(1).await, &meta(), || {}).await.expect("opened");
    store.save(&envelope(1), Along::of(&[file(1)])).await.expect("saved");
    store.save(&envelope(2), Along::default()).await.expect("saved");
    drop(store);
    assert_eq!(IndexedDb::waiting(user, &meta()).await, Ok(Waiting { commands: 2, files: 1 }));
    IndexedDb::remove(user).await.expect("removed");
    assert_eq!(IndexedDb::waiting(user, &meta()).await, Ok(Waiting::default()));
}

#[wasm_bindgen_test]
async fn d9_what_two_tabs_take_in_is_both_there() {
    let name = fresh_name();
    let (one, two) = (open(&name).await, open(&name).await);
    join(take(&one, 1), take(&two, 2)).await;
    let mut carried = carried(&one).await;
    carried.sort_unstable();
    assert_eq!(carried, [1, 2]);
}

#[wasm_bindgen_test]
async fn d9_a_bag_that_does_not_open_is_empty_and_everything_else_goes_on() {
    let store = open(&fresh_name()).await;
    take(&store, 1).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    let broken = object(&[("revision", &count(1)), ("sealed", &crate::platform::storage::to_js(&[1; 40]))]);
    let tx = Durable::begin(&store.writer, &[META]).expect("begun");
    drop(tx.store(META).expect("there").put(&broken, Some(&BAG.into())).expect("asked"));
    tx.done().await.expect("stored");
    assert!(carried(&store).await.is_empty());
    assert_eq!(outbox(&store).await, [(1, 1)]);
    take(&store, 2).await;
    assert_eq!(carried(&store).await, [2]);
}

#[wasm_bindgen_test]
async fn f2_the_chain_goes_on_with_the_signature_or_not_at_all() {
    let name = fresh_name();
    let old = open(&name).await;
    let next = Link::first(Uuid::from_u128(1)).after("a statement");
    old.save(&envelope(1), Along { chain: Some(&next), ..Along::default() }).await.expect("saved");
    let mut grown = steps(&meta());
    grown.push(Rc::new(|_| Ok(())));
    let new = open_with(&name, &grown).await.expect("not blocked");
    let along = Along { chain: Some(&next.after("another")), ..Along::default() };
    assert_eq!(old.save(&envelope(2), along).await, Err(StorageFailure::Broken), "the tab has given way");
    assert_eq!(new.next_link().await, Ok(Some(next)), "sealed, and opened by whoever has the key");
    assert_eq!(outbox(&new).await, [(1, 1)]);
}

#[wasm_bindgen_test]
async fn d9_the_devices_key_and_what_was_carried_go_with_the_person() {
    let user = UserId(Uuid::now_v7());
    let store = IndexedDb::open(user, key(1).await, &meta(), || {}).await.expect("opened");
    take(&store, 1).await;
    let credential = Credential::new([7; 32]);
    store.keep_credential(&credential).await.expect("stored");
    assert_eq!(store.credential().await, Ok(Some(credential)));
    IndexedDb::empty(user, &meta()).await.expect("emptied");
    assert_eq!(store.credential().await, Ok(None));
    assert!(carried(&store).await.is_empty());
    drop(store);
    IndexedDb::remove(user).await.expect("removed");
}

#[wasm_bindgen_test]
async fn d9_what_is_given_has_its_number_and_the_letter_to_the_server() {
    let store = open(&fresh_name()).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    let given = async || store.outbox_with_letters().await.expect("read");
    assert!(given().await[0].letter.is_none(), "the server's key is not known yet");
    store.write_letters_to(LETTER_KEY).await.expect("a key");
    store.save(&envelope(2), Along::default()).await.expect("saved");
    let given: Vec<_> =
        given().await.into_iter().map(|waiting| (waiting.envelope.seq, waiting.envelope.uuid.as_u128(), waiting.letter.is_some())).collect();
    assert_eq!(given, [(1, 1, true), (2, 2, true)]);
}

/// The public half of some key pair.
const LETTER_KEY: &str = shared::testing::LETTER_KEY;

async fn letters(store: &IndexedDb) -> Vec<Option<u32>> {
    let [outbox] = store.reader().expect("open").stores([OUTBOX]).expect("the store");
    let records = outbox.get_all(None, None).await.expect("read");
    records.iter().map(|record| field(record, LETTER).ok().map(|letter| js_sys::Uint8Array::new(&letter).length())).collect()
}

#[wasm_bindgen_test]
async fn what_waited_before_the_servers_key_was_known_is_given_its_letter() {
    let store = open(&fresh_name()).await;
    store.save(&envelope(1), Along::default()).await.expect("saved");
    assert_eq!(letters(&store).await, [None]);
    store.write_letters_to(LETTER_KEY).await.expect("a key");
    store.save(&envelope(2), Along::default()).await.expect("saved");
    assert!(letters(&store).await.iter().all(|letter| letter.is_some_and(|bytes| bytes > 65 + 12 + 16)));
    assert_eq!(outbox(&store).await, [(1, 1), (2, 2)]);
    for bad in ["", "BMCS", "not base64!"] {
        assert!(store.write_letters_to(bad).await.is_err(), "{bad:?}");
    }
}

#[wasm_bindgen_test]
async fn files_are_stored_once_and_their_keys_travel_as_letters() {
    let user = UserId(Uuid::now_v7());
    let store = IndexedDb::open(user, key(1).await, &meta(), || {}).await.expect("opened");
    let attachment = |number: u128| file(number).new.attachment;
    // As an app of before has stored it, and before the server's key was known.
    store.save(&envelope(1), Along::of(&[file(1)])).await.expect("saved");
    let former = store.key.seal(&format!("file/{}", attachment(1)), &file(1).bytes).await.expect("sealed");
    let tx = Durable::begin(&store.writer, &[FILE_BYTES]).expect("begun");
    drop(tx.store(FILE_BYTES).expect("there").put(&former, Some(&uuid_key(attachment(1).0))).expect("asked"));
    tx.done().await.expect("stored");
    store.save(&envelope(2), Along::of(&[file(2)])).await.expect("saved");
    assert_eq!(IndexedDb::sealed_files(user).await, Ok(None));
    store.write_letters_to(LETTER_KEY).await.expect("a key");
    store.give_letters_to_files().await.expect("stored");
    store.save(&envelope(3), Along::of(&[file(3)])).await.expect("saved");
    for number in 1..=3 {
        assert_eq!(store.file_bytes(attachment(number)).await, Ok(Some(file(number).bytes)), "{number}");
    }
    let sealed = IndexedDb::sealed_files(user).await.expect("read").expect("letters");
    assert_eq!(sealed.iter().map(|sealed| sealed.attachment).collect::<Vec<_>>(), [1, 2, 3].map(attachment));
    assert!(sealed.iter().all(|sealed| sealed.content == file(sealed.attachment.0.as_u128()).new.content));

    // What the worker has sent waits no more.
    let posted = object(&[("epoch", &JsValue::NULL), ("attachments", &js_sys::Array::of1(&uuid_key(attachment(2).0)))]);
    let tx = Durable::begin(&store.writer, &[META]).expect("begun");
    drop(tx.store(META).expect("the store").put(&posted, Some(&POSTED_FILES.into())).expect("put"));
    tx.done().await.expect("stored");
    assert_eq!(IndexedDb::waiting(user, &meta()).await, Ok(Waiting { commands: 3, files: 2 }));
    assert_eq!(IndexedDb::sealed_files(user).await.expect("read").map(|files| files.len()), Some(2));
    drop(store);
    IndexedDb::remove(user).await.expect("removed");
}

#[wasm_bindgen_test]
async fn what_was_sent_as_a_letter_waits_no_more_until_it_is_numbered_anew() {
    let user = UserId(Uuid::now_v7());
    let (first, epoch) = (Meta { epoch: Some(Uuid::from_u128(9)), ..meta() }, Uuid::from_u128(9).to_string());
    let store = IndexedDb::open(user, key(1).await, &first, || {}).await.expect("opened");
    for number in 1..=3 {
        store.save(&envelope(number), Along::default()).await.expect("saved");
    }
    let posted = object(&[("incarnation", &uuid_key(first.incarnation)), ("epoch", &epoch.as_str().into()), ("last", &count(2))]);
    let tx = Durable::begin(&store.writer, &[META]).expect("begun");
    drop(tx.store(META).expect("the store").put(&posted, Some(&POSTED.into())).expect("put"));
    tx.done().await.expect("stored");
    assert_eq!(IndexedDb::waiting(user, &first).await, Ok(Waiting { commands: 1, files: 0 }));
    let anew = Meta { incarnation: Uuid::from_u128(10), revision: first.revision + 1, ..first.clone() };
    store.renumber(&anew).await.expect("numbered");
    assert_eq!(IndexedDb::waiting(user, &first).await, Ok(Waiting { commands: 3, files: 0 }));
    drop(store);
    IndexedDb::remove(user).await.expect("removed");
}
