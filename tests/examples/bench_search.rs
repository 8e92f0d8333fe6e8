//! How long a keystroke's search takes: `bench_search [customers]`, 100,000 unless told otherwise.
//!
//! Types a thousand queries letter by letter (names, initials, last digits, companies, two words), four times, and takes the best of
//! each, so that other work on the machine does not count.

use shared::customers::search::{SearchIndex, SearchText};
use std::time::Instant;
use tests::fixtures::csv::List;
use uuid::Uuid;

fn main() {
    let customers = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let text = List::of(customers).text();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let numbers: Vec<String> = rows.iter().map(|row| e164(row[3])).collect();
    let begun = Instant::now();
    let mut index = SearchIndex::new();
    for (n, (row, number)) in (1..).zip(rows.iter().zip(&numbers)) {
        let words = vec![row[5], row[row.len() - 1]];
        index.put(Uuid::from_u128(n), &SearchText { name: row[0], phones: vec![number], words });
    }
    println!("{customers} customers indexed in {:.0} ms: {index:?}", begun.elapsed().as_secs_f64() * 1_000.0);
    let keystrokes = keystrokes(&rows, &numbers);
    let mut best = vec![f64::MAX; keystrokes.len()];
    for _ in 0..4 {
        for (typed, best) in keystrokes.iter().zip(&mut best) {
            let begun = Instant::now();
            let found = index.search(typed, 200);
            *best = best.min(begun.elapsed().as_secs_f64() * 1_000.0);
            assert!(found.ids.len() <= 200);
        }
    }
    let first: Vec<f64> = keystrokes.iter().zip(&best).filter(|(typed, _)| typed.chars().count() == 1).map(|(_, time)| *time).collect();
    report("every keystroke", best);
    report("first keystroke", first);
}

fn report(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what}: {} searches, p50 {:.3} ms, p95 {:.3} ms, p99 {:.3} ms, most {:.3} ms", times.len(), at(50), at(95), at(99), at(100));
}

/// What is in the field after each key of a thousand searches.
fn keystrokes(rows: &[Vec<&str>], numbers: &[String]) -> Vec<String> {
    const SPELLED: [&str; 8] = ["chenyating", "lyt", "wangzhihao", "zjh", "ouyang", "shan", "lvm", "xiuming"];
    let step = (rows.len() / 1_000).max(1);
    let mut typed = Vec::new();
    for (n, (row, number)) in rows.iter().zip(numbers).step_by(step).take(1_000).enumerate() {
        let query = match n % 6 {
            0 => row[0].to_owned(),
            1 => number[number.len() - 4..].to_owned(),
            2 => format!("0{}", &number[4..]),
            3 => row[5].to_owned(),
            4 => format!("{} {}", row[0].chars().next().unwrap_or_default(), row[5]),
            _ => SPELLED[n / 6 % SPELLED.len()].to_owned(),
        };
        typed.extend(query.char_indices().map(|(at, c)| query[..at + c.len_utf8()].to_owned()));
    }
    typed
}

fn e164(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    format!("+886{}", digits.trim_start_matches("886").trim_start_matches('0'))
}
