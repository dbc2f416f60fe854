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

use crate::disk::{Disk, File, read_into};
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
        table.with_file(|file, path| match self.take_place() {
            Some(place) => Arc::new(KeptOpen {
                file,
                _place: place,
            }),
            None => Arc::new(OpenedToRead {
                disk: Arc::clone(&self.disk),
                path: path.to_path_buf(),
            }),
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

#[derive(Debug)]
struct KeptOpen {
    file: Arc<dyn File>,
    _place: Place,
}

#[derive(Debug)]
struct OpenedToRead {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

/// Segments are complete: nothing is written to one that is bound.
fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

impl File for KeptOpen {
    fn append(&self, _bytes: &[u8]) -> io::Result<()> {
        read_only()
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        self.file.read(offset, length, scratch)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
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

impl OpenedToRead {
    fn file(&self) -> io::Result<Arc<dyn File>> {
        self.disk.open(&self.path)
    }
}

impl File for OpenedToRead {
    fn append(&self, _bytes: &[u8]) -> io::Result<()> {
        read_only()
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        read_into(&*self.file()?, offset, length, scratch)?;
        Ok(scratch)
    }

    fn size(&self) -> io::Result<u64> {
        self.file()?.size()
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
