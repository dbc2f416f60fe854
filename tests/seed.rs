//! The tests of the course that this project started from, in its words.
//!
//! Its stages: a store that flushes, one that compacts, one that survives a crash by its log.
//! Each test here says on the engine what the course says on the learner's store.

use etalon::disk::MemoryDisk;
use etalon::{Options, SegmentEntry, Store};

fn store() -> Store {
    store_on(&MemoryDisk::default())
}

fn store_on(disk: &MemoryDisk) -> Store {
    Store::open_on(disk.clone(), "store", Options::default()).expect("opens")
}

fn put(store: &Store, key: &str, value: &str) {
    store.put(key.as_bytes(), value.as_bytes()).expect("put");
}

fn delete(store: &Store, key: &str) {
    store.delete(key.as_bytes()).expect("delete");
}

fn get(store: &Store, key: &str) -> Option<String> {
    let value = store.get(key.as_bytes()).expect("get");
    value.map(|value| String::from_utf8(value).expect("text"))
}

fn flush(store: &Store) {
    store.flush().expect("flush");
}

fn compact(store: &Store) {
    store.compact().expect("compact");
}

/// The entries of every segment, the newest segment last, as (key, value or none).
fn segments(store: &Store) -> Vec<Vec<(String, Option<String>)>> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let pair = |entry: SegmentEntry| (text(entry.key), entry.value.map(text));
    let list = store.segments().into_iter();
    list.map(|segment| {
        segment
            .entries()
            .expect("readable")
            .into_iter()
            .map(pair)
            .collect()
    })
    .collect()
}

fn some(key: &str, value: &str) -> (String, Option<String>) {
    (key.to_owned(), Some(value.to_owned()))
}

// Stage: segments.

#[test]
fn flush_produces_a_sorted_immutable_segment() {
    let store = store();
    for key in ["c", "a", "b"] {
        put(&store, key, "1");
    }
    flush(&store);
    let sorted = vec![some("a", "1"), some("b", "1"), some("c", "1")];
    assert_eq!(segments(&store), std::slice::from_ref(&sorted));

    let held = store.segments().remove(0);
    put(&store, "a", "2");
    delete(&store, "b");
    flush(&store);
    assert_eq!(segments(&store)[0], sorted, "later changes go elsewhere");
    compact(&store);
    assert_eq!(
        held.entries().expect("still readable").len(),
        3,
        "and its holder keeps it"
    );
}

#[test]
fn flush_clears_the_memtable() {
    let store = store();
    put(&store, "k", "v");
    flush(&store);
    flush(&store);
    assert_eq!(segments(&store).len(), 1, "the second flush found nothing");
    get(&store, "k");
    assert_eq!(store.stats().gets_by_memtable, 0);
    assert_eq!(store.stats().gets_by_level0, 1);
}

#[test]
fn reads_fall_through_to_segments_after_flush() {
    let store = store();
    put(&store, "a", "1");
    put(&store, "b", "2");
    flush(&store);
    assert_eq!(get(&store, "a").as_deref(), Some("1"));
    assert_eq!(get(&store, "b").as_deref(), Some("2"));
    assert_eq!(get(&store, "c"), None);
}

#[test]
fn the_memtable_beats_older_segments() {
    let store = store();
    put(&store, "k", "old");
    flush(&store);
    put(&store, "k", "new");
    assert_eq!(get(&store, "k").as_deref(), Some("new"));
}

#[test]
fn newer_segments_beat_older_segments() {
    let store = store();
    for value in ["1", "2", "3"] {
        put(&store, "k", value);
        flush(&store);
    }
    assert_eq!(
        segments(&store),
        [[some("k", "1")], [some("k", "2")], [some("k", "3")]]
    );
    assert_eq!(get(&store, "k").as_deref(), Some("3"));
}

#[test]
fn tombstones_flush_and_hide_older_values() {
    let store = store();
    put(&store, "k", "v");
    flush(&store);
    delete(&store, "k");
    flush(&store);
    assert_eq!(segments(&store)[1], [("k".to_owned(), None)]);
    assert_eq!(get(&store, "k"), None);
}

// Stage: compaction.

#[test]
fn many_segments_become_one() {
    let store = store();
    for key in ["a", "b", "c", "d"] {
        put(&store, key, key);
        flush(&store);
    }
    assert_eq!(segments(&store).len(), 4);
    compact(&store);
    assert_eq!(segments(&store).len(), 1);
    assert!(store.segments()[0].level() > 0, "below level 0");
}

#[test]
fn newest_value_per_key_wins_the_merge() {
    let store = store();
    for value in ["1", "2", "3"] {
        put(&store, "k", value);
        flush(&store);
    }
    compact(&store);
    assert_eq!(segments(&store), [[some("k", "3")]]);
}

#[test]
fn tombstones_are_garbage_collected() {
    let store = store();
    put(&store, "dead", "v");
    put(&store, "alive", "v");
    flush(&store);
    delete(&store, "dead");
    compact(&store);
    assert_eq!(segments(&store), [[some("alive", "v")]]);
    delete(&store, "alive");
    compact(&store);
    assert!(segments(&store).is_empty(), "nothing alive, no segment");
}

#[test]
fn the_merged_segment_is_sorted() {
    let store = store();
    for keys in [["d", "a"], ["c", "e"], ["b", "a"]] {
        for key in keys {
            put(&store, key, key);
        }
        flush(&store);
    }
    compact(&store);
    let keys: Vec<String> = segments(&store)
        .concat()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys, ["a", "b", "c", "d", "e"]);
}

#[test]
fn reads_work_identically_after_compaction() {
    let store = store();
    for i in 0..100 {
        put(&store, &format!("key{:02}", i % 40), &i.to_string());
        if i % 3 == 0 {
            delete(&store, &format!("key{:02}", (i + 7) % 40));
        }
        if i % 10 == 9 {
            flush(&store);
        }
    }
    let read = |store: &Store| {
        let gets: Vec<_> = (0..41).map(|i| get(store, &format!("key{i:02}"))).collect();
        (gets, store.scan().collect().expect("scan"))
    };
    let before = read(&store);
    compact(&store);
    assert_eq!(read(&store), before);
}

// Stage: the log.

/// The changes in the store's logs, oldest first, read from the bytes on disk.
fn logged(disk: &MemoryDisk) -> Vec<(String, Option<String>)> {
    let is_log = |path: &std::path::PathBuf| path.extension() == Some("log".as_ref());
    let mut changes = Vec::new();
    for path in disk.paths().into_iter().filter(is_log) {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let torn = etalon::inspect::log(disk, &path, &mut |batch| {
            let pairs = batch.changes.into_iter();
            changes.extend(pairs.map(|change| (text(change.key), change.value.map(text))));
        });
        assert_eq!(torn.expect("readable"), None);
    }
    changes
}

#[test]
fn mutations_are_appended_to_the_log_in_order() {
    let disk = MemoryDisk::default();
    let store = store_on(&disk);
    put(&store, "a", "1");
    delete(&store, "a");
    put(&store, "b", "2");
    assert_eq!(
        logged(&disk),
        [some("a", "1"), ("a".to_owned(), None), some("b", "2")]
    );
}

#[test]
fn survives_a_crash_via_log_replay() {
    let disk = MemoryDisk::default();
    let store = store_on(&disk);
    put(&store, "flushed", "1");
    flush(&store);
    put(&store, "logged", "2");
    delete(&store, "flushed");
    drop(store); // no close: as if the process had died

    let store = store_on(&disk);
    assert_eq!(get(&store, "logged").as_deref(), Some("2"));
    assert_eq!(get(&store, "flushed"), None);
}

#[test]
fn replay_preserves_overwrite_order() {
    let disk = MemoryDisk::default();
    let store = store_on(&disk);
    for value in ["1", "2", "3"] {
        put(&store, "k", value);
    }
    delete(&store, "gone");
    put(&store, "gone", "back");
    drop(store);

    let store = store_on(&disk);
    assert_eq!(get(&store, "k").as_deref(), Some("3"));
    assert_eq!(get(&store, "gone").as_deref(), Some("back"));
}
