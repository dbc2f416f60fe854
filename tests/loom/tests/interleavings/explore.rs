//! Exploring one scenario: every interleaving, counted, with the outcomes it led to.
//!
//! Strategy: a scenario's threads only read and write; nothing is asserted inside, where a panic
//! would leave loom's locks poisoned and other threads half-way. Each execution ends in one line
//! of text, its outcome, and is judged in loom's main thread when all others have ended. An
//! outcome that is not intended ends the search there and then.
//!
//! ```text
//!   loom's main thread (32 KiB of stack)
//!     director (large stack): opens the store, writes, collects, names the outcome
//!       readers and other writers: at most two
//! ```

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use loom::thread::JoinHandle;

use crate::completed::iterations_completed;

/// Loom's own 32 KiB would do today, but nothing warns of the day on which they do not. In words:
/// loom's documentation says bytes, but the number goes to a generator that counts words.
const STACK_WORDS: usize = 256 * 1024 / size_of::<usize>();

/// More branches than any execution has; beyond it loom panics.
const MAX_BRANCHES: usize = 10_000;

/// A thread of the scenario.
pub(crate) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let builder = loom::thread::Builder::new().stack_size(STACK_WORDS);
    builder.spawn(work).expect("loom spawns up to five threads")
}

/// A scenario, and what its exploration found.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Runs once an interleaving, joins its threads, and says how that ended.
    director: fn() -> String,
    intended: fn() -> BTreeSet<String>,
    found: OnceLock<Exploration>,
}

/// What all interleavings of a scenario led to; every outcome is intended.
pub(crate) struct Exploration {
    pub(crate) executions: usize,
    outcomes: BTreeSet<String>,
}

impl Scenario {
    pub(crate) const fn new(
        name: &'static str,
        director: fn() -> String,
        intended: fn() -> BTreeSet<String>,
    ) -> Self {
        Scenario {
            name,
            director,
            intended,
            found: OnceLock::new(),
        }
    }

    /// Every interleaving; explored once, whoever asks.
    pub(crate) fn explored(&self) -> &Exploration {
        self.found.get_or_init(|| {
            let found = explore(self.name, self.director, (self.intended)());
            let (name, executions) = (self.name, found.executions);
            let outcomes = found.outcomes.len();
            // Not by `println!`: what a green run explored is said though the test passes.
            let said = writeln!(
                std::io::stdout(),
                "loom: {name}: {executions} executions, complete, {outcomes} outcomes"
            );
            said.expect("standard output takes a line");
            found
        })
    }

    /// Outcomes seen and outcomes intended are the same.
    pub(crate) fn assert_outcomes(&self) {
        let (found, intended) = (self.explored(), (self.intended)());
        let (name, executions) = (self.name, found.executions);
        let unseen: Vec<_> = intended.difference(&found.outcomes).collect();
        assert!(
            unseen.is_empty(),
            "scenario {name}: in none of {executions} executions: {unseen:#?}"
        );
    }
}

fn explore(
    name: &'static str,
    director: fn() -> String,
    intended: BTreeSet<String>,
) -> Exploration {
    let executions = Arc::new(AtomicUsize::new(0));
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let completed = iterations_completed({
        let (executions, outcomes) = (Arc::clone(&executions), Arc::clone(&outcomes));
        move || {
            unlimited().check(move || {
                let number = executions.fetch_add(1, Ordering::Relaxed) + 1;
                let outcome = spawn(director).join().expect("the director returns");
                assert!(
                    intended.contains(&outcome),
                    "scenario {name}: execution {number} ended in {outcome:?}, which must not be"
                );
                let mut outcomes = outcomes.lock().expect("held for this line only");
                outcomes.insert(outcome);
            });
        }
    });
    let executions = executions.load(Ordering::Relaxed);
    assert_eq!(
        completed,
        Some(executions),
        "scenario {name}: loom stopped before the end of its search"
    );
    let outcomes = std::mem::take(&mut *outcomes.lock().expect("held for one line only"));
    Exploration {
        executions,
        outcomes,
    }
}

/// A search without limits, whatever loom's environment variables say.
fn unlimited() -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = MAX_BRANCHES;
    builder.preemption_bound = None;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.checkpoint_file = None;
    builder.expect_explicit_explore = false;
    builder
}
