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

use super::baton::{Baton, Held};
use super::{Batch, Store, Writer};
use crate::error::{Error, Result};
use crate::sync::{Arc, Condvar, LeafLock, Mutex, panicking};

/// The most bytes of records in a group: what comes later shall not hold up the first for long.
const GROUP_BYTES: usize = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Line {
    writer: Baton<Writer>,
    waiting: Mutex<VecDeque<Waiting>>,
    /// The writer was put back.
    moved: Condvar,
}

/// A thread in line.
#[derive(Debug)]
struct Waiting {
    /// Its changes; `None` if it wants the writer for itself.
    change: Option<Change>,
    outcome: Outcome,
}

/// What becomes of a member's changes, once that is known. Looked at and given with the line's
/// lock held, which is what orders it.
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
        Line {
            writer: Baton::new(writer),
            waiting: Mutex::new(VecDeque::new()),
            moved: Condvar::new(),
        }
    }

    /// The writer and its group, if the thread that waits for this outcome is the first in line,
    /// and the writer is here.
    fn first_turn<'a>(
        &'a self,
        store: &'a Store,
        waiting: &mut VecDeque<Waiting>,
        outcome: &Outcome,
    ) -> Option<Turn<'a>> {
        let first = waiting.front()?;
        if !Arc::ptr_eq(&first.outcome, outcome) {
            return None;
        }
        let members = group_length(waiting);
        let held = self.writer.take_in_turn(waiting.len() > members)?;
        Some(Turn {
            store,
            line: self,
            held: Some(held),
            group: waiting.drain(..members).collect(),
            result: None,
        })
    }

    /// Has whoever waits look again, as at any time it may.
    #[cfg(any(feature = "loom", feature = "shuttle"))]
    pub(super) fn tell(&self) {
        drop(self.waiting.lock());
        self.moved.notify_all();
    }
}

/// How many at the head of the line are written together; see invariant 3.
fn group_length(waiting: &VecDeque<Waiting>) -> usize {
    let mut bytes = 0;
    let group = waiting.iter().take_while(|waiting| {
        waiting.change.as_ref().is_some_and(|change| {
            bytes += change.batch.record_bytes();
            bytes <= GROUP_BYTES
        })
    });
    group.count().max(1)
}

impl Store {
    /// The writer, if it is here and nobody waits for it.
    #[inline]
    pub(super) fn writer_at_once(&self) -> Result<Option<Turn<'_>>> {
        let line = self.line()?;
        Ok(line.writer.take_at_once().map(|held| Turn {
            store: self,
            line,
            held: Some(held),
            group: Vec::new(),
            result: None,
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
        let mut waiting = line.waiting.lock();
        waiting.push_back(Waiting {
            change,
            outcome: Arc::clone(&outcome),
        });
        line.writer.announce();
        let mut arrived = None;
        while arrived.is_none() {
            arrived = match outcome.lock().take() {
                Some(result) => Some(Arrived::Written(result)),
                None => line
                    .first_turn(self, &mut waiting, &outcome)
                    .map(Arrived::First),
            };
            if arrived.is_none() {
                waiting = line.moved.wait(waiting);
            }
        }
        Ok(arrived.expect("waited for"))
    }

    /// The line, unless the store takes no changes.
    #[inline]
    pub(super) fn line(&self) -> Result<&Line> {
        self.line.as_ref().ok_or_else(|| Error::ReadOnly {
            path: self.shared.directory.clone(),
        })
    }
}

/// The writer in the hands of a thread; it is put back when this is dropped.
pub(super) struct Turn<'a> {
    store: &'a Store,
    line: &'a Line,
    held: Option<Held<'a, Writer>>,
    /// Those who get the outcome, this thread among them, unless nobody had to wait.
    group: Vec<Waiting>,
    /// The outcome, once it is known.
    result: Option<Result<()>>,
}

const HELD: &str = "there until it is put back";

impl Turn<'_> {
    /// The writer, and the changes of the group in order.
    pub(super) fn parts(&mut self) -> (&mut Writer, impl Iterator<Item = &mut Change>) {
        let changes = self.group.iter_mut();
        let changes = changes.filter_map(|waiting| waiting.change.as_mut());
        (self.held.as_mut().expect(HELD), changes)
    }

    pub(super) fn group_length(&self) -> usize {
        self.group.len()
    }

    /// Tells the whole group what has become of its changes, and puts the writer back.
    pub(super) fn end(mut self, result: Result<()>) -> Result<()> {
        self.result = Some(again(&result));
        result
    }

    #[cold]
    fn put_back(&mut self, held: Held<'_, Writer>) {
        let waiting = self.line.waiting.lock();
        // With the lock held, so that whoever finds its outcome has seen all that led to it.
        if let Some(result) = &self.result {
            for member in &self.group {
                *member.outcome.lock() = Some(again(result));
            }
        }
        held.put_back(!waiting.is_empty());
        drop(waiting);
        self.line.moved.notify_all();
    }
}

/// The same result, for another thread.
fn again(result: &Result<()>) -> Result<()> {
    result.as_ref().copied().map_err(Error::again)
}

impl Deref for Turn<'_> {
    type Target = Writer;

    #[inline]
    fn deref(&self) -> &Writer {
        self.held.as_ref().expect(HELD)
    }
}

impl DerefMut for Turn<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Writer {
        self.held.as_mut().expect(HELD)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if panicking() {
            self.store.shared.stop("a thread panicked while it wrote");
            self.result = Some(self.store.shared.stopped.refuse());
        }
        let held = self.held.take().expect(HELD);
        if !self.group.is_empty() {
            self.put_back(held);
        } else if let Err(held) = held.put_back_at_once() {
            self.put_back(held);
        }
    }
}
