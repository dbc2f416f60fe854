//! Levels: random operations under tiny thresholds, held against a map, with every rule of the
//! levels looked at after every operation.
//!
//! The rules, as numbered in `check_levels`:
//! 1. `segments()` lists the deepest level first, by key inside a level, then level 0 by age.
//! 2. Below level 0 the segments of a level have no key in common, and each ends before the next.
//! 3. Of one key, every version in a shallower level is newer than every one deeper down, and in
//!    level 0 later segments are the newer.
//! 4. After a flush no level is over its threshold.
//! 5. The directory holds the segments that are listed, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use etalon::disk::MemoryDisk;
use etalon::{Compaction, Options, Segment, Snapshot, Store};
use quickcheck::{Arbitrary, Gen, QuickCheck};

#[derive(Clone, Debug)]
enum Op {
    Put(u8, u16),
    Delete(u8),
    Flush,
    CompactOnce,
    Compact,
    /// Takes the place of another snapshot, if one has that place.
    Snapshot(u8),
    Release(u8),
    Reopen,
}

impl Arbitrary for Op {
    fn arbitrary(g: &mut Gen) -> Op {
        let key = u8::arbitrary(g) % 24;
        match u8::arbitrary(g) % 32 {
            0..12 => Op::Put(key, u16::arbitrary(g) % 300),
            12..18 => Op::Delete(key),
            18..20 => Op::Snapshot(key % 3),
            20 => Op::Release(key % 3),
            21..28 => Op::Flush,
            28..30 => Op::CompactOnce,
            30 => Op::Compact,
            _ => Op::Reopen,
        }
    }
}

/// Thresholds, each from a few tiny values.
#[derive(Clone, Copy, Debug)]
struct Tiny {
    automatic: bool,
    level0_segments: usize,
    level1_bytes: u64,
    level_growth: u64,
    segment_bytes: u64,
}

impl Arbitrary for Tiny {
    fn arbitrary(g: &mut Gen) -> Tiny {
        let mut one_of = |values: &[u64]| *g.choose(values).expect("a value");
        Tiny {
            automatic: one_of(&[0, 1, 1]) == 1,
            level0_segments: one_of(&[1, 2, 4]) as usize,
            level1_bytes: one_of(&[1, 300, 1000, 4000]),
            level_growth: one_of(&[1, 2, 10]),
            segment_bytes: one_of(&[1, 100, 400, 100_000]),
        }
    }
}

impl Tiny {
    fn options(self) -> Options {
        let by_hand = Options::default().compaction;
        Options {
            compaction: if self.automatic {
                Compaction::InCaller
            } else {
                by_hand
            },
            level0_segments: self.level0_segments,
            level1_bytes: self.level1_bytes,
            level_growth: self.level_growth,
            segment_bytes: self.segment_bytes,
            ..Options::default()
        }
    }

    fn level_bytes(self, level: usize) -> u64 {
        self.level1_bytes * self.level_growth.pow(level as u32 - 1)
    }
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the store must answer, now and at each living snapshot.
#[derive(Default)]
struct Expected {
    now: Model,
    then: BTreeMap<u8, (Snapshot, Model)>,
}

fn name(key: u8) -> Vec<u8> {
    format!("key{key:02}").into_bytes()
}

fn apply(store: Store, op: &Op, tiny: Tiny, disk: &MemoryDisk, expected: &mut Expected) -> Store {
    match op {
        Op::Put(key, length) => {
            let value = vec![b'v'; usize::from(*length)];
            store.put(&name(*key), &value).expect("put");
            expected.now.insert(name(*key), value);
        }
        Op::Delete(key) => {
            store.delete(&name(*key)).expect("delete");
            expected.now.remove(&name(*key));
        }
        Op::Flush => {
            store.flush().expect("flush");
            if tiny.automatic {
                check_thresholds(&store.segments(), tiny);
                assert!(
                    !store.compact_once().expect("a step"),
                    "rule 4: a step was left over"
                );
            }
        }
        Op::CompactOnce => drop(store.compact_once().expect("a step")),
        Op::Compact => {
            store.compact().expect("compact");
            check_run(&store.segments(), expected.then.is_empty());
        }
        Op::Snapshot(place) => {
            let taken = (store.snapshot(), expected.now.clone());
            expected.then.insert(*place, taken);
        }
        Op::Release(place) => drop(expected.then.remove(place)),
        Op::Reopen => {
            expected.then.clear();
            store.close().expect("close");
            return Store::open_on(disk.clone(), "db", tiny.options()).expect("opens");
        }
    }
    store
}

/// After a compaction of everything.
fn check_run(segments: &[Segment], no_snapshots: bool) {
    let levels: BTreeSet<usize> = segments.iter().map(Segment::level).collect();
    let one_run = levels.len() <= 1 && !levels.contains(&0);
    assert!(one_run, "levels {levels:?}");
    for segment in segments.iter().filter(|_| no_snapshots) {
        let entries = segment.entries().expect("readable");
        let alive = entries.iter().all(|entry| entry.value.is_some());
        assert!(alive, "a tombstone");
        let once = entries.windows(2).all(|pair| pair[0].key != pair[1].key);
        assert!(once, "an old version");
    }
}

/// Rule 4.
fn check_thresholds(segments: &[Segment], tiny: Tiny) {
    for level in 0..6 {
        let files = segments.iter().filter(|segment| segment.level() == level);
        if level == 0 {
            assert!(files.count() < tiny.level0_segments, "rule 4: level 0");
        } else {
            let bytes: u64 = files.map(Segment::bytes).sum();
            assert!(
                bytes < tiny.level_bytes(level),
                "rule 4: level {level} has {bytes}"
            );
        }
    }
}

fn check_levels(store: &Store, disk: &MemoryDisk) {
    let segments = store.segments();
    let mut newest_of_key: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let mut last: Option<(usize, u64, Vec<u8>)> = None;
    for segment in &segments {
        let entries = segment.entries().expect("readable");
        let (first, end) = (&entries[0].key, &entries[entries.len() - 1].key);
        let level = segment.level();
        if let Some((last_level, last_number, last_key)) = last {
            assert!(level <= last_level, "rule 1");
            if level == last_level && level == 0 {
                assert!(last_number < segment.number(), "rule 1");
            } else if level == last_level {
                assert!(last_key < *first, "rule 2");
            }
        }
        for pair in entries.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let follows = a.key < b.key || (a.key == b.key && a.sequence > b.sequence);
            assert!(follows, "a segment is sorted");
        }
        // Entries of one key come newest first, so its newest meets the deeper levels' newest.
        for entry in entries.iter().rev() {
            let newest = newest_of_key.entry(entry.key.clone()).or_default();
            assert!(*newest < entry.sequence, "rule 3: {:?}", entry.key);
            *newest = entry.sequence;
        }
        last = Some((level, segment.number(), end.clone()));
    }
    let listed: BTreeSet<String> = segments
        .iter()
        .map(|segment| format!("db/{:06}.ldb", segment.number()))
        .collect();
    assert_eq!(tables(disk), listed, "rule 5");
}

fn tables(disk: &MemoryDisk) -> BTreeSet<String> {
    let is_table = |path: &Path| path.extension().is_some_and(|suffix| suffix == "ldb");
    let paths = disk.paths().into_iter().filter(|path| is_table(path));
    paths
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

fn check_answers(store: &Store, expected: &Expected) {
    let listed = |model: &Model| model.clone().into_iter().collect::<Vec<_>>();
    for key in (0..24).map(name) {
        let value = expected.now.get(&key).cloned();
        assert_eq!(store.get(&key).expect("get"), value, "{key:?}");
        for (snapshot, model) in expected.then.values() {
            let value = model.get(&key).cloned();
            assert_eq!(
                store.get_at(snapshot, &key).expect("get"),
                value,
                "{key:?} then"
            );
        }
    }
    assert_eq!(store.scan().collect().expect("scan"), listed(&expected.now));
    for (snapshot, model) in expected.then.values() {
        let found = store.scan().at(snapshot).collect().expect("scan");
        assert_eq!(found, listed(model), "then");
    }
}

#[test]
fn levels_keep_their_rules_after_every_operation() {
    fn property(tiny: Tiny, ops: Vec<Op>) {
        let disk = MemoryDisk::default();
        let mut store = Store::open_on(disk.clone(), "db", tiny.options()).expect("opens");
        let mut expected = Expected::default();
        for op in ops {
            store = apply(store, &op, tiny, &disk, &mut expected);
            check_levels(&store, &disk);
            check_answers(&store, &expected);
        }
    }
    let longer = QuickCheck::new().rng(Gen::new(150));
    longer.tests(300).quickcheck(property as fn(Tiny, Vec<Op>));
}

fn tiny() -> Options {
    Options {
        level0_segments: 2,
        segment_bytes: 1,
        ..Options::default()
    }
}

fn open(disk: &MemoryDisk, options: Options) -> Store {
    Store::open_on(disk.clone(), "db", options).expect("opens")
}

/// Two flushes of the same keys, as one step takes them to level 1.
fn put_twice(store: &Store, keys: &[&[u8]]) {
    for _ in 0..2 {
        for key in keys {
            store.put(key, b"v").expect("put");
        }
        store.flush().expect("flush");
    }
    assert!(store.compact_once().expect("a step"), "level 0 is full");
}

/// Keys with their levels: each segment holds one key.
fn drawn(store: &Store) -> String {
    let key = |segment: &Segment| segment.entries().expect("readable")[0].key[0] as char;
    let segments = store.segments();
    let drawn = segments
        .iter()
        .map(|segment| format!("{}{}", segment.level(), key(segment)));
    drawn.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_level_s_next_compaction_begins_after_the_last_one_also_after_a_reopen() {
    let disk = MemoryDisk::default();
    let over = || Options {
        level1_bytes: 1,
        ..tiny()
    };
    let store = open(&disk, tiny());
    put_twice(&store, &[b"a", b"b", b"c"]);
    assert_eq!(drawn(&store), "1a 1b 1c");
    store.close().expect("close");
    let store = open(&disk, over());
    assert!(store.compact_once().expect("a step"));
    assert_eq!(drawn(&store), "2a 1b 1c");
    store.close().expect("close");
    let store = open(&disk, tiny());
    put_twice(&store, &[b"a"]);
    assert_eq!(drawn(&store), "2a 1a 1b 1c");
    store.close().expect("close");
    let store = open(&disk, over());
    assert!(store.compact_once().expect("a step"));
    assert_eq!(
        drawn(&store),
        "2a 2b 1a 1c",
        "the next after a, and not a again"
    );
}

#[test]
fn a_segment_that_somebody_holds_stays_until_they_let_go() {
    let disk = MemoryDisk::default();
    let store = open(&disk, tiny());
    store.put(b"a", b"then").expect("put");
    store.flush().expect("flush");
    let held = store.segments();
    store.put(b"a", b"now").expect("put");
    store.compact().expect("compact");
    assert_eq!(tables(&disk).len(), 2, "the one in use and the one held");
    let entries = held[0].entries().expect("still readable");
    assert_eq!(entries[0].value.as_deref(), Some(&b"then"[..]));
    drop(entries);
    store.flush().expect("flush");
    assert_eq!(tables(&disk).len(), 2, "not while it is held");
    drop(held);
    assert_eq!(tables(&disk).len(), 2, "a reader removes nothing");
    store.flush().expect("flush");
    assert_eq!(tables(&disk).len(), 1, "the writer does, the next time");
}

#[test]
fn a_tombstone_goes_down_with_what_it_hides_and_ends_there() {
    let disk = MemoryDisk::default();
    let store = open(
        &disk,
        Options {
            level1_bytes: 1,
            ..tiny()
        },
    );
    put_twice(&store, &[b"a", b"b"]);
    while store.compact_once().expect("a step") {}
    let settled = drawn(&store);
    assert!(!settled.contains('1'), "both went down: {settled}");
    store.delete(b"a").expect("delete");
    store.flush().expect("flush");
    store.delete(b"a").expect("delete");
    store.flush().expect("flush");
    let before = store.stats();
    assert!(store.compact_once().expect("a step"), "level 0 is full");
    assert_eq!(store.stats().tombstones_kept, before.tombstones_kept + 1);
    assert_eq!(store.get(b"a").expect("get"), None);
    while store.compact_once().expect("a step") {}
    assert_eq!(store.get(b"a").expect("get"), None);
    store.compact().expect("compact");
    let left = store.scan().collect().expect("scan");
    let stored: usize = store
        .segments()
        .iter()
        .map(|segment| segment.entries().expect("readable").len())
        .sum();
    assert_eq!((left.len(), stored), (1, 1), "only b is left");
}

#[test]
fn thresholds_that_cannot_work_are_refused_by_name() {
    type Change = fn(&mut Options);
    let refused = |change: Change| {
        let mut options = tiny();
        change(&mut options);
        let opened = Store::open_on(MemoryDisk::default(), "db", options);
        opened.expect_err("refused").to_string()
    };
    let cases: [(Change, &str); 4] = [
        (|o| o.level0_segments = 0, "level0_segments"),
        (|o| o.level1_bytes = 0, "level1_bytes"),
        (|o| o.level_growth = 0, "level_growth"),
        (|o| o.segment_bytes = 0, "segment_bytes"),
    ];
    for (change, name) in cases {
        assert_eq!(refused(change), format!("option {name} = 0: at least 1"));
    }
}
