//! Opening a damaged store with what is intact: everything that is lost is said, nothing damaged
//! is removed, and the next opening finds a store in order.

use std::path::{Path, PathBuf};

use etalon::disk::{Disk, MemoryDisk};
use etalon::{Error, Notice, Options, Result, Store, WriteOptions};

const HOME: &str = "store";

/// What a put of one byte each takes in the log, and what a mark takes.
const RECORD: usize = 24;
const MARK: usize = 19;

fn open(disk: &MemoryDisk) -> Result<Store> {
    Store::open_on(disk.clone(), HOME, Options::default())
}

fn salvage(disk: &MemoryDisk) -> Store {
    let options = Options {
        salvage: true,
        ..Options::default()
    };
    Store::open_on(disk.clone(), HOME, options).expect("salvage opens it")
}

/// A table with `a` and `b`, a newer one with `b` and `c`, and a closed log with `d` to `g`.
fn store() -> MemoryDisk {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    for (keys, value) in [(["a", "b"], b"1"), (["b", "c"], b"2")] {
        for key in keys {
            store.put(key.as_bytes(), value).expect("put");
        }
        store.flush().expect("flush");
    }
    for key in ["d", "e", "f", "g"] {
        let written = store.put_with(key.as_bytes(), b"3", WriteOptions::synced());
        written.expect("put");
    }
    store.close().expect("close");
    disk
}

fn path_of(disk: &MemoryDisk, part: &str) -> PathBuf {
    let mut paths = disk.paths().into_iter();
    paths
        .find(|path| path.to_string_lossy().contains(part))
        .expect("there")
}

/// Keys and values, one after the other.
fn contents(store: &Store) -> String {
    let entries = store.scan().collect().expect("scan");
    let text = entries
        .into_iter()
        .map(|(key, value)| [key, value].concat());
    text.map(|entry| String::from_utf8(entry).expect("text"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Damages the file whose path has `part` in it.
fn damage(disk: &MemoryDisk, part: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let path = path_of(disk, part);
    let mut bytes = disk.read_file(&path).expect("there");
    change(&mut bytes);
    disk.write_file(&path, &bytes).expect("written");
    path
}

/// Refused without salvage; with it these contents, and a notice of each of these places.
fn assert_salvaged(disk: &MemoryDisk, expected: &str, places: &[(&Path, Option<u64>)]) {
    assert!(matches!(open(disk), Err(Error::Damaged { .. })));
    let damaged = disk.paths();
    let store = salvage(disk);
    assert_eq!(contents(&store), expected);
    let said: Vec<_> = store.notices().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), places.len(), "{said:?}");
    for (notice, (path, offset)) in store.notices().iter().zip(places) {
        let Notice::LeftOut {
            path: at,
            offset: begin,
            ..
        } = notice
        else {
            panic!("{notice}");
        };
        assert_eq!(at, path);
        assert!(offset.is_none_or(|offset| offset == *begin), "{notice}");
    }
    for path in damaged {
        let aside = Path::new(HOME)
            .join("lost")
            .join(path.file_name().expect("a name"));
        let kept = disk.read_file(&path).or_else(|_| disk.read_file(&aside));
        kept.unwrap_or_else(|_| panic!("{} is gone", path.display()));
    }
    store.put(b"z", b"9").expect("it takes writes");
    drop(store);
    let again = open(disk).expect("in order again");
    assert_eq!(contents(&again), format!("{expected} z9"));
    assert_eq!(again.notices(), []);
}

const WHOLE: &str = "a1 b2 c2 d3 e3 f3 g3";

#[test]
fn an_intact_store_opens_as_ever() {
    let disk = store();
    let salvaged = salvage(&disk);
    assert_eq!(contents(&salvaged), WHOLE);
    assert_eq!(salvaged.notices(), []);
    assert!(
        !disk
            .list(HOME.as_ref())
            .expect("lists")
            .contains(&"lost".into())
    );
}

#[test]
fn a_log_is_read_on_behind_a_damaged_record() {
    let disk = store();
    let log = damage(&disk, ".log", |bytes| bytes[RECORD + MARK + 20] ^= 1);
    assert_salvaged(&disk, "a1 b2 c2 d3 f3 g3", &[(&log, Some(43))]);
}

#[test]
fn two_damaged_records_are_two_losses() {
    let disk = store();
    let log = damage(&disk, ".log", |bytes| {
        bytes[20] ^= 1;
        bytes[2 * (RECORD + MARK) + 20] ^= 1;
    });
    let losses = [(&*log, Some(0)), (&*log, Some(86))];
    assert_salvaged(&disk, "a1 b2 c2 e3 g3", &losses);
}

#[test]
fn a_torn_tail_is_cut_and_no_loss_of_salvage() {
    let disk = store();
    damage(&disk, ".log", |bytes| {
        bytes.truncate(3 * (RECORD + MARK) + 10);
    });
    let salvaged = salvage(&disk);
    assert_eq!(contents(&salvaged), "a1 b2 c2 d3 e3 f3");
    assert!(matches!(salvaged.notices(), [Notice::TornTail { .. }]));
}

#[test]
fn a_damaged_table_is_left_out_and_older_values_come_back() {
    let disk = store();
    let table = damage(&disk, "000006.ldb", |bytes| {
        let magic = bytes.len() - 1;
        bytes[magic] ^= 1;
    });
    assert_salvaged(&disk, "a1 b1 d3 e3 f3 g3", &[(&table, None)]);
}

#[test]
fn a_table_that_is_gone_is_said_of_the_manifest() {
    let disk = store();
    disk.remove(&path_of(&disk, "000004.ldb")).expect("there");
    let manifest = path_of(&disk, "MANIFEST");
    assert_salvaged(&disk, "b2 c2 d3 e3 f3 g3", &[(&manifest, None)]);
}

#[test]
fn a_log_that_is_gone_is_said_of_the_manifest() {
    let disk = store();
    disk.remove(&path_of(&disk, ".log")).expect("there");
    let manifest = path_of(&disk, "MANIFEST");
    assert_salvaged(&disk, "a1 b2 c2", &[(&manifest, None)]);
}

/// A log of two records becomes two logs of one, of which the first is damaged or has a gap
/// behind it.
fn two_logs() -> (MemoryDisk, Vec<u8>) {
    let disk = MemoryDisk::default();
    let store = open(&disk).expect("opens");
    for key in ["a", "b", "c"] {
        store.put(key.as_bytes(), b"1").expect("put");
    }
    drop(store);
    let bytes = disk.read_file("store/000002.log".as_ref()).expect("there");
    assert_eq!(bytes.len(), 3 * RECORD);
    (disk, bytes)
}

#[test]
fn a_damaged_older_log_and_a_gap_between_logs_are_losses() {
    let (older, newer) = (Path::new("store/000002.log"), Path::new("store/000003.log"));
    let (disk, bytes) = two_logs();
    disk.write_file(older, &bytes[..2 * RECORD - 1])
        .expect("written");
    disk.write_file(newer, &bytes[2 * RECORD..])
        .expect("written");
    assert_salvaged(&disk, "a1 c1", &[(older, Some(24)), (newer, Some(0))]);

    let (disk, bytes) = two_logs();
    disk.write_file(older, &bytes[..RECORD]).expect("written");
    disk.write_file(newer, &bytes[2 * RECORD..])
        .expect("written");
    assert_salvaged(&disk, "a1 c1", &[(newer, Some(0))]);

    let (disk, bytes) = two_logs();
    disk.write_file(older, &bytes[..2 * RECORD])
        .expect("written");
    disk.write_file(newer, &bytes[2 * RECORD..])
        .expect("written");
    assert_eq!(contents(&open(&disk).expect("no gap")), "a1 b1 c1");
}

#[test]
fn a_damaged_manifest_is_read_up_to_there_and_newer_tables_are_set_aside() {
    let disk = store();
    let manifest = path_of(&disk, "MANIFEST");
    let mut edits = Vec::new();
    etalon::inspect::manifest(&disk, &manifest, &mut |edit| edits.push(edit.offset))
        .expect("readable");
    assert_eq!(edits.len(), 3);
    damage(&disk, "MANIFEST", |bytes| {
        bytes[edits[1] as usize + 10] ^= 1;
    });
    assert!(matches!(open(&disk), Err(Error::Damaged { .. })));
    let salvaged = salvage(&disk);
    assert_eq!(contents(&salvaged), "d3 e3 f3 g3");
    let said: Vec<_> = salvaged.notices().iter().map(ToString::to_string).collect();
    assert!(
        said[0].contains("MANIFEST-000001: left out, damaged at offset"),
        "{said:?}"
    );
    drop(salvaged);
    let lost = disk.list("store/lost".as_ref()).expect("there");
    for name in ["000004.ldb", "000006.ldb", "MANIFEST-000001"] {
        assert!(lost.contains(&name.to_owned()), "{lost:?}");
    }
    assert_eq!(contents(&open(&disk).expect("in order")), "d3 e3 f3 g3");
}
