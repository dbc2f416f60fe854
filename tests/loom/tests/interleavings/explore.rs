//! Exploring one scenario: every interleaving, counted, with the outcomes it led to.
//!
//! Strategy: a scenario's threads only read and write; nothing is asserted inside, where a panic
//! would leave loom's locks poisoned and other threads half-way. Each execution ends in one line
//! of text, its outcome, and all judging happens outside loom, on the set of outcomes.
//!
//! ```text
//!   loom's main thread (32 KiB of stack)
//!     director (large stack): opens the store, writes, collects, names the outcome
//!       readers and other writers: at most three
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
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
    /// Runs once an interleaving, and says how that ended.
    director: fn() -> String,
    intended: fn() -> BTreeSet<String>,
    found: OnceLock<Exploration>,
}

/// What all interleavings of a scenario led to.
pub(crate) struct Exploration {
    pub(crate) executions: usize,
    /// Each outcome with the first execution that had it.
    outcomes: BTreeMap<String, usize>,
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
            let found = explore(self.name, self.director);
            let (executions, outcomes) = (found.executions, found.outcomes.len());
            let name = self.name;
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
        let found = self.explored();
        let intended = (self.intended)();
        let mut complaint = String::new();
        for (outcome, first) in &found.outcomes {
            if !intended.contains(outcome) {
                let all = found.executions;
                let text = format!("\n  must not be: {outcome}    (execution {first} of {all})");
                complaint.push_str(&text);
            }
        }
        for outcome in &intended {
            if !found.outcomes.contains_key(outcome) {
                write!(complaint, "\n  never seen: {outcome}").expect("a string takes it");
            }
        }
        assert!(complaint.is_empty(), "scenario {}:{complaint}", self.name);
    }
}

fn explore(name: &str, director: fn() -> String) -> Exploration {
    let executions = Arc::new(AtomicUsize::new(0));
    let outcomes = Arc::new(Mutex::new(BTreeMap::new()));
    let completed = iterations_completed({
        let (executions, outcomes) = (Arc::clone(&executions), Arc::clone(&outcomes));
        move || {
            unlimited().check(move || {
                let number = executions.fetch_add(1, Ordering::Relaxed) + 1;
                let outcome = spawn(director).join().expect("the director returns");
                let mut outcomes = outcomes.lock().expect("held for this line only");
                outcomes.entry(outcome).or_insert(number);
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
