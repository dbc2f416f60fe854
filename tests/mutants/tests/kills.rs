//! Every planted bug is found by its checker, and shrunk to its minimum.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use etalon_mutants::{
    Built, Checker, Copy, Crashes, Fault, Kill, Run, SHRINK_LONGEST, catalogue, crash_table,
    loom_table, plant, repository, table,
};

/// How long `check` may search for a fault. It mostly takes a fraction of a second.
const LONGEST: &str = "60s";

/// The copy with the faults, built once for all tests here.
static COPY: LazyLock<Built> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let folder = target.expect("below the target folder").join("mutants");
    Copy::make(&folder, &catalogue::all()).build()
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
        etalon: &COPY.etalon,
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

#[test]
fn every_scenario_of_loom_has_a_fault() {
    let path = repository().join("tests/loom/tests/interleavings/main.rs");
    let text = fs::read_to_string(path).expect("the scenarios");
    let tests = text.split("#[test]\nfn ").skip(1);
    let scenarios = tests.filter_map(|test| test.split("()").next());
    let all = catalogue::all();
    let has_fault = |name: &str| {
        let mut checkers = all.iter().map(|fault| fault.checker);
        checkers.any(|checker| matches!(checker, Checker::Loom { test } if test == name))
    };
    let alone: Vec<&str> = scenarios
        .filter(|name| *name != "executions_are_as_pinned" && !has_fault(name))
        .collect();
    assert!(alone.is_empty(), "no fault is planted for {alone:?}");
}

/// A scenario that takes a moment only.
const QUICK: &str = "a_reader_reads_segments_that_a_compaction_replaces";

#[test]
fn loom_finds_the_faults_between_threads_by_the_scenarios_named_for_them() {
    let clean = COPY.loom(QUICK, None);
    assert!(clean.is_ok_and(|found| found.is_none()), "no fault on");
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for fault in catalogue::all() {
        if let Checker::Loom { test } = fault.checker {
            match COPY.loom(test, Some(fault.id)) {
                Ok(Some(race)) => found.push((fault, race)),
                Ok(None) => wrong.push(format!("{}: {test} passes", fault.id)),
                Err(what) => wrong.push(format!("{}: {what}", fault.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    hold_or_bless("LOOM.md", &loom_table(&found));
}

#[test]
fn check_finds_every_fault_and_shrinks_it_to_its_minimum() {
    let wanted = |fault: &Fault| matches!(fault.checker, Checker::Check { .. });
    hold_or_bless("KILLS.md", &table(&each(wanted, check)));
}

#[test]
fn the_faults_of_durability_are_found_and_the_table_says_by_which_crash_models() {
    let is_of_crashes = |fault: &Fault| matches!(fault.checker, Checker::Crash { .. });
    let crashes = each(is_of_crashes, crash);
    let needs_none = |fault: &Fault| catalogue::WITHOUT_CRASH.contains(&fault.id);
    let without = each(needs_none, check);
    assert_eq!(without.len(), catalogue::WITHOUT_CRASH.len());
    hold_or_bless("CRASHES.md", &crash_table(&crashes, &without));
}

/// What `run` gives for each fault of the catalogue that is wanted, two at a time, in order.
fn each<T: Send>(
    wanted: impl Fn(&Fault) -> bool,
    run: impl Fn(&Fault) -> Result<T, String> + Sync,
) -> Vec<(Fault, T)> {
    let faults: Vec<Fault> = catalogue::all().into_iter().filter(wanted).collect();
    LazyLock::force(&COPY);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((fault.id, *fault, run(fault)));
        }
        done
    };
    let mut done: Vec<(&str, Fault, Result<T, String>)> = thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        let results = workers.map(|worker| worker.join().expect("no worker panics"));
        results.into_iter().flatten().collect()
    });
    done.sort_by_key(|(id, ..)| faults.iter().position(|fault| fault.id == *id));
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (id, fault, result) in done {
        match result {
            Ok(what) => found.push((fault, what)),
            Err(what) => wrong.push(format!("{id}: {what}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    found
}

/// Holds a table against the file that is kept of it, or writes that.
fn hold_or_bless(name: &str, table: &str) {
    let path = repository().join("tests/mutants").join(name);
    if std::env::var_os("ETALON_BLESS").is_some() {
        fs::write(&path, table).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = kept.lines().zip(table.lines());
    let differ = lines.find(|(old, new)| old != new);
    assert!(
        kept == table,
        "{name} is not what a fresh run gives; ETALON_BLESS=1 cargo test -p etalon-mutants \
         writes it. The first difference (none: one is longer): {differ:#?}"
    );
}

/// Finds one fault by `check`, and holds the kill against the catalogue; the error says what is
/// missing.
fn check(fault: &Fault) -> Result<Kill, String> {
    let folder = tempfile::tempdir().unwrap();
    let faulty = Run {
        etalon: &COPY.etalon,
        folder: folder.path(),
        fault: Some(fault.id),
    };
    let kill = faulty.find(&["check", "--for", LONGEST], SHRINK_LONGEST)?;
    judged(kill.ok_or("check passes")?, fault, &faulty)
}

/// Lets every finder of crashes look for one fault. Something must find it, unless the catalogue
/// says that nothing does, and what random cases came to is held against the catalogue.
fn crash(fault: &Fault) -> Result<Crashes, String> {
    let folder = tempfile::tempdir().unwrap();
    let faulty = Run {
        etalon: &COPY.etalon,
        folder: folder.path(),
        fault: Some(fault.id),
    };
    let mut crashes = faulty.crashes()?;
    let survives = matches!(fault.checker, Checker::Crash { survives: Some(_) });
    if crashes.any() == survives {
        return Err(format!("found: {}, survives: {survives}", crashes.any()));
    }
    let random = crashes.random.take();
    crashes.random = random
        .map(|kill| judged(kill, fault, &faulty))
        .transpose()?;
    Ok(crashes)
}

/// The kill, if it is as it should be.
fn judged(kill: Kill, fault: &Fault, faulty: &Run<'_>) -> Result<Kill, String> {
    let mut short = kill.shortcomings(fault);
    if faulty.replay(&kill) != Some(1) {
        short.push("its file does not fail again on the faulty copy".to_owned());
    }
    let clean = Run {
        fault: None,
        ..*faulty
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
