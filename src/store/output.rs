//! A segment in the making, for flush and compaction alike.
//!
//! Its file comes into being with its first entry, so a compaction that keeps nothing leaves no
//! file. When `finish` returns, the file and its name are durable; nothing refers to it yet.

use super::{Store, Writer};
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::key::{self, Kind};
use crate::manifest::{FileMeta, FileName, TableFile};
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
}

impl<'a> Output<'a> {
    pub(super) fn new(store: &'a Store, writer: &'a mut Writer) -> Self {
        Output {
            store,
            writer,
            begun: None,
        }
    }

    /// Adds an entry, after all before it in the order of internal keys.
    pub(super) fn add(
        &mut self,
        user_key: &[u8],
        sequence: u64,
        kind: Kind,
        value: &[u8],
    ) -> Result<()> {
        if self.begun.is_none() {
            self.begin()?;
        }
        key::set(&mut self.writer.internal_key, user_key, sequence, kind);
        self.writer.table.add(&self.writer.internal_key, value)
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

    /// Ends the file and makes it durable. `None` if there was no entry.
    pub(super) fn finish(self) -> Result<Option<Finished>> {
        let Some((number, file)) = self.begun else {
            return Ok(None);
        };
        let summary = self.writer.table.finish()?;
        let table = Arc::new(self.store.handles.bound(self.writer.table.table()));
        file.sync().or_path(table.path(), "sync the segment")?;
        self.store.sync_directory()?;
        let only_tombstones = summary.tombstones == summary.entries;
        let meta = Arc::new(FileMeta {
            number,
            size: summary.size,
            smallest: summary.first_key,
            largest: summary.last_key,
        });
        let file = TableFile { meta, table };
        Ok(Some(Finished {
            file,
            only_tombstones,
        }))
    }
}
