//! The laws of a store, checked on every store there is: in memory natively, in IndexedDB in a browser.

pub(super) mod carried;

use super::memory::Memory;
use super::segment::{Body, Entry, Packer, Segment};
use super::store::{Along, Loaded, Mark, NewFile, NotStored, Piece, Run, Store};
use super::tidying::Pass;
use shared::Rejection;
use shared::deals::evidence::Link;
use shared::files::{Content, Media, NewAttachment};
use shared::ids::{AttachmentId, ClientId};
use shared::record::Scope;
use shared::sync::client::Meta;
use shared::sync::protocol::{Envelope, Outcome, RawCommand, RowHash, Verdict};
use shared::sync::replica::Replica;
use shared::sync::slot::Held;
use shared::time::Timestamp;
use std::sync::Arc;
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
    tidying_keeps_the_living_rows_and_no_others(&fresh().await).await;
    what_is_seen_or_old_goes(&fresh().await).await;
    a_change_is_stored_only_over_the_revision_before_its_own(&fresh().await).await;
    a_file_is_sent_once_the_server_keeps_its_command(&fresh().await).await;
    files_of_a_refused_command_wait_for_nothing_and_go_when_it_is_seen(&fresh().await).await;
    in_a_new_epoch_every_file_waits_again(&fresh().await).await;
    files_stay_without_rows_and_go_with_their_command_once_they_were_sent(&fresh().await).await;
    the_chain_goes_on_with_what_is_sealed_and_stays_otherwise(&fresh().await).await;
    carried::holds_every_law(&fresh).await;
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
        store.save(&envelope(number), Along::default()).await.expect("saved");
    }
}

/// What the engine would store next: these facts, over the revision that is stored.
async fn next(store: &impl Store, meta: Meta) -> Meta {
    Meta { revision: load(store).await.meta.revision + 1, ..meta }
}

/// An invented file.
pub(super) fn file(number: u128) -> NewFile {
    let bytes = format!("bytes of file {number}").into_bytes();
    let content = Content::of(&bytes, Media::Jpeg).expect("a few bytes");
    NewFile { new: NewAttachment { attachment: attachment(number), content }, bytes }
}

fn attachment(number: u128) -> AttachmentId {
    AttachmentId(Uuid::from_u128(number))
}

async fn the_chain_goes_on_with_what_is_sealed_and_stays_otherwise(store: &impl Store) {
    assert_eq!(store.next_link().await, Ok(None));
    save(store, [1]).await;
    assert_eq!(store.next_link().await, Ok(None));
    let next = Link::first(Uuid::from_u128(1)).after("a statement");
    store.save(&envelope(2), Along { chain: Some(&next), ..Along::default() }).await.expect("saved");
    save(store, [3]).await;
    assert_eq!(store.next_link().await, Ok(Some(next)));
}

async fn save_with(store: &impl Store, command: u128, files: impl IntoIterator<Item = u128>) {
    let files: Vec<_> = files.into_iter().map(file).collect();
    store.save(&envelope(command), Along::of(&files)).await.expect("saved");
}

async fn rule(store: &impl Store, outcomes: &[Outcome], hours: i64) {
    let known = next(store, Meta { epoch: Some(EPOCH), ..meta() }).await;
    store.rule(outcomes, &known, at(hours)).await.expect("stored");
}

/// Files to be sent: their number, and whether the server waits for them.
async fn files(store: &impl Store) -> Vec<(u128, bool)> {
    let unsent = store.unsent_files().await.expect("read");
    assert_eq!(load(store).await.files, unsent, "read at the start or alone, it is the same");
    assert!(unsent.iter().all(|unsent| unsent.file.content == file(unsent.file.attachment.0.as_u128()).new.content));
    unsent.iter().map(|unsent| (unsent.file.attachment.0.as_u128(), unsent.is_awaited)).collect()
}

async fn bytes(store: &impl Store, number: u128) -> Option<Vec<u8>> {
    store.file_bytes(attachment(number)).await.expect("read")
}

/// The history of the server in which these laws are checked.
const EPOCH: Uuid = Uuid::from_u128(3);

async fn sent(store: &impl Store, number: u128) {
    assert_eq!(store.note_sent(attachment(number), EPOCH, at(0)).await, Ok(true));
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

/// Leaves in a store something of everything that it can hold.
#[cfg(target_arch = "wasm32")]
pub(super) async fn leave(store: &impl Store) {
    save(store, [1]).await;
    save_with(store, 2, [2]).await;
    save(store, [3]).await;
    save_with(store, 4, [4]).await;
    save(store, [5]).await;
    rule(store, &[outcome(1, 6, quarantined()), outcome(2, 7, Verdict::Applied), outcome(3, 8, rejected())], 0).await;
    let anew = Meta { epoch: Some(EPOCH), incarnation: Uuid::from_u128(5), ..meta() };
    store.renumber(&next(store, anew.clone()).await).await.expect("stored");
    store.append(&[Arc::new(Segment::of_heads(vec![1, 2, 3]))], &next(store, anew).await).await.expect("stored");
}

/// That all of it is still there.
#[cfg(target_arch = "wasm32")]
pub(super) async fn holds_what_an_earlier_build_left(store: &impl Store) {
    assert_eq!(outbox(store).await, [(1, 4), (2, 5)]);
    assert_eq!(waiting(store).await, [(2, Some(7)), (4, None), (5, None)]);
    assert_eq!(refused(store).await, [1, 3]);
    assert_eq!(files(store).await, [(2, true), (4, false)]);
    for number in [2, 4] {
        assert_eq!(bytes(store, number).await, Some(file(number).bytes));
    }
    let commands = store.outbox(10).await.expect("read");
    assert_eq!(commands[0].command.args.get(), envelope(4).command.args.get());
    let mut rows = Vec::new();
    let loaded = store
        .load(None, &mut |piece| {
            rows.extend(if let Piece::Segment(segment) = piece { Some(shared::sync::slot::Page::heads(&*segment).to_vec()) } else { None })
        })
        .await;
    assert_eq!(loaded.expect("read").meta.epoch, Some(EPOCH));
    assert_eq!(rows, [[1, 2, 3]]);
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
    let known = next(store, Meta { version: 3, ..meta() }).await;
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
    rule(store, &outcomes, 0).await;
    assert_eq!(waiting(store).await, [(1, Some(3)), (2, Some(4)), (4, None)]);
    store.append(&[], &next(store, Meta { version: 3, ..meta() }).await).await.expect("stored");
    assert_eq!(waiting(store).await, [(2, Some(4)), (4, None)]);
    store.append(&[], &next(store, Meta { version: 4, ..meta() }).await).await.expect("stored");
    assert_eq!(waiting(store).await, [(4, None)]);
}

async fn a_ruling_is_found_by_uuid_wherever_its_command_stands(store: &impl Store) {
    save(store, 1..=150).await;
    let misnumbered = Outcome { seq: 1, ..outcome(150, 1, Verdict::Applied) };
    rule(store, &[misnumbered], 0).await;
    let left = outbox(store).await;
    assert_eq!((left.len(), left[0]), (149, (1, 1)));
}

async fn numbers_begin_anew_at_one(store: &impl Store) {
    save(store, 1..=4).await;
    rule(store, &[outcome(1, 1, Verdict::Applied), outcome(2, 1, rejected())], 0).await;
    let another = next(store, Meta { incarnation: Uuid::from_u128(7), ..meta() }).await;
    store.renumber(&another).await.expect("stored");
    save(store, [5]).await;
    assert_eq!(outbox(store).await, [(1, 3), (2, 4), (3, 5)]);
    assert_eq!(load(store).await.meta, another);
    let all = [outcome(3, 1, rejected()), outcome(4, 1, rejected()), outcome(5, 1, rejected())];
    rule(store, &all, 0).await;
    store.renumber(&next(store, another).await).await.expect("an empty outbox too");
    save(store, [6]).await;
    assert_eq!(outbox(store).await, [(1, 6)]);
}

async fn a_new_epoch_puts_the_journal_in_front(store: &impl Store) {
    save(store, [9, 8, 7, 6, 5]).await;
    let known = next(store, Meta { version: 4, ..meta() }).await;
    let mark = store.append(&segments(&[put(1, Scope::Org, 4)]), &known).await.expect("stored");
    let outcomes = [outcome(9, 4, Verdict::Applied), outcome(8, 4, rejected()), outcome(7, 4, quarantined()), outcome(6, 4, Verdict::Applied)];
    store.rule(&outcomes, &next(store, known).await, at(0)).await.expect("stored");
    let another = next(store, Meta { epoch: Some(Uuid::from_u128(3)), incarnation: Uuid::from_u128(7), ..meta() }).await;
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
                Piece::Segment(segment) => segments.push(segment),
            })
            .await
            .expect("read");
        (anew, segments, loaded.mark)
    };
    let (first, second) = (segments(&[put(1, Scope::Org, 1)]), segments(&[put(2, Scope::Org, 2), put(3, Scope::Pool, 2)]));
    let empty = load(store).await.mark;
    let one = store.append(&first, &next(store, meta()).await).await.expect("stored");
    assert_eq!(pieces(Some(empty)).await, (0, first.clone(), one));
    assert_eq!(store.append(&[], &next(store, meta()).await).await, Ok(one));
    let two = store.append(&second, &next(store, meta()).await).await.expect("stored");
    assert_eq!(pieces(Some(one)).await, (0, second.clone(), two));
    assert_eq!(pieces(Some(two)).await, (0, vec![], two));
    assert_eq!(pieces(None).await, (1, [first, second].concat(), two));
    let gone = store.forget_rows(&next(store, meta()).await).await.expect("stored");
    assert_eq!(pieces(Some(two)).await, (1, vec![], gone));
}

async fn tidying_keeps_the_living_rows_and_no_others(store: &impl Store) {
    for version in 1..=150_u64 {
        let entries =
            [put(1, Scope::Org, version), put(u128::from(version) + 100, Scope::Pool, version), delete(u128::from(version) + 90, Scope::Pool)];
        store.append(&segments(&entries), &Meta { revision: version, ..meta() }).await.expect("stored");
    }
    let more = segments(&[Entry::Drop(Scope::Org), put(7, Scope::Org, 9)]);
    store.append(&more, &next(store, meta()).await).await.expect("stored");
    let before = rows(store).await;
    let mark = load(store).await.mark;
    let replica = replica(store).await;
    let mut pass = Pass::default();
    let mut known = mark;
    let end = loop {
        let reached = pass.reached;
        let mut edit = |run: &[Arc<Segment>]| pass.rewrite(run, |kind, id| replica.held(kind, id).copied()).expect("packed here");
        match store.rewrite(known, reached, &mut edit).await.expect("stored") {
            Run::Done { reached, generation } => (pass.reached, known.generation) = (reached, generation),
            end => break end,
        }
        assert_eq!(rows(store).await, before, "a crash after any run must lose nothing");
    };
    assert_eq!(end, Run::End);
    assert_eq!((pass.size.segments, pass.size.entries), (2, before.len()), "a segment for each run with a living row");
    let mut anew = false;
    store.load(Some(mark), &mut |piece| anew |= matches!(piece, Piece::Anew)).await.expect("read");
    assert!(anew, "whoever knew the old log must read the new one whole");
    let added = store.append(&segments(&[put(500, Scope::Org, 151)]), &next(store, meta()).await).await.expect("stored");
    assert!(added.last > mark.last, "new segments come last");
    assert_eq!(rows(store).await.len(), before.len() + 1);
    // Whoever has not read what came since, or knows another log, would take it for dead.
    for stale in [known, Mark { generation: added.generation + 1, ..added }] {
        let nothing_lives = &mut |_: &[Arc<Segment>]| Some(Vec::new());
        assert_eq!(store.rewrite(stale, 0, nothing_lives).await.expect("not stored"), Run::Void);
    }
    assert_eq!(rows(store).await.len(), before.len() + 1);
}

async fn what_is_seen_or_old_goes(store: &impl Store) {
    save(store, 1..=4).await;
    rule(store, &[outcome(1, 9, Verdict::Applied), outcome(2, 9, rejected())], 0).await;
    rule(store, &[outcome(3, 9, Verdict::Applied), outcome(4, 9, quarantined())], 2).await;
    store.dismiss(Uuid::from_u128(2)).await.expect("stored");
    assert_eq!(refused(store).await, [4]);
    store.expire(at(1)).await.expect("stored");
    assert_eq!(waiting(store).await, [(3, Some(9))]);
}

/// Two tabs may both believe to be the one that syncs: the second must not overwrite what it has not seen.
async fn a_change_is_stored_only_over_the_revision_before_its_own(store: &impl Store) {
    save(store, 1..=2).await;
    let segment = segments(&[put(1, Scope::Org, 1)]);
    let seen = next(store, meta()).await;
    store.append(&segment, &seen).await.expect("stored");
    store.rule(&[outcome(1, 1, Verdict::Applied)], &next(store, meta()).await, at(0)).await.expect("stored");
    let (known, rows_before) = (load(store).await.meta, rows(store).await);
    for revision in [0, seen.revision, known.revision, known.revision + 2] {
        let stale = Meta { revision, version: 9, ..meta() };
        assert_eq!(store.rule(&[outcome(2, 9, rejected())], &stale, at(0)).await, Err(NotStored::Outrun));
        assert_eq!(store.renumber(&stale).await, Err(NotStored::Outrun));
        assert_eq!(store.begin_epoch(&stale).await, Err(NotStored::Outrun));
        assert_eq!(store.append(&segments(&[put(2, Scope::Org, 9)]), &stale).await, Err(NotStored::Outrun));
        assert_eq!(store.forget_rows(&stale).await, Err(NotStored::Outrun));
    }
    assert_eq!((load(store).await.meta, rows(store).await), (known, rows_before), "nothing of it was stored");
    assert_eq!((outbox(store).await, refused(store).await), (vec![(2, 2)], vec![]));
    store.append(&[], &next(store, meta()).await).await.expect("whoever has read it again goes on");
}

async fn a_file_is_sent_once_the_server_keeps_its_command(store: &impl Store) {
    save_with(store, 1, [30, 10]).await;
    save_with(store, 2, [20]).await;
    save(store, [3]).await;
    assert_eq!(files(store).await, [(30, false), (10, false), (20, false)]);
    assert_eq!(bytes(store, 10).await, Some(file(10).bytes));
    assert_eq!(bytes(store, 99).await, None);
    rule(store, &[outcome(1, 1, Verdict::Applied), outcome(3, 1, Verdict::Applied)], 0).await;
    assert_eq!(files(store).await, [(30, true), (10, true), (20, false)]);
    rule(store, &[outcome(2, 1, quarantined())], 0).await;
    assert_eq!(files(store).await, [(30, true), (10, true), (20, true)], "what is in quarantine the server keeps");
    sent(store, 10).await;
    sent(store, 99).await;
    assert_eq!(files(store).await, [(30, true), (20, true)]);
    assert_eq!(bytes(store, 10).await, Some(file(10).bytes), "still to be looked at without a network");
    store.dismiss(Uuid::from_u128(2)).await.expect("stored");
    assert_eq!(files(store).await, [(30, true), (20, true)], "seen by the person, and still to be sent");
}

async fn files_of_a_refused_command_wait_for_nothing_and_go_when_it_is_seen(store: &impl Store) {
    save_with(store, 1, [1]).await;
    save_with(store, 2, [2]).await;
    rule(store, &[outcome(1, 1, rejected())], 0).await;
    assert_eq!(files(store).await, [(2, false)]);
    assert_eq!(bytes(store, 1).await, Some(file(1).bytes));
    store.dismiss(Uuid::from_u128(1)).await.expect("stored");
    assert_eq!((bytes(store, 1).await, bytes(store, 2).await), (None, Some(file(2).bytes)));
}

async fn in_a_new_epoch_every_file_waits_again(store: &impl Store) {
    save_with(store, 1, [1]).await;
    save_with(store, 2, [2]).await;
    rule(store, &[outcome(1, 1, Verdict::Applied), outcome(2, 1, quarantined())], 0).await;
    sent(store, 1).await;
    sent(store, 2).await;
    assert_eq!(files(store).await, []);
    let another = Uuid::from_u128(4);
    store.begin_epoch(&next(store, Meta { epoch: Some(another), ..meta() }).await).await.expect("stored");
    assert_eq!(files(store).await, [(1, false), (2, false)], "a server that was restored may lack them");
    assert_eq!(store.note_sent(attachment(1), EPOCH, at(0)).await, Ok(false), "an answer from before");
    assert_eq!(files(store).await, [(1, false), (2, false)]);
    store.dismiss(Uuid::from_u128(2)).await.expect("stored");
    assert_eq!(files(store).await, [(1, false), (2, false)], "its command is sent again");
    let known = next(store, Meta { epoch: Some(another), ..meta() }).await;
    store.rule(&[outcome(1, 1, Verdict::Applied), outcome(2, 1, rejected())], &known, at(0)).await.expect("stored");
    assert_eq!(files(store).await, [(1, true)]);
    assert_eq!(store.note_sent(attachment(1), another, at(0)).await, Ok(true));
    assert_eq!(files(store).await, []);
}

async fn files_stay_without_rows_and_go_with_their_command_once_they_were_sent(store: &impl Store) {
    save_with(store, 1, [1]).await;
    save_with(store, 2, [2]).await;
    save_with(store, 3, [3]).await;
    save_with(store, 4, [4]).await;
    rule(store, &[outcome(1, 9, Verdict::Applied), outcome(2, 9, Verdict::Applied)], 0).await;
    rule(store, &[outcome(3, 9, Verdict::Applied)], 2).await;
    sent(store, 1).await;
    sent(store, 3).await;
    store.forget_rows(&next(store, Meta { epoch: Some(EPOCH), ..meta() }).await).await.expect("stored");
    assert_eq!(files(store).await, [(2, true), (4, false)]);
    store.expire(at(1)).await.expect("stored");
    assert_eq!(bytes(store, 1).await, None);
    assert_eq!(bytes(store, 3).await, Some(file(3).bytes), "not yet");
    assert_eq!(files(store).await, [(2, true), (4, false)], "what was not sent stays, and its command with it");
    assert_eq!(waiting(store).await.iter().map(|(uuid, _)| *uuid).collect::<Vec<_>>(), [2, 3, 4]);
    sent(store, 2).await;
    store.expire(at(1)).await.expect("stored");
    assert_eq!((bytes(store, 2).await, bytes(store, 4).await), (None, Some(file(4).bytes)));
}

fn put(id: u128, scope: Scope, version: u64) -> Entry<'static> {
    Entry::Put {
        kind: "note",
        id: Uuid::from_u128(id),
        held: Held { scope, version, hash: RowHash(version.into()) },
        body: Body::Text(r#"{"text":"筆記"}"#),
        gist: None,
    }
}

fn delete(id: u128, scope: Scope) -> Entry<'static> {
    Entry::Delete { kind: "note", id: Uuid::from_u128(id), scope }
}

fn segments(entries: &[Entry<'_>]) -> Vec<Arc<Segment>> {
    let mut packer = Packer::default();
    entries.iter().for_each(|entry| packer.add(entry.clone()));
    packer.finish()
}

async fn replica(store: &impl Store) -> Replica {
    let mut replica = Replica::new(ClientId(Uuid::nil()), None);
    let mut take = |piece: Piece| {
        if let Piece::Segment(segment) = piece {
            let taken = super::segment::unpack(&segment, |entry| {
                entry.take_into(&mut replica);
            });
            taken.expect("packed here");
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
