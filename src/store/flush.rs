//! Flush: the memtable becomes a segment, in an order that no crash can hurt.
//!
//! ```text
//!   1 sync the old log            5 write the table
//!   2 create the new log          6 sync the table, then the directory (table and new log)
//!   3 freeze the memtable         7 append to the manifest, sync it
//!     readers see both            8 publish: segment in, frozen memtable out, in one swap
//!                                 9 remove the old log
//! ```
//!
//! Until 7 the old manifest counts, and the old log holds everything; from 7 on the segment
//! does. Readers notice nothing at any step. 1 comes before 2, so that a log which has a newer one
//! beside it, even an empty one, is whole, or it is damaged (`logs`, invariant 1).

use super::current::sync_directory;
use super::output::{Finished, Output};
use super::{Store, Writer};
use crate::error::{OrPath, Result};
use crate::key::Kind;
use crate::manifest::{Edit, FileName, TableFile};
use crate::memtable::Memtable;
use crate::sync::Arc;

/// Why a flush happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Asked,
    FullMemtable,
}

impl Store {
    /// Turns the memtable into a segment of level 0 and empties it. With nothing in the
    /// memtable, nothing happens.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.flush()?;
    /// assert_eq!(store.segments().len(), 1);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn flush(&self) -> Result<()> {
        self.structural(|store, writer| store.flush_memtable(writer, Cause::Asked))
    }

    /// Runs a change of the store's structure under the writer's lock.
    pub(super) fn structural(
        &self,
        work: impl FnOnce(&Store, &mut Writer) -> Result<()>,
    ) -> Result<()> {
        let mut guard = self.writer()?.lock();
        let writer = &mut *guard;
        writer.refuse_if_stopped()?;
        let result = self.roll_manifest(writer);
        let result = result.and_then(|()| work(self, writer));
        writer.stop_on_error(result)
    }

    /// The steps of the module's drawing.
    pub(super) fn flush_memtable(&self, writer: &mut Writer, cause: Cause) -> Result<()> {
        if self.view.read().memtable.is_empty() {
            self.counters.empty_flushes.add(1);
            return Ok(());
        }
        writer.log.sync()?;
        let log_number = writer.new_file_number();
        let log_path = FileName::Log(log_number).path(&self.directory);
        let log_file = self
            .disk
            .create(&log_path)
            .or_path(&log_path, "create the log")?;

        let frozen = self.freeze();
        writer.memtable_is_full = false;
        let mut output = Output::new(self, writer);
        for (user_key, slot) in frozen.iter() {
            let kind = if slot.value.is_some() {
                Kind::Put
            } else {
                Kind::Delete
            };
            output.add(
                user_key,
                slot.sequence,
                kind,
                slot.value.as_deref().unwrap_or_default(),
            )?;
        }
        let Finished {
            file,
            only_tombstones,
        } = output.finish()?.expect("the memtable is not empty");
        let edit = Edit {
            log_number: Some(log_number),
            previous_log: Some(0),
            added: vec![(0, Arc::clone(&file.meta))],
            ..Edit::default()
        };
        writer.flushed_sequence = writer.sequence;
        writer.log_edit(edit)?;
        self.publish_flush(file);
        self.counters.flushes.add(1);
        let automatic = cause == Cause::FullMemtable;
        self.counters.automatic_flushes.add(u64::from(automatic));
        self.counters
            .tombstone_flushes
            .add(u64::from(only_tombstones));

        let flushed = writer.log.switch(log_file, log_path);
        writer.log_number = log_number;
        self.disk
            .remove(flushed.path())
            .or_path(flushed.path(), "remove the flushed log")
    }

    /// Shows readers an empty memtable in front of the frozen one.
    fn freeze(&self) -> Arc<Memtable> {
        let mut view = self.view.write();
        let frozen = Arc::new(std::mem::take(&mut view.memtable));
        view.frozen = Some(Arc::clone(&frozen));
        frozen
    }

    /// Shows readers the segment in the place of the frozen memtable.
    fn publish_flush(&self, file: TableFile) {
        // Only the writer swaps versions, so this one is still the newest below.
        let version = Arc::clone(&self.view.read().version);
        let next = Arc::new(version.with_newest(Arc::new(file)));
        let mut view = self.view.write();
        let version = std::mem::replace(&mut view.version, next);
        let frozen = view.frozen.take();
        // What is dropped here may be large: not while readers wait.
        drop(view);
        drop((version, frozen));
    }

    pub(super) fn sync_directory(&self) -> Result<()> {
        sync_directory(&*self.disk, &self.directory)
    }
}
