//! The campaign: many generated cases against a store, a verdict, and of a failure everything
//! that a person needs.
//!
//! ```text
//!   generator --case--> check --agreement--> tally, situations --> verdict
//!                         '---divergence---> shrink -> re-run 3 times -> explain -> .ops
//! ```
//!
//! The store runs in a thread of its own, so that one that never answers is noticed: nothing
//! else in this crate knows a clock or a thread. What is sent does not depend on either; only how
//! much is sent does, where the budget is a time.
//!
//! Invariants:
//! 1. Case `index` of a seed is the same on every machine, whatever the budget.
//! 2. A campaign stops at its first failure, or keeps going: then failures are grouped by shape
//!    and what the frequent ones need is left out of most further cases (`groups`).

mod draws;
mod ending;
mod failure;
mod groups;
mod need;
mod rewrite;
mod run;
mod sandbox;
mod search;
mod shape;
mod strict;
mod threads;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use draws::Shard;
pub use failure::{Failed, examine};
pub use groups::{Group, Narrowing};
pub use need::Need;
pub use run::measure_engine_side;
pub use sandbox::Sandbox;
pub use shape::FailureShape;
pub use threads::{ThreadFailure, ThreadReport, ThreadSettings, Trouble, check_threads};

use crate::kinds::Kinds;
use crate::op::OpKind;
use crate::stage::BoxedTarget;
use crate::store::{Events, Target};
use crate::verdict::{Expected, Floors, Judgement, Tally, Verdict};

/// How a campaign is run.
///
/// ```
/// use etalon_spec::Settings;
///
/// let settings = Settings { operations: Some(2_000), ..Settings::default() };
/// assert_eq!(settings.length, 100);
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which cases. Default: 1, always the same.
    pub seed: u64,
    /// Operations in a sequence. Default: 100.
    pub length: usize,
    /// Stop after this long. Default: 2 s.
    pub time: Option<Duration>,
    /// Stop after this many operations, if given.
    pub operations: Option<u64>,
    /// Send only these kinds; empty: all that the profile declares.
    pub only: Vec<OpKind>,
    /// Send none of these kinds.
    pub without: Vec<OpKind>,
    /// Send keys and values one byte longer than the profile's limits, too: a definite refusal
    /// or a right answer. Default: false.
    pub strict: bool,
    /// Which part of the seed's cases. Default: all.
    pub shard: Shard,
    /// How many cases at once, on stores of their own. Default: 1.
    pub jobs: usize,
    /// Do not stop at the first failure: group failures by shape, until the budget is used up,
    /// shrinking included. Default: false.
    pub keep_going: bool,
    /// What the verdict asks for beyond V1.
    pub floors: Floors,
    /// How long shrinking may take. Default: 10 s.
    pub shrink_time: Duration,
    /// Measured shares of the engine-side situations, for targets that report their layers.
    pub engine_side: Option<Expected>,
    /// Set from elsewhere to stop early: the report then says so.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 1,
            length: 100,
            time: Some(Duration::from_secs(2)),
            operations: None,
            only: Vec::new(),
            without: Vec::new(),
            strict: false,
            shard: Shard::WHOLE,
            jobs: 1,
            keep_going: false,
            floors: Floors::default(),
            shrink_time: Duration::from_secs(10),
            engine_side: None,
            interrupt: Arc::default(),
        }
    }
}

/// One way to make the store under test, with its share of the sequences.
#[derive(Clone, Debug)]
pub struct Lane<T> {
    /// What the report calls it, such as `memory` or `files`.
    pub name: String,
    /// What makes the stores.
    pub target: T,
    /// How many sequences in a row it gets before the next lane has its turn.
    pub share: u64,
}

impl<T: Target + Clone + Send + 'static> Lane<T> {
    fn boxed(self) -> Lane<BoxedTarget> {
        Lane {
            name: self.name,
            target: BoxedTarget::new(self.target),
            share: self.share,
        }
    }
}

/// Hears how a campaign goes on, a few times a second.
pub trait Progress {
    /// The campaign has come this far.
    fn running(&mut self, _tally: &Tally, _elapsed: Duration) {}

    /// A failure was found: which lane, which sequence.
    fn failed(&mut self, _lane: &str, _index: u64) {}

    /// Shrinking has come this far: numbers of operations, from the first to the smallest yet.
    fn shrinking(&mut self, _path: &[usize]) {}

    /// A shape of failure came for the third time; further sequences go without what it needs.
    fn narrowed(&mut self, _group: &Group, _narrowing: &Narrowing) {}
}

impl Progress for () {}

/// What a campaign came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// The profile's name.
    pub store: String,
    /// The seed.
    pub seed: u64,
    /// The facts.
    pub tally: Tally,
    /// What happened inside the stores, for those that report it.
    pub events: Events,
    /// Kinds of operations that were sent.
    pub kinds: Kinds,
    /// What the profile does not declare, in words; and pairs of what it does, such as
    /// `kill+spaces`, that never come together in a case.
    pub not_covered: Vec<&'static str>,
    /// The shares of sequences that meet each situation, as measured at the start.
    pub expected: Expected,
    /// The verdict, and situations that were not met, with why.
    pub judgement: Judgement,
    /// The failure, if there was one: the shortest of the first group.
    pub failure: Option<Box<Failed>>,
    /// The failures by shape, in the order in which the shapes came.
    pub groups: Vec<Group>,
    /// Hangs that none of three more runs of the same case showed: no failures, but to be told.
    pub passing_hangs: u64,
    /// What was left out of further sequences, and after which sequence.
    pub narrowings: Vec<Narrowing>,
    /// Whether it was ended before its budget: the last 50 sequences all failed as others had, or
    /// there were 50 shapes.
    pub gave_up: bool,
    /// Whether the campaign was stopped from outside.
    pub interrupted: bool,
    /// How long it ran, without shrinking.
    pub elapsed: Duration,
    /// Where the time went.
    pub phases: Phases,
}

/// Where the time of a campaign went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Measuring how often each situation comes.
    pub measuring: Duration,
    /// Running cases.
    pub searching: Duration,
    /// Shrinking, running again and grouping what failed.
    pub shrinking: Duration,
}

impl Report {
    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.judgement.verdict
    }

    /// Panics unless the verdict is PASS, with the whole report: for use in a `#[test]`.
    ///
    /// # Panics
    /// If the store was wrong, or if the campaign decided nothing.
    pub fn unwrap(&self) {
        match (&self.failure, self.verdict()) {
            (Some(failed), _) => panic!("{failed}"),
            (None, Verdict::Pass) => {}
            (None, verdict) => panic!("{verdict}"),
        }
    }
}

/// Holds a store against the specification: generated cases, until the budget is used up or one
/// fails.
///
/// ```
/// use etalon_spec::{Model, ModelTarget, Settings, Verdict, check};
///
/// let settings = Settings { time: None, operations: Some(20_000), ..Settings::default() };
/// let report = check(ModelTarget, &settings);
/// assert_eq!(*report.verdict(), Verdict::Pass);
/// ```
pub fn check<T: Target + Clone + Send + 'static>(target: T, settings: &Settings) -> Report {
    let lane = Lane {
        name: "store".to_owned(),
        target,
        share: 1,
    };
    check_lanes(vec![lane], settings, &mut ())
}

/// As [`check`], on several ways to make the same store, and with word of the progress.
///
/// # Panics
/// If there is no lane.
pub fn check_lanes<T: Target + Clone + Send + 'static>(
    lanes: Vec<Lane<T>>,
    settings: &Settings,
    progress: &mut dyn Progress,
) -> Report {
    let lanes = lanes.into_iter().map(Lane::boxed).collect();
    run::run(lanes, settings, progress)
}
