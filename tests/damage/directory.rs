//! A small directory with every kind of file, and copies of it with one file damaged.
//!
//! ```text
//!   MANIFEST    a snapshot that names table 1, then the edits of three flushes
//!   table 1     uncompressed, with a filter; tables 2 to 4: snappy, without one
//!   log         five records: puts, a delete, a batch
//!   CURRENT, LOCK
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etalon::disk::{Disk, MemoryDisk};
use etalon::inspect::{self, FileKind};
use etalon::{Batch, Compression, Options, Store};

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
}

/// One file, changed.
pub(crate) struct Damage {
    pub(crate) file: String,
    pub(crate) how: How,
    /// The first byte that is not as it was.
    pub(crate) at: u64,
    /// What the file holds now; `None` if it is gone.
    pub(crate) bytes: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    Cut,
    Flipped,
    Emptied,
    Removed,
}

fn key(number: u32) -> Vec<u8> {
    format!("key{number:02}").into_bytes()
}

/// Writes the drawing's files; the contents after each record of the last log, none included.
fn write(disk: &MemoryDisk) -> Vec<Contents> {
    let mut contents = Contents::new();
    let small_blocks = Options {
        block_bytes: 64,
        ..Options::default()
    };
    let store = Store::open_on(disk.clone(), HOME, small_blocks.clone()).expect("opens");
    let mut put = |store: &Store, number: u32, value: &[u8]| {
        store.put(&key(number), value).expect("put");
        contents.insert(key(number), value.to_vec());
        contents.clone()
    };
    for number in 0..12 {
        put(&store, number, format!("value {number}").as_bytes());
    }
    store.flush().expect("flush");
    store.close().expect("close");

    let options = Options {
        compression: Compression::Snappy,
        filter_bits: 0,
        ..small_blocks
    };
    let store = Store::open_on(disk.clone(), HOME, options).expect("opens");
    for first in [4, 8] {
        for number in first..first + 6 {
            put(&store, number, &[b'a' + number as u8; 40]);
        }
        store.flush().expect("flush");
    }
    let mut states = vec![put(&store, 20, b"about to be flushed")];
    store.flush().expect("flush");
    states.push(put(&store, 0, b"only in the log"));
    states.push(put(&store, 21, b""));
    let mut last = states[2].clone();
    store.delete(&key(5)).expect("delete");
    last.remove(&key(5));
    states.push(last.clone());
    let mut batch = Batch::default();
    batch.put(&key(22), b"batch");
    batch.delete(&key(0));
    store.write(&batch).expect("write");
    last.insert(key(22), b"batch".to_vec());
    last.remove(&key(0));
    states.push(last.clone());
    store.put(&key(6), b"the last").expect("put");
    last.insert(key(6), b"the last".to_vec());
    states.push(last);
    states
}

impl Original {
    pub(crate) fn new() -> Original {
        let disk = MemoryDisk::default();
        let states = write(&disk);
        let files = read(&disk);
        let log = files
            .keys()
            .find(|name| FileKind::of(name.as_ref()) == FileKind::Log);
        let log = log.expect("a log");
        let mut boundaries = Vec::new();
        let path = Path::new(HOME).join(log);
        let torn = inspect::log(&disk, &path, &mut |batch| boundaries.push(batch.offset));
        assert_eq!(torn.expect("readable"), None);
        boundaries.push(files[log].len() as u64);
        assert_eq!(boundaries.len(), states.len());
        Original {
            files,
            states,
            boundaries,
        }
    }

    /// How many records of the log stand before the damage.
    pub(crate) fn good_records(&self, damage: &Damage) -> usize {
        match FileKind::of(damage.file.as_ref()) {
            FileKind::Log => self.boundaries.partition_point(|begin| *begin <= damage.at) - 1,
            _ => self.boundaries.len() - 1,
        }
    }

    /// Every damage: each file cut at every length, with every bit flipped, emptied, removed.
    pub(crate) fn damages(&self) -> impl Iterator<Item = Damage> {
        self.files.iter().flat_map(|(file, bytes)| {
            let damage = |how, at: usize, bytes| {
                let (file, at) = (file.clone(), at as u64);
                Damage {
                    file,
                    how,
                    at,
                    bytes,
                }
            };
            let cut = (1..bytes.len())
                .map(move |length| damage(How::Cut, length, Some(bytes[..length].to_vec())));
            let flipped = (0..8 * bytes.len()).map(move |bit| {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                damage(How::Flipped, bit / 8, Some(flipped))
            });
            let emptied = damage(How::Emptied, 0, Some(Vec::new()));
            cut.chain(flipped)
                .chain([emptied, damage(How::Removed, 0, None)])
        })
    }

    /// The files with one of them damaged.
    pub(crate) fn with(&self, damage: &Damage) -> Files {
        let mut files = self.files.clone();
        match &damage.bytes {
            Some(bytes) => files.insert(damage.file.clone(), bytes.clone()),
            None => files.remove(&damage.file),
        };
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

/// The files of a disk in memory.
pub(crate) fn read(disk: &MemoryDisk) -> Files {
    let name = |path: &PathBuf| {
        path.file_name()
            .expect("a name")
            .to_str()
            .map(str::to_owned)
    };
    let paths = disk.paths().into_iter();
    paths
        .map(|path| {
            (
                name(&path).expect("ASCII"),
                disk.read_file(&path).expect("listed"),
            )
        })
        .collect()
}
