//! What a store has done since it was opened, in numbers.

use super::view::Met;
use crate::sync::Counter;

/// Counters of a [`Store`](crate::Store) since it was opened. They are exact when no other
/// thread is at work.
///
/// ```
/// use etalon::{Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// store.put(b"k", b"v")?;
/// store.flush()?;
/// store.get(b"k")?;
/// assert_eq!(store.stats().blocks_read, 1);
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Gets that the memtable answered, tombstones included.
    pub gets_by_memtable: u64,
    /// Gets that a segment of level 0 answered.
    pub gets_by_level0: u64,
    /// Gets that a segment of a deeper level answered.
    pub gets_by_deeper: u64,
    /// Gets that no layer answered.
    pub gets_by_none: u64,
    /// Blocks read for gets.
    pub blocks_read: u64,
    /// Segments that a get passed over without reading a block: by its keys, index or filter.
    pub segments_skipped: u64,
    /// Blocks read for a get that did not hold its key.
    pub blocks_read_in_vain: u64,
    /// Flushes that wrote a segment.
    pub flushes: u64,
    /// Flushes that found nothing to write.
    pub empty_flushes: u64,
    /// Flushes whose segment holds nothing but tombstones.
    pub tombstone_flushes: u64,
    /// Flushes that a write began because it had filled the memtable.
    pub automatic_flushes: u64,
    /// Runs that were ingested, a segment each.
    pub ingestions: u64,
    /// Writes that waited for the background, because it had not flushed the memtable before or
    /// level 0 had too many segments.
    pub write_stalls: u64,
    /// Writes that let the background take a step first, because level 0 had many segments.
    pub write_slowdowns: u64,
    /// Compactions that wrote or removed segments.
    pub compactions: u64,
    /// Compactions that moved a segment one level down as it was.
    pub segments_moved: u64,
    /// Groups of changes of two or more threads that were written as one.
    pub write_groups: u64,
    /// How many threads had changes in the largest of them.
    pub write_group_largest: u64,
    /// Tombstones that compactions had to keep, for what they hide.
    pub tombstones_kept: u64,
    /// Tombstones that compactions left out.
    pub tombstones_dropped: u64,
    /// Older versions of keys that compactions left out.
    pub versions_dropped: u64,
}

macro_rules! counters {
    ($($name:ident),* $(,)?) => {
        /// The live form of [`Stats`].
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        impl Counters {
            pub(crate) fn read(&self) -> Stats {
                Stats { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters!(
    gets_by_memtable,
    gets_by_level0,
    gets_by_deeper,
    gets_by_none,
    blocks_read,
    segments_skipped,
    blocks_read_in_vain,
    flushes,
    empty_flushes,
    tombstone_flushes,
    automatic_flushes,
    ingestions,
    write_stalls,
    write_slowdowns,
    compactions,
    segments_moved,
    write_groups,
    write_group_largest,
    tombstones_kept,
    tombstones_dropped,
    versions_dropped,
);

impl Counters {
    /// Counts what gets have met.
    #[inline]
    pub(crate) fn add(&self, met: &Met) {
        for (counter, n) in [
            (&self.gets_by_memtable, met.by_memtable),
            (&self.gets_by_level0, met.by_level0),
            (&self.gets_by_deeper, met.by_deeper),
            (&self.gets_by_none, met.by_none),
            (&self.blocks_read, met.blocks_read),
            (&self.segments_skipped, met.segments_skipped),
            (&self.blocks_read_in_vain, met.blocks_in_vain),
        ] {
            if n > 0 {
                counter.add(n);
            }
        }
    }
    /// Counts a group of changes; one thread at a time does.
    pub(crate) fn count_group(&self, members: usize) {
        let members = members as u64;
        if members > 1 {
            self.write_groups.add(1);
            self.write_group_largest
                .set(members.max(self.write_group_largest.get()));
        }
    }
}
