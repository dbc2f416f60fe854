//! Holds `spec/FORMAT.md` true: its worked examples are what the writers produce.

use std::path::{Path, PathBuf};

use crate::codec;
use crate::disk::{Disk, MemoryDisk};
use crate::key::{self, Kind};
use crate::log::{LogReader, LogWriter, Step};
use crate::sstable::{TableOptions, TableWriter};

const DOCUMENT: &str = include_str!("../spec/FORMAT.md");

/// The bytes of the fenced block marked `hex NAME`; what follows a bar in a line is comment.
fn example(name: &str) -> Vec<u8> {
    let fence = format!("```hex {name}\n");
    let (_, from) = DOCUMENT
        .split_once(&fence)
        .expect("the example is in the document");
    let (block, _) = from.split_once("```").expect("the example ends");
    block
        .lines()
        .flat_map(|line| line.split('|').next().unwrap_or("").split_whitespace())
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hex digits"))
        .collect()
}

#[test]
fn the_log_of_one_put_is_as_documented() {
    let mut batch = Vec::new();
    codec::put_fixed64(&mut batch, 1);
    codec::put_fixed32(&mut batch, 1);
    batch.push(Kind::Put as u8);
    codec::put_slice(&mut batch, b"k");
    codec::put_slice(&mut batch, b"v");
    let (disk, path) = (MemoryDisk::default(), PathBuf::from("/000003.log"));
    LogWriter::new(disk.create(&path).unwrap(), path.clone(), 0)
        .append(&batch)
        .unwrap();
    let bytes = disk.read_file(&path).unwrap();
    assert_eq!(bytes, example("log"), "{bytes:02x?}");
    let mut reader = LogReader::new(disk.open(&path).unwrap(), path).unwrap();
    let Step::Record(record) = reader.step().unwrap() else {
        panic!("no record")
    };
    assert_eq!(record.bytes, batch);
}

#[test]
fn the_small_table_is_as_documented() {
    let (disk, path) = (MemoryDisk::default(), Path::new("/000005.ldb"));
    let mut writer = TableWriter::new(TableOptions::default());
    writer.begin(disk.create(path).unwrap(), path.to_path_buf());
    writer
        .add(&key::internal_key(b"key1", 2, Kind::Put), b"one")
        .unwrap();
    writer
        .add(&key::internal_key(b"key2", 1, Kind::Delete), b"")
        .unwrap();
    writer.finish().unwrap();
    let bytes = disk.read_file(path).unwrap();
    assert_eq!(bytes, example("table"), "{bytes:02x?}");
}
