//! The writers' line: who has the writer, and who waits for it.
//!
//! ```text
//!   line:   put a | put b | put c | flush | put d
//!           '---- one group -----'
//!           the first in line takes the writer, and with it the changes behind its own: one
//!           append, one sync if any asks for it, one new sequence number for readers
//! ```
//!
//! Invariants:
//! 1. The writer is here or in the hands of one thread, which holds no lock while it works.
//! 2. Turns are taken in the order of arrival. Whoever finds the writer here and nobody in line
//!    takes it at once.
//! 3. A group is the longest run of changes from the head of the line that fits [`GROUP_BYTES`],
//!    and one at least. Its members leave the line when the writer is taken, and are given their
//!    outcomes when it is put back.
//! 4. Whoever waits looks again each time that the writer was put back, and no time-out ends a
//!    wait.
//! 5. A thread that panics puts the writer back and stops the store; its group hears of it.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use super::{Batch, Store, Writer};
use crate::error::{Error, Result};
use crate::sync::{Arc, Condvar, LeafLock, Mutex, MutexGuard, panicking};

/// The most bytes of records in a group: what comes later shall not hold up the first for long.
const GROUP_BYTES: usize = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
    /// The writer was put back.
    moved: Condvar,
}

#[derive(Debug)]
struct State {
    /// `None`: a thread has it.
    writer: Option<Box<Writer>>,
    waiting: VecDeque<Waiting>,
}

/// A thread in line.
#[derive(Debug)]
struct Waiting {
    /// Its changes; `None` if it wants the writer for itself.
    change: Option<Change>,
    outcome: Outcome,
}

/// What becomes of a member's changes, once that is known.
type Outcome = Arc<LeafLock<Option<Result<()>>>>;

/// Changes that wait to be written.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) batch: Batch,
    pub(super) sync: bool,
}

/// What a thread with changes has waited for.
pub(super) enum Arrived<'a> {
    /// It has the writer, its own changes, and those of others: the group of the turn.
    First(Turn<'a>),
    /// Another thread has written them, or tried to.
    Written(Result<()>),
}

impl Line {
    pub(super) fn new(writer: Writer) -> Self {
        let state = State {
            writer: Some(Box::new(writer)),
            waiting: VecDeque::new(),
        };
        Line {
            state: Mutex::new(state),
            moved: Condvar::new(),
        }
    }

    /// Has whoever waits look again, as at any time it may.
    #[cfg(any(feature = "loom", feature = "shuttle"))]
    pub(super) fn tell(&self) {
        drop(self.state.lock());
        self.moved.notify_all();
    }
}

impl State {
    /// Whether this is the head of the line, and the writer is here.
    fn is_turn_of(&self, outcome: &Outcome) -> bool {
        let first = self.waiting.front();
        self.writer.is_some() && first.is_some_and(|first| Arc::ptr_eq(&first.outcome, outcome))
    }

    /// Takes the head of the line out of it, with the changes that are written with its own.
    fn take_group(&mut self) -> Vec<Waiting> {
        let mut bytes = 0;
        let group = self.waiting.iter().take_while(|waiting| {
            waiting.change.as_ref().is_some_and(|change| {
                bytes += change.batch.record_bytes();
                bytes <= GROUP_BYTES
            })
        });
        let length = group.count().max(1);
        self.waiting.drain(..length).collect()
    }
}

impl Store {
    /// The writer, if it is here and nobody waits for it.
    #[inline]
    pub(super) fn writer_at_once(&self) -> Result<Option<Turn<'_>>> {
        let mut state = self.line()?.state.lock();
        if !state.waiting.is_empty() {
            return Ok(None);
        }
        Ok(state.writer.take().map(|writer| Turn {
            store: self,
            writer: Some(writer),
            group: Vec::new(),
        }))
    }

    /// The writer, for something other than changes.
    pub(super) fn writer(&self) -> Result<Turn<'_>> {
        if let Some(turn) = self.writer_at_once()? {
            return Ok(turn);
        }
        match self.wait_in_line(None)? {
            Arrived::First(turn) => Ok(turn),
            Arrived::Written(_) => unreachable!("nothing was to be written"),
        }
    }

    /// Waits in line, until it is the first or another thread has written its changes with its
    /// own.
    pub(super) fn wait_in_line(&self, change: Option<Change>) -> Result<Arrived<'_>> {
        let line = self.line()?;
        let outcome = Outcome::default();
        let mut state = line.state.lock();
        state.waiting.push_back(Waiting {
            change,
            outcome: Arc::clone(&outcome),
        });
        let mut written = None;
        while written.is_none() && !state.is_turn_of(&outcome) {
            state = line.moved.wait(state);
            written = outcome.lock().take();
        }
        Ok(match written {
            Some(result) => Arrived::Written(result),
            None => Arrived::First(self.first_turn(&mut state)),
        })
    }

    fn first_turn(&self, state: &mut MutexGuard<'_, State>) -> Turn<'_> {
        Turn {
            store: self,
            group: state.take_group(),
            writer: state.writer.take(),
        }
    }

    /// The line, unless the store takes no changes.
    pub(super) fn line(&self) -> Result<&Line> {
        self.line.as_ref().ok_or_else(|| Error::ReadOnly {
            path: self.shared.directory.clone(),
        })
    }
}

/// The writer in the hands of a thread; it is put back when this is dropped.
pub(super) struct Turn<'a> {
    store: &'a Store,
    writer: Option<Box<Writer>>,
    /// Those who get the outcome, this thread among them, unless nobody had to wait.
    group: Vec<Waiting>,
}

const TAKEN: &str = "there until it is put back";

impl Turn<'_> {
    /// The writer, and the changes of the group in order.
    pub(super) fn parts(&mut self) -> (&mut Writer, impl Iterator<Item = &mut Change>) {
        let changes = self.group.iter_mut();
        let changes = changes.filter_map(|waiting| waiting.change.as_mut());
        (self.writer.as_mut().expect(TAKEN), changes)
    }

    pub(super) fn group_length(&self) -> usize {
        self.group.len()
    }

    /// Tells the whole group what has become of its changes, and puts the writer back.
    pub(super) fn end(self, result: Result<()>) -> Result<()> {
        for waiting in &self.group {
            let own = result.as_ref().copied().map_err(Error::again);
            *waiting.outcome.lock() = Some(own);
        }
        result
    }
}

impl Deref for Turn<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        self.writer.as_ref().expect(TAKEN)
    }
}

impl DerefMut for Turn<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Writer {
        self.writer.as_mut().expect(TAKEN)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if panicking() {
            self.store.shared.stop("a thread panicked while it wrote");
            for waiting in &self.group {
                *waiting.outcome.lock() = Some(self.store.shared.stopped.refuse());
            }
        }
        let line = self.store.line.as_ref().expect("the writer is from there");
        let mut state = line.state.lock();
        state.writer = self.writer.take();
        let any_waits = self.group.len() > 1 || !state.waiting.is_empty();
        drop(state);
        if any_waits {
            line.moved.notify_all();
        }
    }
}
