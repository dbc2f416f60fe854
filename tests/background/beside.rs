//! Reads, writes, iterators and work by hand beside the background, in real threads.
//!
//! Two writers have keys of their own and write rising numbers, always to two keys in one batch.
//! Whoever reads meanwhile sees no number fall, and never two different ones in a pair.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use etalon::disk::{Disk, Files, MemoryDisk};
use etalon::{Batch, Compaction, Options, Store};

const WRITERS: u32 = 2;
const PAIRS: u32 = 40;
const ROUNDS: u32 = 60;

fn options() -> Options {
    Options {
        compaction: Compaction::Background,
        memtable_bytes: 1 << 10,
        level0_segments: 2,
        level0_slow_segments: 3,
        level0_stop_segments: 4,
        level1_bytes: 4 << 10,
        level_growth: 2,
        segment_bytes: 1 << 10,
        manifest_bytes: 4 << 10,
        ..Options::default()
    }
}

fn key(writer: u32, pair: u32, half: u32) -> Vec<u8> {
    format!("{half} {writer} {pair:02}").into_bytes()
}

fn number(value: &[u8]) -> u32 {
    String::from_utf8_lossy(value).parse().expect("a number")
}

fn write(store: &Store, writer: u32) {
    for round in 0..ROUNDS {
        for pair in 0..PAIRS {
            let value = round.to_string();
            let mut batch = Batch::default();
            for half in 0..2 {
                batch.put(&key(writer, pair, half), value.as_bytes());
            }
            store.write(&batch).expect("writes");
        }
    }
}

/// Gets and iterates until the writers are done. Returns how often it came round.
fn read(store: &Store, writing: &AtomicUsize) -> usize {
    let mut seen: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    let mut passes = 0;
    while writing.load(Ordering::SeqCst) > 0 {
        for pair in 0..PAIRS {
            let key = key(pair % WRITERS, pair, pair % 2);
            let found = store.get(&key).expect("reads");
            never_falls(&mut seen, &key, found.as_deref());
        }
        let mut iter = store.iterator().expect("reads");
        let mut entries = BTreeMap::new();
        let mut last = Vec::new();
        iter.seek_to_first().expect("reads");
        while let Some((key, value)) = iter.entry() {
            assert!(last.as_slice() < key, "in order, each once");
            last = key.to_vec();
            never_falls(&mut seen, key, Some(value));
            entries.insert(key.to_vec(), number(value));
            iter.next().expect("reads");
        }
        whole_batches(&entries);
        passes += 1;
    }
    passes
}

fn whole_batches<V: PartialEq + std::fmt::Debug>(entries: &BTreeMap<Vec<u8>, V>) {
    for writer in 0..WRITERS {
        for pair in 0..PAIRS {
            let half = |half| entries.get(&key(writer, pair, half));
            assert_eq!(half(0), half(1), "a batch is seen whole or not at all");
        }
    }
}

/// Asks for work by hand until the writers are done. Returns how often it came round.
fn work_by_hand(
    disk: &(impl Disk + Clone + 'static),
    directory: &str,
    store: &Store,
    writing: &AtomicUsize,
) -> usize {
    let mut rounds = 0;
    while writing.load(Ordering::SeqCst) > 0 {
        let snapshot = store.snapshot();
        let at = || store.scan().at(&snapshot).collect().expect("reads");
        let before = at();
        store.flush().expect("flushes");
        let copy = format!("{directory}-{rounds}");
        store.checkpoint(&copy).expect("copies");
        store.compact().expect("compacts");
        assert_eq!(at(), before, "a snapshot stays as it was");
        let copy = Store::open_read_only_on(disk.clone(), &copy).expect("opens");
        whole_batches(&copy.scan().collect().expect("reads").into_iter().collect());
        rounds += 1;
    }
    rounds
}

fn never_falls(seen: &mut BTreeMap<Vec<u8>, u32>, key: &[u8], value: Option<&[u8]>) {
    let before = seen.get(key).copied();
    let now = value.map(number);
    assert!(
        before <= now,
        "{before:?} was read before, and {now:?} after"
    );
    seen.extend(now.map(|now| (key.to_vec(), now)));
}

fn check_end(store: &Store) {
    let mut expected = BTreeMap::new();
    for writer in 0..WRITERS {
        for pair in 0..PAIRS {
            for half in 0..2 {
                let last = (ROUNDS - 1).to_string().into_bytes();
                expected.insert(key(writer, pair, half), last);
            }
        }
    }
    let entries = store.scan().collect().expect("reads");
    assert_eq!(entries.into_iter().collect::<BTreeMap<_, _>>(), expected);
}

fn readers_and_writers_beside_the_background(disk: impl Disk + Clone + 'static, directory: &str) {
    let store = Store::open_on(disk.clone(), directory, options()).expect("opens");
    let writing = AtomicUsize::new(WRITERS as usize);
    let start = Barrier::new(WRITERS as usize + 3);
    let passes: Vec<usize> = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, writing, start) = (&store, &writing, &start);
            scope.spawn(move || {
                start.wait();
                write(store, writer);
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        let others = [0, 1, 2].map(|other| {
            let (disk, store, writing, start) = (&disk, &store, &writing, &start);
            scope.spawn(move || {
                start.wait();
                match other {
                    0 => work_by_hand(disk, directory, store, writing),
                    _ => read(store, writing),
                }
            })
        });
        others
            .map(|other| other.join().expect("nothing fails"))
            .into()
    });
    assert!(
        passes.iter().all(|passes| *passes > 0),
        "all were at work beside the writers: {passes:?}"
    );
    check_end(&store);
    let stats = store.stats();
    assert!(stats.automatic_flushes > 10, "{stats:?}");
    assert!(stats.compactions > 10, "{stats:?}");
    store.close().expect("closes");
    let store = Store::open_on(disk, directory, Options::default()).expect("opens");
    check_end(&store);
}

#[test]
fn no_reader_goes_back_or_sees_half_a_batch_on_a_disk_in_memory() {
    readers_and_writers_beside_the_background(MemoryDisk::default(), "store");
}

#[test]
fn no_reader_goes_back_or_sees_half_a_batch_on_real_files() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("store");
    readers_and_writers_beside_the_background(Files, directory.to_str().expect("UTF-8"));
}
