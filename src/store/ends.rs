//! The first and the last entry: a seek to either end of what a reader may see.
//!
//! Each is an iterator that is moved once: tombstones are passed over as in any scan, and nothing
//! is read beyond the entry that is found.

use super::live::{Live, Range};
use super::{Snapshot, Store};
use crate::error::Result;

/// A key and its value.
type Entry = (Vec<u8>, Vec<u8>);

impl Store {
    /// The entry of the least key; none if the store is empty.
    ///
    /// Costs a seek in each segment, and a step for each tombstone and older version before the
    /// entry.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// assert_eq!(store.first()?, None);
    /// store.put(b"a", b"1")?;
    /// store.put(b"b", b"2")?;
    /// store.flush()?;
    /// store.delete(b"a")?; // the tombstone hides what the segment has
    /// assert_eq!(store.first()?, Some((b"b".to_vec(), b"2".to_vec())));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn first(&self) -> Result<Option<Entry>> {
        self.end(None, false)
    }

    /// The entry of the greatest key; none if the store is empty. Costs what [`Store::first`]
    /// does.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"a", b"1")?;
    /// store.put(b"b", b"2")?;
    /// assert_eq!(store.last()?, Some((b"b".to_vec(), b"2".to_vec())));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn last(&self) -> Result<Option<Entry>> {
        self.end(None, true)
    }

    /// [`Store::first`] when a snapshot was taken (G6).
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"b", b"2")?;
    /// let snapshot = store.snapshot();
    /// store.put(b"a", b"1")?;
    /// assert_eq!(store.first_at(&snapshot)?, Some((b"b".to_vec(), b"2".to_vec())));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn first_at(&self, snapshot: &Snapshot) -> Result<Option<Entry>> {
        self.end(Some(snapshot), false)
    }

    /// [`Store::last`] when a snapshot was taken (G6).
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"a", b"1")?;
    /// let snapshot = store.snapshot();
    /// store.delete(b"a")?;
    /// assert_eq!(store.last_at(&snapshot)?, Some((b"a".to_vec(), b"1".to_vec())));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn last_at(&self, snapshot: &Snapshot) -> Result<Option<Entry>> {
        self.end(Some(snapshot), true)
    }

    fn end(&self, snapshot: Option<&Snapshot>, is_last: bool) -> Result<Option<Entry>> {
        let mut live = Live::new(self, Range::default(), snapshot)?;
        if is_last {
            live.seek_to_last()?;
        } else {
            live.seek_to_first()?;
        }
        let found = live.entry();
        Ok(found.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }
}
