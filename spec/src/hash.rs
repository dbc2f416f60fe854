//! A hasher without random state: the same keys hash alike in every run and on every machine.
//!
//! `std`'s default hasher is seeded at random, so that anything that depends on the order of a
//! map's iteration could not be replayed. Ours multiplies and rotates eight bytes at a time.
//! It is no defence against chosen keys; test cases do not attack the test.

use std::hash::{BuildHasherDefault, Hasher};

/// Builds [`FixedHasher`]s, all alike.
pub type FixedState = BuildHasherDefault<FixedHasher>;

/// Hashes eight bytes at a time by multiplying with an odd constant.
///
/// ```
/// use etalon_spec::FixedState;
/// use std::hash::BuildHasher;
///
/// assert_eq!(FixedState::default().hash_one(b"k"), FixedState::default().hash_one(b"k"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FixedHasher(u64);

/// 2^64 divided by the golden ratio, made odd (Knuth, volume 3, 6.4).
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for FixedHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.write_u64(u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    // The table takes the high bits for its tags and the low ones for its places, and a product's
    // low bits depend on the low bits of its factors only: fold the high half down.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
