//! The one interface of everything that can be walked in the order of internal keys.
//!
//! ```text
//!   memtable cursor --.
//!   table cursor -----+--> merging cursor --> what a scan or a compaction sees
//!   table cursor -----'
//! ```
//!
//! Invariants:
//! 1. A new cursor is not valid: it stands on no entry until it is sent somewhere.
//! 2. `next` and `prev` are called on a valid cursor only, `key` and `value` likewise. On one that
//!    is not valid they do nothing and give empty bytes.
//! 3. After an error the cursor is not valid.

use crate::error::Result;

/// See the module.
pub(crate) trait Cursor {
    /// Whether it stands on an entry.
    fn valid(&self) -> bool;

    /// Goes to the first entry, if there is one.
    fn seek_to_first(&mut self) -> Result<()>;

    /// Goes to the last entry, if there is one.
    fn seek_to_last(&mut self) -> Result<()>;

    /// Goes to the first entry at or after an internal key.
    fn seek(&mut self, internal_key: &[u8]) -> Result<()>;

    /// Goes to the entry after this one.
    fn next(&mut self) -> Result<()>;

    /// Goes to the entry before this one.
    fn prev(&mut self) -> Result<()>;

    /// The internal key here.
    fn key(&self) -> &[u8];

    /// The value here; empty for a tombstone.
    fn value(&self) -> &[u8];
}

impl<C: Cursor + ?Sized> Cursor for Box<C> {
    fn valid(&self) -> bool {
        (**self).valid()
    }

    fn seek_to_first(&mut self) -> Result<()> {
        (**self).seek_to_first()
    }

    fn seek_to_last(&mut self) -> Result<()> {
        (**self).seek_to_last()
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        (**self).seek(internal_key)
    }

    fn next(&mut self) -> Result<()> {
        (**self).next()
    }

    fn prev(&mut self) -> Result<()> {
        (**self).prev()
    }

    fn key(&self) -> &[u8] {
        (**self).key()
    }

    fn value(&self) -> &[u8] {
        (**self).value()
    }
}
