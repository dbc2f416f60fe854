//! How a store is laid out and opened.

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
        }
    }
}

impl Options {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<()> {
        let at_least_one = |name, value: usize| match value {
            0 => Err(Error::InvalidOption {
                name,
                value: "0".into(),
                what: "at least 1",
            }),
            _ => Ok(()),
        };
        at_least_one("memtable_bytes", self.memtable_bytes)?;
        at_least_one("block_bytes", self.block_bytes)?;
        at_least_one("restart_interval", self.restart_interval as usize)?;
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

    pub(crate) fn table(&self) -> TableOptions {
        TableOptions {
            block_bytes: self.block_bytes,
            restart_interval: self.restart_interval,
            filter_bits: self.filter_bits,
            compression: self.compression,
        }
    }
}
