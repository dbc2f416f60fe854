//! A cursor over a copied part of a memtable.

use super::Slot;
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::{Kind, compare, internal_key};

/// Entries copied out of a memtable, so that a scan needs no lock while it reads segments.
#[derive(Debug)]
pub(crate) struct FrozenCursor {
    /// Internal key and value, in order.
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// One more than the place; 0 and beyond the end are nowhere.
    at: usize,
}

impl FrozenCursor {
    /// Copies entries that come in key order.
    pub(crate) fn copy_of<'a>(range: impl Iterator<Item = (&'a [u8], &'a Slot)>) -> Self {
        let copy = |(key, slot): (&[u8], &Slot)| match &slot.value {
            Some(value) => (internal_key(key, slot.sequence, Kind::Put), value.to_vec()),
            None => (internal_key(key, slot.sequence, Kind::Delete), Vec::new()),
        };
        FrozenCursor {
            entries: range.map(copy).collect(),
            at: 0,
        }
    }

    fn entry(&self) -> Option<&(Vec<u8>, Vec<u8>)> {
        self.entries.get(self.at.checked_sub(1)?)
    }
}

impl Cursor for FrozenCursor {
    fn valid(&self) -> bool {
        self.entry().is_some()
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
        self.at = 1 + self
            .entries
            .partition_point(|(key, _)| compare(key, internal).is_lt());
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
        self.entry().map_or(&[], |(key, _)| key)
    }

    fn value(&self) -> &[u8] {
        self.entry().map_or(&[], |(_, value)| value)
    }
}
