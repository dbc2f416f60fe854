//! The keys of an operation, one after the other: bounds of ranges and changes of batches, too.

use std::ops::Bound;

use crate::op::{Change, Op};
use crate::range::{Range, Scan};

/// Shows every key of an operation.
pub(super) fn each_key(op: &Op, see: &mut dyn FnMut(&[u8])) {
    match op {
        Op::Get { key, .. }
        | Op::Put { key, .. }
        | Op::Delete { key, .. }
        | Op::Cas { key, .. }
        | Op::Seek { key, .. } => see(key),
        Op::Ingest { run, .. } => run.entries().iter().for_each(|(key, _)| see(key)),
        Op::In(inside) => each_key(inside.op(), see),
        Op::Write { changes, .. } => changes.iter().for_each(|change| see(change.key())),
        Op::Scan {
            scan: Scan { range, .. },
            ..
        }
        | Op::DeleteRange { range, .. } => match range {
            Range::Prefix(prefix) => see(prefix),
            Range::Between(from, to) => {
                for bound in [from, to] {
                    if let Bound::Included(key) | Bound::Excluded(key) = bound {
                        see(key);
                    }
                }
            }
        },
        Op::Fill(fill) => {
            see(&fill.key(0));
            see(&fill.key(fill.count.saturating_sub(1)));
        }
        Op::Crash(crash) => {
            if let Some(within) = &crash.within {
                each_key(within.op(), see);
            }
        }
        Op::Fail(fault) => each_key(fault.within.op(), see),
        _ => {}
    }
}

/// Lets every key of an operation be changed. Of a fill it is the prefix.
pub(super) fn each_key_mut(op: &mut Op, change: &mut dyn FnMut(&mut Vec<u8>)) {
    match op {
        Op::Get { key, .. }
        | Op::Put { key, .. }
        | Op::Delete { key, .. }
        | Op::Cas { key, .. }
        | Op::Seek { key, .. } => change(key),
        Op::Ingest { run, .. } => {
            run.change(|entries| entries.iter_mut().for_each(|(key, _)| change(key)));
        }
        Op::In(inside) => inside.change(|_, op| each_key_mut(op, change)),
        Op::Write { changes, .. } => {
            for Change::Put { key, .. } | Change::Delete { key } in changes {
                change(key);
            }
        }
        Op::Scan {
            scan: Scan { range, .. },
            ..
        }
        | Op::DeleteRange { range, .. } => match range {
            Range::Prefix(prefix) => change(prefix),
            Range::Between(from, to) => {
                for bound in [from, to] {
                    if let Bound::Included(key) | Bound::Excluded(key) = bound {
                        change(key);
                    }
                }
            }
        },
        Op::Fill(fill) => change(&mut fill.prefix),
        Op::Crash(crash) => {
            if let Some(within) = &mut crash.within {
                within.change(|op| each_key_mut(op, change));
            }
        }
        Op::Fail(fault) => fault.within.change(|op| each_key_mut(op, change)),
        _ => {}
    }
}
