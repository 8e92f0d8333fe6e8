//! Pushing: once each, in order, whatever the bytes.

use crate::house::{Caller, House, add, envelope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::Rejection;
use shared::sync::protocol::{Envelope, Outcome, PushAnswer, RetryReason, Verdict};
use std::io::Write;
use uuid::Uuid;

fn outcomes(answer: PushAnswer) -> Vec<Outcome> {
    match answer {
        PushAnswer::Done { outcomes, .. } => outcomes,
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_pushed_comes_back_in_a_pull() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let command = add(&house.ours, house.ours.rep, "歐陽小明");
    let outcomes = outcomes(rep.push(vec![envelope(1, command.clone())]).await);
    assert_eq!(outcomes[0].verdict, Verdict::Applied);
    let found = rep.customers().await.into_iter().find(|customer| customer.id == command.customer).expect("it came back");
    assert_eq!((found.profile.name.as_str(), found.owner, found.team), ("歐陽小明", Some(house.ours.rep), Some(house.ours.north)));
    house.close().await;
}

#[tokio::test]
async fn a_push_sent_again_takes_effect_once_and_hears_the_same() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let commands = vec![envelope(1, add(&house.ours, house.ours.rep, "甲")), envelope(2, add(&house.ours, house.ours.rep, "乙"))];
    let first = rep.push(commands.clone()).await;
    assert_eq!(rep.push(commands.clone()).await, first);
    assert_eq!(rep.push(commands[1..].to_vec()).await, {
        let PushAnswer::Done { epoch, last_seq, outcomes, .. } = first else { panic!("not done") };
        PushAnswer::Done { epoch, last_seq, outcomes: outcomes[1..].to_vec(), carried: Vec::new() }
    });
    assert_eq!(rep.customers().await.len(), 3, "the world's own and the two");
    house.close().await;
}

#[tokio::test]
async fn a_push_with_a_hole_before_it_or_in_it_is_not_begun() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let new = |seq| envelope(seq, add(&house.ours, house.ours.rep, "甲"));
    assert_eq!(rep.push(vec![new(2)]).await, PushAnswer::Gap { expected: 1 });
    assert_eq!(rep.push(vec![new(1), new(3)]).await, PushAnswer::Gap { expected: 1 });
    assert_eq!(rep.push(vec![new(2), new(1)]).await, PushAnswer::Gap { expected: 1 });
    assert_eq!(rep.push(vec![new(0)]).await, PushAnswer::Gap { expected: 1 });
    assert_eq!(rep.push(vec![new(u64::MAX), new(0)]).await, PushAnswer::Gap { expected: 1 });
    assert_eq!(rep.customers().await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_number_used_for_another_command_is_a_fork_and_the_uuid_heals_it() {
    let house = House::open().await;
    let mut rep = house.ours("rep").await;
    let known = envelope(1, add(&house.ours, house.ours.rep, "甲"));
    outcomes(rep.push(vec![known.clone()]).await);
    assert_eq!(rep.push(vec![envelope(1, add(&house.ours, house.ours.rep, "乙"))]).await, PushAnswer::Fork);
    rep.incarnation = Uuid::new_v4();
    let again = outcomes(rep.push(vec![known, envelope(2, add(&house.ours, house.ours.rep, "乙"))]).await);
    assert!(again.iter().all(|outcome| outcome.verdict == Verdict::Applied));
    assert_eq!(rep.customers().await.len(), 3);
    house.close().await;
}

#[tokio::test]
async fn a_body_cannot_name_another_actor() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let mut request = serde_json::to_value(rep.request(vec![envelope(1, add(&house.ours, house.ours.stranger, "甲"))])).expect("requests serialise");
    for (name, value) in
        [("actor", json!({ "user": house.ours.manager, "role": "manager" })), ("user", json!(house.ours.manager)), ("role", json!("manager"))]
    {
        request[name] = value.clone();
        request["commands"][0][name] = value;
    }
    request["org"] = json!(house.theirs.org);
    let outcome = outcomes(rep.post("/api/sync/push", &request).await.read()).remove(0);
    assert_eq!(outcome.verdict, Verdict::Rejected { rejection: Rejection::Forbidden }, "a rep gives nobody else a customer");
    house.close().await;
}

#[tokio::test]
async fn broken_bodies_are_refused_and_harm_nothing() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let good = serde_json::to_vec(&rep.request(vec![envelope(1, add(&house.ours, house.ours.rep, "甲"))])).expect("requests serialise");
    let mut wrong_types: Value = serde_json::from_slice(&good).expect("json");
    wrong_types["commands"][0]["seq"] = json!(-1);
    let bodies = [
        Vec::new(),
        good[..good.len() / 2].to_vec(),
        good[..good.len() - 1].to_vec(),
        b"<!doctype html><title>Log in to the hotel</title>".to_vec(),
        vec![0xff; 1_000],
        b"[".repeat(100_000),
        b"null".to_vec(),
        b"{}".to_vec(),
        wrong_types.to_string().into_bytes(),
    ];
    for body in bodies {
        for path in ["/api/sync/push", "/api/sync/pull", "/api/session"] {
            let answer = rep.post_bytes(path, body.clone()).await;
            let expected = if body.len() > 8 * 1024 && path == "/api/session" { "too_large" } else { "malformed" };
            assert_eq!((answer.status.as_u16() / 100, answer.code().as_str()), (4, expected), "{path} {:?}", body.get(..20.min(body.len())));
        }
    }
    assert!(matches!(rep.post_bytes("/api/sync/push", good).await.read(), PushAnswer::Done { .. }));
    house.close().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_even_when_it_is_small_on_the_wire() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let answer = rep.post_bytes("/api/sync/push", vec![b' '; 4 * 1024 * 1024 + 1]).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::PAYLOAD_TOO_LARGE, json!({ "code": "too_large", "most": 4 * 1024 * 1024 })));
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 50 << 20]).expect("memory");
    let headers = [("x-huixiao", "1"), ("content-encoding", "gzip")];
    let answer = rep.send(Method::POST, "/api/sync/push", &headers, bomb.finish().expect("memory")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    let answer = rep.send(Method::POST, "/api/sync/push", &headers, b"no gzip at all".to_vec()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "malformed"));
    house.close().await;
}

#[tokio::test]
async fn a_compressed_push_is_read() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let body = serde_json::to_vec(&rep.request(vec![envelope(1, add(&house.ours, house.ours.rep, "甲"))])).expect("requests serialise");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&body).expect("memory");
    let headers = [("x-huixiao", "1"), ("content-encoding", "gzip")];
    let answer = rep.send(Method::POST, "/api/sync/push", &headers, packed.finish().expect("memory")).await;
    assert_eq!(outcomes(answer.read())[0].verdict, Verdict::Applied);
    house.close().await;
}

#[tokio::test]
async fn more_commands_than_a_push_may_bring_are_refused() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let commands: Vec<_> = (1..=101).map(|seq| envelope(seq, add(&house.ours, house.ours.rep, "甲"))).collect();
    let answer = rep.post("/api/sync/push", &serde_json::to_value(rep.request(commands)).expect("requests serialise")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::PAYLOAD_TOO_LARGE, json!({ "code": "too_many_commands", "most": 100 })));
    house.close().await;
}

#[tokio::test]
async fn a_command_of_a_newer_app_waits_and_what_stands_before_it_does_not() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let mut newer: Envelope = envelope(2, add(&house.ours, house.ours.rep, "乙"));
    newer.command.name = "add_customer_v9".into();
    let answer = rep.push(vec![envelope(1, add(&house.ours, house.ours.rep, "甲")), newer.clone()]).await;
    let PushAnswer::Done { last_seq, outcomes, .. } = answer else { panic!("not done: {answer:?}") };
    assert_eq!((last_seq, outcomes.len()), (1, 1));
    assert_eq!(rep.push(vec![newer]).await, PushAnswer::Retry { reason: RetryReason::ServerTooOld });
    house.close().await;
}

#[tokio::test]
async fn forty_devices_at_once_are_all_served_once() {
    let house = House::open().await;
    let callers = {
        let mut callers = Vec::new();
        for login in ["rep", "colleague", "stranger", "supervisor"].repeat(10) {
            callers.push((house.ours(login).await, login));
        }
        callers
    };
    let owner = |login: &str| match login {
        "rep" => house.ours.rep,
        "colleague" => house.ours.colleague,
        "stranger" => house.ours.stranger,
        _ => house.ours.supervisor,
    };
    let pushes: Vec<_> = callers
        .into_iter()
        .map(|(caller, login)| {
            let commands: Vec<_> = (1..=5).map(|seq| envelope(seq, add(&house.ours, owner(login), "甲"))).collect();
            tokio::spawn(async move { outcomes(caller.push(commands).await) })
        })
        .collect();
    let mut versions = Vec::new();
    for push in pushes {
        versions.extend(push.await.expect("no panic").into_iter().map(|outcome| (outcome.version, outcome.verdict)));
    }
    assert!(versions.iter().all(|(_, verdict)| *verdict == Verdict::Applied));
    versions.sort_by_key(|(version, _)| *version);
    versions.dedup_by_key(|(version, _)| *version);
    assert_eq!(versions.len(), 200, "each command has a version of its own");
    assert_eq!(house.ours("manager").await.customers().await.len(), 204);
    house.close().await;
}

#[tokio::test]
async fn an_address_that_is_none_and_a_method_that_is_wrong_are_told_as_json() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    assert_eq!(caller.get("/api/sync/push").await.code(), "method_not_allowed");
    assert_eq!(caller.get("/api/nothing").await.code(), "not_found");
    assert_eq!(caller.post("/index.html", &json!({})).await.code(), "method_not_allowed");
    house.close().await;
}
