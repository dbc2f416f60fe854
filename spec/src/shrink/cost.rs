//! What a case costs its reader. The shrinker only ever goes down.

use super::names::{Sort, each_name, strangeness};
use crate::breakage::{Crash, Keep, Pending, Then, Within};
use crate::name::Name;
use crate::op::{Case, Change, Op};
use crate::range::{Range, Scan};
use crate::scope::OpScope;
use std::ops::Bound;

/// Compared field by field: fewer options first, since a failure at default options says most;
/// then fewer operations, simpler ones, fewer bytes, plainer bytes. A batch counts as all of its
/// changes, and is dearer than they are one by one: to put two writes into one is no gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    options: usize,
    operations: usize,
    complexity: u64,
    bytes: u64,
    strangeness: u64,
}

impl Cost {
    /// The cost of a case.
    ///
    /// ```
    /// use etalon_spec::{Case, Cost, Op};
    ///
    /// let short = Case::new(vec![Op::get(b"b")]);
    /// let shorter = Case::new(vec![Op::get(b"")]);
    /// assert!(Cost::of(&shorter) < Cost::of(&short));
    /// ```
    pub fn of(case: &Case) -> Cost {
        let mut cost = Cost {
            options: case.options.len(),
            operations: 0,
            complexity: 0,
            bytes: 0,
            strangeness: 0,
        };
        for op in &case.ops {
            cost.add(op);
        }
        cost
    }

    fn add(&mut self, op: &Op) {
        self.operations += match op {
            Op::Write { changes, .. } => changes.len().max(1),
            Op::Ingest { run, .. } => run.entries().len(),
            Op::In(inside) => {
                self.add_scope(inside.scope());
                return self.add(inside.op());
            }
            _ => 1,
        };
        self.complexity += 8 * u64::from(op.is_synced());
        self.add_names(op);
        // Every kind is dearer than any argument of a simpler one.
        self.complexity += 1_000_000 * op.kind() as u64;
        match op {
            Op::Get { key, .. } | Op::Delete { key, .. } | Op::Seek { key, .. } => {
                self.add_bytes(key);
            }
            Op::Put { key, value, .. } => {
                self.add_bytes(key);
                self.add_bytes(value);
            }
            Op::Write { changes, .. } => {
                self.complexity += 2_000_000 * changes.len() as u64;
                for change in changes {
                    self.add_change(change);
                }
            }
            Op::Fill(fill) => {
                self.complexity += u64::from(fill.count) + u64::from(fill.size);
                self.add_bytes(&fill.prefix);
            }
            Op::Cas {
                key, expected, new, ..
            } => {
                self.add_bytes(key);
                for value in [expected, new].into_iter().flatten() {
                    self.complexity += 1;
                    self.add_bytes(value);
                }
            }
            Op::Ingest { run, .. } => {
                self.complexity += 2_000_000 * run.entries().len() as u64;
                for (key, value) in run.entries() {
                    self.add_bytes(key);
                    self.add_bytes(value);
                }
            }
            Op::Scan { scan, .. } => self.add_scan(scan),
            Op::DeleteRange { range, .. } => self.add_range(range),
            Op::Kill { then } => self.add_thens(then),
            Op::Crash(crash) => self.add_crash(crash),
            Op::Fail(fault) => {
                self.add_within(&fault.within);
                self.complexity += fault.with as u64 + u64::from(fault.forever);
            }
            _ => {}
        }
    }

    /// A view is dearer than the present; a name costs its letters, like a key.
    fn add_names(&mut self, op: &Op) {
        let is_far = op.snapshot_read().is_some() || matches!(op, Op::Rollback { to: Some(_), .. });
        self.complexity += 8 * u64::from(is_far);
        for sort in Sort::ALL {
            each_name(op, sort, &mut |name| self.add_name(sort, name));
        }
    }

    fn add_name(&mut self, sort: Sort, name: Name) {
        self.bytes += name.as_str().len() as u64;
        self.strangeness += strangeness(sort, name);
    }

    /// A scope is dearer than any argument.
    fn add_scope(&mut self, scope: OpScope) {
        let sorts = [
            (Sort::Space, scope.space),
            (Sort::Transaction, scope.transaction),
        ];
        for (sort, name) in sorts {
            if let Some(name) = name {
                self.complexity += 1_000;
                self.add_name(sort, name);
            }
        }
    }

    /// An operation that does not come to its end costs what it costs, and its number.
    fn add_within(&mut self, within: &Within) {
        self.add(within.op());
        self.operations -= 1;
        self.strangeness += u64::from(within.at);
    }

    fn add_crash(&mut self, crash: &Crash) {
        if let Some(within) = &crash.within {
            self.add_within(within);
        }
        self.add_keep(&crash.keep);
        self.add_thens(&crash.then);
    }

    fn add_thens(&mut self, thens: &[Then]) {
        for then in thens {
            self.complexity += 100;
            self.strangeness += u64::from(then.at);
            if let Some(keep) = &then.keep {
                self.complexity += 10;
                self.add_keep(keep);
            }
        }
    }

    fn add_keep(&mut self, keep: &Keep) {
        match &keep.pending {
            Pending::None => {}
            Pending::All => self.complexity += 1,
            Pending::First(count) => {
                self.complexity += 2;
                self.strangeness += u64::from(*count);
            }
            Pending::Only(places) => {
                self.complexity += 3 + places.iter().len() as u64;
                self.strangeness += places.iter().map(u64::from).sum::<u64>();
            }
        }
        if let Some(torn) = keep.torn {
            self.complexity += 4 + torn.rest as u64;
            self.strangeness += u64::from(torn.bytes);
        }
    }

    fn add_change(&mut self, change: &Change) {
        self.add_bytes(change.key());
        if let Some(value) = change.value() {
            self.complexity += 1;
            self.add_bytes(value);
        }
    }

    fn add_scan(&mut self, scan: &Scan) {
        self.complexity += u64::from(scan.reverse) + 2 * u64::from(scan.limit.is_some());
        self.strangeness += u64::from(scan.limit.unwrap_or(0));
        self.add_range(&scan.range);
    }

    fn add_range(&mut self, range: &Range) {
        match range {
            Range::Prefix(prefix) => {
                self.complexity += 4;
                self.add_bytes(prefix);
            }
            Range::Between(from, to) => {
                self.add_bound(from, false);
                self.add_bound(to, true);
            }
        }
    }

    fn add_bound(&mut self, bound: &Bound<Vec<u8>>, upper: bool) {
        match bound {
            Bound::Unbounded => {}
            Bound::Included(key) => {
                self.complexity += 4 + u64::from(upper);
                self.add_bytes(key);
            }
            Bound::Excluded(key) => {
                self.complexity += 4 + u64::from(!upper);
                self.add_bytes(key);
            }
        }
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        // Nearest to the first letters is plainest; what does not print is strangest.
        self.strangeness += bytes
            .iter()
            .map(|byte| match byte {
                b'a'..=b'z' => u64::from(byte - b'a'),
                b'0'..=b'9' => 1 + u64::from(byte - b'0'),
                0x20..=0x7e => 40,
                _ => 100 + u64::from(*byte),
            })
            .sum::<u64>();
    }
}
