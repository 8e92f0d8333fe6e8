//! Log-in, cookies, passwords, guessing.

use crate::database;
use crate::house::{Caller, House, OUR_PASSWORD, envelope, nouns};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::Location;
use shared::files::ContentHash;
use shared::people::Access;
use shared::people::command::EditUser;
use shared::quarantine::command::RuleHeldCommand;
use shared::quarantine::{HeldCommand, HeldVerdict};
use shared::sync::protocol::{PushAnswer, Verdict};
use shared::testing::messages;

fn credentials(login: &str, password: &str) -> Value {
    json!({ "login": login, "password": password })
}

#[tokio::test]
async fn a_log_in_tells_who_one_is_and_sets_a_cookie_for_this_site_only() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    let answer = caller.post("/api/session", &credentials(" REP ", OUR_PASSWORD)).await;
    let me = json!({ "user": house.ours.rep, "org": house.ours.org, "role": "rep", "team": house.ours.north, "name": "林佳穎" });
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, me.clone()), "an app of before asks for no secret, and hears of none");
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["huixiao=", "Path=/", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "without TLS a Secure cookie would never come back");
    assert_eq!(caller.get("/api/session").await.json(), me);
    house.close().await;
}

#[tokio::test]
async fn behind_tls_the_cookie_is_for_https_and_this_host_only() {
    let house = House::open_behind_a_proxy().await;
    let answer = Caller::new(&house.url).post("/api/session", &credentials("rep", OUR_PASSWORD)).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-huixiao=") && cookie.contains("; Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    house.close().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_told_alike() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    for (login, password) in [("rep", "wrong password"), ("nobody", OUR_PASSWORD), ("leaver", OUR_PASSWORD), ("", ""), ("rep", "")] {
        let answer = caller.post("/api/session", &credentials(login, password)).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::UNAUTHORIZED, json!({ "code": "wrong_login" })), "{login}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    house.close().await;
}

#[tokio::test]
async fn guessing_is_held_up_and_others_are_not() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(caller.post("/api/session", &credentials("rep", "a wrong guess")).await);
    }
    let last = answers.pop().expect("eleven answers");
    assert!(answers.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED));
    assert_eq!((last.status, last.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many"));
    let wait: u64 = last.header("retry-after").parse().expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    let right = caller.post("/api/session", &credentials("rep", OUR_PASSWORD)).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "the right guess is not told while guessing");
    house.ours("colleague").await;
    house.close().await;
}

#[tokio::test]
async fn behind_a_proxy_the_senders_address_counts_and_what_it_claims_does_not() {
    let house = House::open_behind_a_proxy().await;
    let one_sender = held_up(&house, "one", (0..80).map(|n| format!("10.0.0.{n}, 192.0.2.1"))).await;
    assert!((1..=20).contains(&one_sender), "sixty at once, and some more as time goes by: {one_sender} held up");
    let many_senders = held_up(&house, "many", (0..80).map(|n| format!("192.0.2.1, 10.0.0.{n}"))).await;
    assert_eq!(many_senders, 0);
    let caller = Caller::new(&house.url);
    let other = [("x-huixiao", "1"), ("x-forwarded-for", "198.51.100.7")];
    let answer = caller.send(Method::POST, "/api/session", &other, credentials("rep", OUR_PASSWORD).to_string().into_bytes()).await;
    assert_eq!(answer.status, StatusCode::OK, "another address is not held up");
    // So it is with guesses at one's own password. Time heals, so a slow machine may need another try; ten would hold up the user, not the address.
    let rep = house.ours("rep").await;
    let path = format!("/api/users/{}/password", house.ours.rep);
    let guess = json!({ "password": "a better one", "old": "not it" }).to_string().into_bytes();
    let from = async |address| rep.send(Method::POST, &path, &[("x-huixiao", "1"), ("x-forwarded-for", address)], guess.clone()).await.status;
    assert_eq!(from("198.51.100.8").await, StatusCode::FORBIDDEN);
    let mut tries = 0;
    while from("192.0.2.1").await != StatusCode::TOO_MANY_REQUESTS {
        tries += 1;
        assert!(tries < 5, "the address that guesses counts, not the proxy's");
        held_up(&house, "more", (0..80).map(|_| "192.0.2.1".to_owned())).await;
    }
    house.close().await;
}

/// Guesses at once, each at another login, and how many were held up. Tries under way count, so the slowness of hashing cannot refill the
/// bucket between them.
async fn held_up(house: &House, prefix: &str, senders: impl Iterator<Item = String>) -> usize {
    let mut guesses = tokio::task::JoinSet::new();
    for (n, forwarded) in senders.enumerate() {
        let (caller, body) = (Caller::new(&house.url), credentials(&format!("{prefix}{n}"), "a wrong guess").to_string().into_bytes());
        guesses.spawn(async move {
            let headers = [("x-huixiao", "1"), ("x-forwarded-for", forwarded.as_str())];
            caller.send(Method::POST, "/api/session", &headers, body).await.status
        });
    }
    guesses.join_all().await.into_iter().filter(|status| *status == StatusCode::TOO_MANY_REQUESTS).count()
}

#[tokio::test]
async fn without_a_session_nothing_is_told() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    for path in ["/api/session", "/api/sync/events"] {
        let answer = caller.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "not_logged_in"), "{path}");
    }
    for path in ["/api/sync/push", "/api/sync/pull", "/api/users/00000000-0000-0000-0000-000000000001/password"] {
        assert_eq!(caller.post(path, &json!({})).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for cookie in ["huixiao=", "huixiao=AAAA", "huixiao=;;;===", "other=1; huixiao=\u{7f}"] {
        let answer = caller.send(Method::GET, "/api/session", &[("cookie", cookie.trim_end_matches('\u{7f}'))], Vec::new()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cookie}");
    }
    house.close().await;
}

/// Everything that gives data out, or acts for somebody who sees them, with a body that would be read.
async fn asked(house: &House, caller: &Caller) -> [(&'static str, StatusCode); 5] {
    let own = [("x-huixiao", "1")];
    let pull = messages::pull(caller.device, chrono::Utc::now(), Vec::new());
    let file = format!("/api/files/{}", ContentHash::of(b"a photo"));
    let password = json!({ "password": "a better one", "old": "not it" });
    [
        ("pull", caller.post("/api/sync/pull", &json!(pull)).await.status),
        ("push", caller.post("/api/sync/push", &json!(caller.request(Vec::new()))).await.status),
        ("a file", caller.get(&file).await.status),
        ("a part of a file", caller.send(Method::PUT, &format!("{file}?from=0"), &own, Vec::new()).await.status),
        ("a password", caller.post(&format!("/api/users/{}/password", house.ours.rep), &password).await.status),
    ]
}

#[tokio::test]
async fn a_session_without_its_secret_pulls_nothing() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let known = rep.secret.clone().expect("a log-in gives one");
    let others = house.ours("rep").await.secret.expect("a log-in gives one");
    assert_ne!(known, others, "each session has its own");
    for secret in [None, Some(""), Some("none"), Some(&*others), Some(&known[1..])] {
        let thief = rep.with_secret(secret);
        for (what, status) in asked(&house, &thief).await {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}, {:?}", thief.secret);
        }
        let answer = thief.post("/api/sync/pull", &json!({})).await;
        assert_eq!(answer.code(), "not_logged_in", "like a session that has ended");
    }
    let expected = [StatusCode::OK, StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::OK, StatusCode::FORBIDDEN];
    assert_eq!(asked(&house, &rep).await.map(|(_, status)| status), expected, "the session lives on");
    house.close().await;
}

#[tokio::test]
async fn a_locked_device_hears_whether_its_person_has_access_and_can_end_the_session() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let locked = rep.without_secret();
    assert_eq!(locked.get("/api/session").await.json(), rep.get("/api/session").await.json());
    assert!(rep.get("/api/session").await.json()["secret"].is_null(), "it is told once");
    assert_eq!(locked.stream("/api/sync/events").await.status(), StatusCode::OK);
    assert_eq!(locked.delete("/api/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(rep.get("/api/session").await.status, StatusCode::UNAUTHORIZED);
    house.close().await;
}

#[tokio::test]
async fn a_session_from_before_there_were_secrets_serves_the_app_of_then_and_no_later_one() {
    let house = House::open().await;
    let before = Caller::new(&house.url);
    assert_eq!(before.post("/api/session", &credentials("rep", OUR_PASSWORD)).await.status, StatusCode::OK);
    assert!(!before.customers().await.is_empty(), "an app of before goes on");
    let updated = before.with_secret(Some("none"));
    for (what, status) in asked(&house, &updated).await {
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}: it asks to log in");
    }
    assert_eq!(updated.get("/api/session").await.status, StatusCode::OK, "what waits can leave meanwhile");
    house.close().await;
}

#[tokio::test]
async fn a_new_log_in_ends_the_browsers_former_session_and_no_other() {
    let house = House::open().await;
    let (tablet, phone) = (Caller::new(&house.url), house.ours("rep").await);
    let first = tablet.post("/api/session", &credentials("rep", OUR_PASSWORD)).await.header("set-cookie").to_owned();
    assert_eq!(tablet.post("/api/session", &credentials("rep", OUR_PASSWORD)).await.status, StatusCode::OK);
    let former = first.split(';').next().unwrap_or_default();
    let stolen = Caller::new(&house.url).send(Method::GET, "/api/session", &[("cookie", former)], Vec::new()).await;
    assert_eq!(stolen.status, StatusCode::UNAUTHORIZED);
    for caller in [&tablet, &phone] {
        assert_eq!(caller.get("/api/session").await.status, StatusCode::OK);
    }
    house.close().await;
}

#[tokio::test]
async fn a_log_out_ends_the_session_on_the_server() {
    let house = House::open().await;
    let caller = house.ours("rep").await;
    let answer = Caller::new(&house.url).post("/api/session", &credentials("rep", OUR_PASSWORD)).await;
    let kept = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let stolen = Caller::new(&house.url);
    let with_cookie = [("cookie", kept.as_str()), ("x-huixiao", "1")];
    assert_eq!(stolen.send(Method::GET, "/api/session", &with_cookie, Vec::new()).await.status, StatusCode::OK);
    let ended = stolen.send(Method::DELETE, "/api/session", &with_cookie, Vec::new()).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(stolen.send(Method::GET, "/api/session", &with_cookie, Vec::new()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(caller.get("/api/session").await.status, StatusCode::OK, "the other session lives on");
    assert_eq!(Caller::new(&house.url).delete("/api/session").await.status, StatusCode::NO_CONTENT);
    house.close().await;
}

#[tokio::test]
async fn a_session_lives_thirty_days_from_its_last_use_and_neither_token_nor_secret_is_stored() {
    let house = House::open().await;
    let mut asking = credentials("rep", OUR_PASSWORD);
    asking["with_secret"] = json!(true);
    let answer = Caller::new(&house.url).post("/api/session", &asking).await;
    let pair = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let caller = Caller::new(&house.url);
    let status = async || caller.send(Method::GET, "/api/session", &[("cookie", &pair)], Vec::new()).await.status;

    let shift = async |days: i64| {
        let by = days * 24 * 3_600_000;
        database::run(&house.location, &format!("UPDATE sessions SET last_seen_at = last_seen_at - {by}, expires_at = expires_at - {by}")).await;
    };
    let token = pair.split_once('=').expect("a pair").1.to_owned();
    let secret = answer.json()["secret"].as_str().expect("it was asked for").to_owned();
    for (column, plain) in [("token_hash", token), ("secret_hash", secret)] {
        let hex = if matches!(house.location, Location::Sqlite(_)) { format!("lower(hex({column}))") } else { format!("encode({column}, 'hex')") };
        let stored = database::ask(&house.location, &format!("SELECT {hex} FROM sessions")).await;
        let bytes = URL_SAFE_NO_PAD.decode(&plain).expect("base64");
        assert_eq!(bytes.len(), 32, "256 bits");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(stored.len() == 64 && stored != hex(&bytes) && !hex(plain.as_bytes()).contains(&stored), "{column}: {stored}");
    }

    shift(20).await;
    assert_eq!(status().await, StatusCode::OK);
    shift(20).await;
    assert_eq!(status().await, StatusCode::OK, "used twenty days ago, so it lives on");
    shift(31).await;
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    house.close().await;
}

#[tokio::test]
async fn a_new_password_ends_the_users_other_sessions() {
    let house = House::open().await;
    let (tablet, phone) = (house.ours("rep").await, house.ours("rep").await);
    let path = format!("/api/users/{}/password", house.ours.rep);
    let wrong = tablet.post(&path, &json!({ "password": "a better one", "old": "not it" })).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::FORBIDDEN, "wrong_password"));
    let short = tablet.post(&path, &json!({ "password": "short", "old": OUR_PASSWORD })).await;
    assert_eq!((short.status, short.code().as_str()), (StatusCode::BAD_REQUEST, "password_length"));
    let set = tablet.post(&path, &json!({ "password": "a better one", "old": OUR_PASSWORD })).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    assert_eq!(tablet.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(phone.get("/api/session").await.status, StatusCode::UNAUTHORIZED);
    let again = Caller::new(&house.url);
    assert_eq!(again.post("/api/session", &credentials("rep", OUR_PASSWORD)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(again.post("/api/session", &credentials("rep", "a better one")).await.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn only_an_administrator_sets_somebody_elses_password() {
    let house = House::open().await;
    let path = format!("/api/users/{}/password", house.ours.colleague);
    let body = json!({ "password": "set for them" });
    for login in ["rep", "supervisor", "manager"] {
        assert_eq!(house.ours(login).await.post(&path, &body).await.code(), "forbidden", "{login}");
    }
    let administrator = house.ours("administrator").await;
    assert_eq!(administrator.post(&path, &body).await.status, StatusCode::NO_CONTENT);
    for nobody in ["00000000-0000-0000-0000-00000000ffff", "not-an-id", "%00"] {
        assert_eq!(administrator.post(&format!("/api/users/{nobody}/password"), &body).await.status, StatusCode::NOT_FOUND, "{nobody}");
    }
    house.theirs("colleague").await;
    house.close().await;
}

#[tokio::test]
async fn whoever_loses_access_is_out_at_the_next_request_and_what_they_send_waits() {
    let house = House::open().await;
    let (rep, administrator) = (house.ours("rep").await, house.ours("administrator").await);
    let args = EditUser {
        user: house.ours.rep,
        name: "林佳穎".into(),
        role: shared::people::Role::Rep,
        team: Some(house.ours.north),
        access: Access::Revoked,
    };
    assert!(matches!(administrator.push(vec![envelope(1, args)]).await, PushAnswer::Done { .. }));
    let sent = envelope(1, crate::house::add(&house.ours, house.ours.rep, "王大明"));
    assert!(matches!(rep.push(vec![sent.clone()]).await, PushAnswer::Done { last_seq: 1, .. }));
    assert!(matches!(rep.pull(&std::collections::BTreeMap::new()).await, shared::sync::protocol::PullAnswer::AccessRevoked));
    assert_eq!(rep.get("/api/session").await.code(), "access_revoked");
    assert_eq!(rep.get("/api/sync/events").await.code(), "access_revoked");
    let outcome = database::ask(&house.location, &format!("SELECT outcome FROM commands WHERE outcome LIKE '%{}%'", sent.uuid)).await;
    assert!(outcome.contains(r#""verdict":"quarantined""#), "{outcome}");

    let supervisor = house.ours("supervisor").await;
    let [held] = &nouns::<HeldCommand>(&supervisor.holdings().await)[..] else { panic!("it lies before the supervisor") };
    assert_eq!((held.id.0, held.by, held.device), (sent.uuid, house.ours.rep, rep.device));
    let accepted = RuleHeldCommand { held: held.id, verdict: HeldVerdict::Accepted };
    assert!(
        matches!(supervisor.push(vec![envelope(1, accepted)]).await, PushAnswer::Done { outcomes, .. } if outcomes[0].verdict == Verdict::Applied)
    );
    assert!(supervisor.customers().await.iter().any(|customer| customer.profile.name == "王大明"), "accepted, it counts");
    house.close().await;
}

#[tokio::test]
async fn a_request_that_may_come_from_another_site_is_refused() {
    let house = House::open().await;
    let caller = house.ours("rep").await;
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-site")], &[("x-huixiao", "2")]] {
        for (method, path) in [(Method::POST, "/api/sync/push"), (Method::DELETE, "/api/session"), (Method::POST, "/api/session")] {
            assert_eq!(caller.send(method, path, headers, Vec::new()).await.code(), "cross_site", "{headers:?}");
        }
    }
    assert_eq!(caller.get("/api/session").await.status, StatusCode::OK, "nothing was ended");
    let own = caller.send(Method::DELETE, "/api/session", &[("sec-fetch-site", "same-origin")], Vec::new()).await;
    assert_eq!(own.status, StatusCode::NO_CONTENT);
    house.close().await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = House::open().await;
    let caller = Caller::new(&house.url);
    for path in ["/", "/api/health", "/api/session", "/api/nothing", "/nothing.js"] {
        let answer = caller.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
        assert!(!path.starts_with("/api/") || answer.header("cache-control") == "no-store", "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_device_with_another_persons_data_open_is_not_logged_in() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let ask = async |user: String| rep.send(Method::GET, "/api/session", &[("huixiao-user", user.as_str())], Vec::new()).await.status;
    assert_eq!(ask(house.ours.rep.to_string()).await, StatusCode::OK);
    assert_eq!(ask(house.ours.colleague.to_string()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("nobody".to_owned()).await, StatusCode::UNAUTHORIZED);
    house.close().await;
}
