//! Measures the report natively: 100,000 deals of a device become facts, and a standard report is made of them (this period, the one before, a year
//! ago, and twelve periods over time).
//!
//! `cargo run --release -p tests --example bench_analysis [deals]`

use shared::analysis::{By, Facts, Length, Period, Question, Standard};
use shared::deals::Deal;
use shared::ids::UserId;
use shared::sync::protocol::Row;
use shared::testing::{World, messages};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tests::fixtures::sales::deal;
use uuid::Uuid;

const ROUNDS: usize = 5;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000_u32);
    let (world, opened) = World::with_deal();
    let opened = world.get::<Deal>(opened);
    let sellers = [0, 1, 2].map(|number| UserId(Uuid::from_u128(world.rep.0.as_u128() + number)));
    let rows: Vec<Row> = (0..count).map(|number| messages::row(&deal(&opened, &sellers, world.now, 730, number).into(), 1)).collect();
    let mut replica = world.replica(world.manager);
    rows.iter().for_each(|row| replica.take_row(row));
    println!("{count} deals, best of {ROUNDS} rounds");
    report("deals become facts, at first", || drop(black_box(Facts::default().follow(&replica))));
    let mut facts = Facts::default();
    facts.follow(&replica);
    let mut number = 0;
    report("facts follow one more deal", || {
        number += 1;
        replica.take_row(&messages::row(&deal(&opened, &sellers, world.now, 730, count + number).into(), 2));
        black_box(facts.follow(&replica));
    });
    let buyers = facts.follow(&replica).expect("there are settings");
    for (length, by) in [(Length::Month, By::Rep), (Length::Month, By::Product), (Length::Month, By::Region), (Length::Year, By::Product)] {
        let today = world.now.date_naive();
        let question = Question { period: Period::of(length, today), by, narrowed: Vec::new() };
        report(&format!("a standard report of a {length:?} by {by:?}"), || {
            let mut standard = Standard::new(&question, today, None);
            buyers.iter().for_each(|buyer| standard.add(buyer));
            drop(black_box(standard.finish()));
        });
    }
}

/// Prints the shortest of the rounds: what disturbs one only makes it longer.
fn report(what: &str, mut measured: impl FnMut()) {
    let round = |_| {
        let start = Instant::now();
        measured();
        start.elapsed()
    };
    let best: Duration = (0..ROUNDS).map(round).min().expect("there are rounds");
    println!("{what}: {:.1} ms", best.as_secs_f64() * 1_000.0);
}
