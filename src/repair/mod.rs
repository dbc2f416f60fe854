//! Saving what is intact of a damaged store into a new one.
//!
//! ```text
//!   DIR:  intact tables ----------------------------.
//!         damaged tables --blocks that are good--.  |
//!         logs --records up to the first bad--.  |  |         NEW:
//!                                             v  v  v
//!                                     sorted runs, merged --> one run in the deepest level
//! ```
//!
//! Invariants:
//! 1. The original is only read; no file of it is changed, created or locked against readers.
//! 2. Of each key the change with the greatest sequence number among all that was saved counts,
//!    whatever level or file it was in.
//! 3. Everything that is left out, or may be too much, is said ([`Remark`]).
//! 4. NEW becomes a store by the last step, and is opened once to see that it is one: until its
//!    `CURRENT` is there, nothing opens it.
//! 5. Memory is bounded by the largest record and block, by [`sorter::SORTED_BYTES`], by the index
//!    of as many tables as overlap at one key, and by the number of files.
//!
//! It cannot know what stood in what is lost: where the newest change of a key is lost, an older
//! one comes back. And without a manifest nobody knows which tables are obsolete, so that deleted
//! keys may return from them.

mod gather;
mod merge;
mod output;
mod plan;
mod sorter;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, Files};
use crate::error::{Error, OrPath, Result};
use crate::inspect::lock_shared;
use crate::manifest::FileName;
use crate::options::Options;
use crate::store::Store;
use gather::gather;
use output::Output;
use plan::Plan;

/// The most remarks of one kind about a file in a row; one more says that there were others.
const REMARKS: usize = 100;

/// What became of something in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It cannot be read, so it is not in the new store.
    Lost,
    /// It is in the new store, and may be too much, or too old.
    Suspect,
    /// It is not in the new store, as it was not in the old one.
    LeftOut,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Fate::Lost => "lost",
            Fate::Suspect => "suspect",
            Fate::LeftOut => "left out",
        })
    }
}

/// Something to know of a file of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What became of it.
    pub fate: Fate,
    /// The file.
    pub path: PathBuf,
    /// Where in the file, in bytes from its start.
    pub offset: u64,
    /// What it is, and why.
    pub what: String,
}

/// What was saved, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Everything that is not simply saved.
    pub remarks: Vec<Remark>,
    /// How many keys the new store has.
    pub keys: u64,
    /// In how many tables.
    pub tables: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The newest change known of, saved or not.
    pub last_sequence: u64,
}

impl Repair {
    /// Whether nothing is lost, and nothing suspect.
    pub fn is_complete(&self) -> bool {
        let left_out = |remark: &Remark| remark.fate == Fate::LeftOut;
        self.remarks.iter().all(left_out)
    }

    fn remark(&mut self, fate: Fate, path: &Path, offset: u64, what: impl Into<String>) {
        let same_file = |remark: &&Remark| remark.path == path && remark.fate == fate;
        let count = self.remarks.iter().rev().take_while(same_file).count();
        let what = match count {
            ..REMARKS => what.into(),
            REMARKS => "and more of the kind".into(),
            _ => return,
        };
        self.remarks.push(Remark {
            fate,
            path: path.to_path_buf(),
            offset,
            what,
        });
    }
}

/// Saves what is intact of the store in `from` into a new store in `to`, which must be empty or
/// not there.
///
/// ```
/// # let scratch = tempfile::tempdir().unwrap();
/// # let (directory, new) = (scratch.path().join("store"), scratch.path().join("new"));
/// use etalon::{Options, Store};
///
/// let store = Store::open(&directory, Options::default())?;
/// store.put(b"k", b"v")?;
/// store.flush()?;
/// store.close()?;
/// std::fs::remove_file(directory.join("CURRENT")).unwrap();
/// assert!(Store::open(&directory, Options::default()).is_err());
///
/// let repair = etalon::repair(&directory, &new)?;
/// assert_eq!(repair.keys, 1);
/// assert!(!repair.is_complete(), "CURRENT was lost, and it says so");
/// assert_eq!(Store::open(&new, Options::default())?.get(b"k")?, Some(b"v".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn repair(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<Repair> {
    repair_on(Files, from, to)
}

/// The same on some disk.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk, repair_on};
///
/// let disk = MemoryDisk::default();
/// Store::open_on(disk.clone(), "dir", Options::default())?.put(b"k", b"v")?;
/// let repair = repair_on(disk.clone(), "dir", "new")?;
/// assert!(repair.is_complete());
/// assert_eq!(Store::open_on(disk, "new", Options::default())?.get(b"k")?, Some(b"v".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
pub fn repair_on(
    disk: impl Disk + Clone + 'static,
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
) -> Result<Repair> {
    let (from, to) = (from.as_ref(), to.as_ref());
    let _lock = lock_shared(&disk, from)?;
    let listed = disk.list(from).or_path(from, "list the directory")?;
    let names = listed.iter().filter_map(|name| FileName::parse(name));
    let names: Vec<FileName> = names.filter(|name| *name != FileName::Lock).collect();
    if names.is_empty() {
        return Err(Error::NotAStore {
            path: from.to_path_buf(),
        });
    }
    make_room(&disk, from, to)?;
    let mut repair = Repair::default();
    let plan = Plan::new(&disk, from, names, &mut repair);
    let mut output = Output::new(&disk, to);
    let runs = gather(&disk, &plan, &mut output, &mut repair)?;
    merge::merge(&disk, &runs, &mut output, &mut repair)?;
    output.install(&mut repair)?;
    // It is a store now, or this is where to learn that it is none.
    let options = Options {
        create_if_missing: false,
        ..Options::default()
    };
    Store::open_on(disk, to, options)?.close()?;
    Ok(repair)
}

/// Makes the new directory. Nothing may be in it, and it may not be in the old one.
fn make_room(disk: &dyn Disk, from: &Path, to: &Path) -> Result<()> {
    if to.starts_with(from) {
        let error = io::Error::new(ErrorKind::InvalidInput, "it is inside the damaged one");
        return Err(error).or_path(to, "make the new store");
    }
    match disk.list(to) {
        Ok(names) if names.is_empty() => Ok(()),
        Ok(_) => {
            let error = io::Error::new(ErrorKind::AlreadyExists, "the directory is not empty");
            Err(error).or_path(to, "make the new store")
        }
        Err(_) => disk
            .create_directory(to)
            .or_path(to, "create the directory"),
    }
}
