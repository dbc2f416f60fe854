//! A handle to read with: it keeps the view that it read from last.
//!
//! ```text
//!   generation unchanged?  -- yes -->  the view it has, the sequence number, the layers
//!           '-- no -->  the published view, shared anew
//! ```
//!
//! A get is two loads more than the search: the generation and the sequence number. It writes
//! nothing that other threads read, so handles do not slow each other down.

use super::Store;
use super::snapshot::Snapshot;
use super::view::{Met, View};
use crate::error::Result;
use crate::sync::Arc;

/// A handle for a thread that reads much: gets answer as [`Store::get`] does, at less cost, and
/// without any between threads.
///
/// Each get sees every change that was acknowledged before it began. Between gets the handle
/// keeps what it read from last: up to two memtables, and the files of segments that a compaction
/// may have replaced since. The next get of a handle lets go of what has been replaced; before a
/// long pause, [`Reader::rest`] does. What its gets have met goes to [`Store::stats`] when it
/// takes a new view, rests or is dropped.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// store.put(b"k", b"1")?;
/// let mut reader = store.reader();
/// assert_eq!(reader.get(b"k")?, Some(b"1".to_vec()));
/// store.put(b"k", b"2")?;
/// store.flush()?;
/// assert_eq!(reader.get(b"k")?, Some(b"2".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<'a> {
    store: &'a Store,
    /// `None`: it rests.
    view: Option<Arc<View>>,
    /// Read before the view was shared.
    generation: u64,
    met: Met,
}

impl Store {
    /// A handle for a thread that reads much.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            store: self,
            view: None,
            generation: 0,
            met: Met::default(),
        }
    }

    /// Gets as of now, for ever: the search of a [`Reader`] without the question whether there is
    /// something newer. For benchmarks, to hear what the question costs.
    #[cfg(feature = "oracle")]
    #[doc(hidden)]
    pub fn search_of_now(&self) -> impl FnMut(&[u8]) -> Result<Option<Vec<u8>>> + use<> {
        let view = self.shared.view.share();
        let sequence = self.shared.last_sequence();
        let mut met = Met::default();
        move |key| view.get(key, sequence, &mut met)
    }
}

impl Reader<'_> {
    /// See [`Store::get`].
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_as_of(key, None)
    }

    /// See [`Store::get_at`].
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let empty = store.snapshot();
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.reader().get_at(&empty, b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn get_at(&mut self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let sequence = self.store.shared.sequence_of(Some(snapshot))?;
        self.get_as_of(key, sequence)
    }

    /// Lets go of memtables and files until the next get.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// let mut reader = store.reader();
    /// reader.get(b"k")?;
    /// reader.rest();
    /// assert_eq!(reader.get(b"k")?, Some(b"v".to_vec()));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn rest(&mut self) {
        self.view = None;
        self.store
            .shared
            .counters
            .add(&std::mem::take(&mut self.met));
    }

    #[inline]
    fn get_as_of(&mut self, key: &[u8], sequence: Option<u64>) -> Result<Option<Vec<u8>>> {
        let shared = &*self.store.shared;
        let generation = shared.view.generation();
        if generation != self.generation || self.view.is_none() {
            self.take_view(generation);
        }
        let view = self.view.as_ref().expect("just taken");
        let sequence = sequence.unwrap_or_else(|| shared.last_sequence());
        view.get(key, sequence, &mut self.met)
    }

    /// Shares the published view, which is as new as a generation that was read before, or newer.
    #[cold]
    fn take_view(&mut self, generation: u64) {
        self.rest();
        self.view = Some(self.store.shared.view.share());
        self.generation = generation;
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.rest();
    }
}
