//! `verify` and `repair` on a hostile directory, held against what the store in it answers.

use etalon::disk::MemoryDisk;
use etalon::{Options, Store, repair_on, verify_on};

use crate::files::DIRECTORY;

/// Whether verifying finds no damage: then the store must open, and answer rightly.
///
/// # Panics
/// If it does not look at all.
pub fn is_intact(disk: &MemoryDisk) -> bool {
    let verified = verify_on(disk.clone(), DIRECTORY);
    verified.expect("a directory").is_intact()
}

/// Repairs the directory. If it is intact, the new store must hold what the old one does.
///
/// # Panics
/// If there is no new store, or another one.
pub fn repair(disk: &MemoryDisk, intact: bool) {
    repair_on(disk.clone(), DIRECTORY, "new").expect("something to repair");
    if intact {
        let contents = |directory: &str| {
            let opened = Store::open_read_only_on(disk.clone(), directory);
            opened.and_then(|store| store.scan().collect())
        };
        let old = contents(DIRECTORY).expect("intact");
        let new = contents("new").expect("repaired");
        assert!(old == new, "repairing an intact store changed it");
    }
    let opened = Store::open_on(disk.clone(), "new", Options::default());
    opened
        .expect("repaired")
        .close()
        .expect("memory does not fail");
}
