//! The script of `shared::testing::script` over this database: the rows must be those of every other place, to the byte.

use crate::database;
use crate::house::House;
use server::store::Store;
use shared::ids::UserId;
use shared::sync::protocol::{PushAnswer, Verdict};
use shared::sync::server::Session;
use shared::testing::messages;
use shared::testing::script::{ROWS_AFTER_SCRIPT, digest, play};
use std::collections::BTreeMap;

#[tokio::test]
async fn over_a_database_the_script_gives_the_same_rows() {
    let house = House::settle().await;
    let store = Store::open(&house.location).await.map_err(|error| error.to_string()).expect("nobody else has it");
    let (steps, world) = play();
    let mut numbers: BTreeMap<UserId, u64> = BTreeMap::new();
    for step in steps {
        let seq = numbers.entry(step.user).or_default();
        *seq += 1;
        let envelope = messages::envelope(*seq, step.at, step.command.clone());
        let request = messages::push(world.device(step.user), step.user.0, step.at, vec![envelope]);
        let answer = store.push(Session { org: world.org, user: step.user }, request, step.at).await.expect("it can be written");
        let PushAnswer::Done { outcomes, .. } = answer else { panic!("{} was answered by {answer:?}", step.command.name()) };
        assert_eq!(outcomes[0].verdict, Verdict::Applied, "{}", step.command.name());
    }
    store.close().await;
    let rows = database::rows(&house.location, world.org.0).await;
    assert_eq!(digest(rows.iter().map(|(kind, id, body)| (kind.as_str(), *id, body.as_str()))), ROWS_AFTER_SCRIPT);
}
