//! The memtable: the newest changes, ordered by key.
//!
//! ```text
//!   key  -> (sequence number, value or tombstone)
//!   "a"  -> (7, "1")
//!   "b"  -> (9, tombstone)        hides every "b" in every segment (G3)
//! ```
//!
//! Invariants:
//! 1. One entry a key, its newest: there are no snapshots yet that could need an older one.
//! 2. `bytes` counts keys, values and 8 an entry, of every change ever taken: a key that is
//!    overwritten again and again fills the memtable too, as it fills the log.
//! 3. It knows no lock: the store guards it while it takes writes, and nobody needs to once it
//!    is frozen.

mod cursor;

pub(crate) use cursor::FrozenCursor;

use std::collections::BTreeMap;
use std::ops::Bound;

/// The newest change of one key.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) sequence: u64,
    /// `None` is a tombstone.
    pub(crate) value: Option<Box<[u8]>>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Memtable {
    entries: BTreeMap<Box<[u8]>, Slot>,
    bytes: usize,
}

/// What each entry counts beyond its key and value: its sequence number and kind.
const ENTRY_BYTES: usize = 8;

impl Memtable {
    /// Takes a change, newer than all before it.
    pub(crate) fn insert(&mut self, key: &[u8], sequence: u64, value: Option<&[u8]>) {
        self.bytes += key.len() + value.map_or(0, <[u8]>::len) + ENTRY_BYTES;
        let slot = Slot {
            sequence,
            value: value.map(Into::into),
        };
        if let Some(existing) = self.entries.get_mut(key) {
            debug_assert!(existing.sequence < sequence, "changes come in order");
            *existing = slot;
        } else {
            self.entries.insert(key.into(), slot);
        }
    }

    /// The newest change of `key`, if the memtable has seen one.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Slot> {
        self.entries.get(key)
    }

    /// The entries between two bounds, in key order. Inverted bounds hold nothing.
    pub(crate) fn range<'a>(
        &'a self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a Slot)> + use<'a> {
        // `BTreeMap::range` panics on inverted bounds.
        let range = (!inverted(from, to)).then(|| self.entries.range::<[u8], _>((from, to)));
        range
            .into_iter()
            .flatten()
            .map(|(key, slot)| (key.as_ref(), slot))
    }

    /// Every entry, in key order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &Slot)> {
        self.entries.iter().map(|(key, slot)| (key.as_ref(), slot))
    }

    /// How full it is; see invariant 2.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn inverted(from: Bound<&[u8]>, to: Bound<&[u8]>) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (
            Bound::Included(from) | Bound::Excluded(from),
            Bound::Included(to) | Bound::Excluded(to),
        ) => from >= to,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_change_of_a_key_replaces_the_earlier_and_still_counts() {
        let mut memtable = Memtable::default();
        memtable.insert(b"k", 1, Some(b"old"));
        memtable.insert(b"k", 2, None);
        assert!(
            memtable
                .get(b"k")
                .is_some_and(|slot| slot.sequence == 2 && slot.value.is_none())
        );
        assert_eq!(memtable.bytes(), (1 + 3 + 8) + (1 + 8));
        assert_eq!(memtable.iter().count(), 1);
    }

    #[test]
    fn inverted_bounds_hold_nothing_and_do_not_panic() {
        let mut memtable = Memtable::default();
        memtable.insert(b"b", 1, Some(b""));
        let count = |from, to| memtable.range(from, to).count();
        assert_eq!(
            count(Bound::Included(&b"c"[..]), Bound::Included(&b"a"[..])),
            0
        );
        assert_eq!(
            count(Bound::Excluded(&b"b"[..]), Bound::Excluded(&b"b"[..])),
            0
        );
        assert_eq!(
            count(Bound::Included(&b"b"[..]), Bound::Included(&b"b"[..])),
            1
        );
        assert_eq!(count(Bound::Unbounded, Bound::Unbounded), 1);
    }
}
