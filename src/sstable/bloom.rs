//! `LevelDB`'s Bloom filter, `leveldb.BuiltinBloomFilter2`.
//!
//! ```text
//!   | bits, the lowest of each byte first ... | k, one byte |     bits: keys * bits a key, >= 64
//! ```
//!
//! A key sets `k` bits: its hash modulo the number of bits, then the same after adding the hash
//! rotated right by 17, and so on.
//!
//! Invariant: a key that was added is never denied.

/// What the policy is called in files.
pub(super) const NAME: &str = "leveldb.BuiltinBloomFilter2";

/// The most probes; a greater number in a file means a filter of a kind not known here.
const PROBES_MAX: u32 = 30;

/// The hash of a user key in the filter.
#[inline]
pub(super) fn hash(key: &[u8]) -> u32 {
    const MULTIPLIER: u32 = 0xc6a4_a793;
    const SEED: u32 = 0xbc9f_1d34;
    let mut hash = SEED ^ (key.len() as u32).wrapping_mul(MULTIPLIER);
    let (words, rest) = key.as_chunks::<4>();
    for word in words {
        hash = hash
            .wrapping_add(u32::from_le_bytes(*word))
            .wrapping_mul(MULTIPLIER);
        hash ^= hash >> 16;
    }
    if !rest.is_empty() {
        let tail = rest
            .iter()
            .rev()
            .fold(0_u32, |tail, &byte| tail << 8 | u32::from(byte));
        hash = hash.wrapping_add(tail).wrapping_mul(MULTIPLIER);
        hash ^= hash >> 24;
    }
    hash
}

/// Probes a key gets at that many bits a key: what makes false answers rarest, rounded down.
#[inline]
pub(super) fn probes(bits_per_key: u32) -> u32 {
    (u64::from(bits_per_key) * 69 / 100).clamp(1, u64::from(PROBES_MAX)) as u32
}

/// Appends the filter of the keys with these hashes.
pub(super) fn append(out: &mut Vec<u8>, hashes: &[u32], bits_per_key: u32) {
    let bytes = (hashes.len() * bits_per_key as usize).max(64).div_ceil(8);
    let modulus = Modulus::new(bytes * 8);
    let count = probes(bits_per_key);
    let start = out.len();
    out.resize(start + bytes, 0);
    let array = &mut out[start..];
    for &hash in hashes {
        let mut hash = hash;
        let step = hash.rotate_right(17);
        for _ in 0..count {
            let bit = modulus.of(hash);
            array[bit / 8] |= 1 << (bit % 8);
            hash = hash.wrapping_add(step);
        }
    }
    out.push(count as u8);
}

/// Whether a key with that hash may have been added.
#[inline]
pub(super) fn may_contain(filter: &[u8], hash: u32) -> bool {
    let Some((&count, array)) = filter.split_last() else {
        return false;
    };
    if array.is_empty() {
        return false;
    }
    if u32::from(count) > PROBES_MAX {
        return true;
    }
    let modulus = Modulus::new(array.len() * 8);
    let mut hash = hash;
    let step = hash.rotate_right(17);
    for _ in 0..count {
        let bit = modulus.of(hash);
        if array[bit / 8] & (1 << (bit % 8)) == 0 {
            return false;
        }
        hash = hash.wrapping_add(step);
    }
    true
}

/// Remainders by one number, by multiplying: a filter of a few keys takes a hundred of them, and
/// they would cost more than the rest of the filter.
///
/// With `m = ceil(2^64 / d)`, the low 64 bits of `m * n` are the fraction of `n / d`, and that
/// fraction times `d` is the remainder, exactly, for all `n` and `d` of 32 bits.
#[derive(Clone, Copy)]
struct Modulus {
    divisor: u64,
    inverse: u64,
}

impl Modulus {
    #[inline]
    fn new(divisor: usize) -> Self {
        let divisor = divisor as u64;
        // A divisor beyond 32 bits leaves every hash as it is: see `of`.
        Modulus {
            divisor,
            inverse: (u64::MAX / divisor).wrapping_add(1),
        }
    }

    #[inline]
    fn of(self, number: u32) -> usize {
        if self.divisor > u64::from(u32::MAX) {
            return number as usize;
        }
        let fraction = self.inverse.wrapping_mul(u64::from(number));
        ((u128::from(fraction) * u128::from(self.divisor)) >> 64) as usize
    }
}
