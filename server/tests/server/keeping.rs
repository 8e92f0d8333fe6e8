//! Backup, restore, a move to another database, and what is forgotten in time.

use crate::database;
use crate::house::{Caller, House, OUR_PASSWORD, add, digest_of, envelope};
use crate::process::{Process, huixiao, refusal};
use serde_json::json;
use server::store::Location;
use shared::Scope;
use shared::sync::protocol::{PushAnswer, Row};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Rows without the order in which they came.
fn rows(mut rows: Vec<Row>) -> Vec<String> {
    rows.sort_by_key(|row| (row.kind.clone(), row.id));
    rows.iter().map(|row| serde_json::to_string(row).expect("rows serialise")).collect()
}

fn succeed(data: &Path, args: &[&str]) -> String {
    let mut command = huixiao(data, args);
    let output = command.output().expect("the binary was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test]
async fn a_backup_of_a_working_server_is_restored_whole_with_a_new_history() {
    let house = House::settle().await;
    let url = database::url(&house.location);
    let first = Process::start(house.data(), &house.flags());
    let manager = Caller::log_in(&first.url, "manager", OUR_PASSWORD).await;
    let kept = envelope(1, add(&house.ours, house.ours.rep, "早於備份"));
    assert!(matches!(manager.push(vec![kept]).await, PushAnswer::Done { .. }));
    let before = rows(manager.holdings().await);

    let file = house.data().join("monday.backup");
    let name = file.to_str().expect("text");
    let told = succeed(house.data(), &["backup", name, "--database-url", &url]);
    assert!(told.contains(" commands") && file.exists(), "{told}");
    assert!(!Path::new(&format!("{name}.part")).exists(), "no working file is left");
    assert!(refusal(house.data(), &["backup", name, "--database-url", &url]).contains("exists"), "a backup is never overwritten");

    let late = envelope(2, add(&house.ours, house.ours.rep, "晚於備份"));
    assert!(matches!(manager.push(vec![late.clone()]).await, PushAnswer::Done { .. }));
    let epoch = manager.page(&BTreeMap::new()).await.epoch;
    let refused = refusal(house.data(), &["restore", name, "--replace", "--database-url", &url]);
    assert!(refused.contains("huixiao"), "nothing is replaced under a working server: {refused}");
    assert!(matches!(manager.push(Vec::new()).await, PushAnswer::Done { .. }), "which goes on");
    assert_eq!(first.terminate(), Some(0));

    assert!(refusal(house.data(), &["restore", name, "--database-url", &url]).contains("--replace"), "nothing is overwritten unasked");
    succeed(house.data(), &["restore", name, "--replace", "--database-url", &url]);
    let second = Process::start(house.data(), &house.flags());
    assert_eq!(manager.at(&second.url).get("/api/session").await.status, 401, "sessions do not come back from the dead");
    let manager = Caller::log_in(&second.url, "manager", OUR_PASSWORD).await;
    assert_eq!(rows(manager.holdings().await), before, "row for row, byte for byte");
    let restored = manager.page(&BTreeMap::new()).await.epoch;
    assert_ne!(restored, epoch, "devices must notice");
    let mut request = manager.request(vec![late.clone()]);
    request.epoch = Some(epoch);
    assert!(matches!(manager.push_request(&request).await, PushAnswer::EpochChanged { epoch } if epoch == restored));
    request.epoch = Some(restored);
    request.commands[0].seq = 1;
    assert!(matches!(manager.push_request(&request).await, PushAnswer::Done { .. }), "what a device has kept comes back");
}

#[tokio::test]
async fn a_company_moves_to_another_database_and_devices_notice_nothing() {
    let house = House::settle().await;
    let first = Process::start(house.data(), &house.flags());
    let manager = Caller::log_in(&first.url, "manager", OUR_PASSWORD).await;
    let pushed = envelope(1, add(&house.ours, house.ours.rep, "搬家前"));
    assert!(matches!(manager.push(vec![pushed.clone()]).await, PushAnswer::Done { .. }));
    let (before, epoch) = (rows(manager.holdings().await), manager.page(&BTreeMap::new()).await.epoch);
    assert_eq!(first.terminate(), Some(0));

    let from = database::url(&house.location);
    let folder = tempfile::tempdir().expect("a folder");
    let to = database::url(&database::fresh(folder.path()).await);
    succeed(folder.path(), &["copy", "--from", &from, "--to", &to]);
    assert!(refusal(folder.path(), &["copy", "--from", &from, "--to", &to]).contains("data already"));
    assert!(refusal(folder.path(), &["copy", "--from", &from, "--to", &from]).contains("same database"));

    let second = Process::start(folder.path(), &["--database-url", &to]);
    let manager = manager.at(&second.url);
    assert_eq!(rows(manager.holdings().await), before);
    assert_eq!(manager.without_secret().post("/api/sync/pull", &json!({})).await.status, 401, "and its second secret is still asked for");
    assert_eq!(manager.page(&BTreeMap::new()).await.epoch, epoch);
    let PushAnswer::Done { outcomes, .. } = manager.push(vec![pushed]).await else { panic!("the session moved along") };
    assert_eq!(outcomes.len(), 1, "an outcome that was lost is given again");
    assert_eq!(manager.holdings().await.len(), before.len(), "nothing took effect twice");
}

#[tokio::test]
async fn what_is_no_backup_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (missing, garbage) = (folder.path().join("nothing"), folder.path().join("garbage"));
    std::fs::write(&garbage, vec![9; 5_000]).expect("a folder");
    assert!(refusal(folder.path(), &["restore", missing.to_str().expect("text")]).contains("there is no backup"));
    assert!(refusal(folder.path(), &["restore", garbage.to_str().expect("text")]).contains("cannot use the database"));
    assert!(refusal(&folder.path().join("empty"), &["backup", missing.to_str().expect("text")]).contains("there is no"));
}

#[tokio::test]
async fn a_device_that_was_away_longer_than_tombstones_live_gets_its_rows_anew() {
    let house = House::settle().await;
    let first = Process::start(house.data(), &house.flags());
    let manager = Caller::log_in(&first.url, "manager", OUR_PASSWORD).await;
    let customer = add(&house.ours, house.ours.rep, "將移交");
    let id = customer.customer;
    assert!(matches!(manager.push(vec![envelope(1, customer)]).await, PushAnswer::Done { .. }));
    let away = manager.cursors().await;
    let moved = shared::customers::command::TransferCustomers { customers: vec![id], to: Some(house.ours.colleague) };
    assert!(matches!(manager.push(vec![envelope(2, moved)]).await, PushAnswer::Done { .. }));
    assert_eq!(first.terminate(), Some(0));
    database::run(&house.location, &format!("UPDATE tombstones SET removed_at = removed_at - {}", 91_i64 * 24 * 3_600_000)).await;

    let second = Process::start(house.data(), &house.flags());
    let manager = manager.at(&second.url);
    let theirs = Scope::Person(house.ours.rep);
    let brought_anew = async {
        loop {
            let page = manager.page(&away).await;
            if page.dropped.contains(&theirs) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(10), brought_anew).await.expect("old tombstones go soon after the start");
    assert_eq!(database::count(&house.location, "SELECT count(*) FROM tombstones").await, 0);
    let complete = page.scopes.iter().find(|part| part.scope == theirs).expect("it is brought again");
    assert_eq!(complete.complete, Some(digest_of(&page.rows, theirs)), "whole, from nothing");
    assert!(manager.page(&BTreeMap::new()).await.dropped.is_empty(), "who holds nothing drops nothing");
    let now = manager.page(&manager.cursors().await).await;
    assert!(now.rows.is_empty() && now.dropped.is_empty(), "and once only");
}

#[tokio::test]
async fn a_database_that_a_newer_release_has_extended_is_not_copied_in_part() {
    let house = House::settle().await;
    let newer = if matches!(house.location, Location::Sqlite(_)) { "PRAGMA user_version = 900" } else { "UPDATE schema SET version = 900" };
    database::run(&house.location, newer).await;
    let (url, file) = (database::url(&house.location), house.data().join("part.backup"));
    let name = file.to_str().expect("text");
    assert!(refusal(house.data(), &["backup", name, "--database-url", &url]).contains("another release (schema 900"));
    assert!(!file.exists());
}
