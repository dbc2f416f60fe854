//! Scans: the live entries of a range, in either direction.
//!
//! A scan answers from the moment it began (G9), or from that of a snapshot (G6).

use std::ops::Bound;

use super::live::{Live, Range};
use super::{Snapshot, Store};
use crate::compaction::Direction;
use crate::error::Result;

/// A scan to be: narrowed by its methods, run by [`Scan::collect`] or [`Scan::each`].
///
/// Bounds may be inverted or equal; then there is nothing in between.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// for key in [b"a", b"b", b"c", b"d"] {
///     store.put(key, b"")?;
/// }
/// let keys = |entries: Vec<(Vec<u8>, Vec<u8>)>| {
///     entries.into_iter().map(|(key, _)| key[0] as char).collect::<String>()
/// };
/// assert_eq!(keys(store.scan().collect()?), "abcd");
/// assert_eq!(keys(store.scan().from(b"b").to(b"d").collect()?), "bc");
/// assert_eq!(keys(store.scan().after(b"b").through(b"d").reverse().collect()?), "dc");
/// assert_eq!(keys(store.scan().reverse().limit(1).collect()?), "d");
/// assert_eq!(keys(store.scan().prefix(b"c").collect()?), "c");
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a scan reads nothing until it is collected"]
pub struct Scan<'a> {
    store: &'a Store,
    snapshot: Option<&'a Snapshot>,
    range: Range,
    direction: Direction,
    limit: usize,
}

impl Store {
    /// A scan of every live entry, in byte order of the keys; narrow it before running it.
    pub fn scan(&self) -> Scan<'_> {
        Scan {
            store: self,
            snapshot: None,
            range: Range::default(),
            direction: Direction::Forward,
            limit: usize::MAX,
        }
    }
}

impl<'a> Scan<'a> {
    /// From this key on, itself included.
    pub fn from(mut self, key: &[u8]) -> Self {
        self.range.from = Bound::Included(key.to_vec());
        self
    }

    /// From after this key on.
    pub fn after(mut self, key: &[u8]) -> Self {
        self.range.from = Bound::Excluded(key.to_vec());
        self
    }

    /// Up to this key, itself excluded.
    pub fn to(mut self, key: &[u8]) -> Self {
        self.range.to = Bound::Excluded(key.to_vec());
        self
    }

    /// Up to this key, itself included.
    pub fn through(mut self, key: &[u8]) -> Self {
        self.range.to = Bound::Included(key.to_vec());
        self
    }

    /// The keys that start with these bytes. Replaces other bounds.
    pub fn prefix(mut self, prefix: &[u8]) -> Self {
        self.range.from = Bound::Included(prefix.to_vec());
        self.range.to = prefix_end(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        self
    }

    /// From the greatest key down.
    pub fn reverse(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }

    /// At most this many entries.
    pub fn limit(mut self, entries: usize) -> Self {
        self.limit = entries;
        self
    }

    /// As of a snapshot, instead of now.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let empty = store.snapshot();
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.scan().at(&empty).collect()?, []);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn at(mut self, snapshot: &'a Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// Runs the scan into a list of keys and values.
    pub fn collect(self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut entries = Vec::new();
        self.each(|key, value| entries.push((key.to_vec(), value.to_vec())))?;
        Ok(entries)
    }

    /// Runs the scan, handing each key and value to `visit` without keeping them.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"four")?;
    /// let mut bytes = 0;
    /// store.scan().each(|_, value| bytes += value.len())?;
    /// assert_eq!(bytes, 4);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn each(self, mut visit: impl FnMut(&[u8], &[u8])) -> Result<()> {
        if self.limit == 0 {
            return Ok(());
        }
        let mut live = Live::new(self.store, self.range, self.snapshot)?;
        match self.direction {
            Direction::Forward => live.seek_to_first()?,
            Direction::Backward => live.seek_to_last()?,
        }
        let mut left = self.limit;
        while let Some((key, value)) = live.entry() {
            visit(key, value);
            left -= 1;
            if left == 0 {
                break;
            }
            match self.direction {
                Direction::Forward => live.next()?,
                Direction::Backward => live.prev()?,
            }
        }
        Ok(())
    }
}

/// The first key after all that start with `prefix`; `None` if there is none.
fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=kept].to_vec();
    end[kept] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn the_end_of_a_prefix_is_the_least_key_beyond_it() {
        assert_eq!(prefix_end(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(prefix_end(b"a\xff\xff"), Some(b"b".to_vec()));
        assert_eq!(prefix_end(b"\xff"), None);
        assert_eq!(prefix_end(b""), None);
    }
}
