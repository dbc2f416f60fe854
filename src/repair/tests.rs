//! What is saved of damaged files, and what is said of the rest.

use std::path::Path;

use super::{Fate, Repair, repair_on};
use crate::disk::MemoryDisk;
use crate::{Compression, Options, Store, inspect};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

fn key(number: u32) -> Vec<u8> {
    format!("key{number:03}").into_bytes()
}

/// A hundred keys in one table of some ten blocks, `000004.ldb`.
fn one_table() -> MemoryDisk {
    one_table_of(Compression::None, 10)
}

fn one_table_of(compression: Compression, filter_bits: u32) -> MemoryDisk {
    let disk = MemoryDisk::default();
    let options = Options {
        block_bytes: 256,
        compression,
        filter_bits,
        ..Options::default()
    };
    let store = Store::open_on(disk.clone(), "dir", options).expect("opens");
    for number in 0..100 {
        store.put(&key(number), b"some value").expect("put");
    }
    store.flush().expect("flush");
    store.close().expect("close");
    disk
}

const TABLE: &str = "dir/000004.ldb";

fn change(disk: &MemoryDisk, path: &str, damage: impl FnOnce(&mut Vec<u8>)) {
    let path = Path::new(path);
    let mut bytes = disk.read_file(path).expect("there");
    damage(&mut bytes);
    disk.write_file(path, &bytes).expect("written");
}

fn repaired(disk: &MemoryDisk) -> (Repair, Entries) {
    let repair = repair_on(disk.clone(), "dir", "new").expect("repairs");
    let store = Store::open_on(disk.clone(), "new", Options::default()).expect("opens");
    let entries = store.scan().collect().expect("scan");
    assert_eq!(entries.len() as u64, repair.keys);
    (repair, entries)
}

#[test]
fn the_blocks_beside_a_damaged_one_are_saved() {
    let disk = one_table();
    change(&disk, TABLE, |bytes| bytes[1000] ^= 1);
    let (repair, entries) = repaired(&disk);
    let lost = 100 - entries.len();
    assert!((5..15).contains(&lost), "one block of about ten: {lost}");
    let [remark] = &repair.remarks[..] else {
        panic!("{:?}", repair.remarks);
    };
    assert_eq!(remark.fate, Fate::Lost);
    assert!(remark.what.contains("keys from \"key0"), "{}", remark.what);
    // Exactly the keys of the range that is named are gone.
    let gone: Vec<Vec<u8>> = (0..100)
        .map(key)
        .filter(|key| !entries.iter().any(|(found, _)| found == key))
        .collect();
    let up_to = gone[lost - 1].escape_ascii().to_string();
    let before = String::from_utf8(gone[0].clone()).expect("text");
    let before: u32 = before[3..].parse().expect("a number");
    let range = format!("keys from \"key{:03}\" to \"{up_to}\"", before - 1);
    assert!(remark.what.ends_with(&range), "{} {range}", remark.what);
}

#[test]
fn a_table_without_footer_index_or_filter_is_read_from_the_front() {
    for cut in [true, false] {
        let disk = one_table();
        change(&disk, TABLE, |bytes| {
            let length = bytes.len();
            if cut {
                bytes.truncate(length - 100);
            } else {
                bytes[length - 1] ^= 1;
            }
        });
        let (repair, entries) = repaired(&disk);
        assert_eq!(entries.len(), 100, "{:?}", repair.remarks);
        assert!(!repair.is_complete());
    }
}

/// Also those that end where the footer would stand. Found by the cuts of tests/damage, when each
/// of these tables was lost whole.
#[test]
fn a_table_cut_at_the_end_of_a_block_keeps_every_block_before() {
    let whole = one_table();
    let outline = inspect::table(&whole, Path::new(TABLE), &mut |_| ()).expect("intact");
    let mut saved = 0;
    for (offset, size, _) in &outline.blocks {
        let disk = one_table();
        let end = (offset + size) as usize + 5;
        change(&disk, TABLE, |bytes| bytes.truncate(end));
        let (_, entries) = repaired(&disk);
        assert!(entries.len() > saved, "a block more");
        saved = entries.len();
        let expected = (0..100).map(key).take(saved);
        assert!(entries.iter().map(|(key, _)| key.clone()).eq(expected));
    }
    assert_eq!(saved, 100);
}

/// Where its blocks are, and how many entries each has.
fn blocks(disk: &MemoryDisk) -> Vec<(u64, u64, usize)> {
    let outline = inspect::table(disk, Path::new(TABLE), &mut |_| ()).expect("intact");
    let mut before = 0;
    let counted = outline.blocks.into_iter().map(|(offset, size, up_to)| {
        let up_to = &up_to[..up_to.len() - 8];
        let through = (0..100).filter(|number| &key(*number)[..] <= up_to).count();
        let entries = through - std::mem::replace(&mut before, through);
        (offset, size, entries)
    });
    counted.collect()
}

/// Cuts off the footer, and with it the way to the index.
fn behead(bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() - 48);
}

#[test]
fn without_an_index_the_blocks_behind_damaged_ones_are_saved() {
    for compression in [Compression::None, Compression::Snappy] {
        let blocks = blocks(&one_table_of(compression, 10));
        let damages: [&[usize]; 5] = [&[0], &[3], &[3, 4], &[1, 5, 6], &[blocks.len() - 1]];
        for bad in damages {
            let disk = one_table_of(compression, 10);
            change(&disk, TABLE, |bytes| {
                for at in bad {
                    bytes[blocks[*at].0 as usize + 9] ^= 1;
                }
                behead(bytes);
            });
            let (repair, entries) = repaired(&disk);
            let gone: usize = bad.iter().map(|at| blocks[*at].2).sum();
            assert_eq!(entries.len(), 100 - gone, "{bad:?}, {compression:?}");
            assert!(entries.iter().all(|(_, value)| value == b"some value"));
            let lost = |remark: &&super::Remark| remark.offset == blocks[bad[0]].0;
            let lost = repair.remarks.iter().find(lost).expect("it is said");
            assert_eq!(lost.fate, Fate::Lost);
        }
    }
}

/// Their keys are internal keys, and their values lead to blocks.
#[test]
fn an_index_is_not_taken_for_data_where_what_stands_before_it_is_damaged() {
    for filter_bits in [0, 10] {
        let blocks = blocks(&one_table_of(Compression::None, filter_bits));
        let (offset, size, entries_of_last) = *blocks.last().expect("some");
        let end = (offset + size) as usize + 5;
        // The filter, or the metaindex; and the last block before it.
        for (damaged, expected) in [
            (vec![end], 100),
            (vec![offset as usize + 9], 100 - entries_of_last),
            (vec![offset as usize + 9, end], 100 - entries_of_last),
        ] {
            let disk = one_table_of(Compression::None, filter_bits);
            change(&disk, TABLE, |bytes| {
                for at in &damaged {
                    bytes[*at] ^= 1;
                }
                behead(bytes);
            });
            let (_, entries) = repaired(&disk);
            assert_eq!(entries.len(), expected, "{damaged:?}, {filter_bits}");
            assert!(entries.iter().all(|(_, value)| value == b"some value"));
        }
    }
}

#[test]
fn a_log_is_saved_up_to_its_first_bad_record() {
    let disk = MemoryDisk::default();
    let store = Store::open_on(disk.clone(), "dir", Options::default()).expect("opens");
    for number in 0..10 {
        store.put(&key(number), b"v").expect("put");
    }
    drop(store);
    change(&disk, "dir/000002.log", |bytes| bytes[100] ^= 1);
    let (repair, entries) = repaired(&disk);
    assert_eq!(entries.len(), 3, "records of 29 bytes");
    assert!(repair.remarks[0].what.contains("all records from here on"));
    assert_eq!(repair.remarks[0].offset, 87);
}

/// Without a manifest nobody knows that the table of the first flush is obsolete.
#[test]
fn without_a_manifest_every_table_is_suspect_and_the_newest_change_counts() {
    let disk = one_table();
    let obsolete = disk.read_file(Path::new(TABLE)).expect("there");
    let store = Store::open_on(disk.clone(), "dir", Options::default()).expect("opens");
    store.delete(&key(7)).expect("delete");
    store.put(&key(8), b"newer").expect("put");
    store.compact().expect("compact");
    store.close().expect("close");
    disk.write_file(Path::new(TABLE), &obsolete).expect("back");
    let manifest = disk.paths().into_iter();
    let mut manifest = manifest.filter(|path| path.to_string_lossy().contains("MANIFEST"));
    let manifest = manifest.next().expect("a manifest");
    change(&disk, manifest.to_str().expect("text"), |bytes| {
        bytes[9] ^= 1;
    });

    let (repair, entries) = repaired(&disk);
    assert_eq!(entries.len(), 100, "a deleted key has come back");
    assert_eq!(entries[8].1, b"newer");
    let suspect = |remark: &&super::Remark| remark.fate == Fate::Suspect;
    let suspects: Vec<_> = repair.remarks.iter().filter(suspect).collect();
    assert!(
        suspects
            .iter()
            .any(|remark| remark.path == Path::new(TABLE))
    );
}

#[test]
fn with_a_manifest_an_obsolete_table_is_left_out() {
    let disk = one_table();
    let obsolete = disk.read_file(Path::new(TABLE)).expect("there");
    let store = Store::open_on(disk.clone(), "dir", Options::default()).expect("opens");
    store.delete(&key(7)).expect("delete");
    store.compact().expect("compact");
    store.close().expect("close");
    disk.write_file(Path::new(TABLE), &obsolete).expect("back");
    let (repair, entries) = repaired(&disk);
    assert_eq!(entries.len(), 99);
    assert!(repair.is_complete());
    assert_eq!(repair.remarks[0].fate, Fate::LeftOut);
}

#[test]
fn more_than_is_sorted_in_memory_becomes_several_runs_and_none_stays() {
    let disk = MemoryDisk::default();
    let options = Options {
        memtable_bytes: 1 << 30,
        ..Options::default()
    };
    let store = Store::open_on(disk.clone(), "dir", options).expect("opens");
    let value = vec![b'v'; 3000];
    for number in 0..9000 {
        store.put(&key(number * 7919 % 3000), &value).expect("put");
    }
    drop(store);
    let (repair, entries) = repaired(&disk);
    assert!(repair.is_complete());
    assert_eq!(entries.len(), 3000);
    assert!(repair.tables > 2, "cut by size");
    let tables = disk.paths().into_iter();
    let tables =
        tables.filter(|path| path.starts_with("new") && path.extension() == Some("ldb".as_ref()));
    assert_eq!(tables.count() as u64, repair.tables);
}

#[test]
fn the_new_store_may_not_stand_in_something_or_inside_the_old_one() {
    let disk = one_table();
    assert!(repair_on(disk.clone(), "dir", "dir/new").is_err());
    assert!(repair_on(disk.clone(), "dir", "dir").is_err());
    assert!(repair_on(disk.clone(), "nowhere", "new").is_err());
    assert!(repair_on(disk.clone(), "dir", "new").is_ok());
    assert!(
        repair_on(disk, "dir", "new").is_err(),
        "now there is something"
    );
}
