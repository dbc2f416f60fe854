//! Which operation comes next: swarm weights, and a few habits.
//!
//! Invariant: no kind outside the generator's set is ever drawn.

use crate::kinds::{ByKind, Kinds};
use crate::op::OpKind;
use crate::random::{Random, bits};

/// What a kind gets by default.
struct Base {
    kind: OpKind,
    /// Its share, in about 256ths.
    weight: usize,
    /// In how many of eight cases it is switched on.
    on: usize,
}

/// The published table, each kind at its own place; `generate/mod.rs` shows what comes of it.
const BASE: [Base; 22] = [
    base(OpKind::Get, 82, 8),
    base(OpKind::Put, 60, 8),
    base(OpKind::Delete, 30, 7),
    base(OpKind::Flush, 10, 6),
    base(OpKind::Sync, 2, 3),
    base(OpKind::Scan, 10, 6),
    base(OpKind::Length, 3, 5),
    base(OpKind::Write, 8, 5),
    base(OpKind::Clear, 1, 2),
    base(OpKind::DeleteRange, 4, 4),
    base(OpKind::Fill, 1, 3),
    base(OpKind::Snapshot, 4, 2),
    base(OpKind::Release, 2, 6),
    base(OpKind::Iterator, 4, 2),
    base(OpKind::Next, 20, 8),
    base(OpKind::Prev, 14, 7),
    base(OpKind::SeekFirst, 2, 7),
    base(OpKind::SeekLast, 3, 7),
    base(OpKind::Seek, 8, 7),
    base(OpKind::Close, 1, 6),
    base(OpKind::Compact, 2, 5),
    base(OpKind::Reopen, 1, 5),
];

/// What only some stores have; its draws disturb no others.
const MORE: [Base; 11] = [
    base(OpKind::First, 4, 5),
    base(OpKind::Last, 3, 5),
    base(OpKind::Cas, 8, 5),
    base(OpKind::Ingest, 3, 4),
    base(OpKind::Begin, 8, 4),
    base(OpKind::Savepoint, 8, 6),
    base(OpKind::Rollback, 4, 7),
    base(OpKind::Commit, 5, 8),
    base(OpKind::Create, 4, 3),
    base(OpKind::Rename, 3, 6),
    base(OpKind::Drop, 2, 6),
];

const fn base(kind: OpKind, weight: usize, on: usize) -> Base {
    Base { kind, weight, on }
}

const _: () = {
    let mut at = 0;
    while at < BASE.len() {
        assert!(BASE[at].kind as usize == at, "each kind at its own place");
        at += 1;
    }
};

/// What a kind gets in a case, by a random word.
fn weigh(base: &Base, word: u64, kinds: Kinds) -> usize {
    let on = bits(word, 0, 3) < base.on;
    if on && kinds.has(base.kind) {
        base.weight * [1, 2, 2, 4][bits(word, 3, 2)]
    } else {
        0
    }
}

/// What is switched off with another kind.
const fn leader(kind: OpKind) -> Option<OpKind> {
    match kind {
        OpKind::Release => Some(OpKind::Snapshot),
        _ if kind.is_step() => Some(OpKind::Iterator),
        OpKind::Close => Some(OpKind::Iterator),
        OpKind::Savepoint | OpKind::Rollback | OpKind::Commit => Some(OpKind::Begin),
        OpKind::Rename | OpKind::Drop => Some(OpKind::Create),
        _ => None,
    }
}

/// The kinds that only iterators have.
pub(super) const OF_ITERATORS: [OpKind; 7] = [
    OpKind::Iterator,
    OpKind::Next,
    OpKind::Prev,
    OpKind::SeekFirst,
    OpKind::SeekLast,
    OpKind::Seek,
    OpKind::Close,
];

/// The kinds that only transactions have.
pub(super) const OF_TRANSACTIONS: [OpKind; 4] = [
    OpKind::Begin,
    OpKind::Savepoint,
    OpKind::Rollback,
    OpKind::Commit,
];

/// A case's own weights, and what it has planned next.
#[derive(Clone, Debug)]
pub(super) struct Swarm {
    /// Each kind as often as it shall come; empty set: never read.
    table: [OpKind; 256],
    on: Kinds,
    /// Structural operations between single puts.
    interleave: bool,
    /// What comes next, as far as it is on.
    planned: &'static [OpKind],
}

impl Swarm {
    pub(super) fn new() -> Self {
        Swarm {
            table: [OpKind::Get; 256],
            on: Kinds::NONE,
            interleave: false,
            planned: &[],
        }
    }

    /// The kinds that have a weight: all but breakages.
    pub(super) fn kinds() -> Kinds {
        BASE.iter().chain(&MORE).map(|base| base.kind).collect()
    }

    /// The kinds that only some stores have.
    pub(super) fn more() -> Kinds {
        MORE.iter().map(|base| base.kind).collect()
    }

    /// Weighs the kinds for a new case. What only some stores have draws from `more`.
    pub(super) fn begin(&mut self, random: &mut Random, more: &mut Random, kinds: Kinds) {
        let mut weights = ByKind::default();
        // Draw for every kind, so that a switch in the profile does not move the other draws.
        for base in &BASE {
            weights[base.kind as usize] = weigh(base, random.next(), kinds);
        }
        for base in &MORE {
            weights[base.kind as usize] = weigh(base, more.next(), kinds);
        }
        for base in BASE.iter().chain(&MORE) {
            if leader(base.kind).is_some_and(|leader| weights[leader as usize] == 0) {
                weights[base.kind as usize] = 0;
            }
        }
        if weights.iter().all(|weight| *weight == 0) {
            for base in BASE.iter().chain(&MORE) {
                let is_sent = kinds.has(base.kind);
                weights[base.kind as usize] = if is_sent { base.weight } else { 0 };
            }
        }
        self.interleave = random.chance(1, 8);
        self.planned = &[];
        self.fill_table(&weights);
    }

    fn fill_table(&mut self, weights: &ByKind<usize>) {
        let total: usize = weights.iter().sum();
        self.on = Kinds::NONE;
        let mut start = 0;
        let mut sum = 0;
        for base in BASE.iter().chain(&MORE).rev() {
            let weight = weights[base.kind as usize];
            if weight == 0 {
                continue;
            }
            sum += weight;
            // The rare ones come first, so that rounding up takes from the frequent ones.
            let end = (sum * 256 / total).max(start + 1);
            self.table[start..end].fill(base.kind);
            self.on = self.on.with(base.kind);
            start = end;
        }
    }

    /// The kind of the next operation; none if the set is empty.
    #[inline]
    pub(super) fn next(&mut self, random: &mut Random) -> Option<OpKind> {
        if self.on.is_empty() {
            return None;
        }
        let word = random.next();
        let kind = self.plan().unwrap_or(self.table[bits(word, 0, 8)]);
        if self.planned.is_empty() {
            self.planned = match kind {
                OpKind::Put if self.interleave => after_interleaved_put(word >> 60),
                OpKind::Flush => after_flush(word >> 60),
                OpKind::Compact => after_compact(word >> 60),
                OpKind::Reopen => after_reopen(word >> 60),
                OpKind::Fill => &[OpKind::Scan],
                OpKind::Snapshot => after_snapshot(word >> 60),
                OpKind::Iterator => after_iterator(word >> 60),
                OpKind::Begin => after_begin(word >> 60),
                OpKind::Create => after_create(word >> 60),
                OpKind::Rename => &[OpKind::Get, OpKind::Scan],
                _ => &[],
            };
        }
        Some(kind)
    }

    /// The next kind that is planned and on.
    #[inline]
    fn plan(&mut self) -> Option<OpKind> {
        while let [first, rest @ ..] = self.planned {
            self.planned = rest;
            if self.on.has(*first) {
                return Some(*first);
            }
        }
        None
    }
}

// The habits: out of sixteen, what follows at once.

type Plan = &'static [OpKind];

fn after_interleaved_put(sixteenth: u64) -> Plan {
    match sixteenth {
        0..4 => &[OpKind::Flush],
        4 => &[OpKind::Compact],
        _ => &[],
    }
}

fn after_flush(sixteenth: u64) -> Plan {
    match sixteenth {
        0 => &[OpKind::Flush],
        1..5 => &[OpKind::Put],
        5..8 => &[OpKind::Delete],
        _ => &[],
    }
}

fn after_compact(sixteenth: u64) -> Plan {
    match sixteenth {
        0..4 => &[OpKind::Compact],
        4..8 => &[OpKind::Put],
        8..10 => &[OpKind::Delete],
        _ => &[],
    }
}

fn after_reopen(sixteenth: u64) -> Plan {
    match sixteenth {
        0..2 => &[OpKind::Reopen],
        2..6 => &[OpKind::Put],
        6..10 => &[OpKind::Get],
        _ => &[],
    }
}

/// What a snapshot has to outlive, and reads that show whether it did.
fn after_snapshot(sixteenth: u64) -> Plan {
    use OpKind::{Compact, Delete, Flush, Get, Put, Scan};
    match sixteenth {
        0..4 => &[Put, Put, Flush, Compact, Get, Get, Scan],
        4..6 => &[Delete, Delete, Flush, Compact, Scan, Get],
        6..8 => &[Put, Flush, Get, Get],
        8..10 => &[Put, Delete, Compact, Put, Compact, Get, Get],
        _ => &[],
    }
}

/// Ends, turns, and a store that moves on below.
fn after_iterator(sixteenth: u64) -> Plan {
    use OpKind::{Compact, Delete, Flush, Next, Prev, Put, Release, Seek, SeekFirst, SeekLast};
    match sixteenth {
        0..2 => &[Next, Next, Prev, Prev, Next],
        2..4 => &[SeekLast, Next, Prev, Prev],
        4 => &[SeekFirst, Prev, Next, Next],
        5..7 => &[Next, Put, Flush, Next, Compact, Next],
        7..9 => &[Put, Delete, Flush, Compact, Next, Next, Next],
        9 => &[Seek, Prev, Next, Next],
        10 => &[Release, Put, Compact, Next, Next],
        _ => &[],
    }
}

/// What a transaction is made of, and reads that show what became of it.
fn after_begin(sixteenth: u64) -> Plan {
    use OpKind::{Commit, Delete, Flush, Get, Put, Rollback, Savepoint, Scan};
    match sixteenth {
        0..3 => &[
            Put, Savepoint, Put, Delete, Rollback, Get, Commit, Get, Scan,
        ],
        3..6 => &[Put, Get, Put, Get, Rollback, Get, Scan],
        6..8 => &[Put, Delete, Get, Commit, Get, Get],
        8..10 => &[Savepoint, Put, Savepoint, Put, Rollback, Commit, Get, Scan],
        10 => &[Put, Commit, Flush, Get],
        _ => &[],
    }
}

/// A key space that is filled, and then called otherwise or made again.
fn after_create(sixteenth: u64) -> Plan {
    use OpKind::{Create, Drop, Get, Put, Rename, Scan};
    match sixteenth {
        0..4 => &[Put, Put, Rename, Get, Scan],
        4..8 => &[Put, Put, Drop, Create, Get, Scan],
        _ => &[],
    }
}
