//! How a store is laid out and opened.

use crate::compaction::Limits;
use crate::error::{Error, Result};
use crate::sstable::{Compression, TableOptions};

/// Options of a [`Store`](crate::Store). They may differ from one opening to the next.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let options = Options { memtable_bytes: 64 << 10, ..Options::default() };
/// let store = Store::open_on(MemoryDisk::default(), "dir", options)?;
/// store.put(b"k", b"v")?;
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Create the directory and an empty store in it if there is none. Default: true.
    pub create_if_missing: bool,
    /// A memtable that has taken this many bytes of keys and values (and 8 an entry) is flushed
    /// by the write that filled it. At least 1. Default: 4 MiB.
    pub memtable_bytes: usize,
    /// A block of a segment is closed when it reaches this many bytes; an entry is never split,
    /// so blocks may be larger. At least 1. Default: 4,096.
    pub block_bytes: usize,
    /// Every so many entries of a block a key is written whole, as a place to start reading.
    /// At least 1. Default: 4, which makes in-block searches short for one percent of disk.
    pub restart_interval: u32,
    /// Bits of Bloom filter for each key of a segment; 0 writes no filter. At most 64.
    /// Default: 10, at which about one lookup of an absent key in a hundred reads a block.
    pub filter_bits: u32,
    /// How blocks are written. Both forms are always read. Default: uncompressed.
    pub compression: Compression,
    /// When segments are merged. Default: by hand.
    pub compaction: Compaction,
    /// Level 0 is compacted when it has this many segments. At least 1. Default: 4.
    pub level0_segments: usize,
    /// Level 1 is compacted when it has this many bytes. At least 1. Default: 40 MiB.
    pub level1_bytes: u64,
    /// Each further level may hold this many times the bytes of the one above it; the last of
    /// the seven may hold any number. At least 1. Default: 10.
    pub level_growth: u64,
    /// A compaction begins a new segment at the first key after this many bytes. At least 1.
    /// Default: 8 MiB: each segment is synced, which on many disks takes as long as a few MiB.
    pub segment_bytes: u64,
}

/// When segments are merged without being asked to.
///
/// ```
/// use etalon::{Compaction, Options, Store, disk::MemoryDisk};
///
/// let compaction = Compaction::InCaller;
/// let options = Options { compaction, level0_segments: 2, ..Options::default() };
/// let store = Store::open_on(MemoryDisk::default(), "dir", options)?;
/// for key in [b"a", b"b"] {
///     store.put(key, b"")?;
///     store.flush()?;
/// }
/// assert_eq!(store.segments()[0].level(), 1, "two segments were too many for level 0");
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compaction {
    /// Never: [`Store::compact`](crate::Store::compact) and
    /// [`Store::compact_once`](crate::Store::compact_once) do it.
    #[default]
    Manual,
    /// After a flush, in the thread of whoever caused it, until no level is over its threshold:
    /// a flush takes longer now and then, and the same calls leave the same files.
    InCaller,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            create_if_missing: true,
            memtable_bytes: 4 << 20,
            block_bytes: 4096,
            restart_interval: 4,
            filter_bits: 10,
            compression: Compression::None,
            compaction: Compaction::Manual,
            level0_segments: 4,
            level1_bytes: 40 << 20,
            level_growth: 10,
            segment_bytes: 8 << 20,
        }
    }
}

impl Options {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<()> {
        let at_least_one = |name, value: u64| match value {
            0 => Err(Error::InvalidOption {
                name,
                value: "0".into(),
                what: "at least 1",
            }),
            _ => Ok(()),
        };
        at_least_one("memtable_bytes", self.memtable_bytes as u64)?;
        at_least_one("block_bytes", self.block_bytes as u64)?;
        at_least_one("restart_interval", u64::from(self.restart_interval))?;
        at_least_one("level0_segments", self.level0_segments as u64)?;
        at_least_one("level1_bytes", self.level1_bytes)?;
        at_least_one("level_growth", self.level_growth)?;
        at_least_one("segment_bytes", self.segment_bytes)?;
        if self.filter_bits > 64 {
            let value = self.filter_bits.to_string();
            return Err(Error::InvalidOption {
                name: "filter_bits",
                value,
                what: "at most 64",
            });
        }
        Ok(())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            level0_segments: self.level0_segments,
            level1_bytes: self.level1_bytes,
            level_growth: self.level_growth,
            segment_bytes: self.segment_bytes,
        }
    }

    pub(crate) fn table(&self) -> TableOptions {
        TableOptions {
            block_bytes: self.block_bytes,
            restart_interval: self.restart_interval,
            filter_bits: self.filter_bits,
            compression: self.compression,
        }
    }
}
