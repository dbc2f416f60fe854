//! The scenarios: a small store and at most four threads of one to three operations each, over
//! the whole engine. What each is about is said by the test of its name in `main.rs`.

use etalon_loom::Options;

use crate::explore::{Extent, Scenario, Work};
use crate::program::Op::{
    Compact, Delete, Flush, Get, GetAt, Iterator, Put, Release, Scan, ScanAt, ScanBack, Snapshot,
    Walk, Write,
};
use crate::program::Program;

/// All of them, in the order of the README's table.
pub(crate) const ALL: [&Scenario; 9] = [
    &INSERT, &WALK, &FLUSH, &SCAN, &BATCH, &COMPACT, &MERGED, &SNAPSHOT, &WRITERS,
];

/// Two inserts into the memtable, before and behind a key that is read.
pub(crate) static INSERT: Scenario = Scenario::complete(
    "insert",
    Program {
        options: Options::default,
        before: &[Put("b", "0")],
        threads: &[&[Put("b", "1"), Put("a", "1")], &[Get("a"), Get("b")]],
        reopens: false,
    },
);

/// Inserts around a place at which an iterator stands.
pub(crate) static WALK: Scenario = Scenario::complete(
    "iterate",
    Program {
        options: Options::default,
        before: &[Put("b", "0")],
        threads: &[&[Put("c", "1"), Put("a", "1")], &[Iterator, Walk, ScanBack]],
        reopens: false,
    },
);

/// `k` is 0 in a segment and 1 in the memtable; it becomes 2, and all of it moves to a segment.
pub(crate) static FLUSH: Scenario = Scenario::complete(
    "flush",
    Program {
        options: Options::default,
        before: &[Put("k", "0"), Flush, Put("k", "1")],
        threads: &[
            &[Put("k", "2"), Flush],
            &[Get("k"), Get("k")],
            &[Get("k"), Get("k")],
        ],
        reopens: false,
    },
);

/// Keys in a segment and in the memtable, which moves to a segment while it is scanned.
pub(crate) static SCAN: Scenario = Scenario::complete(
    "scan",
    Program {
        options: Options::default,
        before: &[Put("a", "0"), Flush, Put("b", "0")],
        threads: &[&[Delete("a"), Flush, Put("c", "1")], &[Scan, ScanBack]],
        reopens: false,
    },
);

/// One batch overwrites a key in a segment, deletes one in the memtable and adds one; then all
/// of it moves to a segment.
pub(crate) static BATCH: Scenario = Scenario::complete(
    "batch",
    Program {
        options: Options::default,
        before: &[Put("a", "1"), Flush, Put("b", "1")],
        threads: &[
            &[
                Write(&[("a", Some("2")), ("b", None), ("c", Some("2"))]),
                Flush,
            ],
            &[Scan, ScanBack, Get("c")],
        ],
        reopens: false,
    },
);

/// `k` is 1 in a segment, beside `l`; it is deleted, and the compaction drops value and tombstone
/// and keeps `l`.
pub(crate) static COMPACT: Scenario = Scenario::complete(
    "compact",
    Program {
        options: Options::default,
        before: &[Put("k", "1"), Put("l", "1"), Flush],
        threads: &[&[Delete("k"), Compact], &[Get("k"), Scan, Get("k")]],
        reopens: false,
    },
);

/// Two segments become one, and their files go, beside a reader that opens a file for each block.
pub(crate) static MERGED: Scenario = Scenario::complete(
    "merged away",
    Program {
        options: || Options {
            open_tables_max: 0,
            ..Options::default()
        },
        before: &[Put("k", "0"), Flush, Put("k", "1"), Flush],
        threads: &[&[Compact], &[Get("k"), Iterator, Walk]],
        reopens: true,
    },
);

/// A snapshot taken while `k` is written stays what it was through a flush and a compaction.
pub(crate) static SNAPSHOT: Scenario = Scenario::complete(
    "snapshot",
    Program {
        options: Options::default,
        before: &[Put("k", "0"), Flush],
        threads: &[
            &[Put("k", "1"), Put("k", "2"), Compact],
            &[Snapshot, GetAt("k"), GetAt("k"), ScanAt, Release, Get("k")],
        ],
        reopens: false,
    },
);

/// Two writers of one key, one of whom flushes; each reads before and after its write. At the end
/// the store is opened again, to hear what its files say.
pub(crate) static WRITERS: Scenario = Scenario::complete(
    "writers",
    Program {
        options: Options::default,
        before: &[],
        threads: &[
            &[Get("k"), Put("k", "a"), Get("k")],
            &[Get("k"), Put("k", "b"), Flush, Get("k")],
        ],
        reopens: true,
    },
);
