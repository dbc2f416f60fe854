//! How a store is laid out and opened.

use std::ops::RangeBounds;

use crate::compaction::Limits;
use crate::error::{Error, Result};
use crate::event::Listener;
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
    /// Open a damaged store with what is intact of it, and say of everything that is lost
    /// ([`Store::notices`](crate::Store::notices)); the damaged files are moved to `lost/`.
    /// Older values of keys may come back where a newer segment or log is lost. Default: false,
    /// damage is refused.
    pub salvage: bool,
    /// A memtable that has taken this many bytes of keys and values (and 8 an entry) is flushed
    /// by the next write. At least 1. Default: 4 MiB.
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
    /// With this many segments in level 0, a write that needs a new memtable lets the background
    /// take one step before it goes on. Only beside a background ([`Compaction::Background`],
    /// [`Compaction::OnCall`]), and then at least `level0_segments`. Default: 8.
    pub level0_slow_segments: usize,
    /// With this many segments in level 0, a write that needs a new memtable waits until there
    /// are fewer. Only beside a background, and then at least `level0_slow_segments`.
    /// Default: 12.
    pub level0_stop_segments: usize,
    /// Level 1 is compacted when it has this many bytes. At least 1. Default: 40 MiB.
    pub level1_bytes: u64,
    /// Each further level may hold this many times the bytes of the one above it; the last of
    /// the seven may hold any number. At least 1. Default: 10.
    pub level_growth: u64,
    /// A compaction begins a new segment at the first key after this many bytes. At least 1.
    /// Default: 8 MiB: each segment is synced, which on many disks takes as long as a few MiB.
    pub segment_bytes: u64,
    /// A manifest that has reached this many bytes is replaced by a new one at the next flush or
    /// compaction; one that would begin with more than half of that may grow to twice its
    /// beginning. At least 1. Default: 4 MiB.
    pub manifest_bytes: u64,
    /// How many segments keep their file open, 0 included; further ones open theirs for each
    /// block that is read. Half of what the system allows a process is a good choice. No value is
    /// refused: one too high for the system shows when a file cannot be opened, and the error
    /// names this option.
    /// Default: 500.
    pub open_tables_max: usize,
    /// The longest key that is taken, in bytes. At most 1 GiB. Default: 16 MiB.
    pub key_bytes_max: usize,
    /// The longest value that is taken, in bytes. At most 2 GiB. Default: 1 GiB.
    pub value_bytes_max: usize,
    /// The largest batch that is taken, in bytes of its log record: 12, and for each change its
    /// key, its value, and up to 11. At least 12, at most 4 GiB - 1. Default: 2 GiB.
    pub batch_bytes_max: u64,
    /// Who hears when writes stall or the background fails. Default: nobody.
    pub listener: Listener,
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
    /// Beside reads and writes, in a thread of the store's own, which flushes full memtables, too.
    /// Writes wait for it only when it falls behind: when a memtable is full before the one before
    /// it is flushed, and when level 0 has too many segments ([`Options::level0_slow_segments`],
    /// [`Options::level0_stop_segments`]). That is counted ([`Stats`](crate::Stats)) and said
    /// ([`Options::listener`]). A failure reaches the next write, flush, compaction or close.
    Background,
    /// As [`Compaction::Background`], but in whatever thread calls
    /// [`Store::work`](crate::Store::work); a write that would wait does the work itself. For
    /// programs with threads of their own, and to step through what the background does.
    OnCall,
}

impl Compaction {
    /// Whether full memtables are left to somebody else than the writer.
    pub(crate) fn is_beside(self) -> bool {
        matches!(self, Compaction::Background | Compaction::OnCall)
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            create_if_missing: true,
            salvage: false,
            memtable_bytes: 4 << 20,
            block_bytes: 4096,
            restart_interval: 4,
            filter_bits: 10,
            compression: Compression::None,
            compaction: Compaction::Manual,
            level0_segments: 4,
            level0_slow_segments: 8,
            level0_stop_segments: 12,
            level1_bytes: 40 << 20,
            level_growth: 10,
            segment_bytes: 8 << 20,
            manifest_bytes: 4 << 20,
            open_tables_max: 500,
            key_bytes_max: 16 << 20,
            value_bytes_max: 1 << 30,
            batch_bytes_max: 2 << 30,
            listener: Listener::default(),
        }
    }
}

/// The largest block, to which one entry more comes: places in a block are 32 bits.
const BLOCK_BYTES_MAX: usize = 512 << 20;

impl Options {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<()> {
        within("memtable_bytes", self.memtable_bytes, 1.., "at least 1")?;
        let blocks = 1..=BLOCK_BYTES_MAX;
        within("block_bytes", self.block_bytes, blocks, "1 to 512 MiB")?;
        within("restart_interval", self.restart_interval, 1.., "at least 1")?;
        within("filter_bits", self.filter_bits, ..=64, "at most 64")?;
        within("level0_segments", self.level0_segments, 1.., "at least 1")?;
        if self.compaction.is_beside() {
            let (slow, stop) = (self.level0_slow_segments, self.level0_stop_segments);
            let what = "at least level0_segments";
            within("level0_slow_segments", slow, self.level0_segments.., what)?;
            within(
                "level0_stop_segments",
                stop,
                slow..,
                "at least level0_slow_segments",
            )?;
        }
        within("level1_bytes", self.level1_bytes, 1.., "at least 1")?;
        within("level_growth", self.level_growth, 1.., "at least 1")?;
        within("segment_bytes", self.segment_bytes, 1.., "at least 1")?;
        within("manifest_bytes", self.manifest_bytes, 1.., "at least 1")?;
        let keys = ..=1 << 30;
        within("key_bytes_max", self.key_bytes_max, keys, "at most 1 GiB")?;
        let values = ..=2_u64 << 30;
        let longest_value = self.value_bytes_max as u64;
        within("value_bytes_max", longest_value, values, "at most 2 GiB")?;
        let batches = 12..=u64::from(u32::MAX);
        let what = "12 to 4 GiB - 1";
        within("batch_bytes_max", self.batch_bytes_max, batches, what)
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

fn within<T: Copy + PartialOrd + ToString>(
    name: &'static str,
    value: T,
    allowed: impl RangeBounds<T>,
    what: &'static str,
) -> Result<()> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let value = value.to_string();
    Err(Error::InvalidOption { name, value, what })
}

/// How one change is written.
///
/// ```
/// use etalon::{Options, Store, WriteOptions, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// store.put_with(b"k", b"v", WriteOptions::synced())?; // survives a power loss from here on
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Return only when the change, and with it every change before it, is durable. Without, a
    /// change survives the death of the process, and a power loss only from the next synced
    /// write, [`Store::sync`](crate::Store::sync), flush, compaction or close on. Default: false.
    pub sync: bool,
}

impl WriteOptions {
    /// With `sync`.
    pub fn synced() -> Self {
        WriteOptions { sync: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_cannot_work_is_refused_by_name_and_value() {
        let refused = |change: &dyn Fn(&mut Options), text: &str| {
            let mut options = Options::default();
            change(&mut options);
            let error = options.validate().expect_err(text);
            assert_eq!(error.to_string(), text);
        };
        refused(
            &|o| o.memtable_bytes = 0,
            "option memtable_bytes = 0: at least 1",
        );
        refused(
            &|o| o.block_bytes = 0,
            "option block_bytes = 0: 1 to 512 MiB",
        );
        refused(
            &|o| o.block_bytes = BLOCK_BYTES_MAX + 1,
            "option block_bytes = 536870913: 1 to 512 MiB",
        );
        refused(
            &|o| o.restart_interval = 0,
            "option restart_interval = 0: at least 1",
        );
        refused(
            &|o| o.filter_bits = 65,
            "option filter_bits = 65: at most 64",
        );
        refused(
            &|o| o.manifest_bytes = 0,
            "option manifest_bytes = 0: at least 1",
        );
        refused(
            &|o| (o.compaction, o.level0_segments) = (Compaction::OnCall, 9),
            "option level0_slow_segments = 8: at least level0_segments",
        );
        refused(
            &|o| (o.compaction, o.level0_stop_segments) = (Compaction::Background, 7),
            "option level0_stop_segments = 7: at least level0_slow_segments",
        );
        refused(
            &|o| o.key_bytes_max = (1 << 30) + 1,
            "option key_bytes_max = 1073741825: at most 1 GiB",
        );
        refused(
            &|o| o.value_bytes_max = (2 << 30) + 1,
            "option value_bytes_max = 2147483649: at most 2 GiB",
        );
        refused(
            &|o| o.batch_bytes_max = 11,
            "option batch_bytes_max = 11: 12 to 4 GiB - 1",
        );
        refused(
            &|o| o.batch_bytes_max = 1 << 32,
            "option batch_bytes_max = 4294967296: 12 to 4 GiB - 1",
        );
        Options::default().validate().expect("the defaults work");
    }
}
