//! Walking one block; `builder.rs` draws it.
//!
//! Strategy: entries are decoded in place. A key that shares nothing with the one before is lent
//! from the block; others are put together in a buffer. A search halves the restart points, then
//! walks; going back begins at the restart point before.
//!
//! Invariants:
//! 1. Every byte of the block is checked before it is used: damage is [`BadBlock`].
//! 2. `next` goes to a greater place in the block and `prev` to a smaller one, so that no walk is
//!    endless, whatever the bytes.
//! 3. After an error the cursor stands nowhere.

use std::cmp::Ordering;
use std::ops::Range;

use crate::codec::{self, Decoder};
use crate::key::Target;

/// What is wrong with a block, and where in its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadBlock {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

fn bad<T>(at: usize, what: &'static str) -> Result<T, BadBlock> {
    Err(BadBlock { at, what })
}

/// A place in a block whose content is `B`: borrowed, shared or its own.
#[derive(Clone, Debug)]
pub(super) struct BlockCursor<B> {
    bytes: B,
    /// Where the entries end and the restart points begin.
    entries_end: usize,
    restarts: usize,
    /// Where the entry here begins; meaningless unless `valid`.
    offset: usize,
    /// Where the next one begins.
    next: usize,
    valid: bool,
    /// The key, if it stands in the block in one piece; else it is in `buffer`.
    key_in_place: Option<Range<usize>>,
    buffer: Vec<u8>,
    value: Range<usize>,
}

/// The lengths of an entry, all within the block.
struct Entry {
    offset: usize,
    shared: usize,
    key_start: usize,
    value_start: usize,
    end: usize,
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

    /// Goes to the first entry at or after a place in the order of internal keys.
    pub(super) fn seek(&mut self, target: Target<'_>) -> Result<(), BadBlock> {
        self.valid = false;
        // The last restart point before the target, or the first one at all.
        let (mut low, mut high) = (0, self.restarts.saturating_sub(1));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if target.compare_to(self.restart_key(middle)?) == Ordering::Greater {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let start = if self.entries_end == 0 {
            0
        } else {
            self.restart(low)?
        };
        self.go(start)?;
        while self.valid && target.compare_to(self.key()) == Ordering::Greater {
            self.next()?;
        }
        Ok(())
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
    fn go(&mut self, offset: usize) -> Result<(), BadBlock> {
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
    fn restart(&self, index: usize) -> Result<usize, BadBlock> {
        let at = self.entries_end + 4 * index;
        match codec::fixed32_at(self.bytes.as_ref(), at) {
            Some(offset) if (offset as usize) < self.entries_end => Ok(offset as usize),
            _ => bad(at, "a restart point is not inside the block"),
        }
    }

    /// The key at a restart point.
    #[inline]
    fn restart_key(&self, index: usize) -> Result<&[u8], BadBlock> {
        let offset = self.restart(index)?;
        let entry = self.entry(offset)?;
        if entry.shared != 0 {
            return bad(offset, "the key at a restart point is not whole");
        }
        Ok(&self.bytes.as_ref()[entry.key_start..entry.value_start])
    }

    /// The lengths of the entry at `offset`, which is before the end.
    #[inline]
    fn entry(&self, offset: usize) -> Result<Entry, BadBlock> {
        let bytes = &self.bytes.as_ref()[..self.entries_end];
        let lengths = match bytes.get(offset..) {
            Some(&[shared, unshared, value, ..]) if (shared | unshared | value) < 0x80 => {
                Some((shared.into(), unshared.into(), value.into(), offset + 3))
            }
            Some(rest) => long_lengths(rest).map(|(shared, unshared, value, used)| {
                (
                    shared as usize,
                    unshared as usize,
                    value as usize,
                    offset + used,
                )
            }),
            None => None,
        };
        let Some((shared, unshared, value, key_start)) = lengths else {
            return bad(offset, "the lengths of an entry cannot be read");
        };
        let ends = key_start
            .checked_add(unshared)
            .and_then(|at| Some((at, at.checked_add(value)?)));
        match ends {
            Some((value_start, end)) if end <= bytes.len() => Ok(Entry {
                offset,
                shared,
                key_start,
                value_start,
                end,
            }),
            _ => bad(offset, "an entry is longer than its block"),
        }
    }

    /// Makes an entry the current one; the key before it is still there.
    #[inline]
    fn take(&mut self, entry: &Entry) -> Result<(), BadBlock> {
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
            if let Some(range) = self.key_in_place.take() {
                self.buffer.clear();
                self.buffer.extend_from_slice(&self.bytes.as_ref()[range]);
            }
            if shared > self.buffer.len() {
                return bad(offset, "an entry shares more than the key before it has");
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

/// The three lengths of an entry and how many bytes they take.
#[cold]
fn long_lengths(rest: &[u8]) -> Option<(u32, u32, u32, usize)> {
    let mut input = Decoder::new(rest);
    let (shared, unshared, value) = (input.varint32()?, input.varint32()?, input.varint32()?);
    Some((shared, unshared, value, rest.len() - input.rest().len()))
}
