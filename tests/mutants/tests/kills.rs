//! Every planted bug is found by its checker, and shrunk to its minimum.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use etalon_mutants::{Checker, Copy, Fault, Kill, Run, catalogue, plant, repository, table};

/// The copy with the faults, built once for all tests here.
static ETALON: LazyLock<PathBuf> = LazyLock::new(|| COPY.build());
static COPY: LazyLock<Copy> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let folder = target.expect("below the target folder").join("mutants");
    Copy::make(&folder, &catalogue::all())
});

#[test]
fn every_fault_fits_the_sources_in_exactly_one_place_and_has_a_name_of_its_own() {
    let faults = catalogue::all();
    let mut wrong = Vec::new();
    for fault in &faults {
        for edit in fault.edits {
            let text = fs::read_to_string(repository().join(edit.file)).unwrap_or_default();
            wrong.extend(plant(edit.file, &text, &[*fault]).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let ids: BTreeSet<&str> = faults.iter().map(|fault| fault.id).collect();
    assert_eq!(ids.len(), faults.len(), "two faults of one name");
    assert!(faults.iter().all(|fault| !fault.edits.is_empty()));
}

#[test]
fn a_text_that_stands_twice_or_never_or_in_another_faults_place_is_refused() {
    let faults = catalogue::all();
    let one_edit = |fault: &&Fault| fault.edits.len() == 1;
    let fault = *faults.iter().find(one_edit).unwrap();
    let edit = fault.edits[0];
    let refused = |text: &str, faults: &[Fault]| plant(edit.file, text, faults).unwrap_err();
    assert!(refused("", &[fault]).contains("0 times"));
    assert!(refused(&edit.find.repeat(2), &[fault]).contains("2 times"));
    assert!(refused(edit.find, &[fault, fault]).contains("overlaps"));
}

#[test]
fn the_copy_with_no_fault_switched_on_passes() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run {
        etalon: &ETALON,
        folder: folder.path(),
        fault: None,
    };
    let output = run.etalon(&["check", "--ops", "100000", "--seed", "1"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("\nPASS\n"),
        "{text}"
    );
}

/// The scenario in which a reader meets a flush.
const FLUSH: &str = "a_reader_misses_no_key_that_moves_to_a_segment_and_never_goes_back";

#[test]
fn loom_finds_the_faults_that_show_only_between_threads() {
    let run = |fault| {
        let output = COPY.loom(FLUSH, fault);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), text)
    };
    let (passes, text) = run(None);
    assert!(passes && text.contains("1 passed"), "no fault on:\n{text}");
    for fault in catalogue::all() {
        if fault.checker == Checker::Loom {
            let (passes, text) = run(Some(fault.id));
            assert!(
                !passes && text.contains("1 failed"),
                "{}:\n{text}",
                fault.id
            );
        }
    }
}

#[test]
fn check_finds_every_fault_and_shrinks_it_to_its_minimum() {
    let mut kills = Vec::new();
    let mut wrong = Vec::new();
    for fault in catalogue::all() {
        let found = match fault.checker {
            Checker::Loom | Checker::Crash => Ok(None),
            Checker::Check { .. } => find(&fault).map(Some),
        };
        match found {
            Ok(kill) => kills.push((fault, kill)),
            Err(what) => wrong.push(format!("{}: {what}", fault.id)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let path = repository().join("tests/mutants/KILLS.md");
    let table = table(&kills);
    if std::env::var_os("ETALON_BLESS").is_some() {
        fs::write(&path, table).unwrap();
    } else {
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let differ = kept
            .lines()
            .zip(table.lines())
            .find(|(old, new)| old != new);
        assert!(
            kept == table,
            "KILLS.md is not what a fresh run gives; ETALON_BLESS=1 cargo test -p etalon-mutants \
             writes it. The first difference (none: one is longer): {differ:#?}"
        );
    }
}

/// Finds one fault, and holds the kill against the catalogue; the error says what is missing.
fn find(fault: &Fault) -> Result<Kill, String> {
    let folder = tempfile::tempdir().unwrap();
    let faulty = Run {
        etalon: &ETALON,
        folder: folder.path(),
        fault: Some(fault.id),
    };
    let kill = faulty.find()?;
    let mut short = kill.shortcomings(fault);
    if faulty.replay(&kill) != Some(1) {
        short.push("its file does not fail again on the faulty copy".to_owned());
    }
    let clean = Run {
        fault: None,
        ..faulty
    };
    if clean.replay(&kill) != Some(0) {
        short.push("its file does not pass on the clean engine".to_owned());
    }
    println!("{}: {} in {:?}", fault.id, kill.path, kill.took);
    if short.is_empty() {
        Ok(kill)
    } else {
        Err(format!("{}\n{}", short.join("\n"), kill.script.print()))
    }
}
