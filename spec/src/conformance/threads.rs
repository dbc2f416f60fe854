//! The test of a store that several threads may call.

use super::{budget, report};
use crate::campaign::{ThreadSettings, check_threads};
use crate::concurrent::ConcurrentStore;
use crate::store::Target;
use crate::under::Under;
use crate::verdict::Verdict;

/// What `conformance!` makes of the word `threads`: clients that call one store at once, and one
/// more that flushes and compacts, where the store can; what each was answered must have an order.
///
/// ```
/// use etalon_spec::{LockedModel, conformance};
///
/// conformance::threads(LockedModel);
/// ```
///
/// # Panics
/// If the answers have no order, or the run decided nothing.
pub fn threads<T>(target: T)
where
    T: Target + Clone + Send + 'static,
    T::Store: ConcurrentStore,
{
    let budget = budget::settings();
    println!("seed {}", budget.seed);
    let settings = ThreadSettings {
        seed: budget.seed,
        time: budget.time,
        ..ThreadSettings::default()
    };
    let mut profile = target.profile();
    profile.threads = profile.threads.max(settings.callers(&profile));
    let found = check_threads(Under::new(target, profile), &settings, &mut ());
    if let Some(failure) = &found.failure {
        let saved = report::save("threads", &failure.history.to_string());
        panic!("{failure}\n{saved}\nto see it decided once more: etalon replay, with that file");
    }
    assert!(*found.verdict() == Verdict::Pass, "{}", found.verdict());
    println!("{found}");
}
