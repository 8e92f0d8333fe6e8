//! Pulling, and being told that there is something to pull.

use crate::house::{Caller, House, add, envelope};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::customers::command::{ImportCustomers, ImportRow, TransferCustomers};
use shared::ids::{CustomerId, DeskId, ImportId};
use shared::record::Scope;
use shared::seating::command::{OpenDesk, StaffDesk};
use shared::sync::protocol::{PullAnswer, PushAnswer};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn each_role_holds_its_own_scopes_and_nothing_else() {
    let house = House::open().await;
    let world = &house.ours;
    for (login, expected) in [
        ("rep", vec![world.customer]),
        ("supervisor", vec![world.customer, world.colleagues_customer, world.pool_customer]),
        ("stranger", vec![world.strangers_customer]),
        ("administrator", vec![]),
        ("manager", vec![world.customer, world.colleagues_customer, world.strangers_customer, world.pool_customer]),
    ] {
        let mut found: Vec<_> = house.ours(login).await.customers().await.iter().map(|customer| customer.id).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{login}");
    }
    house.close().await;
}

#[tokio::test]
async fn a5_a_customer_given_away_leaves_the_old_owners_device() {
    let house = House::open().await;
    let (rep, colleague, supervisor) = (house.ours("rep").await, house.ours("colleague").await, house.ours("supervisor").await);
    let before = rep.page(&BTreeMap::new()).await;
    let cursors: BTreeMap<_, _> = before.scopes.iter().map(|scope| (scope.scope, scope.cursor)).collect();
    let args = TransferCustomers { customers: vec![house.ours.customer], to: Some(house.ours.colleague) };
    assert!(matches!(supervisor.push(vec![envelope(1, args)]).await, PushAnswer::Done { .. }));
    let news = rep.page(&cursors).await;
    let gone: Vec<_> = news.rows.iter().map(|row| (row.scope, row.id, row.body.is_none())).collect();
    assert_eq!(gone, [(Scope::Person(house.ours.rep), house.ours.customer.0, true)]);
    assert!(colleague.customers().await.iter().any(|customer| customer.id == house.ours.customer));
    assert!(rep.customers().await.is_empty(), "from nothing, too");
    house.close().await;
}

#[tokio::test]
async fn many_rows_come_in_pages_that_add_up() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let profile = |n: u128| shared::customers::Profile {
        name: format!("客{n}"),
        email: "guest@example.com".into(),
        needs: "需".repeat(400),
        ..Default::default()
    };
    for part in 0..15_u64 {
        let rows = (0..200_u128).map(|n| ImportRow::Create { customer: CustomerId(Uuid::new_v4()), profile: Box::new(profile(n)) }).collect();
        let args = ImportCustomers { import: ImportId(Uuid::new_v4()), rows };
        assert!(matches!(rep.push(vec![envelope(part + 1, args)]).await, PushAnswer::Done { .. }));
    }
    assert!(rep.page(&BTreeMap::new()).await.more, "more than one page");
    assert_eq!(rep.customers().await.len(), 3_001);
    house.close().await;
}

#[tokio::test]
async fn a_cursor_from_the_future_is_another_history() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    for cursor in [u64::MAX, 1 << 62, 1_000_000] {
        assert!(matches!(rep.pull(&BTreeMap::from([(Scope::Org, cursor)])).await, PullAnswer::EpochChanged { .. }), "{cursor}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_scope_that_is_not_ones_own_is_dropped_and_not_served() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let foreign = Scope::Person(house.ours.stranger);
    let page = rep.page(&BTreeMap::from([(foreign, 0)])).await;
    assert_eq!(page.dropped, [foreign]);
    assert!(page.rows.iter().all(|row| row.scope != foreign));
    house.close().await;
}

/// The versions told by a stream until it has told `last`.
async fn told(stream: &mut reqwest::Response, last: u64) -> Vec<u64> {
    let (mut text, mut versions) = (String::new(), Vec::new());
    while versions.last() != Some(&last) {
        let chunk =
            tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await.expect("in time").expect("the stream is open").expect("more to come");
        text += &String::from_utf8_lossy(&chunk);
        while let Some((event, rest)) = text.split_once("\n\n") {
            let version = event.strip_prefix("data: {\"version\":").and_then(|event| event.strip_suffix('}'));
            versions.extend(version.and_then(|version| version.parse::<u64>().ok()));
            text = rest.to_owned();
        }
    }
    versions
}

#[tokio::test]
async fn a_push_pokes_the_devices_of_its_organisation_only() {
    let house = House::open().await;
    let (rep, theirs) = (house.ours("rep").await, house.theirs("rep").await);
    let mut ours_told = rep.stream("/api/sync/events").await;
    let mut theirs_told = theirs.stream("/api/sync/events").await;
    assert_eq!(ours_told.headers()["content-type"], "text/event-stream");
    assert!(!ours_told.headers().contains_key("content-encoding"), "a compressed stream would be held back");
    assert_eq!(told(&mut ours_told, 1).await, [1], "the present version comes first");
    assert_eq!(told(&mut theirs_told, 1).await, [1]);
    let commands = |world: &shared::testing::World, count: u64| (1..=count).map(|seq| envelope(seq, add(world, world.rep, "甲"))).collect();
    assert!(matches!(rep.push(commands(&house.ours, 3)).await, PushAnswer::Done { .. }));
    assert_eq!(told(&mut ours_told, 4).await, [4], "one poke for one commit");
    assert!(matches!(theirs.push(commands(&house.theirs, 1)).await, PushAnswer::Done { .. }));
    assert_eq!(told(&mut theirs_told, 2).await, [2], "nothing of ours came between");
    house.close().await;
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let mut stream = rep.stream("/api/sync/events").await;
    told(&mut stream, 1).await;
    let began = std::time::Instant::now();
    house.close().await;
    assert!(began.elapsed() < Duration::from_secs(5), "stopping took {:?}", began.elapsed());
    let rest = tokio::time::timeout(Duration::from_secs(5), async { while let Ok(Some(_)) = stream.chunk().await {} }).await;
    assert!(rest.is_ok(), "the stream has ended");
}

#[tokio::test]
async fn d7_the_server_tells_which_desks_it_hears_of_also_after_a_restart() {
    let mut house = House::open().await;
    let (rep, colleague) = (house.ours("rep").await, house.ours("colleague").await);
    let (stranger, theirs) = (house.ours("stranger").await, house.theirs("rep").await);
    let [door, back]: [DeskId; 2] = std::array::from_fn(|_| house.ours.id());
    let open = |desk, name: &str| OpenDesk { desk, meeting: house.ours.meeting, name: name.to_owned() };
    let commands = [envelope(1, open(door, "門口")), envelope(2, open(back, "後門")), envelope(3, StaffDesk { desk: door, take_over: false })];
    assert!(matches!(rep.push(commands.to_vec()).await, PushAnswer::Done { last_seq: 3, .. }));
    let path = format!("/api/meetings/{}/desks", house.ours.meeting);
    let heard = |answer: &Value| answer[0]["seconds_ago"].as_u64().is_some_and(|seconds| seconds < 60);
    let answer = colleague.get(&path).await.json();
    assert!(heard(&answer), "its push was heard: {answer}");
    assert_eq!((answer.as_array().map(Vec::len), &answer[0]["desk"]), (Some(1), &json!(door)), "at the other desk there is no device");
    rep.pull(&BTreeMap::new()).await;
    house.restart().await;
    let [colleague, stranger, theirs] = [colleague, stranger, theirs].map(|caller| caller.at(&house.url));
    assert!(heard(&colleague.get(&path).await.json()), "what was in memory was written before the server went");
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "not on duty there");
    assert_eq!(theirs.get(&path).await.json(), json!([]), "another organisation's meeting of the same id");
    assert_eq!(colleague.get("/api/meetings/none/desks").await.status, StatusCode::NOT_FOUND);
    assert_eq!(Caller::new(&house.url).get(&path).await.status, StatusCode::UNAUTHORIZED);
    house.close().await;
}
