use super::*;
use crate::replica::contract::{envelope, file, holds_every_law, meta};
use idb::ObjectStoreParams;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn fresh_name() -> String {
    format!("huixiao-test-{}", Uuid::now_v7())
}

async fn open(name: &str) -> IndexedDb {
    IndexedDb::open_by(name, &steps(&meta()), || {}).await.expect("opened")
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
    store.save(&envelope(1), &[]).await.expect("saved");
    drop(store);
    let store = open(&name).await;
    assert_eq!(outbox(&store).await, [(1, 1)]);
}

#[wasm_bindgen_test]
async fn two_tabs_give_each_number_once() {
    let name = fresh_name();
    let (one, two) = (open(&name).await, open(&name).await);
    let (odd, even) = (1..=40).map(envelope).partition::<Vec<_>, _>(|envelope| envelope.uuid.as_u128() % 2 == 1);
    let saved =
        join(join_all(odd.iter().map(|envelope| one.save(envelope, &[]))), join_all(even.iter().map(|envelope| two.save(envelope, &[])))).await;
    assert!(saved.0.iter().chain(&saved.1).all(Result::is_ok));
    let mut found = outbox(&two).await;
    assert_eq!(found.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    found.sort_unstable_by_key(|(_, uuid)| *uuid);
    assert_eq!(found.iter().map(|(_, uuid)| *uuid).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn what_is_taken_back_leaves_no_hole() {
    let store = open(&fresh_name()).await;
    store.save(&envelope(1), &[]).await.expect("saved");
    let tx = Durable::begin(&store.writer, &[OUTBOX]).expect("begun");
    tx.store(OUTBOX).expect("there").add(&write(&envelope(2)), None).expect("asked").await.expect("added");
    drop(tx);
    store.save(&envelope(3), &[]).await.expect("saved");
    assert_eq!(outbox(&store).await, [(1, 1), (2, 3)]);
}

#[wasm_bindgen_test]
async fn writes_are_strictly_durable() {
    let store = open(&fresh_name()).await;
    let tx = Durable::begin(&store.writer, &[OUTBOX]).expect("begun");
    let handle = tx.store(OUTBOX).expect("there").transaction();
    assert_eq!(Reflect::get(&handle.into(), &"durability".into()), Ok(JsValue::from("strict")));
}

#[wasm_bindgen_test]
async fn a_migration_cannot_drop_a_store() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), &[]).await.expect("saved");
    store.append(&[vec![1, 2, 3]], &Meta { revision: 1, ..meta() }).await.expect("stored");
    let before = store.writer.object_store_names();
    drop(store);
    let mut grown = steps(&meta());
    grown.push(Rc::new(|database| database.create_object_store("later", ObjectStoreParams::new()).map(drop)));
    let store = IndexedDb::open_by(&name, &grown, || {}).await.expect("migrated");
    assert_eq!(store.writer.version(), 3.0);
    assert_eq!(store.writer.object_store_names().length(), before.length() + 1);
    assert_eq!(outbox(&store).await, [(1, 1)]);
    let mut segments = Vec::new();
    let mut take = |piece: Piece<'_>| {
        if let Piece::Segment(segment) = piece {
            segments.push(segment.to_vec());
        }
    };
    store.load(None, &mut take).await.expect("read");
    assert_eq!(segments, [[1, 2, 3]]);
}

/// Every version that has shipped grows into the one of today, and keeps what it held.
#[wasm_bindgen_test]
async fn a_store_of_an_older_app_learns_to_keep_files() {
    let name = fresh_name();
    let old = storage::open(&name, &steps(&meta())[..1]).await.expect("opened");
    let tx = Durable::begin(&old, &[OUTBOX]).expect("begun");
    tx.store(OUTBOX).expect("there").add(&write(&envelope(1)), None).expect("asked");
    tx.done().await.expect("stored");
    old.close();
    let store = open(&name).await;
    store.save(&envelope(2), &[file(7)]).await.expect("saved");
    assert_eq!(outbox(&store).await, [(1, 1), (2, 2)]);
    drop(store);
    let store = open(&name).await;
    assert_eq!(store.file_bytes(file(7).new.attachment).await, Ok(Some(file(7).bytes)));
    let one = store.unsent_files().await.expect("read");
    assert_eq!(one.iter().map(|unsent| unsent.file.content).collect::<Vec<_>>(), [file(7).new.content]);
}

#[wasm_bindgen_test]
async fn a_migration_that_fails_changes_nothing() {
    let name = fresh_name();
    let store = open(&name).await;
    store.save(&envelope(1), &[]).await.expect("saved");
    drop(store);
    let mut grown = steps(&meta());
    grown.push(Rc::new(|database| database.create_object_store(OUTBOX, ObjectStoreParams::new()).map(drop)));
    assert!(IndexedDb::open_by(&name, &grown, || {}).await.is_err());
    assert_eq!(outbox(&open(&name).await).await, [(1, 1)]);
}

#[wasm_bindgen_test]
async fn an_older_tab_gives_way_to_a_newer_app_and_says_so() {
    let name = fresh_name();
    let lost = Rc::new(std::cell::Cell::new(false));
    let tell = Rc::clone(&lost);
    let old = IndexedDb::open_by(&name, &steps(&meta()), move || tell.set(true)).await.expect("opened");
    let mut grown = steps(&meta());
    grown.push(Rc::new(|_| Ok(())));
    let _new = IndexedDb::open_by(&name, &grown, || {}).await.expect("not blocked");
    assert!(lost.get());
    assert_eq!(old.save(&envelope(1), &[]).await, Err(StorageFailure::Broken), "and saves nothing silently");
    assert_eq!(old.outbox(1).await, Err(StorageFailure::Broken));
    assert_eq!(open_error(&name).await, Err(StorageFailure::Broken), "an older app does not open what a newer one has taken further");
}

async fn open_error(name: &str) -> Result<(), StorageFailure> {
    IndexedDb::open_by(name, &steps(&meta()), || {}).await.map(drop)
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
