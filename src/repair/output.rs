//! The new directory: tables, runs that are only needed until the merge is done, and in the end
//! what makes it a store.
//!
//! Order of effects: tables, each synced; the runs go; the directory synced; the manifest, synced;
//! the directory synced; `CURRENT` under another name, synced; its rename; the directory synced.

use std::path::Path;

use super::Repair;
use super::gather::Run;
use crate::disk::{Disk, File};
use crate::error::{OrPath, Result};
use crate::manifest::{Edit, FileMeta, FileName};
use crate::options::Options;
use crate::sstable::TableWriter;
use crate::store::install_manifest;
use crate::sync::Arc;

/// A table ends when its keys and values have reached this size.
const TABLE_BYTES: usize = 2 << 20;

/// The deepest level: it may be as large as it likes, and all that comes later is newer.
const LEVEL: usize = 6;

/// See the module.
pub(super) struct Output<'a> {
    disk: &'a dyn Disk,
    directory: &'a Path,
    writer: TableWriter,
    next_file: u64,
    begun: Option<(u64, Arc<dyn File>)>,
    /// Of the table that has begun.
    bytes: usize,
    tables: Vec<Arc<FileMeta>>,
    runs: Vec<u64>,
}

impl<'a> Output<'a> {
    pub(super) fn new(disk: &'a dyn Disk, directory: &'a Path) -> Self {
        Output {
            disk,
            directory,
            writer: TableWriter::new(Options::default().table()),
            next_file: 1,
            begun: None,
            bytes: 0,
            tables: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds an entry to the table that has begun, or begins one.
    pub(super) fn add(&mut self, internal_key: &[u8], value: &[u8]) -> Result<()> {
        if self.begun.is_none() {
            let number = self.take_number();
            let path = FileName::Table(number).path(self.directory);
            let file = self.disk.create(&path).or_path(&path, "create the table")?;
            self.writer.begin(Arc::clone(&file), path);
            self.begun = Some((number, file));
        }
        self.bytes += internal_key.len() + value.len();
        self.writer.add(internal_key, value)
    }

    /// Ends the table if it is long enough.
    pub(super) fn cut_if_full(&mut self) -> Result<()> {
        if self.bytes >= TABLE_BYTES {
            self.finish_table()?;
        }
        Ok(())
    }

    /// Ends the table as a run of entries that are merged later.
    pub(super) fn finish_run(&mut self) -> Result<Option<Run>> {
        let Some((meta, _)) = self.finish()? else {
            return Ok(None);
        };
        self.runs.push(meta.number);
        Ok(Some(Run {
            path: FileName::Table(meta.number).path(self.directory),
            first: meta.smallest,
            last: meta.largest,
        }))
    }

    /// Ends the table as one of the new store.
    fn finish_table(&mut self) -> Result<()> {
        if let Some((meta, file)) = self.finish()? {
            let path = FileName::Table(meta.number).path(self.directory);
            file.sync().or_path(&path, "sync the table")?;
            self.tables.push(Arc::new(meta));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Option<(FileMeta, Arc<dyn File>)>> {
        self.bytes = 0;
        let Some((number, file)) = self.begun.take() else {
            return Ok(None);
        };
        let summary = self.writer.finish()?;
        let meta = FileMeta {
            number,
            size: summary.size,
            smallest: summary.first_key,
            largest: summary.last_key,
        };
        Ok(Some((meta, file)))
    }

    fn take_number(&mut self) -> u64 {
        let number = self.next_file;
        self.next_file += 1;
        number
    }

    fn sync_directory(&self) -> Result<()> {
        self.disk
            .sync_directory(self.directory)
            .or_path(self.directory, "sync the directory")
    }

    /// Makes the directory a store.
    pub(super) fn install(mut self, repair: &mut Repair) -> Result<()> {
        self.finish_table()?;
        for run in &self.runs {
            let path = FileName::Table(*run).path(self.directory);
            self.disk.remove(&path).or_path(&path, "remove the run")?;
        }
        self.sync_directory()?;
        repair.tables = self.tables.len() as u64;
        repair.bytes = self.tables.iter().map(|meta| meta.size).sum();
        let edit = Edit {
            log_number: Some(0),
            last_sequence: Some(repair.last_sequence),
            added: self
                .tables
                .iter()
                .map(|meta| (LEVEL, Arc::clone(meta)))
                .collect(),
            ..Edit::default()
        };
        let number = self.take_number();
        install_manifest(self.disk, self.directory, number, edit, self.next_file)?;
        Ok(())
    }
}
