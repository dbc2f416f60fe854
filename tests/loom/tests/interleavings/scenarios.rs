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
        let gets_around_a_scan = reader(&store, |store| {
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
        let forward = reader(&store, |store| {
            let (scan, get) = (scan(store), get(store, b"c"));
            format!("{scan} c={get}")
        });
        let backward = reader(&store, |store| {
            let (get, scan) = (get(store, b"b"), listed(store.scan().reverse().collect()));
            format!("b={get} {scan}")
        });
        let mut batch = Batch::default();
        batch.put(b"a", b"2");
        batch.delete(b"b");
        batch.put(b"c", b"2");
        done(store.write(&batch));
        done(store.flush());
        joined([forward, backward])
    },
    || {
        pairs(
            ["[a=1 b=1] c=none", "[a=1 b=1] c=2", "[a=2 c=2] c=2"],
            ["b=1 [b=1 a=1]", "b=1 [c=2 a=2]", "b=none [c=2 a=2]"],
        )
    },
);

/// Two writers, whose every write fills the memtable, so that each flushes; each reads `k` after
/// its write. At the end the store is opened again, to hear what its files say.
pub(crate) static WRITERS: Scenario = Scenario::new(
    "writers",
    || {
        let disk = MemoryDisk::default();
        let options = Options {
            memtable_bytes: 1,
            ..Options::default()
        };
        let store = open(&disk, options.clone());
        let other = reader(&store, |store| put_and_get(store, b"b"));
        let gets = two_gets(&store);
        let own = put_and_get(&store, b"a");
        let (other, gets) = (join(other), join(gets));
        drop(store);
        let last = get(&open(&disk, options), b"k");
        format!("{own}, {other}, {gets}, {last}")
    },
    || {
        let mut outcomes = BTreeSet::new();
        for (first, last) in [("a", "b"), ("b", "a")] {
            for seen_by_first in [first, last] {
                for gets in [
                    ["none", "none"],
                    ["none", first],
                    ["none", last],
                    [first, first],
                    [first, last],
                    [last, last],
                ] {
                    let [own, other] = if first == "a" {
                        [seen_by_first, last]
                    } else {
                        [last, seen_by_first]
                    };
                    let gets = gets.join(" ");
                    outcomes.insert(format!("{own}, {other}, {gets}, {last}"));
                }
            }
        }
        outcomes
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

fn put_and_get(store: &Store, value: &[u8]) -> String {
    done(store.put(b"k", value));
    get(store, b"k")
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
fn reader(store: &Arc<Store>, work: fn(&Store) -> String) -> JoinHandle<String> {
    let store = Arc::clone(store);
    spawn(move || work(&store))
}

fn two_gets(store: &Arc<Store>) -> JoinHandle<String> {
    reader(store, |store| {
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
fn pairs(one: [&str; 3], other: [&str; 3]) -> BTreeSet<String> {
    let with_each = |one| other.map(|other| format!("{one}, {other}"));
    one.into_iter().flat_map(with_each).collect()
}
