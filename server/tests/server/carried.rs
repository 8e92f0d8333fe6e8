//! Commands that another device has carried to the server.

use crate::house::{Caller, House, add, envelope, nouns};
use crate::letters::Stationery;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::json;
use shared::carry::bundle::Content;
use shared::carry::{Bundle, Certificate, DeviceSigner, Item, Signed};
use shared::check_ins::CheckIn;
use shared::sync::protocol::{CarriedAnswer, Envelope, PushAnswer, PushRequest, Verdict};
use shared::testing::TICKET_SEED;

fn signer() -> DeviceSigner {
    DeviceSigner::from_seed(&[3; 32])
}

async fn certificate(caller: &Caller) -> String {
    let key = URL_SAFE_NO_PAD.encode(signer().public_key());
    let answer = caller.post("/api/certificate", &json!({ "client": caller.device, "key": key })).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()["certificate"].as_str().expect("a certificate").to_owned()
}

/// What the author's device gives another one: the first command as a letter, the others as they are.
async fn bundle(house: &House, author: &Caller, commands: &[Envelope]) -> Signed {
    let letter = Stationery::of(author).await.seal(&commands[0]);
    let sealed = Content::Sealed { letter: letter.sealed, shown: Vec::new() };
    let open = |envelope: &Envelope| Content::Open { clock_offset_ms: 0, command: envelope.command.clone() };
    let contents = std::iter::once(sealed).chain(commands[1..].iter().map(open));
    let item =
        |(envelope, content): (&Envelope, Content)| Item { seq: envelope.seq, uuid: envelope.uuid, occurred_at: envelope.occurred_at, content };
    let items = commands.iter().zip(contents).map(item).collect();
    let (certificate, meeting, incarnation) = (certificate(author).await, house.ours.meeting, author.incarnation);
    Bundle { certificate, meeting, epoch: None, incarnation, after: None, items }.sign(&signer())
}

async fn carry(carrier: &Caller, carried: Signed) -> CarriedAnswer {
    match carrier.push_request(&PushRequest { carried: vec![carried], ..carrier.request(Vec::new()) }).await {
        PushAnswer::Done { mut carried, .. } => carried.pop().expect("one bundle, one answer"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn d9_what_a_colleague_carries_counts_once_for_its_author_whoever_comes_first() {
    let mut house = House::open().await;
    let (rep, colleague) = (house.ours("rep").await, house.ours("colleague").await);
    let guest = house.ours.expect_guest(house.ours.meeting, house.ours.customer);
    let ticket = house.ours.signer().sign(house.ours.meeting, guest, house.ours.now, "王小明");
    let check_in = shared::check_ins::command::CheckInGuest { ticket: Some(ticket), ..house.ours.check_in(house.ours.meeting, guest) };
    let commands = [envelope(1, add(&house.ours, house.ours.rep, "葉思齊")), envelope(2, check_in)];
    let signed = bundle(&house, &rep, &commands).await;
    let CarriedAnswer::Ruled { outcomes } = carry(&colleague, signed.clone()).await else { panic!("refused") };
    assert_eq!(outcomes.iter().map(|outcome| (outcome.uuid, outcome.applied)).collect::<Vec<_>>(), commands.each_ref().map(|sent| (sent.uuid, true)));
    let PushAnswer::Done { last_seq: 2, outcomes: known, .. } = rep.push(commands.to_vec()).await else { panic!("not done") };
    assert!(known.iter().all(|outcome| outcome.verdict == Verdict::Applied));
    assert_eq!(known.iter().map(|outcome| outcome.version).collect::<Vec<_>>(), outcomes.iter().map(|outcome| outcome.version).collect::<Vec<_>>());
    assert_eq!(carry(&colleague, signed).await, CarriedAnswer::Ruled { outcomes });
    let check_ins = nouns::<CheckIn>(&colleague.holdings().await);
    assert_eq!(check_ins.iter().map(|check_in| (check_in.by, check_in.device)).collect::<Vec<_>>(), [(house.ours.rep, rep.device)]);
    house.close().await;
}

#[tokio::test]
async fn d9_a_bundle_of_another_organisation_is_refused_and_of_its_letters_nothing_is_read() {
    let house = House::open().await;
    let (ours, theirs) = (house.ours("rep").await, house.theirs("rep").await);
    let commands = [envelope(1, add(&house.ours, house.ours.rep, "葉思齊"))];
    let signed = bundle(&house, &ours, &commands).await;
    assert_eq!(carry(&theirs, signed).await, CarriedAnswer::Refused);
    house.close().await;
}

#[tokio::test]
async fn d9_a_certificate_is_for_the_sessions_user_and_needs_the_second_secret() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let key = shared::invitations::ticket::TicketSigner::from_seed(&TICKET_SEED).public_key();
    let certificate = Certificate::verify(&certificate(&rep).await, &key).expect("the organisation's");
    assert_eq!((certificate.org, certificate.user, certificate.device), (house.ours.org, house.ours.rep, rep.device));
    let body = json!({ "client": rep.device, "key": URL_SAFE_NO_PAD.encode([1; 32]) });
    assert_eq!(rep.without_secret().post("/api/certificate", &body).await.status, StatusCode::UNAUTHORIZED);
    for key in ["", "AAAA", "!", &"A".repeat(2_000)] {
        let answer = rep.post("/api/certificate", &json!({ "client": rep.device, "key": key })).await;
        assert!(answer.status.is_client_error(), "{key}");
    }
    house.close().await;
}
