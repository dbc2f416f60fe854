//! Who has the structure, what waits to be done with it, and who waits for that.
//!
//! ```text
//!   writer --hand over--> frozen --+
//!                                  v
//!   whoever works:  take the structure -- flush, or compact -- put it back --> all who wait
//!                                                                              look again
//! ```
//!
//! Invariants:
//! 1. The structure is here or in the hands of one thread, which holds no lock while it works.
//! 2. What somebody waits for changes under the lock of `state` and is followed by a notification
//!    of all; so does the store's stopping. Whoever waits looks again each time, and no time-out
//!    ends a wait.
//! 3. The frozen memtable stays here until it is a segment, and there is one at most.
//! 4. A thread that panics puts the structure back and stops the store.
//! 5. A wait that does the work itself ends: a compaction takes segments out of a level and puts
//!    none there or above, and there are only so many. One that did not stops the store.

use std::ops::{Deref, DerefMut};

use super::shared::Shared;
use super::structure::{Frozen, Structure};
use crate::compaction::pick;
use crate::error::Result;
use crate::event::Stall;
use crate::manifest::{LEVELS, Version};
use crate::options::{Compaction, Options};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, panicking};

/// See the module.
#[derive(Debug)]
pub(super) struct Work {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// `None`: a thread has it, or the store was opened read-only.
    structure: Option<Box<Structure>>,
    frozen: Option<Arc<Frozen>>,
    pressure: Pressure,
    /// How many memtables were handed over, and how many of them are segments.
    handed_over: u64,
    flushed: u64,
    /// How often the structure was put back.
    rounds: u64,
    /// Nobody asks for anything any more.
    is_closing: bool,
    /// How many threads wait: a notification of nobody is a call of the system, too.
    waiting: usize,
}

/// What the segments ask for, as of when the structure was last put back.
#[derive(Clone, Copy, Debug, Default)]
struct Pressure {
    /// Of each level.
    segments: [usize; LEVELS],
    compaction_is_due: bool,
}

impl Pressure {
    fn of(version: &Version, options: &Options) -> Self {
        Pressure {
            segments: std::array::from_fn(|level| version.level(level).len()),
            compaction_is_due: options.compaction.is_beside()
                && pick(version, &options.limits()).is_some(),
        }
    }
}

impl State {
    /// What keeps a writer from freezing its memtable.
    fn stall(&self, options: &Options) -> Option<Stall> {
        let segments = self.pressure.segments[0];
        if self.frozen.is_some() {
            Some(Stall::Memtable)
        } else if segments >= options.level0_stop_segments {
            Some(Stall::Level0 { segments })
        } else {
            None
        }
    }

    /// What a step of work changes: how many there were, how many flushed, and what they left.
    fn progress(&self) -> (u64, u64, [usize; LEVELS]) {
        (self.rounds, self.flushed, self.pressure.segments)
    }

    /// Whether one step since then, and nobody else's, has brought nothing on: see invariant 5.
    fn is_stuck_since(&self, (rounds, flushed, segments): (u64, u64, [usize; LEVELS])) -> bool {
        let one_step = self.rounds == rounds + 1 && self.flushed == flushed;
        one_step && self.pressure.segments >= segments
    }

    fn any_work(&self) -> bool {
        self.frozen.is_some() || self.pressure.compaction_is_due
    }
}

/// What a writer finds that wants to freeze its memtable.
pub(super) enum Room {
    Free,
    /// There is room, but level 0 has this many segments.
    /// The second number is that of the round: see [`Shared::wait_one_round`].
    Scarce(usize, u64),
    None(Stall),
}

impl Work {
    pub(super) fn new(structure: Option<Structure>, version: &Version, options: &Options) -> Self {
        let state = State {
            structure: structure.map(Box::new),
            frozen: None,
            pressure: Pressure::of(version, options),
            handed_over: 0,
            flushed: 0,
            rounds: 0,
            is_closing: false,
            waiting: 0,
        };
        Work {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Changes the state, and tells all who wait.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock();
        let result = change(&mut state);
        let any_waits = state.waiting > 0;
        drop(state);
        if any_waits {
            self.changed.notify_all();
        }
        result
    }

    /// Waits for a change, or for nothing: whoever calls looks again.
    fn wait<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiting += 1;
        let mut state = self.changed.wait(state);
        state.waiting -= 1;
        state
    }

    /// Tells all who wait that the store has stopped.
    pub(super) fn tell(&self) {
        self.change(|_| ());
    }

    /// There will be no more work: for the background's thread.
    pub(super) fn close(&self) {
        self.change(|state| state.is_closing = true);
    }

    /// Leaves a frozen memtable to whoever works next.
    pub(super) fn hand_over(&self, frozen: Frozen) {
        self.change(|state| {
            debug_assert!(state.frozen.is_none(), "invariant 3");
            state.frozen = Some(Arc::new(frozen));
            state.handed_over += 1;
        });
    }

    /// The memtable that is to be flushed.
    pub(super) fn frozen(&self) -> Option<Arc<Frozen>> {
        self.state.lock().frozen.clone()
    }

    /// How many memtables were handed over so far.
    pub(super) fn handed_over(&self) -> u64 {
        self.state.lock().handed_over
    }

    /// It is a segment now.
    pub(super) fn forget_frozen(&self) {
        let frozen = self.change(|state| {
            state.flushed += 1;
            state.frozen.take()
        });
        // It may be large: dropped with no lock held.
        drop(frozen);
    }
}

impl Shared {
    /// Takes the structure, as soon as nobody else has it.
    pub(super) fn take(&self) -> Taken<'_> {
        let mut state = self.work.state.lock();
        while state.structure.is_none() {
            state = self.work.wait(state);
        }
        Taken::from(self, &mut state)
    }

    /// The structure, as soon as there is something to do with it; `None` once there is nothing
    /// to be done any more.
    pub(super) fn take_for_work(&self) -> Option<Taken<'_>> {
        let mut state = self.work.state.lock();
        while !(state.is_closing || self.stopped.is_stopped()) {
            if state.any_work() && state.structure.is_some() {
                return Some(Taken::from(self, &mut state));
            }
            state = self.work.wait(state);
        }
        None
    }

    pub(super) fn room(&self) -> Room {
        let state = self.work.state.lock();
        let segments = state.pressure.segments[0];
        match state.stall(&self.options) {
            Some(stall) => Room::None(stall),
            None if segments >= self.options.level0_slow_segments => {
                Room::Scarce(segments, state.rounds)
            }
            None => Room::Free,
        }
    }

    pub(super) fn wait_for_room(&self) -> Result<()> {
        self.wait_until(|state| state.stall(&self.options).is_none())
    }

    /// Waits until somebody has put the structure back since the round that was seen. It was seen
    /// together with the need to wait: that round may be over, and no other one due.
    pub(super) fn wait_one_round(&self, seen: u64) -> Result<()> {
        self.wait_until(|state| state.rounds != seen)
    }

    /// Waits until so many of the memtables that were handed over are segments.
    pub(super) fn wait_until_flushed(&self, handed_over: u64) -> Result<()> {
        self.wait_until(|state| state.flushed >= handed_over)
    }

    /// Waits for the work of others, or does it if there is nobody else to. Refuses if the store
    /// has stopped.
    fn wait_until(&self, is_so: impl Fn(&State) -> bool) -> Result<()> {
        let by_others = self.options.compaction == Compaction::Background;
        let mut state = self.work.state.lock();
        loop {
            self.stopped.refuse()?;
            if is_so(&state) {
                return Ok(());
            }
            state = if by_others {
                self.work.wait(state)
            } else {
                let before = state.progress();
                drop(state);
                self.work_once()?;
                let state = self.work.state.lock();
                if is_so(&state) || !state.is_stuck_since(before) {
                    state
                } else {
                    drop(state);
                    self.stop(NO_END);
                    self.work.state.lock()
                }
            };
        }
    }
}

const NO_END: &str =
    "a compaction has taken no segment out of any level: the work would come to no end";

/// The structure in the hands of a thread; it is put back when this is dropped.
pub(super) struct Taken<'a> {
    shared: &'a Shared,
    structure: Option<Box<Structure>>,
}

impl<'a> Taken<'a> {
    fn from(shared: &'a Shared, state: &mut MutexGuard<'_, State>) -> Self {
        Taken {
            shared,
            structure: state.structure.take(),
        }
    }
}

const TAKEN: &str = "there until it is put back";

impl Deref for Taken<'_> {
    type Target = Structure;

    fn deref(&self) -> &Structure {
        self.structure.as_ref().expect(TAKEN)
    }
}

impl DerefMut for Taken<'_> {
    fn deref_mut(&mut self) -> &mut Structure {
        self.structure.as_mut().expect(TAKEN)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let shared = self.shared;
        if panicking() {
            shared.stop("a thread panicked while it changed the store's files");
        }
        // Nobody asks where the caller does all that is to be done.
        let beside = shared.options.compaction.is_beside();
        let pressure = beside.then(|| Pressure::of(&shared.version(), &shared.options));
        let structure = self.structure.take();
        shared.work.change(|state| {
            state.structure = structure;
            state.pressure = pressure.unwrap_or_default();
            state.rounds += 1;
        });
    }
}
