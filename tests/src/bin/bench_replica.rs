//! Measures the replica in memory, natively: loading 100,000 customers from JSON, look-ups by index, rebase with 1,000 pending commands.
//!
//! `cargo run --release -p tests --bin bench_replica`; the figures stand in docs/benchmarks.md.

use serde_json::value::RawValue;
use shared::customers::command::{EditCustomer, ProfileChange};
use shared::customers::{Customer, Intent, Profile};
use shared::ids::{CustomerId, UserId};
use shared::phone::Phone;
use shared::sync::protocol::Row;
use shared::sync::replica::Pending;
use shared::testing::World;
use shared::{Index, Record, Scope};
use std::hint::black_box;
use std::time::{Duration, Instant};
use uuid::Uuid;

const CUSTOMERS: u32 = 100_000;
const PENDING: u32 = 1_000;
const ROUNDS: usize = 5;

fn main() {
    let world = World::new();
    let rows: Vec<Row> = (0..CUSTOMERS).map(|number| row(&customer(&world, number))).collect();
    let bytes: usize = rows.iter().map(|row| row.body.as_ref().map_or(0, |body| body.get().len())).sum();
    println!("{CUSTOMERS} customers, {} bytes of JSON each, best of {ROUNDS} rounds", bytes / rows.len());

    let mut replica = world.replica(world.rep);
    report("load: JSON to records, hashes, digests, indexes", 1, || {
        replica = world.replica(world.rep);
        rows.iter().for_each(|row| replica.take_row(row));
    });

    let phones: Vec<_> = (0..CUSTOMERS).map(|number| Index::CustomersByPhone(phone(number))).collect();
    report("look-up: a customer by phone", CUSTOMERS, || {
        for index in &phones {
            assert_eq!(black_box(replica.nouns::<Customer>(index)).len(), 1);
        }
    });
    report("look-up: a customer by id", CUSTOMERS, || {
        for number in 0..CUSTOMERS {
            black_box(replica.noun::<Customer>(id(number)));
        }
    });
    report("list: all customers of one owner", 1, || {
        black_box(replica.nouns::<Customer>(&Index::CustomersByOwner(world.rep)));
    });

    let pending = (0..PENDING).map(|number| edit(&world, number)).collect::<Vec<_>>();
    replica.set_pending(pending);
    assert!(replica.is_predicted(Record::from(customer(&world, 0)).key()), "the edits show");
    report("rebase with 1,000 pending edits", 1, || replica.rebase());
    report("list: all customers of one owner, under 1,000 edits", 1, || {
        black_box(replica.nouns::<Customer>(&Index::CustomersByOwner(world.rep)));
    });
}

/// Prints the shortest duration of one of `times` repetitions inside `measured`: what disturbs a round only makes it longer.
fn report(what: &str, times: u32, mut measured: impl FnMut()) {
    let round = |_| {
        let start = Instant::now();
        measured();
        start.elapsed()
    };
    let best = (0..ROUNDS).map(round).min().unwrap_or(Duration::ZERO);
    println!("{what}: {:.1?}", best / times);
}

fn id(number: u32) -> CustomerId {
    CustomerId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(number.wrapping_mul(0x9E37_79B1))))
}

fn phone(number: u32) -> Phone {
    Phone::try_from(format!("+8869{number:08}")).expect("plus and twelve digits")
}

fn customer(world: &World, number: u32) -> Customer {
    let profile = Profile {
        name: format!("王小明{number}"),
        phones: vec![phone(number)],
        email: format!("guest{number}@example.com"),
        company: "宏達投資顧問股份有限公司".into(),
        region: "臺北市".into(),
        needs: "想了解退休規劃與長期照護".into(),
        intent: Some(Intent::B),
        tags: vec!["VIP".into(), "轉介".into()],
        ..Profile::default()
    };
    let owner: Option<UserId> = Some(world.rep);
    Customer { id: id(number), owner, team: Some(world.north), profile, import: None, created_at: world.now, changed_at: world.now }
}

fn row(customer: &Customer) -> Row {
    let record = Record::from(customer.clone());
    let (scope, key): (Scope, _) = (record.scope(), record.key());
    let body = RawValue::from_string(record.encode()).expect("a record is JSON");
    Row { scope, kind: key.kind.name().into(), id: key.id, version: 1, body: Some(body) }
}

fn edit(world: &World, number: u32) -> Pending {
    let command = EditCustomer { customer: id(number), changes: vec![ProfileChange::Needs(format!("第 {number} 次"))] };
    Pending { uuid: Uuid::from_u128(u128::from(number)), at: world.now, command: Some(command.into()), applied_at: None }
}
