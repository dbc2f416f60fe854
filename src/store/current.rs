//! The manifest that counts: beginning one, and replacing one that has grown.
//!
//! ```text
//!   1 the manifest: one edit that says everything      4 renamed to CURRENT
//!   2 it is synced, then the directory                 5 the directory is synced
//!   3 a temporary file with its name, synced           6 only now the old manifest may go
//! ```
//!
//! Invariants:
//! 1. What the edit names is durable before the manifest is begun: the tables, the log, and their
//!    names in the directory.
//! 2. Until 4 is durable the old manifest counts, and from 4 on either may be the one that a crash
//!    leaves. They say the same, and nothing is appended to either before 5.

use std::ffi::OsString;
use std::path::Path;

use super::shared::Shared;
use super::structure::Structure;
use crate::disk::Disk;
use crate::error::{OrPath, Result};
use crate::log::LogWriter;
use crate::manifest::{COMPARATOR, Edit, FileName, NAME_BYTES};

/// Steps 1 to 5.
pub(crate) fn install_manifest(
    disk: &dyn Disk,
    directory: &Path,
    number: u64,
    edit: Edit,
    next_file: u64,
) -> Result<LogWriter> {
    let path = FileName::Manifest(number).path(directory);
    let file = disk.create(&path).or_path(&path, "create the manifest")?;
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
    sync_directory(disk, directory)?;
    make_current(disk, directory, number)?;
    Ok(manifest)
}

/// Steps 3 to 5.
fn make_current(disk: &dyn Disk, directory: &Path, number: u64) -> Result<()> {
    let temporary = FileName::Temporary(number).path(directory);
    let current = FileName::Current.path(directory);
    let file = disk
        .create(&temporary)
        .or_path(&temporary, "create the file")?;
    let mut line = OsString::with_capacity(NAME_BYTES + 1);
    FileName::Manifest(number).write(&mut line);
    line.push("\n");
    file.append(line.as_encoded_bytes())
        .or_path(&temporary, "write the file")?;
    file.sync().or_path(&temporary, "sync the file")?;
    disk.rename(&temporary, &current)
        .or_path(&temporary, "rename the file to CURRENT")?;
    sync_directory(disk, directory)
}

pub(super) fn sync_directory(disk: &dyn Disk, directory: &Path) -> Result<()> {
    disk.sync_directory(directory)
        .or_path(directory, "sync the directory")
}

impl Shared {
    /// Puts a new manifest in the place of one that has reached its size. It says what the old
    /// one says; what is about to change is appended to it.
    pub(super) fn roll_manifest(&self, structure: &mut Structure) -> Result<()> {
        let limit = self
            .options
            .manifest_bytes
            .max(2 * structure.manifest_begin);
        if structure.manifest.end() < limit {
            return Ok(());
        }
        let version = self.version();
        let edit = Edit {
            log_number: Some(structure.log_number),
            last_sequence: Some(structure.flushed_sequence),
            ..version.snapshot()
        };
        let number = self.file_numbers.take();
        let next_file = self.file_numbers.next();
        let next = install_manifest(&*self.disk, &self.directory, number, edit, next_file)?;
        structure.manifest_begin = next.end();
        let old = std::mem::replace(&mut structure.manifest, next);
        self.disk
            .remove(old.path())
            .or_path(old.path(), "remove the old manifest")
    }
}
