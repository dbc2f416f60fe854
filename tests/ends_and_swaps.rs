//! First, last and compare-and-swap: beside tombstones in every layer, across flushes, compactions
//! and openings, and between threads.

use etalon::disk::MemoryDisk;
use etalon::{Compaction, Error, Options, Store, WriteOptions};

fn options(compaction: Compaction) -> Options {
    Options {
        compaction,
        memtable_bytes: 200,
        level0_segments: 2,
        ..Options::default()
    }
}

fn open_on(disk: &MemoryDisk) -> Store {
    Store::open_on(disk.clone(), "store", Options::default()).expect("opens")
}

fn key(found: etalon::Result<Option<(Vec<u8>, Vec<u8>)>>) -> Option<String> {
    let (key, _) = found.expect("reads")?;
    Some(String::from_utf8(key).expect("text"))
}

/// The first and the last key, both or none.
fn ends(store: &Store) -> Option<String> {
    Some(key(store.first())? + &key(store.last())?)
}

#[test]
fn first_and_last_pass_over_tombstones_in_the_memtable_and_in_newer_segments() {
    let store = open_on(&MemoryDisk::default());
    assert_eq!(ends(&store), None);
    for name in [b"a", b"b", b"c", b"d", b"e"] {
        store.put(name, b"1").expect("put");
    }
    store.flush().expect("flush");
    assert_eq!(ends(&store).as_deref(), Some("ae"));
    for name in [b"a", b"e"] {
        store.delete(name).expect("delete");
    }
    assert_eq!(ends(&store).as_deref(), Some("bd"), "in the memtable");
    let snapshot = store.snapshot();
    store.flush().expect("flush");
    assert_eq!(ends(&store).as_deref(), Some("bd"), "in a newer segment");
    for name in [b"b", b"d"] {
        store.delete(name).expect("delete");
    }
    assert_eq!(ends(&store).as_deref(), Some("cc"), "in both");
    store.delete(b"c").expect("delete");
    assert_eq!(ends(&store), None);
    assert_eq!(key(store.first_at(&snapshot)).as_deref(), Some("b"));
    assert_eq!(key(store.last_at(&snapshot)).as_deref(), Some("d"));
    store.compact().expect("compact");
    assert_eq!(ends(&store), None);
    assert_eq!(key(store.first_at(&snapshot)).as_deref(), Some("b"));
}

#[test]
fn a_swap_of_an_absent_key_is_decided_by_the_newest_layer() {
    let disk = MemoryDisk::default();
    let store = open_on(&disk);
    let swap = |expected: Option<&[u8]>, new: Option<&[u8]>| {
        store.compare_and_swap(b"k", expected, new).expect("swap")
    };
    assert!(swap(None, None), "absent, and stays so");
    assert!(!swap(Some(b""), Some(b"1")), "an empty value is a value");
    assert!(swap(None, Some(b"")));
    assert!(!swap(None, Some(b"1")));
    assert!(swap(Some(b""), Some(b"1")));
    store.flush().expect("flush");
    store.delete(b"k").expect("delete");
    assert!(!swap(Some(b"1"), Some(b"2")), "what the segment has is old");
    assert!(swap(None, Some(b"2")));
    store.flush().expect("flush");
    assert!(!swap(Some(b"1"), None));
    assert!(swap(Some(b"2"), None), "removed by a tombstone");
    store.close().expect("closes");
    assert_eq!(open_on(&disk).get(b"k").expect("get"), None);
}

/// The size of the only log.
fn log_bytes(disk: &MemoryDisk) -> usize {
    let log = disk.read_file("store/000002.log".as_ref());
    log.expect("the first log").len()
}

#[test]
fn a_swap_that_does_not_match_writes_nothing_and_one_too_large_is_refused_first() {
    let disk = MemoryDisk::default();
    let with_limits = Options {
        key_bytes_max: 4,
        value_bytes_max: 4,
        ..Options::default()
    };
    let store = Store::open_on(disk.clone(), "store", with_limits).expect("opens");
    store.put(b"k", b"1").expect("put");
    let (bytes, sequence) = (log_bytes(&disk), store.sequence());
    let synced = WriteOptions::synced();
    for options in [WriteOptions::default(), synced] {
        let swapped = store.compare_and_swap_with(b"k", None, Some(b"2"), options);
        assert!(!swapped.expect("swap"));
    }
    for (key, new) in [(&b"longer"[..], &b"2"[..]), (b"k", b"longer")] {
        for expected in [None, Some(&b"1"[..])] {
            let refused = store.compare_and_swap(key, expected, Some(new));
            assert!(matches!(refused, Err(Error::TooLarge { .. })));
        }
    }
    assert_eq!((log_bytes(&disk), store.sequence()), (bytes, sequence));
    assert!(
        store
            .compare_and_swap_with(b"k", Some(b"1"), None, synced)
            .expect("swap")
    );
}

/// Each thread adds one, again and again: a swap decided on anything but the newest value would
/// lose one.
#[test]
fn swaps_of_threads_lose_nothing() {
    const THREADS: u64 = 3;
    const ROUNDS: u64 = 400;
    for compaction in [Compaction::InCaller, Compaction::Background] {
        let disk = MemoryDisk::default();
        let store = Store::open_on(disk, "store", options(compaction)).expect("opens");
        let number = |value: Option<Vec<u8>>| {
            value.map_or(0, |value| {
                u64::from_le_bytes(value.try_into().expect("8 bytes"))
            })
        };
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut added = 0;
                    while added < ROUNDS {
                        let old = store.get(b"n").expect("get");
                        let new = (number(old.clone()) + 1).to_le_bytes();
                        let swapped = store.compare_and_swap(b"n", old.as_deref(), Some(&new));
                        added += u64::from(swapped.expect("swap"));
                    }
                });
            }
        });
        assert_eq!(number(store.get(b"n").expect("get")), THREADS * ROUNDS);
    }
}
