//! The structure: which files make up the store, for whoever is changing that.
//!
//! ```text
//!   Writer       log, sequence, batch            put, delete, write, and freezing the memtable
//!      |
//!      | Frozen: the memtable, and the log it came from
//!      v
//!   Structure    manifest, tables, obsolete      flush of the frozen memtable, compaction
//! ```
//!
//! Invariants:
//! 1. The manifest names the oldest log that is still needed: that of the frozen memtable, if
//!    there is one, or else the one that takes writes.
//! 2. A file's number is given out once, to whoever asks; what the manifest says of the next one
//!    is above every number in it.

use super::shared::Shared;
use crate::error::Result;
use crate::log::LogWriter;
use crate::manifest::{Edit, TableFile};
use crate::memtable::Memtable;
use crate::sstable::TableWriter;
use crate::sync::{Arc, LeafLock};

/// What whoever changes the structure alone uses.
#[derive(Debug)]
pub(super) struct Structure {
    pub(super) manifest: LogWriter,
    /// The size that the manifest had when it was begun.
    pub(super) manifest_begin: u64,
    /// Of the log that the manifest names.
    pub(super) log_number: u64,
    /// Of the newest change that is in the segments; that log begins with the next one.
    pub(super) flushed_sequence: u64,
    pub(super) table: TableWriter,
    /// For an edit of the manifest.
    pub(super) record: Vec<u8>,
    /// For the user key whose versions are being decided.
    pub(super) key: Vec<u8>,
    /// Segments that no manifest names any more and that readers may still hold.
    pub(super) obsolete: Vec<Arc<TableFile>>,
}

/// A memtable that takes no more changes and is to become a segment.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) memtable: Memtable,
    /// Of its newest change.
    pub(super) sequence: u64,
    /// The log that it came from.
    pub(super) log: LogWriter,
    /// Of the log that follows.
    pub(super) next_log: u64,
}

impl Structure {
    /// Appends an edit to the manifest and makes it durable. Its last sequence number is the one
    /// before the log's first: a log that is lost then shows as a gap, and goleveldb passes over
    /// what a log holds up to that number.
    pub(super) fn log_edit(&mut self, shared: &Shared, mut edit: Edit) -> Result<()> {
        edit.next_file = Some(shared.file_numbers.next());
        edit.last_sequence = Some(self.flushed_sequence);
        self.record.clear();
        edit.encode(&mut self.record);
        self.manifest.append(&self.record)?;
        self.manifest.sync()
    }
}

/// Numbers for new files; see invariant 2.
#[derive(Debug)]
pub(super) struct FileNumbers(LeafLock<u64>);

impl FileNumbers {
    pub(super) fn starting_at(next: u64) -> Self {
        FileNumbers(LeafLock::new(next))
    }

    /// The next file's number, not given out.
    pub(super) fn next(&self) -> u64 {
        *self.0.lock()
    }

    /// Gives out a number.
    pub(super) fn take(&self) -> u64 {
        let mut next = self.0.lock();
        let number = *next;
        *next += 1;
        number
    }
}
