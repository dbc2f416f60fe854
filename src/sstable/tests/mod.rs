//! Tables against a sorted list of their entries, and tables whose bytes were altered.

mod blocks;
mod damage;
mod tables;

use std::path::{Path, PathBuf};

use super::TableCursor;
use super::writer::TableSummary;
use super::{Table, TableOptions, TableWriter};
use crate::cursor::Cursor;
use crate::disk::{Disk, MemoryDisk};
use crate::error::Result;
use crate::key::{self, Kind};
use crate::sync::Arc;

type Entry = (Vec<u8>, Vec<u8>);

const PATH: &str = "/000005.ldb";

/// A finished table: its bytes, what the writer said, and the table that it handed over.
fn write(options: TableOptions, entries: &[Entry]) -> (Vec<u8>, TableSummary, Table) {
    let disk = MemoryDisk::default();
    let path = PathBuf::from(PATH);
    let mut writer = TableWriter::new(options);
    writer.begin(disk.create(&path).unwrap(), path.clone());
    for (key, value) in entries {
        writer.add(key, value).unwrap();
    }
    let summary = writer.finish().unwrap();
    let table = writer.table();
    (disk.read_file(&path).unwrap(), summary, table)
}

fn open(bytes: &[u8]) -> Result<Table> {
    let disk = MemoryDisk::default();
    disk.write_file(Path::new(PATH), bytes).unwrap();
    Table::open(
        disk.open(Path::new(PATH)).unwrap(),
        PATH.into(),
        bytes.len() as u64,
    )
}

fn listing(table: Table) -> Result<Vec<Entry>> {
    let mut cursor = TableCursor::new(Arc::new(table))?;
    let mut entries = Vec::new();
    cursor.seek_to_first()?;
    while cursor.valid() {
        entries.push((cursor.key().to_vec(), cursor.value().to_vec()));
        cursor.next()?;
    }
    Ok(entries)
}

/// Internal keys and values in order, from anything: several versions, tombstones, empty ones.
fn entries_from(raw: &[(Vec<u8>, u8, Vec<u8>)]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = raw
        .iter()
        .map(|(user, number, value)| {
            let user: Vec<u8> = user
                .iter()
                .map(|byte| [0, b'a', 0xfe, 0xff][usize::from(byte % 4)])
                .collect();
            let sequence = u64::from(number / 2);
            if number % 2 == 0 {
                (key::internal_key(&user, sequence, Kind::Delete), Vec::new())
            } else {
                (key::internal_key(&user, sequence, Kind::Put), value.clone())
            }
        })
        .collect();
    entries.sort_by(|a, b| key::compare(&a.0, &b.0));
    entries.dedup_by(|a, b| a.0 == b.0);
    entries
}

/// Numbered keys with values of that size.
fn numbered(count: u64, value_bytes: usize) -> Vec<Entry> {
    (0..count)
        .map(|number| {
            let user = format!("key{number:05}");
            let value = vec![number as u8; value_bytes];
            (
                key::internal_key(user.as_bytes(), 1 + number, Kind::Put),
                value,
            )
        })
        .collect()
}
