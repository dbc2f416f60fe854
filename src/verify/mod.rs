//! Looking for damage in a store's directory, or in one file of it, without changing a byte.
//!
//! ```text
//!   CURRENT -> manifest -> each table it names: every block, key, separator, filter (`tables.rs`)
//!                       -> the tables together: levels, ranges, age (`levels.rs`)
//!                       -> each log: every record, sequence numbers (`logs.rs`)
//!   what no file names: orphans, leftovers
//!   at last the store is opened read-only: what it refuses is found, whatever the reason
//! ```
//!
//! Invariants:
//! 1. Nothing on disk changes, and nothing is created.
//! 2. Damage is a finding, never a panic or an end: what follows it is still looked at.
//! 3. If a store would refuse to open, or would answer a get or a scan wrongly because bytes have
//!    changed since they were written, there is a finding. A finding of [`Severity::Damage`] is
//!    about what a store never writes; a [`Severity::Note`] about what a crash may leave, and
//!    the next opening mends.
//! 4. Memory is bounded by the largest record and block, by the index of a table for each
//!    level and each table of level 0, by the number of files, and by [`REPLAYED_BYTES`] of logs.
//!
//! It cannot see a newest log that was cut exactly between two records, for that is a shorter
//! history and no damage.

mod directory;
mod file;
mod findings;
mod leftovers;
mod levels;
mod logs;
mod tables;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::disk::{Disk, Files};
use crate::error::{OrPath, Result};
use findings::Findings;

/// The most bytes of logs with which a store is opened in the end, which takes as much memory.
const REPLAYED_BYTES: u64 = 64 << 20;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Bytes are not as they were written.
    Damage,
    /// What a crash may leave, or something worth knowing.
    Note,
}

/// Something amiss in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub path: PathBuf,
    /// Where in the file, in bytes from its start.
    pub offset: u64,
    /// What is amiss.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// What is amiss, in the order in which it was found. Of one file at most sixteen.
    pub findings: Vec<Finding>,
    /// How many tables were read, and how many entries they hold.
    pub tables: u64,
    /// See `tables`.
    pub entries: u64,
    /// How many logs were read, and how many changes they hold.
    pub logs: u64,
    /// See `logs`.
    pub changes: u64,
    /// The size of all files that were read.
    pub bytes: u64,
}

impl Verification {
    /// Whether no damage was found; notes do not count.
    pub fn is_intact(&self) -> bool {
        let damage = |finding: &Finding| finding.severity == Severity::Damage;
        !self.findings.iter().any(damage)
    }
}

/// Verifies a store's directory, or one file of it. Only what keeps it from looking is an error:
/// a directory that cannot be listed, holds no store, or is open elsewhere to be written.
///
/// ```
/// # let scratch = tempfile::tempdir().unwrap();
/// # let directory = scratch.path().join("store");
/// use etalon::{Options, Store};
///
/// let store = Store::open(&directory, Options::default())?;
/// store.put(b"k", b"v")?;
/// store.flush()?;
/// store.close()?;
/// let verified = etalon::verify(&directory)?;
/// assert!(verified.is_intact());
/// assert_eq!((verified.tables, verified.entries), (1, 1));
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn verify(path: impl AsRef<Path>) -> Result<Verification> {
    verify_on(Files, path)
}

/// Verifies what is on some disk.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, verify_on};
///
/// let disk = MemoryDisk::default();
/// let store = Store::open_on(disk.clone(), "dir", Options::default())?;
/// store.put(b"k", b"v")?;
/// store.flush()?;
/// store.close()?;
/// let table = disk.paths().into_iter().find(|path| path.ends_with("000004.ldb")).unwrap();
/// let mut bytes = disk.read_file(&table).unwrap();
/// bytes[3] ^= 1;
/// disk.write_file(&table, &bytes);
/// let verified = verify_on(disk, "dir")?;
/// assert_eq!(verified.findings[0].path, table);
/// assert_eq!(verified.findings[0].what, "the checksum of a block does not match");
/// # Ok::<(), etalon::Error>(())
/// ```
#[expect(
    clippy::needless_pass_by_value,
    reason = "as `Store::open_on` takes it"
)]
pub fn verify_on(
    disk: impl Disk + Clone + 'static,
    path: impl AsRef<Path>,
) -> Result<Verification> {
    let path = path.as_ref();
    let mut totals = Verification::default();
    let mut findings = Findings::default();
    match disk.list(path) {
        Ok(_) => directory::directory(&disk, path, &mut totals, &mut findings)?,
        Err(_) if disk.open(path).is_ok() => {
            file::file(&disk, path, &mut totals, &mut findings)?;
        }
        Err(error) => return Err(error).or_path(path, "list the directory"),
    }
    totals.findings = findings.into_list();
    Ok(totals)
}
