//! Group commit: writers that come while another one is at work are written as one.

use std::collections::BTreeSet;
use std::sync::Arc;

use etalon_loom::{Options, Store, WriteOptions};
use loom::thread::JoinHandle;

use crate::disk::TestDisk;
use crate::explore::{Extent, Scenario, Work, spawn};
use crate::program::{done, listed, open, value};

/// Two writers never form a group, since the second finds the first at work: three do. A fourth
/// thread wakes whoever waits, for nothing.
pub(crate) static GROUP: Scenario = Scenario::new(
    "group of three",
    [Extent::Preemptions(2), Extent::Preemptions(3)],
    Work::Other(
        4,
        7,
        || run(3, true),
        || {
            let outcomes = [
                "largest group 0, log synced 3 times, [a=1 b=1 c=1]",
                "largest group 2, log synced 2 times, [a=1 b=1 c=1]",
            ];
            outcomes.map(str::to_owned).into()
        },
    ),
);

/// Four writers: groups of two and of three, and a group behind a group.
pub(crate) static FOUR: Scenario = Scenario::new(
    "group of four",
    [Extent::Preemptions(2), Extent::Preemptions(3)],
    Work::Other(4, 8, || run(4, false), four),
);

fn four() -> BTreeSet<String> {
    let outcomes = [
        "largest group 0, log synced 4 times, [a=1 b=1 c=1 d=1]",
        "largest group 2, log synced 3 times, [a=1 b=1 c=1 d=1]",
        "largest group 3, log synced 2 times, [a=1 b=1 c=1 d=1]",
    ];
    outcomes.map(str::to_owned).into()
}

const KEYS: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];

/// Each writer writes a key of its own, synced, and reads it back.
fn run(writers: usize, wakes: bool) -> String {
    let disk = TestDisk::default();
    let store = Arc::new(open(&disk, Options::default()));
    let before = disk.log_syncs();
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for key in &KEYS[1..writers] {
        let store = Arc::clone(&store);
        threads.push(spawn(move || write(&store, key)));
    }
    if wakes {
        let store = Arc::clone(&store);
        threads.push(spawn(move || store.notify_all_waiters()));
    }
    write(&store, KEYS[0]);
    for thread in threads {
        thread.join().expect("the thread returns");
    }
    let (largest, syncs) = (store.stats().write_group_largest, disk.log_syncs() - before);
    let all = listed(store.scan().collect());
    format!("largest group {largest}, log synced {syncs} times, {all}")
}

fn write(store: &Store, key: &[u8]) {
    done(store.put_with(key, b"1", WriteOptions::synced()));
    assert_eq!(value(store.get(key)), "1", "a writer reads what it wrote");
}
