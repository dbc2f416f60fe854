//! The campaign with threads: clients call one store at once, what they did is recorded, and
//! every history is decided.
//!
//! ```text
//!   client 0 --call, call, ..--.
//!   client 1 --call, call, ..--+--> one new store --> history --> decide --> tally, verdict
//!   structure --flush, compact-'    (and reopened)       '--impossible--> the smallest window
//! ```
//!
//! Invariants:
//! 1. What client `c` of history `i` sends depends on the seed, `i` and `c` alone. In which order
//!    the threads run depends on the machine: a failure is recorded, not replayed.
//! 2. A history that could not be decided is never a pass.
//! 3. At the end of a history, with all clients gone, the whole contents are read, and again after
//!    a reopen where the profile has one; both reads are part of the history.
//!
//! What is not sent: breakages; fills; and `clear` and `deleterange`, which adapters build from a
//! scan and a batch, so that they are no single operation.

mod client;
mod report;
mod run;
mod theme;
mod workload;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use report::{ThreadFailure, ThreadReport, Trouble};

use super::Progress;
use crate::concurrent::ConcurrentStore;
use crate::history::Effort;
use crate::op::OpKind;
use crate::profile::Profile;
use crate::store::Target;

/// How a campaign with threads is run.
#[derive(Clone, Debug)]
pub struct ThreadSettings {
    /// Which operations. Default: 1, always the same.
    pub seed: u64,
    /// How many clients call at once; beside them one thread flushes and compacts. Default: 4.
    pub threads: usize,
    /// Calls of a client in a history. Default: 300.
    pub length: usize,
    /// Stop after this long. Default: 2 s.
    pub time: Option<Duration>,
    /// Stop after this many operations, if given.
    pub operations: Option<u64>,
    /// Send only these kinds; empty: all that the profile declares.
    pub only: Vec<OpKind>,
    /// Send none of these kinds.
    pub without: Vec<OpKind>,
    /// How much may be searched for one history.
    pub effort: Effort,
    /// Set from elsewhere to stop early: the report then says so.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for ThreadSettings {
    fn default() -> Self {
        ThreadSettings {
            seed: 1,
            threads: 4,
            length: 300,
            time: Some(Duration::from_secs(2)),
            operations: None,
            only: Vec::new(),
            without: Vec::new(),
            effort: Effort::default(),
            interrupt: Arc::default(),
        }
    }
}

impl ThreadSettings {
    /// How many threads call a store of this profile at once: the clients, and the one that
    /// flushes and compacts.
    pub fn callers(&self, profile: &Profile) -> usize {
        let is_structured = [OpKind::Flush, OpKind::Compact]
            .into_iter()
            .any(|kind| profile.sends(kind));
        self.threads + usize::from(is_structured)
    }
}

/// Holds a store against the specification under threads, until the budget is used up or a
/// history has no order.
///
/// ```
/// use etalon_spec::{LockedModel, ThreadSettings, Verdict, check_threads};
///
/// let settings = ThreadSettings {
///     time: None,
///     operations: Some(20_000),
///     ..ThreadSettings::default()
/// };
/// let report = check_threads(LockedModel, &settings, &mut ());
/// assert_eq!(*report.verdict(), Verdict::Pass);
/// ```
///
/// # Panics
/// If the profile declares fewer threads than [`ThreadSettings::callers`].
pub fn check_threads<T>(
    target: T,
    settings: &ThreadSettings,
    progress: &mut dyn Progress,
) -> ThreadReport
where
    T: Target + Clone + Send + 'static,
    T::Store: ConcurrentStore,
{
    let profile = target.profile();
    let callers = settings.callers(&profile);
    assert!(
        callers <= profile.threads,
        "{} threads are to call, and the profile of {} declares {}",
        callers,
        profile.name,
        profile.threads
    );
    run::run(target, settings, progress)
}
