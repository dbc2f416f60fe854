//! Failures grouped by shape, so that a shallow one does not hide a deep one.
//!
//! ```text
//!   failure -- shape known, and gone without what that shape needs --> counted
//!        '---- else: shrunk --> a new group, or the same shape again: the shorter case is kept
//!                                    '-- the third time --> what it needs is left out of
//!                                        nine of ten further sequences
//! ```
//!
//! Invariants:
//! 1. A group keeps the shortest case that was found of its shape.
//! 2. Nothing is left out before a shape has come three times, and what is left out was seen to
//!    be needed (`need`).
//! 3. The campaign goes on with one sequence of ten as if nothing had been found: what is left
//!    out may hide something, too.

use super::failure::{Failed, Found};
use super::need::Need;
use super::sandbox::Sandbox;
use super::shape::FailureShape;
use super::{Lane, Progress, Settings};
use crate::check::{Contents, Divergence};
use crate::shrink::Cost;
use crate::stage::BoxedTarget;

/// A shape that has come so often is left out of most further sequences.
const OFTEN: u64 = 3;

/// More shapes than anybody looks at: the campaign ends.
pub(super) const MOST: usize = 50;

/// Failures of one shape.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they have in common.
    pub shape: FailureShape,
    /// How often it came.
    pub occurrences: u64,
    /// The first sequence that met it.
    pub first: u64,
    /// The shortest of them.
    pub shortest: Failed,
    /// What was left out of further sequences because of it.
    pub left_out: Vec<Need>,
    /// Occurrences under all that is left out now.
    since: u64,
    exhausted: bool,
}

/// That further sequences were narrowed, or could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// The sequence after which it was.
    pub after: u64,
    /// Because of which shape: its place among the groups.
    pub group: usize,
    /// What nine of ten further sequences go without; none if the failure needs nothing that could
    /// be left out.
    pub need: Option<Need>,
}

/// The failures of a campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    pub(super) narrowings: Vec<Narrowing>,
    /// Hangs that did not repeat.
    pub(super) passing_hangs: u64,
    /// Whether the search ended before its budget, since nothing new is to come.
    pub(super) gave_up: bool,
}

impl Groups {
    /// Takes a failure in. Returns whether something more is to be left out.
    pub(super) fn take(
        &mut self,
        lane: Lane<BoxedTarget>,
        found: Found,
        is_narrowed: bool,
        settings: &Settings,
        progress: &mut dyn Progress,
    ) -> bool {
        let timeout = lane.target.0.profile().timeout;
        let mut sandbox = Sandbox::of(lane.target.clone(), timeout);
        let index = found.index;
        if !is_narrowed && self.counts(&found, &mut sandbox) {
            return false;
        }
        progress.failed(&lane.name, index);
        let failed = Failed::examine(lane, found, settings, progress);
        let at = self.place(failed, is_narrowed);
        let group = &mut self.all[at];
        if group.since < OFTEN || group.exhausted {
            return false;
        }
        let need = needed(group, &mut sandbox);
        group.exhausted = need.is_none();
        group.since = 0;
        group.left_out.extend(need.clone());
        let is_more = need.is_some();
        let narrowing = Narrowing {
            after: index,
            group: at,
            need,
        };
        progress.narrowed(&self.all[at], &narrowing);
        self.narrowings.push(narrowing);
        is_more
    }

    /// Whether the failure is one that is left out of the narrowed sequences: it fails like that,
    /// and not without what that needs. Then it is counted and not shrunk.
    fn counts(&mut self, found: &Found, sandbox: &mut Sandbox) -> bool {
        let identity = found.divergence.identity();
        let alike =
            |group: &&mut Group| *group.shape.identity() == identity && !group.left_out.is_empty();
        for group in self.all.iter_mut().filter(alike) {
            let mut rewritten = found.case.clone();
            for need in &group.left_out {
                rewritten = need.rewrite(&rewritten);
            }
            if sandbox.run(&rewritten, Contents::Compared).is_none() {
                group.occurrences += 1;
                return true;
            }
        }
        false
    }

    /// Puts a shrunk failure into its group. Returns the group's place.
    fn place(&mut self, failed: Failed, is_narrowed: bool) -> usize {
        let shape = FailureShape::of(&failed);
        let Some(at) = self.all.iter().position(|group| group.shape == shape) else {
            self.all.push(Group {
                shape,
                occurrences: 1,
                first: failed.index,
                shortest: failed,
                left_out: Vec::new(),
                since: 1,
                exhausted: false,
            });
            return self.all.len() - 1;
        };
        let group = &mut self.all[at];
        group.occurrences += 1;
        group.since += u64::from(is_narrowed || group.left_out.is_empty());
        if Cost::of(&failed.shrunk.case) < Cost::of(&group.shortest.shrunk.case) {
            group.shortest = failed;
        }
        at
    }

    /// All that is left out of the narrowed sequences.
    pub(super) fn left_out(&self) -> Vec<Need> {
        let needs = self.all.iter().flat_map(|group| &group.left_out);
        needs.cloned().collect()
    }
}

/// The first thing that the group's shortest case needs, of those that are not left out yet.
fn needed(group: &Group, sandbox: &mut Sandbox) -> Option<Need> {
    let Failed {
        shrunk, reproduced, ..
    } = &group.shortest;
    if *reproduced == 0 {
        // A flaky failure goes away whatever is tried.
        return None;
    }
    let identity = shrunk.divergence.identity();
    let mut candidates = Need::candidates(&shrunk.case);
    candidates.retain(|need| !group.left_out.contains(need));
    let outcomes: Vec<_> = candidates
        .iter()
        .map(|need| sandbox.run(&need.rewrite(&shrunk.case), Contents::Compared))
        .collect();
    // Without the read that failed, the contents may still be wrong: then it needs something else.
    let passes = outcomes.iter().position(Option::is_none);
    let fails_else = |outcome: &Option<Divergence>| {
        outcome
            .as_ref()
            .is_some_and(|other| other.identity() != identity)
    };
    let place = passes.or_else(|| outcomes.iter().position(fails_else))?;
    Some(candidates.swap_remove(place))
}
