//! What a get costs, asserted by counting block reads, not by time.

use etalon::disk::MemoryDisk;
use etalon::{Options, Store};

fn store(options: Options) -> Store {
    Store::open_on(MemoryDisk::default(), "store", options).expect("opens")
}

fn key(i: u32) -> Vec<u8> {
    format!("key{i:06}").into_bytes()
}

fn fill(store: &Store, keys: impl Iterator<Item = u32>) {
    for i in keys {
        store.put(&key(i), b"a value of some length").expect("put");
    }
    store.flush().expect("flush");
}

/// Blocks read by `work`.
fn blocks(store: &Store, work: impl FnOnce()) -> u64 {
    let before = store.stats().blocks_read;
    work();
    store.stats().blocks_read - before
}

#[test]
fn a_key_that_is_there_costs_one_block_in_its_segment() {
    let store = store(Options {
        block_bytes: 256,
        ..Options::default()
    });
    fill(&store, 0..10_000);
    for i in [0, 1, 4_999, 9_999] {
        let read = blocks(&store, || {
            assert!(store.get(&key(i)).expect("get").is_some());
        });
        assert_eq!(read, 1, "key {i} of some hundreds of blocks");
    }
}

#[test]
fn no_block_is_read_where_the_filter_says_no() {
    let store = store(Options {
        filter_bits: 20,
        ..Options::default()
    });
    fill(&store, (0..10_000).filter(|i| i % 2 == 0));
    // Between keys that are there: beyond the last one not even the filter is asked.
    let absent = (0..9_999).filter(|i| i % 2 == 1);
    let read = blocks(&store, || {
        for i in absent {
            assert_eq!(store.get(&key(i)).expect("get"), None);
        }
    });
    // Twenty bits a key let about one absent key in ten thousand through.
    assert!(read <= 10, "{read} blocks for 4,999 absent keys");
    let stats = store.stats();
    assert_eq!(
        stats.segments_skipped + stats.blocks_read_in_vain,
        stats.gets_by_none
    );
}

#[test]
fn without_a_filter_an_absent_key_between_others_costs_a_block() {
    let store = store(Options {
        filter_bits: 0,
        ..Options::default()
    });
    fill(&store, (0..100).filter(|i| i % 2 == 0));
    let read = blocks(&store, || {
        assert_eq!(store.get(&key(51)).expect("get"), None);
    });
    assert_eq!(read, 1);
}

#[test]
fn a_tombstone_ends_the_search() {
    let store = store(Options {
        filter_bits: 0,
        ..Options::default()
    });
    for _ in 0..5 {
        fill(&store, 0..10);
    }
    store.delete(&key(3)).expect("delete");
    store.flush().expect("flush");
    let read = blocks(&store, || {
        assert_eq!(store.get(&key(3)).expect("get"), None);
    });
    assert_eq!(read, 1, "the newest of six segments, and no more");
    store.delete(&key(3)).expect("delete");
    let read = blocks(&store, || {
        assert_eq!(store.get(&key(3)).expect("get"), None);
    });
    assert_eq!(read, 0, "in memory");
}

#[test]
fn a_segment_whose_keys_do_not_span_the_key_is_not_asked() {
    let store = store(Options {
        filter_bits: 0,
        ..Options::default()
    });
    fill(&store, 0..10);
    fill(&store, 20..30);
    let read = blocks(&store, || {
        assert!(store.get(&key(5)).expect("get").is_some());
    });
    assert_eq!(read, 1);
}
