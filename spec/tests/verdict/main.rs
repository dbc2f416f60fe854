//! The rules of the verdict, V1 to V4, each with a neighbour that it lets pass.

mod due;

use etalon_spec::{
    Abilities, Expected, Extent, Files, Floors, Kinds, Op, OpKind, Profile, Replayed, Reply, Scan,
    Scope, Tally, Verdict, judge, judge_replay,
};

fn profile() -> Profile {
    Profile {
        can: Abilities::ALL,
        ..Profile::new("everything")
    }
}

fn get() -> Op {
    Op::get(b"k")
}

/// The facts of a small run that decided something.
fn enough() -> Tally {
    let mut tally = Tally {
        sequences: 1,
        compared: 3,
        ..Tally::default()
    };
    tally.record(&get(), &Reply::Absent);
    tally.record(&get(), &Reply::Value(Vec::new()));
    tally.record(&Op::Flush, &Reply::Done);
    tally
}

fn verdict_of(tally: &Tally) -> Verdict {
    let profile = profile();
    let scope = Scope {
        profile: &profile,
        kinds: Kinds::ALL,
    };
    judge(0, tally, &scope, &Expected::default(), &Floors::default()).verdict
}

/// The only line of a vacuous verdict.
fn line(tally: &Tally) -> String {
    match verdict_of(tally) {
        Verdict::Vacuous(lines) if lines.len() == 1 => lines[0].clone(),
        other => panic!("expected one line, got {other:?}"),
    }
}

#[test]
fn a_run_that_compared_both_answers_and_a_flush_passes() {
    assert_eq!(verdict_of(&enough()), Verdict::Pass);
}

#[test]
fn nothing_compared_is_vacuous() {
    assert!(
        line(&Tally {
            compared: 0,
            ..enough()
        })
        .starts_with("nothing was compared")
    );
}

#[test]
fn gets_that_all_found_the_same_are_vacuous() {
    let found = Tally {
        gets_absent: 0,
        gets_found: 14,
        ..enough()
    };
    assert!(line(&found).starts_with("each of 14 gets found a value"));
    let absent = Tally {
        gets_absent: 14,
        gets_found: 0,
        ..enough()
    };
    assert_eq!(
        verdict_of(&absent).to_string(),
        "VACUOUS: none of 14 gets found a value. Try --ops 1000, or look at 'put' in your driver."
    );
    let mut long = absent;
    for _ in 0..1000 {
        long.record(&get(), &Reply::Absent);
    }
    // A run that was long enough is not told to be longer.
    assert_eq!(
        line(&long),
        "none of 1014 gets found a value. Look at 'put' in your driver"
    );
    assert!(
        line(&Tally {
            gets_absent: 0,
            gets_found: 0,
            ..enough()
        })
        .starts_with("no get")
    );
}

/// Facts as `enough`, but the flush got this reply.
fn flush_got(reply: &Reply) -> Tally {
    let mut tally = Tally {
        sequences: 1,
        compared: 30,
        ..Tally::default()
    };
    tally.record(&get(), &Reply::Absent);
    tally.record(&get(), &Reply::Value(Vec::new()));
    tally.record(&Op::Flush, reply);
    tally
}

#[test]
fn structure_that_was_never_carried_out_is_vacuous_where_it_may_be_sent() {
    let refused = flush_got(&Reply::Refused);
    assert!(line(&refused).starts_with("no flush, no sync, no compact, no reopen was carried out"));
    let bare = Profile::default();
    let scope = Scope {
        profile: &bare,
        kinds: Kinds::sent_to(&bare),
    };
    let judgement = judge(
        0,
        &refused,
        &scope,
        &Expected::default(),
        &Floors::default(),
    );
    assert_eq!(
        judgement.verdict,
        Verdict::Pass,
        "nothing structural is declared"
    );
}

#[test]
fn an_ability_declared_in_vain_is_vacuous_from_twenty_on() {
    for (scan, word) in [
        (Scan::ALL, "`scan`"),
        (Scan::ALL_REVERSE, "`reverse`"),
        (
            Scan {
                range: etalon_spec::Range::Prefix(Vec::new()),
                ..Scan::ALL
            },
            "`prefix`",
        ),
    ] {
        let mut tally = enough();
        tally.record(
            &Op::scan(Scan {
                limit: Some(9),
                ..Scan::ALL
            }),
            &Reply::Entries(Vec::new()),
        );
        if word == "`scan`" {
            tally = enough();
        }
        for _ in 0..19 {
            tally.record(&Op::scan(scan.clone()), &Reply::Refused);
        }
        assert_eq!(verdict_of(&tally), Verdict::Pass, "19 {word}");
        tally.record(&Op::scan(scan.clone()), &Reply::Refused);
        assert!(
            line(&tally).starts_with(&format!("none of 20 {word}")),
            "20 {word}"
        );
        tally.record(&Op::scan(scan), &Reply::Entries(Vec::new()));
        assert_eq!(verdict_of(&tally), Verdict::Pass, "one of 21 {word}");
    }
}

#[test]
fn more_than_a_fifth_unsupported_is_vacuous() {
    let mut tally = enough();
    tally.record(&Op::LENGTH, &Reply::Count(0));
    tally.record(&Op::LENGTH, &Reply::Unsupported);
    assert_eq!((tally.unsupported(), tally.operations()), (1, 5));
    assert_eq!(verdict_of(&tally), Verdict::Pass, "a fifth");
    tally.record(&Op::LENGTH, &Reply::Unsupported);
    assert!(line(&tally).starts_with("2 of 6 operations came back unsupported"));
}

#[test]
fn other_checkers_must_have_explored_something() {
    let with = |extent| Tally { extent, ..enough() };
    let explored = |length| {
        with(Extent {
            explored_length: Some(length),
            ..Extent::default()
        })
    };
    let interleavings = |n| {
        with(Extent {
            interleavings: Some(n),
            ..Extent::default()
        })
    };
    let files = |named, applicable| {
        with(Extent {
            files: Some(Files { named, applicable }),
            ..Extent::default()
        })
    };
    for tally in [explored(3), interleavings(1), files(2, 1)] {
        assert_eq!(verdict_of(&tally), Verdict::Pass, "{:?}", tally.extent);
    }
    assert!(line(&explored(2)).starts_with("explored length 2"));
    assert!(line(&interleavings(0)).starts_with("0 interleavings"));
    assert!(line(&files(0, 0)).starts_with("there is no file"));
    assert!(line(&files(2, 0)).starts_with("none of 2 files applies"));
    let undecided = with(Extent {
        undecided: 1,
        ..Extent::default()
    });
    assert!(line(&undecided).starts_with("1 histories could not be decided"));
}

#[test]
fn a_run_without_one_completed_sequence_is_vacuous() {
    assert!(
        line(&Tally {
            sequences: 0,
            ..enough()
        })
        .starts_with("not one sequence")
    );
}

#[test]
fn failing_beats_vacuous_beats_passing() {
    let profile = profile();
    let scope = Scope {
        profile: &profile,
        kinds: Kinds::ALL,
    };
    let judged = |failures, tally: &Tally| {
        judge(
            failures,
            tally,
            &scope,
            &Expected::default(),
            &Floors::default(),
        )
        .verdict
    };
    assert_eq!(judged(1, &Tally::default()), Verdict::Fail);
    assert_eq!(judged(1, &enough()), Verdict::Fail);
    assert!(matches!(judged(0, &Tally::default()), Verdict::Vacuous(_)));
    assert_eq!(
        [Verdict::Pass, Verdict::Fail].map(|verdict| verdict.exit_code()),
        [0, 1]
    );
    assert_eq!(judged(0, &Tally::default()).exit_code(), 2);
}

/// V4.
#[test]
fn a_replay_needs_a_comparison_in_each_file_that_applies() {
    let file = |applicable, compared, failed| Replayed {
        name: "a.ops".to_string(),
        applicable,
        compared,
        unheld: 0,
        failed,
    };
    let vacuous = |files: &[Replayed]| matches!(judge_replay(files), Verdict::Vacuous(_));
    assert_eq!(
        judge_replay(&[file(true, 1, false), file(false, 0, false)]),
        Verdict::Pass
    );
    assert!(vacuous(&[file(true, 1, false), file(true, 0, false)]));
    assert!(vacuous(&[file(false, 0, false)]));
    assert!(vacuous(&[]));
    let unheld = Replayed {
        unheld: 1,
        ..file(true, 1, false)
    };
    assert!(vacuous(&[file(true, 1, false), unheld.clone()]));
    let failed = [file(true, 1, true), unheld];
    assert_eq!(judge_replay(&failed), Verdict::Fail);
    assert_eq!(
        judge_replay(&[file(true, 0, true), file(true, 0, false)]),
        Verdict::Fail
    );
}

#[test]
fn tallies_add_up() {
    let mut sum = enough();
    sum.add(&enough());
    assert_eq!((sum.sequences, sum.compared, sum.operations()), (2, 6, 6));
    assert_eq!(
        (sum.gets_found, sum.gets_absent, sum.of(OpKind::Flush).ok),
        (2, 2, 2)
    );
}
