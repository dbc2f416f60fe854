//! quickcheck: the engine and the model take the same cases and agree, on memory and on files.
//!
//! The cases come from the published generator (its `Arbitrary`), so a failure here is one that
//! `etalon check` finds, too; quickcheck shrinks it its own way.

use etalon::oracle::{Memory, OnFiles};
use etalon_spec::{
    Abilities, Case, Generator, Settings, Situation, Target, check, check_case, measure, restrict,
};
use quickcheck::{QuickCheck, TestResult};

/// Runs what the engine can do of a case. What it declares is not thrown away.
fn agrees<T: Target>(target: &mut T, mut case: Case) -> TestResult {
    let profile = target.profile();
    let taken_out = restrict(&mut case, &profile);
    // Options that another store might have are no loss; an operation left out would be.
    let does_everything = Abilities::PLAIN
        .iter()
        .all(|ability| profile.can.has(ability));
    assert!(!does_everything || taken_out.total() == 0, "{case}");
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
    let expected = measure(&mut Generator::new(1, &Memory::default().profile()), 100);
    for situation in Situation::ALL.iter().copied() {
        let rare = situation == Situation::LongValueRead;
        // Only what dies or fails leaves these; `tests/crash` asks for them.
        let left_by_a_crash =
            matches!(situation, Situation::TornLogTail | Situation::OrphanSegment);
        let out_of_reach = left_by_a_crash || expected.share(situation) == Some(0.0);
        let met = report.tally.situations.get(situation) > 0;
        assert!(
            met || rare || out_of_reach,
            "never met: {}",
            situation.name()
        );
    }
}
