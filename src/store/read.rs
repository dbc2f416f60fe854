//! The read path: a view, then the sequence number, then the view's layers (`view`).
//!
//! A get holds on to the published view while it reads, its blocks included; see `published` for
//! what that costs and why nobody waits. No lock is taken.

use super::view::{LayerLookup, Met};
use super::{Snapshot, Store};
use crate::error::Result;

impl Store {
    /// The value of the latest put of `key`, unless a later delete removed it: then nothing.
    ///
    /// Costs O(log n) in each segment whose keys span `key`, and reads a block of it only where
    /// its filter says that the key may be there. Waits for no writer, flush or compaction. A
    /// thread with many gets is better off with a [`Reader`](crate::Reader).
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// assert_eq!(store.get(b"k")?, None);
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.get(b"k")?, Some(b"v".to_vec()));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_as_of(key, None)
    }

    /// The value of `key` when a snapshot was taken (G6).
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let empty = store.snapshot();
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.get_at(&empty, b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn get_at(&self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_as_of(key, self.shared.sequence_of(Some(snapshot))?)
    }

    /// The value of `key` at a sequence number, or now.
    pub(super) fn get_as_of(&self, key: &[u8], sequence: Option<u64>) -> Result<Option<Vec<u8>>> {
        let mut met = Met::default();
        let found = self.shared.view.read(|view| {
            let sequence = sequence.unwrap_or_else(|| self.shared.last_sequence());
            view.get(key, sequence, &mut met)
        });
        self.shared.counters.add(&met);
        found
    }

    /// What every layer holds for `key`, the newest first, without counting.
    pub(crate) fn trace(&self, key: &[u8]) -> Result<Vec<LayerLookup>> {
        self.shared.view.read(|view| view.trace(key))
    }
}
