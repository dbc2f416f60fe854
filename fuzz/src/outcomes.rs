//! How far the inputs of a run came: if none was ever read whole, or each was, nothing was shown.
//!
//! Printed when the fuzzing thread ends, which is when libFuzzer ends by itself:
//! `outcomes: 1000 inputs, 700 refused, 250 listed, 50 opened`. `fuzz/run` wants to see some refused and some opened.

use std::sync::atomic::{AtomicU64, Ordering};

/// How far one input came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not listed: an error that says why.
    Refused,
    /// It was listed to its end; a store does not open with it.
    Listed,
    /// A store opened with it, and answered.
    Opened,
}

static COUNTS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

thread_local! {
    static AT_EXIT: AtExit = const { AtExit };
}

struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        let [refused, listed, opened] = [0, 1, 2].map(|at| COUNTS[at].load(Ordering::Relaxed));
        let inputs = refused + listed + opened;
        eprintln!("outcomes: {inputs} inputs, {refused} refused, {listed} listed, {opened} opened");
    }
}

/// Counts an input.
pub fn count(outcome: Outcome) {
    AT_EXIT.with(|_| ());
    COUNTS[outcome as usize].fetch_add(1, Ordering::Relaxed);
}
