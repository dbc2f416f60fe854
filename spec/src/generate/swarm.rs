//! Which operation comes next: swarm weights, and a few habits.
//!
//! Invariant: no kind outside the generator's set is ever drawn.

use crate::kinds::Kinds;
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

/// The published table; `generate/mod.rs` shows what comes of it.
const BASE: [Base; 12] = [
    Base {
        kind: OpKind::Get,
        weight: 82,
        on: 8,
    },
    Base {
        kind: OpKind::Put,
        weight: 60,
        on: 8,
    },
    Base {
        kind: OpKind::Delete,
        weight: 30,
        on: 7,
    },
    Base {
        kind: OpKind::Flush,
        weight: 10,
        on: 6,
    },
    Base {
        kind: OpKind::Scan,
        weight: 10,
        on: 6,
    },
    Base {
        kind: OpKind::Length,
        weight: 3,
        on: 5,
    },
    Base {
        kind: OpKind::Write,
        weight: 8,
        on: 5,
    },
    Base {
        kind: OpKind::Clear,
        weight: 1,
        on: 2,
    },
    Base {
        kind: OpKind::DeleteRange,
        weight: 4,
        on: 4,
    },
    Base {
        kind: OpKind::Fill,
        weight: 1,
        on: 3,
    },
    Base {
        kind: OpKind::Compact,
        weight: 2,
        on: 5,
    },
    Base {
        kind: OpKind::Reopen,
        weight: 1,
        on: 5,
    },
];

/// A case's own weights, and what it has planned next.
#[derive(Clone, Debug)]
pub(super) struct Swarm {
    /// Each kind as often as it shall come; empty set: never read.
    table: [OpKind; 256],
    on: Kinds,
    /// Structural operations between single puts.
    interleave: bool,
    planned: Option<OpKind>,
}

impl Swarm {
    pub(super) fn new() -> Self {
        Swarm {
            table: [OpKind::Get; 256],
            on: Kinds::NONE,
            interleave: false,
            planned: None,
        }
    }

    /// The kinds that have a weight: all but breakages.
    pub(super) fn kinds() -> Kinds {
        BASE.iter().map(|base| base.kind).collect()
    }

    /// Weighs the kinds for a new case.
    pub(super) fn begin(&mut self, random: &mut Random, kinds: Kinds) {
        let mut weights = [0; BASE.len()];
        for (weight, base) in weights.iter_mut().zip(&BASE) {
            // Draw for every kind, so that a switch in the profile does not move the other draws.
            let word = random.next();
            let on = bits(word, 0, 3) < base.on;
            if on && kinds.has(base.kind) {
                *weight = base.weight * [1, 2, 2, 4][bits(word, 3, 2)];
            }
        }
        if weights.iter().all(|weight| *weight == 0) {
            for (weight, base) in weights.iter_mut().zip(&BASE) {
                *weight = if kinds.has(base.kind) { base.weight } else { 0 };
            }
        }
        self.interleave = random.chance(1, 8);
        self.planned = None;
        self.fill_table(&weights);
    }

    fn fill_table(&mut self, weights: &[usize; BASE.len()]) {
        let total: usize = weights.iter().sum();
        self.on = Kinds::NONE;
        let mut start = 0;
        let mut sum = 0;
        for (base, weight) in BASE
            .iter()
            .zip(weights)
            .rev()
            .filter(|(_, weight)| **weight > 0)
        {
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
        let kind = self.planned.take().unwrap_or(self.table[bits(word, 0, 8)]);
        let wish = match kind {
            OpKind::Put if self.interleave => after_interleaved_put(word >> 60),
            OpKind::Flush => after_flush(word >> 60),
            OpKind::Compact => after_compact(word >> 60),
            OpKind::Reopen => after_reopen(word >> 60),
            OpKind::Fill => Some(OpKind::Scan),
            _ => None,
        };
        self.planned = wish.filter(|kind| self.on.has(*kind));
        Some(kind)
    }
}

// The habits: out of sixteen, what follows at once.

fn after_interleaved_put(sixteenth: u64) -> Option<OpKind> {
    match sixteenth {
        0..4 => Some(OpKind::Flush),
        4 => Some(OpKind::Compact),
        _ => None,
    }
}

fn after_flush(sixteenth: u64) -> Option<OpKind> {
    match sixteenth {
        0 => Some(OpKind::Flush),
        1..5 => Some(OpKind::Put),
        5..8 => Some(OpKind::Delete),
        _ => None,
    }
}

fn after_compact(sixteenth: u64) -> Option<OpKind> {
    match sixteenth {
        0..4 => Some(OpKind::Compact),
        4..8 => Some(OpKind::Put),
        8..10 => Some(OpKind::Delete),
        _ => None,
    }
}

fn after_reopen(sixteenth: u64) -> Option<OpKind> {
    match sixteenth {
        0..2 => Some(OpKind::Reopen),
        2..6 => Some(OpKind::Put),
        6..10 => Some(OpKind::Get),
        _ => None,
    }
}
