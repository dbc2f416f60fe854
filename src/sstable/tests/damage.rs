//! Tables whose bytes are not as written: an error that names the place, or the right answer.

use super::super::block::BlockCursor;
use super::super::builder::BlockBuilder;
use super::super::footer::Footer;
use super::super::handle::BlockHandle;
use super::super::storage::{self, Packer};
use super::super::{Compression, Lookup, TableOptions};
use super::{Entry, PATH, listing, numbered, open, write};
use crate::codec;
use crate::error::{Error, Result};
use crate::key;

fn small() -> (Vec<u8>, Vec<Entry>) {
    let entries = numbered(12, 3);
    let options = TableOptions {
        block_bytes: 60,
        restart_interval: 3,
        ..TableOptions::default()
    };
    (write(options, &entries).0, entries)
}

/// Reads everything in every way; fails at the first error.
fn read_all(bytes: &[u8], entries: &[Entry]) -> Result<Vec<Entry>> {
    let table = open(bytes)?;
    table.blocks()?;
    table.metaindex()?;
    for (key, value) in entries {
        match table.get(key::user_key(key), key::MAX_SEQUENCE)? {
            Lookup::Found { value: found, .. } => assert_eq!(&found, value),
            other => panic!("{other:?} instead of a value"),
        }
    }
    listing(table)
}

fn assert_names_the_file(error: &Error, size: usize) {
    match error {
        Error::Damaged { path, offset, .. } => {
            assert_eq!(path.as_os_str(), PATH);
            assert!(*offset <= size as u64, "{error}");
        }
        other => panic!("not an error about damage: {other}"),
    }
}

/// But for one bit: with it the last length in the footer takes in a zero of the padding, which
/// is the same number, longer.
#[test]
fn every_flipped_bit_is_an_error() {
    let (bytes, entries) = small();
    assert_eq!(read_all(&bytes, &entries).unwrap(), entries);
    let mut unnoticed = Vec::new();
    for place in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place / 8] ^= 1 << (place % 8);
        match read_all(&flipped, &entries) {
            Err(error) => assert_names_the_file(&error, bytes.len()),
            Ok(found) => {
                assert_eq!(found, entries, "bit {place}");
                unnoticed.push(place);
            }
        }
    }
    let [place] = unnoticed[..] else {
        panic!("{unnoticed:?} were not noticed")
    };
    assert!(
        place % 8 == 7 && place / 8 > bytes.len() - 48,
        "bit {place} was not noticed"
    );
}

#[test]
fn every_cut_is_an_error() {
    let (bytes, entries) = small();
    for length in 0..bytes.len() {
        let error = read_all(&bytes[..length], &entries).unwrap_err();
        assert_names_the_file(&error, bytes.len());
    }
}

/// A table of one block with that content, the checksums right.
fn table_around(content: &[u8], kind: Option<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let data = storage::append(
        &mut out,
        0,
        content,
        Compression::None,
        &mut Packer::default(),
    );
    if let Some(kind) = kind {
        let at = content.len();
        out[at] = kind;
        let crc = codec::masked_crc(&out[..=at]);
        out[at + 1..].copy_from_slice(&crc.to_le_bytes());
    }
    with_index(out, &[(key::internal_key(b"zz", 1, key::Kind::Put), data)])
}

/// The rest of a table whose blocks are `out`.
fn with_index(mut out: Vec<u8>, index: &[(Vec<u8>, BlockHandle)]) -> Vec<u8> {
    let mut block = BlockBuilder::new(1);
    let metaindex = storage::append(
        &mut out,
        0,
        block.finish(),
        Compression::None,
        &mut Packer::default(),
    );
    block.reset();
    for (key, handle) in index {
        let mut value = Vec::new();
        handle.encode(&mut value);
        block.add(key, &value);
    }
    let index = storage::append(
        &mut out,
        0,
        block.finish(),
        Compression::None,
        &mut Packer::default(),
    );
    Footer { metaindex, index }.encode(&mut out);
    out
}

fn what(bytes: &[u8]) -> String {
    open(bytes).and_then(listing).unwrap_err().to_string()
}

#[test]
fn unknown_compression_is_named() {
    let said = what(&table_around(b"anything", Some(4)));
    assert_eq!(
        said,
        "/000005.ldb: damaged at offset 8: unknown compression type 4"
    );
}

#[test]
fn a_snappy_block_that_claims_too_much_is_refused_before_allocating() {
    let mut claim = Vec::new();
    codec::put_varint32(&mut claim, u32::MAX);
    assert!(what(&table_around(&claim, Some(1))).contains("impossible length"));
    assert!(what(&table_around(&[100, 0xff, 0xff], Some(1))).contains("cannot be unpacked"));
    assert!(what(&table_around(&[0xff], Some(1))).contains("no length"));
}

#[test]
fn handles_that_leave_the_file_are_refused() {
    let key = key::internal_key(b"k", 1, key::Kind::Put);
    for handle in [
        BlockHandle {
            offset: 0,
            size: u64::MAX,
        },
        BlockHandle {
            offset: u64::MAX,
            size: u64::MAX,
        },
        BlockHandle {
            offset: 10,
            size: 4096,
        },
    ] {
        assert!(what(&with_index(Vec::new(), &[(key.clone(), handle)])).contains("not inside"));
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    let mut block = BlockBuilder::new(16);
    block.add(b"short", b"");
    assert!(what(&table_around(block.finish(), None)).contains("a key without"));
}

/// Nothing but checksums stands between a block and its reader, so blocks are altered behind them.
#[test]
fn an_altered_block_with_a_right_checksum_does_no_harm() {
    let mut block = BlockBuilder::new(2);
    for (key, value) in numbered(8, 3) {
        block.add(&key, &value);
    }
    let content = block.finish().to_vec();
    for place in 0..content.len() {
        for byte in [0, 1, 4, 0x7f, 0x80, 0xff] {
            let mut altered = content.clone();
            altered[place] = byte;
            let _ = open(&table_around(&altered, None)).and_then(listing);
            let Ok(mut cursor) = BlockCursor::new(&altered[..]) else {
                continue;
            };
            let mut steps = 0;
            let mut walked = cursor.seek_to_last();
            while walked.is_ok() && cursor.valid() {
                walked = cursor.prev();
                steps += 1;
            }
            assert!(steps <= altered.len());
        }
    }
}

/// Broke: room for a key was reserved by the length that an entry claims to share with the key
/// before, up to 4 GiB, before that was checked. Found by: the fuzz target `table`.
#[test]
fn an_entry_that_claims_to_share_too_much_is_refused_before_allocating() {
    let mut content = vec![0, 1, 0, b'a'];
    codec::put_varint32(&mut content, 1 << 30);
    content.extend_from_slice(&[1, 0, b'b']);
    content.extend_from_slice(&[0, 0, 0, 0, 1, 0, 0, 0]);
    let mut cursor = BlockCursor::new(&content[..]).unwrap();
    cursor.seek_to_first().unwrap();
    assert!(cursor.next().is_err());
    assert!(cursor.into_parts().1.capacity() < 1000);
}

/// A filter of another policy, and entries of other programs, are passed over.
#[test]
fn unknown_metaindex_entries_are_ignored() {
    let mut out = Vec::new();
    let entries = numbered(3, 2);
    let mut block = BlockBuilder::new(16);
    for (key, value) in &entries {
        block.add(key, value);
    }
    let data = storage::append(
        &mut out,
        0,
        block.finish(),
        Compression::None,
        &mut Packer::default(),
    );
    let mut metaindex = BlockBuilder::new(16);
    metaindex.add(b"etalon.something", b"\xff not a handle");
    metaindex.add(b"filter.another.Policy", b"\xff\xff");
    let metaindex = storage::append(
        &mut out,
        0,
        metaindex.finish(),
        Compression::None,
        &mut Packer::default(),
    );
    let mut index = BlockBuilder::new(1);
    let mut handle = Vec::new();
    data.encode(&mut handle);
    index.add(&entries[2].0, &handle);
    let index = storage::append(
        &mut out,
        0,
        index.finish(),
        Compression::None,
        &mut Packer::default(),
    );
    Footer { metaindex, index }.encode(&mut out);
    let table = open(&out).unwrap();
    assert_eq!(table.filter_size(), None);
    assert_eq!(table.metaindex().unwrap().len(), 2);
    assert_eq!(listing(table).unwrap(), entries);
}

/// Separators of other writers may fall between two versions of one key.
#[test]
fn a_separator_between_versions_leads_on_to_the_next_block() {
    let version = |sequence| key::internal_key(b"k", sequence, key::Kind::Put);
    let mut out = Vec::new();
    let mut handles = Vec::new();
    for sequence in [9, 5] {
        let mut block = BlockBuilder::new(16);
        block.add(&version(sequence), &[sequence as u8]);
        handles.push(storage::append(
            &mut out,
            0,
            block.finish(),
            Compression::None,
            &mut Packer::default(),
        ));
    }
    let table = open(&with_index(
        out,
        &[(version(7), handles[0]), (version(5), handles[1])],
    ));
    let found = table.unwrap().get(b"k", 8).unwrap();
    assert_eq!(
        found,
        Lookup::Found {
            sequence: 5,
            kind: key::Kind::Put,
            value: vec![5]
        }
    );
}
