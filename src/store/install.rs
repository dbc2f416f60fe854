//! Making a directory this handle's own, in an order that no crash can hurt.
//!
//! ```text
//!   new store                              existing store
//!   1 the directory's own name, durable    1 a log that holds what the logs did (`adopt`)
//!   2 manifest naming log 0, durable       2 a new manifest naming it, durable
//!   3 CURRENT, durable                     3 CURRENT, durable
//!   4 the first log                        4 old manifest, old logs, orphans removed
//! ```
//!
//! After a loss (`losses`), what goes at 4 has got a second name in `lost/` before 1.

use std::io::ErrorKind;
use std::path::Path;

use super::adopt::Adopted;
use super::current::{install_manifest, sync_directory};
use super::open::Opening;
use super::recover::{Recovered, highest_number};
use super::structure::{FileNumbers, Structure};
use super::{Batch, Writer};
use crate::error::{OrPath, Result};
use crate::log::LogWriter;
use crate::manifest::{Edit, FileName, Version};
use crate::memtable::MemtableWriter;
use crate::options::Options;
use crate::sstable::TableWriter;

impl Opening {
    /// Makes a new, empty store.
    pub(super) fn create(
        &self,
        names: &[FileName],
        options: &Options,
    ) -> Result<(Recovered, Changing)> {
        // An earlier opening may have created the directory and died, so this is always done.
        if let Some(parent) = self.directory.parent() {
            let name = if parent.as_os_str().is_empty() {
                Path::new(".")
            } else {
                parent
            };
            let synced = self.disk.sync_directory(parent);
            synced.or_path(name, "sync the directory that the store is in")?;
        }
        // A crash while a store was being created may have left a manifest that never counted.
        let mut next_file = highest_number(&self.directory, names)? + 1;
        let manifest_number = take(&mut next_file);
        let edit = Edit {
            log_number: Some(0),
            last_sequence: Some(0),
            ..Edit::default()
        };
        let manifest = install_manifest(
            &*self.disk,
            &self.directory,
            manifest_number,
            edit,
            next_file,
        )?;
        let log_number = take(&mut next_file);
        let log_path = self.path(FileName::Log(log_number));
        let log = self
            .disk
            .create(&log_path)
            .or_path(&log_path, "create the log")?;
        self.sync_directory()?;
        let recovered = Recovered::default();
        self.remove(&not_needed(names, &recovered.version, None))?;
        let log = LogWriter::new(log, log_path, 0);
        let begun = Begun {
            log,
            log_number,
            manifest,
            next_file,
        };
        Ok((recovered, begun.changing(0, options)))
    }

    /// Makes an existing store this handle's.
    pub(super) fn take_over(
        &self,
        mut recovered: Recovered,
        names: &[FileName],
        options: &Options,
    ) -> Result<(Recovered, Changing)> {
        let adopted = Adopted::of(&recovered);
        let gone = not_needed(names, &recovered.version, adopted.name());
        if recovered.any_loss {
            self.keep_in_lost(&gone)?;
        }
        let (log_number, log) = self.adopt(&adopted, &mut recovered)?;
        let manifest_number = recovered.take_number();
        let edit = Edit {
            log_number: Some(log_number),
            last_sequence: Some(recovered.flushed_sequence),
            ..recovered.version.snapshot()
        };
        let manifest = install_manifest(
            &*self.disk,
            &self.directory,
            manifest_number,
            edit,
            recovered.next_file,
        )?;
        self.remove(&gone)?;
        let sequence = recovered.last_sequence;
        let begun = Begun {
            log,
            log_number,
            manifest,
            next_file: recovered.next_file,
        };
        let mut changing = begun.changing(sequence, options);
        changing.structure.flushed_sequence = recovered.flushed_sequence;
        changing.writer.memtable = recovered.memtable.take().unwrap_or_default();
        changing.writer.memtable_is_full =
            changing.writer.memtable.bytes() >= options.memtable_bytes;
        Ok((recovered, changing))
    }

    fn remove(&self, gone: &[FileName]) -> Result<()> {
        for name in gone {
            let path = self.path(*name);
            self.disk.remove(&path).or_path(&path, "remove the file")?;
        }
        Ok(())
    }

    /// Gives files that are about to be removed a second name in `lost/`: something in them is
    /// lost, and nobody has looked yet.
    fn keep_in_lost(&self, gone: &[FileName]) -> Result<()> {
        let lost = self.directory.join("lost");
        let created = self.disk.create_directory(&lost);
        created.or_path(&lost, "create the directory")?;
        for name in gone {
            let (from, to) = (self.path(*name), name.path(&lost));
            match self.disk.link(&from, &to) {
                // By an opening that was interrupted: numbers are never used again.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                linked => linked.or_path(&to, "keep the damaged file in lost/")?,
            }
        }
        sync_directory(&*self.disk, &lost)?;
        self.sync_directory()
    }
}

/// The files that the store does not consist of any more once it is this handle's.
fn not_needed(names: &[FileName], version: &Version, log: Option<FileName>) -> Vec<FileName> {
    let mut kept: Vec<FileName> = version
        .oldest_to_newest()
        .flat_map(|(_, file)| {
            [
                FileName::Table(file.meta.number),
                FileName::OldTable(file.meta.number),
            ]
        })
        .chain([FileName::Lock, FileName::Current])
        .chain(log)
        .collect();
    kept.sort_unstable();
    let gone = names
        .iter()
        .filter(|name| kept.binary_search(name).is_err());
    gone.copied().collect()
}

/// The new log with its number, and the manifest.
struct Begun {
    log: LogWriter,
    log_number: u64,
    manifest: LogWriter,
    next_file: u64,
}

/// What changes a store.
pub(super) struct Changing {
    pub(super) writer: Writer,
    pub(super) structure: Structure,
    pub(super) file_numbers: FileNumbers,
}

impl Begun {
    fn changing(self, sequence: u64, options: &Options) -> Changing {
        Changing {
            writer: Writer {
                memtable: MemtableWriter::default(),
                log: self.log,
                sequence,
                memtable_is_full: false,
                batch: Batch::default(),
            },
            structure: Structure {
                manifest_begin: self.manifest.end(),
                manifest: self.manifest,
                log_number: self.log_number,
                flushed_sequence: sequence,
                table: TableWriter::new(options.table()),
                record: Vec::new(),
                key: Vec::new(),
                obsolete: Vec::new(),
            },
            file_numbers: FileNumbers::starting_at(self.next_file),
        }
    }
}

fn take(next_file: &mut u64) -> u64 {
    let number = *next_file;
    *next_file += 1;
    number
}
