//! Keeping writers out of a directory while its files are read.

use std::io::ErrorKind;
use std::path::Path;

use crate::disk::{Disk, Lock, LockKind};
use crate::error::{Error, OrPath, Result};
use crate::manifest::FileName;

/// Takes the lock of a directory, shared, without creating it; nothing where there is no `LOCK`.
pub(crate) fn lock_shared(disk: &dyn Disk, directory: &Path) -> Result<Option<Box<dyn Lock>>> {
    let path = FileName::Lock.path(directory);
    match disk.lock(&path, LockKind::Shared) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(Error::Locked {
            path,
            holder: error.to_string(),
        }),
        Err(error) => Err(error).or_path(&path, "lock the store"),
    }
}
