//! Hostile bytes as a write-ahead log: listed, then recovered by a store, twice.

use std::collections::BTreeMap;
use std::path::Path;

use etalon::disk::MemoryDisk;
use etalon::inspect::{self, LogBatch};
use etalon::{Notice, Options, Store};

use crate::files::{self, DIRECTORY};
use crate::outcomes::{self, Outcome};
use crate::{input, limit, repair, tools};

const NAME: &str = "000003.log";

type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// Runs one input.
///
/// # Panics
/// If a store recovers other than what the listing says.
pub fn run(data: &[u8]) {
    let (mode, mut bytes) = input(data);
    if mode.mended {
        repair::log(&mut bytes);
    }
    let outcome = limit::within(bytes.len(), || {
        let disk = files::empty_disk();
        files::put(&disk, NAME, &bytes);
        files::put(&disk, "MANIFEST-000002", &files::manifest(3, 0, None));
        files::put(&disk, "CURRENT", b"MANIFEST-000002\n");
        let path = Path::new(DIRECTORY).join(NAME);
        let mut contents = Contents::new();
        let mut apply = |batch: LogBatch| {
            for change in batch.changes {
                match change.value {
                    Some(value) => contents.insert(change.key, value),
                    None => contents.remove(&change.key),
                };
            }
        };
        let listed = inspect::log(&disk, &path, &mut apply);
        let opened = Store::open_read_only_on(disk.clone(), DIRECTORY);
        let intact = tools::is_intact(&disk);
        tools::repair(&disk, intact);
        match (listed, opened) {
            (_, Err(error)) if intact => panic!("verified, not opened: {error}"),
            (Ok(torn), Ok(store)) => {
                assert_eq!(torn_of(&store), torn.as_ref(), "the torn tail");
                assert_holds(&store, &contents);
                drop(store);
                take_over(&disk, &contents);
                Outcome::Opened
            }
            // A log may be well formed and its sequence numbers not.
            (Ok(_), Err(_)) => Outcome::Listed,
            (Err(_), Err(_)) => Outcome::Refused,
            (Err(error), Ok(_)) => panic!("opened, but not listed: {error}"),
        }
    });
    outcomes::count(outcome);
}

fn torn_of(store: &Store) -> Option<&Notice> {
    let is_torn = |notice: &&Notice| matches!(notice, Notice::TornTail { .. });
    store.notices().iter().find(is_torn)
}

/// Opening to write copies the log; what it held must be there then, and after one more opening.
fn take_over(disk: &MemoryDisk, contents: &Contents) {
    for _ in 0..2 {
        let opened = Store::open_on(disk.clone(), DIRECTORY, Options::default());
        let store = opened.expect("opened read-only just now");
        assert_holds(&store, contents);
        store.close().expect("memory does not fail");
    }
}

fn assert_holds(store: &Store, contents: &Contents) {
    let mut expected = contents.iter();
    let mut compare = |key: &[u8], value: &[u8]| {
        let next = expected.next().map(|(key, value)| (&key[..], &value[..]));
        assert_eq!(next, Some((key, value)), "a scan");
    };
    store.scan().each(&mut compare).expect("all in memory");
    assert_eq!(expected.next(), None, "a scan ends early");
    let mut expected = contents.iter().rev();
    let mut compare = |key: &[u8], value: &[u8]| {
        let next = expected.next().map(|(key, value)| (&key[..], &value[..]));
        assert_eq!(next, Some((key, value)), "a scan backwards");
    };
    store
        .scan()
        .reverse()
        .each(&mut compare)
        .expect("all in memory");
    assert_eq!(expected.next(), None, "a scan backwards ends early");
    for (key, value) in contents {
        let found = store.get(key).expect("all in memory");
        assert_eq!(found.as_ref(), Some(value), "a get");
    }
}
