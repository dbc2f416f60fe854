//! Files for the targets: real ones, made by the engine, and the frame of a store around a
//! hostile one.

use std::path::Path;

use etalon::disk::MemoryDisk;
use etalon::inspect::FileKind;
use etalon::{Options, Store};

use crate::repair::masked_crc;

/// The directory of every store here.
pub const DIRECTORY: &str = "store";

/// Puts a file into the store's directory.
///
/// # Panics
/// If there is no such directory.
pub fn put(disk: &MemoryDisk, name: &str, bytes: &[u8]) {
    disk.write_file(&Path::new(DIRECTORY).join(name), bytes)
        .expect("the directory is there");
}

/// A disk with an empty directory for a store.
///
/// # Panics
/// Never: memory takes any name.
pub fn empty_disk() -> MemoryDisk {
    use etalon::disk::Disk;
    let disk = MemoryDisk::default();
    disk.create_directory(Path::new(DIRECTORY))
        .expect("a new disk");
    disk
}

/// A segment that a manifest names.
pub struct Segment<'a> {
    /// The number of its file.
    pub number: u64,
    /// The size of its file.
    pub bytes: u64,
    /// The first and the last internal key.
    pub keys: [&'a [u8]; 2],
}

/// A manifest of one record, that names a log and perhaps a segment in level 1, with all the
/// numbers that must be there.
pub fn manifest(log: u64, last_sequence: u64, segment: Option<Segment<'_>>) -> Vec<u8> {
    let mut record = Vec::new();
    record.push(1);
    slice(&mut record, b"leveldb.BytewiseComparator");
    for (tag, number) in [(2, log), (3, 1_000), (4, last_sequence)] {
        record.push(tag);
        varint(&mut record, number);
    }
    if let Some(segment) = segment {
        record.extend_from_slice(&[7, 1]);
        varint(&mut record, segment.number);
        varint(&mut record, segment.bytes);
        for key in segment.keys {
            slice(&mut record, key);
        }
    }
    one_record(&record)
}

/// A log that holds this record; blocks are kept to.
pub fn one_record(record: &[u8]) -> Vec<u8> {
    const ROOM: usize = 32 * 1024 - 7;
    let mut out = Vec::new();
    let parts = record.len().div_ceil(ROOM).max(1);
    for (at, part) in record.chunks(ROOM).enumerate() {
        let kind = match (at, parts) {
            (0, 1) => 1,
            (0, _) => 2,
            _ if at + 1 == parts => 4,
            _ => 3,
        };
        let checked = [&[kind], part].concat();
        out.extend_from_slice(&masked_crc(&checked));
        out.extend_from_slice(&(part.len() as u16).to_le_bytes());
        out.extend_from_slice(&checked);
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn slice(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// An internal key: the user's, then sequence number and kind.
pub fn internal_key(key: &[u8], sequence: u64, is_put: bool) -> Vec<u8> {
    let tag = sequence << 8 | u64::from(is_put);
    [key, &tag.to_le_bytes()].concat()
}

/// A store with two overlapping segments, tombstones and an unflushed log, as the engine makes
/// it; the same each time.
///
/// # Panics
/// If the engine fails.
pub fn real_store(options: Options) -> MemoryDisk {
    let disk = MemoryDisk::default();
    let write = || -> etalon::Result<()> {
        let store = Store::open_on(disk.clone(), DIRECTORY, options)?;
        for round in 0..3_u8 {
            for key in 0..20_u8 {
                let name = [b"key".as_slice(), &[b'0' + key % 10], &[key]].concat();
                match (key + round) % 4 {
                    0 => store.delete(&name)?,
                    _ => store.put(&name, &vec![b'a' + round; usize::from(key) * 3])?,
                }
            }
            if round < 2 {
                store.flush()?;
            }
        }
        store.close()
    };
    write().expect("memory does not fail");
    disk
}

/// The files of that kind in a store, in the order of their names.
///
/// # Panics
/// Never: the files listed are there.
pub fn files_of(disk: &MemoryDisk, kind: FileKind) -> Vec<Vec<u8>> {
    let paths = disk.paths().into_iter();
    paths
        .filter(|path| FileKind::of(path) == kind)
        .map(|path| disk.read_file(&path).expect("listed just now"))
        .collect()
}
