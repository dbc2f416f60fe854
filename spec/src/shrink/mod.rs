//! The shrinker: from the case that a finder met to the shortest that still fails alike.
//!
//! ```text
//!   1240 operations                         the failing read made the last operation
//!     -> remove chunks, halves first        17
//!     -> simplify options, operations       12
//!     -> rename keys and views, shorten values  5
//!   again, until a whole round changes nothing, or the budget ends
//!     -> all shorter strings of what is left 4
//! ```
//!
//! Invariants:
//! 1. A candidate is taken only if it fails with the same [`Identity`] and costs less
//!    ([`Cost`]): so the search ends, and the best so far is always kept.
//! 2. The case ends with the operation that diverged, and holds nothing after it: a read, as far
//!    as one shows the failure. The read of everything behind a crash belongs to the crash.
//! 3. `one_minimal` is claimed only if, at the end, the removal of every single operation was
//!    tried and made the failure go away.
//!
//! The passes propose; the cost decides. A pass that proposes nonsense costs time, not truth.

mod breakages;
mod cost;
mod keys;
mod names;
mod options;
mod passes;
mod rebuild;
mod scopes;
mod values;

use crate::check::{Divergence, Identity};
use crate::op::Case;
use crate::open::drop_orphans;
pub use cost::Cost;
pub(crate) use keys::renamed;
#[cfg(feature = "quickcheck")]
pub(crate) use passes::simpler;
pub(crate) use values::change_values;

/// Says how long a search may go on, and hears of its progress.
pub trait Pace {
    /// Whether there is budget for another candidate.
    fn goes_on(&mut self) -> bool;

    /// A smaller failing case was found.
    fn smaller(&mut self, _case: &Case) {}
}

/// A budget in candidates: deterministic, for tests and for callers without a clock.
#[derive(Clone, Copy, Debug)]
pub struct Candidates(pub u64);

impl Pace for Candidates {
    fn goes_on(&mut self) -> bool {
        let some = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        some
    }
}

/// What shrinking came to.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest failing case found; its last operation is the one that diverged.
    pub case: Case,
    /// How it fails.
    pub divergence: Divergence,
    /// Whether every removal of a single operation was seen to make the failure go away.
    pub one_minimal: bool,
    /// How many candidates were run.
    pub candidates: u64,
    /// Numbers of operations on the way, from the first to the last.
    pub path: Vec<usize>,
}

/// Shrinks a failing case, given how it failed and a `test` that runs a candidate.
///
/// `test` compares replies only; the whole-contents comparison is not needed, since the read
/// that diverged becomes an operation of the case.
///
/// ```
/// use etalon_spec::{Candidates, Case, Contents, Op, check_case, check_case_with, shrink};
/// # use etalon_spec::{KeyValueStore, Model, Options, Outcome, Profile, Target};
/// # struct Hoarder(Model);
/// # impl KeyValueStore for Hoarder {
/// #     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> { self.0.get(key) }
/// #     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> { self.0.put(key, value) }
/// #     fn delete(&mut self, _key: &[u8]) -> Outcome<()> { Ok(()) }
/// # }
/// # struct Hoarders;
/// # impl Target for Hoarders {
/// #     type Store = Hoarder;
/// #     fn profile(&self) -> Profile { Profile::new("hoarder") }
/// #     fn create(&mut self, _: &Options) -> Outcome<Hoarder> { Ok(Hoarder(Model::default())) }
/// # }
/// let key = || b"a long key".to_vec();
/// let mut ops = vec![Op::put(b"z", b""); 100];
/// ops.push(Op::put(key(), b"value"));
/// ops.push(Op::delete(key())); // which this store forgets
/// let case = Case::new(ops);
///
/// let divergence = *check_case(&mut Hoarders, &case).unwrap_err();
/// let shrunk = shrink(&case, divergence, &mut Candidates(10_000), &mut |case| {
///     check_case_with(&mut Hoarders, case, Contents::NotCompared, &mut ()).err().map(|d| *d)
/// });
/// assert_eq!(shrunk.case.ops.len(), 3, "put, delete, get");
/// assert!(shrunk.one_minimal);
/// ```
pub fn shrink(
    case: &Case,
    divergence: Divergence,
    pace: &mut dyn Pace,
    test: &mut dyn FnMut(&Case) -> Option<Divergence>,
) -> Shrunk {
    let identity = divergence.identity();
    let length = case.ops.len();
    let mut search = Search {
        best: case.clone(),
        divergence,
        identity,
        pace,
        test,
        candidates: 0,
        path: vec![length],
        out_of_budget: false,
    };
    search.end_with_the_read();
    let mut one_minimal = false;
    while !search.out_of_budget {
        let before = Cost::of(&search.best);
        search.remove_operations();
        search.lower_the_limit();
        if search.simplify_options() {
            // What stands in the place of an option is long: removals first.
            continue;
        }
        search.simplify_operations();
        search.merge_operations();
        search.simplify_keys();
        search.simplify_names();
        search.simplify_values();
        if Cost::of(&search.best) == before {
            // A whole round without a change: every single removal was tried in vain.
            one_minimal = !search.out_of_budget;
            search.remove_and_grow();
            if Cost::of(&search.best) == before && !search.rebuild() {
                break;
            }
            one_minimal = false;
        }
    }
    Shrunk {
        case: search.best,
        divergence: search.divergence,
        one_minimal,
        candidates: search.candidates,
        path: search.path,
    }
}

/// The state of one search.
struct Search<'a> {
    best: Case,
    divergence: Divergence,
    identity: Identity,
    pace: &'a mut dyn Pace,
    test: &'a mut dyn FnMut(&Case) -> Option<Divergence>,
    candidates: u64,
    path: Vec<usize>,
    out_of_budget: bool,
}

impl Search<'_> {
    /// Runs a candidate if it costs less than the best; takes it if it fails alike. With a
    /// snapshot or an iterator go the operations on it.
    fn try_case(&mut self, mut candidate: Case) -> bool {
        drop_orphans(&mut candidate.ops);
        Cost::of(&candidate) < Cost::of(&self.best) && self.take_if_it_fails(candidate)
    }

    fn take_if_it_fails(&mut self, candidate: Case) -> bool {
        if self.out_of_budget || !self.pace.goes_on() {
            self.out_of_budget = true;
            return false;
        }
        self.candidates += 1;
        let Some(divergence) = (self.test)(&candidate) else {
            return false;
        };
        if divergence.identity() != self.identity {
            return false;
        }
        self.best = up_to(candidate, &divergence);
        self.divergence = divergence;
        if self.path.last() != Some(&self.best.ops.len()) {
            self.path.push(self.best.ops.len());
        }
        self.pace.smaller(&self.best);
        true
    }

    /// Makes the read that diverged the last operation. If the failure does not survive that (a
    /// flaky store, or a panic in closing), the case is kept as it was.
    fn end_with_the_read(&mut self) {
        let candidate = up_to(self.best.clone(), &self.divergence);
        self.take_if_it_fails(candidate);
    }
}

/// The case up to its divergence, with the diverging read spelled out at the end.
fn up_to(mut case: Case, divergence: &Divergence) -> Case {
    let carried_out = divergence.operations(case.ops.len());
    case.ops.truncate(carried_out);
    if matches!(divergence.moment, crate::check::Moment::Contents(_)) {
        case.ops.push(divergence.read.clone());
    }
    case
}
