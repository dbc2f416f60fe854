//! An oracle that is seen to see: the store under test is made to lie, in one way at a time, and
//! the oracle must notice.
//!
//! ```text
//!   target --wrapped--> Sabotaged --check--> FAIL: the lie was found
//!                       one lie, now and then   PASS or VACUOUS: it was missed
//! ```
//!
//! A green check says little if the same check would be green of a store that loses data: with a
//! driver that never sends what it should, or a profile that declares too little. So whoever
//! holds a store against the specification runs this once, too.
//!
//! Invariants:
//! 1. Apart from its lie the store answers as it is: a store that is wrong by itself fails
//!    without one, and then no lie is tried ([`Outcome::NotTried`]).
//! 2. A lie that the profile makes invisible is not tried, and is said to be so: a store without
//!    scans cannot hide an entry of one.

mod liar;
mod lie;
mod store;

use std::fmt;

pub use liar::{Liar, Sabotaged};
pub use lie::Lie;

use crate::campaign::{Settings, check};
use crate::store::Target;
use crate::verdict::Verdict;

/// What became of one lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Noticed, after so many operations, as this divergence.
    Found {
        /// Operations that were sent until then.
        operations: u64,
        /// What the oracle said.
        said: String,
    },
    /// Not noticed in so many operations.
    Missed {
        /// Operations that were sent.
        operations: u64,
    },
    /// Nothing that the profile declares shows it.
    Invisible,
}

/// What became of every lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Without any lie the check did not pass: this is what it came to.
    NotTried(Verdict),
    /// Each lie, in the order asked.
    Tried(Vec<(Lie, Found)>),
}

impl Outcome {
    /// Whether every lie that can be seen was found, and there was one.
    pub fn all_found(&self) -> bool {
        let Outcome::Tried(lies) = self else {
            return false;
        };
        let mut visible = lies
            .iter()
            .filter(|(_, found)| *found != Found::Invisible)
            .peekable();
        visible.peek().is_some() && visible.all(|(_, found)| matches!(found, Found::Found { .. }))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lies = match self {
            Outcome::NotTried(verdict) => {
                return writeln!(f, "no lie was tried: without one the check is {verdict}");
            }
            Outcome::Tried(lies) => lies,
        };
        for (lie, found) in lies {
            match found {
                Found::Found { operations, said } => {
                    writeln!(f, "{lie}: found after {operations} operations ({said})")?;
                }
                Found::Missed { operations } => {
                    writeln!(f, "{lie}: MISSED in {operations} operations")?;
                }
                Found::Invisible => writeln!(f, "{lie}: out of sight under this profile")?,
            }
        }
        let count = |wanted: fn(&Found) -> bool| lies.iter().filter(|(_, f)| wanted(f)).count();
        let found = count(|found| matches!(found, Found::Found { .. }));
        let visible = count(|found| *found != Found::Invisible);
        writeln!(f, "{found} of {visible} lies found")
    }
}

/// As much of a text as fits a line of a table.
fn brief(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Tries lies on a target, one after the other, each under the same budget.
///
/// ```
/// use etalon_spec::sabotage::{Lie, sabotage};
/// use etalon_spec::{ModelTarget, Settings};
///
/// let settings = Settings { time: None, operations: Some(50_000), ..Settings::default() };
/// let outcome = sabotage(&ModelTarget, &[Lie::IgnoredDelete, Lie::EmptyAsAbsent], &settings);
/// assert!(outcome.all_found(), "{outcome}");
/// ```
pub fn sabotage<T: Target + Clone + Send + 'static>(
    target: &T,
    lies: &[Lie],
    settings: &Settings,
) -> Outcome {
    let settings = Settings {
        // What is found is not kept: nobody needs it small.
        shrink_time: std::time::Duration::ZERO,
        ..settings.clone()
    };
    let honest = check(target.clone(), &settings);
    if *honest.verdict() != Verdict::Pass {
        return Outcome::NotTried(honest.judgement.verdict);
    }
    let profile = target.profile();
    let tried = lies.iter().map(|&lie| {
        if !lie.shows_under(&profile) {
            return (lie, Found::Invisible);
        }
        let report = check(Sabotaged::new(target.clone(), lie), &settings);
        let operations = report.tally.kinds.iter().map(|kind| kind.sent).sum();
        let found = match report.failure {
            Some(failed) => Found::Found {
                operations,
                said: brief(&failed.summary()),
            },
            None => Found::Missed { operations },
        };
        (lie, found)
    });
    Outcome::Tried(tried.collect())
}
