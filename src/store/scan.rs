//! Scans: the live entries of a range, in either direction.
//!
//! A scan answers from the moment it began (G9): it copies the memtable's part of the range, and
//! keeps the segments of that moment, under one hold of the view.

use std::ops::Bound;

use super::Store;
use crate::compaction::{Direction, Merge};
use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::key::{Kind, MAX_SEQUENCE, internal_key, split, user_key};
use crate::manifest::TableFile;
use crate::memtable::{FrozenCursor, Memtable};
use crate::sstable::TableCursor;
use crate::sync::Arc;

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
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    direction: Direction,
    limit: usize,
}

impl Store {
    /// A scan of every live entry, in byte order of the keys; narrow it before running it.
    pub fn scan(&self) -> Scan<'_> {
        let (from, to) = (Bound::Unbounded, Bound::Unbounded);
        Scan {
            store: self,
            from,
            to,
            direction: Direction::Forward,
            limit: usize::MAX,
        }
    }
}

impl Scan<'_> {
    /// From this key on, itself included.
    pub fn from(mut self, key: &[u8]) -> Self {
        self.from = Bound::Included(key.to_vec());
        self
    }

    /// From after this key on.
    pub fn after(mut self, key: &[u8]) -> Self {
        self.from = Bound::Excluded(key.to_vec());
        self
    }

    /// Up to this key, itself excluded.
    pub fn to(mut self, key: &[u8]) -> Self {
        self.to = Bound::Excluded(key.to_vec());
        self
    }

    /// Up to this key, itself included.
    pub fn through(mut self, key: &[u8]) -> Self {
        self.to = Bound::Included(key.to_vec());
        self
    }

    /// The keys that start with these bytes. Replaces other bounds.
    pub fn prefix(mut self, prefix: &[u8]) -> Self {
        self.from = Bound::Included(prefix.to_vec());
        self.to = prefix_end(prefix).map_or(Bound::Unbounded, Bound::Excluded);
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
        let (in_memory, files) = self.capture();
        let mut cursors: Vec<Box<dyn Cursor + '_>> = Vec::with_capacity(files.len() + 2);
        for part in in_memory
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
        {
            cursors.push(Box::new(part));
        }
        for file in files {
            cursors.push(Box::new(TableCursor::new(Arc::clone(&file.table))?));
        }
        let start = self.start();
        for cursor in &mut cursors {
            self.position(cursor.as_mut(), start.as_deref())?;
        }
        let merge = Merge::new(cursors, self.direction);
        match self.direction {
            Direction::Forward => self.walk_forward(merge, &mut visit),
            Direction::Backward => self.walk_backward(merge, &mut visit),
        }
    }

    /// The view of this moment: copies of what is in memory, and the segments that may hold
    /// something of the range.
    fn capture(&self) -> ([Option<FrozenCursor>; 2], Vec<Arc<TableFile>>) {
        let view = self.store.view.read();
        let (from, to) = (
            self.from.as_ref().map(Vec::as_slice),
            self.to.as_ref().map(Vec::as_slice),
        );
        let part = |memtable: &Memtable| FrozenCursor::copy_of(memtable.range(from, to));
        let in_memory = [Some(part(&view.memtable)), view.frozen.as_deref().map(part)];
        let within = |file: &&Arc<TableFile>| {
            !below(&self.from, user_key(&file.meta.largest))
                && !above(&self.to, user_key(&file.meta.smallest))
        };
        let files = view
            .version
            .oldest_to_newest()
            .map(|(_, file)| file)
            .filter(within);
        (in_memory, files.cloned().collect())
    }

    /// The internal key that cursors seek to begin with; `None` is the very first, or last.
    fn start(&self) -> Option<Vec<u8>> {
        let bound = match self.direction {
            Direction::Forward => &self.from,
            Direction::Backward => &self.to,
        };
        match (bound, self.direction) {
            (Bound::Unbounded, _) => None,
            (Bound::Included(key), Direction::Backward) => Some(first_after(key)),
            // The newest version of a key comes first in the order of internal keys.
            (Bound::Included(key) | Bound::Excluded(key), _) => {
                Some(internal_key(key, MAX_SEQUENCE, Kind::Put))
            }
        }
    }

    /// Sends a cursor to where the scan begins.
    fn position(&self, cursor: &mut dyn Cursor, start: Option<&[u8]>) -> Result<()> {
        match (self.direction, start) {
            (Direction::Forward, None) => cursor.seek_to_first(),
            (Direction::Forward, Some(start)) => cursor.seek(start),
            (Direction::Backward, None) => cursor.seek_to_last(),
            (Direction::Backward, Some(end)) => {
                cursor.seek(end)?;
                if cursor.valid() {
                    cursor.prev()
                } else {
                    cursor.seek_to_last()
                }
            }
        }
    }

    /// The first version of a key that comes is its newest.
    fn walk_forward(
        &self,
        mut merge: Merge<Box<dyn Cursor + '_>>,
        visit: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<()> {
        let mut left = self.limit;
        let mut decided: Option<Vec<u8>> = None;
        while let Some((internal, value)) = merge.current() {
            let (key, _, kind) = split(internal).ok_or_else(not_a_key)?;
            if above(&self.to, key) {
                return Ok(());
            }
            if decided.as_deref() != Some(key) && !below(&self.from, key) {
                let decided = decided.get_or_insert_default();
                decided.clear();
                decided.extend_from_slice(key);
                if kind == Kind::Put {
                    visit(key, value);
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
            }
            merge.advance()?;
        }
        Ok(())
    }

    /// The last version of a key that comes is its newest.
    fn walk_backward(
        &self,
        mut merge: Merge<Box<dyn Cursor + '_>>,
        visit: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<()> {
        let mut left = self.limit;
        let (mut key, mut value, mut alive) = (Vec::new(), Vec::new(), false);
        loop {
            let next = merge.current();
            let (next_key, next_kind, next_value) = match next {
                None => (None, Kind::Delete, &[][..]),
                Some((internal, value)) => {
                    let (key, _, kind) = split(internal).ok_or_else(not_a_key)?;
                    (Some(key), kind, value)
                }
            };
            let goes_on = next_key.is_some_and(|next| !below(&self.from, next));
            if alive && (!goes_on || next_key != Some(&key)) {
                visit(&key, &value);
                left -= 1;
            }
            if !goes_on || left == 0 {
                return Ok(());
            }
            let Some(next_key) = next_key.filter(|next| !above(&self.to, next)) else {
                alive = false;
                merge.advance()?;
                continue;
            };
            key.clear();
            key.extend_from_slice(next_key);
            value.clear();
            value.extend_from_slice(next_value);
            alive = next_kind == Kind::Put;
            merge.advance()?;
        }
    }
}

fn below(from: &Bound<Vec<u8>>, key: &[u8]) -> bool {
    match from {
        Bound::Unbounded => false,
        Bound::Included(from) => key < from.as_slice(),
        Bound::Excluded(from) => key <= from.as_slice(),
    }
}

fn above(to: &Bound<Vec<u8>>, key: &[u8]) -> bool {
    match to {
        Bound::Unbounded => false,
        Bound::Included(to) => key > to.as_slice(),
        Bound::Excluded(to) => key >= to.as_slice(),
    }
}

/// An internal key after all of `key`'s and before all of the next key's.
fn first_after(key: &[u8]) -> Vec<u8> {
    let mut next = key.to_vec();
    next.push(0);
    internal_key(&next, MAX_SEQUENCE, Kind::Put)
}

/// The first key after all that start with `prefix`; `None` if there is none.
fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=kept].to_vec();
    end[kept] += 1;
    Some(end)
}

fn not_a_key() -> Error {
    Error::damaged(
        std::path::Path::new("a segment"),
        0,
        "an entry's key is not an internal key",
    )
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
