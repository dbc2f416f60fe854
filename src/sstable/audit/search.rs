//! The next block behind damage, where no index says where it begins.
//!
//! ```text
//!   | ... damaged ... | type | crc | content ......... | type | crc |
//!                                  ^ looks like a beginning, and a checksum that is right follows
//! ```
//!
//! Invariants:
//! 1. A block that is found has a right checksum. It may still be one of no data.
//! 2. All searches of a file together try at most [`CHECKED_BYTES`]. When these are used up nothing
//!    more is found: where that much is damaged, a person had better look.
//! 3. Memory is bounded by twice [`LONGEST`].
//!
//! A block that is longer than [`LONGEST`] is not found: it holds one entry with a long value.

use super::scan::is_end;
use crate::codec::{self, Decoder};
use crate::error::{OrPath, Result};
use crate::key;
use crate::sstable::handle::{BlockHandle, TRAILER_BYTES};
use crate::sstable::storage::Source;

/// The longest block that is looked for.
const LONGEST: usize = 64 * 1024;

/// How many bytes are put through a checksum, in all searches of a file: some two seconds.
const CHECKED_BYTES: u64 = 256 << 20;

/// An empty block: no entry, one restart point. A table without filters has one for its metaindex.
const EMPTY_BLOCK: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];

/// The searches in one file.
pub(super) struct Search {
    /// What they may still cost.
    left: u64,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            left: CHECKED_BYTES,
        }
    }
}

impl Search {
    /// Notes what something else has cost.
    pub(super) fn spend(&mut self, bytes: u64) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// The first block that begins at `from` or after it and ends at or before `limit`.
    pub(super) fn block(
        &mut self,
        source: &Source,
        mut from: u64,
        limit: u64,
    ) -> Result<Option<BlockHandle>> {
        let mut window = Vec::new();
        while from < limit {
            let length = (limit - from).min(2 * LONGEST as u64) as usize;
            let read = source.file.read_into(from, length, &mut window);
            read.or_path(&source.path, "read on behind damage in the table")?;
            for index in 0..length.min(LONGEST) {
                let rest = &window[index..length.min(index + LONGEST)];
                if !looks_like_a_block(rest) {
                    continue;
                }
                if let Some(size) = self.size(rest) {
                    let offset = from + index as u64;
                    return Ok(Some(BlockHandle { offset, size }));
                }
                if self.left == 0 {
                    return Ok(None);
                }
            }
            from += LONGEST as u64;
        }
        Ok(None)
    }

    /// The size of the block that these bytes begin with, if they begin with one.
    fn size(&mut self, bytes: &[u8]) -> Option<u64> {
        let most = bytes.len().saturating_sub(TRAILER_BYTES - 1);
        let most = most.min(usize::try_from(self.left).unwrap_or(most));
        let mut crc = 0;
        let found = (0..most).find(|index| {
            crc = codec::extend_crc(crc, &bytes[*index..=*index]);
            is_end(bytes, *index, crc)
        });
        self.spend(found.unwrap_or(most) as u64);
        found.map(|size| size as u64)
    }
}

/// Whether a block could begin so: with an entry whose key is whole and an internal key, as it is
/// or as the first literal of a snappy block. (Of the latter only the shape is known.)
fn looks_like_a_block(bytes: &[u8]) -> bool {
    bytes.starts_with(&EMPTY_BLOCK) || starts_with_an_entry(bytes) || starts_with_a_literal(bytes)
}

fn starts_with_an_entry(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(bytes);
    let shared = decoder.byte();
    let (key, value) = (decoder.varint32(), decoder.varint32());
    let (Some(0), Some(key), Some(value)) = (shared, key, value) else {
        return false;
    };
    let key = decoder.bytes(key as usize);
    key.is_some_and(|key| key::split(key).is_some()) && decoder.bytes(value as usize).is_some()
        || key.is_some_and(|key| key.starts_with(b"filter."))
}

/// Snappy: how long it is, then a literal, whose length stands in its tag or behind it.
fn starts_with_a_literal(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(bytes);
    let (Some(length), Some(tag)) = (decoder.varint32(), decoder.byte()) else {
        return false;
    };
    let behind = usize::from(tag >> 2).saturating_sub(59);
    let no_shared = decoder.bytes(behind).and_then(|_| decoder.byte());
    tag % 4 == 0 && length as usize >= EMPTY_BLOCK.len() && no_shared == Some(0)
}
