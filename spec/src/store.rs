//! What a store under test has to offer: two traits.
//!
//! [`KeyValueStore`] is the store; [`Target`] makes it, and makes it again on the same data.
//! Only `get`, `put` and `delete` are required. Everything else answers
//! [`Failure::Unsupported`] until it is written, and is sent only if the
//! [`Profile`](crate::Profile) declares it.

use crate::name::Name;
use crate::op::{Change, Entry};
use crate::profile::Profile;
use crate::range::{Range, Scan};

pub use crate::outcome::{Breach, Failure, Outcome};
pub use crate::target::Target;

/// A key-value store as the oracle sees it. The model implements it, and so does every store
/// under test.
///
/// ```
/// use etalon_spec::{KeyValueStore, Outcome};
/// use std::collections::BTreeMap;
///
/// struct Toy(BTreeMap<Vec<u8>, Vec<u8>>);
///
/// impl KeyValueStore for Toy {
///     fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
///         Ok(self.0.get(key).cloned())
///     }
///     fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
///         self.0.insert(key.to_vec(), value.to_vec());
///         Ok(())
///     }
///     fn delete(&mut self, key: &[u8]) -> Outcome<()> {
///         self.0.remove(key);
///         Ok(())
///     }
/// }
///
/// let mut toy = Toy(BTreeMap::new());
/// toy.put(b"k", b"").unwrap();
/// assert_eq!(toy.get(b"k"), Ok(Some(Vec::new())));
/// assert!(toy.flush().is_err(), "unsupported until written");
/// ```
pub trait KeyValueStore {
    /// The value of the latest put of `key`, unless a later delete removed it (G1).
    fn get(&mut self, key: &[u8]) -> Outcome<Option<Vec<u8>>>;

    /// Sets `key` to `value`.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()>;

    /// Removes `key`; an absent key is no error.
    fn delete(&mut self, key: &[u8]) -> Outcome<()>;

    /// The live entries of a range (G4). Ability `scan`.
    fn scan(&mut self, _scan: &Scan) -> Outcome<Vec<Entry>> {
        Err(Failure::Unsupported)
    }

    /// The number of live keys. Ability `length`.
    fn length(&mut self) -> Outcome<u64> {
        Err(Failure::Unsupported)
    }

    /// Applies all changes atomically and in order (G5). Ability `write`.
    fn write(&mut self, _changes: &[Change]) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Removes every key. Ability `clear`.
    fn clear(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Removes every key of a range. Ability `deleterange`.
    fn delete_range(&mut self, _range: &Range) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Turns what is in memory into a segment (G2). Ability `flush`.
    fn flush(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Merges all segments (G2). Ability `compact`.
    fn compact(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Makes every change before it durable (G7). Ability `sync`.
    fn sync(&mut self) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// A put that is durable when it returns. Ability `sync`; so are the others like it.
    ///
    /// Each of these makes the change and then calls [`sync`](KeyValueStore::sync), which is
    /// right for every store. A store that has a synced write of its own overrides them.
    fn put_synced(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.put(key, value)?;
        self.sync()
    }

    /// A delete that is durable when it returns.
    fn delete_synced(&mut self, key: &[u8]) -> Outcome<()> {
        self.delete(key)?;
        self.sync()
    }

    /// A batch that is durable when it returns.
    fn write_synced(&mut self, changes: &[Change]) -> Outcome<()> {
        self.write(changes)?;
        self.sync()
    }

    /// A clear that is durable when it returns.
    fn clear_synced(&mut self) -> Outcome<()> {
        self.clear()?;
        self.sync()
    }

    /// A delete of a range that is durable when it returns.
    fn delete_range_synced(&mut self, range: &Range) -> Outcome<()> {
        self.delete_range(range)?;
        self.sync()
    }

    /// Takes a snapshot (G6). If one of this name is open, the new one takes its place. Ability
    /// `snapshot`, for all that read at one, too.
    fn snapshot(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Releases a snapshot; only of names that are open. Iterators made at it go on.
    fn release(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// As [`get`](KeyValueStore::get), at a snapshot; only of names that are open.
    fn get_at(&mut self, _key: &[u8], _at: Name) -> Outcome<Option<Vec<u8>>> {
        Err(Failure::Unsupported)
    }

    /// As [`scan`](KeyValueStore::scan), at a snapshot. Ability `scan`, too.
    fn scan_at(&mut self, _scan: &Scan, _at: Name) -> Outcome<Vec<Entry>> {
        Err(Failure::Unsupported)
    }

    /// As [`length`](KeyValueStore::length), at a snapshot: counts a scan, until written.
    fn length_at(&mut self, at: Name) -> Outcome<u64> {
        Ok(self.scan_at(&Scan::ALL, at)?.len() as u64)
    }

    /// Makes an iterator, before the first entry, of the present or of a snapshot that is open;
    /// it sees that for ever. If one of this name is open, the new one takes its place. Ability
    /// `iterator`, for all that move one, too.
    fn iterator(&mut self, _name: Name, _at: Option<Name>) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the first key that is not below `key`, and says where it then is:
    /// none before the first entry and after the last. Only of names that are open.
    fn seek(&mut self, _name: Name, _key: &[u8]) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the first entry.
    fn seek_to_first(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator to the last entry.
    fn seek_to_last(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator one entry on: from before the first to the first, from the last to
    /// after it, where it stays.
    fn next(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Moves an iterator one entry back: from after the last to the last, from the first to
    /// before it, where it stays.
    fn prev(&mut self, _name: Name) -> Outcome<Option<Entry>> {
        Err(Failure::Unsupported)
    }

    /// Closes an iterator.
    fn close_iterator(&mut self, _name: Name) -> Outcome<()> {
        Err(Failure::Unsupported)
    }

    /// Closes the store cleanly, keeping its data, and reports what went wrong. Snapshots and
    /// iterators may still be open, and end.
    ///
    /// The default only drops it. Called before [`Target::reopen`].
    fn close(self) -> Outcome<()>
    where
        Self: Sized,
    {
        Ok(())
    }

    /// What the store promises beyond its abilities: limits, options, what survives. Asked once,
    /// by whatever makes its target out of a closure ([`Factory`](crate::Factory)); a [`Target`]
    /// written by hand says it itself.
    fn profile(&self) -> Profile
    where
        Self: Sized,
    {
        Profile::default()
    }

    /// What each layer of the store holds for `key`, newest layer first, whether or not a get
    /// would have stopped before it. For explanations and engine-side situations. Ability
    /// `layers`.
    fn trace(&mut self, _key: &[u8]) -> Outcome<Trace> {
        Err(Failure::Unsupported)
    }

    /// How often each engine-side event has happened since the store was created; events that
    /// the store does not report are zero. Ability `layers`.
    fn events(&mut self) -> Events {
        Events::default()
    }
}

/// What the layers of a store hold for one key; see [`KeyValueStore::trace`].
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
        self.versions_dropped += after
            .versions_dropped
            .saturating_sub(before.versions_dropped);
        self.torn_tails += after.torn_tails.saturating_sub(before.torn_tails);
        self.orphan_segments += after.orphan_segments.saturating_sub(before.orphan_segments);
    }
}
