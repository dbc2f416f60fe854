//! Mutations of whole operations, for a fuzzer that would else flip bytes.
//!
//! ```text
//!   bytes --decode--> case --1 to 4 steps--> case --encode--> bytes, cut to fit
//! ```
//!
//! Invariants:
//! 1. The result is the canonical form of a case, and never longer than allowed: operations at
//!    the end go until it fits.
//! 2. It depends on the bytes, the room and the seed, on nothing else; and no bytes are refused.
//! 3. It differs from what was given, unless there is no room to.

mod draw;
mod keys;
mod steps;

use crate::bytes::{case_of, encode};
use crate::op::Case;
use crate::options::Options;
use crate::random::Random;

/// How often a mutation that came to nothing is tried again.
const TRIES: usize = 8;

/// Changes the case in `data[..size]`, in place, so that it takes at most `max` bytes. Returns
/// how many it takes now.
///
/// The signature is that of libFuzzer's custom mutators.
///
/// ```
/// use etalon_spec::{bytes::decode, mutate};
///
/// let mut data = *b"\x01\xb4\x00 and room for more, as a fuzzer gives it";
/// let size = mutate(&mut data, 3, 40, 7);
/// assert!((1..=40).contains(&size));
/// assert!(decode(&data[..size]).known_version);
/// assert_ne!(data[..size], *b"\x01\xb4\x00");
/// ```
pub fn mutate(data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let max = max.min(data.len());
    if max == 0 {
        return 0;
    }
    let before = &data[..size.min(data.len())];
    let case = case_of(before);
    let mut random = Random::new(u64::from(seed));
    let mut mutant = Vec::new();
    for _ in 0..TRIES {
        let mut changed = case.clone();
        for _ in 0..=random.small(4) {
            steps::step(&mut changed, &mut random);
        }
        mutant = fitted(changed, max);
        if mutant != before {
            break;
        }
    }
    data[..mutant.len()].copy_from_slice(&mutant);
    mutant.len()
}

/// Makes one case of two, into `out`: a part of the one, then a part of the other, with the
/// options of either. Returns how many bytes it takes.
///
/// ```
/// use etalon_spec::{bytes::decode, crossover};
///
/// let mut out = [0; 16];
/// let size = crossover(b"\x01\xb4\xb4", b"\x01\x00\x00", &mut out, 7);
/// assert!(decode(&out[..size]).known_version);
/// ```
pub fn crossover(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    if out.is_empty() {
        return 0;
    }
    let mut random = Random::new(u64::from(seed));
    let (mut case, mut other) = (case_of(first), case_of(second));
    let cut = random.below(case.ops.len() + 1);
    let from = random.below(other.ops.len() + 1);
    let rest = case.ops.split_off(cut);
    case.ops.extend(other.ops.drain(from..));
    if random.chance(1, 2) {
        case.ops.extend(rest); // the other one in the middle
    }
    if random.chance(1, 2) {
        case.options = other.options;
    }
    let child = fitted(case, out.len());
    out[..child.len()].copy_from_slice(&child);
    child.len()
}

/// The bytes of the case, without the operations at its end that do not fit into `max`, which is
/// at least 1.
fn fitted(mut case: Case, max: usize) -> Vec<u8> {
    let bytes = encode(&case);
    if bytes.len() <= max {
        return bytes;
    }
    // The bytes of the first operations are the first bytes, so lengths ascend.
    let ops = std::mem::take(&mut case.ops);
    if encode(&case).len() > max {
        case.options = Options::default();
    }
    let (mut low, mut high) = (0, ops.len());
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        case.ops.clear();
        case.ops.extend_from_slice(&ops[..middle]);
        if encode(&case).len() <= max {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    case.ops.clear();
    case.ops.extend_from_slice(&ops[..low]);
    encode(&case)
}
