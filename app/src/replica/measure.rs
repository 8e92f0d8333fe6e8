//! What the page of `./bench device` calls: the replica as it ships, one step at a time, so that the page can hold a clock to each.
//! Built only with the feature `measure`; the app is not mounted then.

use super::device::Me;
use super::indexed_db::IndexedDb;
use super::segment::Packer;
use super::store::Store;
use super::{desk, submit};
use crate::platform::vault::Key;
use crate::state::customers::{CustomerList, Filter};
use js_sys::Uint8Array;
use shared::check_ins::command::CheckInGuest;
use shared::check_ins::{CheckIn, Method};
use shared::customers::Customer;
use shared::customers::command::{EditCustomer, ProfileChange};
use shared::ids::{CheckInId, GuestId};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::record::{Index, Record};
use shared::sync::client::Meta;
use shared::sync::protocol::{PullAnswer, Row};
use shared::testing::{World, messages};
use std::cell::RefCell;
use std::fmt::Debug;
use uuid::Uuid;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static LIST: RefCell<CustomerList> = RefCell::default();
}

/// Forgets what is stored.
///
/// # Errors
/// Storage that fails.
#[wasm_bindgen(js_name = forget)]
pub async fn forget() -> Result<(), JsError> {
    IndexedDb::remove(World::new().rep).await.map_err(told)
}

/// Stores the rows of a pull, given as the server's answers; several times over if a log is wanted that is mostly dead. Durable when it returns.
///
/// # Errors
/// Answers that are no pages, storage that fails.
#[wasm_bindgen(js_name = store)]
pub async fn store(pages: Vec<Uint8Array>, times: u64) -> Result<(), JsError> {
    let mut rows = Vec::new();
    for page in &pages {
        let PullAnswer::Page(page) = serde_json::from_slice(&page.to_vec())? else { return Err(JsError::new("the server gave no page")) };
        rows.extend(page.rows);
    }
    put(&rows, times).await
}

/// Stores a meeting with so many guests, at whose door the person works; with the organisation's key for letters, or without.
///
/// # Errors
/// Storage that fails.
#[wasm_bindgen(js_name = storeGuests)]
pub async fn store_guests(count: u32, with_letters: bool) -> Result<(), JsError> {
    let world = World::new();
    let known = world.get::<Customer>(world.customer);
    let guest = |number| Guest::new(guest(number), world.meeting, &known, world.rep, GuestOrigin::Invited, Standing::Agreed).into();
    let all = world.all().filter(|record| with_letters || !matches!(record, Record::Settings(_)));
    let records: Vec<Record> = all.cloned().chain((0..count).map(guest)).collect();
    let rows: Vec<Row> = records.iter().map(|record| messages::row(record, 1)).collect();
    put(&rows, 1).await
}

/// Opens what is stored as a start does: everything is in memory when it returns.
///
/// # Errors
/// Storage that fails.
#[wasm_bindgen(js_name = open)]
pub async fn open() -> Result<(), JsError> {
    desk::recall().await.map_err(told)?;
    desk::open(&me(), key().await?).await.map(drop).map_err(told)
}

/// Makes the list of customers; gives how many it shows.
#[wasm_bindgen(js_name = makeList)]
pub fn make_list() -> usize {
    desk::with_replica(|replica| {
        LIST.with_borrow_mut(|list| {
            list.follow(replica);
            list.shown(replica, "", &Filter::default()).total
        })
    })
}

/// Makes the list searchable.
#[wasm_bindgen(js_name = makeSearchable)]
pub fn make_searchable() {
    desk::with_replica(|replica| while LIST.with_borrow_mut(|list| list.prepare(replica, usize::MAX)) {});
}

/// How many customers a search finds.
#[wasm_bindgen(js_name = search)]
pub fn search(words: &str) -> usize {
    desk::with_replica(|replica| LIST.with_borrow_mut(|list| list.shown(replica, words, &Filter::default()).total))
}

/// How many customers an owner has, by the index.
///
/// # Errors
/// An owner that is no id.
#[wasm_bindgen(js_name = ofOwner)]
pub fn of_owner(owner: &str) -> Result<usize, JsError> {
    let index = Index::CustomersByOwner(owner.parse()?);
    Ok(desk::with_replica(|replica| replica.nouns::<Customer>(&index).len()))
}

/// Changes what one of the person's customers needs, as a form does: durable and shown when it returns.
///
/// # Errors
/// A customer that is no id, or not theirs; storage that fails.
#[wasm_bindgen(js_name = edit)]
pub async fn edit(customer: String, needs: String) -> Result<(), JsError> {
    submit(EditCustomer { customer: customer.parse()?, changes: vec![ProfileChange::Needs(needs)] }).await.map_err(told)
}

/// Checks a guest in: durable and shown when it returns.
///
/// # Errors
/// A guest who is there already; storage that fails.
#[wasm_bindgen(js_name = checkIn)]
pub async fn check_in(number: u32) -> Result<(), JsError> {
    submit(arrival(number)).await.map_err(told)
}

/// How many check-ins this tab shows.
#[wasm_bindgen(js_name = shownCheckIns)]
pub fn shown_check_ins() -> usize {
    desk::with_replica(|replica| replica.nouns::<CheckIn>(&Index::CheckInsByMeeting(World::new().meeting)).len())
}

/// What a check-in says, as bytes.
#[wasm_bindgen(js_name = checkInBytes)]
pub fn check_in_bytes(number: u32) -> Vec<u8> {
    serde_json::to_vec(&arrival(number)).unwrap_or_default()
}

/// Whether the log of what is open need not be tidied.
#[wasm_bindgen(js_name = isTidy)]
pub fn is_tidy() -> bool {
    desk::opened().is_some_and(|open| open.pass().is_none())
}

async fn put(rows: &[Row], times: u64) -> Result<(), JsError> {
    let user = me().user;
    let device = desk::remember(|device| device.taken_over.extend([user])).await.map_err(told)?;
    let first = Meta::new(device.client, Uuid::now_v7());
    let open = IndexedDb::open(user, key().await?, &first, || {}).await.map_err(told)?;
    let mut packer = Packer::default();
    rows.iter().for_each(|row| packer.add_row(row));
    let segments = packer.finish();
    for revision in 1..=times {
        open.append(&segments, &Meta { version: 1, revision, ..first.clone() }).await.map_err(told)?;
    }
    Ok(())
}

fn arrival(number: u32) -> CheckInGuest {
    let check_in = CheckInId(Uuid::now_v7());
    CheckInGuest { check_in, meeting: World::new().meeting, guest: guest(number), desk: "A".into(), method: Method::Search, ticket: None }
}

fn guest(number: u32) -> GuestId {
    GuestId(Uuid::from_u128(u128::from(number) + 1_000_000))
}

fn me() -> Me {
    let world = World::new();
    let actor = world.actor(world.rep);
    Me { user: actor.user, org: actor.org, role: actor.role, team: actor.team, name: "甲".into() }
}

async fn key() -> Result<Key, JsError> {
    Key::of(&[7; 32]).await.map_err(told)
}

fn told(failure: impl Debug) -> JsError {
    JsError::new(&format!("{failure:?}"))
}
