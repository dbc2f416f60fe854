//! A cursor over a copied part of a memtable.

use super::Slot;
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::{self, Kind, compare};

/// Entries copied out of a memtable, so that a scan needs no lock while it reads segments.
///
/// ```text
///   bytes    internal key 0 | value 0 | internal key 1 | value 1 | ...
///   entries  where each key and each value ends
/// ```
#[derive(Debug)]
pub(crate) struct FrozenCursor {
    bytes: Vec<u8>,
    /// The ends of each entry's key and value; an entry begins where the one before it ends.
    entries: Vec<(usize, usize)>,
    /// One more than the place; 0 and beyond the end are nowhere.
    at: usize,
}

impl FrozenCursor {
    /// Copies entries that come in key order.
    pub(crate) fn copy_of<'a>(range: impl Iterator<Item = (&'a [u8], &'a Slot)>) -> Self {
        let (mut bytes, mut entries) = (Vec::new(), Vec::new());
        for (user_key, slot) in range {
            if entries.is_empty() {
                // Room for a few small entries: most copies are no larger.
                bytes.reserve(256);
                entries.reserve(16);
            }
            let kind = if slot.value.is_some() {
                Kind::Put
            } else {
                Kind::Delete
            };
            key::append(&mut bytes, user_key, slot.sequence, kind);
            let key_end = bytes.len();
            bytes.extend_from_slice(slot.value.as_deref().unwrap_or_default());
            entries.push((key_end, bytes.len()));
        }
        FrozenCursor {
            bytes,
            entries,
            at: 0,
        }
    }

    /// Whether there is no entry at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn key_at(&self, index: usize) -> &[u8] {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.entries[before].1);
        &self.bytes[start..self.entries[index].0]
    }

    /// The place it stands on.
    fn index(&self) -> Option<usize> {
        self.at
            .checked_sub(1)
            .filter(|index| *index < self.entries.len())
    }

    /// How many entries come before an internal key.
    fn count_below(&self, internal: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if compare(self.key_at(middle), internal).is_lt() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Cursor for FrozenCursor {
    fn valid(&self) -> bool {
        self.index().is_some()
    }

    fn seek_to_first(&mut self) -> Result<()> {
        self.at = 1;
        Ok(())
    }

    fn seek_to_last(&mut self) -> Result<()> {
        self.at = self.entries.len();
        Ok(())
    }

    fn seek(&mut self, internal: &[u8]) -> Result<()> {
        self.at = 1 + self.count_below(internal);
        Ok(())
    }

    fn next(&mut self) -> Result<()> {
        if self.valid() {
            self.at += 1;
        }
        Ok(())
    }

    fn prev(&mut self) -> Result<()> {
        if self.valid() {
            self.at -= 1;
        }
        Ok(())
    }

    fn key(&self) -> &[u8] {
        self.index().map_or(&[], |index| self.key_at(index))
    }

    fn value(&self) -> &[u8] {
        self.index().map_or(&[], |index| {
            let (start, end) = self.entries[index];
            &self.bytes[start..end]
        })
    }
}
