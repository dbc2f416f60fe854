//! Rows of swaps, ingestion, transactions and key spaces, written as in a file.

use etalon_spec::{Situation, Situation as S};

use crate::Row;
use crate::lines::ops;

type Written = (Situation, &'static str, &'static str);

const SCOPES: [Written; 15] = [
    (
        S::SwapMatched,
        r#"put "a" "1"; cas "a" "1" "2""#,
        r#"put "a" "1"; delete "a"; cas "a" none "2""#,
    ),
    (
        S::SwapMatched,
        r#"begin t; put "a" "1" in t; cas "a" "1" none in t"#,
        r#"begin t; put "a" "1" in t; cas "a" "2" none in t"#,
    ),
    (
        S::SwapMissed,
        r#"put "a" "1"; cas "a" "2" "3""#,
        r#"put "a" "2"; cas "a" "2" "3""#,
    ),
    (
        S::FirstPastDeleted,
        r#"put "a" "1"; put "b" "1"; delete "a"; first"#,
        r#"put "a" "1"; put "b" "1"; delete "a"; last"#,
    ),
    (
        S::FirstPastDeleted,
        r#"put "a" "1"; put "b" "1"; delete "b"; last"#,
        r#"put "a" "1"; put "b" "1"; delete "b"; first"#,
    ),
    (
        S::IngestOverLive,
        r#"put "b" "1"; ingest "a" "1", "b" "2""#,
        r#"put "b" "1"; delete "b"; ingest "a" "1", "b" "2""#,
    ),
    (
        S::TransactionReadsOwn,
        r#"begin t; put "a" "1" in t; get "a" in t"#,
        r#"begin t; savepoint t a; put "a" "1" in t; rollback t to a; get "a" in t"#,
    ),
    (
        S::TransactionUnseen,
        r#"begin t; delete "a" in t; get "a""#,
        r#"begin t; delete "a" in t; get "b""#,
    ),
    (
        S::ReadAfterRollback,
        r#"begin t; put "a" "1" in t; rollback t; get "a""#,
        r#"begin t; put "a" "1" in t; rollback t; put "a" "2"; get "a""#,
    ),
    (
        S::CommitAfterPartialRollback,
        "begin t; savepoint t a; rollback t to a; commit t",
        "begin t; savepoint t a; commit t",
    ),
    (
        S::CommitRefused,
        r#"begin t; put "a" "1" in t; put "a" "2"; commit t"#,
        r#"begin t; put "a" "1" in t; put "b" "2"; commit t"#,
    ),
    (
        S::SpacesApart,
        r#"create x; put "a" "1"; x: get "a""#,
        r#"create x; put "b" "1"; x: get "a""#,
    ),
    (
        S::ReadAfterRename,
        r#"create x; x: put "a" "1"; rename x y; y: get "a""#,
        r#"create x; rename x y; drop y; create y; y: put "a" "1"; y: get "a""#,
    ),
    (
        S::CreateAfterDrop,
        "create x; drop x; create x",
        "create x; drop x; create y",
    ),
    (
        // A commit writes: what it put is read as if it had been put then.
        S::OverwriteAcrossFlush,
        r#"put "a" "1"; begin t; put "a" "2" in t; flush; commit t; get "a""#,
        r#"put "a" "1"; begin t; put "a" "2" in t; flush; rollback t; get "a""#,
    ),
];

pub(crate) fn rows() -> Vec<Row> {
    let row = |(situation, case, neighbour): Written| Row(situation, ops(case), ops(neighbour));
    SCOPES.into_iter().map(row).collect()
}
