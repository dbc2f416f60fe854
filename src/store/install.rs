//! Making a directory this handle's own, in an order that no crash can hurt.
//!
//! ```text
//!   new store                              existing store
//!   1 manifest naming log 0, durable       1 what the logs hold, copied into a new log, durable
//!   2 CURRENT, durable                     2 a new manifest naming it, durable
//!   3 the first log                        3 CURRENT, durable
//!                                          4 old manifest, old logs, orphans removed
//! ```
//!
//! A log is always copied, even one that ends cleanly, so that nothing is ever appended to a file
//! whose end is in doubt. The copy gets its name only when it is whole and durable, so that an
//! interrupted opening is harmless (`recover`, invariant 3).

use std::path::{Path, PathBuf};

use super::open::Opening;
use super::recover::Recovered;
use super::{Batch, Writer};
use crate::disk::File;
use crate::error::{Error, OrPath, Result};
use crate::log::{LogReader, LogWriter, Step};
use crate::manifest::{COMPARATOR, Edit, FileName, NAME_BYTES};
use crate::options::Options;
use crate::sstable::TableWriter;
use crate::sync::Arc;

impl Opening {
    /// Makes a new, empty store.
    pub(super) fn create(
        &self,
        names: &[FileName],
        options: &Options,
    ) -> Result<(Recovered, Writer)> {
        // A crash while a store was being created may have left a manifest that never counted.
        let remains = names
            .iter()
            .filter_map(|name| name.number())
            .max()
            .unwrap_or(0);
        let mut next_file = remains + 1;
        let manifest_number = take(&mut next_file);
        let edit = Edit {
            log_number: Some(0),
            last_sequence: Some(0),
            ..Edit::default()
        };
        let manifest = self.install_manifest(manifest_number, edit, next_file)?;
        let log_number = take(&mut next_file);
        let log_path = self.path(FileName::Log(log_number));
        let log = self
            .disk
            .create(&log_path)
            .or_path(&log_path, "create the log")?;
        self.sync_directory()?;
        self.remove_all_but(names, &[FileName::Lock])?;
        let recovered = Recovered::default();
        let log = LogWriter::new(log, log_path, 0);
        let writer = new_writer(log, manifest, next_file, 0, options);
        Ok((recovered, writer))
    }

    /// Makes an existing store this handle's.
    pub(super) fn take_over(
        &self,
        mut recovered: Recovered,
        names: &[FileName],
        options: &Options,
    ) -> Result<(Recovered, Writer)> {
        let next_file = &mut recovered.next_file;
        let log_number = take(next_file);
        let log_path = self.path(FileName::Log(log_number));
        let temporary = self.path(FileName::Temporary(log_number));
        let (file, end) = self.copy_logs(&recovered.logs, &temporary)?;
        self.disk
            .rename(&temporary, &log_path)
            .or_path(&temporary, "rename the log")?;
        let log = LogWriter::new(file, log_path, end);
        self.sync_directory()?;

        let manifest_number = take(next_file);
        let edit = Edit {
            log_number: Some(log_number),
            last_sequence: Some(recovered.flushed_sequence),
            ..recovered.version.snapshot()
        };
        let manifest = self.install_manifest(manifest_number, edit, *next_file)?;
        let mut kept: Vec<FileName> = recovered
            .version
            .oldest_to_newest()
            .flat_map(|(_, file)| {
                [
                    FileName::Table(file.meta.number),
                    FileName::OldTable(file.meta.number),
                ]
            })
            .chain([FileName::Lock, FileName::Current])
            .collect();
        kept.sort_unstable();
        self.remove_all_but(names, &kept)?;
        let sequence = recovered.last_sequence;
        let writer = new_writer(log, manifest, *next_file, sequence, options);
        Ok((recovered, writer))
    }

    /// Copies the good records of the logs into a new file, and makes its bytes durable.
    fn copy_logs(&self, logs: &[(PathBuf, usize)], to: &Path) -> Result<(Arc<dyn File>, u64)> {
        let file = self.disk.create(to).or_path(to, "create the log")?;
        let mut copy = LogWriter::new(Arc::clone(&file), to.to_path_buf(), 0);
        for (path, records) in logs {
            let from = self.disk.open(path).or_path(path, "open the log")?;
            let mut reader = LogReader::new(from, path.clone())?;
            for _ in 0..*records {
                match reader.step()? {
                    Step::Record(record) => copy.append(record.bytes)?,
                    Step::Bad(bad) => return Err(bad.error(path)),
                    Step::End { offset, .. } => {
                        return Err(Error::damaged(path, offset, "was longer a moment ago"));
                    }
                }
            }
        }
        copy.sync()?;
        Ok((file, copy.end()))
    }

    /// Writes a manifest of one edit, makes it durable, and makes it the one that counts.
    fn install_manifest(&self, number: u64, edit: Edit, next_file: u64) -> Result<LogWriter> {
        let path = self.path(FileName::Manifest(number));
        let file = self
            .disk
            .create(&path)
            .or_path(&path, "create the manifest")?;
        let mut manifest = LogWriter::new(file, path, 0);
        let edit = Edit {
            comparator: Some(COMPARATOR.to_vec()),
            previous_log: Some(0),
            next_file: Some(next_file),
            ..edit
        };
        let mut record = Vec::with_capacity(64);
        edit.encode(&mut record);
        manifest.append(&record)?;
        manifest.sync()?;
        self.sync_directory()?;

        let temporary = self.path(FileName::Temporary(number));
        let current = self.path(FileName::Current);
        let file = self
            .disk
            .create(&temporary)
            .or_path(&temporary, "create the file")?;
        let mut buffer = [0; NAME_BYTES];
        let mut line = Vec::with_capacity(NAME_BYTES + 1);
        line.extend_from_slice(FileName::Manifest(number).write(&mut buffer).as_bytes());
        line.push(b'\n');
        file.append(&line).or_path(&temporary, "write the file")?;
        file.sync().or_path(&temporary, "sync the file")?;
        self.disk
            .rename(&temporary, &current)
            .or_path(&temporary, "rename the file to CURRENT")?;
        self.sync_directory()?;
        Ok(manifest)
    }

    /// Removes the files that were there before, but for those kept, which are in order.
    fn remove_all_but(&self, names: &[FileName], kept: &[FileName]) -> Result<()> {
        for name in names
            .iter()
            .filter(|name| kept.binary_search(name).is_err())
        {
            let path = self.path(*name);
            self.disk.remove(&path).or_path(&path, "remove the file")?;
        }
        Ok(())
    }
}

fn new_writer(
    log: LogWriter,
    manifest: LogWriter,
    next_file: u64,
    sequence: u64,
    options: &Options,
) -> Writer {
    Writer {
        log,
        manifest,
        next_file,
        sequence,
        table: TableWriter::new(options.table()),
        internal_key: Vec::new(),
        batch: Batch::default(),
        stopped: None,
    }
}

fn take(next_file: &mut u64) -> u64 {
    let number = *next_file;
    *next_file += 1;
    number
}
