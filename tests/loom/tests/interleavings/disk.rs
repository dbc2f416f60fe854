//! A disk in memory whose names loom sees, which counts syncs, and which can fail one.
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
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use etalon_loom::disk::{Disk, File, Lock, LockKind, MemoryDisk};
use loom::sync::atomic::{AtomicUsize, Ordering};

type Token = Arc<AtomicUsize>;

/// See the module; a clone is the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestDisk {
    disk: MemoryDisk,
    tokens: Arc<Mutex<BTreeMap<PathBuf, Token>>>,
    log_syncs: Arc<std::sync::atomic::AtomicUsize>,
    segments_fail: Arc<AtomicBool>,
}

impl TestDisk {
    /// How often a log was synced.
    pub(crate) fn log_syncs(&self) -> usize {
        self.log_syncs.load(Ordering::Relaxed)
    }

    /// From now on no segment can be synced.
    pub(crate) fn fail_segments(&self) {
        self.segments_fail.store(true, Ordering::Relaxed);
    }

    /// How many files have this extension.
    pub(crate) fn files(&self, extension: &str) -> usize {
        let is_one = |path: &&PathBuf| path.extension().is_some_and(|own| own == extension);
        self.disk.paths().iter().filter(is_one).count()
    }

    fn file(&self, path: &Path, file: Arc<dyn File>) -> Arc<dyn File> {
        let extension = path.extension().unwrap_or_default();
        Arc::new(TestFile {
            file,
            log_syncs: (extension == "log").then(|| Arc::clone(&self.log_syncs)),
            fails: (extension == "ldb").then(|| Arc::clone(&self.segments_fail)),
        })
    }

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
        self.touch(path, |token| _ = token.load(Ordering::Relaxed));
    }

    fn writes(&self, path: &Path) {
        self.touch(path, |token| _ = token.fetch_add(1, Ordering::Relaxed));
    }

    /// A name gets its token where it is created: whoever opens it has heard of it since then, or
    /// loom reports a race.
    fn creates(&self, path: &Path) {
        let mut tokens = self.all();
        let token = tokens.entry(path.to_path_buf());
        token.or_insert_with(|| Arc::new(AtomicUsize::new(0)));
    }
}

impl Disk for TestDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.creates(path);
        Ok(self.file(path, self.disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.reads(path);
        Ok(self.file(path, self.disk.open(path)?))
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.reads(path);
        Ok(self.file(path, self.disk.open_append(path)?))
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

/// A file whose syncs are counted, or may fail.
#[derive(Debug)]
struct TestFile {
    file: Arc<dyn File>,
    log_syncs: Option<Arc<std::sync::atomic::AtomicUsize>>,
    fails: Option<Arc<AtomicBool>>,
}

impl File for TestFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
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
        if let Some(log_syncs) = &self.log_syncs {
            log_syncs.fetch_add(1, Ordering::Relaxed);
        }
        let fails = self.fails.as_ref();
        if fails.is_some_and(|fails| fails.load(Ordering::Relaxed)) {
            return Err(io::Error::other("the disk is broken"));
        }
        self.file.sync()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.file.truncate(size)
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        self.file.preallocate(size)
    }
}
