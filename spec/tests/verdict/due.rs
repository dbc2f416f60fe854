//! Situations that a run must meet: in proportion (V2), or because somebody asked (V3).

use etalon_spec::{
    Abilities, Ability, Conflict, Expectation, Expected, FloorError, Floors, Generator, Kinds,
    OpKind, Profile, Scope, Situation, Situations, Survives, Tally, Verdict, judge, measure,
};

use super::{enough, profile};

/// V2: met in 20 of 2,000 measured sequences, so p = 1 % and 2,062 sequences are needed.
#[test]
fn a_situation_is_due_in_proportion() {
    let situation = Situation::CompactTwice;
    let measured = |times| {
        let mut met = Situations::default();
        met.count(situation);
        let mut expected = Expected::default();
        for i in 0..2_000 {
            let met = if i < times {
                met
            } else {
                Situations::default()
            };
            expected.sequence(&met);
        }
        expected
    };
    assert_eq!(
        measured(20).of(situation, 2_061),
        Expectation::TooShort { needs: 2_062 }
    );
    assert_eq!(measured(20).of(situation, 2_062), Expectation::Due);
    assert_eq!(measured(5).of(situation, u64::MAX), Expectation::Due);
    assert_eq!(measured(4).of(situation, u64::MAX), Expectation::Rare);
    assert_eq!(measured(0).of(situation, u64::MAX), Expectation::OutOfReach);
    assert_eq!(measured(2_000).of(situation, 1), Expectation::Due);
    assert_eq!(
        Expected::default().of(situation, 1),
        Expectation::NotMeasured
    );

    let profile = profile();
    let scope = Scope {
        profile: &profile,
        kinds: Kinds::ALL,
    };
    let judged = |sequences, met: u64, floors: &str| {
        let mut tally = Tally {
            sequences,
            ..enough()
        };
        tally.situations.count_times(situation, met);
        let floors = Floors::parse(floors.split_terminator(',')).expect("floors");
        judge(0, &tally, &scope, &measured(20), &floors)
    };
    assert_eq!(judged(2_062, 1, "").verdict, Verdict::Pass);
    assert!(
        judged(2_062, 0, "")
            .verdict
            .to_string()
            .contains("`compact twice` was never met")
    );
    assert_eq!(
        judged(2_062, 0, "none").verdict,
        Verdict::Pass,
        "V3: floors are off"
    );
    assert!(!judged(2_062, 0, "none").floors);
    let short = judged(500, 0, "");
    assert_eq!(short.verdict, Verdict::Pass);
    let hint = "compact twice: too short to expect (needs about 2,062 sequences)";
    assert!(
        short.not_met.iter().any(|line| line == hint),
        "{:?}",
        short.not_met
    );
    let out = "empty key: out of reach under this profile";
    assert!(
        short.not_met.iter().any(|line| line == out),
        "{:?}",
        short.not_met
    );
}

#[test]
fn a_floor_that_was_asked_for_always_applies() {
    let profile = profile();
    let scope = Scope {
        profile: &profile,
        kinds: Kinds::ALL,
    };
    let judged = |met: u64, floors: &[&str]| {
        let mut tally = enough();
        tally.situations.count_times(Situation::EmptyKey, met);
        let floors = Floors::parse(floors.iter().copied()).expect("floors");
        judge(0, &tally, &scope, &Expected::default(), &floors).verdict
    };
    assert_eq!(judged(3, &["empty key>=3"]), Verdict::Pass);
    assert_eq!(judged(3, &["Empty key >= 3", "none"]), Verdict::Pass);
    let short = judged(2, &["none", "empty key>=3"]).to_string();
    assert!(short.starts_with("VACUOUS: `empty key` was met 2 times, --require asks for 3"));
    for text in ["empty key", "empty key>=", "empty key>=x", "empty key>3"] {
        assert_eq!(
            Floors::parse([text]),
            Err(FloorError::Form(text.to_string()))
        );
    }
    let typo = Floors::parse(["emty kay>=3"]).expect_err("a typo");
    assert!(
        typo.to_string().ends_with("did you mean `empty key`?"),
        "{typo}"
    );
    let far = Floors::parse(["xyzzy>=3"]).expect_err("no such name");
    assert_eq!(far.to_string(), "--require: no situation is called `xyzzy`");
}

/// The published generator reaches every model-side situation often enough that a run of 10 s
/// (some 100,000 sequences) is held to it; those that cost too much to be frequent are listed.
#[test]
fn the_generator_reaches_every_model_side_situation() {
    let expected = measure(&mut Generator::new(1, &profile()), 100);
    let breakable = Profile {
        survives_close: Survives::All,
        survives_kill: Survives::All,
        survives_power: Survives::Synced,
        ..profile()
    };
    let with_breakages = measure(&mut Generator::new(1, &breakable), 100);
    let plain = Profile {
        can: Abilities::PLAIN,
        ..profile()
    };
    let of_plain = measure(&mut Generator::new(1, &plain), 100);
    let beside = Profile {
        transaction_conflict: Conflict::Refused,
        transaction_max: 3,
        ..profile()
    };
    let of_conflicts = measure(&mut Generator::new(1, &beside), 100);
    // A model has no disk that fails, so it cannot tell how often one does.
    let rare = [
        Situation::LongValueRead,
        Situation::DiskFailed,
        Situation::ReadFailed,
    ];
    for situation in Situation::ALL
        .iter()
        .filter(|situation| !situation.is_engine_side())
    {
        let shares =
            [&expected, &with_breakages, &of_plain, &of_conflicts].map(|run| run.share(*situation));
        let share = shares.into_iter().flatten().fold(0.0, f64::max);
        assert!(
            share >= 0.0025 || rare.contains(situation),
            "{}: {share}",
            situation.name()
        );
    }
    let get_only = measure(&mut Generator::new(1, &profile()).only(&[OpKind::Get]), 100);
    let out = get_only.of(Situation::EmptyKey, u64::MAX);
    assert_eq!(out, Expectation::OutOfReach, "flags count");
    assert!(profile().can.has(Ability::Layers));
    let engine_side = expected.of(Situation::EmptyFlush, u64::MAX);
    assert_eq!(engine_side, Expectation::NotMeasured);
}
