//! A disk in memory, for the checkers: fast, and without a file system's whims.
//!
//! Strategy: a handful of names, searched one after the other by comparing bytes; files are shared
//! by their names and their handles (`memory/file.rs`).
//!
//! ```text
//!   MemoryDisk --clone--> the same disk
//!     names: "/db/000003.log" --> file <-- handles (a removed file lives on in them)
//! ```
//!
//! Invariants:
//! 1. Paths are compared as they are written, but for separators at their end: `a/b` and `a/./b`
//!    are two files.
//! 2. The parent of a new name is a directory that was created, the root, or nothing (`x`).
//! 3. Locks behave as the real ones do within one process.
//!
//! It promises nothing about power loss: `sync` has nothing to do.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf, is_separator};

use super::{Disk, File, Lock, LockKind};
use crate::sync::{Arc, LeafLock};
use file::{MemoryFile, Spare};

mod file;

/// A disk in memory; a clone is the same disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    state: Arc<LeafLock<State>>,
}

#[derive(Debug, Default)]
struct State {
    spare: Arc<Spare>,
    files: Vec<(PathBuf, Arc<MemoryFile>)>,
    directories: Vec<PathBuf>,
    locks: Vec<(PathBuf, LockKind)>,
}

/// The bytes of a path without separators at its end.
pub(super) fn bytes_of(path: &Path) -> &[u8] {
    let mut bytes = path.as_os_str().as_encoded_bytes();
    while let Some((&last, rest)) = bytes.split_last()
        && is_separator(char::from(last))
    {
        bytes = rest;
    }
    bytes
}

/// The bytes of a path's parent and of its own name.
pub(super) fn parent_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    match path
        .iter()
        .rposition(|&byte| is_separator(char::from(byte)))
    {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}

impl State {
    fn find(&self, path: &Path) -> Option<usize> {
        let wanted = path.as_os_str().as_encoded_bytes();
        // Names of one directory differ at their ends.
        let end = wanted.last_chunk::<6>();
        self.files.iter().position(|(path, _)| {
            let path = path.as_os_str().as_encoded_bytes();
            path.last_chunk() == end && path == wanted
        })
    }

    fn file(&self, path: &Path) -> io::Result<&Arc<MemoryFile>> {
        let index = self.find(path).ok_or_else(|| missing(path))?;
        Ok(&self.files[index].1)
    }

    fn is_directory(&self, path: &[u8]) -> bool {
        path.is_empty()
            || self
                .directories
                .iter()
                .any(|directory| bytes_of(directory) == path)
    }

    /// Whether `path` is free and has a parent.
    fn check_new(&self, path: &Path) -> io::Result<()> {
        if self.find(path).is_some() || self.is_directory(bytes_of(path)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if self.is_directory(parent_and_name(bytes_of(path)).0) {
            Ok(())
        } else {
            Err(missing(path))
        }
    }

    fn create(&mut self, path: &Path) -> io::Result<Arc<MemoryFile>> {
        self.check_new(path)?;
        let file = Arc::new(MemoryFile::new(Arc::clone(&self.spare)));
        self.files.push((path.to_path_buf(), Arc::clone(&file)));
        Ok(file)
    }
}

pub(super) fn missing(path: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::NotFound,
        format!("no such file: {}", path.display()),
    )
}

impl MemoryDisk {
    /// An empty disk, whose files reuse the memory of this one's as those go: for whoever makes
    /// one after the other.
    #[must_use]
    pub fn next(&self) -> MemoryDisk {
        let state = State {
            spare: Arc::clone(&self.state.lock().spare),
            ..State::default()
        };
        MemoryDisk {
            state: Arc::new(LeafLock::new(state)),
        }
    }

    /// The whole content of a file.
    pub fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.state.lock().file(path)?.content())
    }

    /// Gives a file that content, in place of what had that name.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Some(index) = state.find(path) {
            state.files.swap_remove(index);
        }
        state.create(path)?.append(bytes)
    }

    /// The names of all files, sorted.
    pub fn paths(&self) -> Vec<PathBuf> {
        let state = self.state.lock();
        let mut paths: Vec<PathBuf> = state.files.iter().map(|(path, _)| path.clone()).collect();
        paths.sort();
        paths
    }
}

impl Disk for MemoryDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.state.lock().create(path)?)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::clone(self.state.lock().file(path)?) as Arc<dyn File>)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let index = state.find(from).ok_or_else(|| missing(from))?;
        if from.as_os_str() == to.as_os_str() {
            return Ok(());
        }
        if let Some(replaced) = state.find(to) {
            state.files[replaced].1 = Arc::clone(&state.files[index].1);
            state.files.swap_remove(index);
        } else {
            state.check_new(to)?;
            state.files[index].0 = to.to_path_buf();
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let index = state.find(path).ok_or_else(|| missing(path))?;
        state.files.swap_remove(index);
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let file = Arc::clone(state.file(from)?);
        state.check_new(to)?;
        state.files.push((to.to_path_buf(), file));
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.state.lock();
        let wanted = bytes_of(directory);
        if !state.is_directory(wanted) {
            return Err(missing(directory));
        }
        let files = state.files.iter().map(|(path, _)| bytes_of(path));
        let directories = state.directories.iter().map(|path| bytes_of(path));
        Ok(files
            .chain(directories)
            .map(parent_and_name)
            .filter(|(parent, name)| *parent == wanted && !name.is_empty())
            .map(|(_, name)| String::from_utf8_lossy(name).into_owned())
            .collect())
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.is_directory(bytes_of(directory)) {
            return Ok(());
        }
        state.check_new(directory)?;
        state.directories.push(directory.to_path_buf());
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let known = self.state.lock().is_directory(bytes_of(directory));
        if known {
            Ok(())
        } else {
            Err(missing(directory))
        }
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        let mut state = self.state.lock();
        let mut others = state.locks.iter().filter(|(held, _)| same(held, path));
        if others.any(|&(_, held)| held == LockKind::Exclusive || kind == LockKind::Exclusive) {
            return Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "held by another handle in this process",
            ));
        }
        if state.find(path).is_none() {
            match kind {
                LockKind::Exclusive => drop(state.create(path)?),
                LockKind::Shared => return Err(missing(path)),
            }
        }
        state.locks.push((path.to_path_buf(), kind));
        Ok(Box::new(MemoryLock {
            path: path.to_path_buf(),
            state: Arc::clone(&self.state),
        }))
    }
}

fn same(a: &Path, b: &Path) -> bool {
    let (a, b): (&OsStr, &OsStr) = (a.as_os_str(), b.as_os_str());
    a == b
}

#[derive(Debug)]
struct MemoryLock {
    path: PathBuf,
    state: Arc<LeafLock<State>>,
}

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        // Holders of one path are alike (all shared, or one), so any entry of it will do.
        if let Some(index) = state
            .locks
            .iter()
            .position(|(path, _)| same(path, &self.path))
        {
            state.locks.swap_remove(index);
        }
    }
}
