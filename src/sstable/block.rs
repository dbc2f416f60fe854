//! Walking one block; `builder.rs` draws it.
//!
//! Strategy: entries are decoded in place. A key that shares nothing with the one before is lent
//! from the block; others are put together in a buffer. Going back begins at the restart point
//! before. `seek.rs` searches.
//!
//! Invariants:
//! 1. Every byte of the block is checked before it is used: damage is [`BadBlock`].
//! 2. `next` goes to a greater place in the block and `prev` to a smaller one, so that no walk is
//!    endless, whatever the bytes.
//! 3. After an error the cursor stands nowhere.

use std::ops::Range;

use super::entry::{BadBlock, Entry, bad};
use crate::codec;

/// A place in a block whose content is `B`: borrowed, shared or its own.
#[derive(Clone, Debug)]
pub(super) struct BlockCursor<B> {
    pub(super) bytes: B,
    /// Where the entries end and the restart points begin.
    pub(super) entries_end: usize,
    pub(super) restarts: usize,
    /// Where the entry here begins; meaningless unless `valid`.
    pub(super) offset: usize,
    /// Where the next one begins.
    pub(super) next: usize,
    pub(super) valid: bool,
    /// The key, if it stands in the block in one piece; else it is in `buffer`.
    pub(super) key_in_place: Option<Range<usize>>,
    pub(super) buffer: Vec<u8>,
    pub(super) value: Range<usize>,
}

impl<B: AsRef<[u8]>> BlockCursor<B> {
    /// Stands nowhere yet.
    pub(super) fn new(bytes: B) -> Result<Self, BadBlock> {
        Self::with_buffer(bytes, Vec::new())
    }

    /// The same, with a buffer to reuse.
    pub(super) fn with_buffer(bytes: B, buffer: Vec<u8>) -> Result<Self, BadBlock> {
        let length = bytes.as_ref().len();
        let Some(count) = length
            .checked_sub(4)
            .and_then(|at| codec::fixed32_at(bytes.as_ref(), at))
        else {
            return bad(0, "a block is too short");
        };
        let restarts = count as usize;
        let Some(entries_end) = restarts
            .checked_mul(4)
            .and_then(|size| (length - 4).checked_sub(size))
        else {
            return bad(length - 4, "a block has more restart points than bytes");
        };
        if restarts == 0 && entries_end > 0 {
            return bad(length - 4, "a block has entries but no restart point");
        }
        Ok(BlockCursor {
            bytes,
            entries_end,
            restarts,
            offset: 0,
            next: 0,
            valid: false,
            key_in_place: None,
            buffer,
            value: 0..0,
        })
    }

    /// Gives content and buffer back, for another block to reuse.
    pub(super) fn into_parts(self) -> (B, Vec<u8>) {
        (self.bytes, self.buffer)
    }

    #[inline]
    pub(super) fn valid(&self) -> bool {
        self.valid
    }

    #[inline]
    pub(super) fn key(&self) -> &[u8] {
        match &self.key_in_place {
            _ if !self.valid => &[],
            Some(range) => &self.bytes.as_ref()[range.clone()],
            None => &self.buffer,
        }
    }

    #[inline]
    pub(super) fn value(&self) -> &[u8] {
        if self.valid {
            &self.bytes.as_ref()[self.value.clone()]
        } else {
            &[]
        }
    }

    /// Key and value here, if it stands on an entry.
    #[inline]
    pub(super) fn here(&self) -> Option<(&[u8], &[u8])> {
        if !self.valid {
            return None;
        }
        let bytes = self.bytes.as_ref();
        let key = match &self.key_in_place {
            Some(range) => &bytes[range.clone()],
            None => &self.buffer,
        };
        Some((key, &bytes[self.value.clone()]))
    }

    /// Where in the block the entry here begins.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn seek_to_first(&mut self) -> Result<(), BadBlock> {
        self.go(0)
    }

    pub(super) fn seek_to_last(&mut self) -> Result<(), BadBlock> {
        self.valid = false;
        if self.entries_end == 0 {
            return Ok(());
        }
        let start = self.restart(self.restarts - 1)?;
        self.go_to_before(start, self.entries_end)
    }

    #[inline]
    pub(super) fn next(&mut self) -> Result<(), BadBlock> {
        if !self.valid {
            return Ok(());
        }
        self.valid = false;
        if self.next >= self.entries_end {
            return Ok(());
        }
        let entry = self.entry(self.next)?;
        self.take(&entry)
    }

    pub(super) fn prev(&mut self) -> Result<(), BadBlock> {
        if !self.valid {
            return Ok(());
        }
        self.valid = false;
        let here = self.offset;
        if here == 0 {
            return Ok(());
        }
        // The last restart point before this entry.
        let (mut low, mut high) = (0, self.restarts - 1);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if self.restart(middle)? < here {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let start = self.restart(low)?;
        if start >= here {
            return bad(self.entries_end + 4 * low, "restart points do not ascend");
        }
        self.go_to_before(start, here)
    }

    /// Goes to the entry at `offset`, a restart point; nowhere if that is the end.
    pub(super) fn go(&mut self, offset: usize) -> Result<(), BadBlock> {
        self.valid = false;
        if offset >= self.entries_end {
            return Ok(());
        }
        self.key_in_place = None;
        self.buffer.clear();
        let entry = self.entry(offset)?;
        self.take(&entry)
    }

    /// Goes to the last entry before `limit`, from a restart point before it.
    fn go_to_before(&mut self, start: usize, limit: usize) -> Result<(), BadBlock> {
        self.go(start)?;
        while self.valid && self.next < limit {
            self.next()?;
        }
        Ok(())
    }

    /// The place of a restart point.
    pub(super) fn restart(&self, index: usize) -> Result<usize, BadBlock> {
        let at = self.entries_end + 4 * index;
        match codec::fixed32_at(self.bytes.as_ref(), at) {
            Some(offset) if (offset as usize) < self.entries_end => Ok(offset as usize),
            _ => bad(at, "a restart point is not inside the block"),
        }
    }

    /// The entry at `offset`, which is before the end.
    #[inline]
    pub(super) fn entry(&self, offset: usize) -> Result<Entry, BadBlock> {
        Entry::decode(&self.bytes.as_ref()[..self.entries_end], offset)
    }

    /// Makes an entry the current one; the key before it is still there.
    #[inline]
    pub(super) fn take(&mut self, entry: &Entry) -> Result<(), BadBlock> {
        let Entry {
            offset,
            shared,
            key_start,
            value_start,
            end,
        } = *entry;
        if shared == 0 {
            self.key_in_place = Some(key_start..value_start);
        } else {
            // Before anything is reserved for it: no such key may exist.
            let before = self.key_in_place.as_ref();
            if shared > before.map_or(self.buffer.len(), Range::len) {
                return bad(offset, "an entry shares more than the key before it has");
            }
            if let Some(range) = self.key_in_place.take() {
                self.buffer.clear();
                self.buffer
                    .reserve(range.len().max(value_start - key_start + shared) + 24);
                self.buffer.extend_from_slice(&self.bytes.as_ref()[range]);
            }
            self.buffer.truncate(shared);
            self.buffer
                .extend_from_slice(&self.bytes.as_ref()[key_start..value_start]);
        }
        self.offset = offset;
        self.value = value_start..end;
        self.next = end;
        self.valid = true;
        Ok(())
    }
}
