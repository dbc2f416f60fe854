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

    /// Key and value here, if it stands on an entry.
    #[inline]
    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.valid().then(|| (self.key(), self.value()))
    }
}
