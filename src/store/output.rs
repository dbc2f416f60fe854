//! Segments in the making, for flush and compaction alike.
//!
//! A file comes into being with its first entry, so a compaction that keeps nothing leaves no
//! file. When `finish` returns, the files and their names are durable; nothing refers to them
//! yet. Several are synced together at the end: the disk is then asked to wait once.

use super::shared::Shared;
use super::structure::Structure;
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
    shared: &'a Shared,
    structure: &'a mut Structure,
    begun: Option<(u64, Arc<dyn File>)>,
    /// Files that have ended and are not synced.
    ended: Vec<(Arc<dyn File>, Finished)>,
}

impl<'a> Output<'a> {
    pub(super) fn new(shared: &'a Shared, structure: &'a mut Structure) -> Self {
        Output {
            shared,
            structure,
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
        let (mut decided, mut any) = (std::mem::take(&mut self.structure.key), false);
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
        self.structure.key = decided;
        Ok(())
    }

    /// Adds an entry, after all before it in the order of internal keys.
    #[inline]
    pub(super) fn add(&mut self, internal_key: &[u8], value: &[u8]) -> Result<()> {
        if self.begun.is_none() {
            self.begin()?;
        }
        self.structure.table.add(internal_key, value)
    }

    /// How many bytes it has so far; 0 before its first entry.
    #[inline]
    pub(super) fn bytes(&self) -> u64 {
        if self.begun.is_some() {
            self.structure.table.size()
        } else {
            0
        }
    }

    fn begin(&mut self) -> Result<()> {
        let number = self.shared.file_numbers.take();
        let path = FileName::Table(number).path(&self.shared.directory);
        let file = self
            .shared
            .disk
            .create(&path)
            .or_path(&path, "create the segment")?;
        self.structure.table.begin(Arc::clone(&file), path);
        self.begun = Some((number, file));
        Ok(())
    }

    /// Ends the file; the next entry begins another one.
    pub(super) fn cut(&mut self) -> Result<()> {
        let Some((number, file)) = self.begun.take() else {
            return Ok(());
        };
        let summary = self.structure.table.finish()?;
        let table = Arc::new(self.shared.handles.bound(self.structure.table.table()));
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

    /// Between two files, flushes the memtable that waits for it, if there is one: no writer shall
    /// stand still until a long compaction has come to its end.
    pub(super) fn give_way(&mut self) -> Result<()> {
        debug_assert!(self.begun.is_none(), "the table writer is free");
        self.shared.flush_what_waits(self.structure).map(drop)
    }

    /// Ends the file and makes all files and their names durable: none if there was no entry.
    pub(super) fn finish(mut self) -> Result<impl ExactSizeIterator<Item = Finished>> {
        self.cut()?;
        for (file, finished) in &self.ended {
            let path = finished.file.table.path();
            file.sync().or_path(path, "sync the segment")?;
        }
        if !self.ended.is_empty() {
            self.shared.sync_directory()?;
        }
        Ok(self.ended.into_iter().map(|(_, finished)| finished))
    }
}
