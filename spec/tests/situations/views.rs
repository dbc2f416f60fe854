//! Rows of syncs, snapshots, iterators and breakages, written as in a file.

use etalon_spec::{Situation, Situation as S};

use crate::Row;
use crate::lines::ops;

type Written = (Situation, &'static str, &'static str);

const SYNCS_AND_SNAPSHOTS: [Written; 7] = [
    (
        S::SyncedWrite,
        r#"put "a" "1" sync"#,
        r#"put "a" "1"; sync"#,
    ),
    (
        S::SyncOfUnsynced,
        r#"put "a" "1" sync; delete "a"; sync; sync"#,
        r#"put "a" "1"; delete "a" sync; sync"#,
    ),
    (
        S::SyncOfUnsynced,
        r#"fill "a" 1 1; sync"#,
        r#"fill "a" 1 1; flush; sync"#,
    ),
    (
        S::SnapshotAcrossFlush,
        r#"put "a" "1"; snapshot s; put "a" "2"; flush; get "a" at s"#,
        r#"put "a" "1"; put "a" "2"; snapshot s; flush; get "a" at s"#,
    ),
    (
        S::SnapshotAcrossCompact,
        r#"put "a" "1"; snapshot s; put "a" "2"; flush; compact; get "a" at s"#,
        r#"put "a" "1"; snapshot s; flush; compact; put "a" "2"; get "a" at s"#,
    ),
    (
        S::SnapshotOfDeleted,
        r#"put "a" "1"; snapshot s; delete "a"; get "a" at s"#,
        r#"put "a" "1"; delete "a"; snapshot s; get "a" at s"#,
    ),
    (
        S::SnapshotScanChanged,
        r#"snapshot s; put "a" "1"; scan .. at s"#,
        r#"snapshot s; put "a" "1"; scan .."a" at s"#,
    ),
];

const ITERATORS: [Written; 11] = [
    (
        S::IteratorTurned,
        r#"write put "a" "1", put "b" "2"; iterator i; next i; next i; prev i"#,
        r#"write put "a" "1", put "b" "2"; iterator i; next i; prev i; next i"#,
    ),
    (
        S::IteratorTurned,
        r#"write put "a" "1", put "b" "2"; iterator i; seek i "b"; prev i"#,
        r#"write put "a" "1", put "b" "2"; iterator i; seek i "c"; prev i"#,
    ),
    (
        S::IteratorPastEnd,
        r#"put "a" "1"; iterator i; next i; next i; prev i"#,
        r#"put "a" "1"; iterator i; next i; next i; seeklast i"#,
    ),
    (
        S::IteratorPastEnd,
        r#"put "a" "1"; iterator i; seekfirst i; prev i; next i"#,
        r#"put "a" "1"; iterator i; seekfirst i; iterator i; next i"#,
    ),
    (
        S::SeekToAbsent,
        r#"put "b" "1"; iterator i; seek i "a""#,
        r#"put "b" "1"; iterator i; seek i "b"; seek i "c""#,
    ),
    (
        S::IteratorAtChanged,
        r#"put "a" "1"; iterator i; put "a" "2"; next i"#,
        r#"put "a" "1"; iterator i; put "b" "2"; next i"#,
    ),
    (
        S::IteratorAtChanged,
        r#"put "a" "1"; snapshot s; delete "a"; iterator i at s; next i"#,
        r#"put "a" "1"; put "a" "2"; snapshot s; iterator i at s; next i"#,
    ),
    (
        S::IteratorAcrossFlush,
        r#"put "a" "1"; iterator i; flush; next i"#,
        r#"put "a" "1"; flush; iterator i; flush; next i"#,
    ),
    (
        S::IteratorAcrossCompact,
        r#"put "a" "1"; iterator i; compact; next i; next i"#,
        r#"put "a" "1"; iterator i; flush; next i; compact; next i"#,
    ),
    (
        S::IteratorOutlivesSnapshot,
        r#"put "a" "1"; snapshot s; iterator i at s; release s; next i"#,
        r#"put "a" "1"; snapshot s; iterator i; release s; next i"#,
    ),
    (
        S::ReopenWithViews,
        "snapshot s; reopen; reopen",
        "snapshot s; iterator i at s; close i; release s; reopen",
    ),
];

const BREAKAGES: [Written; 6] = [
    (
        S::KillWithUnsynced,
        r#"put "a" "1"; kill; kill"#,
        r#"put "a" "1" sync; kill"#,
    ),
    (
        S::CrashWithUnsynced,
        r#"put "a" "1"; crash; crash"#,
        r#"put "a" "1"; flush; crash"#,
    ),
    (
        S::CrashInFlush,
        "crash in compact at 2; crash",
        r#"crash in put "a" "1" at 0; crash in reopen at 3"#,
    ),
    (
        S::CrashInRecovery,
        "kill then at 1 then at 2; kill",
        "crash keep all; kill",
    ),
    (
        S::DiskFailed,
        "fail in flush at 0 with eio",
        "fail in flush at 9 with eio; flush",
    ),
    (
        S::ReadFailed,
        r#"fail in get "a" at 0 with eio"#,
        r#"fail in get "a" at 9 with eio; fail in flush at 0 with eio"#,
    ),
];

pub(crate) fn rows() -> Vec<Row> {
    let rows = SYNCS_AND_SNAPSHOTS.into_iter().chain(ITERATORS);
    let rows = rows.chain(BREAKAGES);
    rows.map(|(situation, meets, neighbour)| Row(situation, ops(meets), ops(neighbour)))
        .collect()
}
