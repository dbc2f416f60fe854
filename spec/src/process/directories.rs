//! The directories of a program's stores.
//!
//! ```text
//!   prepare --> next --advance--> now --> before --sweep--> gone
//!               begin ------------^
//! ```
//!
//! Invariants:
//! 1. No two stores have the same directory, and no clone's store has another clone's.
//! 2. A directory stays until the store after its own is open, which [`Directories::sweep`] says:
//!    a child that is still busy with it is not robbed of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::outcome::{Failure, Outcome};

#[derive(Debug)]
pub(super) struct Directories {
    folder: Arc<Folder>,
    /// Whether a directory is for the program to make.
    are_fresh: bool,
    /// Of the newest store.
    now: Option<PathBuf>,
    /// Of the store after it.
    next: Option<PathBuf>,
    before: Vec<PathBuf>,
}

/// Where they are made.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    numbers: AtomicU64,
}

impl Directories {
    pub(super) fn new(folder: &Path, are_fresh: bool) -> Self {
        let (path, numbers) = (folder.to_path_buf(), AtomicU64::new(0));
        Directories::of(Arc::new(Folder { path, numbers }), are_fresh)
    }

    fn of(folder: Arc<Folder>, are_fresh: bool) -> Self {
        Directories {
            folder,
            are_fresh,
            now: None,
            next: None,
            before: Vec::new(),
        }
    }

    /// Lets the program make them, or not.
    pub(super) fn set_fresh(&mut self, are_fresh: bool) {
        self.are_fresh = are_fresh;
    }

    /// A directory for a store that comes now.
    pub(super) fn begin(&mut self) -> Outcome<String> {
        let directory = self.make()?;
        self.before.extend(self.now.replace(directory));
        self.name()
    }

    /// A directory for the store that comes after.
    pub(super) fn prepare(&mut self) -> Outcome<String> {
        let directory = self.make()?;
        let name = named(&directory);
        self.before.extend(self.next.replace(directory));
        name
    }

    /// The store that was prepared for comes now.
    pub(super) fn advance(&mut self) {
        self.before.extend(self.now.take());
        self.now = self.next.take();
    }

    /// The name of the newest store's.
    pub(super) fn name(&self) -> Outcome<String> {
        named(self.now.as_deref().unwrap_or(Path::new("")))
    }

    /// Removes those of the stores before.
    pub(super) fn sweep(&mut self) {
        for directory in self.before.drain(..) {
            // A store in memory may never have made it, and the folder's owner removes the rest.
            let _ = std::fs::remove_dir_all(directory);
        }
    }

    fn make(&self) -> Outcome<PathBuf> {
        let number = self.folder.numbers.fetch_add(1, Ordering::Relaxed);
        let folder = std::path::absolute(&self.folder.path)?;
        let directory = folder.join(format!("store-{}-{number}", std::process::id()));
        if !self.are_fresh {
            std::fs::create_dir_all(&directory)?;
        }
        Ok(directory)
    }
}

/// The name of a directory as the protocol's text.
fn named(directory: &Path) -> Outcome<String> {
    let name = directory.to_str().map(str::to_owned);
    name.ok_or_else(|| Failure::definite("the folder for directories has a name that is no text"))
}

/// In the same folder, with none of the directories.
impl Clone for Directories {
    fn clone(&self) -> Self {
        Directories::of(Arc::clone(&self.folder), self.are_fresh)
    }
}

impl Drop for Directories {
    fn drop(&mut self) {
        self.before
            .extend([self.now.take(), self.next.take()].into_iter().flatten());
        self.sweep();
    }
}
