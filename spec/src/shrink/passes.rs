//! Passes over operations: remove, simplify, merge.

use std::ops::Bound;

use super::Search;
use super::breakages::simpler_breakages;
use super::options::{LARGE, with_large_values};
use super::scopes;
use crate::op::{Case, Change, Op, OpKind};
use crate::range::{Fill, Range, Scan};
use crate::scope::Inside;

impl Search<'_> {
    /// Removes chunks of operations, halves first, single ones last (delta debugging, Zeller
    /// and Hildebrandt 2002, without its complement step, which single removals make up for).
    pub(super) fn remove_operations(&mut self) {
        self.remove_chunks(1, &|_| {});
    }

    /// The same, with the values that are left made longer: where many writes matter only because
    /// they fill a memtable or a block, a few long ones do.
    pub(super) fn remove_and_grow(&mut self) {
        // Of a long case the large parts only: it comes back here once it is shorter.
        let smallest = (self.best.ops.len() / 8).max(1);
        for length in LARGE {
            self.remove_chunks(smallest, &|case| *case = with_large_values(case, length));
        }
    }

    /// Removes chunks down to a size, changing something else besides.
    fn remove_chunks(&mut self, smallest: usize, also: &dyn Fn(&mut Case)) {
        let mut size = (self.best.ops.len() / 2).max(1);
        loop {
            let mut end = self.best.ops.len();
            while end > 0 && !self.out_of_budget {
                let start = end.saturating_sub(size);
                let mut candidate = self.best.clone();
                candidate.ops.drain(start..end);
                also(&mut candidate);
                let taken = self.try_case(candidate);
                // What was taken may be shorter than asked for: it ends where it diverged.
                end = if taken {
                    start.min(self.best.ops.len())
                } else {
                    start
                };
            }
            if size <= smallest || self.out_of_budget {
                return;
            }
            size /= 2;
        }
    }

    /// Puts simpler operations in the place of each.
    pub(super) fn simplify_operations(&mut self) {
        let mut at = 0;
        while at < self.best.ops.len() && !self.out_of_budget {
            let simpler = simpler(&self.best.ops[at]);
            let taken = self.try_split(at)
                || simpler.into_iter().any(|op| {
                    let mut candidate = self.best.clone();
                    candidate.ops[at] = op;
                    self.try_case(candidate)
                });
            // Once simpler, it may become simpler still.
            at += usize::from(!taken);
        }
    }

    /// The changes of a batch one by one, in its place.
    fn try_split(&mut self, at: usize) -> bool {
        let (scope, op) = self.best.ops[at].scoped();
        let singles: Vec<Op> = match op {
            Op::Write { changes, .. } => changes.iter().map(single).collect(),
            Op::Ingest { run, .. } => scopes::singles(run),
            _ => return false,
        };
        let singles = singles.into_iter().filter_map(|op| Inside::of(scope, op));
        let singles: Vec<Op> = singles.collect();
        let mut candidate = self.best.clone();
        candidate.ops.splice(at..=at, singles);
        self.try_case(candidate)
    }

    /// Makes one operation out of several: runs of puts become a fill, neighbouring fills one.
    pub(super) fn merge_operations(&mut self) {
        let mut start = 0;
        while start < self.best.ops.len() && !self.out_of_budget {
            let is_bulk = |op: &Op| matches!(op, Op::Put { .. } | Op::Fill(_) | Op::Write { .. });
            let run = self.best.ops[start..]
                .iter()
                .take_while(|op| is_bulk(op))
                .count();
            if run < 2 || !self.try_fills(start, run) {
                start += run.max(1);
            }
        }
    }

    /// A fill in the place of the run, or of its halves, or of theirs.
    fn try_fills(&mut self, start: usize, run: usize) -> bool {
        let mut size = run;
        while size >= 2 {
            for at in (start..=start + run - size).step_by(size) {
                if self.try_fill(at, size) {
                    return true;
                }
            }
            size /= 2;
        }
        false
    }

    /// A fill in the place of a run of writes; a get at the end then asks for one of its keys.
    fn try_fill(&mut self, start: usize, run: usize) -> bool {
        let fill = fill_for(&self.best.ops[start..start + run]);
        let asked = [0, fill.count / 2, fill.count.saturating_sub(1)].map(|i| fill.key(i));
        let mut candidate = self.best.clone();
        candidate.ops.splice(start..start + run, [Op::Fill(fill)]);
        if self.try_case(candidate.clone()) {
            return true;
        }
        asked.into_iter().any(|wanted| {
            let Some(Op::Get { key, .. }) = candidate.ops.last_mut() else {
                return false;
            };
            *key = wanted;
            self.try_case(candidate.clone())
        })
    }

    /// Removes an operation that one entry of a scan at the end stands for: the limit goes down
    /// with it.
    pub(super) fn lower_the_limit(&mut self) {
        let mut at = self.best.ops.len().saturating_sub(1);
        while at > 0 && !self.out_of_budget {
            at -= 1;
            let mut candidate = self.best.clone();
            let Some(Op::Scan {
                scan:
                    Scan {
                        limit: Some(limit @ 2..),
                        ..
                    },
                ..
            }) = candidate.ops.last_mut()
            else {
                return;
            };
            *limit -= 1;
            candidate.ops.remove(at);
            if self.try_case(candidate) {
                at = at.min(self.best.ops.len() - 1);
            }
        }
    }
}

/// A fill that writes as much as these operations.
fn fill_for(ops: &[Op]) -> Fill {
    let (mut count, mut size, mut prefix) = (0_usize, 0_usize, Vec::new());
    for op in ops {
        match op {
            Op::Put { value, .. } => {
                count += 1;
                size = size.max(value.len());
            }
            Op::Write { changes, .. } => {
                count += changes.len();
                let largest = changes
                    .iter()
                    .filter_map(Change::value)
                    .map(<[u8]>::len)
                    .max();
                size = size.max(largest.unwrap_or(0));
            }
            Op::Fill(fill) => {
                count += usize::from(fill.count);
                size = size.max(usize::from(fill.size));
                prefix.clone_from(&fill.prefix);
            }
            _ => {}
        }
    }
    let bounded = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    Fill {
        prefix,
        count: bounded(count),
        size: bounded(size),
    }
}

/// Operations to try in the place of one, simplest first: not synced and of the present, then
/// simpler ones that are as synced and of the same snapshot.
pub(crate) fn simpler(op: &Op) -> Vec<Op> {
    let mut plain = op.clone();
    plain.sync_flag_mut().map(std::mem::take);
    plain.snapshot_read_mut().map(Option::take);
    if let Op::In(inside) = &op {
        return scopes::simpler_inside(inside);
    }
    let is_plain = plain == *op;
    let mut ops: Vec<Op> = (!is_plain).then_some(plain).into_iter().collect();
    ops.extend(simpler_arguments(op).into_iter().map(|mut simpler| {
        if let (Some(sync), Some(flag)) = (op.sync_flag(), simpler.sync_flag_mut()) {
            *flag = *sync;
        }
        if let Some(at) = simpler.snapshot_read_mut() {
            *at = op.snapshot_read();
        }
        simpler
    }));
    ops
}

fn simpler_arguments(op: &Op) -> Vec<Op> {
    match op {
        Op::Scan { scan, .. } => simpler_scans(scan).into_iter().map(Op::scan).collect(),
        Op::Write { changes, .. } => simpler_batches(changes),
        Op::Clear { .. } => vec![Op::delete_range(Range::ALL)],
        Op::DeleteRange { range, .. } => simpler_removals(range),
        Op::Fill(fill) => simpler_fills(fill),
        Op::Compact => vec![Op::Flush],
        Op::Reopen => vec![Op::Flush, Op::Compact],
        Op::Delete { key, .. } => [&b""[..], b"1"]
            .map(|value| Op::put(key.as_slice(), value))
            .into(),
        Op::Prev(name) | Op::SeekFirst(name) => vec![Op::Next(*name)],
        Op::SeekLast(name) => vec![Op::Prev(*name)],
        Op::Seek { name, .. } => vec![Op::Next(*name), Op::SeekFirst(*name)],
        Op::In(_) => Vec::new(),
        _ if op.kind() as u8 > OpKind::Fail as u8 => scopes::simpler_arguments(op),
        _ => simpler_breakages(op),
    }
}

fn simpler_scans(scan: &Scan) -> Vec<Scan> {
    let ranges = simpler_ranges(&scan.range);
    let mut scans = vec![
        Scan::ALL,
        Scan {
            limit: None,
            ..scan.clone()
        },
        Scan {
            reverse: false,
            ..scan.clone()
        },
    ];
    scans.extend(ranges.into_iter().map(|range| Scan {
        range,
        ..scan.clone()
    }));
    if let Some(limit) = scan.limit {
        let limits = [1, limit / 2, limit.saturating_sub(1)];
        scans.extend(limits.map(|limit| Scan {
            limit: Some(limit),
            ..scan.clone()
        }));
    }
    scans
}

fn simpler_ranges(range: &Range) -> Vec<Range> {
    let Range::Between(from, to) = range else {
        return vec![Range::ALL];
    };
    let closed = |bound: &Bound<Vec<u8>>, upper: bool| match bound.clone() {
        Bound::Included(key) if upper => Bound::Excluded(key),
        Bound::Excluded(key) if !upper => Bound::Included(key),
        other => other,
    };
    vec![
        Range::ALL,
        Range::Between(Bound::Unbounded, to.clone()),
        Range::Between(from.clone(), Bound::Unbounded),
        Range::Between(closed(from, false), to.clone()),
        Range::Between(from.clone(), closed(to, true)),
    ]
}

/// A change of a batch as an operation of its own.
fn single(change: &Change) -> Op {
    match change.clone() {
        Change::Put { key, value } => Op::put(key, value),
        Change::Delete { key } => Op::delete(key),
    }
}

fn simpler_batches(changes: &[Change]) -> Vec<Op> {
    let mut ops: Vec<Op> = changes.iter().map(single).collect();
    if changes.len() < 2 {
        return ops;
    }
    // Halves before single removals; a batch of thousands would otherwise take thousands of runs.
    let mut size = changes.len() / 2;
    while size > 0 {
        for start in (0..changes.len()).step_by(size) {
            let end = (start + size).min(changes.len());
            let mut rest = changes.to_vec();
            rest.drain(start..end);
            ops.push(Op::write(rest));
        }
        size /= 2;
    }
    ops
}

fn simpler_removals(range: &Range) -> Vec<Op> {
    let mut ops = Vec::new();
    match range {
        Range::Prefix(key) => ops.push(Op::delete(key.as_slice())),
        Range::Between(from, to) => {
            for bound in [from, to] {
                if let Bound::Included(key) | Bound::Excluded(key) = bound {
                    ops.push(Op::delete(key.as_slice()));
                }
            }
        }
    }
    ops.extend(simpler_ranges(range).into_iter().map(Op::delete_range));
    ops
}

fn simpler_fills(fill: &Fill) -> Vec<Op> {
    let put = |i| Op::put(fill.key(i), fill.value(i));
    let mut ops = vec![put(0)];
    if fill.count > 1 {
        ops.push(put(fill.count - 1));
    }
    let less = |number: u16| [number / 2, number - number / 4, number.saturating_sub(1)];
    let with = |count, size| {
        let prefix = fill.prefix.clone();
        Op::Fill(Fill {
            prefix,
            count,
            size,
        })
    };
    ops.extend(less(fill.count).map(|count| with(count, fill.size)));
    let sizes = [0, 1].into_iter().chain(less(fill.size));
    ops.extend(sizes.map(|size| with(fill.count, size)));
    ops
}
