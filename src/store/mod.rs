//! The store: one writer at a time, readers beside it, over a log, a memtable and segments.
//!
//! ```text
//!   put, delete, write --> log (disk) --> memtable --freeze--> frozen --flush--> segment, level 0
//!                                                                                       |
//!   get, scan:  memtable, then the frozen one, then segments from the     compactions: to level
//!               newest to the oldest; the first answer counts, a                     1, 2, ...
//!               tombstone included
//! ```
//!
//! Who has what, and for how long:
//! - Readers take no lock: they read the `view`, which is immutable and replaced whole, and the
//!   sequence number beside it.
//! - The writer belongs to whoever writes changes, those of the threads behind it in `line` among
//!   them. It is taken out of the line, whose lock is held for moments, and put back.
//! - The structure (`structure`) belongs to whoever changes which files make up the store: the
//!   caller of a flush or a compaction, or the `background`. It is taken out of `work`, whose lock
//!   is held for moments, and put back.
//! - `snapshots` locks the list of their numbers, for moments.
//!
//! A thread that has the writer may wait for the structure, never the other way round; and with
//! one of the locks held for moments it takes no other.
//!
//! Invariants:
//! 1. What a reader sees changes only by replacing the view, or the sequence number: a memtable
//!    into its segment, inputs of a compaction into its output, a batch as a whole.
//! 2. A change is in the log before it is in the memtable (G7).
//! 3. A segment is durable, and named by a durable manifest, before the log it came from goes
//!    (STORAGE: the order of effects).
//! 4. A segment's file is removed only by whoever has the structure, after a durable manifest has
//!    ceased to name it, and when no reader holds it any more.
//! 5. After a failed write, flush or compaction the store takes no more changes, says why, and
//!    goes on answering reads from what it had (G10).
//!
//! Where to read on: `write` and `read` are the two paths, `swap` is both in one turn; `live` is
//! what scans and iterators walk, `ends` its two ends; `flush`, `ingest` and `compact` change the
//! structure, in the caller's thread or, but for `ingest`, in the `background`; `open` is the way
//! back from the disk (`recover`, `logs`, `replay`, `halves` and `tables` read it, `install` and
//! `adopt` make it this handle's, `doubt` and `copy` what a killed process left).

mod adopt;
mod background;
mod batch;
mod baton;
mod checkpoint;
mod compact;
mod copy;
mod current;
mod doubt;
mod ends;
mod flush;
mod halves;
mod handles;
mod ingest;
mod install;
mod iterator;
mod line;
mod live;
mod logs;
mod losses;
mod notice;
mod open;
mod output;
mod published;
mod read;
mod reader;
mod recover;
mod replay;
mod scan;
mod segment;
mod shared;
mod snapshot;
mod stats;
mod stopped;
mod structure;
mod swap;
mod tables;
mod view;
mod work;
mod write;

use std::fmt;
use std::path::Path;

pub use batch::Batch;
pub(crate) use batch::BatchRecord;
pub(crate) use current::install_manifest;
pub use iterator::Iter;
pub use notice::Notice;
pub use reader::Reader;
pub(crate) use recover::read_current;
pub use scan::Scan;
pub use segment::{Segment, SegmentEntry};
pub use snapshot::Snapshot;
pub use stats::Stats;
pub(crate) use view::{LayerLookup, LayerName};

use crate::disk::Lock;
use crate::error::Result;
use crate::log::LogWriter;
use crate::memtable::MemtableWriter;
use crate::sync::Arc;
use background::Background;
use line::Line;
use shared::Shared;

/// An ordered key-value store in a directory of LevelDB's format.
///
/// It is shared by reference between threads. Dropping it loses nothing that was acknowledged,
/// as long as the machine lives; [`Store::close`] makes it durable besides.
///
/// ```
/// # let scratch = tempfile::tempdir().unwrap();
/// # let directory = scratch.path().join("store");
/// use etalon::{Options, Store};
///
/// let store = Store::open(&directory, Options::default())?;
/// store.put(b"apple", b"red")?;
/// store.put(b"plum", b"blue")?;
/// store.flush()?; // to a segment on disk
/// store.delete(b"apple")?; // a tombstone hides it
/// assert_eq!(store.get(b"apple")?, None);
/// assert_eq!(store.get(b"plum")?, Some(b"blue".to_vec()));
/// store.close()?;
///
/// let again = Store::open(&directory, Options::default())?;
/// assert_eq!(again.scan().collect()?, [(b"plum".to_vec(), b"blue".to_vec())]);
/// # Ok::<(), etalon::Error>(())
/// ```
pub struct Store {
    /// The first to be dropped: it uses the rest. `None` if the options want none.
    background: Option<Background>,
    shared: Arc<Shared>,
    /// `None`: opened read-only.
    line: Option<Line>,
    notices: Vec<Notice>,
    /// Held for its drop. `None`: read-only in a directory without a lock file.
    _lock: Option<Box<dyn Lock>>,
}

/// What the writer alone uses.
#[derive(Debug)]
struct Writer {
    log: LogWriter,
    memtable: MemtableWriter,
    /// Of the newest change.
    sequence: u64,
    /// Whether the next change has to make room first.
    memtable_is_full: bool,
    /// For single changes, and for the copy of a batch.
    batch: Batch,
}

impl Writer {
    /// Makes the log durable and ends it with a mark that says so.
    fn close(&mut self) -> Result<()> {
        self.log.sync()?;
        if self.log.mark_is_due() {
            self.log.append_mark(&batch::mark(self.sequence + 1))?;
        }
        Ok(())
    }
}

impl Store {
    /// The directory the store is in.
    pub fn directory(&self) -> &Path {
        &self.shared.directory
    }

    /// What was found amiss, and mended, when the store was opened; usually nothing.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// assert!(store.notices().is_empty());
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// What the store has done since it was opened.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// The sequence number of the newest change: how many changes the store has ever taken, and
    /// entries of ingestions that a crash has ended.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.delete(b"k")?;
    /// assert_eq!(store.sequence(), 2);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn sequence(&self) -> u64 {
        self.shared.last_sequence()
    }

    /// Makes everything durable and closes the store. Work in the background is not waited for,
    /// but for the step that it is at.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.close()?;
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn close(mut self) -> Result<()> {
        drop(self.background.take());
        if self.line.is_none() {
            return Ok(());
        }
        let mut writer = self.writer()?;
        self.shared.stopped.refuse()?;
        self.shared.end_doubt(&mut writer)?;
        writer.close()?;
        // The last occasion for segments that readers have held until now.
        self.shared.remove_obsolete(&mut self.shared.take())
    }

    /// Has every thread that waits look again, which it must bear at any time: for schedulers
    /// that wake nobody without a reason.
    #[cfg(any(feature = "loom", feature = "shuttle"))]
    #[doc(hidden)]
    pub fn notify_all_waiters(&self) {
        self.line.iter().for_each(Line::tell);
        self.shared.work.tell();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("directory", &self.shared.directory)
            .finish_non_exhaustive()
    }
}
