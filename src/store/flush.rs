//! Flush: the memtable becomes a segment, in an order that no crash can hurt.
//!
//! ```text
//!   whoever has the writer                 whoever has the structure
//!   1 sync the old log                     4 write the table
//!   2 create the new log                   5 sync it, then the directory (table and new log)
//!   3 freeze the memtable                  6 append to the manifest, sync it
//!     readers see it behind a new one      7 publish: segment in, frozen memtable out, at once
//!                                          8 remove the old log
//! ```
//!
//! Until 6 the old manifest counts, and the old log holds everything; from 6 on the segment
//! does. Readers notice nothing at any step. 1 comes before 2, so that a log which has a newer one
//! beside it, even an empty one, is whole, or it is damaged (`logs`, invariant 1).
//!
//! Both halves run in one go where the caller flushes, and nothing is appended to the new log
//! before 8. With a `background`, writes go on after 3: there the directory is synced before it.

use std::path::PathBuf;

use super::current::sync_directory;
use super::output::{Finished, Output};
use super::shared::Shared;
use super::structure::{Frozen, Structure};
use super::view::View;
use super::{Store, Writer};
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::manifest::{Edit, FileName, TableFile};
use crate::sync::Arc;

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
        if self.shared.options.compaction.is_beside() {
            return self.flush_beside(Flush::Always);
        }
        self.structural(Flush::Always, Shared::settle)
    }

    /// Changes which files make up the store, while no other thread does; flushes before.
    pub(super) fn structural<T>(
        &self,
        flush: Flush,
        work: impl FnOnce(&Shared, &mut Structure) -> Result<T>,
    ) -> Result<T> {
        let shared = &*self.shared;
        if shared.options.compaction.is_beside() {
            self.flush_beside(flush)?;
            return shared.restructure(|structure| work(shared, structure));
        }
        // Held to the end: nobody fills another memtable before this one is a segment.
        let mut writer = self.writer()?;
        shared.stopped.refuse()?;
        let flushes = shared.asks_for(flush, &writer);
        if flushes {
            shared.stop_on_error(shared.end_doubt(&mut writer))?;
        }
        shared.restructure(|structure| {
            if flushes {
                shared.flush_memtable(&mut writer, structure)?;
            }
            work(shared, structure)
        })
    }
}

/// Whether the memtable is flushed before a change of the structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Not,
    IfAny,
    /// And counted if there was nothing to flush.
    Always,
}

/// A log that nothing has been appended to.
pub(super) struct NextLog {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn File>,
}

impl Shared {
    /// Whether the memtable is to be flushed.
    pub(super) fn asks_for(&self, flush: Flush, writer: &Writer) -> bool {
        let is_empty = writer.memtable.is_empty();
        if is_empty && flush == Flush::Always {
            self.counters.empty_flushes.add(1);
        }
        !is_empty && flush != Flush::Not
    }

    /// Lets one thread change the structure.
    fn restructure<T>(&self, work: impl FnOnce(&mut Structure) -> Result<T>) -> Result<T> {
        let mut structure = self.take();
        self.stopped.refuse()?;
        let result = self.roll_manifest(&mut structure);
        self.stop_on_error(result.and_then(|()| work(&mut structure)))
    }

    /// The steps of the module's drawing.
    pub(super) fn flush_memtable(
        &self,
        writer: &mut Writer,
        structure: &mut Structure,
    ) -> Result<()> {
        let next = self.next_log(writer)?;
        let frozen = self.freeze(writer, next);
        self.flush_frozen(structure, &frozen)
    }

    /// Steps 1 and 2: the log that the writer goes on in once the memtable is frozen.
    pub(super) fn next_log(&self, writer: &mut Writer) -> Result<NextLog> {
        writer.log.sync()?;
        let number = self.file_numbers.take();
        let path = FileName::Log(number).path(&self.directory);
        let file = self.disk.create(&path).or_path(&path, "create the log")?;
        Ok(NextLog { number, path, file })
    }

    /// Step 3: the writer goes on in the next log, with an empty memtable in front of the frozen
    /// one.
    pub(super) fn freeze(&self, writer: &mut Writer, next: NextLog) -> Frozen {
        let log = writer.log.switch(next.file, next.path);
        writer.memtable_is_full = false;
        let full = std::mem::take(&mut writer.memtable).memtable();
        self.view.update(|view| View {
            memtable: writer.memtable.memtable(),
            frozen: Some(full.clone()),
            version: Arc::clone(&view.version),
        });
        Frozen {
            memtable: full,
            sequence: writer.sequence,
            log,
            next_log: next.number,
        }
    }

    /// Steps 4 to 8: the frozen memtable becomes a segment, and its log goes.
    pub(super) fn flush_frozen(&self, structure: &mut Structure, frozen: &Frozen) -> Result<()> {
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
