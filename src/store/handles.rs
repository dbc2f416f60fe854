//! A bound on open files: so many segments keep theirs open, the others open it for each read.
//!
//! ```text
//!   segments 1 .. n      file stays open, until the segment is dropped
//!   segments beyond      open, read, close      (as many more files as threads read at once)
//! ```
//!
//! Invariants:
//! 1. At no time are more files kept open than the bound says; a place is free again when the
//!    segment that had it is dropped.
//! 2. A segment below the bound is read as if there was none: what its file lends is lent.
//!
//! A segment beyond the bound needs its name to be there for as long as it is held.

use std::io;
use std::path::PathBuf;

use crate::disk::{Disk, File};
use crate::sstable::Table;
use crate::sync::{Arc, LeafLock};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Handles {
    disk: Arc<dyn Disk>,
    free: Arc<LeafLock<usize>>,
}

impl Handles {
    pub(super) fn new(disk: Arc<dyn Disk>, most: usize) -> Self {
        let free = Arc::new(LeafLock::new(most));
        Handles { disk, free }
    }

    /// The same table, whose file counts.
    pub(super) fn bound(&self, table: Table) -> Table {
        table.with_file(|file, path| {
            Arc::new(match self.take_place() {
                Some(place) => Bound::KeptOpen {
                    file,
                    _place: place,
                },
                None => Bound::OpenedToRead {
                    disk: Arc::clone(&self.disk),
                    path: path.to_path_buf(),
                },
            })
        })
    }

    fn take_place(&self) -> Option<Place> {
        let mut free = self.free.lock();
        *free = free.checked_sub(1)?;
        Some(Place(Arc::clone(&self.free)))
    }
}

/// One of the files that may stay open.
#[derive(Debug)]
struct Place(Arc<LeafLock<usize>>);

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.lock() += 1;
    }
}

/// The file of a segment.
#[derive(Debug)]
enum Bound {
    KeptOpen { file: Arc<dyn File>, _place: Place },
    OpenedToRead { disk: Arc<dyn Disk>, path: PathBuf },
}

/// Segments are complete: nothing is written to one that is bound.
fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

impl File for Bound {
    fn append(&self, _bytes: &[u8]) -> io::Result<()> {
        read_only()
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        match self {
            Bound::KeptOpen { file, .. } => file.read(offset, length, scratch),
            Bound::OpenedToRead { disk, path } => {
                disk.open(path)?.read_into(offset, length, scratch)?;
                Ok(scratch)
            }
        }
    }

    fn read_into(&self, offset: u64, length: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Bound::KeptOpen { file, .. } => file.read_into(offset, length, buffer),
            Bound::OpenedToRead { disk, path } => {
                disk.open(path)?.read_into(offset, length, buffer)
            }
        }
    }

    fn size(&self) -> io::Result<u64> {
        match self {
            Bound::KeptOpen { file, .. } => file.size(),
            Bound::OpenedToRead { disk, path } => disk.open(path)?.size(),
        }
    }

    fn sync(&self) -> io::Result<()> {
        read_only()
    }

    fn truncate(&self, _size: u64) -> io::Result<()> {
        read_only()
    }

    fn preallocate(&self, _size: u64) -> io::Result<()> {
        read_only()
    }
}
