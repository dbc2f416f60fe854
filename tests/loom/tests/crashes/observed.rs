//! A disk in memory that writes down what changes it, in the order that loom gave it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use etalon_loom::disk::{Disk, File, Lock, LockKind, MemoryDisk};
use loom::sync::atomic::{AtomicUsize, Ordering};

use crate::switches::{Places, Switches};

/// One entry of a trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    Create(PathBuf),
    OpenAppend(PathBuf),
    Append(usize, Vec<u8>),
    Sync(usize),
    Truncate(usize, u64),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    Link(PathBuf, PathBuf),
    CreateDirectory(PathBuf),
    SyncDirectory(PathBuf),
    Lock(PathBuf),
    /// A call of the plan, by number.
    Invoked(usize),
    /// Its return, and what a get found.
    Returned(usize, Option<Vec<u8>>),
}

/// What happened, in order. Files are numbered as they were created or opened to append.
pub(crate) type Trace = Vec<Event>;

/// See the module; a clone is the same disk.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    disk: MemoryDisk,
    /// Touched by every entry, so that loom keeps their order for one that matters. It orders
    /// memory, too, for that order is what is called time here: who asks after another was
    /// answered has heard of it. What the engine orders by itself, `interleavings` looks at.
    order: Arc<AtomicUsize>,
    places: Places,
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    trace: Trace,
    files: usize,
}

impl Observed {
    pub(crate) fn new(switches: Switches) -> Self {
        Observed {
            disk: MemoryDisk::default(),
            order: Arc::new(AtomicUsize::new(0)),
            places: Places::new(switches),
            log: Arc::default(),
        }
    }

    /// Writes an entry down. Between the touch and the line nothing is a point of interleaving.
    pub(crate) fn note(&self, event: Event) {
        // After a return there is a call, or the end.
        let goes_on = !matches!(event, Event::Returned(..));
        self.places.around(goes_on, || {
            self.order.fetch_add(1, Ordering::AcqRel);
            self.with_log(|log| log.trace.push(event));
        });
    }

    pub(crate) fn take(&self) -> Trace {
        self.with_log(|log| std::mem::take(&mut log.trace))
    }

    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn file(&self, file: Arc<dyn File>) -> Arc<dyn File> {
        let number = self.with_log(|log| {
            log.files += 1;
            log.files - 1
        });
        Arc::new(ObservedFile {
            disk: self.clone(),
            number,
            file,
        })
    }
}

impl Disk for Observed {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.note(Event::Create(path.to_path_buf()));
        Ok(self.file(self.disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.open(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.note(Event::OpenAppend(path.to_path_buf()));
        Ok(self.file(self.disk.open_append(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.note(Event::Rename(from.to_path_buf(), to.to_path_buf()));
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.note(Event::Remove(path.to_path_buf()));
        self.disk.remove(path)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.note(Event::Link(from.to_path_buf(), to.to_path_buf()));
        self.disk.link(from, to)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.note(Event::CreateDirectory(directory.to_path_buf()));
        self.disk.create_directory(directory)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.note(Event::SyncDirectory(directory.to_path_buf()));
        self.disk.sync_directory(directory)
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        self.note(Event::Lock(path.to_path_buf()));
        self.disk.lock(path, kind)
    }
}

#[derive(Debug)]
struct ObservedFile {
    disk: Observed,
    number: usize,
    file: Arc<dyn File>,
}

impl File for ObservedFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.disk.note(Event::Append(self.number, bytes.to_vec()));
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
        self.disk.note(Event::Sync(self.number));
        self.file.sync()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.disk.note(Event::Truncate(self.number, size));
        self.file.truncate(size)
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        if size > self.file.size()? {
            self.disk.note(Event::Truncate(self.number, size));
        }
        self.file.preallocate(size)
    }
}
