//! Digests of files and of whole images, added up write by write.
//!
//! ```text
//!   file   = sum over its bytes of  byte[i] * 256^(i mod 4) * r^(i div 4)   modulo 2^61 - 1
//!   image  = sum over its names of  mix(name, length, file)                 modulo 2^64
//!            each twice, with two values of r and of the mixing: 128 bits
//! ```
//!
//! Invariants:
//! 1. A file's sum depends on its bytes alone, not on the writes they came in: a write adds its
//!    own sum, wherever it goes, as long as no byte is written twice. A hole is zeros and adds
//!    nothing.
//! 2. An image's digest depends on names, lengths and bytes alone, in no order.
//!
//! Two images of one digest would be taken for one and the second not recovered. With 122 bits
//! behind the sums that does not happen by chance in any run that ends.

/// 2^61 - 1, a prime.
const PRIME: u64 = (1 << 61) - 1;
/// The two values of r: any two below the prime will do.
const BASES: [u64; 2] = [0x0b7e_1516_28ae_d2a6, 0x1319_8a2e_0370_7344];
/// Bytes to a coefficient: four are below the prime.
const WORD: usize = 4;

/// The sum of some bytes at their places in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum([u64; 2]);

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    add((product as u64) & PRIME, (product >> 61) as u64)
}

fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    let folded = (sum & PRIME) + (sum >> 61);
    if folded >= PRIME {
        folded - PRIME
    } else {
        folded
    }
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut result, mut square) = (1, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        exponent >>= 1;
    }
    result
}

impl Sum {
    /// Of `bytes` that stand at `offset`.
    pub(super) fn of(offset: u64, bytes: &[u8]) -> Sum {
        if bytes.is_empty() {
            return Sum::default();
        }
        // The first coefficient has those of its bytes that come before the next multiple of 4.
        let skipped = (offset % WORD as u64) as usize;
        let (head, rest) = bytes.split_at(bytes.len().min(WORD - skipped));
        let mut sums = [0; 2];
        let words = rest.chunks(WORD).rev().map(|chunk| word(chunk, 0));
        for coefficient in words.chain([word(head, skipped)]) {
            for (sum, base) in sums.iter_mut().zip(BASES) {
                *sum = add(multiply(*sum, base), coefficient);
            }
        }
        let first = offset / WORD as u64;
        for (sum, base) in sums.iter_mut().zip(BASES) {
            *sum = multiply(*sum, power(base, first));
        }
        Sum(sums)
    }

    /// Of both; no byte stands in both.
    pub(super) fn plus(self, other: Sum) -> Sum {
        let [a, b] = self.0;
        let [c, d] = other.0;
        Sum([add(a, c), add(b, d)])
    }
}

/// Little-endian, after `skipped` bytes of zero.
fn word(bytes: &[u8], skipped: usize) -> u64 {
    let at = |(place, byte): (usize, &u8)| u64::from(*byte) << (8 * (place + skipped));
    bytes.iter().enumerate().map(at).sum()
}

/// The digest of an image: images of one digest have the same names with the same bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageDigest(u64, u64);

impl ImageDigest {
    /// Adds a file under a name.
    pub(super) fn add_file(&mut self, name: Sum, length: u64, content: Sum) {
        let lane = |at: usize| mix(mix(mix(name.0[at]) ^ length) ^ content.0[at]);
        self.0 = self.0.wrapping_add(lane(0));
        self.1 = self.1.wrapping_add(lane(1).rotate_left(17));
    }

    /// Adds a directory.
    pub(super) fn add_directory(&mut self, name: Sum) {
        self.add_file(name, u64::MAX, Sum::default());
    }
}

/// Lets every bit in change every bit out (the finalizer of splitmix64).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_does_not_depend_on_the_writes_that_the_bytes_came_in() {
        let bytes: Vec<u8> = (1..=40).collect();
        let whole = Sum::of(0, &bytes);
        for cut in 0..=bytes.len() {
            let (front, back) = bytes.split_at(cut);
            let parts = Sum::of(0, front).plus(Sum::of(cut as u64, back));
            assert_eq!(parts, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_hole_is_zeros_and_a_byte_elsewhere_is_another_sum() {
        assert_eq!(Sum::of(0, b"\0\0\0\0\0x"), Sum::of(5, b"x"));
        let mut sums: Vec<[u64; 2]> = (0..100).map(|at| Sum::of(at, b"x").0).collect();
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), 100);
    }
}
