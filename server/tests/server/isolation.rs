//! Two organisations in one database, alike down to the ids: nothing crosses.

use crate::house::{House, add, envelope, nouns};
use reqwest::StatusCode;
use serde_json::json;
use shared::Kind;
use shared::customers::command::{EditCustomer, ProfileChange};
use shared::people::User;
use shared::settings::Settings;
use shared::sync::protocol::{PullAnswer, PushAnswer, Verdict};
use std::collections::BTreeMap;

#[tokio::test]
async fn the_same_id_in_two_organisations_is_two_rows() {
    let house = House::open().await;
    let (ours, theirs) = (house.ours("rep").await, house.theirs("rep").await);
    let edit = EditCustomer { customer: house.ours.customer, changes: vec![ProfileChange::Company("只有我們知道".into())] };
    let PushAnswer::Done { outcomes, .. } = ours.push(vec![envelope(1, edit)]).await else { panic!("not done") };
    assert_eq!(outcomes[0].verdict, Verdict::Applied);
    assert_eq!(ours.customers().await[0].profile.company, "只有我們知道");
    assert_eq!(theirs.customers().await[0].profile.company, "");
    let version = async |caller: &crate::house::Caller| caller.page(&BTreeMap::new()).await.version;
    assert_eq!((version(&ours).await, version(&theirs).await), (2, 1));
    house.close().await;
}

#[tokio::test]
async fn a_row_that_only_the_others_have_cannot_be_seen_or_changed() {
    let house = House::open().await;
    let (ours, theirs) = (house.ours("manager").await, house.theirs("manager").await);
    let secret = add(&house.theirs, house.theirs.rep, "他們的客戶");
    assert!(matches!(theirs.push(vec![envelope(1, secret.clone())]).await, PushAnswer::Done { .. }));
    let edit = EditCustomer { customer: secret.customer, changes: vec![ProfileChange::Name("改掉".into())] };
    let PushAnswer::Done { outcomes, .. } = ours.push(vec![envelope(1, edit)]).await else { panic!("not done") };
    let rejection = shared::Rejection::NotFound { kind: shared::Kind::Customer };
    assert_eq!(outcomes[0].verdict, Verdict::Rejected { rejection }, "as if it did not exist");
    assert!(ours.holdings().await.iter().all(|row| row.id != secret.customer.0));
    assert!(theirs.customers().await.iter().any(|customer| customer.profile.name == "他們的客戶"));
    house.close().await;
}

#[tokio::test]
async fn a_uuid_numbering_or_device_of_the_others_is_new_here() {
    let house = House::open().await;
    let (mut ours, theirs) = (house.ours("rep").await, house.theirs("rep").await);
    let command = envelope(1, add(&house.theirs, house.theirs.rep, "甲"));
    assert!(matches!(theirs.push(vec![command.clone()]).await, PushAnswer::Done { .. }));
    (ours.device, ours.incarnation) = (theirs.device, theirs.incarnation);
    let answer = ours.push(vec![command]).await;
    assert!(matches!(answer, PushAnswer::Done { last_seq: 1, .. }), "{answer:?}");
    assert_eq!((ours.customers().await.len(), theirs.customers().await.len()), (2, 2));
    house.close().await;
}

#[tokio::test]
async fn an_epoch_of_the_others_is_another_history() {
    let house = House::open().await;
    let (ours, theirs) = (house.ours("rep").await, house.theirs("rep").await);
    let epoch = theirs.page(&BTreeMap::new()).await.epoch;
    let mut request = ours.request(vec![envelope(1, add(&house.ours, house.ours.rep, "甲"))]);
    request.epoch = Some(epoch);
    let answer = ours.post("/api/sync/push", &serde_json::to_value(request).expect("requests serialise")).await.read();
    assert!(matches!(answer, PushAnswer::EpochChanged { epoch: other } if other != epoch));
    assert!(matches!(ours.pull(&BTreeMap::new()).await, PullAnswer::Page(page) if page.epoch != epoch));
    house.close().await;
}

#[tokio::test]
async fn settings_and_people_are_ones_own() {
    let house = House::open().await;
    for (caller, world) in [(house.ours("administrator").await, &house.ours), (house.theirs("administrator").await, &house.theirs)] {
        let rows = caller.holdings().await;
        assert_eq!(nouns::<Settings>(&rows).iter().map(|settings| settings.org).collect::<Vec<_>>(), [world.org]);
        let people = world.all().filter(|record| record.key().kind == Kind::User).count();
        assert_eq!(nouns::<User>(&rows).len(), people);
    }
    house.close().await;
}

#[tokio::test]
async fn an_administrator_sets_passwords_of_their_own_people_only() {
    let house = House::open().await;
    let theirs = house.theirs("rep").await;
    let path = format!("/api/users/{}/password", house.ours.rep);
    let set = house.ours("administrator").await.post(&path, &json!({ "password": "a new one for ours" })).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    assert_eq!(theirs.get("/api/session").await.status, StatusCode::OK, "their session lives on");
    house.theirs("rep").await;
    house.close().await;
}
