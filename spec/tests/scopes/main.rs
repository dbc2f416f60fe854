//! What only some stores have - first and last, swaps, ingestion, transactions, savepoints, key
//! spaces - held against twins of the model that are wrong in one thing each. A wrong twin is found
//! and its case is shrunk to the least that shows it; the right twin passes.

mod twin;

use std::time::Duration;

use etalon_spec::{Case, Failed, Settings, Verdict, check, check_case};
use twin::{Fault, Twins};

fn settings(operations: u64) -> Settings {
    Settings {
        time: None,
        operations: Some(operations),
        shrink_time: Duration::from_secs(60),
        ..Settings::default()
    }
}

/// The shortest that the oracle finds of each fault.
const LEAST: [(Fault, &str); 18] = [
    (Fault::FirstSkipsEmpty, r#"put "" ""; first"#),
    (Fault::LastByLength, r#"put "b" ""; put "aa" ""; last"#),
    (Fault::SwapsAlways, r#"cas "" "" none"#),
    (Fault::SwapsNever, r#"cas "" none ""; length"#),
    (Fault::IngestLosesLast, r#"ingest "" ""; scan .."#),
    (
        Fault::IngestKeepsOld,
        r#"put "" ""; ingest "" "1"; scan .."#,
    ),
    (
        Fault::RollbackLeaks,
        r#"begin t; put "" "" in t; rollback t; cas "" none none"#,
    ),
    (
        Fault::SavepointIgnored,
        r#"begin t; savepoint t a; put "" "" in t; rollback t to a; commit t; get """#,
    ),
    (
        Fault::SavepointForgotten,
        r#"begin t; put "" "" in t; savepoint t a; rollback t to a; commit t; scan .."#,
    ),
    (Fault::DirtyReads, r#"begin t; put "" "" in t; get """#),
    (Fault::Blind, r#"begin t; put "" "" in t; get "" in t"#),
    (
        Fault::CommitLoses,
        r#"begin t; put "" "" in t; commit t; scan .."#,
    ),
    (
        Fault::LostUpdate,
        r#"begin t; put "" ""; put "" "" in t; commit t"#,
    ),
    (
        Fault::RangeForgotten,
        r#"put "" ""; begin t; deleterange .. in t; scan .. in t"#,
    ),
    (
        Fault::RenameLoses,
        r#"create x; x: put "" ""; rename x y; y: scan .."#,
    ),
    (
        Fault::DropHides,
        r#"create x; x: put "" ""; drop x; create x; x: scan .."#,
    ),
    (Fault::SpacesShared, r#"put "" ""; create x; x: scan .."#),
    (
        Fault::ClearEverywhere,
        r#"create x; x: put "" ""; clear; x: scan .."#,
    ),
];

#[test]
fn the_right_twin_passes() {
    let report = check(Twins(Fault::None), &settings(50_000));
    assert_eq!(*report.verdict(), Verdict::Pass, "{:?}", report.failure);
}

#[test]
fn every_wrong_twin_is_found_and_its_case_is_the_least() {
    assert_eq!(LEAST.map(|(fault, _)| fault), Fault::WRONG);
    let found = LEAST.map(|(fault, _)| {
        let report = check(Twins(fault), &settings(200_000));
        let least = |failed: Box<Failed>| {
            let ops = failed.shrunk.case.ops.iter().map(ToString::to_string);
            ops.collect::<Vec<String>>().join("; ")
        };
        let case = report.failure.map_or("not found".to_string(), least);
        format!("{fault:?}: {case}")
    });
    let expected = LEAST.map(|(fault, least)| format!("{fault:?}: {least}"));
    assert_eq!(found, expected);
}

/// The pinned cases are right on the model, and wrong on the twin that they belong to.
#[test]
fn the_least_cases_tell_the_twins_apart() {
    for (fault, least) in LEAST {
        let ops = least.split("; ").map(|line| line.parse().expect(line));
        let case = Case::new(ops.collect());
        assert!(check_case(&mut Twins(Fault::None), &case).is_ok(), "{case}");
        assert!(check_case(&mut Twins(fault), &case).is_err(), "{case}");
    }
}
