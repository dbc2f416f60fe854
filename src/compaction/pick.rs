//! What to compact: the level that is most over its threshold, and which of its files.
//!
//! ```text
//!   score     level 0: files / level0_segments      others: bytes / what the level may hold
//!   pointer   level 1   [a..c] [d..f] [g..i]     the next after the last compaction's end, round
//!                                 ^ upper
//!   closure   level 2   [a....e] [f...k] [l.z]   everything that overlaps with it
//!                        ^ lower  ^ lower
//!   grow      level 1   [a..c] [d..f] [g..i]     what the lower files cover anyway
//!              ^ upper   ^ upper ^ upper
//! ```
//!
//! Invariants:
//! 1. Inputs are closed: a file of either level that has a user key in common with the range of
//!    the inputs of its level is an input, too. In level 0 this takes in every older file that
//!    overlaps; deeper, the neighbours that share a key's versions (`LevelDB` may split them).
//! 2. What comes out goes one level down, so that it is older than what stays above and newer
//!    than what lies below.
//! 3. The choice is a function of version and limits alone, and compacting as long as there is
//!    something to pick comes to an end: entries only ever go down.
//!
//! The authority is `LevelDB`'s `db/version_set.cc`.

use crate::key::compare;
use crate::manifest::{LEVELS, TableFile, Version};
use crate::sync::Arc;

/// The thresholds, as [`Options`](crate::Options) has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) level0_segments: usize,
    pub(crate) level1_bytes: u64,
    pub(crate) level_growth: u64,
    pub(crate) segment_bytes: u64,
}

impl Limits {
    /// How many bytes a level below 0 may hold.
    pub(crate) fn level_bytes(&self, level: usize) -> u64 {
        let factor = self.level_growth.saturating_pow(level as u32 - 1);
        self.level1_bytes.saturating_mul(factor)
    }

    /// With how many bytes two levels below an output file may overlap.
    pub(crate) fn overlap_bytes(&self) -> u64 {
        self.segment_bytes.saturating_mul(10)
    }

    /// Up to how many bytes of inputs a compaction may grow.
    fn grown_bytes(&self) -> u64 {
        self.segment_bytes.saturating_mul(25)
    }
}

/// One compaction: what goes in, and where what comes out belongs.
#[derive(Debug)]
pub(crate) struct Task {
    /// By level, the shallowest first, each level in its order.
    pub(crate) inputs: Vec<(usize, Arc<TableFile>)>,
    pub(crate) output_level: usize,
    /// Files two levels below the upper inputs, with which the output should not overlap much.
    pub(crate) grandparents: Vec<Arc<TableFile>>,
    /// The level that was over its threshold, and where its next compaction begins; none for a
    /// compaction of everything.
    pub(crate) pointer: Option<(usize, Arc<[u8]>)>,
}

impl Task {
    /// Whether the one input can go down as it is: it overlaps with nothing in the next level,
    /// and not with so much below that it would be dear to compact later.
    pub(crate) fn is_move(&self, limits: &Limits) -> bool {
        let below = total(&self.grandparents);
        self.pointer.is_some() && self.inputs.len() == 1 && below <= limits.overlap_bytes()
    }

    /// The deepest level that has a part in it.
    pub(crate) fn deepest(&self) -> usize {
        let inputs = self.inputs.iter().map(|(level, _)| *level);
        inputs.fold(self.output_level, usize::max)
    }
}

/// The next compaction that the thresholds ask for, if they do.
pub(crate) fn pick(version: &Version, limits: &Limits) -> Option<Task> {
    let level = fullest(version, limits)?;
    let files = version.level(level);
    let first = files
        .iter()
        .find(|file| {
            let pointer = version.pointer(level);
            pointer.is_none_or(|pointer| compare(&file.meta.largest, pointer).is_gt())
        })
        .or(files.first())?;
    let mut upper = closure(files, Span::of(first));
    let mut lower = closure(version.level(level + 1), span_of(upper.iter().copied())?);
    if let Some((wider, same)) = grown(version, level, &upper, &lower, limits) {
        (upper, lower) = (wider, same);
    }
    let end = upper
        .iter()
        .map(|file| &file.meta.largest)
        .max_by(|a, b| compare(a, b))?;
    let all = span_of(upper.iter().chain(&lower).copied())?;
    let below = version.level(level + 2).iter();
    let grandparents = below.filter(|file| Span::of(file).overlaps(all));
    let upper = upper.iter().map(|file| (level, Arc::clone(file)));
    let lower = lower.iter().map(|file| (level + 1, Arc::clone(file)));
    Some(Task {
        output_level: level + 1,
        grandparents: grandparents.cloned().collect(),
        pointer: Some((level, end.as_slice().into())),
        inputs: upper.chain(lower).collect(),
    })
}

/// The compaction of everything, to the first level that may hold it all.
pub(crate) fn everything(version: &Version, limits: &Limits) -> Task {
    let mut inputs = Vec::with_capacity((0..LEVELS).map(|level| version.level(level).len()).sum());
    for level in 0..LEVELS {
        let files = version.level(level).iter();
        inputs.extend(files.map(|file| (level, Arc::clone(file))));
    }
    let bytes = total(inputs.iter().map(|(_, file)| file));
    let holds = |level: &usize| bytes < limits.level_bytes(*level);
    Task {
        output_level: (1..LEVELS).find(holds).unwrap_or(LEVELS - 1),
        inputs,
        grandparents: Vec::new(),
        pointer: None,
    }
}

/// The level that is most over its threshold; the shallowest of equals. The last has none.
fn fullest(version: &Version, limits: &Limits) -> Option<usize> {
    let mut fullest: Option<(usize, u128, u128)> = None;
    for level in 0..LEVELS - 1 {
        let files = version.level(level);
        let (amount, threshold) = match level {
            0 => (files.len() as u128, limits.level0_segments as u128),
            _ => (
                u128::from(total(files)),
                u128::from(limits.level_bytes(level)),
            ),
        };
        // amount / threshold > most / of, without dividing.
        let more = fullest.is_none_or(|(_, most, of)| amount * of > most * threshold);
        if amount >= threshold && more {
            fullest = Some((level, amount, threshold));
        }
    }
    fullest.map(|(level, ..)| level)
}

type Files<'a> = Vec<&'a Arc<TableFile>>;

/// More upper inputs, where that takes no more lower ones and the whole stays small enough.
fn grown<'a>(
    version: &'a Version,
    level: usize,
    upper: &[&'a Arc<TableFile>],
    lower: &[&'a Arc<TableFile>],
    limits: &Limits,
) -> Option<(Files<'a>, Files<'a>)> {
    let below = span_of(lower.iter().copied())?;
    let wider = closure(
        version.level(level),
        span_of(upper.iter().copied())?.join(below),
    );
    let bytes = total(wider.iter().copied()) + total(lower.iter().copied());
    if wider.len() == upper.len() || bytes >= limits.grown_bytes() {
        return None;
    }
    let same = closure(version.level(level + 1), span_of(wider.iter().copied())?);
    (same.len() == lower.len()).then_some((wider, same))
}

/// User keys from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span<'a> {
    first: &'a [u8],
    last: &'a [u8],
}

impl<'a> Span<'a> {
    fn of(file: &'a TableFile) -> Span<'a> {
        let (first, last) = (file.first(), file.last());
        Span { first, last }
    }

    fn overlaps(self, other: Span<'_>) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn join(self, other: Span<'a>) -> Span<'a> {
        let (first, last) = (self.first.min(other.first), self.last.max(other.last));
        Span { first, last }
    }
}

/// What a few files span together; `None` if there are none.
fn span_of<'a>(files: impl IntoIterator<Item = &'a Arc<TableFile>>) -> Option<Span<'a>> {
    let spans = files.into_iter().map(|file| Span::of(file));
    spans.reduce(Span::join)
}

/// Invariant 1: the files that overlap with a span, or with a file that does, and so on.
fn closure<'a>(files: &'a [Arc<TableFile>], mut span: Span<'a>) -> Files<'a> {
    loop {
        let overlaps = |file: &&Arc<TableFile>| Span::of(file).overlaps(span);
        let found: Files<'a> = files.iter().filter(overlaps).collect();
        let grown = found
            .iter()
            .fold(span, |all, file| all.join(Span::of(file)));
        if grown == span {
            return found;
        }
        span = grown;
    }
}

fn total<'a>(files: impl IntoIterator<Item = &'a Arc<TableFile>>) -> u64 {
    let sizes = files.into_iter().map(|file| file.meta.size);
    sizes.fold(0, u64::saturating_add)
}

#[cfg(test)]
pub(super) mod tests;
