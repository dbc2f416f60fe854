//! The store: one writer at a time, readers beside it, over a log, a memtable and segments.
//!
//! ```text
//!   put, delete, write --> log (disk) --> memtable --flush--> segment, level 0
//!                                                                |
//!   get, scan:  memtable, then the memtable being flushed,    compactions: to level 1, 2, ...
//!               then segments from the newest to the oldest;
//!               the first answer counts, a tombstone included
//! ```
//!
//! Three locks, taken in this order:
//! - `writer`: held by whoever changes the store, through its disk operations.
//! - `view`: what readers see. Held for reading or changing memory only, never across a disk
//!   operation: a get answers while a flush waits for the disk.
//! - `snapshots`: their numbers. Taken with `view` held when a snapshot is made, alone otherwise,
//!   and held for nothing else.
//!
//! Invariants:
//! 1. What a reader sees changes only by a swap inside one hold of `view`: a batch as a whole, a
//!    memtable into its segment, inputs of a compaction into its output.
//! 2. A change is in the log before it is in the memtable (G7).
//! 3. A segment is durable, and named by a durable manifest, before the log it came from goes
//!    (STORAGE: the order of effects).
//! 4. A segment's file is removed only by the writer, after a durable manifest has ceased to name
//!    it, and when no reader holds it any more.
//! 5. After a failed write, flush or compaction the store takes no more changes, says why, and
//!    goes on answering reads from what it had (G10).
//!
//! Where to read on: `write` and `read` are the two paths, `live` what scans and iterators walk,
//! `flush` and `compact` the structure, `open` the way back from the disk (`recover`, `logs` and
//! `tables` read it, `install` makes it this handle's).

mod batch;
mod checkpoint;
mod compact;
mod current;
mod flush;
mod handles;
mod install;
mod iterator;
mod live;
mod logs;
mod losses;
mod notice;
mod open;
mod output;
mod read;
mod recover;
mod scan;
mod segment;
mod snapshot;
mod stats;
mod tables;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};

pub use batch::Batch;
pub(crate) use batch::BatchRecord;
pub(crate) use current::install_manifest;
pub use iterator::Iter;
pub use notice::Notice;
pub(crate) use read::{LayerLookup, LayerName};
pub(crate) use recover::read_current;
pub use scan::Scan;
pub use segment::{Segment, SegmentEntry};
pub use snapshot::Snapshot;
pub use stats::Stats;

use crate::disk::{Disk, Lock};
use crate::error::{Error, Result};
use crate::log::LogWriter;
use crate::manifest::{Edit, TableFile, Version};
use crate::memtable::Memtable;
use crate::options::Options;
use crate::sstable::TableWriter;
use crate::sync::{Arc, Mutex, RwLock};
use handles::Handles;
use snapshot::Snapshots;
use stats::Counters;

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
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    options: Options,
    handles: Handles,
    view: RwLock<View>,
    /// `None`: opened read-only.
    writer: Option<Mutex<Writer>>,
    snapshots: Arc<Snapshots>,
    counters: Counters,
    notices: Vec<Notice>,
    /// Held for its drop. `None`: read-only in a directory without a lock file.
    _lock: Option<Box<dyn Lock>>,
}

/// What readers see.
#[derive(Debug, Default)]
struct View {
    memtable: Memtable,
    /// The memtable that is being flushed: older than `memtable`, newer than all segments.
    frozen: Option<Memtable>,
    version: Arc<Version>,
    /// Of the newest change in the view.
    sequence: u64,
}

/// What the writer alone uses.
#[derive(Debug)]
struct Writer {
    log: LogWriter,
    manifest: LogWriter,
    /// Of the log that takes writes.
    log_number: u64,
    /// The size that the manifest had when it was begun.
    manifest_begin: u64,
    next_file: u64,
    sequence: u64,
    /// Of the newest change that is in the segments; the log begins with the next one.
    flushed_sequence: u64,
    /// Whether the next change has to make room first.
    memtable_is_full: bool,
    table: TableWriter,
    /// For an edit of the manifest.
    record: Vec<u8>,
    /// For the user key whose versions are being decided.
    key: Vec<u8>,
    /// For single changes, and for the copy of a batch.
    batch: Batch,
    /// Segments that no manifest names any more and that readers may still hold.
    obsolete: Vec<Arc<TableFile>>,
    /// The first failure: see invariant 5.
    stopped: Option<String>,
}

impl Writer {
    fn new_file_number(&mut self) -> u64 {
        let number = self.next_file;
        self.next_file += 1;
        number
    }

    /// Appends an edit to the manifest and makes it durable. Its last sequence number is the one
    /// before the log's first: a log that is lost then shows as a gap, and goleveldb passes over
    /// what a log holds up to that number.
    fn log_edit(&mut self, mut edit: Edit) -> Result<()> {
        edit.next_file = Some(self.next_file);
        edit.last_sequence = Some(self.flushed_sequence);
        self.record.clear();
        edit.encode(&mut self.record);
        self.manifest.append(&self.record)?;
        self.manifest.sync()
    }

    /// Makes the log durable and ends it with a mark that says so.
    fn close(&mut self) -> Result<()> {
        self.refuse_if_stopped()?;
        self.log.sync()?;
        if self.log.mark_is_due() {
            self.log.append_mark(&batch::mark(self.sequence + 1))?;
        }
        Ok(())
    }

    fn refuse_if_stopped(&self) -> Result<()> {
        match &self.stopped {
            None => Ok(()),
            Some(reason) => Err(Error::Stopped {
                reason: reason.clone(),
            }),
        }
    }

    /// Remembers a failure that leaves the files in doubt.
    fn stop_on_error<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && self.stopped.is_none()
        {
            self.stopped = Some(error.to_string());
        }
        result
    }
}

impl Store {
    /// The directory the store is in.
    pub fn directory(&self) -> &Path {
        &self.directory
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
        self.counters.read()
    }

    /// The sequence number of the newest change: how many changes the store has ever taken.
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
        self.view.read().sequence
    }

    /// Makes everything durable and closes the store.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.close()?;
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn close(self) -> Result<()> {
        match &self.writer {
            Some(writer) => writer.lock().close(),
            None => Ok(()),
        }
    }

    /// The writer's lock, unless the store takes no changes.
    fn writer(&self) -> Result<&Mutex<Writer>> {
        self.writer.as_ref().ok_or_else(|| Error::ReadOnly {
            path: self.directory.clone(),
        })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
