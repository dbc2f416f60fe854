//! Every operation of the disk fails once, in every way, while a fixed script runs: the error
//! reaches the caller, the handle refuses further writes and says why, and goes on reading what
//! was acknowledged, the failed operation not included. The next opening finds all that was
//! acknowledged, and the failed operation whole or not at all (G10).
//!
//! The disk itself watches that no file is appended to or synced after that failed.

mod disk;
mod script;

use std::io::ErrorKind;
use std::path::PathBuf;

use etalon::disk::MemoryDisk;
use etalon::{Error, Notice, Options, Result, Store};

use disk::{FailingDisk, Fault};
use script::{Contents, SCRIPT, Step, options};

const HOME: &str = "store";

fn contents(store: &Store) -> Contents {
    let entries = store.scan().collect().expect("reading goes on");
    for (key, value) in &entries {
        assert_eq!(store.get(key).expect("get").as_ref(), Some(value));
    }
    entries.into_iter().collect()
}

/// The script as far as it goes: the contents acknowledged, and the step that failed.
fn run(store: &Store) -> (Contents, Option<(Step, Error)>) {
    let mut acknowledged = Contents::new();
    for step in SCRIPT {
        if let Err(error) = step.run(store) {
            return (acknowledged, Some((step, error)));
        }
        step.apply(&mut acknowledged);
    }
    (acknowledged, None)
}

/// What the system said must be what was injected, and name the file.
fn assert_injected(error: &Error, kind: ErrorKind) {
    let Error::Io { path, source, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(source.kind(), kind);
    assert!(path.starts_with(HOME) || path.as_os_str() == ".", "{error}");
}

/// After an error: no write, for the reason that the first one gave, and right reads.
fn assert_stopped(store: &Store, acknowledged: &Contents, error: &Error) {
    let attempts: [Result<()>; 5] = [
        store.put(b"k", b"v"),
        store.delete(b"k"),
        store.sync(),
        store.flush(),
        store.compact(),
    ];
    for attempt in attempts {
        let Err(Error::Stopped { reason }) = attempt else {
            panic!("{attempt:?} after {error}");
        };
        assert_eq!(reason, error.to_string());
    }
    assert_eq!(&contents(store), acknowledged, "after {error}");
}

/// Runs the script with a fault; whether it was met.
fn try_fault(fault: Fault) -> bool {
    let memory = MemoryDisk::default();
    let disk = FailingDisk::new(memory.clone(), Some(fault));
    let (mut acknowledged, mut attempted) = (Contents::new(), Contents::new());
    match Store::open_on(disk.clone(), HOME, options()) {
        Err(error) => assert_injected(&error, fault.kind),
        Ok(store) => {
            let (before, failed) = run(&store);
            acknowledged.clone_from(&before);
            attempted = before;
            if let Some((step, error)) = failed {
                assert_injected(&error, fault.kind);
                assert_stopped(&store, &acknowledged, &error);
                step.apply(&mut attempted);
            } else if let Err(error) = store.close() {
                assert_injected(&error, fault.kind);
            }
        }
    }
    let reader = Store::open_read_only_on(memory.clone(), HOME);
    if let Ok(reader) = reader {
        let found = contents(&reader);
        assert!(found == acknowledged || found == attempted, "{fault:?}");
    }
    let store = Store::open_on(memory, HOME, options()).expect("opens again");
    let found = contents(&store);
    assert!(found == acknowledged || found == attempted, "{fault:?}");
    store.put(b"k", b"v").expect("writes again");
    store.close().expect("and closes");
    disk.has_failed()
}

#[test]
fn every_operation_failing_once_or_from_then_on_costs_nothing_acknowledged() {
    let mut met = 0;
    for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
        for forever in [false, true] {
            for at in 1.. {
                if !try_fault(Fault { at, kind, forever }) {
                    break;
                }
                met += 1;
            }
        }
    }
    let disk = FailingDisk::new(MemoryDisk::default(), None);
    let store = Store::open_on(disk.clone(), HOME, options()).expect("opens");
    let (_, failed) = run(&store);
    assert!(failed.is_none());
    store.close().expect("closes");
    assert_eq!(met, 4 * disk.operations().len());
}

/// The same files, and a disk over them that fails once.
fn failing_copy(files: &MemoryDisk, at: u64) -> (MemoryDisk, FailingDisk) {
    let memory = copy(files);
    let fault = Fault {
        at,
        kind: ErrorKind::Other,
        forever: false,
    };
    (memory.clone(), FailingDisk::new(memory, Some(fault)))
}

/// An opening that fails has changed nothing of what the store holds (G8, for errors), nor has the
/// sync after it, which copies the log that was left behind.
#[test]
fn every_operation_of_an_opening_failing_leaves_the_store_as_it_was() {
    let before = MemoryDisk::default();
    let store = Store::open_on(before.clone(), HOME, options()).expect("opens");
    let (acknowledged, _) = run(&store);
    drop(store);
    let mut met = 0;
    for at in 1.. {
        let (memory, disk) = failing_copy(&before, at);
        match Store::open_on(disk, HOME, options()).and_then(|store| store.sync()) {
            Ok(()) => break,
            Err(error) => assert_injected(&error, ErrorKind::Other),
        }
        let store = Store::open_on(memory.clone(), HOME, options()).expect("opens again");
        // Half an edit, of the append that failed.
        let of_manifest = |notice: &Notice| match notice {
            Notice::TornTail { path, .. } => path.to_string_lossy().contains("MANIFEST"),
            _ => false,
        };
        assert!(store.notices().iter().all(of_manifest), "operation {at}");
        assert_eq!(contents(&store), acknowledged, "operation {at}");
        drop(store);
        let left = memory.paths();
        let logs = left
            .iter()
            .filter(|path| path.extension() == Some("log".as_ref()));
        assert_eq!(logs.count(), 1, "no orphan stays: {left:?}");
        met += 1;
    }
    assert!(met > 15, "{met}");
}

/// A salvage that fails half-way has lost nothing more: the next one finds the same, and every
/// file that was there still is, or is in `lost/`.
#[test]
fn every_operation_of_a_salvage_failing_costs_nothing_more() {
    let before = MemoryDisk::default();
    let store = Store::open_on(before.clone(), HOME, options()).expect("opens");
    for key in [1, 2, 3] {
        Step::PutSynced(key, key).run(&store).expect("put");
    }
    store.close().expect("closes");
    let log = "store/000002.log".as_ref();
    let mut bytes = before.read_file(log).expect("there");
    bytes[150] ^= 1; // in the second record
    before.write_file(log, &bytes).expect("written");
    let salvage = Options {
        salvage: true,
        ..options()
    };
    let mut met = 0;
    for at in 1.. {
        let (memory, disk) = failing_copy(&before, at);
        if Store::open_on(disk, HOME, salvage.clone()).is_ok() {
            break;
        }
        let store = Store::open_on(memory.clone(), HOME, salvage.clone()).expect("opens");
        let keys: Vec<_> = contents(&store).into_keys().collect();
        assert_eq!(keys, [[1], [3]], "operation {at}");
        let aside = memory.read_file("store/lost/000002.log".as_ref());
        assert_eq!(aside.expect("kept"), bytes, "operation {at}");
        met += 1;
    }
    assert!(met > 10, "{met}");
}

fn copy(disk: &MemoryDisk) -> MemoryDisk {
    use etalon::disk::Disk;
    let copy = MemoryDisk::default();
    copy.create_directory(HOME.as_ref()).expect("a new disk");
    for path in disk.paths() {
        let bytes = disk.read_file(&path).expect("listed");
        copy.write_file(&path, &bytes).expect("a new file");
    }
    copy
}

/// The operations of one step.
fn operations(disk: &FailingDisk, work: impl FnOnce()) -> Vec<String> {
    let before = disk.operations().len();
    work();
    disk.operations().split_off(before)
}

/// The new log was created before the old one was synced: a crash between the two left a torn log
/// with an empty one beside it, which no opening took. Found by the crash enumeration.
#[test]
fn the_order_of_effects_is_the_one_that_no_crash_can_hurt() {
    let disk = FailingDisk::new(MemoryDisk::default(), None);
    let open = || Store::open_on(disk.clone(), HOME, Options::default()).expect("opens");
    let mut store = None;
    let created = operations(&disk, || store = Some(open()));
    let expected = [
        "sync directory ",
        "create MANIFEST-000001",
        "append MANIFEST-000001",
        "sync MANIFEST-000001",
        "sync directory store",
        "create 000001.dbtmp",
        "append 000001.dbtmp",
        "sync 000001.dbtmp",
        "rename CURRENT",
        "sync directory store",
        "create 000002.log",
        "sync directory store",
    ];
    assert_eq!(created, expected);

    let store = store.expect("opened");
    let write = || Step::Put(1, 1).run(&store).expect("put");
    assert_eq!(operations(&disk, write), ["append 000002.log"]);
    let flush = || store.flush().expect("flush");
    let flushed = [
        "sync 000002.log",
        "create 000003.log",
        "create 000004.ldb",
        "append 000004.ldb",
        "sync 000004.ldb",
        "sync directory store",
        "append MANIFEST-000001",
        "sync MANIFEST-000001",
        "remove 000002.log",
    ];
    assert_eq!(operations(&disk, flush), flushed);

    let synced = || Step::PutSynced(1, 2).run(&store).expect("put");
    let both = ["append 000003.log", "sync 000003.log"];
    assert_eq!(operations(&disk, synced), both);
    let again = || store.sync().expect("sync");
    assert!(operations(&disk, again).is_empty(), "durable already");
    drop(store);

    let mut store = None;
    let taken_over = [
        "create MANIFEST-000005",
        "append MANIFEST-000005",
        "sync MANIFEST-000005",
        "sync directory store",
        "create 000005.dbtmp",
        "append 000005.dbtmp",
        "sync 000005.dbtmp",
        "rename CURRENT",
        "sync directory store",
        "remove MANIFEST-000001",
    ];
    assert_eq!(operations(&disk, || store = Some(open())), taken_over);

    let store = store.expect("opened");
    let write = || Step::Put(1, 3).run(&store).expect("put");
    assert_eq!(operations(&disk, write), ["append 000003.log"]);
    let sync = || store.sync().expect("sync");
    let copied = [
        "create 000006.dbtmp",
        "append 000006.dbtmp",
        "sync 000006.dbtmp",
        "rename 000006.log",
        "sync directory store",
        "append MANIFEST-000005",
        "sync MANIFEST-000005",
        "remove 000003.log",
    ];
    assert_eq!(operations(&disk, sync), copied);
}

#[test]
fn a_manifest_that_has_reached_its_size_is_replaced_before_the_next_edit() {
    let memory = MemoryDisk::default();
    let disk = FailingDisk::new(memory.clone(), None);
    let store = Store::open_on(disk.clone(), HOME, options()).expect("opens");
    let manifests = || {
        let is_manifest = |path: &PathBuf| path.to_string_lossy().contains("MANIFEST");
        let paths = memory.paths().into_iter().filter(is_manifest);
        paths.collect::<Vec<_>>()
    };
    let first = manifests();
    for round in 0..20 {
        Step::Put(1, round).run(&store).expect("put");
        store.compact().expect("compact");
        let size = memory.read_file(&manifests()[0]).expect("there").len();
        assert!(size < 200 + 200, "{size} bytes");
        assert_eq!(manifests().len(), 1);
    }
    assert_ne!(manifests(), first);
    drop(store);
    let store = Store::open_on(memory, HOME, options()).expect("opens");
    assert_eq!(contents(&store), Contents::from([(vec![1], vec![19; 100])]));
}
