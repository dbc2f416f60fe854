//! A disk in memory that asks another thread before and after each of its operations, and notes
//! whether it answered.

use std::fmt::Debug;
use std::io;
use std::mem;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use etalon::disk::{Disk, File, Lock, LockKind, MemoryDisk};

/// How long an answer may take: there is next to nothing to do for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The name of the thread that answers. Its own operations raise no questions.
const ANSWERER: &str = "answerer";

/// An operation, and the answer during it; `None` if it did not come.
pub(crate) type Heard = (String, Option<String>);

/// See the module. A clone is the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct AskingDisk {
    disk: MemoryDisk,
    asker: Arc<Asker>,
}

#[derive(Debug, Default)]
struct Asker {
    /// Questions go, answers come; none while nobody asks.
    line: Mutex<Option<(Sender<()>, Receiver<String>)>>,
    heard: Mutex<Vec<Heard>>,
}

impl AskingDisk {
    /// Does `work`, during whose operations on this disk a thread of its own runs `answer`.
    pub(crate) fn ask_during(
        &self,
        answer: impl Fn() -> String + Send + 'static,
        work: impl FnOnce(),
    ) -> Vec<Heard> {
        let (ask, questions) = channel();
        let (say, answers) = channel();
        let answerer = thread::Builder::new().name(ANSWERER.into()).spawn(move || {
            for () in questions {
                // Nobody listens any more once it took too long.
                drop(say.send(answer()));
            }
        });
        *self.asker.line.lock().unwrap() = Some((ask, answers));
        work();
        *self.asker.line.lock().unwrap() = None;
        answerer.expect("spawns").join().expect("it answers");
        mem::take(&mut *self.asker.heard.lock().unwrap())
    }
}

impl Asker {
    fn during<T>(&self, verb: &str, path: &Path, work: impl FnOnce() -> T) -> T {
        self.ask(verb, path);
        let result = work();
        self.ask(verb, path);
        result
    }

    fn ask(&self, verb: &str, path: &Path) {
        if thread::current().name() == Some(ANSWERER) {
            return;
        }
        let mut line = self.line.lock().unwrap();
        let Some((ask, answers)) = &*line else { return };
        ask.send(()).expect("it listens");
        let answer = answers.recv_timeout(PATIENCE).ok();
        if answer.is_none() {
            *line = None;
        }
        let operation = format!("{verb} {}", sort_of(path));
        self.heard.lock().unwrap().push((operation, answer));
    }

    fn open(self: &Arc<Self>, path: &Path, file: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(AskingFile {
            asker: Arc::clone(self),
            sort: sort_of(path),
            file,
        })
    }
}

/// What a file is called in a report: the part of its name that has no number.
fn sort_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let words = name.split(|letter: char| !letter.is_alphabetic());
    words.collect()
}

impl Disk for AskingDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let work = || self.disk.create(path);
        let file = self.asker.during("create", path, work)?;
        Ok(self.asker.open(path, file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let work = || self.disk.open(path);
        let file = self.asker.during("open", path, work)?;
        Ok(self.asker.open(path, file))
    }

    fn open_append(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let work = || self.disk.open_append(path);
        let file = self.asker.during("open", path, work)?;
        Ok(self.asker.open(path, file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let work = || self.disk.rename(from, to);
        self.asker.during("rename", from, work)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let work = || self.disk.remove(path);
        self.asker.during("remove", path, work)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let work = || self.disk.link(from, to);
        self.asker.during("link", from, work)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let work = || self.disk.list(directory);
        self.asker.during("list", Path::new("directory"), work)
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        let work = || self.disk.create_directory(directory);
        self.asker.during("create", Path::new("directory"), work)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let work = || self.disk.sync_directory(directory);
        self.asker.during("sync", Path::new("directory"), work)
    }

    fn lock(&self, path: &Path, kind: LockKind) -> io::Result<Box<dyn Lock>> {
        let work = || self.disk.lock(path, kind);
        self.asker.during("lock", path, work)
    }
}

#[derive(Debug)]
struct AskingFile {
    asker: Arc<Asker>,
    sort: String,
    file: Arc<dyn File>,
}

impl AskingFile {
    fn during<T>(&self, verb: &str, work: impl FnOnce() -> T) -> T {
        self.asker.during(verb, Path::new(&self.sort), work)
    }
}

impl File for AskingFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.during("append", || self.file.append(bytes))
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        self.during("read", || self.file.read(offset, length, scratch))
    }

    fn size(&self) -> io::Result<u64> {
        self.during("size", || self.file.size())
    }

    fn sync(&self) -> io::Result<()> {
        self.during("sync", || self.file.sync())
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.during("truncate", || self.file.truncate(size))
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        self.during("preallocate", || self.file.preallocate(size))
    }
}
