//! How long the sales records take, natively: `bench_records [customers]`, 4,000 unless told otherwise. Each customer has a talk, a note at
//! the venue and, every fourth, a deal; every tenth has complained.
//!
//! `cargo run --release -p tests --example bench_records [customers]`

use shared::complaints::{Complaint, ComplaintState, Severity};
use shared::contacts::{Came, LoggedContact, Way};
use shared::customers::Customer;
use shared::deals::Deal;
use shared::floor::{Chip, GuestNote, Reader};
use shared::ids::{ComplaintId, ContactId, CustomerId, DealId, GuestId, GuestNoteId};
use shared::records::search::RecordSearch;
use shared::records::{of_customer, of_deal};
use shared::sync::protocol::Row;
use shared::sync::replica::Replica;
use shared::testing::{World, messages};
use shared::time::UtcOffset;
use std::hint::black_box;
use std::time::Instant;
use tests::fixtures::csv::List;
use uuid::Uuid;

const ROUNDS: usize = 5;
const TYPED: [&str; 8] = ["陳", "陳雅", "chenya", "cyt", "手續費", "漏水 陳", "20261123", "不存在的詞"];

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(4_000);
    let (world, opened) = World::with_deal();
    let text = List::of(count).text();
    let names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let mut replica = world.replica(world.manager);
    rows(&world, &world.get::<Deal>(opened), &names).iter().for_each(|row| replica.take_row(row));
    println!("{count} customers, best of {ROUNDS} rounds");
    report("what lacks in all of them", || {
        let lacking = replica.all::<Customer>().filter(|customer| !of_customer(&replica, customer, world.now).is_whole()).count();
        black_box((lacking, replica.all::<Deal>().filter(|deal| !of_deal(deal, Some(UtcOffset::EAST_8), world.now).is_whole()).count()));
    });
    report("everything made searchable", || {
        let mut search = RecordSearch::default();
        search.follow(&replica);
        black_box(&search);
    });
    let mut search = RecordSearch::default();
    search.follow(&replica);
    report("followed again", || search.follow(&replica));
    for typed in TYPED {
        report(&format!("{typed:?}: {} found", search.search(&replica, typed).total), || fresh(&mut search, &replica, typed));
    }
}

/// A search that nothing before it has narrowed.
fn fresh(search: &mut RecordSearch, replica: &Replica, typed: &str) {
    search.search(replica, "another thing altogether");
    black_box(search.search(replica, typed));
}

fn rows(world: &World, opened: &Deal, names: &[&str]) -> Vec<Row> {
    let owner = Some(world.rep);
    let mut rows = Vec::new();
    for (number, name) in (0_u128..).zip(names) {
        let id = |kind: u128| Uuid::from_u128(((100 + kind) << 64) | number);
        let customer = CustomerId(id(0));
        let mut known = (*world.get::<Customer>(world.customer)).clone();
        (known.id, known.profile.name) = (customer, (*name).to_owned());
        known.profile.needs = "退休後每個月有固定的收入".to_owned();
        let contact = LoggedContact {
            id: ContactId(id(1)),
            customer,
            owner,
            at: world.now,
            by: world.rep,
            way: Way::Call,
            came: Came::Spoke,
            words: "週末下午才有空，下次帶太太一起來看".to_owned(),
            next: None,
            satisfaction: None,
        };
        let note = GuestNote {
            id: GuestNoteId(id(2)),
            meeting: world.meeting,
            guest: GuestId(id(3)),
            customer,
            reader: Reader::Owner(world.rep),
            chip: Chip::Doubtful,
            words: "擔心手續費太高".to_owned(),
            at: world.now,
            by: world.colleague,
        };
        rows.extend([messages::row(&known.into(), 1), messages::row(&contact.into(), 1), messages::row(&note.into(), 1)]);
        if number % 4 == 0 {
            let deal = Deal { id: DealId(id(4)), customer, buyer: (*name).to_owned(), ..opened.clone() };
            rows.push(messages::row(&deal.into(), 1));
        }
        if number % 10 == 0 {
            let complaint = Complaint {
                id: ComplaintId(id(5)),
                customer,
                owner,
                deal: None,
                what: "裝好當天就漏水，客廳地板泡水".to_owned(),
                severity: Severity::Serious,
                reported_by: world.rep,
                reported_at: world.now,
                handler: None,
                deadline: UtcOffset::EAST_8.day_of(world.now),
                state: ComplaintState::Open,
                steps: Vec::new(),
            };
            rows.push(messages::row(&complaint.into(), 1));
        }
    }
    rows
}

fn report(what: &str, mut act: impl FnMut()) {
    let time = |act: &mut dyn FnMut()| {
        let begun = Instant::now();
        act();
        begun.elapsed()
    };
    let best = (0..ROUNDS).map(|_| time(&mut act)).min().unwrap_or_default();
    println!("{what}: {:.2} ms", best.as_secs_f64() * 1_000.0);
}
