//! Measures the replica in memory, natively: loading 100,000 customers from JSON, look-ups by index, rebase with 1,000 pending commands.
//!
//! `cargo run --release -p tests --bin bench_replica`; the figures stand in docs/benchmarks.md.

use shared::customers::Customer;
use shared::customers::command::{EditCustomer, ProfileChange};
use shared::sync::protocol::Row;
use shared::sync::replica::Pending;
use shared::testing::{World, messages};
use shared::{Index, Record};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tests::fixtures::customers::{self, id_of, phone_of};
use uuid::Uuid;

const CUSTOMERS: u32 = 100_000;
const PENDING: u32 = 1_000;
const ROUNDS: usize = 5;

fn main() {
    let world = World::new();
    let rows: Vec<Row> = (0..CUSTOMERS).map(|number| messages::row(&customer(&world, number), 1)).collect();
    let bytes: usize = rows.iter().map(|row| row.body.as_ref().map_or(0, |body| body.get().len())).sum();
    println!("{CUSTOMERS} customers, {} bytes of JSON each, best of {ROUNDS} rounds", bytes / rows.len());

    let mut replica = world.replica(world.rep);
    report("load: JSON to records, hashes, digests, indexes", 1, || {
        replica = world.replica(world.rep);
        rows.iter().for_each(|row| replica.take_row(row));
    });

    let phones: Vec<_> = (0..CUSTOMERS).map(|number| Index::CustomersByPhone(phone_of(number))).collect();
    report("look-up: a customer by phone", CUSTOMERS, || {
        for index in &phones {
            assert_eq!(black_box(replica.nouns::<Customer>(index)).len(), 1);
        }
    });
    report("look-up: a customer by id", CUSTOMERS, || {
        for number in 0..CUSTOMERS {
            black_box(replica.noun::<Customer>(id_of(number)));
        }
    });
    report("list: all customers of one owner", 1, || {
        black_box(replica.nouns::<Customer>(&Index::CustomersByOwner(world.rep)));
    });

    let pending = (0..PENDING).map(|number| edit(&world, number)).collect::<Vec<_>>();
    replica.set_pending(pending);
    assert!(replica.is_predicted(customer(&world, 0).key()), "the edits show");
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

fn customer(world: &World, number: u32) -> Record {
    customers::customer(number, &format!("王小明{number}"), world.rep, world.north, world.now).into()
}

fn edit(world: &World, number: u32) -> Pending {
    let command = EditCustomer { customer: id_of(number), changes: vec![ProfileChange::Needs(format!("第 {number} 次"))] };
    Pending { uuid: Uuid::from_u128(u128::from(number)), at: world.now, command: Some(command.into()), applied_at: None }
}
