//! Walking a memtable.

use super::skiplist::{Place, SkipList};
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::Target;

/// A cursor over every version in a memtable, which it keeps alive.
#[derive(Clone, Debug)]
pub(crate) struct MemtableCursor {
    place: Place,
}

impl MemtableCursor {
    pub(super) fn new(list: SkipList) -> Self {
        MemtableCursor {
            place: Place::new(list),
        }
    }
}

impl Cursor for MemtableCursor {
    #[inline]
    fn valid(&self) -> bool {
        self.place.valid()
    }

    fn seek_to_first(&mut self) -> Result<()> {
        self.place.first();
        Ok(())
    }

    fn seek_to_last(&mut self) -> Result<()> {
        self.place.last();
        Ok(())
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        self.place.seek(Target::of(internal_key));
        Ok(())
    }

    #[inline]
    fn next(&mut self) -> Result<()> {
        self.place.next();
        Ok(())
    }

    fn prev(&mut self) -> Result<()> {
        self.place.prev();
        Ok(())
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.place.entry().map_or(&[], |(key, _)| key)
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.place.entry().map_or(&[], |(_, value)| value)
    }
}
