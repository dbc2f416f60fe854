//! Exploring one scenario: every interleaving, counted, with the outcomes it led to.
//!
//! Strategy: a scenario's threads only read and write; nothing is asserted inside, where a panic
//! would leave loom's locks poisoned and other threads half-way. Each execution ends in one line
//! of text, its outcome, and is judged in loom's main thread when all others have ended. An
//! outcome that is not allowed ends the search there and then.
//!
//! ```text
//!   loom's main thread (32 KiB of stack)
//!     first thread (large stack): opens the store, prepares it, does its own operations,
//!       the other threads: at most three            collects, names the outcome
//! ```

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::Write as _;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock};

use etalon_loom::counted;
use loom::thread::JoinHandle;

use crate::completed::iterations_completed;
use crate::linearize;
use crate::program::Program;

/// Loom's own 32 KiB would do today, but nothing warns of the day on which they do not. In words:
/// loom's documentation says bytes, but the number goes to a generator that counts words.
const STACK_WORDS: usize = 256 * 1024 / size_of::<usize>();

/// More branches than any execution has; beyond it loom panics.
const MAX_BRANCHES: usize = 10_000;

/// Stores to an atomic that loom remembers, the one from before included.
const REMEMBERED: usize = 7;

/// A thread of the scenario.
pub(crate) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let builder = loom::thread::Builder::new().stack_size(STACK_WORDS);
    builder.spawn(work).expect("loom spawns up to five threads")
}

/// How much of a scenario is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every interleaving.
    Complete,
    /// Every interleaving with at most so many switches away from a thread that could go on.
    Preemptions(usize),
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extent::Complete => write!(f, "complete"),
            Extent::Preemptions(most) => write!(f, "at most {most} preemptions"),
        }
    }
}

/// What runs, and what may and must come of it.
pub(crate) enum Work {
    /// The outcomes are those of the reference.
    Program(Program),
    /// What no program can say: threads, operations, one interleaving, and its outcomes.
    Other(usize, usize, fn() -> String, fn() -> BTreeSet<String>),
}

/// A scenario, and what its exploration found.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// How much is explored every day, and in a full run.
    daily: Extent,
    full: Extent,
    work: Work,
    found: OnceLock<Exploration>,
}

/// What all interleavings of a scenario led to; every outcome is allowed.
pub(crate) struct Exploration {
    pub(crate) executions: usize,
    outcomes: BTreeSet<String>,
}

impl Scenario {
    pub(crate) const fn new(name: &'static str, [daily, full]: [Extent; 2], work: Work) -> Self {
        Scenario {
            name,
            daily,
            full,
            work,
            found: OnceLock::new(),
        }
    }

    /// A program, every interleaving of it.
    pub(crate) const fn complete(name: &'static str, program: Program) -> Self {
        Scenario::new(name, [Extent::Complete; 2], Work::Program(program))
    }

    /// Its threads, loom's main one not counted.
    pub(crate) fn threads(&self) -> usize {
        match &self.work {
            Work::Program(program) => program.threads.len(),
            Work::Other(threads, ..) => *threads,
        }
    }

    /// What its threads do, the preparation not counted.
    pub(crate) fn operations(&self) -> usize {
        match &self.work {
            Work::Program(program) => program.operations(),
            Work::Other(_, operations, ..) => *operations,
        }
    }

    /// How much is explored in this run.
    fn extent(&self) -> Extent {
        match std::env::var_os("ETALON_LOOM_FULL") {
            None => self.daily,
            Some(_) => self.full,
        }
    }

    /// How much is explored in this run, in words; and in any run.
    pub(crate) fn how_far(&self) -> (String, [String; 2]) {
        let any = [self.daily, self.full].map(|extent| extent.to_string());
        (self.extent().to_string(), any)
    }

    fn intended(&self) -> BTreeSet<String> {
        match &self.work {
            Work::Program(program) => linearize::outcomes(program),
            Work::Other(.., intended) => intended(),
        }
    }

    /// One interleaving.
    fn run(&'static self) -> String {
        let first = match &self.work {
            Work::Program(program) => spawn(|| program.run()),
            Work::Other(_, _, run, _) => spawn(run),
        };
        first.join().expect("the first thread returns")
    }

    /// Every interleaving; explored once, whoever asks.
    pub(crate) fn explored(&'static self) -> &'static Exploration {
        self.found.get_or_init(|| {
            let found = explore(self);
            let (name, how, executions) = (self.name, self.extent(), found.executions);
            let outcomes = found.outcomes.len();
            // Not by `println!`: what a green run explored is said though the test passes.
            let said = writeln!(
                std::io::stdout(),
                "loom: {name}: {executions} executions, {how}, {outcomes} outcomes"
            );
            said.expect("standard output takes a line");
            found
        })
    }

    /// Outcomes seen and outcomes intended are the same.
    pub(crate) fn assert_outcomes(&'static self) {
        let (found, intended) = (self.explored(), self.intended());
        let (name, executions) = (self.name, found.executions);
        let unseen: Vec<_> = intended.difference(&found.outcomes).collect();
        AT.set(Some((name, executions)));
        assert!(unseen.is_empty(), "the last, and no outcome was {unseen:?}");
        AT.set(None);
    }
}

fn explore(scenario: &'static Scenario) -> Exploration {
    say_which_execution_panics();
    let (name, intended) = (scenario.name, scenario.intended());
    let executions = Arc::new(AtomicUsize::new(0));
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let completed = iterations_completed({
        let (executions, outcomes) = (Arc::clone(&executions), Arc::clone(&outcomes));
        move || {
            limits(scenario.extent()).check(move || {
                let number = executions.fetch_add(1, Ordering::Relaxed) + 1;
                AT.set(Some((name, number)));
                counted::begin();
                let outcome = scenario.run();
                assert!(
                    counted::most() <= REMEMBERED,
                    "loom has forgotten stores of {}: the search is not what it says",
                    counted::most()
                );
                assert!(
                    intended.contains(&outcome),
                    "the outcome {outcome:?} must not be"
                );
                assert!(
                    scenario.extent() != Extent::Complete || counted::hidden() == 0,
                    "loom did not see a load before a store: the search is not complete"
                );
                let mut outcomes = outcomes.lock().expect("held for this line only");
                outcomes.insert(outcome);
            });
        }
    });
    AT.set(None);
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

thread_local! {
    /// The scenario and the execution that run in this thread. All threads of a model are
    /// coroutines of the one that explores.
    static AT: Cell<Option<(&'static str, usize)>> = const { Cell::new(None) };
}

/// Says which execution a panic belongs to before anything unwinds: a race or a deadlock that
/// loom reports may not come as far as the end of the execution.
fn say_which_execution_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if let Some((name, execution)) = AT.take() {
                let payload = info.payload();
                let what = payload.downcast_ref::<String>().map(String::as_str);
                let what = what.or(payload.downcast_ref::<&str>().copied());
                let what = what.unwrap_or_default().lines().next().unwrap_or_default();
                // Not by `eprintln!`, which the test's output would swallow on an abort.
                let said = writeln!(
                    std::io::stderr(),
                    "loom: {name}: execution {execution} fails: {what}"
                );
                said.expect("standard error takes a line");
            }
            usual(info);
        }));
    });
}

/// A search without other limits, whatever loom's environment variables say.
fn limits(extent: Extent) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = MAX_BRANCHES;
    builder.preemption_bound = match extent {
        Extent::Complete => None,
        Extent::Preemptions(most) => Some(most),
    };
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.checkpoint_file = None;
    builder.expect_explicit_explore = false;
    builder
}
