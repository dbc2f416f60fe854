//! What `verify` and `repair` make of a damaged directory, held against what opening it came to.

use etalon::disk::MemoryDisk;
use etalon::{Options, Severity, Store, repair_on, verify_on};

use crate::directory::{Contents, Damage, HOME, Original, read};
use crate::trial::Outcome;

/// What `verify` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Damage, of the damaged file.
    FoundThere,
    /// Damage, of a file that misses the damaged one, or misses something in it.
    FoundBeside,
    /// No damage, but a note on the damaged file.
    Noted,
    /// Nothing.
    Silent,
}

/// Verifies, and sees that whatever a store would refuse or leave out is found.
pub(crate) fn verify(disk: &MemoryDisk, damage: &Damage, outcome: Outcome) -> Verdict {
    let files = read(disk);
    let verified = verify_on(disk.clone(), HOME).expect("a directory to look at");
    assert_eq!(read(disk), files, "verified, and changed");
    let place = || format!("{} {:?} at {}", damage.file, damage.how, damage.at);
    let is_there = |path: &std::path::Path| {
        let there = [Some(&damage.file), damage.other.as_ref()];
        there.into_iter().flatten().any(|file| path.ends_with(file))
    };
    let mut verdict = Verdict::Silent;
    for finding in &verified.findings {
        verdict = verdict.min(match (finding.severity, is_there(&finding.path)) {
            (Severity::Damage, true) => Verdict::FoundThere,
            (Severity::Damage, false) => Verdict::FoundBeside,
            (Severity::Note, true) => Verdict::Noted,
            (Severity::Note, false) => continue,
        });
    }
    match outcome {
        Outcome::ErrorThere | Outcome::ErrorBeside => {
            assert!(!verified.is_intact(), "{}: an error", place());
        }
        Outcome::PrefixReported => assert!(verdict <= Verdict::Noted, "{}", place()),
        Outcome::Right | Outcome::PrefixUnreported => {
            let findings = &verified.findings;
            assert!(verified.is_intact(), "{}: {findings:?}", place());
        }
    }
    verdict
}

/// What `repair` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Saved {
    /// Everything is saved, it says, and that is so.
    Complete,
    /// Something is lost or suspect, it says; nothing is.
    AllTheSame,
    /// Something is lost, or has come back.
    InPart,
}

/// Repairs, and sees that the original is as it was, the new store opens, nothing in it was never
/// written, and what a store would have answered is all there.
pub(crate) fn repair(
    disk: &MemoryDisk,
    original: &Original,
    damage: &Damage,
    outcome: Outcome,
) -> Saved {
    let files = read(disk);
    let place = || format!("{} {:?} at {}", damage.file, damage.how, damage.at);
    let repaired = repair_on(disk.clone(), HOME, "new");
    let repaired = repaired.unwrap_or_else(|error| panic!("{}: {error}", place()));
    assert_eq!(read(disk), files, "repaired, and changed");

    let store = Store::open_on(disk.clone(), "new", Options::default()).expect("a store");
    assert_eq!(store.notices(), []);
    let found: Contents = store.scan().collect().expect("scan").into_iter().collect();
    assert_eq!(found.len() as u64, repaired.keys);
    for (key, value) in &found {
        let entry = (key.clone(), value.clone());
        assert!(original.written.contains(&entry), "{}: {key:?}", place());
    }
    let is_right = found == original.states[original.good_records(damage)];
    if repaired.is_complete() || !matches!(outcome, Outcome::ErrorThere | Outcome::ErrorBeside) {
        let remarks = &repaired.remarks;
        assert!(is_right, "{}: {found:?}\n{remarks:?}", place());
    }
    match (repaired.is_complete(), is_right) {
        (true, _) => Saved::Complete,
        (false, true) => Saved::AllTheSame,
        (false, false) => Saved::InPart,
    }
}
