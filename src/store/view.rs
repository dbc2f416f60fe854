//! The view: what readers read, immutable and replaced whole.
//!
//! ```text
//!   View       memtable    frozen      version             sequence: 12, a number of its own
//!                 |           |           |
//!              takes 9..   holds 5..8   segments: 1..4
//! ```
//!
//! Invariants:
//! 1. The layers of a view hold every change up to the sequence number of the moment at which it
//!    was replaced, and a replacement changes no answer: a memtable moves behind a new, empty one,
//!    a frozen one into its segment, segments into those merged of them.
//! 2. A reader takes the view first, then the sequence number. So no segment that it has is newer
//!    than the number, but for one that is being ingested, of which it then sees nothing; and what
//!    compaction dropped for being older than another version is not asked for. Changes that a
//!    newer memtable than its own has taken meanwhile it does not see, whatever their numbers: it
//!    answers from the moment at which its memtable was frozen.
//! 3. The sequence number is stored (release) when all changes up to it are in the memtable, once
//!    for a group of writes: a batch is seen whole or not at all (G5).

use crate::error::Result;
use crate::key::{Kind, MAX_SEQUENCE};
use crate::manifest::Version;
use crate::memtable::{Memtable, Slot};
use crate::sstable::Lookup;
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(super) struct View {
    pub(super) memtable: Memtable,
    /// The memtable that is being flushed: older than `memtable`, newer than all segments.
    pub(super) frozen: Option<Memtable>,
    pub(super) version: Arc<Version>,
}

/// What gets have met; see [`Stats`](super::Stats).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    pub(super) by_memtable: u64,
    pub(super) by_level0: u64,
    pub(super) by_deeper: u64,
    pub(super) by_none: u64,
    pub(super) blocks_read: u64,
    pub(super) segments_skipped: u64,
    pub(super) blocks_in_vain: u64,
}

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

impl View {
    /// The value of `key` as of a sequence number. The first layer that knows the key answers,
    /// and a tombstone is an answer.
    #[inline]
    pub(super) fn get(&self, key: &[u8], sequence: u64, met: &mut Met) -> Result<Option<Vec<u8>>> {
        if let Some(slot) = self.memtable.get(key, sequence) {
            return Ok(from_memory(slot, met));
        }
        let frozen = self.frozen.as_ref();
        if let Some(slot) = frozen.and_then(|frozen| frozen.get(key, sequence)) {
            return Ok(from_memory(slot, met));
        }
        self.get_from_segments(key, sequence, met)
    }

    fn get_from_segments(
        &self,
        key: &[u8],
        sequence: u64,
        met: &mut Met,
    ) -> Result<Option<Vec<u8>>> {
        for (level, file) in self.version.candidates(key) {
            match file.table.get(key, sequence)? {
                Lookup::Skipped => met.segments_skipped += 1,
                Lookup::Missed => {
                    met.blocks_read += 1;
                    met.blocks_in_vain += 1;
                }
                Lookup::Found { kind, value, .. } => {
                    met.blocks_read += 1;
                    met.by_level0 += u64::from(level == 0);
                    met.by_deeper += u64::from(level > 0);
                    return Ok((kind == Kind::Put).then_some(value));
                }
            }
        }
        met.by_none += 1;
        Ok(None)
    }

    /// What every layer holds for `key`, the newest first, without stopping at an answer: for
    /// explanations.
    pub(super) fn trace(&self, key: &[u8]) -> Result<Vec<LayerLookup>> {
        let mut layers = vec![LayerLookup {
            layer: LayerName::Memtable,
            lookup: lookup_in(&self.memtable, key),
        }];
        if let Some(frozen) = &self.frozen {
            layers.push(LayerLookup {
                layer: LayerName::Frozen,
                lookup: lookup_in(frozen, key),
            });
        }
        for (level, file) in self.version.oldest_to_newest().rev() {
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

fn from_memory(slot: Slot<'_>, met: &mut Met) -> Option<Vec<u8>> {
    met.by_memtable += 1;
    slot.value.map(<[u8]>::to_vec)
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
