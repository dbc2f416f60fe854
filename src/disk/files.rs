//! The real file system.
//!
//! Strategy: every file is read and written by position, so a handle has no cursor to race for.
//! Appending keeps its own idea of the end, which is the file's size when it was opened; that is
//! enough because a file has one writer (see [`File::append`]).
//!
//! Invariants:
//! 1. Bytes are handed to the system before `append` returns: a process that dies loses none.
//! 2. A failed append leaves the end where it was; the bytes past it are not to be relied upon.
//! 3. No file is opened for writing that was not asked for, and none is followed by a cache.

use std::fs;
use std::io;
use std::path::Path;

use super::{Disk, File, Lock, LockKind, lock};
use crate::sync::{Arc, LeafLock};

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files;

impl Disk for Files {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)?;
        Ok(Arc::new(OpenFile {
            file,
            end: LeafLock::new(0),
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = fs::File::open(path)?;
        Ok(Arc::new(OpenFile {
            file,
            end: LeafLock::new(0),
        }))
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = fs::OpenOptions::new().read(true).write(true).open(path)?;
        let end = file.metadata()?.len();
        Ok(Arc::new(OpenFile {
            file,
            end: LeafLock::new(end),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(directory)?
            // A name that is not UTF-8 is none of the store's; spelt approximately it still is not.
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        match fs::create_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {
                Ok(())
            }
            result => result,
        }
    }

    #[cfg(unix)]
    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let here = directory.as_os_str().is_empty();
        let directory = if here { Path::new(".") } else { directory };
        fs::File::open(directory)?.sync_all()
    }

    /// Nothing to do: Windows offers no way to flush a directory, and NTFS keeps names in its
    /// own journal, in order.
    #[cfg(not(unix))]
    fn sync_directory(&self, _directory: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        lock::acquire(path, kind)
    }
}

#[derive(Debug)]
struct OpenFile {
    file: fs::File,
    /// Where the next append goes.
    end: LeafLock<u64>,
}

impl File for OpenFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut end = self.end.lock();
        write_all_at(&self.file, bytes, *end)?;
        *end += bytes.len() as u64;
        Ok(())
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        scratch.resize(length, 0);
        read_exact_at(&self.file, scratch, offset)?;
        Ok(scratch)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The data and the size, without the times: what reading it again needs.
    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let mut end = self.end.lock();
        self.file.set_len(size)?;
        *end = size;
        Ok(())
    }

    /// Makes the file longer; whether blocks are reserved is up to the file system.
    fn preallocate(&self, size: u64) -> io::Result<()> {
        let mut end = self.end.lock();
        if size > *end {
            self.file.set_len(size)?;
            *end = size;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_exact_at(file: &fs::File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_all_at(file: &fs::File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &fs::File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_all_at(file: &fs::File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = &bytes[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
