//! quickcheck: the engine and the model take the same cases and agree, on memory and on files.
//!
//! The cases come from the published generator (its `Arbitrary`), so a failure here is one that
//! `etalon check` finds, too; quickcheck shrinks it its own way.

use etalon::oracle::{Memory, OnFiles};
use etalon_spec::{Case, Settings, Situation, Target, applicable, check, check_case};
use quickcheck::{QuickCheck, TestResult};

/// Runs what the engine can do of a case. Nothing is thrown away: the profile is the engine's.
fn agrees<T: Target>(target: &mut T, mut case: Case) -> TestResult {
    let left_out = applicable(&mut case, &target.profile()).expect("the engine does everything");
    // Options that another store might have are no loss; an operation left out would be.
    assert_eq!(left_out.total(), 0, "operations left out of {case}");
    match check_case(target, &case) {
        Ok(()) => TestResult::passed(),
        Err(divergence) => TestResult::error(format!("{divergence}\n{case}")),
    }
}

#[test]
fn the_engine_agrees_with_the_model_in_memory() {
    fn property(case: Case) -> TestResult {
        agrees(&mut Memory::default(), case)
    }
    QuickCheck::new()
        .tests(1_000)
        .quickcheck(property as fn(Case) -> TestResult);
}

#[test]
fn the_engine_agrees_with_the_model_on_real_files() {
    fn property(case: Case) -> TestResult {
        let folder = tempfile::tempdir().expect("a scratch folder");
        agrees(&mut OnFiles::new(folder.path()), case)
    }
    QuickCheck::new()
        .tests(20)
        .quickcheck(property as fn(Case) -> TestResult);
}

#[test]
fn a_campaign_in_memory_passes_and_meets_every_situation_but_the_rare() {
    let settings = Settings {
        time: None,
        operations: Some(400_000),
        ..Settings::default()
    };
    let report = check(Memory::default(), &settings);
    report.unwrap();
    for situation in Situation::ALL.iter().copied() {
        let rare = situation == Situation::LongValueRead;
        let met = report.tally.situations.get(situation) > 0;
        assert!(met || rare, "never met: {}", situation.name());
    }
}
