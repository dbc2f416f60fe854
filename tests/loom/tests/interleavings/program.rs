//! Programs: what each thread of a scenario does, written down as data, so that the engine can
//! run it and a reference can say which outcomes are possible.
//!
//! ```text
//!   before    one thread prepares the store
//!   threads   the first goes on, the others are spawned; each does its operations in order
//!   outcome   what each thread read, and, if asked for, what the files say afterwards:
//!             "1 [k=1 l=1], none; then [l=1]"
//! ```
//!
//! A thread holds at most one snapshot and one iterator. It may begin with a snapshot that was
//! taken before: `before` leaves it to the first thread.

use std::sync::Arc;

use etalon_loom::{Batch, Iter, Options, Result, Snapshot, Store, counted};
use loom::thread::JoinHandle;

use crate::disk::TestDisk;
use crate::explore::spawn;

/// One operation of a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Get(&'static str),
    /// By the thread's handle for reading, which it has from its first such operation on.
    GetByHandle(&'static str),
    Put(&'static str, &'static str),
    Delete(&'static str),
    /// Puts and deletes as one.
    Write(&'static [(&'static str, Option<&'static str>)]),
    /// Compares and swaps: the key, what it expects, what it sets.
    Swap(&'static str, Option<&'static str>, &'static str),
    /// Puts a run as a segment of its own.
    Ingest(&'static [(&'static str, &'static str)]),
    Scan,
    ScanBack,
    /// Takes the snapshot that the next one reads.
    Snapshot,
    GetAt(&'static str),
    /// Makes the iterator that `Walk` reads to its end, from its first entry.
    Iterator,
    Walk,
    Flush,
    Compact,
    /// One step of the work that a store leaves to whoever calls.
    Work,
    /// Wakes whoever waits, for nothing.
    Wake,
    /// The first thread waits here until all others have ended.
    Join,
}

/// What a scenario does.
pub(crate) struct Program {
    pub(crate) options: fn() -> Options,
    pub(crate) before: &'static [Op],
    pub(crate) threads: &'static [&'static [Op]],
    pub(crate) ends: Ends,
}

/// What is looked at when all threads have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends {
    /// Nothing.
    There,
    /// The store is closed, opened again, and scanned.
    Reopened,
    /// Once whatever nobody holds is swept, how many segments' files are left: this many.
    WithFiles(usize),
}

impl Program {
    /// Operations of all threads, those before not counted.
    pub(crate) fn operations(&self) -> usize {
        self.threads.iter().map(|ops| ops.len()).sum()
    }

    /// Runs it on the engine: one interleaving, whose outcome it returns.
    pub(crate) fn run(&self) -> String {
        let disk = TestDisk::default();
        let store = Arc::new(open(&disk, (self.options)()));
        let mut first = Thread::new(&store);
        first.all(self.before);
        counted::begin();
        first.others = self.threads[1..]
            .iter()
            .map(|ops| {
                let mut thread = Thread::new(&store);
                spawn(move || thread.all(ops))
            })
            .collect();
        let own = first.all(self.threads[0]);
        first.join();
        let mut outcome = [own]
            .into_iter()
            .chain(first.joined.drain(..))
            .collect::<Vec<_>>()
            .join(", ");
        drop(first);
        match self.ends {
            Ends::There => {}
            Ends::Reopened => {
                drop(store);
                let files = open(&disk, (self.options)());
                outcome = format!("{outcome}; then {}", listed(files.scan().collect()));
            }
            Ends::WithFiles(_) => {
                done(store.flush());
                outcome = format!("{outcome}; files: {}", disk.files("ldb"));
            }
        }
        outcome
    }
}

pub(crate) fn open(disk: &TestDisk, options: Options) -> Store {
    done(Store::open_on(disk.clone(), "store", options))
}

/// The disk of a scenario refuses nothing unless it says so, and then no operation fails.
pub(crate) fn done<T>(result: Result<T>) -> T {
    result.expect("a disk in memory works")
}

/// A thread at work.
struct Thread {
    // Dropped in this order: the store last.
    iterator: Option<Iter>,
    snapshot: Option<Snapshot>,
    store: Arc<Store>,
    /// Of the first thread: those that run, and what those read that have ended.
    others: Vec<JoinHandle<String>>,
    joined: Vec<String>,
}

impl Thread {
    fn new(store: &Arc<Store>) -> Self {
        Thread {
            iterator: None,
            snapshot: None,
            store: Arc::clone(store),
            others: Vec::new(),
            joined: Vec::new(),
        }
    }

    /// Waits for the others.
    fn join(&mut self) {
        let others = self.others.drain(..).map(JoinHandle::join);
        let replies = others.map(|replies| replies.expect("the thread returns"));
        self.joined.extend(replies);
    }

    /// Does the operations; what they read.
    fn all(&mut self, ops: &[Op]) -> String {
        let store = Arc::clone(&self.store);
        let mut handle = None;
        let one = |op: &Op| match *op {
            Op::GetByHandle(key) => {
                let handle = handle.get_or_insert_with(|| store.reader());
                Some(value(handle.get(key.as_bytes())))
            }
            op => self.one(op),
        };
        let replies: Vec<String> = ops.iter().filter_map(one).collect();
        replies.join(" ")
    }

    fn one(&mut self, op: Op) -> Option<String> {
        let store = &*self.store;
        match op {
            Op::GetByHandle(_) => unreachable!("by the caller"),
            Op::Get(key) => return Some(value(store.get(key.as_bytes()))),
            Op::Put(key, value) => done(store.put(key.as_bytes(), value.as_bytes())),
            Op::Delete(key) => done(store.delete(key.as_bytes())),
            Op::Write(changes) => done(store.write(&batch(changes))),
            Op::Swap(key, expected, new) => {
                let expected = expected.map(str::as_bytes);
                let (key, new) = (key.as_bytes(), Some(new.as_bytes()));
                return Some(done(store.compare_and_swap(key, expected, new)).to_string());
            }
            Op::Ingest(run) => done(store.ingest(run)),
            Op::Scan => return Some(listed(store.scan().collect())),
            Op::ScanBack => return Some(listed(store.scan().reverse().collect())),
            Op::Snapshot => self.snapshot = Some(store.snapshot()),
            Op::GetAt(key) => {
                let snapshot = self.snapshot.as_ref().expect("taken before");
                return Some(value(store.get_at(snapshot, key.as_bytes())));
            }
            Op::Iterator => self.iterator = Some(done(store.iterator())),
            Op::Walk => return Some(listed(walked(self.iterator.as_mut().expect("made before")))),
            Op::Flush => done(store.flush()),
            Op::Compact => done(store.compact()),
            Op::Work => drop(done(store.work())),
            Op::Wake => store.notify_all_waiters(),
            Op::Join => self.join(),
        }
        None
    }
}

fn batch(changes: &[(&str, Option<&str>)]) -> Batch {
    let mut batch = Batch::default();
    for (key, value) in changes {
        match value {
            Some(value) => batch.put(key.as_bytes(), value.as_bytes()),
            None => batch.delete(key.as_bytes()),
        }
    }
    batch
}

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

fn walked(iterator: &mut Iter) -> Result<Entries> {
    let mut entries = Vec::new();
    iterator.seek_to_first()?;
    while let Some((key, value)) = iterator.entry() {
        entries.push((key.to_vec(), value.to_vec()));
        iterator.next()?;
    }
    Ok(entries)
}

/// The reply of a get, as the outcome says it.
pub(crate) fn value(got: Result<Option<Vec<u8>>>) -> String {
    match got {
        Ok(Some(value)) => String::from_utf8_lossy(&value).into_owned(),
        Ok(None) => "none".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

/// The reply of a scan, as the outcome says it.
pub(crate) fn listed(scanned: Result<Entries>) -> String {
    let entry = |(key, value): &(Vec<u8>, Vec<u8>)| {
        let (key, value) = (String::from_utf8_lossy(key), String::from_utf8_lossy(value));
        format!("{key}={value}")
    };
    match scanned {
        Ok(entries) => {
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("[{}]", entries.join(" "))
        }
        Err(error) => format!("error: {error}"),
    }
}
