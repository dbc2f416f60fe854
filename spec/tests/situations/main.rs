//! Each situation has a case that meets it exactly once, and a neighbour, one small change away,
//! that does not. A rule that is turned off, or made wider, fails here.

mod engine;
#[path = "../shared/lines.rs"]
mod lines;
mod scopes;
mod views;

use std::collections::BTreeSet;
use std::ops::Bound::{self, Excluded, Included};

use etalon_spec::Situation as S;
use etalon_spec::{
    Change, Fill, Model, Op, Range, Reply, Scan, Situation, Situations, Tracker, apply,
};

const FLUSH: Op = Op::Flush;
const COMPACT: Op = Op::Compact;
const REOPEN: Op = Op::Reopen;

fn put(key: &str, value: &str) -> Op {
    Op::put(key, value)
}

fn get(key: &str) -> Op {
    Op::get(key)
}

fn delete(key: &str) -> Op {
    Op::delete(key)
}

fn fill(count: u16, size: u16) -> Op {
    Op::Fill(Fill {
        prefix: b"f".to_vec(),
        count,
        size,
    })
}

fn between(from: Bound<&str>, to: Bound<&str>) -> Range {
    let bytes = |bound: Bound<&str>| bound.map(|key| key.as_bytes().to_vec());
    Range::Between(bytes(from), bytes(to))
}

fn delete_range(from: Bound<&str>, to: Bound<&str>) -> Op {
    Op::delete_range(between(from, to))
}

fn scan(range: Range, reverse: bool, limit: Option<u32>) -> Op {
    Op::scan(Scan {
        range,
        reverse,
        limit,
    })
}

fn scan_all() -> Op {
    Op::scan(Scan::ALL)
}

fn write(keys: &[&str]) -> Op {
    let change = |key: &&str| Change::Put {
        key: (*key).into(),
        value: b"b".to_vec(),
    };
    Op::Write {
        changes: keys.iter().map(change).collect(),
        sync: false,
    }
}

/// What the model's answers to these operations are occurrences of.
fn met_by(tracker: &mut Tracker, ops: &[Op]) -> Situations {
    let mut model = Model::default();
    let mut met = Situations::default();
    tracker.begin();
    for op in ops {
        let reply = match op {
            Op::Reopen => {
                model.reopen();
                Reply::Done
            }
            // A place far on in an operation never comes.
            Op::Fail(fault) if fault.within.at == 0 => Reply::Refused,
            Op::Fail(_) | Op::Kill { .. } | Op::Crash(_) => Reply::Done,
            _ => apply(&mut model, op).unwrap_or(Reply::Refused),
        };
        tracker.observe(op, &reply, &mut met);
    }
    met
}

/// One row: the situation, a case that meets it once, and a neighbour that does not.
struct Row(Situation, Vec<Op>, Vec<Op>);

/// Gets after writes in different layers.
fn gets() -> Vec<Row> {
    let (one, two) = (|| put("k", "1"), || put("k", "2"));
    let other = || put("x", "1");
    let k = || get("k");
    let range = || delete_range(Included("a"), Included("z"));
    vec![
        Row(
            S::OverwriteAcrossFlush,
            vec![one(), FLUSH, two(), k()],
            vec![one(), two(), FLUSH, k()],
        ),
        Row(
            S::OverwriteAcrossTwoFlushes,
            vec![one(), FLUSH, other(), FLUSH, two(), k()],
            // The second flush has nothing to write.
            vec![one(), FLUSH, FLUSH, two(), k()],
        ),
        Row(
            S::OverwriteAcrossCompact,
            vec![one(), COMPACT, two(), k()],
            vec![one(), two(), COMPACT, k()],
        ),
        Row(
            S::OverwriteMerged,
            vec![one(), FLUSH, two(), COMPACT, k()],
            vec![one(), two(), COMPACT, k()],
        ),
        Row(
            S::DeleteAcrossFlush,
            vec![one(), FLUSH, delete("k"), k()],
            vec![one(), delete("k"), FLUSH, k()],
        ),
        Row(
            S::DeleteAcrossCompact,
            vec![one(), COMPACT, delete("k"), k()],
            vec![one(), FLUSH, delete("k"), k()],
        ),
        Row(
            S::DeleteMerged,
            vec![one(), FLUSH, delete("k"), COMPACT, k()],
            vec![one(), FLUSH, delete("k"), FLUSH, k()],
        ),
        Row(
            S::DeleteOfAbsent,
            vec![delete("k"), k()],
            vec![one(), delete("k"), k()],
        ),
        Row(
            S::PutAfterDelete,
            vec![one(), delete("k"), FLUSH, two(), k()],
            vec![one(), delete("k"), two(), FLUSH, k()],
        ),
        Row(S::NeverWritten, vec![other(), k()], vec![k(), one(), k()]),
        Row(
            S::GetAfterClear,
            vec![one(), Op::CLEAR, k()],
            vec![one(), range(), k()],
        ),
        Row(
            S::RangeDeleteAcrossFlush,
            vec![one(), FLUSH, range(), k()],
            vec![one(), FLUSH, delete("k"), k()],
        ),
        Row(
            S::ReadAfterReopen,
            vec![one(), REOPEN, k()],
            vec![REOPEN, one(), k()],
        ),
        Row(
            S::EmptyKey,
            vec![put("", "1"), get("")],
            vec![put("", "1"), delete(""), get("")],
        ),
        Row(
            S::EmptyValueRead,
            vec![put("k", ""), k()],
            vec![put("k", "v"), k()],
        ),
        Row(
            S::LongValueRead,
            vec![put("k", &"v".repeat(4_097)), k()],
            vec![put("k", &"v".repeat(4_096)), k()],
        ),
    ]
}

/// Keys beside each other, and scans.
fn scans() -> Vec<Row> {
    let (a, b) = (|| put("a", "1"), || put("b", "1"));
    let last = |prefix: u8| scan(Range::Prefix(vec![prefix]), false, None);
    let high = |byte: u8| Op::put(vec![byte, b'x'], Vec::new());
    vec![
        Row(
            S::PrefixOfAnother,
            vec![a(), put("ab", "1")],
            vec![a(), delete("a"), put("ab", "1")],
        ),
        Row(
            S::PrefixOfAnother,
            vec![put("ab", "1"), write(&["a"])],
            vec![put("ab", "1"), b()],
        ),
        Row(
            S::ScanOverDeleted,
            vec![a(), delete("a"), scan_all()],
            vec![delete("a"), scan_all()],
        ),
        Row(
            S::ScanAcrossFlush,
            vec![a(), FLUSH, b(), scan_all()],
            vec![a(), b(), FLUSH, scan_all()],
        ),
        Row(
            S::InvertedRange,
            vec![scan(between(Included("b"), Included("a")), false, None)],
            vec![scan(between(Included("a"), Included("a")), false, None)],
        ),
        // 16 entries of 5 + 251 bytes are 4,096.
        Row(
            S::RangeOverPage,
            vec![fill(16, 252), scan_all()],
            vec![fill(16, 251), scan_all()],
        ),
        Row(
            S::ReverseScanLimit,
            vec![a(), b(), scan(Range::ALL, true, Some(1))],
            vec![a(), b(), scan(Range::ALL, true, Some(3))],
        ),
        Row(
            S::LimitOfZero,
            vec![a(), scan(Range::ALL, false, Some(0))],
            vec![scan(Range::ALL, false, Some(0))],
        ),
        Row(
            S::ExcludedBound,
            vec![
                a(),
                scan(between(Excluded("a"), Excluded("c")), false, None),
            ],
            vec![
                b(),
                scan(between(Excluded("a"), Excluded("c")), false, None),
            ],
        ),
        Row(
            S::PrefixWithoutSuccessor,
            vec![high(0xff), last(0xff)],
            vec![high(0xfe), last(0xfe)],
        ),
        Row(
            S::InvertedDeleteRange,
            vec![delete_range(Excluded("a"), Excluded("a"))],
            vec![delete_range(Excluded("a"), Excluded("b"))],
        ),
    ]
}

/// Flushes, compactions, reopens and batches.
fn structure() -> Vec<Row> {
    let a = || put("a", "1");
    let range = || delete_range(Included("a"), Included("z"));
    vec![
        Row(
            S::FlushOfNothing,
            vec![a(), COMPACT, FLUSH],
            vec![COMPACT, a(), FLUSH],
        ),
        Row(
            S::FlushOfDeletes,
            vec![a(), FLUSH, delete("a"), FLUSH],
            vec![a(), delete("a"), FLUSH],
        ),
        Row(
            S::FlushOfDeletes,
            vec![a(), FLUSH, range(), FLUSH],
            vec![FLUSH, range(), FLUSH],
        ),
        Row(S::CompactOfNothing, vec![COMPACT, a()], vec![a(), COMPACT]),
        Row(
            S::CompactTwice,
            vec![a(), COMPACT, COMPACT],
            vec![a(), COMPACT, FLUSH, COMPACT],
        ),
        Row(
            S::CompactLeavesNothing,
            vec![a(), a(), Op::CLEAR, COMPACT],
            vec![a(), COMPACT, Op::CLEAR],
        ),
        Row(
            S::WriteAfterCompact,
            vec![COMPACT, get("a"), a(), a()],
            vec![a(), a(), COMPACT, get("a")],
        ),
        Row(
            S::WriteAfterReopen,
            vec![REOPEN, FLUSH, delete("a")],
            vec![REOPEN, fill(0, 1)],
        ),
        Row(
            S::ReopenTwice,
            vec![REOPEN, REOPEN],
            vec![REOPEN, get("a"), REOPEN],
        ),
        Row(
            S::BatchWithKeyTwice,
            vec![write(&["a", "b", "a"])],
            vec![write(&["a"]), write(&["a"])],
        ),
        Row(S::EmptyBatch, vec![write(&[])], vec![write(&["a"])]),
    ]
}

#[test]
fn each_model_side_situation_is_met_once_and_not_by_its_neighbour() {
    let mut seen = BTreeSet::new();
    let mut tracker = Tracker::default();
    let rows = [gets(), scans(), structure(), views::rows(), scopes::rows()];
    for Row(situation, meets, neighbour) in rows.into_iter().flatten() {
        let name = situation.name();
        assert_eq!(
            met_by(&mut tracker, &meets).get(situation),
            1,
            "{name}: {meets:?}"
        );
        assert_eq!(
            met_by(&mut tracker, &neighbour).get(situation),
            0,
            "{name}: {neighbour:?}"
        );
        seen.insert(situation);
    }
    let model_side = Situation::ALL
        .iter()
        .filter(|situation| !situation.is_engine_side());
    assert!(seen.iter().eq(model_side), "a situation has no row");
}

#[test]
fn what_was_refused_has_not_happened() {
    let mut tracker = Tracker::default();
    let mut met = Situations::default();
    tracker.begin();
    for reply in [Reply::Refused, Reply::Unsupported] {
        tracker.observe(&COMPACT, &reply, &mut met);
    }
    assert_eq!(met, Situations::default());
    tracker.observe(&COMPACT, &Reply::Done, &mut met);
    assert_eq!(met.iter().collect::<Vec<_>>(), [(S::CompactOfNothing, 1)]);
}
