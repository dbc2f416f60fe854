//! A disk in memory whose names loom sees.
//!
//! The disk's own locks are leaf locks, invisible to loom: nothing there is a point of
//! interleaving. That is right for bytes, which a file's one writer appends and readers find
//! through the engine's own synchronization; it is not for names, since a file is removed without
//! asking who is about to open it. So each name has a token, read where the name is opened and
//! written where it is removed or replaced: loom tries a remove before an open, and after it. The
//! tokens are relaxed, so that they order nothing that the engine does not order itself.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use etalon_loom::disk::{Disk, File, Lock, LockKind, MemoryDisk};
use loom::sync::atomic::{AtomicUsize, Ordering};

type Token = Arc<AtomicUsize>;

/// See the module; a clone is the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    disk: MemoryDisk,
    tokens: Arc<Mutex<BTreeMap<PathBuf, Token>>>,
}

impl Tokens {
    /// Uses the token of a name, if it has ever been created. The lock is not held meanwhile.
    fn touch(&self, path: &Path, uses: fn(&AtomicUsize)) {
        let token = self.all().get(path).cloned();
        if let Some(token) = token {
            uses(&token);
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Token>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reads(&self, path: &Path) {
        self.touch(path, |token| drop(token.load(Ordering::Relaxed)));
    }

    fn writes(&self, path: &Path) {
        self.touch(path, |token| drop(token.fetch_add(1, Ordering::Relaxed)));
    }

    /// A name gets its token where it is created: whoever opens it has heard of it since then, or
    /// loom reports a race.
    fn creates(&self, path: &Path) {
        let mut tokens = self.all();
        let token = tokens.entry(path.to_path_buf());
        token.or_insert_with(|| Arc::new(AtomicUsize::new(0)));
    }
}

impl Disk for Tokens {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.creates(path);
        self.disk.create(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.reads(path);
        self.disk.open(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.reads(path);
        self.disk.open_append(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.writes(from);
        self.creates(to);
        self.writes(to);
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.writes(path);
        self.disk.remove(path)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.reads(from);
        self.creates(to);
        self.disk.link(from, to)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.disk.create_directory(directory)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.disk.sync_directory(directory)
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        self.disk.lock(path, kind)
    }
}
