//! Measures the report natively: 100,000 deals of a device become facts, and a standard report is made of them (this period, the one before, a year
//! ago, and twelve periods over time).
//!
//! `cargo run --release -p tests --example bench_analysis [deals]`

use shared::analysis::{By, Company, Filter, Length, Period, Report, Told, buyers};
use shared::customers::Customer;
use shared::deals::{Deal, Line, Stage};
use shared::ids::{CustomerId, DealId, ProductId, UserId};
use shared::money::{Currency, Money};
use shared::sync::protocol::Row;
use shared::testing::{World, messages};
use shared::time::UtcOffset;
use std::hint::black_box;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ROUNDS: usize = 5;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000_u32);
    let (world, opened) = World::with_deal();
    let opened = world.get::<Deal>(opened);
    let rows: Vec<Row> = (0..count).map(|number| messages::row(&deal(&world, &opened, number).into(), 1)).collect();
    let mut replica = world.replica(world.manager);
    rows.iter().for_each(|row| replica.take_row(row));
    println!("{count} deals, best of {ROUNDS} rounds");
    let company = Company { teams: [(world.rep, Some(world.north))].into(), currency: Currency::Twd, clock: UtcOffset::EAST_8 };
    let facts = || {
        let deals = replica.all::<Deal>().map(|deal| &**deal);
        buyers(deals, &company, |id| replica.noun::<Customer>(id).map(|known| &**known), &Told::new())
    };
    report("deals become facts", || drop(black_box(facts())));
    let facts = facts();
    let period = Period::of(Length::Month, world.now.date_naive());
    for by in [By::Rep, By::Product, By::Region] {
        report(&format!("a standard report by {by:?}"), || {
            for days in [period, period.previous(), period.year_before()].map(Period::days) {
                black_box(Report::of(&facts, Filter::on(days), Some(by)));
            }
            black_box(Report::of(&facts, Filter::default(), Some(By::Period(Length::Month))));
        });
    }
}

/// A deal over one to four products, signed somewhere in the last two years; every third is a customer's first.
fn deal(world: &World, opened: &Deal, number: u32) -> Deal {
    let line = |at: u32| Line {
        product: ProductId(Uuid::from_u128(u128::from((number + at) % 40))),
        name: "理財課程".into(),
        unit_price: Money::new(100_000 + i64::from(number % 977) * 100, Currency::Twd),
        quantity: 1 + at,
        promotion: None,
    };
    let lines: Vec<_> = (0..=number % 4).map(line).collect();
    let total = Money::new(lines.iter().map(|line| line.unit_price.minor * i64::from(line.quantity)).sum(), Currency::Twd);
    Deal {
        id: DealId(Uuid::from_u128((7 << 64) | u128::from(number))),
        customer: CustomerId(Uuid::from_u128((8 << 64) | u128::from(number / 3))),
        seller: UserId(Uuid::from_u128(world.rep.0.as_u128() + u128::from(number % 3))),
        lines,
        discount: 500,
        total: total.less(500).expect("small"),
        stage: Stage::Signed,
        opened_at: world.now - chrono::Duration::minutes(i64::from(number % 1_051_200)),
        ..opened.clone()
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
