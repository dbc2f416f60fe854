//! Compare-and-swap: one key is looked at and changed as one step.
//!
//! ```text
//!   take the writer -- look: what the key has now -- equal: write as a put or a delete does
//!                                                  '- not:   write nothing      -- put it back
//! ```
//!
//! Invariants:
//! 1. Between the look and the write nothing is written: the thread has the writer, which it took
//!    in its turn and alone, in no group.
//! 2. The look finds what the writer has written last, shown to readers or not: it asks for the
//!    writer's own sequence number.
//! 3. What the limits do not allow is refused before the look, whatever the key has.

use super::write::{Given, refuse_too_large};
use super::{Batch, Store};
use crate::error::Result;
use crate::options::WriteOptions;

impl Store {
    /// If `key` has the value `expected`, or is absent where that is none, gives it the value
    /// `new`, or removes it where that is none. Whether it did.
    ///
    /// If what the key has cannot be read, that is the error: nothing has happened, and the store
    /// goes on. Of several threads that expect the same value one changes it; the others are answered
    /// `false`.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// assert!(store.compare_and_swap(b"k", None, Some(b"1"))?, "it was absent");
    /// assert!(!store.compare_and_swap(b"k", None, Some(b"2"))?, "it is there");
    /// assert!(store.compare_and_swap(b"k", Some(b"1"), Some(b"2"))?);
    /// assert!(store.compare_and_swap(b"k", Some(b"2"), None)?, "removed");
    /// assert_eq!(store.get(b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn compare_and_swap(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<bool> {
        self.compare_and_swap_with(key, expected, new, WriteOptions::default())
    }

    /// [`Store::compare_and_swap`], written as the options say. With `sync` what it has found is
    /// durable, too, when it returns: also where it answers `false`.
    ///
    /// ```
    /// use etalon::{Options, Store, WriteOptions, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.compare_and_swap_with(b"lock", None, Some(b"mine"), WriteOptions::synced())?;
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn compare_and_swap_with(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
        options: WriteOptions,
    ) -> Result<bool> {
        let mut batch = Batch::default();
        Given::One(key, new).fill(&mut batch);
        let mut turn = self.writer()?;
        refuse_too_large(&batch, &self.shared.options)?;
        let found = self.get_as_of(key, Some(turn.sequence))?;
        let is_expected = found.as_deref() == expected;
        let given = if is_expected {
            Given::Batch(&batch)
        } else {
            Given::Nothing
        };
        self.write_alone(&mut turn, given, options)?;
        Ok(is_expected)
    }
}
