//! A history: what clients asked of a store at once, and what they were answered.
//!
//! ```text
//!   [0] |put "k" "1" ------- ok|         |get "k" - "2"|
//!   [1]        |put "k" "2" ------- ok|
//!       0      1               2      3  4             5    logical time
//! ```
//!
//! Invariants:
//! 1. Every invocation and every return has a time of its own; times are 0, 1, 2, ... without a
//!    gap, so equal histories are equal values.
//! 2. A client (a lane) has at most one call open at a time.
//! 3. A snapshot or an iterator is used only after its creation was answered and before its end
//!    is asked for, so that it is never in doubt which one a name means. An iterator is moved by
//!    one client at a time.
//! 4. A call without an answer was invoked and never heard of again: it may have happened, at any
//!    time since, or never.

use crate::op::{Op, OpKind, Reply};

use super::error::HistoryError;
use super::views::Views;

/// One call of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which client.
    pub lane: u32,
    /// What it asked.
    pub op: Op,
    /// When it asked.
    pub invoked: u64,
    /// What it was answered; none for a call that never returned.
    pub answer: Option<Answered>,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When it came.
    pub at: u64,
    /// What it was. [`Reply::Refused`] and [`Reply::Unsupported`] say that nothing happened.
    pub reply: Reply,
}

impl Call {
    /// When it was answered; never is after everything.
    pub fn returned(&self) -> u64 {
        self.answer.as_ref().map_or(u64::MAX, |answer| answer.at)
    }

    /// What it was answered, if it was.
    pub fn reply(&self) -> Option<&Reply> {
        self.answer.as_ref().map(|answer| &answer.reply)
    }

    /// Whether both were open at some moment.
    pub fn overlaps(&self, other: &Call) -> bool {
        self.invoked < other.returned() && other.invoked < self.returned()
    }
}

/// An invocation or a return of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Which call, by its place in [`History::calls`].
    pub call: usize,
    /// Whether it returned; otherwise it was invoked.
    pub is_return: bool,
}

/// The calls of several clients on one store that was empty at first.
///
/// ```
/// use etalon_spec::history::{Decision, Effort, History, decide};
///
/// let stale = History::parse(
///     "ops 1\n\
///      [0] put \"k\" \"1\" -> ok\n\
///      [1] get \"k\" -> none\n",
/// );
/// let decision = decide(&stale.unwrap(), Effort::default());
/// assert!(matches!(decision, Decision::Impossible(_)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    calls: Vec<Call>,
}

impl History {
    /// A history of these calls, whose times may be any that order them; see the module's
    /// invariants 2 and 3, and which operations a history may hold: [`History::takes`].
    pub fn new(calls: Vec<Call>) -> Result<History, HistoryError> {
        History::placed(calls).map_err(|(_, error)| error)
    }

    /// As [`History::new`]; an error comes with the place of the call, by invocation.
    pub(crate) fn placed(mut calls: Vec<Call>) -> Result<History, (usize, HistoryError)> {
        calls.sort_by_key(|call| call.invoked);
        let strange = |call: &Call| !History::takes(call.op.kind());
        if let Some(at) = calls.iter().position(strange) {
            let (lane, op) = (calls[at].lane, calls[at].op.to_string());
            return Err((at, HistoryError::NotConcurrent { lane, op }));
        }
        number(&mut calls).map_err(|error| (0, error))?;
        let history = History { calls };
        history.lanes_are_sequential()?;
        Views::of(&history)?;
        Ok(history)
    }

    /// Whether a history may hold operations of this kind: all but breakages, and but a fill,
    /// which is many puts.
    pub fn takes(kind: OpKind) -> bool {
        !kind.is_breakage() && kind != OpKind::Fill
    }

    /// The calls, by the time of their invocation.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// One more than the greatest lane.
    pub fn lanes(&self) -> u32 {
        let after = self.calls.iter().map(|call| call.lane.saturating_add(1));
        after.max().unwrap_or(0)
    }

    /// Every invocation and return, in their order.
    pub fn moments(&self) -> Vec<Moment> {
        let mut timed: Vec<(u64, Moment)> = Vec::with_capacity(2 * self.calls.len());
        for (call, what) in self.calls.iter().enumerate() {
            let is_return = false;
            timed.push((what.invoked, Moment { call, is_return }));
            if let Some(answer) = &what.answer {
                let is_return = true;
                timed.push((answer.at, Moment { call, is_return }));
            }
        }
        timed.sort_unstable_by_key(|(at, _)| *at);
        timed.into_iter().map(|(_, moment)| moment).collect()
    }

    /// The history of the calls at these places alone; none where a view would lose its creation.
    pub(super) fn only(&self, keep: impl Fn(usize) -> bool) -> Option<History> {
        let kept = self.calls.iter().enumerate();
        let kept = kept.filter(|(at, _)| keep(*at)).map(|(_, call)| call);
        History::new(kept.cloned().collect()).ok()
    }

    /// What was known after so many moments: calls invoked later are gone, and answers that came
    /// later too.
    pub(super) fn first(&self, moments: u64) -> History {
        let mut calls = self.calls.clone();
        calls.retain(|call| call.invoked < moments);
        for call in &mut calls {
            call.answer.take_if(|answer| answer.at >= moments);
        }
        History { calls }
    }

    fn lanes_are_sequential(&self) -> Result<(), (usize, HistoryError)> {
        let mut last: Vec<(u32, u64)> = Vec::new();
        for (at, call) in self.calls.iter().enumerate() {
            let lane = call.lane;
            match last.iter_mut().find(|(other, _)| *other == lane) {
                Some((_, returned)) if *returned > call.invoked => {
                    let op = call.op.to_string();
                    return Err((at, HistoryError::StillOpen { lane, op }));
                }
                Some((_, returned)) => *returned = call.returned(),
                None => last.push((lane, call.returned())),
            }
        }
        Ok(())
    }
}

/// Renumbers all times as 0, 1, 2, ...
fn number(calls: &mut [Call]) -> Result<(), HistoryError> {
    let mut times: Vec<&mut u64> = Vec::with_capacity(2 * calls.len());
    for call in calls {
        let lane = call.lane;
        times.push(&mut call.invoked);
        if let Some(answer) = &mut call.answer {
            if answer.at <= **times.last().expect("just pushed") {
                return Err(HistoryError::Backwards { lane });
            }
            times.push(&mut answer.at);
        }
    }
    times.sort_unstable();
    if let Some(pair) = times.windows(2).find(|pair| *pair[0] == *pair[1]) {
        return Err(HistoryError::SameTime { at: *pair[0] });
    }
    for (number, time) in (0..).zip(times) {
        *time = number;
    }
    Ok(())
}
