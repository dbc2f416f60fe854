//! Keys of a case: a small pool of biased keys, drawn again and again.
//!
//! Invariants:
//! 1. Every key is one that the profile takes.
//! 2. With `unique`, no two slots hold the same key; then `live` is exact: a slot is marked
//!    only while the store must hold its key.

use super::families::{FAMILIES, Family, into_alphabet};
use crate::profile::{Alphabet, Lengths, Profile, Taken};
use crate::random::{Random, bits};
use crate::range::Range;

#[derive(Clone, Debug, Default)]
struct Slot {
    key: Vec<u8>,
    live: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Keys {
    lengths: Lengths,
    alphabet: Alphabet,
    unique: bool,
    families: [Family; 4],
    /// The first `used` are the pool; the others keep their memory for the next case.
    slots: Vec<Slot>,
    used: usize,
    /// The slot that was drawn last: what was just written is read again.
    last: usize,
    scratch: Vec<u8>,
}

impl Keys {
    pub(super) fn new(profile: &Profile) -> Self {
        let refuses = |taken| taken == Taken::Refused;
        Keys {
            lengths: profile.keys,
            alphabet: profile.alphabet,
            unique: refuses(profile.delete_absent) || refuses(profile.batch_repeats),
            families: [Family::Letters; 4],
            slots: Vec::new(),
            used: 0,
            last: 0,
            scratch: Vec::new(),
        }
    }

    /// Draws the pool of a new case: 1 to 8 keys mostly, up to 32 in one case of eight.
    pub(super) fn begin(&mut self, random: &mut Random) {
        let word = random.next();
        for (i, family) in self.families.iter_mut().enumerate() {
            *family = FAMILIES[(word >> (4 * i) & 15) as usize];
        }
        let size = match word >> 61 {
            0 => 8 + bits(word, 24, 5),
            1 => 1 + bits(word, 24, 1),
            _ => 3 + bits(word, 24, 3),
        };
        self.used = 0;
        self.last = 0;
        while self.used < size {
            if self.slots.len() == self.used {
                self.slots.push(Slot::default());
            }
            self.used += 1;
            let slot = self.used - 1;
            self.slots[slot].live = false;
            self.slots[slot].key.clear();
            let fresh = (0..5).any(|_| {
                self.make(random);
                self.adopt(slot, false)
            });
            if !fresh {
                // A store with few keys at all: the pool stays smaller.
                self.used = slot;
                break;
            }
        }
        // A key of the greatest length is dear where that is 64 KiB, so few cases have one.
        let rare = if self.lengths.max <= 1_024 { 63 } else { 1_023 };
        if word >> 32 & rare == 0 {
            self.scratch.clear();
            self.scratch.resize(self.lengths.max, b'k');
            self.adopt(self.used - 1, false);
        }
    }

    /// Draws a slot: mostly one of the first, sometimes the one drawn last, rarely a new key.
    #[inline]
    pub(super) fn draw(&mut self, random: &mut Random) -> usize {
        let word = random.next();
        if bits(word, 0, 2) == 0 {
            return self.last;
        }
        let (high, low) = (word >> 36, word >> 8 & 0xfff_ffff);
        let slot = ((high.min(low) * self.used as u64) >> 28) as usize;
        if bits(word, 2, 5) == 0 {
            self.make(random);
            self.adopt(slot, false);
        }
        self.last = slot;
        slot
    }

    /// Draws a slot whose key the store holds; none if none is found quickly. Only with `unique`.
    pub(super) fn draw_live(&mut self, random: &mut Random) -> Option<usize> {
        let start = self.draw(random);
        let found = (0..self.used)
            .map(|i| (start + i) % self.used)
            .find(|i| self.slots[*i].live);
        found.inspect(|slot| self.last = *slot)
    }

    pub(super) fn key(&self, slot: usize) -> &[u8] {
        &self.slots[slot].key
    }

    pub(super) fn is_live(&self, slot: usize) -> bool {
        self.slots[slot].live
    }

    pub(super) fn set_live(&mut self, slot: usize, live: bool) {
        self.slots[slot].live = live;
    }

    /// Nothing is known of what the store holds.
    pub(super) fn forget_live(&mut self) {
        for slot in &mut self.slots[..self.used] {
            slot.live = false;
        }
    }

    /// The store holds none of these any more.
    pub(super) fn set_dead_within(&mut self, range: &Range) {
        for slot in &mut self.slots[..self.used] {
            slot.live &= !range.contains(&slot.key);
        }
    }

    /// Puts a key that the store holds into the pool, in place of another.
    pub(super) fn add_live(&mut self, random: &mut Random, key: &[u8]) {
        self.scratch.clear();
        self.scratch.extend_from_slice(key);
        let slot = random.below(self.used);
        self.adopt(slot, true);
    }

    /// Makes `scratch` the key of `slot`; not if another has it and keys must be unique.
    fn adopt(&mut self, slot: usize, live: bool) -> bool {
        self.fit();
        let others = |i: &usize| *i != slot && self.slots[*i].key == self.scratch;
        if self.unique && (0..self.used).any(|i| others(&i)) {
            return false;
        }
        std::mem::swap(&mut self.slots[slot].key, &mut self.scratch);
        self.slots[slot].live = live;
        true
    }

    /// Draws a key into `scratch`.
    fn make(&mut self, random: &mut Random) {
        let word = random.next();
        let origin = (bits(word, 32, 16) * self.used) >> 16;
        self.scratch.clear();
        self.families[bits(word, 0, 2)].make(word, &self.slots[origin].key, &mut self.scratch);
    }

    /// Makes `scratch` a key that the profile takes.
    #[inline]
    fn fit(&mut self) {
        if self.alphabet != Alphabet::Bytes {
            for byte in &mut self.scratch {
                *byte = into_alphabet(*byte, self.alphabet);
            }
        }
        let length = self.scratch.len();
        if !self.lengths.has(length) {
            self.scratch
                .resize(length.clamp(self.lengths.min, self.lengths.max), b'~');
        }
    }
}
