//! Snapshots, iterators and syncs under the checker: a store of versions that is right, and the
//! same store wrong in each way that engines are. What is wrong is found and made short.

mod store;

use std::time::Duration;

use etalon_spec::explore::{PlainCounts, Plan, Symbol, ViewLetter, explore};
use etalon_spec::{
    Case, Class, Failed, Failure, KeyValueStore, Model, Moment, Op, OpKind, Options, Outcome,
    Reply, Settings, Target, Verdict, View, apply, check, check_case, replay,
};
use store::{Fault, Stores};

fn run(fault: Fault, view: View) -> etalon_spec::Report {
    let settings = Settings {
        time: None,
        operations: Some(100_000),
        shrink_time: Duration::from_secs(20),
        ..Settings::default()
    };
    check(Stores { fault, view }, &settings)
}

fn failure(fault: Fault) -> Failed {
    let report = run(fault, View::Snapshot);
    assert_eq!(*report.verdict(), Verdict::Fail, "{fault:?}");
    let failed = *report.failure.expect("a failure");
    assert_eq!(failed.reproduced, 3, "{fault:?}: {}", failed.script);
    failed
}

#[test]
fn a_store_of_versions_that_is_right_passes() {
    let report = run(Fault::None, View::Snapshot);
    assert_eq!(*report.verdict(), Verdict::Pass, "{}", report.verdict());
}

/// Each with the kinds of the shortest case.
#[test]
fn each_way_to_be_wrong_is_found_and_made_short() {
    use OpKind::{Compact, Delete, Get, Iterator, Next, Prev, Put, Release, Scan, Seek, Snapshot};
    let rows: [(Fault, &[OpKind]); 8] = [
        (Fault::GetAtSeesThePresent, &[Snapshot, Put, Get]),
        (Fault::ScanAtSeesThePresent, &[Snapshot, Put, Scan]),
        (Fault::TakenAgainStays, &[Snapshot, Put, Snapshot, Scan]),
        (Fault::IteratorsAreLive, &[Iterator, Put, Next]),
        (Fault::TurnsOnTheSpot, &[Put, Iterator, Next, Prev]),
        (Fault::LostPastTheEnd, &[Put, Iterator, Next, Next, Prev]),
        (Fault::SeeksPast, &[Put, Iterator, Seek]),
        (Fault::SyncedPutIsLost, &[Put, Get]),
    ];
    for (fault, kinds) in rows {
        let failed = failure(fault);
        let case = &failed.script.case;
        assert_eq!(failed.shrunk.divergence.class, Class::WrongAnswer);
        let found: Vec<OpKind> = case.ops.iter().map(Op::kind).collect();
        assert_eq!(found, kinds, "{fault:?}: {}", failed.script);
        assert!(failed.shrunk.one_minimal, "{fault:?}: {}", failed.script);
    }
    let dropped = failure(Fault::CompactDropsVersions).script.case;
    let text = dropped.to_string();
    assert!(dropped.ops.len() <= 5, "{text}");
    assert!(dropped.ops.iter().any(|op| op.kind() == Compact), "{text}");
    let forgotten = failure(Fault::ReleaseForgetsIterators).script.case;
    let has = |kind| forgotten.ops.iter().any(|op| op.kind() == kind);
    assert!(has(Release) && has(Iterator), "{forgotten}");
    assert!(!has(Delete) || forgotten.ops.len() <= 6, "{forgotten}");
    let refused = failure(Fault::RefusesSync);
    assert_eq!(refused.shrunk.divergence.class, Class::Refused);
    assert_eq!(refused.script.case.ops.len(), 1, "{}", refused.script);
}

/// Each with the length of the shortest string of the alphabet that shows it.
#[test]
fn exploration_finds_what_can_be_wrong_with_views_in_the_shortest_string() {
    for (fault, shortest) in [
        (Fault::CompactDropsVersions, 4),
        (Fault::GetAtSeesThePresent, 3),
        (Fault::IteratorsAreLive, 3),
        (Fault::TurnsOnTheSpot, 4),
        (Fault::LostPastTheEnd, 4),
        (Fault::SeeksPast, 3),
    ] {
        let mut target = stores(fault);
        let mut alphabet = ViewLetter::all(2);
        let profile = target.profile();
        alphabet.retain(|letter| profile.sends(letter.op(0, 2).kind()));
        let configurations = [Options::default()];
        let plan = Plan {
            alphabet: &alphabet,
            keys: 2,
            configurations: &configurations,
        };
        let mut finds = |length| {
            let counts = &mut PlainCounts::default();
            explore(&mut target, &plan, length, counts, &mut || true).is_err()
        };
        let found = (0..=5).find(|length| finds(*length));
        assert_eq!(found, Some(shortest), "{fault:?}");
    }
}

/// Nothing is written under an iterator then, so it cannot be told from one that is right.
#[test]
fn iterators_that_see_later_changes_pass_where_the_profile_says_so() {
    let report = run(Fault::IteratorsAreLive, View::Live);
    assert_eq!(*report.verdict(), Verdict::Pass, "{}", report.verdict());
}

fn case(text: &str) -> Case {
    let ops = text.split("; ").map(|line| line.parse().expect(line));
    Case::new(ops.collect())
}

fn stores(fault: Fault) -> Stores {
    let view = View::Snapshot;
    Stores { fault, view }
}

/// Without a read at the snapshot in the case: leaving open snapshots out of the comparison of the
/// whole contents fails here.
#[test]
fn the_contents_of_an_open_snapshot_are_compared_after_structure() {
    let lost = case(r#"put "k" "1"; snapshot s; put "k" "2"; compact"#);
    let divergence = check_case(&mut stores(Fault::CompactDropsVersions), &lost).unwrap_err();
    assert_eq!(divergence.moment, Moment::Contents(3));
    assert_eq!(divergence.read.to_string(), "scan .. at s");
    let released = case(r#"put "k" "1"; snapshot s; put "k" "2"; release s; compact"#);
    assert_eq!(
        check_case(&mut stores(Fault::CompactDropsVersions), &released),
        Ok(())
    );
}

/// The store of this file panics when it is asked for a name that is not open.
#[test]
fn operations_on_names_that_are_not_open_are_not_sent() {
    let orphans = case(
        r#"get "k" at s; scan .. at s; length at s; release s; iterator i at s; next i; prev i; seek i "k"; seekfirst i; seeklast i; close i; snapshot s; release s; get "k" at s"#,
    );
    assert_eq!(check_case(&mut stores(Fault::None), &orphans), Ok(()));
}

#[test]
fn an_iterator_of_nothing_is_at_an_end_wherever_it_goes() {
    let text = "ops 1\niterator i\nnext i -> end\nprev i -> end\nnext i -> end\nseeklast i -> end\n\
                seekfirst i -> end\nseek i \"\" -> end\nprev i -> end\n";
    replay(&mut stores(Fault::None), text);
}

/// The default of a synced change is the change, then a sync.
#[test]
fn a_store_with_a_sync_and_no_synced_writes_has_them() {
    struct Syncs(Model, u32);
    impl KeyValueStore for Syncs {
        fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
            self.0.get(key)
        }
        fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
            self.0.put(key, value)
        }
        fn delete(&mut self, key: &[u8]) -> Outcome<()> {
            self.0.delete(key)
        }
        fn sync(&mut self) -> Outcome<()> {
            self.1 += 1;
            Ok(())
        }
    }
    let mut store = Syncs(Model::default(), 0);
    for line in [
        "put \"k\" \"1\" sync",
        "put \"k\" \"2\"",
        "sync",
        "delete \"k\" sync",
    ] {
        let op: Op = line.parse().unwrap();
        assert_eq!(apply(&mut store, &op), Ok(Reply::Done), "{line}");
    }
    assert_eq!((store.get(b"k"), store.1), (Ok(None), 3));
    let write: Op = "write put \"k\" \"1\" sync".parse().unwrap();
    assert_eq!(apply(&mut store, &write), Err(Failure::Unsupported));
    assert_eq!(store.1, 3, "nothing was written, so nothing is synced");
}
