//! What a fuzz campaign did, and the verdict on it.
//!
//! ```text
//!   ETALON_STATS=a.txt  process a --.
//!                                    +-- parse, merge --> judge --> PASS, FAIL or VACUOUS
//!   ETALON_STATS=b.txt  process b --'
//! ```
//!
//! Of the rules of a verdict V1 (always) and V3 (`--require`) apply. V2, floors in proportion,
//! does not: it asks how likely a generator was to miss a situation, and what a fuzzer runs is
//! steered by coverage, not drawn from a distribution that could be measured.

mod text;

use std::fmt;

use crate::kinds::Kinds;
use crate::profile::{Abilities, Profile};
use crate::restrict::Restricted;
use crate::verdict::{Expected, Floors, Judgement, Scope, Tally, Verdict, judge};

/// What a fuzz campaign did. `Display` writes the file that [`Statistics::parse`] reads.
///
/// ```
/// use etalon_spec::{Floors, Statistics};
///
/// let text = Statistics::default().to_string();
/// let statistics = Statistics::parse(&text).unwrap();
/// assert_eq!(statistics.to_string(), text);
/// assert!(statistics.judge(&Floors::default()).verdict.to_string().starts_with("VACUOUS"));
///
/// let error = Statistics::parse(&text.replace("contents", "content")).unwrap_err();
/// assert!(error.to_string().ends_with("unknown name `content`; did you mean `contents`?"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The name of the store's profile.
    pub target: String,
    /// What it can do.
    pub can: Abilities,
    /// The facts on which the verdict rests. Its extent is not written: a fuzzer has none.
    pub tally: Tally,
    /// What was taken out of the inputs because the store could not do it.
    pub restricted: Restricted,
    /// Inputs that were not run, since no version of the byte form begins like them.
    pub unknown_version: u64,
    /// Cases in which the store diverged.
    pub failures: u64,
    /// Whether every process came to its own end. One that was killed or aborted did not.
    pub ended: bool,
}

/// A file that holds no statistics, or statistics that cannot be added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsError {
    /// The line, from 1; 0 where it is not a matter of one line.
    pub line: usize,
    what: String,
}

impl fmt::Display for StatisticsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "{line}: {}", self.what),
        }
    }
}

impl std::error::Error for StatisticsError {}

impl Statistics {
    /// Adds what another process did to the same store.
    ///
    /// ```
    /// use etalon_spec::Statistics;
    ///
    /// let one = Statistics { failures: 1, ended: true, ..Statistics::default() };
    /// let mut sum = Statistics { failures: 2, ended: true, ..Statistics::default() };
    /// sum.merge(&one).unwrap();
    /// assert_eq!((sum.failures, sum.ended), (3, true));
    ///
    /// let other = Statistics { target: "sled".into(), ..one };
    /// sum.merge(&other).unwrap(); // no case had begun yet
    /// let third = Statistics { target: "fjall".into(), ..other };
    /// assert!(sum.merge(&third).is_err());
    /// ```
    pub fn merge(&mut self, other: &Statistics) -> Result<(), StatisticsError> {
        // A process that died in its first case does not know yet.
        if self.target.is_empty() {
            self.target.clone_from(&other.target);
            self.can = other.can;
        }
        let differs = self.target != other.target || self.can != other.can;
        if differs && !other.target.is_empty() {
            let (a, b) = (&self.target, &other.target);
            return Err(StatisticsError {
                line: 0,
                what: format!(
                    "`{a}` and `{b}` are different stores, or can do different things: judge \
                     each by itself"
                ),
            });
        }
        self.tally.add(&other.tally);
        self.restricted.add(&other.restricted);
        self.unknown_version += other.unknown_version;
        self.failures += other.failures;
        self.ended &= other.ended;
        Ok(())
    }

    /// The verdict; see the rules of the module `statistics`.
    pub fn judge(&self, floors: &Floors) -> Judgement {
        let profile = Profile {
            can: self.can,
            ..Profile::new(self.target.clone())
        };
        let scope = Scope {
            profile: &profile,
            kinds: Kinds::sent_to(&profile),
        };
        let expected = Expected::default(); // nothing measured, nothing due
        let mut judgement = judge(self.failures, &self.tally, &scope, &expected, floors);
        judgement.floors = false;
        if !self.ended && judgement.verdict != Verdict::Fail {
            let what = "the campaign did not end by itself: it is still running, was killed, or \
                        crashed. Look at what the fuzzer printed";
            judgement.verdict = match judgement.verdict {
                Verdict::Vacuous(mut missing) => {
                    missing.push(what.to_owned());
                    Verdict::Vacuous(missing)
                }
                _ => Verdict::Vacuous(vec![what.to_owned()]),
            };
        }
        if let Verdict::Vacuous(missing) = &mut judgement.verdict {
            for what in missing {
                *what = for_fuzzers(what);
            }
        }
        judgement
    }

    /// One line: how much was run.
    pub fn summary(&self) -> String {
        format!(
            "{} cases, {} operations, {} dropped, {} situations, {} inputs of an unknown version, \
             {} failures",
            self.tally.sequences,
            self.tally.operations(),
            self.restricted.total(),
            self.tally.situations.iter().count(),
            self.unknown_version,
            self.failures,
        )
    }
}

/// What would meet a want: a campaign has no `--ops` and no `--for`.
fn for_fuzzers(missing: &str) -> String {
    missing
        .replace("Try --ops 1000", "Fuzz longer, from a better corpus")
        .replace("Try --for 10s", "Fuzz longer, from a better corpus")
        .replace("Try a longer run", "Fuzz longer")
}
