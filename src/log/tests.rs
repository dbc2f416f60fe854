//! Logs as written, cut at every byte and flipped at every bit.

use std::path::{Path, PathBuf};

use quickcheck::quickcheck;

use super::*;
use crate::disk::{Disk, File, MemoryDisk};
use crate::sync::Arc;

const PATH: &str = "/000003.log";

fn file_of(bytes: &[u8]) -> Arc<dyn File> {
    let disk = MemoryDisk::default();
    disk.write_file(Path::new(PATH), bytes).unwrap();
    disk.open(Path::new(PATH)).unwrap()
}

/// The bytes of a log, and where each record ends.
fn write(records: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let disk = MemoryDisk::default();
    let path = PathBuf::from(PATH);
    let mut writer = LogWriter::new(disk.create(&path).unwrap(), path.clone(), 0);
    let mut ends = Vec::new();
    for record in records {
        writer.append(record).unwrap();
        ends.push(writer.end() as usize);
    }
    (disk.read_file(&path).unwrap(), ends)
}

/// All good records, and how it ended.
fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, Result<u64, BadRecord>) {
    let mut reader = LogReader::new(file_of(bytes), PATH.into()).unwrap();
    let mut records = Vec::new();
    loop {
        match reader.step().unwrap() {
            Step::Record(record) => records.push(record.bytes.to_vec()),
            Step::End { offset, zeros } => {
                assert_eq!(offset + zeros, bytes.len() as u64);
                assert_eq!(
                    reader.step().unwrap(),
                    Step::End { offset, zeros },
                    "invariant 1"
                );
                return (records, Ok(zeros));
            }
            Step::Bad(bad) => {
                assert_eq!(bad.offset + bad.remaining, bytes.len() as u64);
                assert!(bad.at >= bad.offset && bad.at <= bytes.len() as u64);
                assert_eq!(reader.step().unwrap(), Step::Bad(bad), "invariant 1");
                return (records, Err(bad));
            }
        }
    }
}

fn record(length: usize, seed: usize) -> Vec<u8> {
    (0..length)
        .map(|index| ((index * 31 + seed * 7) % 251 + 1) as u8)
        .collect()
}

quickcheck! {
    fn records_are_read_as_written(lengths: Vec<u16>, zeros: u16) -> bool {
        let records: Vec<_> =
            lengths.iter().enumerate().map(|(seed, &length)| record(length.into(), seed)).collect();
        let (mut bytes, _) = write(&records);
        let end = bytes.len();
        bytes.resize(end + usize::from(zeros), 0);
        read(&bytes) == (records, Ok(u64::from(zeros)))
    }

    fn any_bytes_are_read_without_panic(bytes: Vec<u8>) -> bool {
        let (_, end) = read(&bytes);
        end.is_ok() || !valid_record_follows(&file_of(&bytes), Path::new(PATH), &end.unwrap_err()).unwrap()
    }
}

/// Reading from any block on gives the records that begin there or later.
#[test]
fn what_is_left_of_a_record_is_passed_and_no_more() {
    for length in [100, 32_700, BLOCK_BYTES - HEADER_BYTES, 100_000] {
        let records: Vec<_> = (0..20).map(|seed| record(length + seed, seed)).collect();
        let (bytes, ends) = write(&records);
        for start in (0..bytes.len()).step_by(BLOCK_BYTES) {
            let mut reader =
                LogReader::starting_at(file_of(&bytes), PATH.into(), start as u64).unwrap();
            reader.pass_rest().unwrap();
            // A record begins where the one before ends, but for zeros at the end of a block.
            let begins = |end: &&usize| **end + HEADER_BYTES > start;
            let next = 1 + ends
                .iter()
                .position(|end| begins(&end))
                .unwrap_or(ends.len());
            let next = if start == 0 { 0 } else { next };
            match reader.step().unwrap() {
                Step::Record(found) => assert_eq!(found.bytes, records[next], "from {start}"),
                other => assert!(next >= records.len(), "from {start}: {other:?}"),
            }
        }
    }
}

#[test]
fn records_are_read_at_every_distance_from_the_end_of_a_block() {
    for distance in 0..40 {
        for length in [0, 1, 7, 30, BLOCK_BYTES, 2 * BLOCK_BYTES + 5] {
            let records = vec![
                record(BLOCK_BYTES - HEADER_BYTES - distance, 1),
                record(length, 2),
                record(3, 3),
            ];
            let (bytes, _) = write(&records);
            assert_eq!(
                read(&bytes),
                (records, Ok(0)),
                "distance {distance}, length {length}"
            );
        }
    }
}

#[test]
fn writing_goes_on_at_any_size_of_the_file() {
    let records: Vec<_> = (0..60).map(|index| record(index * 53, index)).collect();
    let (whole, _) = write(&records);
    let disk = MemoryDisk::default();
    let path = PathBuf::from(PATH);
    let file = disk.create(&path).unwrap();
    for record in &records {
        let end = file.size().unwrap();
        LogWriter::new(Arc::clone(&file), path.clone(), end)
            .append(record)
            .unwrap();
    }
    assert_eq!(disk.read_file(&path).unwrap(), whole);
}

/// A log cut anywhere gives a prefix, and says so unless the cut is between records.
#[test]
fn a_log_cut_at_any_byte_gives_the_records_before_the_cut() {
    let records = [
        record(20, 1),
        record(0, 2),
        record(BLOCK_BYTES - 60, 3),
        record(40, 4),
    ];
    let (bytes, ends) = write(&records);
    for cut in (0..200).chain(BLOCK_BYTES - 100..bytes.len()) {
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        let (found, end) = read(&bytes[..cut]);
        assert_eq!(found, records[..whole], "cut at {cut}");
        let last_end = if whole == 0 { 0 } else { ends[whole - 1] };
        let only_zeros = bytes[last_end..cut].iter().all(|&byte| byte == 0);
        assert_eq!(end.is_ok(), only_zeros, "cut at {cut}");
        if let Err(bad) = end {
            assert!(!valid_record_follows(&file_of(&bytes[..cut]), Path::new(PATH), &bad).unwrap());
        }
    }
}

#[test]
fn a_flipped_bit_ends_the_log_at_its_record_or_changes_nothing() {
    let records = [
        record(20, 1),
        record(9, 2),
        record(BLOCK_BYTES - 71, 3),
        record(40, 4),
    ];
    let (bytes, ends) = write(&records);
    let places = (0..90).chain(BLOCK_BYTES - 30..bytes.len());
    for (place, bit) in places.flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << bit;
        let (found, end) = read(&flipped);
        let hit = ends.iter().filter(|&&end| end <= place).count();
        let bad = end.expect_err("a flipped bit is seen");
        assert_eq!(found, records[..hit], "bit {bit} of byte {place}");
        assert!(bad.at <= place as u64 && bad.offset <= place as u64);
        let follows = valid_record_follows(&file_of(&flipped), Path::new(PATH), &bad).unwrap();
        assert_eq!(
            follows,
            hit + 1 < records.len(),
            "bit {bit} of byte {place}"
        );
    }
}

#[test]
fn a_zero_header_ends_the_log_only_before_zeros() {
    let (mut bytes, ends) = write(&[record(10, 1)]);
    bytes.resize(3 * BLOCK_BYTES, 0);
    assert_eq!(
        read(&bytes),
        (vec![record(10, 1)], Ok((bytes.len() - ends[0]) as u64))
    );
    *bytes.last_mut().unwrap() = 1;
    let (found, end) = read(&bytes);
    assert_eq!(found.len(), 1);
    assert_eq!(end.unwrap_err().offset, ends[0] as u64);
}

#[test]
fn fragments_out_of_place_are_bad() {
    let (bytes, _) = write(&[record(BLOCK_BYTES, 1), record(5, 2)]);
    let (_, end) = read(&bytes[BLOCK_BYTES..]);
    assert_eq!(end.unwrap_err().what, "a record without its beginning");
    let mut twice = bytes[..BLOCK_BYTES].to_vec();
    twice.extend_from_slice(&bytes[..BLOCK_BYTES]);
    let (_, end) = read(&twice);
    let bad = end.unwrap_err();
    assert_eq!(
        (bad.what, bad.offset, bad.at),
        ("a record without its end", 0, BLOCK_BYTES as u64)
    );
}
