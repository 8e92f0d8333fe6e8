//! Figures of the replica in a real browser, for docs/benchmarks.md (which has the command). Built only with the feature `measure`.

use super::device::Me;
use super::indexed_db::IndexedDb;
use super::segment::Packer;
use super::store::Store;
use super::{desk, submit};
use crate::platform::storage::{self, Durable, Step};
use crate::platform::vault::Key;
use gloo_timers::future::TimeoutFuture;
use idb::ObjectStoreParams;
use leptos::logging::log;
use serde_json::value::RawValue;
use shared::check_ins::Method;
use shared::check_ins::command::CheckInGuest;
use shared::customers::search::{SearchIndex, SearchText};
use shared::customers::{Customer, Intent, Profile};
use shared::ids::{CheckInId, CustomerId, GuestId, UserId};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::phone::Phone;
use shared::record::{Kind, Record};
use shared::sync::client::Meta;
use shared::sync::protocol::Row;
use shared::testing::World;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const GUESTS: u32 = 50_000;
const CHECK_INS: u32 = 400;
const BLOCKS: u32 = 8;
const BREATH_MS: u32 = 100;

fn now() -> f64 {
    js_sys::Date::now().max(web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.time_origin() + clock.now()))
}

fn row(record: &Record) -> Row {
    let key = record.key();
    Row { scope: record.scope(), kind: key.kind.name().into(), id: key.id, version: 1, body: RawValue::from_string(record.encode()).ok() }
}

fn customer(world: &World, number: u32) -> Record {
    let profile = Profile {
        name: format!("王小明{number}"),
        phones: vec![Phone::try_from(format!("+8869{number:08}")).expect("plus and twelve digits")],
        email: format!("guest{number}@example.com"),
        company: "宏達投資顧問股份有限公司".into(),
        region: "臺北市".into(),
        needs: "想了解退休規劃與長期照護".into(),
        intent: Some(Intent::B),
        tags: vec!["VIP".into(), "轉介".into()],
        ..Profile::default()
    };
    let id = CustomerId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(number.wrapping_mul(0x9E37_79B1))));
    Customer { id, owner: Some(world.rep), team: Some(world.north), profile, import: None, created_at: world.now, changed_at: world.now }.into()
}

/// Stores rows for a person of a new device, and opens them as a start does. Returns milliseconds of storing and of opening.
async fn stored_and_opened(world: &World, user: UserId, records: impl Iterator<Item = Record>) -> (f64, f64) {
    desk::close();
    let actor = world.actor(world.rep);
    let me = Me { user, org: actor.org, role: actor.role, team: actor.team, name: "甲".into() };
    let device = desk::recall().await.expect("a device");
    let rows: Vec<Row> = world.all().cloned().chain(records).map(|record| row(&record)).collect();
    let meta = Meta::new(device.client, Uuid::now_v7());
    let store = IndexedDb::open(me.user, Key::of(&[7; 32]).await.expect("WebCrypto"), &meta, || {}).await.expect("opened");
    let begun = now();
    let mut packer = Packer::default();
    rows.iter().for_each(|row| packer.add_row(row));
    store.append(&packer.finish(), &Meta { version: 1, revision: 1, ..meta }).await.expect("stored");
    let written = now() - begun;
    drop((store, rows));
    let begun = now();
    let key = Key::of(&[7; 32]).await.expect("WebCrypto");
    desk::open(&Me { user: me.user, ..me }, key).await.expect("opened");
    (written, now() - begun)
}

#[wasm_bindgen_test]
async fn cold_start_to_a_searchable_replica() {
    for count in [10_000, 100_000] {
        let world = World::new();
        let (written, opened) = stored_and_opened(&world, Uuid::now_v7().into(), (0..count).map(|number| customer(&world, number))).await;
        let begun = now();
        let mut search = SearchIndex::new();
        desk::with_replica(|replica| replica.all::<Customer>().for_each(|customer| search.put(customer.id.0, &SearchText::of_customer(customer))));
        let indexed = now() - begun;
        assert!(search.len() >= count as usize);
        log!("{count} customers: packed and stored durably {written:.0} ms, opened {opened:.0} ms, search made ready {indexed:.0} ms");
    }
    desk::close();
}

#[wasm_bindgen_test]
async fn tap_to_durable() {
    let world = World::new();
    let meeting = world.meeting;
    let known = world.get::<Customer>(world.customer);
    let guest = |number: u32| {
        let id = GuestId(Uuid::from_u128(u128::from(number) + 1_000_000));
        Guest::new(id, meeting, &known, world.rep, GuestOrigin::Invited, Standing::Agreed)
    };
    stored_and_opened(&world, world.rep, (0..GUESTS).map(|number| guest(number).into())).await;
    let steps: [Step; 1] = [Rc::new(|database| database.create_object_store("puts", ObjectStoreParams::new()).map(drop))];
    let bare = storage::open(&format!("measure-{}", Uuid::now_v7()), &steps).await.expect("opened");
    let command = |number: u32| CheckInGuest {
        check_in: CheckInId(Uuid::now_v7()),
        meeting,
        guest: guest(number).id,
        desk: "A".into(),
        method: Method::Search,
        ticket: None,
    };
    let (mut puts, mut taps) = (Vec::new(), Vec::new());
    // In turns, so that both meet the same machine; with a breath in between, as a person's taps have.
    for block in 0..BLOCKS {
        let numbers = block * CHECK_INS / BLOCKS..(block + 1) * CHECK_INS / BLOCKS;
        for number in numbers.clone() {
            TimeoutFuture::new(BREATH_MS).await;
            let bytes = serde_json::to_vec(&command(number)).expect("serialises");
            let begun = now();
            let tx = Durable::begin(&bare, &["puts"]).expect("begun");
            tx.store("puts").expect("there").put(&storage::to_js(&bytes), Some(&number.into())).expect("asked");
            tx.done().await.expect("stored");
            puts.push(now() - begun);
        }
        for number in numbers {
            TimeoutFuture::new(BREATH_MS).await;
            let command = command(number);
            let begun = now();
            submit(command).await.expect("saved");
            taps.push(now() - begun);
        }
    }
    assert_eq!(desk::unsent(), CHECK_INS as usize);
    for (what, mut times) in [("one bare strict put", puts), ("submit of a check-in among 50,000 guests", taps)] {
        times.sort_by(f64::total_cmp);
        log!("{what}: p50 {:.2} ms, p95 {:.2} ms", times[times.len() / 2], times[times.len() * 95 / 100]);
    }
    desk::close();
}
