//! Segments in the making, for flush and compaction alike.
//!
//! A file comes into being with its first entry, so a compaction that keeps nothing leaves no
//! file. When `finish` returns, the files and their names are durable; nothing refers to them
//! yet. Several are synced together at the end: the disk is then asked to wait once.

use super::{Store, Writer};
use crate::compaction::{Fate, Retain};
use crate::cursor::Cursor;
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::key::split;
use crate::manifest::{FileMeta, FileName, TableFile};
use crate::memtable::MemtableCursor;
use crate::sync::Arc;

/// A segment that is durable.
pub(super) struct Finished {
    pub(super) file: TableFile,
    pub(super) only_tombstones: bool,
}

/// See the module.
pub(super) struct Output<'a> {
    store: &'a Store,
    writer: &'a mut Writer,
    begun: Option<(u64, Arc<dyn File>)>,
    /// Files that have ended and are not synced.
    ended: Vec<(Arc<dyn File>, Finished)>,
}

impl<'a> Output<'a> {
    pub(super) fn new(store: &'a Store, writer: &'a mut Writer) -> Self {
        Output {
            store,
            writer,
            begun: None,
            ended: Vec::new(),
        }
    }

    /// Adds the versions of a memtable that somebody can still see; see [`Retain`].
    pub(super) fn add_needed(
        &mut self,
        versions: &mut MemtableCursor,
        snapshots: &[u64],
    ) -> Result<()> {
        let mut retain = Retain::new(snapshots);
        let (mut decided, mut any) = (std::mem::take(&mut self.writer.key), false);
        versions.seek_to_first()?;
        while versions.valid() {
            let internal_key = versions.key();
            let (user_key, sequence, kind) = split(internal_key).expect("made by the memtable");
            if !any || decided != user_key {
                any = true;
                decided.clear();
                decided.extend_from_slice(user_key);
                retain.next_key();
            }
            // What a tombstone hides may be in any segment.
            if retain.decide(sequence, kind, || false) == Fate::Kept {
                self.add(internal_key, versions.value())?;
            }
            versions.next()?;
        }
        self.writer.key = decided;
        Ok(())
    }

    /// Adds an entry, after all before it in the order of internal keys.
    #[inline]
    pub(super) fn add(&mut self, internal_key: &[u8], value: &[u8]) -> Result<()> {
        if self.begun.is_none() {
            self.begin()?;
        }
        self.writer.table.add(internal_key, value)
    }

    /// How many bytes it has so far; 0 before its first entry.
    #[inline]
    pub(super) fn bytes(&self) -> u64 {
        if self.begun.is_some() {
            self.writer.table.size()
        } else {
            0
        }
    }

    fn begin(&mut self) -> Result<()> {
        let number = self.writer.new_file_number();
        let path = FileName::Table(number).path(&self.store.directory);
        let file = self
            .store
            .disk
            .create(&path)
            .or_path(&path, "create the segment")?;
        self.writer.table.begin(Arc::clone(&file), path);
        self.begun = Some((number, file));
        Ok(())
    }

    /// Ends the file; the next entry begins another one.
    pub(super) fn cut(&mut self) -> Result<()> {
        let Some((number, file)) = self.begun.take() else {
            return Ok(());
        };
        let summary = self.writer.table.finish()?;
        let table = Arc::new(self.store.handles.bound(self.writer.table.table()));
        let only_tombstones = summary.tombstones == summary.entries;
        let meta = Arc::new(FileMeta {
            number,
            size: summary.size,
            smallest: summary.first_key,
            largest: summary.last_key,
        });
        let finished = Finished {
            file: TableFile { meta, table },
            only_tombstones,
        };
        self.ended.push((file, finished));
        Ok(())
    }

    /// Ends the file and makes all files and their names durable: none if there was no entry.
    pub(super) fn finish(mut self) -> Result<impl ExactSizeIterator<Item = Finished>> {
        self.cut()?;
        for (file, finished) in &self.ended {
            let path = finished.file.table.path();
            file.sync().or_path(path, "sync the segment")?;
        }
        if !self.ended.is_empty() {
            self.store.sync_directory()?;
        }
        Ok(self.ended.into_iter().map(|(_, finished)| finished))
    }
}
