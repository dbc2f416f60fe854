//! Whole tables: what was written is found, walked and listed.

use quickcheck::quickcheck;

use super::super::{Compression, Lookup, Table, TableCursor, TableOptions};
use super::{Entry, entries_from, listing, numbered, open, write};
use crate::cursor::Cursor;
use crate::key::{self, Kind};
use crate::sync::Arc;

/// The options number `choice`: tiny and usual blocks, all intervals, with and without filters.
fn options(choice: usize) -> TableOptions {
    TableOptions {
        block_bytes: [1, 20, 100, 4096][choice % 4],
        restart_interval: [1, 2, 16][choice % 3],
        filter_bits: [0, 1, 10][choice / 3 % 3],
        compression: [Compression::None, Compression::Snappy][choice / 9 % 2],
    }
}

/// What a search must give, from the list.
fn expected(entries: &[Entry], user: &[u8], sequence: u64) -> Option<(u64, Kind, Vec<u8>)> {
    entries.iter().find_map(|(key, value)| {
        let (found, at, kind) = key::split(key).unwrap();
        (found == user && at <= sequence).then(|| (at, kind, value.clone()))
    })
}

fn got(table: &Table, user: &[u8], sequence: u64) -> Option<(u64, Kind, Vec<u8>)> {
    match table.get(user, sequence).unwrap() {
        Lookup::Found {
            sequence,
            kind,
            value,
        } => Some((sequence, kind, value)),
        Lookup::Skipped | Lookup::Missed => None,
    }
}

quickcheck! {
    fn a_table_gives_what_was_written(raw: Vec<(Vec<u8>, u8, Vec<u8>)>, absent: Vec<Vec<u8>>, choice: usize) -> bool {
        let entries = entries_from(&raw);
        let (bytes, summary, handed_over) = write(options(choice), &entries);
        let reopened = open(&bytes).unwrap();
        let users = entries.iter().map(|(key, _)| key::user_key(key).to_vec()).chain(absent);
        let tables = [handed_over, reopened];
        summary.entries == entries.len() as u64
            && summary.size == bytes.len() as u64
            && Some(&summary.first_key) == entries.first().map(|entry| &entry.0).or(Some(&Vec::new()))
            && Some(&summary.last_key) == entries.last().map(|entry| &entry.0).or(Some(&Vec::new()))
            && users.into_iter().all(|user| {
                [0, 3, 60, key::MAX_SEQUENCE].into_iter().all(|sequence| {
                    let right = expected(&entries, &user, sequence);
                    tables.iter().all(|table| got(table, &user, sequence) == right)
                })
            })
            && tables.into_iter().all(|table| listing(table).unwrap() == entries)
    }

    fn a_cursor_goes_where_a_list_goes(raw: Vec<(Vec<u8>, u8, Vec<u8>)>, moves: Vec<(u8, Vec<u8>)>, choice: usize) -> bool {
        let entries = entries_from(&raw);
        let (_, _, table) = write(options(choice), &entries);
        let mut cursor = TableCursor::new(Arc::new(table)).unwrap();
        let mut place: Option<usize> = None;
        moves.into_iter().all(|(movement, user)| {
            match movement % 6 {
                0 => { cursor.seek_to_first().unwrap(); place = Some(0) }
                1 => { cursor.seek_to_last().unwrap(); place = entries.len().checked_sub(1) }
                2 => {
                    let target = &entries_from(&[(user, movement, Vec::new())])[0].0;
                    cursor.seek(target).unwrap();
                    place = entries.iter().position(|(key, _)| key::compare(key, target).is_ge());
                }
                3 | 4 => { cursor.next().unwrap(); place = place.map(|at| at + 1) }
                _ => { cursor.prev().unwrap(); place = place.and_then(|at| at.checked_sub(1)) }
            }
            place = place.filter(|&at| at < entries.len());
            let right = place.map(|at| (&entries[at].0[..], &entries[at].1[..]));
            cursor.valid().then(|| (cursor.key(), cursor.value())) == right
        })
    }
}

#[test]
fn versions_of_one_key_are_found_across_block_boundaries() {
    let entries: Vec<Entry> = (0..50)
        .rev()
        .map(|sequence| {
            (
                key::internal_key(b"k", 2 * sequence, Kind::Put),
                vec![sequence as u8],
            )
        })
        .collect();
    for choice in 0..18 {
        let (_, _, table) = write(options(choice), &entries);
        for sequence in 0..100 {
            assert_eq!(
                got(&table, b"k", sequence),
                expected(&entries, b"k", sequence)
            );
        }
    }
}

#[test]
fn the_filter_spares_the_block_and_the_index_the_end() {
    let entries = numbered(100, 20);
    let (_, _, table) = write(TableOptions::default(), &entries);
    assert_eq!(
        table.get(b"zzz", 1000).unwrap(),
        Lookup::Skipped,
        "after the last block"
    );
    let denied = (0..1000_u32)
        .filter(|n| table.get(format!("key{n:05}x").as_bytes(), 1000).unwrap() == Lookup::Skipped)
        .count();
    assert!(denied > 950, "{denied} of 1000");
    let none = TableOptions {
        filter_bits: 0,
        ..TableOptions::default()
    };
    let (_, _, table) = write(none, &entries);
    assert_eq!(table.filter_size(), None);
    assert_eq!(table.get(b"key00000x", 1000).unwrap(), Lookup::Missed);
}

#[test]
fn compressed_tables_are_smaller_and_read_alike() {
    let entries = numbered(1000, 100);
    let snappy = TableOptions {
        compression: Compression::Snappy,
        ..TableOptions::default()
    };
    let (plain, ..) = write(TableOptions::default(), &entries);
    let (packed, ..) = write(snappy, &entries);
    assert!(
        packed.len() < plain.len() / 2,
        "{} of {}",
        packed.len(),
        plain.len()
    );
    assert_eq!(listing(open(&packed).unwrap()).unwrap(), entries);
}

#[test]
fn a_listing_names_every_block_and_the_filter() {
    let entries = numbered(1000, 100);
    let (bytes, summary, table) = write(TableOptions::default(), &entries);
    let blocks = table.blocks().unwrap();
    assert!(blocks.len() > 20);
    assert_eq!(blocks[0].handle.offset, 0);
    assert!(blocks.is_sorted_by(|a, b| a.handle.offset < b.handle.offset
        && key::compare(&a.index_key, &b.index_key).is_lt()));
    assert_eq!(summary.size, table.source.size);
    let reopened = open(&bytes).unwrap();
    assert_eq!(reopened.footer, table.footer);
    assert_eq!(reopened.filter_size(), table.filter_size());
    let names: Vec<_> = table
        .metaindex()
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, [b"filter.leveldb.BuiltinBloomFilter2"]);
}

#[test]
fn a_table_without_entries_is_a_table() {
    let (bytes, summary, table) = write(TableOptions::default(), &[]);
    assert_eq!(
        (
            summary.entries,
            summary.first_key.len(),
            summary.last_key.len()
        ),
        (0, 0, 0)
    );
    assert_eq!(table.get(b"", 9).unwrap(), Lookup::Skipped);
    assert!(listing(open(&bytes).unwrap()).unwrap().is_empty());
}

#[test]
fn a_large_table_goes_to_the_file_in_pieces() {
    let entries = numbered(300, 1000);
    let (bytes, summary, table) = write(options(3), &entries);
    assert_eq!(
        (bytes.len() as u64, table.source.size),
        (summary.size, summary.size)
    );
    assert_eq!(listing(open(&bytes).unwrap()).unwrap(), entries);
}

#[test]
#[should_panic(expected = "keys of a table must ascend")]
fn keys_out_of_order_are_refused() {
    let mut entries = numbered(2, 1);
    entries.swap(0, 1);
    write(TableOptions::default(), &entries);
}
