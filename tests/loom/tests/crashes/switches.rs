//! Where loom tries to switch threads: everywhere, or only around marks.
//!
//! ```text
//!   everywhere     |mark |lock |store |load |unlock |mark |
//!   around marks   |mark |lock  store  load  unlock |mark |
//! ```
//!
//! A trace is an order of marks. What a thread does between two of its marks makes few other
//! traces, whoever runs in between: so the traces are found in a twentieth of the executions if a
//! thread that has gone on from a mark goes on to its next one, unless it has to wait. That none
//! is lost is checked, not proved: plan by plan the traces of both are compared (`main`).
//!
//! Invariants:
//! 1. A conflict of two threads where loom may not switch is tried at the last place before it
//!    where it may: the search is complete as to these places.
//! 2. A thread that goes on from a mark has seen all that others did before theirs, by the fences
//!    on either side of a mark: else its loads would find the oldest values that they may, since
//!    loom tries no other ones where it may not switch.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use loom::sync::atomic::{AtomicUsize, Ordering, fence};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switches {
    Everywhere,
    AroundMarks,
}

impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Switches::Everywhere => f.write_str("everywhere"),
            Switches::AroundMarks => f.write_str("around marks"),
        }
    }
}

/// The switches of one execution; a clone is the same.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    switches: Switches,
    /// What loom was told last.
    may_switch: Arc<AtomicBool>,
}

impl Places {
    /// Those of an execution that begins, where loom may not switch until it is told.
    pub(crate) fn new(switches: Switches) -> Self {
        Places {
            switches,
            may_switch: Arc::default(),
        }
    }

    /// Makes a mark: a place before it, and one after it if the engine `goes_on` from there before
    /// there is another mark.
    pub(crate) fn around(&self, goes_on: bool, mark: impl FnOnce()) {
        if self.switches == Switches::Everywhere {
            return mark();
        }
        fence(Ordering::SeqCst);
        self.tell(true);
        mark();
        if goes_on {
            // Others may have run meanwhile, and told loom something else.
            self.tell(true);
            // A place to switch at, of an atomic that nobody else has.
            AtomicUsize::new(0).load(Ordering::Relaxed);
        }
        self.tell(false);
        fence(Ordering::SeqCst);
    }

    fn tell(&self, may_switch: bool) {
        if self.may_switch.swap(may_switch, Ordering::Relaxed) == may_switch {
            return;
        }
        if may_switch {
            loom::explore();
        } else {
            loom::stop_exploring();
        }
    }
}
