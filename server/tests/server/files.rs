//! Files: in parts, by hash, to whoever may have them.

use crate::house::{Answer, Caller, House, envelope, nouns};
use crate::letters::Stationery;
use reqwest::{Method, StatusCode};
use shared::Command;
use shared::deals::PaymentMethod;
use shared::deals::command::RecordPayment;
use shared::files::{Attachment, Content, ContentHash, FILE_MAX, Media, NewAttachment};
use shared::ids::{AttachmentId, DealId, HeldCommandId};
use shared::money::{Currency, Money};
use shared::people::command::EditUser;
use shared::people::{Access, User};
use shared::quarantine::HeldVerdict;
use shared::quarantine::command::RuleHeldCommand;
use shared::sync::files::FileAnswer;
use shared::sync::protocol::{Envelope, PushAnswer, Verdict};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Bytes of which each is where it belongs and nowhere else.
fn photo(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8 ^ (at / 251) as u8).collect()
}

fn slip(deal: DealId, bytes: &[u8]) -> RecordPayment {
    let content = Content::of(bytes, Media::Jpeg).expect("not so many");
    let photo = Some(NewAttachment { attachment: AttachmentId(Uuid::new_v4()), content });
    RecordPayment { deal, payment: Uuid::new_v4().into(), amount: Money::new(100, Currency::Twd), method: PaymentMethod::Card, photo }
}

/// Opens a deal and records a payment with this photo.
async fn attach(house: &mut House, rep: &Caller, bytes: &[u8]) -> String {
    let open = house.ours.open_deal(house.ours.customer, None);
    let deal = open.deal;
    let verdicts = verdicts(rep, vec![envelope(1, open), envelope(2, slip(deal, bytes))]).await;
    assert_eq!(verdicts, [Verdict::Applied, Verdict::Applied]);
    path(bytes)
}

async fn verdicts(caller: &Caller, commands: Vec<Envelope>) -> Vec<Verdict> {
    match caller.push(commands).await {
        PushAnswer::Done { outcomes, .. } => outcomes.into_iter().map(|outcome| outcome.verdict).collect(),
        other => panic!("not done: {other:?}"),
    }
}

fn path(bytes: &[u8]) -> String {
    format!("/api/files/{}", ContentHash::of(bytes))
}

async fn put(caller: &Caller, path: &str, from: impl std::fmt::Display, bytes: &[u8]) -> Answer {
    caller.send(Method::PUT, &format!("{path}?from={from}"), &[("x-huixiao", "1")], bytes.to_vec()).await
}

async fn said(caller: &Caller, path: &str, from: u32, bytes: &[u8]) -> FileAnswer {
    put(caller, path, from, bytes).await.read()
}

fn is_stored(answer: FileAnswer) -> bool {
    matches!(answer, FileAnswer::Stored { .. })
}

async fn got(caller: &Caller, path: &str) -> (StatusCode, Vec<u8>) {
    let response = caller.stream(path).await;
    (response.status(), response.bytes().await.expect("a body").to_vec())
}

async fn attachments(caller: &Caller) -> Vec<Attachment> {
    nouns(&caller.holdings().await)
}

fn received(bytes: u32) -> FileAnswer {
    FileAnswer::Received { bytes }
}

#[tokio::test]
async fn a_file_comes_in_parts_over_a_restart_and_is_told_to_those_who_see_it() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let bytes = photo(700_000);
    let path = attach(&mut house, &rep, &bytes).await;
    assert_eq!(said(&rep, &path, 0, &[]).await, received(0));
    assert_eq!(said(&rep, &path, 0, &bytes[..300_000]).await, received(300_000));
    assert_eq!(got(&rep, &path).await.0, StatusCode::NOT_FOUND, "half a file is none");
    house.restart().await;
    let (rep, manager) = (rep.at(&house.url), house.ours("manager").await);
    assert_eq!(said(&rep, &path, 0, &bytes[..300_000]).await, received(300_000), "sent again it is where it was");
    assert_eq!(said(&rep, &path, 400_000, &bytes[400_000..]).await, received(300_000), "a hole is not left");
    assert!(attachments(&manager).await[0].stored_at.is_none());
    assert!(is_stored(said(&rep, &path, 300_000, &bytes[300_000..]).await));
    assert!(attachments(&manager).await[0].stored_at.is_some());
    assert!(is_stored(said(&rep, &path, 0, &bytes[..10]).await), "once and for all");
    for caller in [&rep, &manager] {
        assert_eq!(got(caller, &path).await, (StatusCode::OK, bytes.clone()));
    }
    let headers = rep.get(&path).await;
    assert_eq!((headers.header("content-type"), headers.header("cache-control")), ("image/jpeg", "no-store"), "no browser keeps a copy");
    house.close().await;
}

#[tokio::test]
async fn a_file_is_taken_from_and_given_to_those_concerned_only() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let bytes = photo(5_000);
    let path = attach(&mut house, &rep, &bytes).await;
    for other in ["colleague", "supervisor", "manager", "administrator"] {
        assert_eq!(said(&house.ours(other).await, &path, 0, &bytes).await, FileAnswer::Unknown, "{other} did not record it");
    }
    assert!(is_stored(said(&rep, &path, 0, &bytes).await));
    for (login, has) in [("supervisor", true), ("manager", true), ("colleague", false), ("stranger", false), ("administrator", false)] {
        assert_eq!(got(&house.ours(login).await, &path).await.0 == StatusCode::OK, has, "{login}");
    }
    // The other organisation has the same people, ids included.
    for login in ["rep", "manager"] {
        let theirs = house.theirs(login).await;
        assert_eq!(got(&theirs, &path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(said(&theirs, &path, 0, &bytes).await, FileAnswer::Unknown);
    }
    let answer = rep.stream(&path).await;
    let says = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((says("content-type"), says("cache-control")), ("image/jpeg".to_owned(), "no-store".to_owned()));
    let name = path.rsplit('/').next().unwrap_or_default();
    assert_eq!(says("content-disposition"), format!("attachment; filename=\"{name}.jpeg\""), "its own name, and no page of its own");
    let nobody = Caller::new(&house.url);
    assert_eq!(got(&nobody, &path).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(put(&nobody, &path, 0, &bytes).await.status, StatusCode::UNAUTHORIZED);
    let foreign = rep.send(Method::PUT, &format!("{path}?from=0"), &[], bytes).await;
    assert_eq!(foreign.code(), "cross_site");
    house.close().await;
}

#[tokio::test]
async fn bytes_that_do_not_have_the_name_are_thrown_away_and_can_be_sent_anew() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let bytes = photo(5_000);
    let path = attach(&mut house, &rep, &bytes).await;
    let mut bad = bytes.clone();
    bad[1_000] ^= 1;
    assert_eq!(said(&rep, &path, 0, &bad[..2_000]).await, received(2_000));
    assert_eq!(said(&rep, &path, 2_000, &bad[2_000..]).await, FileAnswer::Damaged);
    assert_eq!(got(&rep, &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(said(&rep, &path, 0, &[]).await, received(0));
    assert!(is_stored(said(&rep, &path, 0, &bytes).await));
    house.close().await;
}

#[tokio::test]
async fn nonsense_about_files_is_refused_by_what_is_wrong_with_it() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let bytes = photo(5_000);
    let path = attach(&mut house, &rep, &bytes).await;
    for (path, from, body, status) in [
        (path.as_str(), "0", photo(5_001), StatusCode::PAYLOAD_TOO_LARGE),
        (&path, "0", photo(1 << 21), StatusCode::PAYLOAD_TOO_LARGE),
        (&path, "4294967295", photo(1), StatusCode::PAYLOAD_TOO_LARGE),
        (&path, "4294967296", photo(1), StatusCode::BAD_REQUEST),
        (&path, "-1", photo(1), StatusCode::BAD_REQUEST),
        (&path, "", photo(1), StatusCode::BAD_REQUEST),
        (&path[..path.len() - 1], "0", photo(1), StatusCode::NOT_FOUND),
        (&path.to_uppercase().replace("/API/FILES/", "/api/files/"), "0", photo(1), StatusCode::NOT_FOUND),
        ("/api/files/..%2F..%2Fhuixiao.db", "0", photo(1), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(put(&rep, path, from, &body).await.status, status, "{path} {from} {}", body.len());
    }
    assert_eq!(rep.send(Method::PUT, &path, &[("x-huixiao", "1")], Vec::new()).await.status, StatusCode::BAD_REQUEST, "from where?");
    assert_eq!(rep.post(&path, &serde_json::json!({})).await.code(), "method_not_allowed");
    assert!(is_stored(said(&rep, &path, 0, &bytes).await), "and good sense goes on");
    house.close().await;
}

#[tokio::test]
async fn what_somebody_recorded_before_losing_access_keeps_its_photo_until_it_is_ruled_on() {
    let mut house = House::open().await;
    let (rep, supervisor, administrator) = (house.ours("rep").await, house.ours("supervisor").await, house.ours("administrator").await);
    let (open, bytes) = (house.ours.open_deal(house.ours.customer, None), photo(300_000));
    let (deal, path) = (open.deal, path(&bytes));
    assert_eq!(verdicts(&rep, vec![envelope(1, open)]).await, [Verdict::Applied]);
    let user = house.ours.get::<User>(house.ours.rep);
    let edit = EditUser { user: user.id, name: user.name.clone(), role: user.role, team: user.team, access: Access::Revoked };
    assert_eq!(verdicts(&administrator, vec![envelope(1, edit)]).await, [Verdict::Applied]);
    let payment = envelope(2, slip(deal, &bytes));
    let held = HeldCommandId(payment.uuid);
    assert!(matches!(verdicts(&rep, vec![payment]).await[..], [Verdict::Quarantined { .. }]));
    assert!(is_stored(said(&rep, &path, 0, &bytes).await), "nothing recorded is lost");
    assert_eq!(got(&rep, &path).await.0, StatusCode::FORBIDDEN, "but nothing is given any more");
    assert_eq!(got(&supervisor, &path).await, (StatusCode::OK, bytes.clone()), "who rules can look at it");
    let accept = RuleHeldCommand { held, verdict: HeldVerdict::Accepted };
    assert_eq!(verdicts(&supervisor, vec![envelope(1, accept)]).await, [Verdict::Applied]);
    assert_eq!(got(&supervisor, &path).await.0, StatusCode::OK);
    // The attachment was made after its bytes had come: tidying tells.
    house.restart().await;
    let supervisor = supervisor.at(&house.url);
    let patience = Instant::now() + Duration::from_secs(10);
    while attachments(&supervisor).await[0].stored_at.is_none() {
        assert!(Instant::now() < patience, "nobody told of it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    house.close().await;
}

#[tokio::test]
async fn a_command_that_was_held_for_the_size_of_its_photo_brings_no_more_bytes_than_others() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let open = house.ours.open_deal(house.ours.customer, None);
    let (deal, bytes) = (open.deal, photo(10));
    let mut payment = slip(deal, &bytes);
    payment.photo.as_mut().expect("a photo").content.bytes = FILE_MAX + 1;
    let verdicts = verdicts(&rep, vec![envelope(1, open), envelope(2, Command::from(payment))]).await;
    assert!(matches!(verdicts[..], [Verdict::Applied, Verdict::Quarantined { .. }]));
    assert_eq!(said(&rep, &path(&bytes), 0, &bytes).await, FileAnswer::Unknown);
    house.close().await;
}

async fn put_sealed(caller: &Caller, path: &str, attachment: AttachmentId, sealed: &[u8]) -> Answer {
    caller.send(Method::PUT, &format!("{path}/sealed?attachment={attachment}"), &[("x-huixiao", "1")], sealed.to_vec()).await
}

#[tokio::test]
async fn a_locked_device_sends_a_whole_file_that_it_cannot_read() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let (bytes, other) = (photo(300_000), photo(299_999));
    let path = attach(&mut house, &rep, &bytes).await;
    let (paper, attachment) = (Stationery::of(&rep).await, AttachmentId(Uuid::new_v4()));
    let sealed = paper.seal_file(attachment, &bytes);
    let changed = |at: usize| {
        let mut sealed = sealed.clone();
        sealed[at] ^= 1;
        sealed
    };
    for unreadable in [changed(0), changed(70), changed(130), changed(sealed.len() - 1), sealed[..100].to_vec(), Vec::new()] {
        let answer = put_sealed(&rep, &path, attachment, &unreadable).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "unreadable_letter"));
    }
    let answer = put_sealed(&rep, &path, AttachmentId(Uuid::new_v4()), &sealed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "sealed as another file");
    let long = paper.seal_file(attachment, &vec![0; FILE_MAX as usize + 1]);
    assert_eq!(put_sealed(&rep, &path, attachment, &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(put_sealed(&rep, &self::path(&other), attachment, &sealed).await.read::<FileAnswer>(), FileAnswer::Unknown);
    let foreign = paper.seal_file(attachment, &other);
    assert_eq!(put_sealed(&rep, &path, attachment, &foreign).await.read::<FileAnswer>(), FileAnswer::Damaged, "it has not that name");
    assert_eq!(got(&rep, &path).await.0, StatusCode::NOT_FOUND);

    // A part that came while it was unlocked does not matter, nor that it comes twice.
    assert_eq!(said(&rep, &path, 0, &bytes[..1_000]).await, FileAnswer::Received { bytes: 1_000 });
    for caller in [&rep.without_secret(), &rep] {
        assert!(is_stored(put_sealed(caller, &path, attachment, &sealed).await.read()), "the cookie is enough for it");
    }
    assert!(is_stored(said(&rep, &path, 0, &[]).await), "the page that is unlocked hears that it is there");
    assert_eq!(got(&rep, &path).await, (StatusCode::OK, bytes.clone()));
    assert_eq!(put_sealed(&Caller::new(&house.url), &path, attachment, &sealed).await.status, StatusCode::UNAUTHORIZED);
    house.close().await;
}
