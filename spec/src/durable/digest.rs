//! A digest of a store's contents that is kept up to date change by change.

use std::hash::Hasher;

use crate::hash::FixedHasher;

/// The contents of a store, as a sum over its entries: order does not matter, and an entry that
/// comes or goes is one addition or subtraction.
///
/// ```
/// use etalon_spec::durable::ContentsDigest;
///
/// let mut digest = ContentsDigest::default();
/// digest.add(b"k", b"1");
/// digest.add(b"l", b"2");
/// digest.remove(b"k", b"1");
/// assert_eq!(digest, ContentsDigest::of([(b"l", b"2")]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentsDigest(u64, u64);

impl ContentsDigest {
    /// Of these entries.
    pub fn of<K: AsRef<[u8]>, V: AsRef<[u8]>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut digest = ContentsDigest::default();
        for (key, value) in entries {
            digest.add(key.as_ref(), value.as_ref());
        }
        digest
    }

    /// An entry comes.
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        let (a, b) = entry(key, value);
        self.0 = self.0.wrapping_add(a);
        self.1 = self.1.wrapping_add(b);
    }

    /// An entry that was there goes.
    pub fn remove(&mut self, key: &[u8], value: &[u8]) {
        let (a, b) = entry(key, value);
        self.0 = self.0.wrapping_sub(a);
        self.1 = self.1.wrapping_sub(b);
    }
}

/// Two words that depend on every byte, and on where the key ends.
fn entry(key: &[u8], value: &[u8]) -> (u64, u64) {
    let word = |seed: u64| {
        let mut hasher = FixedHasher::default();
        hasher.write_u64(seed);
        hasher.write_usize(key.len());
        hasher.write(key);
        hasher.write_usize(value.len());
        hasher.write(value);
        mix(hasher.finish())
    };
    (word(1), word(2))
}

/// Lets every bit in change every bit out (the finalizer of splitmix64).
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
