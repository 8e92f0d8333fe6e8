//! A database that grows from nothing: questions that were first asked of small tables.

use crate::database::count;
use crate::house::{House, add};
use chrono::Utc;
use server::store::{Location, Store};
use shared::Patch;
use shared::customers::Customer;
use shared::ids::{ClientId, CustomerId};
use shared::sync::protocol::PushAnswer;
use shared::sync::server::{Session, apply};
use shared::testing::messages;
use uuid::Uuid;

const CUSTOMERS: usize = 20_000;
const PUSHES: i64 = 50;

/// PostgreSQL keeps a plan that was good for a table of one page until it gathers statistics again, a minute later.
#[tokio::test]
async fn a_push_into_tables_that_have_grown_reads_what_it_asks_for() {
    let house = House::settle().await;
    let Location::Postgres(_) = &house.location else { return };
    let (store, org, world) =
        (Store::open(&house.location).await.map_err(|error| error.to_string()).expect("nobody else has it"), house.ours.org, &house.ours);
    let session = Session { org, user: world.rep };
    let client = ClientId(Uuid::new_v4());
    let incarnation = Uuid::new_v4();
    let mut seq = 0;
    let mut push = async |commands: usize| {
        let mut next = || {
            seq += 1;
            messages::envelope(seq, Utc::now(), add(world, world.rep, &format!("客戶{seq}")))
        };
        let commands = (0..commands).map(|_| next()).collect();
        let answer = store.push(session, messages::push(client, incarnation, Utc::now(), commands), Utc::now()).await;
        assert!(matches!(answer.expect("the database works"), PushAnswer::Done { .. }));
    };
    // Many keys in each question, and more questions than it takes until a plan is kept.
    for _ in 0..8 {
        push(100).await;
    }
    let now = Utc::now();
    let customer = |number: usize| {
        let (id, profile) = (CustomerId(Uuid::now_v7()), world.profile(&format!("舊客{number}")));
        Patch::put(Customer {
            id,
            owner: Some(world.rep),
            team: Some(world.north),
            profile,
            import: None,
            handovers: Vec::new(),
            created_at: now,
            changed_at: now,
        })
    };
    let patches: Vec<Patch> = (0..CUSTOMERS).map(customer).collect();
    let deletions: Vec<Patch> = patches.iter().map(|patch| Patch::Delete(patch.key())).collect();
    for patches in [patches, deletions] {
        store.write(move |tx| apply(&mut tx.of(org)?, patches)).await.map_err(|failure| failure.0).expect("the database works");
    }
    for _ in 0..PUSHES {
        push(1).await;
    }
    // A connection says what it has read when it ends.
    store.close().await;
    let read = count(&house.location, "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes").await;
    let most = PUSHES * 100 + 10 * i64::try_from(CUSTOMERS).expect("small");
    assert!(read < most, "{read} entries were read for {PUSHES} customers among {CUSTOMERS}");
}
