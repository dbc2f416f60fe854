//! Replaying a script: a case whose author says which replies are right.
//!
//! An expected reply is first held against the model. If the model disagrees, the file is wrong,
//! and the store is not blamed.

use crate::check::{Contents, Divergence, Watch, apply, check_case_with};
use crate::model::Model;
use crate::op::{Case, Op, Reply};
use crate::restrict::{NotApplicable, Restricted, applicable};
use crate::store::{Failure, Target};
use crate::text::Script;
use crate::worlds::{MOST, Worlds};

/// An expected reply that the specification does not give.
///
/// ```
/// use etalon_spec::{Script, expectations};
///
/// let script = Script::parse("ops 1\nget \"k\" -> \"2\"\n").unwrap();
/// let wrong = expectations(&script).unwrap_err();
/// assert_eq!(wrong.to_string(), "2:12: expected \"2\", the specification answers none");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongExpectation {
    /// Line and column of the first expected reply, where the script was read from text.
    pub place: Option<(usize, usize)>,
    /// The operation's place in the case, from 0.
    pub at: usize,
    /// What the file expects, alternatives included.
    pub expected: Vec<Reply>,
    /// What the specification answers: several replies, where a crash left it open.
    pub specified: Vec<Reply>,
}

impl std::fmt::Display for WrongExpectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_place(f, self.place, self.at)?;
        let list = |replies: &[Reply]| {
            let texts: Vec<String> = replies.iter().map(ToString::to_string).collect();
            texts.join(" or ")
        };
        let (expected, specified) = (list(&self.expected), list(&self.specified));
        write!(
            f,
            "expected {expected}, the specification answers {specified}"
        )
    }
}

/// Expected replies that were not held against the specification: so many states are allowed at
/// their place that none is followed. A file with such has not passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Line and column of the operation after which it was given up, where the script was read
    /// from text.
    pub place: Option<(usize, usize)>,
    /// That operation's place in the case, from 0.
    pub at: usize,
    /// How many operations from there on have expected replies.
    pub expected: usize,
}

impl std::fmt::Display for GivenUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_place(f, self.place, self.at)?;
        write!(
            f,
            "more than {MOST} states are allowed after this: {} expected replies are not held \
             against the specification",
            self.expected
        )
    }
}

/// Why the expected replies of a script are not all known to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectationError {
    /// One is wrong: so is the file.
    Wrong(WrongExpectation),
    /// Some were not looked at: that decides nothing.
    GivenUp(GivenUp),
}

impl std::fmt::Display for ExpectationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ExpectationError::Wrong(wrong) => wrong.fmt(f),
            ExpectationError::GivenUp(given_up) => given_up.fmt(f),
        }
    }
}

impl std::error::Error for ExpectationError {}

/// Holds the expected replies of a script against the specification. Where that allows one reply,
/// it must be among those expected; where a crash or a failure left several, those expected must
/// be all allowed (INTERFACES: section 1).
pub fn expectations(script: &Script) -> Result<(), ExpectationError> {
    let mut worlds = Worlds::default();
    for (at, op) in script.case.ops.iter().enumerate() {
        let line = script.lines.get(at).copied();
        let place = line.zip(script.columns.get(at).copied());
        let Some(specified) = worlds.step(op) else {
            let rest = at..script.case.ops.len();
            let expected = rest.filter(|at| !script.replies(*at).is_empty()).count();
            let given_up = GivenUp {
                place,
                at,
                expected,
            };
            return match expected {
                0 => Ok(()),
                _ => Err(ExpectationError::GivenUp(given_up)),
            };
        };
        let expected = script.replies(at);
        let is_right = match &specified[..] {
            [one] => expected.contains(one),
            several => expected.iter().all(|reply| several.contains(reply)),
        };
        if !expected.is_empty() && !is_right {
            let expected = expected.to_vec();
            return Err(ExpectationError::Wrong(WrongExpectation {
                place,
                at,
                expected,
                specified,
            }));
        }
    }
    Ok(())
}

/// In front of what is said of an operation: `file.ops` has a line, a case a number.
fn write_place(
    f: &mut std::fmt::Formatter<'_>,
    place: Option<(usize, usize)>,
    at: usize,
) -> std::fmt::Result {
    match place {
        Some((line, column)) => write!(f, "{line}:{column}: "),
        None => write!(f, "operation {}: ", at + 1),
    }
}

/// What the specification answers, if nothing is lost in a kill, a crash or a failure: [`Worlds`]
/// follows what else may be.
pub(crate) fn specified(model: &mut Model, op: &Op) -> Reply {
    match op {
        Op::Reopen | Op::Kill { .. } => {
            model.reopen();
            return Reply::Done;
        }
        Op::Crash(crash) => {
            if let Some(within) = &crash.within {
                specified(model, within.op());
            }
            model.reopen();
            return Reply::Done;
        }
        Op::Fail(fault) => return specified(model, fault.within.op()),
        _ => {}
    }
    match apply(model, op) {
        Ok(reply) => reply,
        Err(Failure::Unsupported) => Reply::Unsupported,
        Err(Failure::Definite(_) | Failure::Indefinite(_) | Failure::Breach(_)) => Reply::Refused,
    }
}

/// What a replay came to, on a store that can do what the script asks.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The case that was run: without structural operations that the store does not declare.
    pub case: Case,
    /// What was left out of it.
    pub left_out: Restricted,
    /// How many replies were compared.
    pub compared: u64,
    /// The divergence, if there was one.
    pub divergence: Option<Divergence>,
}

/// Runs a case on a new store, whole contents compared.
///
/// ```
/// use etalon_spec::{ModelTarget, Script, replay_case};
///
/// let script = Script::parse("ops 1\nput \"k\" \"v\"\nget \"k\" -> \"v\"\n").unwrap();
/// let replay = replay_case(&mut ModelTarget, &script.case).unwrap();
/// assert!(replay.divergence.is_none() && replay.compared > 0);
/// ```
pub fn replay_case<T: Target>(target: &mut T, case: &Case) -> Result<Replay, NotApplicable> {
    let mut case = case.clone();
    let left_out = applicable(&mut case, &target.profile())?;
    let mut count = Count(0);
    let outcome = check_case_with(target, &case, Contents::Compared, &mut count);
    let divergence = outcome.err().map(|divergence| *divergence);
    Ok(Replay {
        case,
        left_out,
        compared: count.0,
        divergence,
    })
}

/// Counts replies that were compared.
struct Count(u64);

impl Watch for Count {
    fn answered(&mut self, op: &Op, reply: &Reply) {
        self.0 += u64::from(op.kind().is_read() && *reply != Reply::Refused);
    }

    fn contents(&mut self, compared: u64) {
        self.0 += compared;
    }
}

/// Replays `.ops` text in a `#[test]`.
///
/// # Panics
/// If the text cannot be read, an expected reply is not what the specification answers or cannot
/// be held against it, the store cannot do what is asked, or the store diverges.
///
/// ```
/// etalon_spec::replay(&mut etalon_spec::ModelTarget, "ops 1\nput \"k\" \"\"\nget \"k\" -> \"\"\n");
/// ```
pub fn replay<T: Target>(target: &mut T, ops: &str) {
    let script = Script::parse(ops).unwrap_or_else(|error| panic!("{error}"));
    expectations(&script).unwrap_or_else(|wrong| panic!("{wrong}"));
    match replay_case(target, &script.case) {
        Err(not_applicable) => panic!("{not_applicable}"),
        Ok(Replay {
            divergence: Some(divergence),
            ..
        }) => panic!("{divergence}"),
        Ok(_) => {}
    }
}
