//! A disk in memory on which one chosen operation fails, or every one from it on.
//!
//! Operations that change something, and syncs, are counted from 1; reads are not. An append that
//! fails leaves the first half of its bytes behind, as a full disk does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use etalon::disk::{Disk, File, Lock, LockKind, MemoryDisk};

/// Which operation fails, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Counted from 1; 0 is none.
    pub(crate) at: u64,
    pub(crate) kind: io::ErrorKind,
    /// Whether all that come after it fail, too.
    pub(crate) forever: bool,
}

#[derive(Debug)]
struct State {
    fault: Option<Fault>,
    done: u64,
    log: Vec<String>,
    /// Files that a failed append or sync has left in doubt.
    doubtful: Vec<PathBuf>,
}

/// See the module. A clone is the same disk.
#[derive(Clone, Debug)]
pub(crate) struct FailingDisk {
    disk: MemoryDisk,
    state: Arc<Mutex<State>>,
}

impl FailingDisk {
    pub(crate) fn new(disk: MemoryDisk, fault: Option<Fault>) -> FailingDisk {
        let (done, log, doubtful) = (0, Vec::new(), Vec::new());
        let state = State {
            fault,
            done,
            log,
            doubtful,
        };
        FailingDisk {
            disk,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics in it")
    }

    /// What was done so far, such as `sync 000002.log`.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.state().log.clone()
    }

    /// Whether the fault has happened.
    pub(crate) fn has_failed(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|fault| state.done >= fault.at)
    }

    /// Does `work`, unless this is the operation that fails.
    fn step<T>(
        &self,
        verb: &str,
        path: &Path,
        work: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut state = self.state();
        let writes = matches!(verb, "append" | "sync");
        assert!(
            !(writes && state.doubtful.iter().any(|doubtful| doubtful == path)),
            "{verb} {name}, after that failed"
        );
        state.done += 1;
        state.log.push(format!("{verb} {name}"));
        let done = state.done;
        let fails = state
            .fault
            .filter(|fault| done == fault.at || (fault.forever && done > fault.at));
        match fails {
            None => work(),
            Some(fault) => {
                if writes {
                    state.doubtful.push(path.to_path_buf());
                }
                Err(fault.kind.into())
            }
        }
    }

    fn file(&self, path: &Path, file: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(FailingFile {
            disk: self.clone(),
            path: path.to_path_buf(),
            file,
        })
    }
}

impl Disk for FailingDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = self.step("create", path, || self.disk.create(path))?;
        Ok(self.file(path, file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.open(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.file(path, self.disk.open_append(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename", to, || self.disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("remove", path, || self.disk.remove(path))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("link", to, || self.disk.link(from, to))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.disk.create_directory(directory)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let work = || self.disk.sync_directory(directory);
        self.step("sync directory", directory, work)
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        self.disk.lock(path, kind)
    }
}

#[derive(Debug)]
struct FailingFile {
    disk: FailingDisk,
    path: PathBuf,
    file: Arc<dyn File>,
}

impl File for FailingFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let result = self.disk.step("append", &self.path, || Ok(()));
        let half = if result.is_ok() {
            bytes.len()
        } else {
            bytes.len() / 2
        };
        self.file.append(&bytes[..half])?;
        result
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
        self.disk.step("sync", &self.path, || self.file.sync())
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.disk
            .step("truncate", &self.path, || self.file.truncate(size))
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        self.disk
            .step("preallocate", &self.path, || self.file.preallocate(size))
    }
}
