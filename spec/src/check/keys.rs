//! The keys that a case names.

use std::collections::BTreeSet;

use crate::op::{Change, Op};
use crate::range::{Range, Scan};

/// Every key that the operations name: read, written, removed, or a bound of a range.
///
/// ```
/// use etalon_spec::{Op, keys_named};
///
/// let ops = [Op::delete(b"b"), Op::get(b"a"), Op::CLEAR];
/// assert_eq!(keys_named(&ops).into_iter().collect::<Vec<_>>(), [b"a", b"b"]);
/// ```
pub fn keys_named(ops: &[Op]) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    for op in ops {
        match op {
            Op::Get { key, .. }
            | Op::Put { key, .. }
            | Op::Delete { key, .. }
            | Op::Cas { key, .. } => {
                keys.insert(key.clone());
            }
            Op::Ingest { run, .. } => keys.extend(run.entries().iter().map(|(key, _)| key.clone())),
            Op::In(inside) => keys.extend(keys_of(inside.op())),
            Op::Write { changes, .. } => {
                keys.extend(changes.iter().map(Change::key).map(<[u8]>::to_vec));
            }
            Op::Scan {
                scan: Scan { range, .. },
                ..
            }
            | Op::DeleteRange { range, .. } => keys.extend(bounds(range)),
            Op::Fill(fill) => keys.extend((0..fill.count).map(|i| fill.key(i))),
            Op::Seek { key, .. } => drop(keys.insert(key.clone())),
            Op::Crash(crash) => {
                let within = crash.within.iter();
                keys.extend(within.flat_map(|within| keys_of(within.op())));
            }
            Op::Fail(fault) => keys.extend(keys_of(fault.within.op())),
            _ => {}
        }
    }
    keys
}

fn keys_of(op: &Op) -> BTreeSet<Vec<u8>> {
    keys_named(std::slice::from_ref(op))
}

fn bounds(range: &Range) -> Vec<Vec<u8>> {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let bound = |bound: &std::ops::Bound<Vec<u8>>| match bound {
        Included(key) | Excluded(key) => Some(key.clone()),
        Unbounded => None,
    };
    match range {
        Range::Prefix(prefix) => vec![prefix.clone()],
        Range::Between(from, to) => bound(from).into_iter().chain(bound(to)).collect(),
    }
}
