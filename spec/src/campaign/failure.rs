//! What becomes of a failure: shrunk, run again, explained, written down.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::ending::end_with_the_read;
use super::sandbox::Sandbox;
use super::{Lane, Progress, Settings};
use crate::check::{Class, Contents, Divergence, Moment, keys_named};
use crate::explain::{Explanation, explain_on};
use crate::op::{Case, Op};
use crate::shrink::{Pace, Shrunk, shrink};
use crate::stage::BoxedTarget;
use crate::store::Target;
use crate::text::Script;

/// How often a shrunk case is run again.
const RERUNS: u32 = 3;

/// While a hang is shrunk, this much silence counts as one.
const IMPATIENCE: Duration = Duration::from_millis(500);

/// And in the runs after that, so much: it has been seen twice with the full time.
const LESS_IMPATIENCE: Duration = Duration::from_secs(2);

/// A failing case, as the search met it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) index: u64,
    pub(super) lane: usize,
    pub(super) case: Case,
    pub(super) divergence: Divergence,
}

impl Found {
    pub(super) fn hangs(&self) -> bool {
        self.divergence.class == Class::Hung
    }

    /// Whether one of three more runs fails, with the full time: a hang counts when it repeats,
    /// since the machine may have been busy. As it then fails is how it is reported.
    pub(super) fn hangs_again(&mut self, lane: &Lane<BoxedTarget>) -> bool {
        let mut sandbox = Sandbox::of(lane.target.clone(), lane.target.0.profile().timeout);
        let again = (0..RERUNS).find_map(|_| sandbox.run(&self.case, Contents::Compared));
        if let Some(again) = again {
            self.divergence = again;
            return true;
        }
        false
    }
}

/// A failure, ready to be shown.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The lane it was found on.
    pub lane: String,
    /// The sequence of the seed.
    pub index: u64,
    /// The case as it was found.
    pub found: Case,
    /// The smallest case that fails alike.
    pub shrunk: Shrunk,
    /// How many of three more runs failed alike.
    pub reproduced: u32,
    /// Which layer answered and which operation wrote that, where it can be told.
    pub explanation: Option<Explanation>,
    /// The case as it is written to a file: with the reason, and ending with the read that
    /// diverged and the replies that are right. Behind a crash that is one operation more than
    /// the shrunk case has.
    pub script: Script,
}

/// Shrinks, re-runs and explains a case that is known to fail: what a campaign does with its
/// first failure.
///
/// `settings` gives the time for shrinking.
pub fn examine<T: Target + Clone + Send + 'static>(
    lane: Lane<T>,
    case: Case,
    divergence: Divergence,
    settings: &Settings,
    progress: &mut dyn Progress,
) -> Failed {
    let found = Found {
        index: 0,
        lane: 0,
        case,
        divergence,
    };
    let lane = lane.boxed();
    let mut failed = Failed::examine(lane, found, settings, progress);
    failed
        .script
        .comments
        .retain(|comment| !comment.text.starts_with("found:"));
    failed
}

impl Failed {
    pub(super) fn examine(
        lane: Lane<BoxedTarget>,
        found: Found,
        settings: &Settings,
        progress: &mut dyn Progress,
    ) -> Failed {
        let profile = lane.target.0.profile();
        let full = profile.timeout;
        let hangs = found.hangs();
        let patience = if hangs { full.min(IMPATIENCE) } else { full };
        let mut sandbox = Sandbox::of(lane.target.clone(), patience);
        let mut pace = Clock {
            ends: Instant::now() + settings.shrink_time,
            interrupt: &settings.interrupt,
            path: Vec::new(),
            progress,
        };
        let takes = |case: &Case| {
            let keys = keys_named(&case.ops);
            let sends = |op: &Op| profile.sends(op.kind());
            keys.iter().all(|key| profile.takes_key(key)) && case.ops.iter().all(sends)
        };
        // Smaller keys than the profile takes would show another fault, or none; and what it does
        // not send would be left out of the file when it is replayed.
        let is_within = takes(&found.case);
        let mut shrunk = shrink(&found.case, found.divergence, &mut pace, &mut |case| {
            if is_within && !takes(case) {
                return None;
            }
            sandbox.run(case, Contents::NotCompared)
        });
        let granted = if hangs {
            full.min(LESS_IMPATIENCE)
        } else {
            full
        };
        sandbox.set_timeout(granted);
        let identity = shrunk.divergence.identity();
        // As it was shrunk, by its replies: the contents would show some failures earlier, in
        // another read. Only what could not be made to end in a read needs them.
        let contents = match shrunk.divergence.moment {
            Moment::Contents(_) => Contents::Compared,
            _ => Contents::NotCompared,
        };
        let reproduced = (0..RERUNS)
            .filter(|_| {
                let again = sandbox.run(&shrunk.case, contents);
                let alike = again.filter(|again| again.identity() == identity);
                if let (true, Some(again)) = (hangs, &alike) {
                    // It tells of the longer silence.
                    shrunk.divergence = again.clone();
                }
                alike.is_some()
            })
            .count() as u32;
        let mut target = lane.target;
        // Layers are traced in a run of its own, in which nothing breaks.
        let breaks = |op: &Op| op.kind().is_breakage();
        let explanation = if hangs || shrunk.case.ops.iter().any(breaks) {
            None
        } else {
            explain_on(
                &mut *target.0.stage(),
                profile.can,
                &shrunk.case,
                &shrunk.divergence,
            )
        };
        let mut script = script(&shrunk, settings.seed, found.index, &lane.name, reproduced);
        end_with_the_read(&mut script, &shrunk.divergence, &profile);
        Failed {
            lane: lane.name,
            index: found.index,
            found: found.case,
            shrunk,
            reproduced,
            explanation,
            script,
        }
    }

    /// `reproduces 3/3`, or `flaky: failed 1 of 3 more times`.
    pub fn stability(&self) -> String {
        stability(self.reproduced)
    }

    /// The failure in one line: what was asked, what was expected, what came.
    pub fn summary(&self) -> String {
        self.shrunk.divergence.to_string()
    }

    /// Numbers of operations from the case found to the smallest: `1240 -> 17 -> 4`.
    pub fn path(&self) -> String {
        let numbers: Vec<String> = self.shrunk.path.iter().map(ToString::to_string).collect();
        numbers.join(" -> ")
    }
}

fn stability(reproduced: u32) -> String {
    if reproduced == RERUNS {
        format!("reproduces {RERUNS}/{RERUNS}")
    } else {
        format!("flaky: failed {reproduced} of {RERUNS} more times")
    }
}

/// The shrunk case with its reasons.
fn script(shrunk: &Shrunk, seed: u64, index: u64, lane: &str, reproduced: u32) -> Script {
    let mut script = Script::from(shrunk.case.clone());
    let divergence = &shrunk.divergence;
    script.set_note(
        "why",
        &format!("{}: {}", divergence.class.name(), divergence),
    );
    script.set_note(
        "found",
        &format!("seed {seed}, sequence {index}, on {lane}"),
    );
    let minimal = if shrunk.one_minimal {
        "1-minimal"
    } else {
        "not known to be minimal"
    };
    script.set_note("status", &format!("{}, {minimal}", stability(reproduced)));
    script
}

/// A budget in time, which an interrupt ends, that passes progress on.
struct Clock<'a> {
    ends: Instant,
    interrupt: &'a AtomicBool,
    path: Vec<usize>,
    progress: &'a mut dyn Progress,
}

impl Pace for Clock<'_> {
    fn goes_on(&mut self) -> bool {
        Instant::now() < self.ends && !self.interrupt.load(Ordering::Relaxed)
    }

    fn smaller(&mut self, case: &Case) {
        if self.path.last() != Some(&case.ops.len()) {
            self.path.push(case.ops.len());
            self.progress.shrinking(&self.path);
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {}",
            self.shrunk.divergence.class.name(),
            self.summary()
        )?;
        writeln!(
            f,
            "sequence {} on {}, {}",
            self.index,
            self.lane,
            self.stability()
        )?;
        writeln!(f, "operations: {}", self.path())?;
        write!(f, "\n{}", self.script)?;
        if let Some(explanation) = &self.explanation {
            write!(f, "\n{explanation}")?;
        }
        Ok(())
    }
}
