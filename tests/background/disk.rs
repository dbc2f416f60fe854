//! A disk that asks before it creates a segment: whoever is asked may take their time, refuse, or
//! panic. In these tests segments are created by the background alone.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use etalon::disk::{Disk, File, Lock, LockKind, MemoryDisk};

/// See the module. A clone is the same disk.
#[derive(Clone)]
pub(crate) struct AskingDisk {
    disk: MemoryDisk,
    ask: Arc<dyn Fn() -> io::Result<()> + Send + Sync>,
}

impl AskingDisk {
    pub(crate) fn new(
        disk: &MemoryDisk,
        ask: impl Fn() -> io::Result<()> + Send + Sync + 'static,
    ) -> AskingDisk {
        AskingDisk {
            disk: disk.clone(),
            ask: Arc::new(ask),
        }
    }
}

impl fmt::Debug for AskingDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskingDisk").finish_non_exhaustive()
    }
}

impl Disk for AskingDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        if path.extension().is_some_and(|extension| extension == "ldb") {
            (self.ask)()?;
        }
        self.disk.create(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.open(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.open_append(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
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

/// A gate that is shut until somebody opens it.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    somebody_came: bool,
    is_open: bool,
}

impl Gate {
    /// Waits until it is open.
    pub(crate) fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.somebody_came = true;
        self.changed.notify_all();
        while !state.is_open {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Waits until somebody stands before it.
    pub(crate) fn wait_for_somebody(&self) {
        let mut state = self.state.lock().unwrap();
        while !state.somebody_came {
            state = self.changed.wait(state).unwrap();
        }
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().is_open = true;
        self.changed.notify_all();
    }
}
