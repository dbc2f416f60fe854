//! What has a number instead of bytes: short keys, names of options, usual settings; names of
//! snapshots and iterators since version 2, of transactions, savepoints and key spaces since version
//! 4. Frozen for ever.

use crate::name::Name;

/// Short keys, so that random bytes meet the same key often: prefixes of each other, neighbours,
/// the least and greatest bytes, numbers. The first eight are the most frequent.
pub(super) const KEYS: [&[u8]; 32] = [
    b"a",
    b"b",
    b"c",
    b"ab",
    b"",
    b"a\x00",
    b"\x00",
    b"\xff",
    b"aa",
    b"abc",
    b"b\x00",
    b"k",
    b"k1",
    b"k2",
    b"k10",
    b"z",
    b"\x00\x00",
    b"\x00\x01",
    b"\x01",
    b"\xfe",
    b"\xfe\xff",
    b"\xff\xff",
    b"\xff\x00",
    b"\xff\xff\xff",
    b"0",
    b"1",
    b"9",
    b"10",
    b"user1",
    b"user2",
    b"key",
    b"a\xff",
];

const KEYS_FREQUENT: usize = 8;
const KEY_LONGEST: usize = 5;

/// The key of a tag: below 32 its own, beyond that one of the frequent ones.
pub(super) fn key(tag: u8) -> &'static [u8] {
    let number = usize::from(tag);
    KEYS.get(number)
        .unwrap_or_else(|| &KEYS[number % KEYS_FREQUENT])
}

/// The number of a key, if it has one.
pub(super) fn key_number(key: &[u8]) -> Option<u8> {
    if key.len() > KEY_LONGEST {
        return None;
    }
    KEYS.iter()
        .position(|pooled| *pooled == key)
        .map(|number| number as u8)
}

/// Names of options. The names are frozen, not their meaning: the store's profile says that.
pub(super) const NAMES: [&str; 16] = [
    "memtable_bytes",
    "block_bytes",
    "restart_interval",
    "filter_bits",
    "compression",
    "table_bytes",
    "level_ratio",
    "level0_tables",
    "cache_bytes",
    "log_bytes",
    "page_bytes",
    "write_buffers",
    "open_files",
    "sync",
    "mmap",
    "threads",
];

const NAMES_FREQUENT: usize = 5;

/// The name of a tag: below 16 its own, beyond that one of the frequent ones.
pub(super) fn name(tag: u8) -> &'static str {
    let number = usize::from(tag);
    NAMES
        .get(number)
        .unwrap_or_else(|| &NAMES[number % NAMES_FREQUENT])
}

/// Settings that are words.
pub(super) const WORDS: [&[u8]; 4] = [b"none", b"snappy", b"lz4", b"zstd"];

/// Names of snapshots. The first two are the most frequent.
pub(super) const SNAPSHOTS: [&str; 8] = ["s", "t", "u", "v", "w", "x", "y", "z"];

/// Names of iterators, alike.
pub(super) const ITERATORS: [&str; 8] = ["i", "j", "k", "l", "m", "n", "o", "p"];

/// Names of transactions, alike.
pub(super) const TRANSACTIONS: [&str; 8] = ["t", "u", "v", "w", "x", "y", "z", "s"];

/// Names of savepoints, alike.
pub(super) const SAVEPOINTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// Names of key spaces, alike.
pub(super) const SPACES: [&str; 8] = ["x", "y", "z", "u", "v", "w", "s", "t"];

/// The name of a tag in a pool of names: below 8 its own, beyond that one tag of four is the
/// second, the others the first. So random bytes mostly mean the same one.
pub(super) fn named(pool: &[&str; 8], tag: u8) -> Name {
    let number = usize::from(tag);
    let name = pool.get(number).unwrap_or(&pool[number % 4 / 3]);
    Name::new(name).expect("the pool has names")
}
