//! Batches without changes in a log: LevelDB's reader accepts them, and so they can mark how far
//! a log is durable. Each program must read past them, wherever they stand.
//!
//! The records are framed here by hand, as `spec/FORMAT.md` says.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use etalon::inspect::FileKind;
use etalon::{Options, Store};
use etalon_interop::{
    CLASSIC_LEVEL, Contents, Foreign, GOLEVELDB, JAVA_LEVELDB, PLYVEL, Program, RUSTY_LEVELDB,
    built, scratch,
};
use etalon_spec::{Abilities, KeyValueStore, Model, Op};

/// A whole record: of the type and the bytes the masked checksum, the length, the type, the bytes.
fn fragment(bytes: &[u8]) -> Vec<u8> {
    const FULL: u8 = 1;
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&[FULL]), bytes);
    let masked = checksum.rotate_right(15).wrapping_add(0xa282_ead8);
    let length = u16::try_from(bytes.len()).expect("a short record");
    let mut framed = masked.to_le_bytes().to_vec();
    framed.extend(length.to_le_bytes());
    framed.push(FULL);
    framed.extend(bytes);
    framed
}

/// A batch without changes, whose sequence number is that of the next change.
fn mark(next_sequence: u64) -> Vec<u8> {
    [&next_sequence.to_le_bytes()[..], &0_u32.to_le_bytes()].concat()
}

/// A batch of one put, of a short key and value.
fn put(sequence: u64, key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut batch = sequence.to_le_bytes().to_vec();
    batch.extend(1_u32.to_le_bytes());
    batch.push(1);
    for bytes in [key, value] {
        batch.push(u8::try_from(bytes.len()).expect("short"));
        batch.extend(bytes);
    }
    batch
}

/// The one log of a directory.
fn log_of(directory: &Path) -> PathBuf {
    let files = fs::read_dir(directory).expect("a directory");
    let mut logs = files
        .map(|file| file.expect("a file").path())
        .filter(|path| FileKind::of(path) == FileKind::Log);
    logs.next().expect("a log")
}

/// A store with `a` in a table, and after it a log of these records, each given the sequence
/// number that is next; 0 for a mark, 1 for a put of `b` and so on.
fn directory_with(scratch: &Path, records: &[u64], model: &mut Model) -> PathBuf {
    let directory = scratch.join("store");
    let store = Store::open(&directory, Options::default()).expect("opens");
    store.put(b"a", b"in a table").expect("put");
    model.put(b"a", b"in a table").expect("put");
    Store::flush(&store).expect("flushes");
    drop(store);
    let mut log = OpenOptions::new();
    let mut log = log.append(true).open(log_of(&directory)).expect("opens");
    let mut sequence = 2;
    for (at, record) in (b'b'..).zip(records) {
        let batch = match record {
            0 => mark(sequence),
            _ => put(sequence, &[at], b"in the log"),
        };
        if *record != 0 {
            model.put(&[at], b"in the log").expect("put");
        }
        log.write_all(&fragment(&batch)).expect("written");
        sequence += record;
    }
    directory
}

fn reads_past_marks_and_goes_on(program: Program) {
    let mut foreign = Foreign::start(program, &built!());
    let can = (program.profile)().can;
    let logs: [&[u64]; 6] = [
        &[0],
        &[1, 0],
        &[0, 1],
        &[1, 0, 1],
        &[1, 1, 0, 0],
        &[0, 0, 1, 0, 1, 0],
    ];
    for records in logs {
        let scratch = scratch();
        let mut model = Model::default();
        let directory = directory_with(scratch.path(), records, &mut model);
        let named: Vec<Op> = (b'a'..b'i').map(|key| Op::get(vec![key])).collect();
        let opened = foreign.open(&directory, &etalon_spec::Options::default());
        opened.unwrap_or_else(|failure| panic!("{records:?}: {failure}"));
        let agreed = Contents::of(&mut model, &named, can).compare(&mut foreign);
        agreed.unwrap_or_else(|what| panic!("{records:?}: {what}"));

        foreign.put(b"h", b"its own").expect("put");
        model.put(b"h", b"its own").expect("put");
        foreign.release().expect("closes");
        let mut store = Store::open(&directory, Options::default()).expect("opens");
        let agreed = Contents::of(&mut model, &named, Abilities::PLAIN).compare(&mut store);
        agreed.unwrap_or_else(|what| panic!("{records:?}, etalon: {what}"));
    }
}

#[test]
fn plyvel_reads_past_marks_and_goes_on() {
    reads_past_marks_and_goes_on(PLYVEL);
}

#[test]
fn classic_level_reads_past_marks_and_goes_on() {
    reads_past_marks_and_goes_on(CLASSIC_LEVEL);
}

#[test]
fn goleveldb_reads_past_marks_and_goes_on() {
    reads_past_marks_and_goes_on(GOLEVELDB);
}

#[test]
fn java_leveldb_reads_past_marks_and_goes_on() {
    reads_past_marks_and_goes_on(JAVA_LEVELDB);
}

#[test]
fn rusty_leveldb_reads_past_marks_and_goes_on() {
    reads_past_marks_and_goes_on(RUSTY_LEVELDB);
}

/// The comparison sees a record that a program has passed over.
#[test]
fn a_change_after_a_mark_that_the_model_lacks_is_found() {
    let scratch = scratch();
    let mut model = Model::default();
    let directory = directory_with(scratch.path(), &[0, 1], &mut model);
    model.delete(b"c").expect("deletes");
    let mut foreign = Foreign::start(PLYVEL, &built!());
    let opened = foreign.open(&directory, &etalon_spec::Options::default());
    opened.expect("opens");
    let wrong = Contents::of(&mut model, &[], Abilities::PLAIN).compare(&mut foreign);
    assert!(wrong.is_err(), "c is there");
}
