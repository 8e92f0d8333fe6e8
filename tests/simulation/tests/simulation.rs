//! The simulation itself: it is deterministic, the engine passes, and every law left out is noticed, by the law that watches over it.

use simulation::{Failure, Law, Life, Weakness};

#[test]
fn a_life_is_a_function_of_its_seed() {
    let lives = || (1..=10).map(|seed| format!("{:?}", Life::run(seed, Weakness::None))).collect::<Vec<_>>();
    assert_eq!(lives(), lives());
}

#[test]
fn the_laws_hold_over_a_few_lives() {
    for seed in 1..=60 {
        if let Err(failure) = Life::run(seed, Weakness::None) {
            panic!("{failure}");
        }
    }
}

#[test]
fn acknowledging_by_number_is_noticed() {
    check_noticed(Weakness::AcknowledgesBySeq, &[Law::OneOutcome, Law::EqualRows, Law::DeviceOrder]);
}

#[test]
fn accepting_holes_is_noticed() {
    check_noticed(Weakness::AcceptsHoles, &[Law::DeviceOrder]);
}

#[test]
fn forgetting_uuids_is_noticed() {
    check_noticed(Weakness::ForgetsUuids, &[Law::OneOutcome, Law::NoEffectTwice]);
}

/// Every other law has a weakness that it notices before any other law does.
#[test]
fn an_effect_that_comes_twice_is_noticed_by_its_own_law() {
    let seen = (1..=3_000).filter_map(|seed| fails(seed, Weakness::ForgetsUuids)).any(|failure| failure.broken.law == Law::NoEffectTwice);
    assert!(seen, "in 3,000 lives nothing took effect twice, or another law hides it");
}

#[test]
fn refusing_what_comes_without_access_is_noticed() {
    check_noticed(Weakness::RefusesWithoutAccess, &[Law::Quarantine]);
}

#[test]
fn refusing_what_has_happened_is_noticed() {
    check_noticed(Weakness::RefusesFieldFacts, &[Law::Quarantine]);
}

#[test]
fn a_restore_that_does_not_tell_is_noticed() {
    check_noticed(Weakness::KeepsEpochAtRestore, &[Law::OneOutcome, Law::EqualRows, Law::Quiet, Law::DeviceOrder]);
}

#[test]
fn versions_that_are_taken_before_the_lock_are_noticed() {
    check_noticed(Weakness::NumbersOutsideTheLock, &[Law::EqualRows]);
}

#[test]
fn half_a_push_is_noticed() {
    check_noticed(Weakness::CommitsHalf, &[Law::EqualRows, Law::OneOutcome, Law::NoEffectTwice]);
}

#[test]
fn a_server_that_does_not_look_what_others_have_written_is_noticed() {
    check_noticed(Weakness::TrustsItsMemory, &[Law::EqualRows, Law::OneOutcome, Law::NoEffectTwice, Law::Quarantine]);
}

#[test]
fn tombstones_that_went_without_a_word_are_noticed() {
    check_noticed(Weakness::ForgetsThatTombstonesWent, &[Law::EqualRows]);
}

#[test]
fn d2_a_lost_scan_is_noticed() {
    check_noticed(Weakness::LosesSecondScans, &[Law::EveryScan]);
}

#[test]
fn a_server_that_never_learns_the_newest_command_is_noticed() {
    check_noticed(Weakness::StaysOld, &[Law::Quiet]);
}

#[test]
fn keeping_no_journal_is_noticed() {
    check_noticed(Weakness::KeepsNoJournal, &[Law::OneOutcome, Law::EveryFile]);
}

#[test]
fn a_reset_that_takes_the_journal_is_noticed() {
    check_noticed(Weakness::ForgetsTheJournalAtReset, &[Law::NothingShrinks]);
}

#[test]
fn rows_of_a_scope_that_was_lost_are_noticed() {
    check_noticed(Weakness::KeepsRowsOfLostScopes, &[Law::Scopes]);
}

#[test]
fn files_that_are_not_sent_again_after_a_restore_are_noticed() {
    check_noticed(Weakness::ForgetsFilesAtReset, &[Law::EveryFile]);
}

#[test]
fn files_that_count_as_sent_too_early_are_noticed() {
    check_noticed(Weakness::NotesFilesTooEarly, &[Law::EveryFile]);
}

#[test]
fn showing_what_was_refused_is_noticed() {
    check_noticed(Weakness::ShowsWhatWasRefused, &[Law::Screen]);
}

#[test]
fn tabs_that_store_over_each_other_are_noticed() {
    check_noticed(Weakness::TabsOverwriteEachOther, &[Law::OneOutcome, Law::EqualRows, Law::Scopes]);
}

#[test]
fn d9_giving_others_what_they_may_not_see_is_noticed() {
    check_noticed(Weakness::CarriesInTheClear, &[Law::Scopes]);
}

#[test]
fn d9_ruling_on_what_is_carried_as_its_carriers_is_noticed() {
    check_noticed(Weakness::RulesAsTheCarrier, &[Law::Quiet, Law::Quarantine, Law::OneOutcome]);
}

#[test]
fn d9_ruling_on_what_is_carried_behind_a_hole_is_noticed() {
    check_noticed(Weakness::CarriesPastHoles, &[Law::DeviceOrder]);
}

#[test]
fn d9_devices_carry_for_each_other() {
    let carried: usize = (1..=60).filter_map(|seed| Life::run(seed, Weakness::None).ok()).map(|report| report.carried).sum();
    assert!(carried > 50, "{carried} commands in 60 lives");
}

/// The first life that fails with this weakness fails by one of these laws.
fn check_noticed(weakness: Weakness, by: &[Law]) {
    let failure = (1..=3_000).find_map(|seed| fails(seed, weakness));
    let failure = failure.unwrap_or_else(|| panic!("3,000 lives passed with {weakness:?}"));
    assert!(by.contains(&failure.broken.law), "{weakness:?} was noticed by {failure}");
}

/// How a life fails, if it does. A weak server may make the rest panic; that notices it too, but by no law.
fn fails(seed: u64, weakness: Weakness) -> Option<Failure> {
    std::panic::catch_unwind(|| Life::run(seed, weakness)).ok()?.err()
}
