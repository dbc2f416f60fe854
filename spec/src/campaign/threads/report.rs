//! What a campaign with threads came to.

use std::fmt;
use std::time::Duration;

use crate::history::{Contradiction, History, Searched};
use crate::kinds::Kinds;
use crate::verdict::{Judgement, Tally, Verdict, thousands};

/// What a campaign with threads came to.
#[derive(Clone, Debug)]
pub struct ThreadReport {
    /// The profile's name.
    pub store: String,
    /// The seed.
    pub seed: u64,
    /// How many clients there were.
    pub threads: usize,
    /// The facts.
    pub tally: Tally,
    /// What was searched in the histories that were decided, and in those that were not.
    pub searched: Searched,
    /// Kinds of operations that clients sent.
    pub kinds: Kinds,
    /// The verdict.
    pub judgement: Judgement,
    /// The failure, if there was one.
    pub failure: Option<Box<ThreadFailure>>,
    /// Whether the campaign was stopped from outside.
    pub interrupted: bool,
    /// How long it ran.
    pub elapsed: Duration,
}

impl ThreadReport {
    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.judgement.verdict
    }

    /// How many histories were recorded and searched.
    pub fn histories(&self) -> u64 {
        self.tally.sequences
    }

    /// How many of them could not be decided: never a pass.
    pub fn undecided(&self) -> u64 {
        self.tally.extent.undecided
    }

    /// Panics unless the verdict is PASS, with the whole report: for use in a `#[test]`.
    ///
    /// # Panics
    /// If the store was wrong, or if the campaign decided nothing.
    pub fn unwrap(&self) {
        match (&self.failure, self.verdict()) {
            (Some(failure), _) => panic!("{failure}"),
            (None, Verdict::Pass) => {}
            (None, verdict) => panic!("{verdict}"),
        }
    }
}

/// The verdict, loudly what could not be decided, and what was done.
impl fmt::Display for ThreadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interrupted && self.failure.is_none() {
            writeln!(f, "interrupted: no verdict")?;
        } else {
            writeln!(f, "{}", self.verdict())?;
        }
        let (histories, undecided) = (thousands(self.histories()), self.undecided());
        if undecided > 0 {
            writeln!(
                f,
                "UNKNOWN: {undecided} of {histories} histories could not be decided"
            )?;
        }
        write!(
            f,
            "{} operations by {} clients and whoever flushes and compacts, in {histories} \
             histories, {} windows; {} operations overlapped another, {} of them changes of the \
             structure; {} configurations, {:.1} s",
            thousands(self.tally.operations()),
            self.threads,
            thousands(self.searched.windows),
            thousands(self.searched.overlapping),
            thousands(self.searched.structure_overlapping),
            thousands(self.searched.configurations),
            self.elapsed.as_secs_f64()
        )
    }
}

/// A history that shows that the store is wrong.
#[derive(Clone, Debug)]
pub struct ThreadFailure {
    /// Which history of the seed.
    pub index: u64,
    /// What is wrong.
    pub trouble: Trouble,
    /// Everything that was recorded.
    pub history: History,
}

/// What can be wrong with a history.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// Its calls cannot be put in one order.
    Impossible(Box<Contradiction>),
    /// A call failed, panicked, or was not supported.
    Failed {
        /// Which client.
        lane: u32,
        /// What it asked.
        op: String,
        /// What came back.
        what: String,
    },
    /// The store could not be made, opened again or closed.
    Unusable(String),
    /// No call was answered for so long; those that are open are in the history.
    Hung(Duration),
}

impl Trouble {
    /// What kind it is, in a word or two, the same for ever.
    pub const fn class(&self) -> &'static str {
        match self {
            Trouble::Impossible(_) => "no order",
            Trouble::Failed { .. } => "failed",
            Trouble::Unusable(_) => "unusable",
            Trouble::Hung(_) => "hung",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Impossible(contradiction) => contradiction.fmt(f),
            Trouble::Failed { lane, op, what } => writeln!(f, "client {lane}, {op}: {what}"),
            Trouble::Unusable(what) => writeln!(f, "{what}"),
            Trouble::Hung(time) => {
                writeln!(f, "hung: no call was answered for {} s", time.as_secs())
            }
        }
    }
}

impl fmt::Display for ThreadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "history {}: {}", self.index, self.trouble)?;
        if let Trouble::Hung(_) = self.trouble {
            let open = |call: &&crate::history::Call| call.answer.is_none();
            for call in self.history.calls().iter().filter(open) {
                writeln!(f, "  open: [{}] {}", call.lane, call.op)?;
            }
        }
        Ok(())
    }
}
