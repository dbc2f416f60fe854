//! The filter block: one Bloom filter for every 2 KiB of file offset.
//!
//! ```text
//!   | filter 0 | filter 1 | ... | offset of filter 0, fixed32 | offset of filter 1 | ...
//!                               ^                                  | that place, fixed32 | 11 |
//!                               '-----------------------------------------'
//! ```
//!
//! A data block that begins at file offset `o` has filter `o >> 11`. Filters between, where no
//! block begins, are empty; an empty filter holds no key.
//!
//! Invariant: for a key in a block, that block's filter says "maybe".

use super::bloom;
use crate::codec;

/// The logarithm of the distance from one filter to the next.
const BASE_LOG: u8 = 11;

/// Collects keys and makes the filter block.
#[derive(Debug, Default)]
pub(super) struct FilterBuilder {
    bits_per_key: u32,
    hashes: Vec<u32>,
    bytes: Vec<u8>,
    offsets: Vec<u32>,
}

impl FilterBuilder {
    /// Begins a new table.
    pub(super) fn reset(&mut self, bits_per_key: u32) {
        self.bits_per_key = bits_per_key;
        self.hashes.clear();
        self.bytes.clear();
        self.offsets.clear();
    }

    /// A key of the block that is being built.
    #[inline]
    pub(super) fn add(&mut self, user_key: &[u8]) {
        self.hashes.push(bloom::hash(user_key));
    }

    /// The next data block begins at `offset`.
    pub(super) fn start_block(&mut self, offset: u64) {
        while (self.offsets.len() as u64) < offset >> BASE_LOG {
            self.cut();
        }
    }

    /// Ends the filter of the keys added since the last one.
    fn cut(&mut self) {
        self.offsets.push(self.bytes.len() as u32);
        if !self.hashes.is_empty() {
            bloom::append(&mut self.bytes, &self.hashes, self.bits_per_key);
            self.hashes.clear();
        }
    }

    /// The whole block.
    pub(super) fn finish(&mut self) -> &[u8] {
        if !self.hashes.is_empty() {
            self.cut();
        }
        let end = self.bytes.len() as u32;
        for &offset in &self.offsets {
            codec::put_fixed32(&mut self.bytes, offset);
        }
        codec::put_fixed32(&mut self.bytes, end);
        self.bytes.push(BASE_LOG);
        &self.bytes
    }

    /// What [`finish`](Self::finish) made.
    pub(super) fn finished(&self) -> &[u8] {
        &self.bytes
    }
}

/// The filters of an open table.
#[derive(Debug)]
pub(super) struct FilterBlock {
    bytes: Box<[u8]>,
    /// Where the offsets begin.
    offsets_at: usize,
    /// How many filters there are.
    count: usize,
    base_log: u8,
}

impl FilterBlock {
    /// Takes the content of a filter block, or says what is wrong with it.
    pub(super) fn new(bytes: Box<[u8]>) -> Result<Self, &'static str> {
        let last = bytes
            .len()
            .checked_sub(5)
            .ok_or("a filter block is too short")?;
        let offsets_at = codec::fixed32_at(&bytes, last).unwrap_or(0) as usize;
        let base_log = bytes[last + 4];
        if offsets_at > last || base_log >= 64 {
            return Err("the end of a filter block makes no sense");
        }
        Ok(FilterBlock {
            offsets_at,
            count: (last - offsets_at) / 4,
            base_log,
            bytes,
        })
    }

    /// Whether the block at `offset` may hold the user key with that hash.
    #[inline]
    pub(super) fn may_contain(&self, offset: u64, hash: u32) -> bool {
        let index = offset >> self.base_log;
        if index >= self.count as u64 {
            return true;
        }
        let at = self.offsets_at + 4 * index as usize;
        // The offset after the last filter's is the place where the offsets begin.
        match (
            codec::fixed32_at(&self.bytes, at),
            codec::fixed32_at(&self.bytes, at + 4),
        ) {
            (Some(start), Some(end)) if start <= end && end as usize <= self.offsets_at => {
                bloom::may_contain(&self.bytes[start as usize..end as usize], hash)
            }
            _ => true,
        }
    }

    /// The size of the block.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }
}
