//! How long an import takes from the bytes to the screen: `bench_import [rows]`, 10,000 rows unless told otherwise.
//!
//! Prints milliseconds per stage for each encoding and for XLSX (its decoding is what the clerk's worker does, here native), then the same file
//! once more against the customers that it made.

use shared::customers::Customer;
use shared::customers::import::*;
use shared::ids::CustomerId;
use shared::phone::Country;
use shared::sync::replica::{Pending, Replica};
use shared::testing::World;
use std::time::Instant;
use tests::fixtures::csv::List;
use uuid::Uuid;

fn main() {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(10_000);
    println!("{rows} rows, ms          decode   read  judge   plan  apply  total");
    let list = List { duplicates: rows / 50, bad: rows / 100, ..List::of(rows) };
    for encoding in Encoding::ALL.map(Some).into_iter().chain([None]) {
        let bytes = encoding.map_or_else(|| list.workbook(), |encoding| list.bytes(encoding));
        let name = encoding.map_or_else(|| "Xlsx".to_owned(), |encoding| format!("{encoding:?}"));
        let world = World::new();
        let mut replica = world.replica(world.rep);
        for round in ["new", "again"] {
            let (times, plan) = import(&world, &mut replica, &bytes);
            let total: f64 = times.iter().sum();
            print!("{name:<14}{round:<6}");
            times.iter().for_each(|time| print!("{time:>7.1}"));
            println!("{total:>7.1}  {} created, {} updated, {} skipped, {} bad", plan.created, plan.updated, plan.skipped, plan.bad);
        }
    }
    let huge = Instant::now();
    let refused = check_size(200 << 20);
    println!("200 MB: {refused:?} in {:?}", huge.elapsed());
    let broken = vec![0xB5_u8; 64 << 20];
    let begun = Instant::now();
    let found = detect(&broken, by_tables).and_then(|found| Sheet::open(decode(&broken, found.encoding, by_tables).text, None).map(|_| ()));
    println!("64 MB of one byte: {found:?} in {:?}", begun.elapsed());
}

fn import(world: &World, replica: &mut Replica, bytes: &[u8]) -> ([f64; 5], Plan) {
    let mut times = [0.0; 5];
    let mut begun = Instant::now();
    let mut stop = |stage: usize| {
        times[stage] = begun.elapsed().as_secs_f64() * 1_000.0;
        begun = Instant::now();
    };
    let sheet = if is_workbook(bytes).expect("the fixture is a list") {
        Sheet::open(clerk::read::read(bytes, None).expect("the fixture is a list").text, Some(Delimiter::Comma))
    } else {
        let found = detect(bytes, by_tables).expect("the fixture is a list");
        Sheet::open(decode(bytes, found.encoding, by_tables).text, None)
    }
    .expect("the fixture is a list");
    stop(0);
    let mapping = Mapping::guess(&sheet.preview(50));
    let mut reader = Reader::new(sheet, mapping, Settings { country: Country::Tw, at: world.now });
    while !reader.step(500).done {}
    let outcomes = reader.into_outcomes();
    stop(1);
    let actor = world.actor(world.rep);
    let mut judge = Judge::new(Known::of(replica.all::<Customer>().map(|customer| &**customer)));
    while judge.step(replica, &actor, &outcomes, 500).expect("memory can be read") < outcomes.len() {}
    let judgements = judge.finish(replica, &actor, &outcomes).expect("memory can be read");
    stop(2);
    let import = Uuid::new_v4().into();
    let plan = plan(replica, import, &outcomes, &judgements, || CustomerId(Uuid::now_v7())).expect("memory can be read");
    stop(3);
    for command in &plan.commands {
        replica.add_pending(Pending { uuid: Uuid::new_v4(), at: world.now, command: Some(command.clone().into()), applied_at: None });
    }
    stop(4);
    (times, plan)
}
