//! Listing what a store is made of.

use super::Store;
use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::key::{Kind, split};
use crate::manifest::TableFile;
use crate::sstable::TableCursor;
use crate::sync::Arc;

/// A sorted, immutable file of entries (G12). Holding it keeps the file readable, whatever the
/// store does meanwhile.
#[derive(Clone, Debug)]
pub struct Segment {
    level: usize,
    file: Arc<TableFile>,
}

/// One entry of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    /// The key.
    pub key: Vec<u8>,
    /// The sequence number of the change that wrote it.
    pub sequence: u64,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

impl Store {
    /// The segments, the newest last: the deepest level first, by key inside a level, then level
    /// 0 by age.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// store.put(b"k", b"v")?;
    /// store.flush()?;
    /// store.delete(b"k")?;
    /// store.flush()?;
    /// let newest = store.segments().pop().expect("two segments");
    /// assert_eq!(newest.entries()?[0].value, None, "a tombstone");
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn segments(&self) -> Vec<Segment> {
        let version = self.shared.version();
        let files = version.oldest_to_newest();
        files
            .map(|(level, file)| Segment {
                level,
                file: Arc::clone(file),
            })
            .collect()
    }
}

impl Segment {
    /// The number of its file.
    pub fn number(&self) -> u64 {
        self.file.meta.number
    }

    /// The level it is in.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The size of its file in bytes.
    pub fn bytes(&self) -> u64 {
        self.file.meta.size
    }

    /// All entries in key order, tombstones included; of one key the newest version first.
    pub fn entries(&self) -> Result<Vec<SegmentEntry>> {
        let mut entries = Vec::new();
        let mut cursor = TableCursor::new(Arc::clone(&self.file.table))?;
        cursor.seek_to_first()?;
        while cursor.valid() {
            entries.push(self.entry(&cursor)?);
            cursor.next()?;
        }
        Ok(entries)
    }

    fn entry(&self, cursor: &impl Cursor) -> Result<SegmentEntry> {
        let Some((key, sequence, kind)) = split(cursor.key()) else {
            return Err(Error::damaged(
                self.file.table.path(),
                0,
                "an entry without an internal key",
            ));
        };
        let value = (kind == Kind::Put).then(|| cursor.value().to_vec());
        Ok(SegmentEntry {
            key: key.to_vec(),
            sequence,
            value,
        })
    }
}
