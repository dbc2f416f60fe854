//! The read path: the memtable, then the segments from the newest to the oldest.
//!
//! The first layer that knows the key answers, and a tombstone is an answer. No lock is held
//! while a segment is read.

use super::{Snapshot, Store};
use crate::error::Result;
use crate::key::{Kind, MAX_SEQUENCE};
use crate::manifest::Version;
use crate::memtable::{Memtable, Slot};
use crate::sstable::Lookup;
use crate::sync::Arc;

/// Which layer: the memtable that takes writes, the one being flushed, or a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerName {
    Memtable,
    Frozen,
    Segment { number: u64, level: usize },
}

/// What one layer holds for a key.
#[derive(Clone, Debug)]
pub(crate) struct LayerLookup {
    pub(crate) layer: LayerName,
    pub(crate) lookup: Lookup,
}

impl Store {
    /// The value of the latest put of `key`, unless a later delete removed it: then nothing.
    ///
    /// Costs O(log n) in each segment whose keys span `key`, and reads a block of it only where
    /// its filter says that the key may be there.
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// assert_eq!(store.get(b"k")?, None);
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.get(b"k")?, Some(b"v".to_vec()));
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_as_of(key, None)
    }

    /// The value of `key` when a snapshot was taken (G6).
    ///
    /// ```
    /// use etalon::{Options, Store, disk::MemoryDisk};
    ///
    /// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
    /// let empty = store.snapshot();
    /// store.put(b"k", b"v")?;
    /// assert_eq!(store.get_at(&empty, b"k")?, None);
    /// # Ok::<(), etalon::Error>(())
    /// ```
    pub fn get_at(&self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_as_of(key, self.sequence_of(Some(snapshot))?)
    }

    fn get_as_of(&self, key: &[u8], sequence: Option<u64>) -> Result<Option<Vec<u8>>> {
        let (frozen, version, sequence) = {
            let view = self.shared.view.read();
            let sequence = sequence.unwrap_or(view.sequence);
            if let Some(slot) = view.memtable.get(key, sequence) {
                return Ok(self.answered_by_memory(slot));
            }
            (view.frozen.clone(), Arc::clone(&view.version), sequence)
        };
        if let Some(slot) = frozen.as_ref().and_then(|frozen| frozen.get(key, sequence)) {
            return Ok(self.answered_by_memory(slot));
        }
        self.get_from_segments(&version, key, sequence)
    }

    fn answered_by_memory(&self, slot: Slot<'_>) -> Option<Vec<u8>> {
        self.shared.counters.gets_by_memtable.add(1);
        slot.value.map(<[u8]>::to_vec)
    }

    fn get_from_segments(
        &self,
        version: &Version,
        key: &[u8],
        sequence: u64,
    ) -> Result<Option<Vec<u8>>> {
        for (level, file) in version.candidates(key) {
            match file.table.get(key, sequence)? {
                Lookup::Skipped => self.shared.counters.segments_skipped.add(1),
                Lookup::Missed => {
                    self.shared.counters.blocks_read.add(1);
                    self.shared.counters.blocks_read_in_vain.add(1);
                }
                Lookup::Found { kind, value, .. } => {
                    self.shared.counters.blocks_read.add(1);
                    let by_level = [
                        &self.shared.counters.gets_by_level0,
                        &self.shared.counters.gets_by_deeper,
                    ];
                    by_level[usize::from(level > 0)].add(1);
                    return Ok((kind == Kind::Put).then_some(value));
                }
            }
        }
        self.shared.counters.gets_by_none.add(1);
        Ok(None)
    }

    /// What every layer holds for `key`, the newest first, without stopping at an answer and
    /// without counting: for explanations.
    pub(crate) fn trace(&self, key: &[u8]) -> Result<Vec<LayerLookup>> {
        let (in_memory, frozen, version) = {
            let view = self.shared.view.read();
            let in_memory = lookup_in(&view.memtable, key);
            (in_memory, view.frozen.clone(), Arc::clone(&view.version))
        };
        let mut layers = vec![LayerLookup {
            layer: LayerName::Memtable,
            lookup: in_memory,
        }];
        if let Some(frozen) = frozen {
            layers.push(LayerLookup {
                layer: LayerName::Frozen,
                lookup: lookup_in(&frozen, key),
            });
        }
        for (level, file) in version.oldest_to_newest().rev() {
            let layer = LayerName::Segment {
                number: file.meta.number,
                level,
            };
            layers.push(LayerLookup {
                layer,
                lookup: file.table.get(key, MAX_SEQUENCE)?,
            });
        }
        Ok(layers)
    }
}

fn lookup_in(memtable: &Memtable, key: &[u8]) -> Lookup {
    match memtable.get(key, MAX_SEQUENCE) {
        None => Lookup::Skipped,
        Some(Slot { sequence, value }) => Lookup::Found {
            sequence,
            kind: if value.is_some() {
                Kind::Put
            } else {
                Kind::Delete
            },
            value: value.unwrap_or_default().to_vec(),
        },
    }
}
