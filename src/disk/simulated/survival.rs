//! What survives at a crash point: a choice among the effects that are pending there.

use super::point::CrashPoint;

/// What stands where a torn write did not get to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filler {
    /// What was there before: at a file's end, nothing.
    Old,
    /// Zeros: the size was written, the data were not.
    Zero,
    /// Other bytes: the size was written, the blocks hold what some other file left in them.
    Garbage,
}

/// A write of which only the first bytes survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tear {
    /// Which of the pending effects; it is a write, and kept.
    pub pending: usize,
    /// How many of its bytes survive.
    pub bytes: u64,
    /// What stands in the place of the others.
    pub filler: Filler,
}

/// Which of the pending effects survive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Survival {
    /// For each pending effect, in the order of issue.
    pub kept: Vec<bool>,
    /// The write that was torn, if one was.
    pub tear: Option<Tear>,
}

impl Survival {
    /// Nothing that was pending.
    pub fn none(point: &CrashPoint<'_>) -> Survival {
        Survival::first(point, 0)
    }

    /// Everything that was pending.
    pub fn all(point: &CrashPoint<'_>) -> Survival {
        Survival::first(point, point.pending())
    }

    /// The first so many.
    pub fn first(point: &CrashPoint<'_>, count: usize) -> Survival {
        Survival {
            kept: (0..point.pending()).map(|at| at < count).collect(),
            tear: None,
        }
    }
}
