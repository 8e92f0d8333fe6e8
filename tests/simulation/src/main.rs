//! Lives many lives and says whether all laws held: `simulation [--seeds N] [--first S] [--seed S]`.

use simulation::{Life, Report, Weakness};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let (mut seeds, mut first) = (10_000_u64, 1_u64);
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().and_then(|value| value.parse().ok());
        match (flag.as_str(), value) {
            ("--seeds", Some(value)) => seeds = value,
            ("--first", Some(value)) => first = value,
            ("--seed", Some(value)) => (seeds, first) = (1, value),
            _ => {
                eprintln!("usage: simulation [--seeds N] [--first S] [--seed S]");
                return ExitCode::from(2);
            }
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let begun = Instant::now();
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|part| scope.spawn(move || live(first, seeds, part, threads, begun))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(Part { failed: 1, ..Part::default() })).collect()
    });
    let total = parts.iter().fold(Part::default(), |sum, part| sum.and(part));
    let rate = seeds as f64 / begun.elapsed().as_secs_f64();
    let Report { commands, ruled, faults, restores, carried } = total.report;
    println!("{commands} commands saved, {ruled} ruled on, {carried} carried, {faults} faults, {restores} restores; {rate:.0} lives/s");
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What one thread has seen.
#[derive(Clone, Copy, Default)]
struct Part {
    passed: u64,
    failed: u64,
    report: Report,
}

impl Part {
    fn and(self, other: &Self) -> Self {
        let report = Report {
            commands: self.report.commands + other.report.commands,
            ruled: self.report.ruled + other.report.ruled,
            faults: self.report.faults + other.report.faults,
            restores: self.report.restores + other.report.restores,
            carried: self.report.carried + other.report.carried,
        };
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed, report }
    }
}

fn live(first: u64, seeds: u64, part: u64, parts: u64, begun: Instant) -> Part {
    let mut sum = Part::default();
    let step = usize::try_from(parts).unwrap_or(1);
    for seed in (first + part..first + seeds).step_by(step) {
        match std::panic::catch_unwind(|| Life::run(seed, Weakness::None)) {
            Ok(Ok(report)) => sum = sum.and(&Part { passed: 1, failed: 0, report }),
            Ok(Err(failure)) => {
                sum.failed += 1;
                println!("FAILED {failure}");
            }
            Err(_) => {
                sum.failed += 1;
                println!("FAILED seed {seed}: panicked");
            }
        }
        if part == 0 && (sum.passed + sum.failed).is_multiple_of(5_000) {
            println!("about {} of {seeds} lives, {:.0} s", (sum.passed + sum.failed) * parts, begun.elapsed().as_secs_f64());
        }
    }
    sum
}
