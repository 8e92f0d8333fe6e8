//! The laws of a store, checked on every store there is: in memory natively, in IndexedDB in a browser.

use super::compaction::Pass;
use super::memory::Memory;
use super::segment::{Entry, Packer};
use super::store::{Loaded, Mark, Piece, Store};
use shared::Rejection;
use shared::ids::ClientId;
use shared::record::Scope;
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, Outcome, RawCommand, RowHash, Verdict};
use shared::sync::replica::{Held, Replica};
use shared::time::Timestamp;
use uuid::Uuid;

/// Checks every law, each on a store of its own that begins with [`meta`].
pub(super) async fn holds_every_law<S: Store>(fresh: impl AsyncFn() -> S) {
    saved_commands_come_back_in_order(&fresh().await).await;
    rulings_take_commands_out_of_the_outbox(&fresh().await).await;
    what_was_applied_waits_for_its_rows(&fresh().await).await;
    a_ruling_is_found_by_uuid_wherever_its_command_stands(&fresh().await).await;
    numbers_begin_anew_at_one(&fresh().await).await;
    a_new_epoch_puts_the_journal_in_front(&fresh().await).await;
    a_reader_gets_only_what_is_new(&fresh().await).await;
    compaction_keeps_the_living_rows_and_no_others(&fresh().await).await;
    what_is_seen_or_old_goes(&fresh().await).await;
}

/// What a store begins with.
pub(super) fn meta() -> Meta {
    Meta::new(ClientId(Uuid::from_u128(1)), Uuid::from_u128(2))
}

/// An invented command.
pub(super) fn envelope(number: u128) -> Envelope {
    let args = serde_json::value::to_raw_value(&format!("arguments {number}")).expect("a text");
    let command = RawCommand { name: format!("note_{number}_v1"), args };
    Envelope { seq: 0, uuid: Uuid::from_u128(number), occurred_at: at(0), clock_offset_ms: -5, command }
}

fn at(hours: i64) -> Timestamp {
    "2026-11-23T08:00:00Z".parse::<Timestamp>().expect("a time") + chrono::TimeDelta::hours(hours)
}

fn outcome(number: u128, version: u64, verdict: Verdict) -> Outcome {
    Outcome { seq: 0, uuid: Uuid::from_u128(number), version, verdict }
}

fn rejected() -> Verdict {
    Verdict::Rejected { rejection: Rejection::Forbidden }
}

fn quarantined() -> Verdict {
    Verdict::Quarantined { rejection: Rejection::Forbidden }
}

async fn save(store: &impl Store, numbers: impl IntoIterator<Item = u128>) {
    for number in numbers {
        store.save(&envelope(number)).await.expect("saved");
    }
}

/// The outbox: numbers and whose they are.
async fn outbox(store: &impl Store) -> Vec<(u64, u128)> {
    store.outbox(1_000).await.expect("read").iter().map(|envelope| (envelope.seq, envelope.uuid.as_u128())).collect()
}

async fn load(store: &impl Store) -> Loaded {
    store.load(None, &mut |_| {}).await.expect("read")
}

/// What waits on the screen, and since when it is applied.
async fn waiting(store: &impl Store) -> Vec<(u128, Option<u64>)> {
    load(store).await.pending.iter().map(|pending| (pending.uuid.as_u128(), pending.applied_at)).collect()
}

async fn refused(store: &impl Store) -> Vec<u128> {
    let mut refused: Vec<_> = load(store).await.refused.iter().map(|refusal| refusal.envelope.uuid.as_u128()).collect();
    refused.sort_unstable();
    refused
}

async fn saved_commands_come_back_in_order(store: &impl Store) {
    assert_eq!(load(store).await.meta, meta());
    save(store, [30, 10, 20]).await;
    assert_eq!(outbox(store).await, [(1, 30), (2, 10), (3, 20)]);
    assert_eq!(waiting(store).await, [(30, None), (10, None), (20, None)]);
    let first = store.outbox(1).await.expect("read");
    assert_eq!(first, [Envelope { seq: 1, ..envelope(30) }], "byte for byte");
}

async fn rulings_take_commands_out_of_the_outbox(store: &impl Store) {
    save(store, 1..=4).await;
    let known = Meta { version: 3, ..meta() };
    let outcomes = [outcome(1, 3, Verdict::Applied), outcome(2, 3, rejected()), outcome(3, 3, quarantined()), outcome(99, 3, Verdict::Applied)];
    let refusals = store.rule(&outcomes, &known, at(0)).await.expect("stored");
    assert_eq!(refusals.iter().map(|refusal| refusal.envelope.clone()).collect::<Vec<_>>(), [envelope(2), envelope(3)]);
    assert_eq!(outbox(store).await, [(4, 4)], "numbers go on");
    assert_eq!(waiting(store).await, [(4, None)]);
    assert_eq!(refused(store).await, [2, 3]);
    assert_eq!(load(store).await.meta, known, "in the same transaction");
    save(store, [5]).await;
    assert_eq!(outbox(store).await, [(4, 4), (5, 5)]);
}

async fn what_was_applied_waits_for_its_rows(store: &impl Store) {
    save(store, 1..=4).await;
    let outcomes = [outcome(1, 3, Verdict::Applied), outcome(2, 4, Verdict::Applied), outcome(3, 9, quarantined())];
    store.rule(&outcomes, &meta(), at(0)).await.expect("stored");
    assert_eq!(waiting(store).await, [(1, Some(3)), (2, Some(4)), (4, None)]);
    store.append(&[], &Meta { version: 3, ..meta() }).await.expect("stored");
    assert_eq!(waiting(store).await, [(2, Some(4)), (4, None)]);
    store.append(&[], &Meta { version: 4, ..meta() }).await.expect("stored");
    assert_eq!(waiting(store).await, [(4, None)]);
}

async fn a_ruling_is_found_by_uuid_wherever_its_command_stands(store: &impl Store) {
    save(store, 1..=150).await;
    let misnumbered = Outcome { seq: 1, ..outcome(150, 1, Verdict::Applied) };
    store.rule(&[misnumbered], &meta(), at(0)).await.expect("stored");
    let left = outbox(store).await;
    assert_eq!((left.len(), left[0]), (149, (1, 1)));
}

async fn numbers_begin_anew_at_one(store: &impl Store) {
    save(store, 1..=4).await;
    store.rule(&[outcome(1, 1, Verdict::Applied), outcome(2, 1, rejected())], &meta(), at(0)).await.expect("stored");
    let another = Meta { incarnation: Uuid::from_u128(7), ..meta() };
    store.renumber(&another).await.expect("stored");
    save(store, [5]).await;
    assert_eq!(outbox(store).await, [(1, 3), (2, 4), (3, 5)]);
    assert_eq!(load(store).await.meta, another);
    let all = [outcome(3, 1, rejected()), outcome(4, 1, rejected()), outcome(5, 1, rejected())];
    store.rule(&all, &another, at(0)).await.expect("stored");
    store.renumber(&another).await.expect("an empty outbox too");
    save(store, [6]).await;
    assert_eq!(outbox(store).await, [(1, 6)]);
}

async fn a_new_epoch_puts_the_journal_in_front(store: &impl Store) {
    save(store, [9, 8, 7, 6, 5]).await;
    let mark = store.append(&segments(&[put(1, Scope::Org, 4)]), &Meta { version: 4, ..meta() }).await.expect("stored");
    let outcomes = [outcome(9, 4, Verdict::Applied), outcome(8, 4, rejected()), outcome(7, 4, quarantined()), outcome(6, 4, Verdict::Applied)];
    store.rule(&outcomes, &Meta { version: 4, ..meta() }, at(0)).await.expect("stored");
    let another = Meta { epoch: Some(Uuid::from_u128(3)), incarnation: Uuid::from_u128(7), ..meta() };
    let after = store.begin_epoch(&another).await.expect("stored");
    assert_ne!(after.generation, mark.generation);
    assert_eq!(outbox(store).await, [(1, 9), (2, 7), (3, 6), (4, 5)]);
    assert_eq!(waiting(store).await, [(9, None), (7, None), (6, None), (5, None)]);
    assert_eq!(refused(store).await, [7, 8], "still to be seen");
    assert_eq!(rows(store).await, [], "rows are fetched again");
    assert_eq!(load(store).await.meta, another);
}

async fn a_reader_gets_only_what_is_new(store: &impl Store) {
    let pieces = async |mark: Option<Mark>| {
        let (mut anew, mut segments) = (0, Vec::new());
        let loaded = store
            .load(mark, &mut |piece| match piece {
                Piece::Anew => anew += 1,
                Piece::Segment(segment) => segments.push(segment.to_vec()),
            })
            .await
            .expect("read");
        (anew, segments, loaded.mark)
    };
    let (first, second) = (segments(&[put(1, Scope::Org, 1)]), segments(&[put(2, Scope::Org, 2), put(3, Scope::Pool, 2)]));
    let empty = load(store).await.mark;
    let one = store.append(&first, &meta()).await.expect("stored");
    assert_eq!(pieces(Some(empty)).await, (0, first.clone(), one));
    assert_eq!(store.append(&[], &meta()).await, Ok(one));
    let two = store.append(&second, &meta()).await.expect("stored");
    assert_eq!(pieces(Some(one)).await, (0, second.clone(), two));
    assert_eq!(pieces(Some(two)).await, (0, vec![], two));
    assert_eq!(pieces(None).await, (1, [first, second].concat(), two));
    let gone = store.forget_rows(&meta()).await.expect("stored");
    assert_eq!(pieces(Some(two)).await, (1, vec![], gone));
}

async fn compaction_keeps_the_living_rows_and_no_others(store: &impl Store) {
    for version in 1..=150_u64 {
        let entries =
            [put(1, Scope::Org, version), put(u128::from(version) + 100, Scope::Pool, version), delete(u128::from(version) + 90, Scope::Pool)];
        store.append(&segments(&entries), &meta()).await.expect("stored");
    }
    store.append(&segments(&[Entry::Drop(Scope::Org), put(7, Scope::Org, 9)]), &meta()).await.expect("stored");
    let before = rows(store).await;
    let mark = load(store).await.mark;
    let replica = replica(store).await;
    let mut pass = Pass::default();
    while let Some(run) = store
        .rewrite(pass.reached, &mut |run| pass.rewrite(run, |kind, id| replica.held(kind, id).copied()).expect("packed here"))
        .await
        .expect("stored")
    {
        pass.reached = run.last;
        assert_eq!(rows(store).await, before, "a crash after any run must lose nothing");
    }
    assert_eq!((pass.size.segments, pass.size.entries), (1, before.len()));
    let mut anew = false;
    store.load(Some(mark), &mut |piece| anew |= matches!(piece, Piece::Anew)).await.expect("read");
    assert!(anew, "whoever knew the old log must read the new one whole");
    let version = store.append(&segments(&[put(500, Scope::Org, 151)]), &meta()).await.expect("stored");
    assert!(version.last > mark.last, "new segments come last");
    assert_eq!(rows(store).await.len(), before.len() + 1);
}

async fn what_is_seen_or_old_goes(store: &impl Store) {
    save(store, 1..=4).await;
    store.rule(&[outcome(1, 9, Verdict::Applied), outcome(2, 9, rejected())], &meta(), at(0)).await.expect("stored");
    store.rule(&[outcome(3, 9, Verdict::Applied), outcome(4, 9, quarantined())], &meta(), at(2)).await.expect("stored");
    store.dismiss(Uuid::from_u128(2)).await.expect("stored");
    assert_eq!(refused(store).await, [4]);
    store.expire(at(1)).await.expect("stored");
    assert_eq!(waiting(store).await, [(3, Some(9))]);
}

fn put(id: u128, scope: Scope, version: u64) -> Entry<'static> {
    Entry::Put { kind: "note", id: Uuid::from_u128(id), held: Held { scope, version, hash: RowHash(version.into()) }, body: r#"{"text":"筆記"}"# }
}

fn delete(id: u128, scope: Scope) -> Entry<'static> {
    Entry::Delete { kind: "note", id: Uuid::from_u128(id), scope }
}

fn segments(entries: &[Entry<'_>]) -> Vec<Vec<u8>> {
    let mut packer = Packer::default();
    entries.iter().for_each(|entry| packer.add(*entry));
    packer.finish()
}

async fn replica(store: &impl Store) -> Replica {
    let mut replica = Replica::new(ClientId(Uuid::nil()), None);
    let mut take = |piece: Piece<'_>| {
        if let Piece::Segment(segment) = piece {
            super::segment::unpack(segment, |entry| entry.take_into(&mut replica)).expect("packed here");
        }
    };
    store.load(None, &mut take).await.expect("read");
    replica
}

async fn rows(store: &impl Store) -> Vec<(u128, Scope, u64)> {
    let mut rows: Vec<_> = replica(store).await.all_held().map(|(_, id, held)| (id.as_u128(), held.scope, held.version)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn memory_holds_every_law() {
    let checked = futures::FutureExt::now_or_never(holds_every_law(async || Memory::new(meta())));
    assert!(checked.is_some(), "memory never waits");
}
