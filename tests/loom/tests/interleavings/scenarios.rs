//! The scenarios: a small store, one or two writers, one or two readers, over the whole engine.
//!
//! Each is two or three threads of at most three operations, beside loom's own. The intended
//! outcomes are those that the specification allows (G1, G3, G5, G9), no more.

use std::collections::BTreeSet;
use std::sync::Arc;

use etalon_loom::disk::MemoryDisk;
use etalon_loom::{Batch, Options, Result, Store};
use loom::thread::JoinHandle;

use crate::explore::{Scenario, spawn};

/// `k` is 0 in a segment and 1 in the memtable; it becomes 2, and all of it moves to a segment.
pub(crate) static FLUSH: Scenario = Scenario::new(
    "flush",
    || {
        let store = open(&MemoryDisk::default(), Options::default());
        done(store.put(b"k", b"0"));
        done(store.flush());
        done(store.put(b"k", b"1"));
        let readers = [two_gets(&store), two_gets(&store)];
        done(store.put(b"k", b"2"));
        done(store.flush());
        joined(readers)
    },
    || {
        let one_way = ["1 1", "1 2", "2 2"];
        pairs(one_way, one_way)
    },
);

/// `k` is 1 in a segment, beside `l`; it is deleted, and the compaction drops value and tombstone
/// and keeps `l`.
pub(crate) static COMPACT: Scenario = Scenario::new(
    "compact",
    || {
        let store = open(&MemoryDisk::default(), Options::default());
        done(store.put(b"k", b"1"));
        done(store.put(b"l", b"1"));
        done(store.flush());
        let gets_around_a_scan = thread(&store, |store| {
            let (first, scan, second) = (get(store, b"k"), scan(store), get(store, b"k"));
            format!("{first} {scan} {second}")
        });
        done(store.delete(b"k"));
        done(store.compact());
        join(gets_around_a_scan)
    },
    || {
        let outcomes = [
            "1 [k=1 l=1] 1",
            "1 [k=1 l=1] none",
            "1 [l=1] none",
            "none [l=1] none",
        ];
        outcomes.map(str::to_owned).into()
    },
);

/// One batch overwrites a key in a segment, deletes one in the memtable and adds one; then all
/// of it moves to a segment.
pub(crate) static BATCH: Scenario = Scenario::new(
    "batch",
    || {
        let store = open(&MemoryDisk::default(), Options::default());
        done(store.put(b"a", b"1"));
        done(store.flush());
        done(store.put(b"b", b"1"));
        let scans = thread(&store, |store| {
            let forward = scan(store);
            let backward = listed(store.scan().reverse().collect());
            format!("{forward} {backward} c={}", get(store, b"c"))
        });
        let mut batch = Batch::default();
        batch.put(b"a", b"2");
        batch.delete(b"b");
        batch.put(b"c", b"2");
        done(store.write(&batch));
        done(store.flush());
        join(scans)
    },
    || {
        let outcomes = [
            "[a=1 b=1] [b=1 a=1] c=none",
            "[a=1 b=1] [b=1 a=1] c=2",
            "[a=1 b=1] [c=2 a=2] c=2",
            "[a=2 c=2] [c=2 a=2] c=2",
        ];
        outcomes.map(str::to_owned).into()
    },
);

/// Two writers of one key, one of whom flushes; each reads before and after its write. At the end
/// the store is opened again, to hear what its files say.
pub(crate) static WRITERS: Scenario = Scenario::new(
    "writers",
    || {
        let disk = MemoryDisk::default();
        let store = open(&disk, Options::default());
        let other = thread(&store, |store| {
            let before = get(store, b"k");
            done(store.put(b"k", b"b"));
            done(store.flush());
            format!("{before} {}", get(store, b"k"))
        });
        let before = get(&store, b"k");
        done(store.put(b"k", b"a"));
        let own = format!("{before} {}", get(&store, b"k"));
        let other = join(other);
        drop(store);
        let last = get(&open(&disk, Options::default()), b"k");
        format!("{own}, {other}, {last}")
    },
    || {
        // Whoever comes first may or may not see the other's value afterwards, and the other way
        // round before.
        let a_first = pairs(["none a", "none b"], ["none b", "a b"]);
        let b_first = pairs(["none a", "b a"], ["none b", "none a"]);
        let a_first = a_first.into_iter().map(|gets| format!("{gets}, b"));
        let b_first = b_first.into_iter().map(|gets| format!("{gets}, a"));
        a_first.chain(b_first).collect()
    },
);

fn open(disk: &MemoryDisk, options: Options) -> Arc<Store> {
    Arc::new(done(Store::open_on(disk.clone(), "store", options)))
}

/// The disk of a scenario refuses nothing, so no operation fails.
fn done<T>(result: Result<T>) -> T {
    result.expect("a disk in memory works")
}

fn get(store: &Store, key: &[u8]) -> String {
    match store.get(key) {
        Ok(Some(value)) => String::from_utf8_lossy(&value).into_owned(),
        Ok(None) => "none".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn scan(store: &Store) -> String {
    listed(store.scan().collect())
}

fn listed(scanned: Result<Vec<(Vec<u8>, Vec<u8>)>>) -> String {
    let entry = |(key, value): &(Vec<u8>, Vec<u8>)| {
        let (key, value) = (String::from_utf8_lossy(key), String::from_utf8_lossy(value));
        format!("{key}={value}")
    };
    match scanned {
        Ok(entries) => format!(
            "[{}]",
            entries.iter().map(entry).collect::<Vec<_>>().join(" ")
        ),
        Err(error) => format!("error: {error}"),
    }
}

/// A thread over the store.
fn thread(store: &Arc<Store>, work: fn(&Store) -> String) -> JoinHandle<String> {
    let store = Arc::clone(store);
    spawn(move || work(&store))
}

fn two_gets(store: &Arc<Store>) -> JoinHandle<String> {
    thread(store, |store| {
        let (first, second) = (get(store, b"k"), get(store, b"k"));
        format!("{first} {second}")
    })
}

fn join(thread: JoinHandle<String>) -> String {
    thread.join().expect("the thread returns")
}

fn joined(threads: [JoinHandle<String>; 2]) -> String {
    threads.map(join).join(", ")
}

/// Every outcome of one reader with every outcome of the other.
fn pairs<const N: usize>(one: [&str; N], other: [&str; N]) -> BTreeSet<String> {
    let with_each = |one| other.map(|other| format!("{one}, {other}"));
    one.into_iter().flat_map(with_each).collect()
}
