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
use super::shared::Shared;
use super::structure::{Frozen, Structure};
use super::view::View;
use super::{Store, Writer};
use crate::error::{OrPath, Result};
use crate::manifest::{Edit, FileName, TableFile};
use crate::sync::{Arc, MutexGuard};

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
        self.structural(|shared, writer, structure| {
            shared.flush_memtable(writer, structure, Cause::Asked)?;
            shared.settle(structure)
        })
    }

    /// Runs a change of the store's structure while no other thread changes the store.
    pub(super) fn structural<T>(
        &self,
        work: impl FnOnce(&Shared, &mut Writer, &mut Structure) -> Result<T>,
    ) -> Result<T> {
        let shared = &*self.shared;
        let mut writer = self.writer()?.lock();
        let mut structure = shared.structure();
        shared.stopped.refuse()?;
        let result = shared.roll_manifest(&mut structure);
        let result = result.and_then(|()| work(shared, &mut writer, &mut structure));
        shared.stopped.on_error(result)
    }
}

impl Shared {
    /// The structure of a store that takes changes.
    pub(super) fn structure(&self) -> MutexGuard<'_, Structure> {
        let structure = self.structure.as_ref();
        structure.expect("a store with a writer").lock()
    }

    /// The steps of the module's drawing.
    pub(super) fn flush_memtable(
        &self,
        writer: &mut Writer,
        structure: &mut Structure,
        cause: Cause,
    ) -> Result<()> {
        if writer.memtable.is_empty() {
            self.counters.empty_flushes.add(1);
            return Ok(());
        }
        let frozen = self.freeze(writer)?;
        let automatic = cause == Cause::FullMemtable;
        self.flush_frozen(structure, frozen)?;
        self.counters.automatic_flushes.add(u64::from(automatic));
        Ok(())
    }

    /// Steps 1 to 3: the writer goes on in a new log, with an empty memtable in front of the
    /// frozen one.
    fn freeze(&self, writer: &mut Writer) -> Result<Frozen> {
        writer.log.sync()?;
        let next_log = self.file_numbers.take();
        let log_path = FileName::Log(next_log).path(&self.directory);
        let log_file = self
            .disk
            .create(&log_path)
            .or_path(&log_path, "create the log")?;
        let log = writer.log.switch(log_file, log_path);
        writer.memtable_is_full = false;
        let full = std::mem::take(&mut writer.memtable).memtable();
        self.view.update(|view| View {
            memtable: writer.memtable.memtable(),
            frozen: Some(full.clone()),
            version: Arc::clone(&view.version),
        });
        Ok(Frozen {
            memtable: full,
            sequence: writer.sequence,
            log,
            next_log,
        })
    }

    /// Steps 5 to 9: the frozen memtable becomes a segment, and its log goes.
    fn flush_frozen(&self, structure: &mut Structure, frozen: Frozen) -> Result<()> {
        let mut output = Output::new(self, structure);
        output.add_needed(&mut frozen.memtable.cursor(), &self.snapshots.list())?;
        let Finished {
            file,
            only_tombstones,
        } = output.finish()?.next().expect("the memtable is not empty");
        let edit = Edit {
            log_number: Some(frozen.next_log),
            previous_log: Some(0),
            added: vec![(0, Arc::clone(&file.meta))],
            ..Edit::default()
        };
        structure.flushed_sequence = frozen.sequence;
        structure.log_edit(self, edit)?;
        structure.log_number = frozen.next_log;
        self.publish_flush(file);
        self.counters.flushes.add(1);
        self.counters
            .tombstone_flushes
            .add(u64::from(only_tombstones));
        self.disk
            .remove(frozen.log.path())
            .or_path(frozen.log.path(), "remove the flushed log")
    }

    /// Shows readers the segment in the place of the frozen memtable.
    fn publish_flush(&self, file: TableFile) {
        self.view.update(|view| View {
            memtable: view.memtable.clone(),
            frozen: None,
            version: Arc::new(view.version.with_newest(Arc::new(file))),
        });
    }

    pub(super) fn sync_directory(&self) -> Result<()> {
        sync_directory(&*self.disk, &self.directory)
    }
}
