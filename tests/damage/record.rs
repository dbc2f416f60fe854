//! The bytes of a log, made from `spec/FORMAT.md` and not by the engine, so that the records are
//! exactly those that the test wants.

/// A change of a batch.
pub(crate) type Change = Vec<u8>;

/// A key or value below 128 bytes, with its length.
fn slice(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("short");
    [&[length][..], bytes].concat()
}

pub(crate) fn put(key: &[u8], value: &[u8]) -> Change {
    [vec![1], slice(key), slice(value)].concat()
}

pub(crate) fn delete(key: &[u8]) -> Change {
    [vec![0], slice(key)].concat()
}

/// A log of these batches, the first change with this sequence number; an empty one is a mark.
pub(crate) fn log(mut sequence: u64, batches: &[Vec<Change>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for changes in batches {
        let count = changes.len() as u32;
        let header = [&sequence.to_le_bytes()[..], &count.to_le_bytes()].concat();
        sequence += u64::from(count);
        bytes.extend(full([header, changes.concat()].concat()));
    }
    bytes
}

/// A record in one fragment.
fn full(data: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short").to_le_bytes();
    let checked = [vec![1], data].concat();
    let crc = crc32c::crc32c(&checked).rotate_right(15);
    let masked = crc.wrapping_add(0xa282_ead8).to_le_bytes();
    [&masked[..], &length, &checked].concat()
}
