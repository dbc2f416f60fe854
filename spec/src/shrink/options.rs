//! Simplifying options: the store's defaults, and what then stands in their place.
//!
//! ```text
//!   tiny memtable         ->  the flushes that it caused, spelled out
//!   automatic compaction  ->  compactions by hand, in the place of the flushes
//!   tiny blocks           ->  values that fill a block of the usual size
//! ```
//!
//! They make the case longer or dearer. They are worth it, since an option less counts for more: a failure
//! at the defaults says most. Later rounds take out what was superfluous.

use super::Search;
use crate::op::{Case, Change, Op};
use crate::options::Options;

/// Above this many operations a longer case is not tried.
const LONGEST: usize = 200;

/// Values grow to one of these: two or one of them fill a memtable of 512 bytes; two or one a
/// block of 4 KiB.
pub(super) const LARGE: [usize; 4] = [300, 600, 2_100, 4_200];

impl Search<'_> {
    /// Tries the store's defaults: for all options at once, then for each. Returns whether there
    /// are fewer options now.
    pub(super) fn simplify_options(&mut self) -> bool {
        let before = self.best.options.len();
        if before == 0 {
            return false;
        }
        let mut candidate = self.best.clone();
        candidate.options = Options::default();
        if self.try_without(&candidate) {
            return true;
        }
        let names: Vec<String> = self
            .best
            .options
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in names {
            let mut candidate = self.best.clone();
            candidate.options.remove(&name);
            self.try_without(&candidate);
        }
        self.best.options.len() < before
    }

    /// The candidate, which has fewer options, as it is or with what stands in their place.
    fn try_without(&mut self, candidate: &Case) -> bool {
        let mut forms = vec![candidate.clone(), with_compactions(candidate)];
        if candidate.ops.len() <= LONGEST {
            let changes = candidate.ops.iter().filter(|op| is_change(op)).count();
            let distances = (0..).map(|power| 1 << power);
            forms.extend(
                distances
                    .take_while(|every| *every <= changes)
                    .flat_map(|every| [true, false].map(|last| (every, last)))
                    .map(|(every, last)| with_flushes(candidate, every, last)),
            );
        }
        forms.iter().any(|form| self.try_case(form.clone()))
            || LARGE.into_iter().any(|length| {
                let mut large = forms.iter().map(|form| with_large_values(form, length));
                large.any(|form| self.try_case(form))
            })
    }
}

fn is_change(op: &Op) -> bool {
    !op.kind().is_read() && !op.kind().is_structural()
}

/// The case with a compaction, which flushes, too, in the place of every flush.
fn with_compactions(case: &Case) -> Case {
    let mut compacted = case.clone();
    for op in &mut compacted.ops {
        if *op == Op::Flush {
            *op = Op::Compact;
        }
    }
    compacted
}

/// The case with a flush after every so many changes; after the last one in any case, or not.
fn with_flushes(case: &Case, every: usize, after_last: bool) -> Case {
    let mut flushed = case.clone();
    flushed.ops = Vec::with_capacity(case.ops.len() * 2);
    let last = case.ops.iter().rposition(is_change);
    let mut changes = 0;
    for (at, op) in case.ops.iter().enumerate() {
        flushed.ops.push(op.clone());
        if is_change(op) {
            changes += 1;
            let flush = if Some(at) == last {
                after_last
            } else {
                changes % every == 0
            };
            if flush {
                flushed.ops.push(Op::Flush);
            }
        }
    }
    flushed
}

/// The case with every value made at least so long; values that differ still do.
pub(super) fn with_large_values(case: &Case, length: usize) -> Case {
    let mut case = case.clone();
    let grow = |value: &mut Vec<u8>| value.resize(value.len().max(length), b'.');
    for op in &mut case.ops {
        match op {
            Op::Put { value, .. } => grow(value),
            Op::Write { changes, .. } => {
                for change in changes {
                    if let Change::Put { value, .. } = change {
                        grow(value);
                    }
                }
            }
            Op::Fill(fill) => fill.size = fill.size.max(length as u16),
            _ => {}
        }
    }
    case
}
