//! The work behind the store: flushes and compactions beside reads and writes.
//!
//! ```text
//!   writer                                     the background's thread, or whoever calls `work`
//!     memtable is full:
//!     sync the old log, create the next one
//!     sync the directory
//!     freeze the memtable, hand it over ---->  flush it: table, manifest, publish,
//!     append to the next log                   remove the old log; then compactions
//! ```
//!
//! Invariants:
//! 1. Before the first append to a log, the one before it is durable whole, and so is its own name:
//!    if two logs have changes, a crash can hurt the newer one alone.
//! 2. The thread holds no lock while it works, and no reader waits for it. A writer does, for the
//!    memtable that it has not flushed yet, and when level 0 has too many segments; that is counted
//!    and said ([`Event`]), and it goes on by the thread's progress, never by the time. A compaction
//!    flushes a memtable that waits, between two of its segments.
//! 3. A failure or panic stops the store: the next write, flush, compaction or close returns it.
//! 4. The thread ends before the store is gone. It finishes the step that it is at; of the rest,
//!    changes are in the logs, and compactions are due again after the next opening.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::flush::Flush;
use super::shared::Shared;
use super::structure::Structure;
use super::work::Room;
use super::{Store, Writer};
use crate::error::{OrPath, Result};
use crate::event::Event;
use crate::sync::{Arc, JoinHandle, panicking, spawn};

impl Store {
    /// Takes one step of the work that waits: flushes a full memtable, or else runs one compaction
    /// that the thresholds ask for. `false` if there was nothing to do.
    ///
    /// For [`Compaction::OnCall`](crate::Compaction::OnCall); with a thread in the background it
    /// takes that thread's place for one step.
    ///
    /// ```
    /// use etalon::{Compaction, Options, Store, disk::MemoryDisk};
    ///
    /// let compaction = Compaction::OnCall;
    /// let options = Options { compaction, memtable_bytes: 1, ..Options::default() };
    /// let store = Store::open_on(MemoryDisk::default(), "dir", options)?;
    /// store.put(b"a", b"")?;
    /// store.put(b"b", b"")?; // there is no room: the memtable with "a" is frozen
    /// assert!(store.segments().is_empty());
    /// assert!(store.work()?);
    /// assert_eq!(store.segments().len(), 1);
    /// assert!(!store.work()?);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn work(&self) -> Result<bool> {
        self.line()?;
        self.shared.work_once()
    }

    /// Leaves the memtable to the background and waits until that, and all before it, is flushed.
    /// Others may write meanwhile.
    pub(super) fn flush_beside(&self, flush: Flush) -> Result<()> {
        let shared = &*self.shared;
        let mut writer = self.writer()?;
        shared.stopped.refuse()?;
        if shared.asks_for(flush, &writer) {
            let frozen = shared.freeze_beside(&mut writer);
            shared.stop_on_error(frozen)?;
        }
        let handed_over = shared.work.handed_over();
        drop(writer);
        if flush == Flush::Not {
            return Ok(());
        }
        shared.wait_until_flushed(handed_over)
    }
}

impl Shared {
    /// See [`Store::work`].
    pub(super) fn work_once(&self) -> Result<bool> {
        let mut structure = self.take();
        self.stopped.refuse()?;
        let worked = self.step_beside(&mut structure);
        self.stop_on_error(worked)
    }

    fn step_beside(&self, structure: &mut Structure) -> Result<bool> {
        self.roll_manifest(structure)?;
        let worked = self.flush_what_waits(structure)? || self.step(structure)?;
        self.remove_obsolete(structure)?;
        Ok(worked)
    }

    /// Flushes the memtable that was handed over; `false` if there is none.
    pub(super) fn flush_what_waits(&self, structure: &mut Structure) -> Result<bool> {
        let Some(frozen) = self.work.frozen() else {
            return Ok(false);
        };
        self.flush_frozen(structure, &frozen)?;
        self.work.forget_frozen();
        Ok(true)
    }

    /// Freezes the writer's memtable and leaves it to the background, once there is room for it.
    pub(super) fn freeze_beside(&self, writer: &mut Writer) -> Result<()> {
        self.end_doubt(writer)?;
        self.make_way()?;
        let next = self.next_log(writer)?;
        self.sync_directory()?;
        let frozen = self.freeze(writer, next);
        self.work.hand_over(frozen);
        Ok(())
    }

    /// Waits until a memtable may be frozen, and says so if that takes longer.
    pub(super) fn make_way(&self) -> Result<()> {
        let listener = &self.options.listener;
        match self.room() {
            Room::Free => Ok(()),
            Room::Scarce(segments, round) => {
                self.counters.write_slowdowns.add(1);
                listener.hear(&Event::WritesSlowed { segments });
                self.wait_one_round(round)
            }
            Room::None(stall) => {
                self.counters.write_stalls.add(1);
                listener.hear(&Event::WritesStalled { stall });
                self.wait_for_room()?;
                listener.hear(&Event::WritesGoOn);
                Ok(())
            }
        }
    }
}

/// The thread. Dropping this ends it, and waits for that.
pub(super) struct Background {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(super) fn start(shared: &Arc<Shared>) -> Result<Background> {
        let own = Arc::clone(shared);
        let thread = spawn("etalon background", move || run(&own));
        let thread = thread.or_path(&shared.directory, "start the background's thread")?;
        Ok(Background {
            shared: Arc::clone(shared),
            thread: Some(thread),
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.shared.work.close();
        let thread = self.thread.take().expect("joined here alone");
        if let Err(panic) = thread.join()
            && !panicking()
        {
            // One of the listener's, which the caller has to know of.
            resume_unwind(panic);
        }
    }
}

/// Works until the store is closed or has stopped.
fn run(shared: &Shared) {
    while let Some(mut structure) = shared.take_for_work() {
        let step = AssertUnwindSafe(|| shared.step_beside(&mut structure));
        let reason = match catch_unwind(step) {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("the background panicked: {}", message(&*panic)),
        };
        shared.stop(&reason);
        drop(structure);
        let listener = &shared.options.listener;
        listener.hear(&Event::BackgroundFailed { reason });
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
