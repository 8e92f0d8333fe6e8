//! The simulation itself: it is deterministic, the engine passes, and every law left out is noticed.

use tests::simulation::{Life, Weakness};

#[test]
fn a_life_is_a_function_of_its_seed() {
    let lives = || (1..=3).map(|seed| format!("{:?}", Life::run(seed, Weakness::None))).collect::<Vec<_>>();
    assert_eq!(lives(), lives());
}

#[test]
fn the_laws_hold_over_a_few_lives() {
    for seed in 1..=40 {
        if let Err(failure) = Life::run(seed, Weakness::None) {
            panic!("{failure}");
        }
    }
}

#[test]
fn acknowledging_by_number_is_noticed() {
    check_noticed(Weakness::AcknowledgesBySeq);
}

#[test]
fn keeping_no_journal_is_noticed() {
    check_noticed(Weakness::KeepsNoJournal);
}

#[test]
fn forgetting_uuids_is_noticed() {
    check_noticed(Weakness::ForgetsUuids);
}

#[test]
fn rows_whose_tombstones_went_are_noticed_by_their_digests_and_healed() {
    for seed in 1..=40 {
        if let Err(failure) = Life::run(seed, Weakness::ForgetsThatTombstonesWent) {
            panic!("{failure}");
        }
    }
}

#[test]
fn a_restore_that_does_not_tell_is_noticed() {
    check_noticed(Weakness::KeepsEpochAtRestore);
}

fn check_noticed(weakness: Weakness) {
    let noticed = (1..=2_000).find(|&seed| std::panic::catch_unwind(|| Life::run(seed, weakness)).is_ok_and(|life| life.is_err()));
    assert!(noticed.is_some(), "2,000 lives passed with {weakness:?}");
}
