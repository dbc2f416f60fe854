//! Directories that hold every kind of file and record between them, and copies of them with one
//! file damaged.
//!
//! ```text
//!   old     MANIFEST    a snapshot that names a table, then the edits of three flushes
//!           level 1     a table, uncompressed, with a filter; what a compaction has left
//!           level 0     three tables, with snappy, without a filter; one of them named .sst
//!           orphan      an input of that compaction, which the manifest names no more
//!           log         puts, a delete, a batch, a mark (an empty batch), a put
//!           CURRENT, LOCK
//!   young   as a store is before its first flush: the manifest does not name its log yet
//!   wide    as young; a record of the log goes over three blocks: first, middle and last fragment
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use etalon::disk::{Disk, MemoryDisk};
use etalon::inspect::{self, FileKind};
use etalon::{Compression, Options, Store};

use crate::record::{delete, log, put};

/// Where the directory lies on a disk in memory.
pub(crate) const HOME: &str = "store";

pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// Names and bytes of all files.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The undamaged directory, and what it says.
pub(crate) struct Original {
    pub(crate) files: Files,
    /// The contents after none, one, two, .. all records of the log.
    pub(crate) states: Vec<Contents>,
    /// Where the records of the log begin, and where the last one ends.
    pub(crate) boundaries: Vec<u64>,
    /// Every value that a key ever had.
    pub(crate) written: BTreeSet<(Vec<u8>, Vec<u8>)>,
    orphan: Option<String>,
}

/// One file, changed, or two exchanged.
pub(crate) struct Damage {
    pub(crate) file: String,
    pub(crate) how: How,
    /// The first byte that is not as it was.
    pub(crate) at: u64,
    /// What the file holds now; `None` if it is gone.
    pub(crate) bytes: Option<Vec<u8>>,
    /// The file that now holds what this one held.
    pub(crate) other: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    Cut,
    Flipped,
    Emptied,
    Removed,
    Swapped,
}

fn key(number: u32) -> Vec<u8> {
    format!("key{number:02}").into_bytes()
}

/// Writes to a store, and remembers what it should hold.
#[derive(Default)]
struct Scribe {
    contents: Contents,
    written: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

impl Scribe {
    fn put(&mut self, store: &Store, number: u32, value: &[u8]) {
        store.put(&key(number), value).expect("put");
        self.put_in_log(number, value);
    }

    fn delete(&mut self, store: &Store, number: u32) {
        store.delete(&key(number)).expect("delete");
        self.contents.remove(&key(number));
    }

    fn put_in_log(&mut self, number: u32, value: &[u8]) {
        self.contents.insert(key(number), value.to_vec());
        self.written.insert((key(number), value.to_vec()));
    }

    /// The records of the drawing's log, and the contents after each.
    fn log(&mut self, last_sequence: u64) -> (Vec<u8>, Vec<Contents>) {
        let mut states = vec![self.contents.clone()];
        self.put_in_log(0, b"only in the log");
        states.push(self.contents.clone());
        self.put_in_log(21, b"");
        states.push(self.contents.clone());
        self.contents.remove(&key(5));
        states.push(self.contents.clone());
        self.put_in_log(22, b"batch");
        self.contents.remove(&key(0));
        states.push(self.contents.clone());
        states.push(self.contents.clone()); // the mark
        self.put_in_log(6, b"the last");
        states.push(self.contents.clone());
        let batches = [
            vec![put(&key(0), b"only in the log")],
            vec![put(&key(21), b"")],
            vec![delete(&key(5))],
            vec![put(&key(22), b"batch"), delete(&key(0))],
            vec![],
            vec![put(&key(6), b"the last")],
        ];
        (log(last_sequence + 1, &batches), states)
    }
}

fn small_blocks() -> Options {
    Options {
        block_bytes: 64,
        ..Options::default()
    }
}

fn name_of(files: &Files, kind: FileKind) -> String {
    let found = files
        .keys()
        .rfind(|name| FileKind::of(name.as_ref()) == kind);
    found.expect("such a file").clone()
}

impl Original {
    pub(crate) fn old() -> Original {
        let disk = MemoryDisk::default();
        let mut scribe = Scribe::default();
        let store = Store::open_on(disk.clone(), HOME, small_blocks()).expect("opens");
        for number in 0..12 {
            scribe.put(&store, number, format!("value {number}").as_bytes());
        }
        store.flush().expect("flush");
        let obsolete = read(&disk);
        let orphan = name_of(&obsolete, FileKind::Table);
        scribe.put(&store, 3, b"newer");
        scribe.delete(&store, 11);
        store.compact().expect("compact");
        store.close().expect("close");

        let options = Options {
            compression: Compression::Snappy,
            filter_bits: 0,
            ..small_blocks()
        };
        let store = Store::open_on(disk.clone(), HOME, options).expect("opens");
        for first in [4, 8] {
            for number in first..first + 6 {
                scribe.put(&store, number, &[b'a' + number as u8; 40]);
            }
            store.flush().expect("flush");
        }
        scribe.put(&store, 20, b"about to be flushed");
        store.flush().expect("flush");
        let last_sequence = store.sequence();
        store.close().expect("close");

        let mut files = read(&disk);
        let newest = name_of(&files, FileKind::Table);
        let table = files.remove(&newest).expect("there");
        files.insert(newest.replace(".ldb", ".sst"), table);
        files.insert(orphan.clone(), obsolete[&orphan].clone());
        Original {
            orphan: Some(orphan),
            ..Original::with_log(files, scribe, last_sequence)
        }
    }

    pub(crate) fn young() -> Original {
        let disk = MemoryDisk::default();
        let store = Store::open_on(disk.clone(), HOME, small_blocks()).expect("opens");
        store.close().expect("close");
        Original::with_log(read(&disk), Scribe::default(), 0)
    }

    pub(crate) fn wide() -> Original {
        let disk = MemoryDisk::default();
        let store = Store::open_on(disk.clone(), HOME, small_blocks()).expect("opens");
        let mut scribe = Scribe::default();
        let mut states = vec![scribe.contents.clone()];
        for (number, length) in [(0, 9), (1, 66_000), (2, 9)] {
            scribe.put(&store, number, &vec![b'w'; length]);
            states.push(scribe.contents.clone());
        }
        drop(store);
        Original::with_states(read(&disk), states, scribe)
    }

    /// Gives the log the drawing's records.
    fn with_log(mut files: Files, mut scribe: Scribe, last_sequence: u64) -> Original {
        let (bytes, states) = scribe.log(last_sequence);
        files.insert(name_of(&files, FileKind::Log), bytes);
        Original::with_states(files, states, scribe)
    }

    fn with_states(files: Files, states: Vec<Contents>, scribe: Scribe) -> Original {
        let log = name_of(&files, FileKind::Log);
        let mut boundaries = Vec::new();
        let path = Path::new(HOME).join(&log);
        let visit = &mut |batch: inspect::LogBatch| boundaries.push(batch.offset);
        let torn = inspect::log(&disk_of(&files), &path, visit);
        assert_eq!(torn.expect("readable"), None);
        boundaries.push(files[&log].len() as u64);
        assert_eq!(boundaries.len(), states.len());
        Original {
            files,
            states,
            boundaries,
            written: scribe.written,
            orphan: None,
        }
    }

    /// How many records of the log stand before the damage.
    pub(crate) fn good_records(&self, damage: &Damage) -> usize {
        let is_log = |name: &String| FileKind::of(name.as_ref()) == FileKind::Log;
        if is_log(&damage.file) || damage.other.as_ref().is_some_and(is_log) {
            self.boundaries.partition_point(|begin| *begin <= damage.at) - 1
        } else {
            self.boundaries.len() - 1
        }
    }

    /// Whether a table is the one that the manifest does not name.
    pub(crate) fn is_orphan(&self, file: &str) -> bool {
        self.orphan.as_deref() == Some(file)
    }

    /// Every damage: each file cut at every length, with every bit flipped, emptied, removed, and
    /// exchanged with each other.
    pub(crate) fn damages(&self) -> impl Iterator<Item = Damage> {
        self.damages_at(|_, _| true)
    }

    /// The same, but cut and flipped only at those places of those files.
    pub(crate) fn damages_at(
        &self,
        wanted: fn(&str, usize) -> bool,
    ) -> impl Iterator<Item = Damage> {
        self.files.iter().flat_map(move |(file, bytes)| {
            let damage = |how, at: usize, bytes| Damage {
                file: file.clone(),
                how,
                at: at as u64,
                bytes,
                other: None,
            };
            let cut = (1..bytes.len())
                .filter(move |length| wanted(file, *length))
                .map(move |length| damage(How::Cut, length, Some(bytes[..length].to_vec())));
            let bits = (0..8 * bytes.len()).filter(move |bit| wanted(file, bit / 8));
            let flipped = bits.map(move |bit| {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                damage(How::Flipped, bit / 8, Some(flipped))
            });
            let emptied = damage(How::Emptied, 0, Some(Vec::new()));
            let swapped = self.files.range(file.clone()..).skip(1);
            let swapped = swapped.map(move |(other, bytes)| Damage {
                other: Some(other.clone()),
                ..damage(How::Swapped, 0, Some(bytes.clone()))
            });
            cut.chain(flipped)
                .chain([emptied, damage(How::Removed, 0, None)])
                .chain(swapped)
        })
    }

    /// The files with one of them damaged.
    pub(crate) fn with(&self, damage: &Damage) -> Files {
        let mut files = self.files.clone();
        match &damage.bytes {
            Some(bytes) => files.insert(damage.file.clone(), bytes.clone()),
            None => files.remove(&damage.file),
        };
        if let Some(other) = &damage.other {
            files.insert(other.clone(), self.files[&damage.file].clone());
        }
        files
    }
}

/// Every key that was ever in the store, and some that never were.
pub(crate) fn all_keys() -> impl Iterator<Item = Vec<u8>> {
    (0..24)
        .map(key)
        .chain([Vec::new(), b"key".to_vec(), b"zzz".to_vec()])
}

/// A disk in memory with these files.
pub(crate) fn disk_of(files: &Files) -> MemoryDisk {
    let disk = MemoryDisk::default();
    disk.create_directory(Path::new(HOME)).expect("a new disk");
    for (name, bytes) in files {
        disk.write_file(&Path::new(HOME).join(name), bytes)
            .expect("a new file");
    }
    disk
}

/// The files of the directory on a disk in memory.
pub(crate) fn read(disk: &MemoryDisk) -> Files {
    let paths = disk.paths().into_iter();
    let here = paths.filter(|path| path.starts_with(HOME));
    here.map(|path| {
        let name = path.file_name().expect("a name").to_str().expect("ASCII");
        (name.to_owned(), disk.read_file(&path).expect("listed"))
    })
    .collect()
}
