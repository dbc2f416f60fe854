//! Planted damage that no checksum shows: files made by hand with the crate's own builders, one
//! thing wrong in each, the checksum right.

use std::path::{Path, PathBuf};

use super::{Finding, Severity, verify_on};
use crate::codec::{self, Decoder};
use crate::disk::{Disk, MemoryDisk};
use crate::key::{Kind, internal_key};
use crate::log::LogWriter;
use crate::manifest::{COMPARATOR, Edit, FileMeta, FileName};
use crate::sstable::{TableOptions, TableWriter};
use crate::sync::Arc;

/// A table in the making: where it goes, what is in it, what the manifest says of it.
struct Built {
    level: usize,
    bytes: Vec<u8>,
    meta: FileMeta,
}

/// A directory in the making.
struct Planted {
    tables: Vec<Built>,
    last_sequence: u64,
}

/// A table of puts, every key whole, two entries a block.
fn built(level: usize, number: u64, entries: &[(&str, u64)]) -> Built {
    let disk = MemoryDisk::default();
    let path = PathBuf::from("table");
    let mut writer = TableWriter::new(TableOptions {
        block_bytes: 40,
        restart_interval: 1,
        ..TableOptions::default()
    });
    writer.begin(disk.create(&path).expect("new"), path.clone());
    for (key, sequence) in entries {
        let key = internal_key(key.as_bytes(), *sequence, Kind::Put);
        writer.add(&key, b"v").expect("in memory");
    }
    let summary = writer.finish().expect("in memory");
    Built {
        level,
        bytes: disk.read_file(&path).expect("there"),
        meta: FileMeta {
            number,
            size: summary.size,
            smallest: summary.first_key,
            largest: summary.last_key,
        },
    }
}

/// Two levels that are as they should be.
fn intact() -> Planted {
    let old = [("key00", 1), ("key01", 2), ("key02", 3), ("key03", 4)];
    let new = [("key01", 7), ("key01", 6), ("key04", 5)];
    Planted {
        tables: vec![built(1, 3, &old), built(0, 5, &new)],
        last_sequence: 7,
    }
}

impl Planted {
    /// Writes the directory.
    fn disk(&self) -> MemoryDisk {
        let disk = MemoryDisk::default();
        let home = Path::new("dir");
        disk.create_directory(home).expect("new");
        for table in &self.tables {
            let path = FileName::Table(table.meta.number).path(home);
            disk.write_file(&path, &table.bytes).expect("new");
        }
        let path = FileName::Manifest(2).path(home);
        let added = self.tables.iter();
        let edit = Edit {
            comparator: Some(COMPARATOR.to_vec()),
            log_number: Some(0),
            previous_log: Some(0),
            next_file: Some(20),
            last_sequence: Some(self.last_sequence),
            added: added
                .map(|table| (table.level, Arc::new(table.meta.clone())))
                .collect(),
            ..Edit::default()
        };
        let mut record = Vec::new();
        edit.encode(&mut record);
        let file = disk.create(&path).expect("new");
        LogWriter::new(file, path, 0)
            .append(&record)
            .expect("in memory");
        let current = FileName::Current.path(home);
        disk.write_file(&current, b"MANIFEST-000002\n")
            .expect("new");
        disk
    }

    /// What is found, but for the note that there is no lock file.
    fn findings(&self) -> Vec<Finding> {
        found(&self.disk())
    }
}

fn found(disk: &MemoryDisk) -> Vec<Finding> {
    let verified = verify_on(disk.clone(), "dir").expect("a directory");
    let findings = verified.findings.into_iter();
    findings
        .filter(|finding| !finding.path.ends_with("LOCK"))
        .collect()
}

/// There is damage, the first of it in that file, in these words.
#[track_caller]
fn assert_found(findings: &[Finding], file: &str, what: &str) {
    let first = findings.first().expect("something is found");
    assert_eq!(first.severity, Severity::Damage, "{findings:?}");
    assert!(first.path.ends_with(file), "{findings:?}");
    assert!(first.what.contains(what), "{findings:?}");
}

/// The handles of metaindex and index, from the footer; and of the filter, from the metaindex.
fn handles(bytes: &[u8]) -> [(usize, usize); 3] {
    let mut input = Decoder::new(&bytes[bytes.len() - 48..]);
    let mut number = || input.varint64().expect("a handle") as usize;
    let (metaindex, index) = ((number(), number()), (number(), number()));
    // One entry: three lengths, the name, the handle.
    let name = usize::from(bytes[metaindex.0 + 1]);
    let mut input = Decoder::new(&bytes[metaindex.0 + 3 + name..]);
    let mut number = || input.varint64().expect("a handle") as usize;
    [metaindex, index, (number(), number())]
}

/// Makes the checksum of a block right again.
fn reseal(bytes: &mut [u8], (offset, size): (usize, usize)) {
    let crc = codec::masked_crc(&bytes[offset..=offset + size]);
    bytes[offset + size + 1..][..4].copy_from_slice(&crc.to_le_bytes());
}

/// Puts other bytes in the place of some that stand in a block once.
fn replace(bytes: &mut [u8], block: (usize, usize), from: &[u8], to: &[u8]) {
    let (start, end) = (block.0, block.0 + block.1);
    let windows = bytes[start..end].windows(from.len());
    let places: Vec<usize> = windows
        .enumerate()
        .filter_map(|(at, window)| (window == from).then_some(at))
        .collect();
    let [at] = places[..] else {
        panic!("{places:?}");
    };
    bytes[start + at..][..to.len()].copy_from_slice(to);
    reseal(bytes, block);
}

/// The first data block: two entries of 3 + 13 + 1 bytes, two restart points, their number.
const FIRST_BLOCK: (usize, usize) = (0, 2 * 17 + 2 * 4 + 4);

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(intact().findings(), []);
}

#[test]
fn a_filter_that_denies_a_key_is_found_although_its_checksum_is_right() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    let filter = handles(bytes)[2];
    bytes[filter.0..filter.0 + 8].fill(0);
    reseal(bytes, filter);
    let what = "key \"key00\" is denied by the filter of its block";
    assert_found(&planted.findings(), "000003.ldb", what);
}

#[test]
fn a_separator_before_the_last_key_of_its_block_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    let index = handles(bytes)[1];
    replace(bytes, index, b"key01", b"key00");
    let what = "key \"key00\" is looked for in a later block, by the index";
    assert_found(&planted.findings(), "000003.ldb", what); // for it is of the older change
}

#[test]
fn a_separator_at_the_first_key_of_the_next_block_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    let index = handles(bytes)[1];
    replace(bytes, index, b"key01", b"key02");
    let what = "key \"key02\" is looked for in the block before, by the index";
    assert_found(&planted.findings(), "000003.ldb", what);
}

/// An empty one was taken for no index at all, and the search then misses the block. Found by the
/// fuzz target `table`.
#[test]
fn a_key_of_the_index_that_is_no_internal_key_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    let index = handles(bytes)[1];
    replace(bytes, index, b"key01\x01", b"key01\x02");
    let what = "a key of the index is no internal key";
    let findings = planted.findings();
    assert!(
        findings.iter().any(|finding| finding.what == what),
        "{findings:?}"
    );
}

#[test]
fn entries_out_of_order_are_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    replace(bytes, FIRST_BLOCK, b"key00", b"key0~");
    replace(bytes, FIRST_BLOCK, b"key01", b"key00");
    let findings = planted.findings();
    let is_it = |finding: &Finding| finding.what == "key \"key00\" is out of order";
    let finding = findings.iter().find(|finding| is_it(finding));
    assert_eq!(finding.expect("found").offset, 17, "where the entry stands");
}

#[test]
fn a_restart_point_that_leads_to_no_entry_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    bytes[34 + 4] = 3; // the second restart point, which was 17
    reseal(bytes, FIRST_BLOCK);
    let what = "a restart point leads to no entry";
    assert_found(&planted.findings(), "000003.ldb", what);
}

/// A search for the first key, and a walk back to it, begin behind it. Found by the fuzz target
/// `table`.
#[test]
fn a_first_restart_point_that_is_not_the_first_entry_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    bytes[34..38].copy_from_slice(&17_u32.to_le_bytes());
    bytes[38..42].copy_from_slice(&17_u32.to_le_bytes());
    reseal(bytes, FIRST_BLOCK);
    let what = "the first restart point is not the first entry";
    assert_found(&planted.findings(), "000003.ldb", what);
}

#[test]
fn an_unknown_compression_is_found() {
    let mut planted = intact();
    let bytes = &mut planted.tables[0].bytes;
    bytes[FIRST_BLOCK.1] = 2;
    reseal(bytes, FIRST_BLOCK);
    assert_found(
        &planted.findings(),
        "000003.ldb",
        "unknown compression type 2",
    );
}

#[test]
fn a_range_or_size_in_the_manifest_that_is_not_the_table_s_is_found() {
    let mut planted = intact();
    planted.tables[0].meta.smallest = internal_key(b"key", 1, Kind::Put);
    let what = "its first key is not the one in the manifest";
    assert_found(&planted.findings(), "000003.ldb", what);

    let mut planted = intact();
    planted.tables[0].meta.largest = internal_key(b"key09", 1, Kind::Put);
    let what = "its last key is not the one in the manifest";
    assert_found(&planted.findings(), "000003.ldb", what);

    let mut planted = intact();
    planted.tables[0].meta.size += 1;
    let what = "where the manifest says";
    assert_found(&planted.findings(), "000003.ldb", what);
}

#[test]
fn tables_that_overlap_in_a_deeper_level_are_found() {
    let mut planted = intact();
    planted
        .tables
        .push(built(1, 4, &[("key02", 2), ("key09", 1)]));
    let what = "files 3 and 4 overlap in level 1";
    assert_found(&planted.findings(), "MANIFEST-000002", what);
}

#[test]
fn a_newer_change_below_an_older_one_is_found() {
    let mut planted = intact();
    planted.tables[0].level = 0; // 000003 is older by its number, and newer for key01 below
    planted
        .tables
        .push(built(1, 4, &[("key01", 9), ("key09", 8)]));
    planted.last_sequence = 9;
    let what = "holds change 7 of key \"key01\" above change 9, which is newer";
    assert_found(&planted.findings(), "000005.ldb", what);
}

#[test]
fn one_change_in_two_tables_is_found() {
    let mut planted = intact();
    planted.tables.push(built(2, 4, &[("key01", 2)]));
    let what = "holds change 2 of key \"key01\", which another table holds, too";
    let findings = planted.findings();
    assert!(
        findings.iter().any(|finding| finding.what.contains(what)),
        "{findings:?}"
    );
}

#[test]
fn a_sequence_number_that_nobody_knows_of_is_found() {
    let mut planted = intact();
    planted.last_sequence = 6;
    let what = "holds change 7, where manifest and logs know of 6";
    assert_found(&planted.findings(), "000005.ldb", what);
}

#[test]
fn an_orphan_is_noted_and_one_with_newer_changes_is_damage() {
    for (sequence, severity) in [(7, Severity::Note), (8, Severity::Damage)] {
        let disk = intact().disk();
        let orphan = built(0, 9, &[("key", sequence)]);
        let path = Path::new("dir/000009.ldb");
        disk.write_file(path, &orphan.bytes).expect("new");
        let findings = found(&disk);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!((&*findings[0].path, findings[0].severity), (path, severity));
    }
}

#[test]
fn a_missing_table_is_found() {
    let disk = intact().disk();
    disk.remove(Path::new("dir/000003.ldb")).expect("there");
    let what = "names the table 000003.ldb, which is not there";
    assert_found(&found(&disk), "MANIFEST-000002", what);
}

#[test]
fn findings_of_one_file_are_bounded() {
    let keys: Vec<String> = (0..500).map(|number| format!("key{number:03}")).collect();
    let entries: Vec<(&str, u64)> = keys.iter().map(|key| (key.as_str(), 1)).collect();
    let mut planted = intact();
    planted.tables.push(built(2, 9, &entries));
    let bytes = &mut planted.tables[2].bytes;
    let filter = handles(bytes)[2];
    bytes[filter.0..filter.0 + 300].fill(0);
    reseal(bytes, filter);
    let findings = planted.findings();
    assert_eq!(findings.len(), 16);
    assert_eq!(findings[15].what, "and more of the kind");
}
