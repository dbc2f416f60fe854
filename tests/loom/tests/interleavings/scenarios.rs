//! The scenarios that are programs: a small store and two or three threads of one to three
//! operations each, over the whole engine. What each is about is said by its test in `main.rs`.

use etalon_loom::{Compaction, Options};

use crate::explore::{self, Extent, Scenario};
use crate::program::Ends::{Reopened, There, WithFiles};
use crate::program::Op::{
    Compact, Delete, Flush, Get, GetAt, GetByHandle, Ingest, Iterator, Join, Put, Scan, ScanBack,
    Snapshot, Swap, Wake, Walk, Work, Write,
};
use crate::program::Program;

/// The first two inserts into a memtable, both on two levels, while both keys are read.
pub(crate) static INSERT: Scenario = Scenario::complete(
    "insert",
    Program {
        options: Options::default,
        before: &[],
        threads: &[&[Put("b", "1"), Put("a", "1")], &[Get("a"), Get("b")]],
        ends: There,
    },
);

/// Inserts around a place at which an iterator stands.
pub(crate) static WALK: Scenario = Scenario::complete(
    "iterate",
    Program {
        options: Options::default,
        before: &[Put("b", "0")],
        threads: &[&[Put("c", "1"), Put("a", "1")], &[Iterator, Walk, ScanBack]],
        ends: There,
    },
);

/// `k` is 0 in a segment and 1 in the memtable; it becomes 2, and all of it moves to a segment.
pub(crate) static FLUSH: Scenario = Scenario::complete(
    "flush",
    Program {
        options: Options::default,
        before: &[Put("k", "0"), Flush, Put("k", "1")],
        threads: &[&[Put("k", "2"), Flush], &[Get("k"), Get("k")]],
        ends: There,
    },
);

/// Two readers at once beside a flush.
pub(crate) static FLUSH_TWO: Scenario = Scenario::complete(
    "flush, two readers",
    Program {
        options: Options::default,
        before: &[Put("k", "1")],
        threads: &[&[Flush], &[Get("k")], &[Get("k")]],
        ends: There,
    },
);

/// A reader that keeps its view between gets, and reads once more when the writer, who had to
/// begin another memtable, has ended.
pub(crate) static HANDLE: Scenario = Scenario::complete(
    "handle",
    Program {
        options: || small(Compaction::OnCall),
        before: &[Put("k", "1")],
        threads: &[
            &[GetByHandle("k"), Join, GetByHandle("k")],
            &[Put("k", "2")],
        ],
        ends: There,
    },
);

/// A key is deleted, and everything moves to a segment while it is scanned.
pub(crate) static SCAN: Scenario = Scenario::complete(
    "scan",
    Program {
        options: Options::default,
        before: &[Put("a", "0"), Put("b", "0")],
        threads: &[&[Delete("a"), Flush], &[Scan, ScanBack]],
        ends: There,
    },
);

/// One batch overwrites a key in a segment, deletes one in the memtable and adds one.
pub(crate) static BATCH: Scenario = Scenario::complete(
    "batch",
    Program {
        options: Options::default,
        before: &[Put("a", "1"), Flush, Put("b", "1")],
        threads: &[
            &[Write(&[("a", Some("2")), ("b", None), ("c", Some("2"))])],
            &[Scan, ScanBack],
        ],
        ends: There,
    },
);

/// `k` is overwritten, and the compaction drops its older value.
pub(crate) static OVERWRITE: Scenario = Scenario::complete(
    "compact",
    Program {
        options: Options::default,
        before: &[Put("k", "0")],
        threads: &[&[Put("k", "1"), Compact], &[Get("k")]],
        ends: There,
    },
);

/// `k` is 1 in a segment, beside `l`; it is deleted, and the compaction drops value and tombstone
/// and keeps `l`.
pub(crate) static TOMBSTONE: Scenario = Scenario::complete(
    "tombstone",
    Program {
        options: Options::default,
        before: &[Put("k", "1"), Put("l", "1"), Flush],
        threads: &[&[Delete("k"), Compact], &[Get("k"), Get("k")]],
        ends: There,
    },
);

/// No segment keeps its file open: each block that is read opens it by its name.
fn opened_to_read() -> Options {
    Options {
        open_tables_max: 0,
        ..Options::default()
    }
}

/// Two segments become one, and their files go, beside a reader.
pub(crate) static MERGED: Scenario = Scenario::complete(
    "merged away",
    Program {
        options: opened_to_read,
        before: &[Put("k", "0"), Flush, Put("k", "1"), Flush],
        threads: &[&[Compact], &[Get("k"), Iterator, Walk]],
        ends: WithFiles(1),
    },
);

/// Two readers hold a segment that a compaction replaces, and let go of it in any order.
pub(crate) static SHARED: Scenario = Scenario::complete(
    "shared segment",
    Program {
        options: opened_to_read,
        before: &[Put("k", "0"), Flush],
        threads: &[&[Compact], &[Iterator, Walk], &[Get("k")]],
        ends: WithFiles(1),
    },
);

/// A snapshot taken while `k` is written stays what it was through a flush and a compaction.
pub(crate) static SNAPSHOT: Scenario = Scenario::complete(
    "snapshot",
    Program {
        options: Options::default,
        before: &[Put("k", "0")],
        threads: &[&[Put("k", "1"), Compact], &[Snapshot, GetAt("k")]],
        ends: There,
    },
);

/// Two writers of one key, one of whom flushes. At the end the store is opened again, to hear
/// what its files say. Bounded, since loom cannot be complete about it: each thread loads links
/// that the other then loads and stores (`counted`).
pub(crate) static WRITERS: Scenario = Scenario::new(
    "writers",
    [Extent::Preemptions(5), Extent::Preemptions(8)],
    explore::Work::Program(Program {
        options: Options::default,
        before: &[],
        threads: &[
            &[Put("k", "a"), Get("k")],
            &[Put("k", "b"), Flush, Get("k")],
        ],
        ends: Reopened,
    }),
);

/// Two threads expect the same of one key, and each sets it otherwise.
pub(crate) static SWAP: Scenario = Scenario::complete(
    "swap",
    Program {
        options: Options::default,
        before: &[Put("k", "0")],
        threads: &[&[Swap("k", Some("0"), "1")], &[Swap("k", Some("0"), "2")]],
        ends: Reopened,
    },
);

/// A run becomes a segment, and then a key is put, beside a scan.
pub(crate) static INGEST: Scenario = Scenario::complete(
    "ingest",
    Program {
        options: Options::default,
        before: &[Put("a", "0")],
        threads: &[&[Ingest(&[("a", "1"), ("b", "1")]), Put("c", "2")], &[Scan]],
        ends: There,
    },
);

/// Each put fills the memtable, and the next one leaves it to `compaction`.
fn small(compaction: Compaction) -> Options {
    Options {
        memtable_bytes: 1,
        compaction,
        ..Options::default()
    }
}

/// The background flushes a memtable that is read.
pub(crate) static BACKGROUND: Scenario = Scenario::new(
    "background",
    [Extent::Preemptions(3), Extent::Preemptions(5)],
    explore::Work::Program(Program {
        options: || small(Compaction::Background),
        before: &[Put("k", "0")],
        threads: &[&[Put("k", "1")], &[Get("k")]],
        ends: There,
    }),
);

/// The store is dropped while the background is at work, and opened again.
pub(crate) static DROPPED: Scenario = Scenario::complete(
    "dropped while busy",
    Program {
        options: || small(Compaction::Background),
        before: &[Put("k", "0")],
        threads: &[&[Put("k", "1")]],
        ends: Reopened,
    },
);

/// Two threads want to work on the structure, which one has at a time, and a third one wakes
/// whoever waits for nothing.
pub(crate) static WORKERS: Scenario = Scenario::complete(
    "two at work",
    Program {
        options: || small(Compaction::OnCall),
        before: &[Put("k", "0"), Put("k", "1")],
        threads: &[&[Work], &[Work], &[Wake]],
        ends: Reopened,
    },
);
