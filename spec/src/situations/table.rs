//! The keys of one case, in a hash table that a new case empties for free.
//!
//! `std`'s map would free and allocate every key once a case, which cost more than all lookups:
//! here a slot counts only if it carries the number of the current case, and buffers stay.
//!
//! ```text
//!   slots:   [ - | 7,1 | 6,0 | - | 7,0 | .. ]     case, place     (6,0 is of an older case: free)
//!   entries: [ "k" .. | "ab" .. | old buffer ]    the first `used` are of this case
//! ```
//!
//! Invariants:
//! 1. At most half of the slots are taken, so that a search ends soon.
//! 2. No two entries of a case have the same bytes.

use std::hash::BuildHasher;

use super::key::Key;
use crate::hash::FixedState;

/// After a case with more keys than this the memory is given back.
const KEPT: usize = 4_096;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The number of the case that took the slot; 0 for none.
    case: u32,
    place: u32,
}

#[derive(Clone, Debug)]
struct Entry {
    hash: u64,
    bytes: Vec<u8>,
    key: Key,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    used: usize,
    case: u32,
}

impl Default for Table {
    fn default() -> Self {
        Table {
            slots: vec![Slot::default(); 64],
            entries: Vec::new(),
            used: 0,
            case: 1,
        }
    }
}

impl Table {
    pub(super) fn clear(&mut self) {
        if self.used > KEPT || self.case == u32::MAX {
            *self = Table::default();
        }
        self.used = 0;
        self.case += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    #[inline]
    pub(super) fn get(&self, bytes: &[u8]) -> Option<&Key> {
        let place = self.find(hash(bytes), bytes).ok()?;
        Some(&self.entries[place].key)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, bytes: &[u8]) -> Option<&mut Key> {
        let place = self.find(hash(bytes), bytes).ok()?;
        Some(&mut self.entries[place].key)
    }

    /// The key, put in as `first` if it is new, and whether it is.
    #[inline]
    pub(super) fn get_or_insert(&mut self, bytes: &[u8], first: Key) -> (&mut Key, bool) {
        let hash = hash(bytes);
        match self.find(hash, bytes) {
            Ok(place) => (&mut self.entries[place].key, false),
            Err(slot) => (self.insert(slot, hash, bytes, first), true),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Key)> {
        let entries = self.entries[..self.used].iter();
        entries.map(|entry| (entry.bytes.as_slice(), &entry.key))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&[u8], &mut Key)> {
        let entries = self.entries[..self.used].iter_mut();
        entries.map(|entry| (entry.bytes.as_slice(), &mut entry.key))
    }

    /// The entry's place, or the slot where it belongs.
    #[inline]
    fn find(&self, hash: u64, bytes: &[u8]) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.case != self.case {
                return Err(at);
            }
            let entry = &self.entries[slot.place as usize];
            if entry.hash == hash && entry.bytes == bytes {
                return Ok(slot.place as usize);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, slot: usize, hash: u64, bytes: &[u8], key: Key) -> &mut Key {
        let place = self.used;
        self.slots[slot] = Slot {
            case: self.case,
            place: place as u32,
        };
        if let Some(entry) = self.entries.get_mut(place) {
            entry.hash = hash;
            entry.bytes.clear();
            entry.bytes.extend_from_slice(bytes);
            entry.key = key;
        } else {
            self.entries.push(Entry {
                hash,
                bytes: bytes.to_vec(),
                key,
            });
        }
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
        &mut self.entries[place].key
    }

    fn grow(&mut self) {
        let length = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(length, Slot::default());
        for (place, entry) in self.entries[..self.used].iter().enumerate() {
            let mut at = entry.hash as usize & (length - 1);
            while self.slots[at].case == self.case {
                at = (at + 1) & (length - 1);
            }
            self.slots[at] = Slot {
                case: self.case,
                place: place as u32,
            };
        }
    }
}

#[inline]
fn hash(bytes: &[u8]) -> u64 {
    FixedState::default().hash_one(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::key::{Clock, Write, Wrote};
    use super::*;
    use crate::random::Random;
    use std::collections::BTreeMap;

    fn numbered(batch: u32) -> Key {
        let mut key = Key::new(Write {
            how: Wrote::Put,
            when: Clock::default(),
        });
        key.batch = batch;
        key
    }

    /// Forgetting the case's number, stopping a search too early, or leaving entries behind when
    /// growing fails here.
    #[test]
    fn the_table_agrees_with_a_map_case_after_case() {
        let mut random = Random::new(1);
        let mut table = Table::default();
        for case in 0..200 {
            table.clear();
            let mut map: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
            for step in 0..[10, 100, 1_000][case % 3] {
                let bytes = (random.below(500) as u16).to_be_bytes()[random.below(3)..].to_vec();
                let (key, new) = table.get_or_insert(&bytes, numbered(step));
                assert_eq!(new, !map.contains_key(&bytes));
                assert_eq!(key.batch, *map.entry(bytes).or_insert(step));
                let other = [random.below(256) as u8];
                let found = table.get(&other).map(|key| key.batch);
                assert_eq!(found, map.get(other.as_slice()).copied());
            }
            let mut listed: Vec<(Vec<u8>, u32)> = table
                .iter()
                .map(|(bytes, key)| (bytes.to_vec(), key.batch))
                .collect();
            listed.sort();
            assert!(listed.into_iter().eq(map));
        }
    }
}
