//! Iterators: a place among the entries of one moment, to move as one likes.

use super::live::{Live, Range};
use super::{Snapshot, Store};
use crate::error::Result;

/// A place among the entries of a store, as they were when it was made (G9), or at a snapshot.
///
/// It stands before the first entry to begin with. It keeps alive what it reads from: memtables,
/// and segments that a compaction has replaced meanwhile. After an error it stands before the
/// first entry again.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// for key in [b"a", b"b", b"c"] {
///     store.put(key, b"")?;
/// }
/// let mut iter = store.iterator()?;
/// store.delete(b"b")?; // too late for the iterator
/// iter.next()?;
/// assert_eq!(iter.key(), Some(&b"a"[..]));
/// iter.seek(b"bb")?;
/// assert_eq!(iter.key(), Some(&b"c"[..]));
/// iter.prev()?;
/// assert_eq!(iter.key(), Some(&b"b"[..]));
/// iter.seek(b"x")?;
/// assert_eq!(iter.key(), None, "after the last entry");
/// iter.prev()?;
/// assert_eq!(iter.key(), Some(&b"c"[..]));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Debug)]
pub struct Iter {
    live: Live,
}

impl Store {
    /// An iterator over the entries of this moment.
    pub fn iterator(&self) -> Result<Iter> {
        let live = Live::new(self, Range::default(), None)?;
        Ok(Iter { live })
    }

    /// An iterator over the entries of a snapshot's moment. It outlives the snapshot.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let empty = store.snapshot();
    /// store.put(b"k", b"v")?;
    /// let mut iter = store.iterator_at(&empty)?;
    /// drop(empty);
    /// iter.seek_to_first()?;
    /// assert_eq!(iter.entry(), None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn iterator_at(&self, snapshot: &Snapshot) -> Result<Iter> {
        let live = Live::new(self, Range::default(), Some(snapshot))?;
        Ok(Iter { live })
    }
}

impl Iter {
    /// The key and value here; `None` before the first entry and after the last.
    pub fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.live.entry()
    }

    /// The key here.
    pub fn key(&self) -> Option<&[u8]> {
        self.entry().map(|(key, _)| key)
    }

    /// The value here.
    pub fn value(&self) -> Option<&[u8]> {
        self.entry().map(|(_, value)| value)
    }

    /// Goes to the first entry, or, if there is none, after the last.
    pub fn seek_to_first(&mut self) -> Result<()> {
        self.live.seek_to_first()
    }

    /// Goes to the last entry, or, if there is none, before the first.
    pub fn seek_to_last(&mut self) -> Result<()> {
        self.live.seek_to_last()
    }

    /// Goes to the first entry whose key is `key` or greater; if there is none, after the last.
    pub fn seek(&mut self, key: &[u8]) -> Result<()> {
        self.live.seek(key)
    }

    /// Goes to the next entry; from the last one, after it, and there it stays.
    #[expect(clippy::should_implement_trait, reason = "it lends what it stands on")]
    pub fn next(&mut self) -> Result<()> {
        self.live.next()
    }

    /// Goes to the entry before; from the first one, before it, and there it stays.
    pub fn prev(&mut self) -> Result<()> {
        self.live.prev()
    }
}
