//! Plain exploration: every string, run against a store and compared with the model.

use super::strings::each_string;
use super::symbol::{Symbol, ops};
use crate::check::{Contents, Divergence, Watch, check_case_under};
use crate::op::{Case, Op, Reply};
use crate::options::Options;
use crate::store::Target;

/// What was explored. Exact: nothing is drawn at random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainCounts {
    /// Strings; each ran once for every configuration.
    pub strings: u64,
    /// Operations of theirs that were sent.
    pub operations: u64,
    /// Replies that were compared, those of the whole contents among them.
    pub replies: u64,
}

impl Watch for PlainCounts {
    fn answered(&mut self, _op: &Op, _reply: &Reply) {
        self.operations += 1;
        self.replies += 1;
    }

    fn contents(&mut self, compared: u64) {
        self.replies += compared;
    }
}

/// What is explored, but for the length.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a, S> {
    /// The letters.
    pub alphabet: &'a [S],
    /// How many keys they name.
    pub keys: u8,
    /// Options of the store, one run of each string for each.
    pub configurations: &'a [Options],
}

/// Runs every string of exactly `length` letters under every configuration, and compares every
/// reply and at the end the whole contents. Stops at the first divergence, or when `go_on` says
/// so: then it answers `Ok(false)`.
///
/// ```
/// use etalon_spec::explore::{Letter, PlainCounts, Plan, explore};
/// use etalon_spec::{ModelTarget, Options};
///
/// let plan = Plan {
///     alphabet: &[Letter::Put(0), Letter::Delete(0), Letter::Flush],
///     keys: 1,
///     configurations: &[Options::default()],
/// };
/// let mut counts = PlainCounts::default();
/// let whole = explore(&mut ModelTarget, &plan, 2, &mut counts, &mut || true);
/// assert!(whole.is_ok());
/// assert_eq!(counts.strings, 9);
/// ```
pub fn explore<T: Target, S: Symbol>(
    target: &mut T,
    plan: &Plan<'_, S>,
    length: usize,
    counts: &mut PlainCounts,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<bool, Box<(Case, Box<Divergence>)>> {
    let profile = target.profile();
    let mut diverged = None;
    let whole = each_string(plan.alphabet, length, &mut |string| {
        let mut case = Case::new(ops(string, plan.keys));
        counts.strings += 1;
        for options in plan.configurations {
            case.options = options.clone();
            let ran = check_case_under(target, &profile, &case, Contents::Compared, counts);
            if let Err(divergence) = ran {
                diverged = Some(Box::new((case, divergence)));
                return false;
            }
        }
        go_on()
    });
    diverged.map_or(Ok(whole), Err)
}
