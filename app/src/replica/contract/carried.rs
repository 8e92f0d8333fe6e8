//! The laws about what was taken in of other devices.

use super::{EPOCH, envelope, load, meta, next};
use crate::replica::store::{NotStored, Store};
use shared::carry::bag::Taker;
use shared::carry::bundle::Content;
use shared::carry::{Bag, Bundle, DeviceSigner, Item, Signed};
use shared::ids::{ClientId, MeetingId};
use shared::record::Scope;
use shared::sync::client::Meta;
use shared::sync::protocol::{CarriedAnswer, CarriedOutcome};
use shared::testing::World;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) async fn holds_every_law<S: Store>(fresh: &impl AsyncFn() -> S) {
    what_was_taken_in_stays_over_what_does_not_concern_it(&fresh().await).await;
    it_goes_in_the_transaction_in_which_its_scope_goes(&fresh().await).await;
    it_goes_when_its_rows_are_here(&fresh().await).await;
    rows_that_go_take_it_along(&fresh().await).await;
}

/// Takes in a command that a colleague's device has recorded at a meeting.
pub(in crate::replica) async fn take(store: &impl Store, number: u128) -> (MeetingId, Signed) {
    let world = World::new();
    let signer = DeviceSigner::from_seed(&[9; 32]);
    let certificate = world.signer().certify(world.org, world.colleague, ClientId(Uuid::from_u128(9)), signer.public_key(), world.now);
    let content = Content::Open { clock_offset_ms: 0, command: envelope(number).command };
    let items = vec![Item { seq: number as u64, uuid: Uuid::from_u128(number), occurred_at: world.now, content }];
    let signed = Bundle { certificate, meeting: world.meeting, epoch: None, incarnation: Uuid::from_u128(8), after: None, items }.sign(&signer);
    let organisations_key = world.signer().public_key();
    let taker = Taker {
        org: world.org,
        organisations_key: &organisations_key,
        device: ClientId(Uuid::from_u128(1)),
        meeting: world.meeting,
        last: None,
        now: world.now,
    };
    let mut new = 0;
    let bag = store.change_bag(&mut |bag: &mut Bag| new = bag.take(vec![signed.clone()], taker).new).await.expect("stored");
    assert_eq!(new, 1);
    assert!(bag.kept.iter().any(|kept| kept.signed == signed), "as it is stored");
    (world.meeting, signed)
}

/// What is carried, as a start reads it.
pub(in crate::replica) async fn carried(store: &impl Store) -> Vec<u128> {
    load(store).await.bag.shown(0).iter().map(|carried| carried.uuid.as_u128()).collect()
}

async fn holding(store: &impl Store, scope: Option<Scope>, version: u64) -> Meta {
    let cursors: BTreeMap<Scope, u64> = scope.into_iter().map(|scope| (scope, version)).collect();
    next(store, Meta { epoch: Some(EPOCH), cursors, version, ..meta() }).await
}

async fn what_was_taken_in_stays_over_what_does_not_concern_it(store: &impl Store) {
    assert!(carried(store).await.is_empty());
    let (meeting, _) = take(store, 1).await;
    take(store, 2).await;
    store.append(&[], &holding(store, Some(Scope::Meeting(meeting)), 5).await).await.expect("stored");
    store.rule(&[], &next(store, meta()).await, chrono::Utc::now()).await.expect("stored");
    store.renumber(&next(store, meta()).await).await.expect("stored");
    assert_eq!(carried(store).await, [1, 2]);
}

async fn it_goes_in_the_transaction_in_which_its_scope_goes(store: &impl Store) {
    let (meeting, _) = take(store, 1).await;
    let gone = holding(store, None, 5).await;
    let outrun = Meta { revision: gone.revision + 1, ..gone.clone() };
    assert_eq!(store.append(&[], &outrun).await, Err(NotStored::Outrun));
    assert_eq!(carried(store).await, [1], "nothing of it was stored");
    store.append(&[], &holding(store, Some(Scope::Meeting(meeting)), 4).await).await.expect("stored");
    assert_eq!(carried(store).await, [1]);
    store.append(&[], &holding(store, None, 5).await).await.expect("stored");
    assert!(carried(store).await.is_empty());
}

async fn it_goes_when_its_rows_are_here(store: &impl Store) {
    let (meeting, signed) = take(store, 1).await;
    let outcomes = vec![CarriedOutcome { uuid: Uuid::from_u128(1), version: 7, applied: true }];
    let answers = [(signed, CarriedAnswer::Ruled { outcomes })];
    let note = &mut |bag: &mut Bag| {
        bag.note(&answers);
    };
    store.change_bag(note).await.expect("stored");
    assert!(load(store).await.bag.unsettled().is_empty(), "it is offered no more");
    store.append(&[], &holding(store, Some(Scope::Meeting(meeting)), 6).await).await.expect("stored");
    assert_eq!(carried(store).await, [1], "and shown until its rows are here");
    store.append(&[], &holding(store, Some(Scope::Meeting(meeting)), 7).await).await.expect("stored");
    assert!(carried(store).await.is_empty());
}

async fn rows_that_go_take_it_along(store: &impl Store) {
    take(store, 1).await;
    store.forget_rows(&next(store, meta()).await).await.expect("stored");
    assert!(carried(store).await.is_empty());
    take(store, 2).await;
    store.begin_epoch(&next(store, meta()).await).await.expect("stored");
    assert!(carried(store).await.is_empty());
}
