//! Crash enumeration over short strings: complete here, longer in `etalon explore --crash`.
//!
//! What was visited is pinned in `counts.txt`. After a change that moves the counts as it should,
//! one command writes them anew:
//!
//! ```sh
//! cargo run --release -- explore --crash --length 4 --pinned tests/crash/counts.txt --bless
//! cargo run --release -- explore --crash --background --length 3 \
//!     --pinned tests/crash/counts-background.txt --bless
//! ```

use std::path::Path;

use etalon::crash::{Breakable, Counts, Exploration, FaultSearch, Finding, Search, Settings};
use etalon::disk::simulated::{CrashModel, Lies};
use etalon_spec::explore::{Letter, each_string};

const LENGTH: usize = 2;

/// Every string up to a length, until the search finds something.
fn search(length: usize, mut visit: impl FnMut(&[Letter]) -> bool) {
    for length in 0..=length {
        if !each_string(&Letter::all(2), length, &mut visit) {
            return;
        }
    }
}

fn first_finding(settings: Settings) -> Option<Box<Finding>> {
    let mut found = None;
    let mut crashes = Search::new(settings);
    search(LENGTH, |letters| {
        found = crashes.string(letters).err();
        found.is_none()
    });
    found
}

#[test]
fn every_crash_of_every_string_of_two_operations_leaves_a_prefix_and_the_counts_are_pinned() {
    explore(Settings::default(), "counts.txt");
}

#[test]
fn so_does_every_crash_where_the_background_leaves_two_logs_with_changes() {
    let settings = Settings::default().with_background();
    explore(settings, "counts-background.txt");
}

fn explore(settings: Settings, counts: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash");
    let path = folder.join(counts);
    let pinned = std::fs::read_to_string(&path).expect("the counts can be read");
    let mut exploration = Exploration::new(settings, Some(LENGTH));
    let mut texts = String::new();
    for length in 0..=LENGTH {
        let explored = exploration.length(length, &mut |_: &Counts| true);
        let explored = explored.unwrap_or_else(|finding| {
            let Finding { letters, text, .. } = &*finding;
            panic!("found by {}:\n{letters}{text}", finding.found_by)
        });
        texts.push_str(&explored.expect("not interrupted").to_string());
    }
    let blocks = |text: &str| text.matches("to length").count();
    assert!(blocks(&pinned) >= blocks(&texts));
    assert!(
        pinned.starts_with(&texts),
        "other counts than are pinned in {} (this file's head says how to write them anew):\n{texts}",
        path.display()
    );
}

/// Each of the models finds it, in a string of at most one operation.
fn is_found_by(lies: Lies, models: &[CrashModel]) {
    for model in models {
        let finding = first_finding(Settings {
            models: vec![*model],
            lies,
            ..Settings::default()
        });
        let finding = finding.unwrap_or_else(|| panic!("not found by {}", model.name()));
        assert!(finding.letters.letters.len() <= 1, "{}", finding.letters);
    }
}

/// A twin of the check: on a disk whose syncs do nothing no store can keep its word.
#[test]
fn a_disk_that_lies_about_the_sync_of_files_is_found_by_every_complete_model() {
    let lies = Lies {
        sync: true,
        ..Lies::default()
    };
    is_found_by(
        lies,
        &[
            CrashModel::Prefix,
            CrashModel::PrefixPerFile,
            CrashModel::Subset,
        ],
    );
}

/// A twin of the check: the same of names.
#[test]
fn a_disk_that_lies_about_the_sync_of_directories_is_found_by_every_complete_model() {
    let lies = Lies {
        sync_directory: true,
        ..Lies::default()
    };
    let models = [
        CrashModel::Prefix,
        CrashModel::PrefixPerFile,
        CrashModel::Directory,
        CrashModel::Subset,
    ];
    is_found_by(lies, &models);
}

#[test]
fn failures_strike_in_every_string_but_answers_stay_right() {
    let mut faults = FaultSearch::new(Settings {
        models: vec![CrashModel::Prefix],
        ..Settings::default()
    });
    search(1, |letters| {
        faults
            .string(letters)
            .unwrap_or_else(|finding| panic!("{}{}", finding.letters, finding.text));
        true
    });
    let counts = faults.counts();
    assert!(counts.runs > 100 && counts.refused > 100, "{counts:?}");
}

fn replay(ops: &str) {
    etalon_spec::replay(&mut Breakable::default(), ops);
}

/// Broke: the store's own directory was never made durable in its parent, so that a power loss
/// took the whole store. Found by: the enumeration of crashes, model prefix.
#[test]
fn a_new_store_survives_with_its_directory() {
    replay("ops 1\nput \"a\" \"0\" sync\ncrash\nget \"a\" -> \"0\"\n");
}

/// Broke: a torn log was taken for damage where an empty newer one had survived, which the flush
/// had created before the old one was synced. Found by: the enumeration of crashes, model subset,
/// four operations; torn at sectors, three.
#[test]
fn a_torn_log_before_an_empty_one_is_no_damage() {
    replay(
        "ops 1\n\
         put \"a\" \"0\"\n\
         put \"a\" \"1\"\n\
         put \"a\" \"2\"\n\
         crash in flush at 1 keep only 0,2,3\n\
         get \"a\" -> none or \"0\" or \"1\" or \"2\"\n",
    );
}

/// Broke: the process died and the power went during the recovery, when the log's copy was whole
/// and the log itself, which nobody had ever synced, was torn: taken for damage. Found by:
/// `etalon check --crash`, seed 1, sequence 236.
#[test]
fn a_log_that_was_copied_by_a_recovery_may_be_torn_in_a_crash_of_that() {
    replay("ops 1\nput \"\" \"\"\nkill then at 9 keep none torn 18 old\n");
}

/// Broke: a copy of the log whose name could not be made durable was gone on with after the next
/// opening, and the power took it. Found by: `etalon check --crash`, seed 1, sequence 7805, before
/// that was ever released.
#[test]
fn a_copy_of_the_log_without_a_durable_name_is_copied_again() {
    replay(
        "ops 1\n\
         put \"\" \"\"\n\
         kill\n\
         fail in put \"\" \"\" sync at 4 with sync\n\
         kill\n\
         kill then at 0 keep none -> ok\n",
    );
}

/// A sync of the log fails, the process dies, and the next one's sync of the same file would
/// answer yes and mean nothing: what is synced then is in a copy.
#[test]
fn a_sync_that_failed_in_a_process_that_died_is_not_believed_in_the_next() {
    replay(
        "ops 1\n\
         put \"a\" \"0\"\n\
         fail in sync at 0 with sync\n\
         kill\n\
         put \"b\" \"1\" sync\n\
         crash in put \"c\" \"2\" at 1 keep none\n\
         get \"a\" -> \"0\"\n\
         get \"b\" -> \"1\"\n",
    );
}

#[test]
fn random_cases_with_crashes_and_failures_agree_and_meet_what_they_are_for() {
    use etalon_spec::{Floors, Settings as Campaign, check};
    let floors = [
        "kill with unsynced writes>=1",
        "power loss in a flush or compact>=1",
        "crash in recovery>=1",
        "operation refused by a failing disk>=1",
        "torn log tail>=1",
        "crash between segment and manifest>=1",
    ];
    let settings = Campaign {
        time: None,
        operations: Some(60_000),
        floors: Floors::parse(floors).expect("situations"),
        ..Campaign::default()
    };
    check(Breakable::default(), &settings).unwrap();
}
