//! The lock on a directory of real files.
//!
//! Programs that open these directories disagree about locks: `LevelDB` takes an fcntl lock,
//! goleveldb a flock, and on Linux each kind ignores the other. So both are taken there.
//!
//! ```text
//!   acquire --> table of this process --> open LOCK --> fcntl lock --> flock
//!               (held here already?)                    (LevelDB?)     (goleveldb?)
//! ```
//!
//! Invariants:
//! 1. The lock file is opened here and nowhere else, at most once at a time in a process: closing
//!    any handle of it would drop the process's fcntl lock where those belong to processes.
//! 2. The table is asked first, so a second holder in the same process is refused even where the
//!    system would grant it.
//! 3. A shared lock creates no file and changes no byte.
//! 4. Nothing waits: a lock that is taken is [`io::ErrorKind::WouldBlock`].
//! 5. Locks are given back by name, not by closing alone: a process that is just being forked off
//!    has the handle, too, and would keep them until it executes another program.
//!
//! Elsewhere on Unix flock and fcntl locks may be one and the same, so there only fcntl is used;
//! on Windows the standard library's lock.

#![cfg_attr(
    unix,
    expect(
        unsafe_code,
        reason = "fcntl locks have no safe interface in the standard library"
    )
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{Lock, LockKind};
use crate::sync::LeafLock;

/// Every lock file that this process holds open.
static HELD: LeafLock<Vec<Entry>> = LeafLock::new(Vec::new());

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    kind: LockKind,
    /// How many [`Held`] stand for this entry; more than one only if shared.
    holders: usize,
    #[cfg_attr(not(test), expect(dead_code, reason = "held for its drop"))]
    file: LockedFile,
}

/// An open lock file; dropping it gives the system's locks back (invariant 5).
#[derive(Debug)]
struct LockedFile(File);

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Nothing can be done about a failure, and closing the file comes next.
        drop(self.0.unlock());
        drop(unlock_by_fcntl(&self.0));
    }
}

/// One holder of an entry of the table.
#[derive(Debug)]
struct Held {
    path: PathBuf,
}

impl Lock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = HELD.lock();
        if let Some(index) = held.iter().position(|entry| entry.path == self.path) {
            held[index].holders -= 1;
            if held[index].holders == 0 {
                held.swap_remove(index);
            }
        }
    }
}

/// Takes the lock whose file is `path`, or says who has it.
pub(super) fn acquire(path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
    let path = canonical(path)?;
    let mut held = HELD.lock();
    if let Some(entry) = held.iter_mut().find(|entry| entry.path == path) {
        if kind == LockKind::Exclusive || entry.kind == LockKind::Exclusive {
            return Err(would_block("another handle in this process"));
        }
        entry.holders += 1;
        return Ok(Box::new(Held { path }));
    }
    let file = match kind {
        LockKind::Exclusive => OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?,
        LockKind::Shared => File::open(&path)?,
    };
    let file = LockedFile(file);
    lock_by_fcntl(&file.0, kind)?;
    lock_by_standard(&file.0, kind)?;
    held.push(Entry {
        path: path.clone(),
        kind,
        holders: 1,
        file,
    });
    Ok(Box::new(Held { path }))
}

/// One spelling for every way to name the file, which need not exist yet.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(fs::canonicalize(directory)?.join(name))
}

fn would_block(holder: &str) -> io::Error {
    io::Error::new(io::ErrorKind::WouldBlock, format!("held by {holder}"))
}

/// flock on Linux, `LockFileEx` on Windows.
#[cfg(any(not(unix), target_os = "linux", target_os = "android"))]
fn lock_by_standard(file: &File, kind: LockKind) -> io::Result<()> {
    let result = match kind {
        LockKind::Exclusive => file.try_lock(),
        LockKind::Shared => file.try_lock_shared(),
    };
    match result {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(would_block(
            "another program, by flock, which does not tell which",
        )),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn lock_by_standard(_file: &File, _kind: LockKind) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn lock_by_fcntl(_file: &File, _kind: LockKind) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn unlock_by_fcntl(_file: &File) -> io::Result<()> {
    Ok(())
}

/// The commands that set and ask: locks of the open file where there are such, which another
/// handle in this process cannot drop by closing.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FCNTL: (libc::c_int, libc::c_int) = (libc::F_OFD_SETLK, libc::F_OFD_GETLK);
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const FCNTL: (libc::c_int, libc::c_int) = (libc::F_SETLK, libc::F_GETLK);

#[cfg(unix)]
fn lock_by_fcntl(file: &File, kind: LockKind) -> io::Result<()> {
    let (set, ask) = FCNTL;
    let mut request = whole_file(Some(kind));
    match fcntl(file, set, &mut request) {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => {
            let mut found = whole_file(Some(kind));
            let known = fcntl(file, ask, &mut found).is_ok();
            Err(would_block(&match found.l_pid {
                pid if known && pid > 0 => format!("process {pid}"),
                _ => "another process, which the system does not name".to_owned(),
            }))
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn unlock_by_fcntl(file: &File) -> io::Result<()> {
    fcntl(file, FCNTL.0, &mut whole_file(None))
}

/// A request for the whole file, however long it becomes; `None` is to unlock it.
#[cfg(unix)]
fn whole_file(kind: Option<LockKind>) -> libc::flock {
    // SAFETY: `flock` is plain integers in every libc, for which zero is a value; its fields
    // differ between systems, so it cannot be written out.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = match kind {
        Some(LockKind::Exclusive) => libc::F_WRLCK as libc::c_short,
        Some(LockKind::Shared) => libc::F_RDLCK as libc::c_short,
        None => libc::F_UNLCK as libc::c_short,
    };
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request
}

#[cfg(unix)]
fn fcntl(file: &File, command: libc::c_int, request: &mut libc::flock) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open for as long as `file` is borrowed, and `request` is a valid
    // `flock` for reading and writing, which is all that these commands touch.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), command, std::ptr::from_mut(request)) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a forked process has until it executes another program. Found by tests/interop, which
    /// starts processes while other threads open and close stores: a store just closed was locked.
    #[test]
    fn a_lock_is_given_back_though_another_process_still_has_the_handle() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("LOCK");
        for kind in [LockKind::Exclusive, LockKind::Shared] {
            let lock = acquire(&path, kind).expect("free");
            let inherited = {
                let held = HELD.lock();
                let path = canonical(&path).expect("there");
                let entry = held.iter().find(|entry| entry.path == path);
                entry
                    .expect("held")
                    .file
                    .0
                    .try_clone()
                    .expect("a second handle")
            };
            drop(lock);
            drop(acquire(&path, LockKind::Exclusive).expect("free again"));
            drop(inherited);
        }
    }
}
