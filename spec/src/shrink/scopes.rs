//! Simpler forms of what only some stores have: without the scope, a put for a swap, fewer entries.

use super::passes::simpler;
use crate::op::{Entry, Op, OpKind};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

/// Operations to try in the place of one in a scope: outside of it, in half of it, simpler in it.
pub(super) fn simpler_inside(inside: &Inside) -> Vec<Op> {
    let OpScope { space, transaction } = inside.scope();
    let op = inside.op();
    let mut ops = vec![op.clone()];
    if let (Some(space), Some(transaction)) = (space, transaction) {
        let halves = [
            OpScope::of_transaction(transaction),
            OpScope::of_space(space),
        ];
        ops.extend(halves.map(|scope| Inside::of(scope, op.clone()).expect("it was inside")));
    }
    let mut simpler = simpler(op);
    if matches!(op.kind(), OpKind::Clear | OpKind::DeleteRange) {
        // What it removes is said nowhere: another change may do as well.
        simpler.push(Op::put(b"", b""));
    }
    let simpler = simpler.into_iter();
    ops.extend(simpler.filter_map(|op| Inside::of(inside.scope(), op)));
    ops
}

/// Operations to try in the place of one outside of scopes.
pub(super) fn simpler_arguments(op: &Op) -> Vec<Op> {
    match op {
        Op::Last { at } => vec![Op::First { at: *at }],
        Op::Cas {
            key, expected, new, ..
        } => simpler_swaps(key, expected.as_ref(), new.as_ref()),
        Op::Ingest { run, .. } => simpler_ingests(run),
        Op::Rollback {
            transaction,
            to: Some(_),
        } => vec![Op::Rollback {
            transaction: *transaction,
            to: None,
        }],
        _ => Vec::new(),
    }
}

fn simpler_swaps(key: &[u8], expected: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> Vec<Op> {
    let mut ops = vec![match new {
        Some(value) => Op::put(key, value.clone()),
        None => Op::delete(key),
    }];
    let swap = |expected: Option<&Vec<u8>>, new: Option<&Vec<u8>>| Op::Cas {
        key: key.to_vec(),
        expected: expected.cloned(),
        new: new.cloned(),
        sync: false,
    };
    if expected.is_some() {
        ops.push(swap(None, new));
    }
    if new.is_some() {
        ops.push(swap(expected, None));
    }
    ops
}

/// Without one entry at a time.
fn simpler_ingests(run: &SortedRun) -> Vec<Op> {
    let without = |at: usize| -> Vec<Entry> {
        let mut entries = run.entries().to_vec();
        entries.remove(at);
        entries
    };
    let fewer = (0..run.entries().len()).filter_map(|at| SortedRun::new(without(at)));
    let mut ops: Vec<Op> = fewer.map(|run| Op::Ingest { run, sync: false }).collect();
    ops.extend(singles(run));
    ops
}

/// The entries of a run as puts.
pub(super) fn singles(run: &SortedRun) -> Vec<Op> {
    let entries = run.entries().iter();
    let put = |(key, value): &Entry| Op::put(key.clone(), value.clone());
    entries.map(put).collect()
}
