//! The decision: linearizable, impossible, or unknown.

use std::fmt;

use super::call::{Call, History};
use super::contradiction::Contradiction;
use super::facts::Facts;
use super::parts::parts;
use super::search::{Found, search};

/// How much may be searched before the answer is [`Decision::Unknown`].
///
/// A history is decided with little effort unless many writes of the same keys overlap and
/// nothing that is read tells in which order they came: up to some eight clients of
/// [`check_threads`](crate::check_threads) it hardly ever is not. The default also keeps a search
/// below some hundred MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Configurations that may be made: states of the store, with the open calls that have taken
    /// effect in them.
    pub configurations: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Effort {
            configurations: 1 << 20,
        }
    }
}

/// What was searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Calls.
    pub calls: u64,
    /// Stretches of time that begin and end with no call open.
    pub windows: u64,
    /// Calls that overlapped another call.
    pub overlapping: u64,
    /// Of those, the calls that change the structure: flush, compact, sync, reopen.
    pub structure_overlapping: u64,
    /// Parts that no call connects; each was decided alone.
    pub parts: u64,
    /// Configurations made.
    pub configurations: u64,
}

impl Searched {
    /// Counts the calls, windows and overlaps of a history that is yet to be searched.
    pub fn census(history: &History) -> Searched {
        let calls = history.calls();
        let mut overlapping = vec![false; calls.len()];
        let mut open: Vec<usize> = Vec::new();
        let mut windows = 0;
        for moment in history.moments() {
            if moment.is_return {
                open.retain(|call| *call != moment.call);
                continue;
            }
            windows += u64::from(open.is_empty());
            for other in &open {
                overlapping[*other] = true;
                overlapping[moment.call] = true;
            }
            open.push(moment.call);
        }
        let met = || {
            calls
                .iter()
                .zip(&overlapping)
                .filter(|(_, overlaps)| **overlaps)
        };
        let is_structural = |call: &Call| call.op.kind().is_structural();
        Searched {
            calls: calls.len() as u64,
            windows,
            overlapping: met().count() as u64,
            structure_overlapping: met().filter(|(call, _)| is_structural(call)).count() as u64,
            ..Searched::default()
        }
    }

    /// Adds another history's.
    pub fn add(&mut self, other: &Searched) {
        self.calls += other.calls;
        self.windows += other.windows;
        self.overlapping += other.overlapping;
        self.structure_overlapping += other.structure_overlapping;
        self.parts += other.parts;
        self.configurations += other.configurations;
    }
}

/// What is known of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is an order.
    Linearizable(Searched),
    /// The effort was used up, or more than 64 calls were open at once: nothing is known. Never
    /// a pass.
    Unknown(Searched),
    /// There is no order.
    Impossible(Box<Contradiction>),
}

impl Decision {
    /// Panics unless there is an order, with the contradiction: for use in a `#[test]`.
    ///
    /// # Panics
    /// If there is no order, or if nothing is known.
    pub fn unwrap(&self) -> Searched {
        match self {
            Decision::Linearizable(searched) => *searched,
            other => panic!("{other}"),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::Linearizable(searched) => {
                write!(f, "{} calls can be ordered", searched.calls)
            }
            Decision::Unknown(searched) => write!(
                f,
                "unknown: {} calls could not be decided with {} configurations",
                searched.calls, searched.configurations
            ),
            Decision::Impossible(contradiction) => contradiction.fmt(f),
        }
    }
}

/// Decides whether a history is linearizable.
///
/// ```
/// use etalon_spec::history::{Decision, Effort, History, decide};
///
/// let history = "ops 1\n\
///     [0] put \"k\" \"1\"\n\
///     [1] get \"k\" -> \"1\"\n\
///     [1] get \"k\" -> none\n\
///     [0] -> ok\n";
/// let decision = decide(&History::parse(history).unwrap(), Effort::default());
/// let Decision::Impossible(found) = decision else { panic!("the second get went back") };
/// assert_eq!(found.window.calls().len(), 3);
/// ```
pub fn decide(history: &History, effort: Effort) -> Decision {
    let mut searched = Searched::census(history);
    let found = examine(history, effort, &mut searched);
    match found {
        Found::Order => Decision::Linearizable(searched),
        Found::Nothing => Decision::Unknown(searched),
        Found::NoOrder => Decision::Impossible(Box::new(Contradiction::of(history, effort))),
    }
}

impl History {
    /// Whether there is an order, without a word why not; none if nothing is known.
    ///
    /// ```
    /// use etalon_spec::history::{Effort, History};
    ///
    /// let history = History::parse("ops 1\n[0] put \"k\" \"1\"\n[1] get \"k\" -> \"1\"\n").unwrap();
    /// assert_eq!(history.is_linearizable(Effort::default()), Some(true));
    /// assert_eq!(history.is_linearizable(Effort { configurations: 0 }), None);
    /// ```
    pub fn is_linearizable(&self, effort: Effort) -> Option<bool> {
        match examine(self, effort, &mut Searched::default()) {
            Found::Order => Some(true),
            Found::Nothing => None,
            Found::NoOrder => Some(false),
        }
    }
}

/// Whether there is an order; adds to what was searched.
pub(super) fn examine(history: &History, effort: Effort, searched: &mut Searched) -> Found {
    let facts = Facts::of(history);
    if facts.list.iter().any(|fact| fact.is_impossible) {
        return Found::NoOrder;
    }
    let mut left = effort.configurations;
    let mut found = Found::Order;
    for part in parts(&facts) {
        searched.parts += 1;
        match search(&part, &mut left) {
            Found::Order => {}
            Found::Nothing => found = Found::Nothing,
            Found::NoOrder => {
                // Without an order of one part there is none of all, whatever the others are.
                found = Found::NoOrder;
                break;
            }
        }
    }
    searched.configurations += effort.configurations - left;
    found
}
