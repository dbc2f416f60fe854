//! What a store tells of its inside: the layers that hold a key, and what happened.

/// What the layers of a store hold for one key; see [`KeyValueStore::trace`](crate::KeyValueStore::trace).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Newest first: the memtable, then the segments.
    pub layers: Vec<LayerAnswer>,
    /// The sequence number of the last change that the store has taken.
    pub last_sequence: u64,
}

/// What one layer holds for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerAnswer {
    /// What the layer is called, such as `memtable` or `segment 000007 (level 0)`.
    pub layer: String,
    /// Whether it is a segment (otherwise a memtable).
    pub is_segment: bool,
    /// What it says about the key.
    pub answer: Answer,
}

/// See [`LayerAnswer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing, and the filter or the index said so without reading a block.
    Skipped,
    /// Nothing, although the filter said maybe: a block was read in vain.
    Missed,
    /// A value, written by the change with this sequence number.
    Value {
        /// The value found.
        value: Vec<u8>,
        /// The sequence number of the change that wrote it.
        sequence: u64,
    },
    /// A tombstone, written by the delete with this sequence number.
    Tombstone {
        /// The sequence number of the delete that wrote it.
        sequence: u64,
    },
}

/// Counters of what happened inside a store, for engine-side situations and the table of layers
/// that answered. All zero for a store that does not report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
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
    /// Times that a filter said no, so that no block was read.
    pub filter_negatives: u64,
    /// Times that a filter said maybe and the block did not hold the key.
    pub filter_false_positives: u64,
    /// Flushes that found nothing to write.
    pub empty_flushes: u64,
    /// Flushes whose segment held nothing but tombstones.
    pub tombstone_flushes: u64,
    /// Flushes that the store began by itself because the memtable was full.
    pub automatic_flushes: u64,
    /// Tombstones that compactions left out because nothing older was left to hide.
    pub tombstones_dropped: u64,
    /// Tombstones that compactions kept, because something older may lie deeper or be seen by a
    /// snapshot.
    pub tombstones_kept: u64,
    /// Older versions of keys that compactions left out.
    pub versions_dropped: u64,
    /// Openings that found the log torn, and cut it.
    pub torn_tails: u64,
    /// Openings that found a segment that no manifest names.
    pub orphan_segments: u64,
}

impl Events {
    /// Adds what happened between two readings of a store's counters.
    ///
    /// ```
    /// use etalon_spec::Events;
    ///
    /// let before = Events { blocks_read: 2, ..Events::default() };
    /// let after = Events { blocks_read: 5, ..Events::default() };
    /// let mut sum = Events::default();
    /// sum.add_between(&before, &after);
    /// assert_eq!(sum.blocks_read, 3);
    /// ```
    pub fn add_between(&mut self, before: &Events, after: &Events) {
        self.gets_by_memtable += after
            .gets_by_memtable
            .saturating_sub(before.gets_by_memtable);
        self.gets_by_level0 += after.gets_by_level0.saturating_sub(before.gets_by_level0);
        self.gets_by_deeper += after.gets_by_deeper.saturating_sub(before.gets_by_deeper);
        self.gets_by_none += after.gets_by_none.saturating_sub(before.gets_by_none);
        self.blocks_read += after.blocks_read.saturating_sub(before.blocks_read);
        self.filter_negatives += after
            .filter_negatives
            .saturating_sub(before.filter_negatives);
        self.filter_false_positives += after
            .filter_false_positives
            .saturating_sub(before.filter_false_positives);
        self.empty_flushes += after.empty_flushes.saturating_sub(before.empty_flushes);
        self.tombstone_flushes += after
            .tombstone_flushes
            .saturating_sub(before.tombstone_flushes);
        self.automatic_flushes += after
            .automatic_flushes
            .saturating_sub(before.automatic_flushes);
        self.tombstones_dropped += after
            .tombstones_dropped
            .saturating_sub(before.tombstones_dropped);
        self.tombstones_kept += after.tombstones_kept.saturating_sub(before.tombstones_kept);
        self.versions_dropped += after
            .versions_dropped
            .saturating_sub(before.versions_dropped);
        self.torn_tails += after.torn_tails.saturating_sub(before.torn_tails);
        self.orphan_segments += after.orphan_segments.saturating_sub(before.orphan_segments);
    }
}
