//! The disk: everything that the engine asks of a file system, and nothing else.
//!
//! ```text
//!   Store, log, sstable, manifest
//!        |
//!      Disk (names) --create, open--> File (bytes)
//!        |                 |
//!      files.rs: real    memory.rs: for the checkers     simulated/: crashes, tears, loses, fails
//! ```
//!
//! Each call is one step for the checkers of crashes, faults and interleavings, so the list is
//! short and complete. Invariants, for every implementation:
//! 1. What `append` returned is what a later `read` gives, in this process.
//! 2. A name survives a power loss only after `sync_directory` of its directory; bytes only after
//!    `sync` of their file.
//! 3. What `read` lends of the file does not change while it is lent. The engine changes no file
//!    of which it holds anything lent.

use std::fmt;
use std::io;
use std::path::Path;

use crate::sync::Arc;

mod files;
mod lock;
mod memory;
#[cfg(feature = "oracle")]
pub mod simulated;
#[cfg(test)]
mod tests;

pub use files::Files;
pub use memory::MemoryDisk;

/// Whether a lock shuts others out, or only writers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// One holder at all.
    Exclusive,
    /// Many readers. Never creates the lock file.
    Shared,
}

/// A lock on a directory, held until dropped.
pub trait Lock: Send + Sync + fmt::Debug {}

/// A tree of files. Paths are taken as they are; parents must exist.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Creates an empty file to append to and read from; an existing one is an error.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens a file to read.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens an existing file to append at its end.
    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Gives a file a new name, in place of what had that name, atomically.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a name. A file that is still open stays readable through its handles.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Gives a file a second name; an existing one is an error.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Names of the files and directories in a directory, in no particular order.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;

    /// Creates a directory; one that exists is fine.
    fn create_directory(&self, directory: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable. The empty path is the current directory.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;

    /// Takes the lock of a directory, whose lock file is `path`, or fails at once with
    /// [`io::ErrorKind::WouldBlock`].
    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>>;
}

/// An open file.
pub trait File: Send + Sync + fmt::Debug {
    /// Adds bytes at the end. One writer at a time (the engine's own rule).
    fn append(&self, bytes: &[u8]) -> io::Result<()>;

    /// Reads exactly `length` bytes, into `scratch` unless they can be borrowed. Past the end:
    /// [`io::ErrorKind::UnexpectedEof`].
    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]>;

    /// Reads exactly `length` bytes into `buffer`, in place of what was in it, also where
    /// [`read`](File::read) would lend them.
    fn read_into(&self, offset: u64, length: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        let at = self.read(offset, length, buffer)?.as_ptr();
        if at != buffer.as_ptr() || buffer.len() != length {
            let mut unused = Vec::new();
            let lent = self.read(offset, length, &mut unused)?;
            buffer.clear();
            buffer.extend_from_slice(lent);
        }
        Ok(())
    }

    /// The size in bytes.
    fn size(&self) -> io::Result<u64>;

    /// Makes all bytes appended so far durable.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to `size` bytes.
    fn truncate(&self, size: u64) -> io::Result<()>;

    /// Reserves space up to `size` bytes; they read as zero. The size grows with it.
    fn preallocate(&self, size: u64) -> io::Result<()>;
}
