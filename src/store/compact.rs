//! Compaction by hand: everything into one sorted run in level 1, or into nothing.
//!
//! The order of effects is that of a flush: the new table is written and synced, then the
//! directory, then the manifest says so, then readers see it, and only then the inputs go.

use super::flush::Cause;
use super::output::Output;
use super::{Store, Writer};
use crate::compaction::{Direction, Merge, merge_all};
use crate::cursor::Cursor;
use crate::error::{OrPath, Result};
use crate::key::Kind;
use crate::manifest::{Edit, TableFile, Version};
use crate::sstable::TableCursor;
use crate::sync::Arc;

/// Below level 0, so that every later flush is newer by its level alone (LevelDB orders level 0
/// by file number, and the output's number is the newest).
const OUTPUT_LEVEL: usize = 1;

impl Store {
    /// Flushes, then merges all segments into one sorted run: the newest value of each key, no
    /// tombstones. A store without live keys is left without segments.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.flush()?;
    /// store.delete(b"k")?;
    /// store.compact()?;
    /// assert!(store.segments().is_empty());
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn compact(&self) -> Result<()> {
        self.structural(|store, writer| {
            if !store.view.read().memtable.is_empty() {
                store.flush_memtable(writer, Cause::Asked)?;
            }
            let version = Arc::clone(&store.view.read().version);
            if version.is_empty() {
                Ok(())
            } else {
                store.compact_all(writer, &version)
            }
        })
    }

    fn compact_all(&self, writer: &mut Writer, version: &Version) -> Result<()> {
        let output = self.write_merged(writer, version)?;
        let edit = Edit {
            deleted: version
                .oldest_to_newest()
                .map(|(level, file)| (level, file.meta.number))
                .collect(),
            added: output
                .iter()
                .map(|file| (OUTPUT_LEVEL, Arc::clone(&file.meta)))
                .collect(),
            ..Edit::default()
        };
        writer.log_edit(edit)?;
        let merged = Version::new(output.map(|file| (OUTPUT_LEVEL, Arc::new(file))))
            .expect("one file overlaps with no other");
        self.view.write().version = Arc::new(merged);
        self.counters.compactions.add(1);
        for (_, input) in version.oldest_to_newest() {
            let path = input.table.path();
            self.disk
                .remove(path)
                .or_path(path, "remove the merged segment")?;
        }
        Ok(())
    }

    /// The merge of all segments as a new table; `None` if nothing is left alive.
    fn write_merged(&self, writer: &mut Writer, version: &Version) -> Result<Option<TableFile>> {
        let mut cursors = Vec::new();
        for (_, file) in version.oldest_to_newest() {
            let mut cursor = TableCursor::new(Arc::clone(&file.table))?;
            cursor.seek_to_first()?;
            cursors.push(cursor);
        }
        let merge = Merge::new(cursors, Direction::Forward);
        let mut output = Output::new(self, writer);
        let dropped = merge_all(merge, &mut |user_key, sequence, value| {
            output.add(user_key, sequence, Kind::Put, value)
        })?;
        let output = output.finish()?;
        self.counters.versions_dropped.add(dropped.versions);
        self.counters.tombstones_dropped.add(dropped.tombstones);
        Ok(output.map(|output| output.file))
    }
}
