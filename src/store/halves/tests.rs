//! Logs replayed from two places at once, beside the same ones replayed by one thread.

use std::path::PathBuf;

use super::*;
use crate::cursor::Cursor;
use crate::disk::{Disk, MemoryDisk};
use crate::error::Error;
use crate::log::LogWriter;
use crate::memtable::MemtableWriter;
use crate::store::batch::{Batch, mark};

const PATH: &str = "/000003.log";

const RECORDS: usize = 800;

/// Numbers that look like any.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

/// A log of batches of three changes, each `left_out` numbers behind the one before where it says
/// so; the keys in order or not. Of so many records one is a mark. Also where each record ends.
fn log(in_order: bool, marks: usize, left_out: &dyn Fn(usize) -> i64) -> (Vec<u8>, Vec<usize>) {
    let (disk, path) = (MemoryDisk::default(), PathBuf::from(PATH));
    let mut writer = LogWriter::new(disk.create(&path).expect("memory"), path.clone(), 0);
    let (mut next, mut ends) = (1_u64, Vec::new());
    for record in 0..RECORDS {
        next = next.saturating_add_signed(left_out(record));
        if record % marks == 1 {
            writer.append(&mark(next)).expect("memory");
        } else {
            let mut batch = Batch::default();
            for change in 0..3 {
                let number = record as u64 * 3 + change;
                let number = if in_order {
                    number
                } else {
                    mixed(number) % 900
                };
                let value = vec![7; (mixed(number) % 256) as usize];
                batch.put(format!("{number:08}").as_bytes(), &value);
            }
            writer.append(batch.record(next)).expect("memory");
            next += 3;
        }
        ends.push(writer.end() as usize);
    }
    (disk.read_file(&path).expect("memory"), ends)
}

fn records(bytes: &[u8]) -> Records<'static> {
    let (disk, path) = (MemoryDisk::default(), Path::new(PATH));
    disk.write_file(path, bytes).expect("memory");
    Records {
        file: disk.open(path).expect("memory"),
        path,
        first: Some(1),
    }
}

type Replay<'a> = dyn Fn(&mut MemtableBuilder<'_>, &mut Option<u64>) -> Result<Part> + 'a;

/// Internal keys, and how long the values are.
type Entries = Vec<(Vec<u8>, usize)>;
type Levels = Vec<Vec<Vec<u8>>>;

/// All that a replay gives.
fn given(replay: &Replay<'_>) -> (String, Entries, Levels) {
    let mut last = None;
    let built = MemtableWriter::build(|builder| {
        let part = replay(builder, &mut last);
        Ok::<_, Error>(format!("{part:?} {last:?} {}", builder.changes()))
    });
    let (writer, told) = built.expect("no replay fails");
    let (memtable, mut entries) = (writer.memtable(), Vec::new());
    let mut cursor = memtable.cursor();
    cursor.seek_to_first().expect("memory");
    while cursor.valid() {
        entries.push((cursor.key().to_vec(), cursor.value().len()));
        cursor.next().expect("memory");
    }
    entries.push((Vec::new(), writer.bytes()));
    (told, entries, memtable.levels())
}

/// Whether the log was long enough to be split at all.
fn assert_same(bytes: &[u8], what: &str) -> bool {
    let records = records(bytes);
    let both = given(&|memtable, last| records.replay(0, memtable, last));
    let alone = given(&|memtable, last| records.replay_stretch(0..u64::MAX, memtable, last));
    assert_eq!(both.0, alone.0, "{what}");
    assert!(both == alone, "the entries or the list: {what}");
    let size = bytes.len() as u64;
    size >= LONG_BYTES && records.split(0, size, 1).is_some()
}

#[test]
fn two_threads_give_what_one_gives_wherever_the_log_is_cut() {
    for in_order in [true, false] {
        let (whole, ends) = log(in_order, 7, &|_| 0);
        let cuts = ends.iter().skip(300).step_by(13);
        let mut splits = 0;
        for cut in cuts.flat_map(|end| [end - 3, *end]) {
            let mut bytes = whole[..cut].to_vec();
            splits += usize::from(assert_same(&bytes, &format!("cut at {cut}")));
            bytes.resize(bytes.len() + 300, 0);
            assert_same(&bytes, &format!("zeros from {cut}"));
        }
        assert!(splits > 40, "{splits} logs were split");
    }
}

/// The last record, mostly a mark, is the one before the split.
#[test]
fn two_threads_give_what_one_gives_where_nothing_follows_the_split() {
    let (whole, ends) = log(false, 2, &|_| 0);
    for middle in (2 * BLOCK_BYTES..whole.len()).step_by(BLOCK_BYTES) {
        let begins_behind = ends
            .iter()
            .position(|end| *end >= middle)
            .expect("before its end");
        let Some(end) = ends.get(begins_behind + 1) else {
            continue;
        };
        let mut bytes = whole[..*end].to_vec();
        bytes.resize(2 * middle + 100, 0);
        assert!(assert_same(&bytes, &format!("{middle}")), "split");
    }
}

#[test]
fn two_threads_give_what_one_gives_wherever_a_byte_is_damaged() {
    let (whole, _) = log(false, 7, &|_| 0);
    for at in (0..whole.len()).step_by(4_999) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert_same(&bytes, &format!("damaged at {at}"));
    }
}

/// Then a split tells less than it does elsewhere.
#[test]
fn two_threads_give_what_one_gives_wherever_numbers_are_left_out_or_come_again() {
    for jump in [1, 5, -1, -400] {
        for at in (0..RECORDS).step_by(41) {
            let left_out = |record| if record == at { jump } else { 0 };
            let (bytes, _) = log(at % 2 == 0, 7, &left_out);
            let is_split = assert_same(&bytes, &format!("{jump} at record {at}"));
            assert!(is_split || at == 0 || jump < 0, "{jump} at record {at}");
        }
    }
}
