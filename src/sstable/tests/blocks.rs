//! One block: walking and searching it against a list.

use quickcheck::quickcheck;

use super::super::block::BlockCursor;
use super::super::bloom;
use super::super::builder::BlockBuilder;
use super::super::entry::BadBlock;
use super::super::filter_block::{FilterBlock, FilterBuilder};
use super::{Entry, entries_from};
use crate::key::{self, Kind, Target};

fn build(entries: &[Entry], interval: u32) -> Vec<u8> {
    let mut builder = BlockBuilder::new(interval);
    for (key, value) in entries {
        builder.add(key, value);
    }
    let size = builder.size();
    let bytes = builder.finish().to_vec();
    assert_eq!(bytes.len(), size);
    bytes
}

fn here(cursor: &BlockCursor<&[u8]>) -> Option<Entry> {
    cursor
        .valid()
        .then(|| (cursor.key().to_vec(), cursor.value().to_vec()))
}

fn forward(bytes: &[u8]) -> Result<Vec<Entry>, BadBlock> {
    let mut cursor = BlockCursor::new(bytes)?;
    let mut entries = Vec::new();
    cursor.seek_to_first()?;
    while let Some(entry) = here(&cursor) {
        entries.push(entry);
        cursor.next()?;
    }
    Ok(entries)
}

fn backward(bytes: &[u8]) -> Result<Vec<Entry>, BadBlock> {
    let mut cursor = BlockCursor::new(bytes)?;
    let mut entries = Vec::new();
    cursor.seek_to_last()?;
    while let Some(entry) = here(&cursor) {
        entries.push(entry);
        cursor.prev()?;
    }
    Ok(entries)
}

quickcheck! {
    fn a_block_is_walked_both_ways_at_every_interval(raw: Vec<(Vec<u8>, u8, Vec<u8>)>) -> bool {
        let entries = entries_from(&raw);
        let reversed: Vec<_> = entries.iter().rev().cloned().collect();
        (1..6).chain([16, 1000]).all(|interval| {
            let bytes = build(&entries, interval);
            forward(&bytes) == Ok(entries.clone()) && backward(&bytes) == Ok(reversed.clone())
        })
    }

    fn a_search_finds_what_a_walk_finds(raw: Vec<(Vec<u8>, u8, Vec<u8>)>, sought: Vec<(Vec<u8>, u8, Vec<u8>)>) -> bool {
        let entries = entries_from(&raw);
        let present = entries.iter().map(|(key, _)| key.clone());
        let targets: Vec<_> =
            entries_from(&sought).into_iter().map(|(key, _)| key).chain(present).collect();
        [1, 2, 3, 16].into_iter().all(|interval| {
            let bytes = build(&entries, interval);
            let mut cursor = BlockCursor::new(&bytes[..]).unwrap();
            targets.iter().all(|target| {
                cursor.seek(Target::of(target)).unwrap();
                let expected = entries.iter().find(|(key, _)| key::compare(key, target).is_ge());
                here(&cursor).as_ref() == expected
            })
        })
    }

    fn any_bytes_are_walked_without_panic(bytes: Vec<u8>, restarts: u8) -> bool {
        let mut bytes = bytes;
        bytes.extend_from_slice(&u32::from(restarts % 8).to_le_bytes());
        let (ahead, back) = (forward(&bytes), backward(&bytes));
        if let Ok(mut cursor) = BlockCursor::new(&bytes[..]) {
            let _ = cursor.seek(Target::new(b"a", 1));
        }
        ahead.map_or(0, |entries| entries.len()) <= bytes.len()
            && back.map_or(0, |entries| entries.len()) <= bytes.len()
    }

    fn a_filter_denies_no_key_that_was_added(keys: Vec<Vec<u8>>, bits: u8) -> bool {
        let hashes: Vec<u32> = keys.iter().map(|key| bloom::hash(key)).collect();
        let mut filter = Vec::new();
        bloom::append(&mut filter, &hashes, u32::from(bits));
        hashes.iter().all(|&hash| bloom::may_contain(&filter, hash))
    }

    fn any_filter_block_answers_without_panic(bytes: Vec<u8>, offset: u64, hash: u32) -> bool {
        if let Ok(filter) = FilterBlock::new(bytes.clone().into()) {
            filter.may_contain(offset, hash);
            filter.may_contain(offset % 8192, hash);
        }
        bloom::may_contain(&bytes, hash);
        true
    }
}

/// The quick walk of `seek.rs` has to leave these to the plain one: bytes of tags are shared.
#[test]
fn keys_that_share_bytes_of_their_tags_are_found() {
    let user = |count: usize| vec![1_u8; count];
    let mut entries: Vec<Entry> = Vec::new();
    for count in 0..12 {
        for sequence in [0x0101_0101_0101, 0x0101_0101, 0x01_0101, 0x0101, 1, 0] {
            let key = key::internal_key(&user(count), sequence, Kind::Put);
            entries.push((key, vec![count as u8]));
        }
    }
    let bytes = build(&entries, 100);
    let mut cursor = BlockCursor::new(&bytes[..]).unwrap();
    for (index, entry) in entries.iter().enumerate() {
        cursor.seek(Target::of(&entry.0)).unwrap();
        assert_eq!(here(&cursor).as_ref(), Some(entry), "entry {index}");
    }
}

#[test]
fn hashes_and_filters_are_those_of_leveldb() {
    // Worked out by hand from the definition: no bytes leave the seed as it is.
    assert_eq!(bloom::hash(b""), 0xbc9f_1d34);
    assert_eq!(
        [0, 1, 10, 43, 44, 100].map(bloom::probes),
        [1, 1, 6, 29, 30, 30]
    );
    let mut filter = Vec::new();
    bloom::append(
        &mut filter,
        &[bloom::hash(b"hello"), bloom::hash(b"world")],
        10,
    );
    assert_eq!(
        filter.len(),
        9,
        "64 bits at least, and the number of probes"
    );
    assert_eq!(filter[8], 6);
    let absent = |key: &[u8]| !bloom::may_contain(&filter, bloom::hash(key));
    assert!(absent(b"x") && absent(b"foo"));
}

#[test]
fn few_keys_that_were_not_added_pass_a_filter() {
    let hash = |number: u32| bloom::hash(&number.to_le_bytes());
    let hashes: Vec<u32> = (0..10_000).map(hash).collect();
    let mut filter = Vec::new();
    bloom::append(&mut filter, &hashes, 10);
    let passed = (1_000_000..1_010_000)
        .filter(|&n| bloom::may_contain(&filter, hash(n)))
        .count();
    assert!(passed < 200, "{passed} of 10000");
}

#[test]
fn each_two_kibibytes_of_blocks_have_their_filter() {
    let mut builder = FilterBuilder::default();
    builder.reset(10);
    builder.start_block(0);
    builder.add(b"first");
    builder.start_block(100);
    builder.add(b"second");
    builder.start_block(9000);
    builder.add(b"third");
    let filter = FilterBlock::new(builder.finish().into()).unwrap();
    let holds = |offset, key: &[u8]| filter.may_contain(offset, bloom::hash(key));
    assert!(holds(0, b"first") && holds(100, b"second") && holds(9000, b"third"));
    assert!(!holds(0, b"third") && !holds(9000, b"first") && !holds(4096, b"first"));
    assert!(
        holds(1 << 20, b"anything"),
        "past the last filter nothing is denied"
    );
}
