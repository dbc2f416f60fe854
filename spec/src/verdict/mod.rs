//! The verdict: PASS, FAIL or VACUOUS. A run that decided nothing is not a pass.
//!
//! ```text
//!   failures? ---------------------------------------------------> FAIL     exit 1
//!   V1 something that no run may lack is missing --------.
//!   V2 a situation that was due was never met -----------+-------> VACUOUS  exit 2
//!   V3 a floor that was asked for was not reached -------'
//!   none of these -----------------------------------------------> PASS     exit 0
//! ```
//!
//! INTERFACES.md section 3 numbers the rules: V1 in `always`, V2 in `expected`, V3 in `floors`,
//! V4 in `replay`. Every line says what is missing and what would meet it (V7).

mod always;
mod expected;
mod floors;
mod replay;
mod survey;
mod tally;

use std::fmt;

pub use expected::{Expectation, Expected, MEASURED, measure};
pub(crate) use expected::{measure_those, measured};
pub use floors::{FloorError, Floors, Requirement};
pub use replay::{Replayed, judge_replay};
pub use survey::Survey;
pub use tally::{Extent, Files, Sent, Tally};

use crate::kinds::Kinds;
use crate::profile::Profile;
use crate::situations::Situation;

/// What a run amounts to.
///
/// ```
/// use etalon_spec::Verdict;
///
/// assert_eq!(Verdict::Pass.exit_code(), 0);
/// assert_eq!(Verdict::Vacuous(vec!["nothing was compared".into()]).to_string(),
///     "VACUOUS: nothing was compared.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The run decided something, and the store was right.
    Pass,
    /// The store was wrong.
    Fail,
    /// The run decided nothing: what it lacks, each with what would meet it.
    Vacuous(Vec<String>),
}

impl Verdict {
    /// Vacuous if anything is missing, else a pass.
    fn of(missing: Vec<String>) -> Self {
        if missing.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Vacuous(missing)
        }
    }

    /// The exit code of a command that ends with this verdict.
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Vacuous(_) => 2,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Pass => f.write_str("PASS"),
            Verdict::Fail => f.write_str("FAIL"),
            Verdict::Vacuous(missing) => {
                let lines: Vec<String> = missing
                    .iter()
                    .map(|what| format!("VACUOUS: {what}."))
                    .collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

/// What a run was allowed to send.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The target's profile.
    pub profile: &'a Profile,
    /// What the generator sends of it: [`Generator::kinds`](crate::Generator::kinds).
    pub kinds: Kinds,
}

/// A verdict, and what to print beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Situations that were not met and need not have been, each with the reason.
    pub not_met: Vec<String>,
    /// Whether floors in proportion applied; if not, the report says `floors: off`.
    pub floors: bool,
}

/// Judges a run that sent generated sequences.
///
/// ```
/// use etalon_spec::{
///     Expected, Floors, Kinds, Op, Profile, Reply, Scope, Tally, Verdict, judge,
/// };
///
/// let profile = Profile::default();
/// let scope = Scope { profile: &profile, kinds: Kinds::sent_to(&profile) };
/// let mut tally = Tally { sequences: 1, compared: 1, ..Tally::default() };
/// tally.record(&Op::get(b"k"), &Reply::Absent);
/// let judgement = judge(0, &tally, &scope, &Expected::default(), &Floors::default());
/// assert_eq!(judgement.verdict.to_string(), "VACUOUS: none of 1 gets found a value. \
///     Try --ops 1000, or look at 'put' in your driver.");
/// ```
pub fn judge(
    failures: u64,
    tally: &Tally,
    scope: &Scope<'_>,
    expected: &Expected,
    floors: &Floors,
) -> Judgement {
    let mut missing = always::missing(tally, scope);
    // V5: a budget used up before the first sequence ended.
    if tally.sequences == 0 && tally.compared > 0 && tally.extent == Extent::default() {
        missing.push("not one sequence was completed. Try --for 10s".to_string());
    }
    let (due, not_met) = unmet(tally, expected);
    if floors.in_proportion() {
        missing.extend(due);
    }
    missing.extend(floors.missing(&tally.situations));
    let verdict = if failures > 0 {
        Verdict::Fail
    } else {
        Verdict::of(missing)
    };
    Judgement {
        verdict,
        not_met,
        floors: floors.in_proportion(),
    }
}

/// The situations never met: those that were due, and the others.
fn unmet(tally: &Tally, expected: &Expected) -> (Vec<String>, Vec<String>) {
    let (mut due, mut others) = (Vec::new(), Vec::new());
    let sequences = tally.sequences;
    for situation in Situation::ALL
        .iter()
        .filter(|situation| tally.situations.get(**situation) == 0)
    {
        let name = situation.name();
        match expected.of(*situation, sequences) {
            Expectation::Due => due.push(format!(
                "`{name}` was never met in {} sequences and was due. Look at how your store answers",
                thousands(sequences)
            )),
            Expectation::TooShort { needs } => others.push(format!(
                "{name}: too short to expect (needs about {} sequences)",
                thousands(needs)
            )),
            Expectation::Rare => others.push(format!("{name}: too rare to expect")),
            Expectation::OutOfReach => others.push(format!("{name}: out of reach under this profile")),
            Expectation::NotMeasured => {}
        }
    }
    (due, others)
}

/// A number with commas, as people read it.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
