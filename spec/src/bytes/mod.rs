//! The byte form of a case: what a fuzzer mutates, and what finders save. `spec/CASES.md` is
//! its normative page.
//!
//! ```text
//!   01        version
//!   fa 00 ..  option records, by name
//!   40 00 31  operation records: opcode, then arguments;  put "a" "1"
//!   b4                                                     flush
//!   00 00                                                  get "a"
//! ```
//!
//! Invariants:
//! 1. `decode(encode(case)).case == case`, for every case.
//! 2. Decoding is total: any bytes are a case. So `encode(decode(bytes).case)` is the canonical
//!    form of `bytes`, and stays the same when that is decoded and encoded again.
//! 3. What decoding allocates is bounded by a small multiple of the input: every record takes at
//!    least one byte, bytes that are inline are there, and runs (one byte, many times) stand for
//!    at most [`RUN_FLOOR`] + [`RUN_RATE`] times the offset of the run, all runs together.
//! 4. The tables are frozen: an old file means for ever what it meant when it was written. A new
//!    operation needs a new version.
//!
//! It does not promise that different bytes are different cases: most opcodes and tags are there
//! so that random bytes make a sane mix.

mod breakage;
mod decode;
mod encode;
mod number;
mod opcode;
mod pool;
mod scoped;
mod shape;

pub(crate) use decode::case_of;
pub use decode::{Decoded, decode};
pub use encode::{encode, encode_into};
pub use opcode::{Opcode, Ranges, ranges};

/// The first version. [`encode()`] writes the lowest that has all operations of the case.
///
/// No version is ever a tab, a line end, 0x20 or more: with these a text begins.
pub const VERSION: u8 = 1;

/// The latest version that [`decode()`] knows.
pub const VERSION_LATEST: u8 = 4;

/// What all runs together may stand for, wherever they are.
pub const RUN_FLOOR: usize = 1 << 16;

/// What all runs together may stand for in addition, for each byte before the run.
pub const RUN_RATE: usize = 16;

/// What the runs of a case stood for up to now; the same sum on both ways.
#[derive(Default)]
struct Runs {
    used: usize,
}

impl Runs {
    /// How long a run may be whose tag is at `offset`.
    fn left(&self, offset: usize) -> usize {
        (RUN_FLOOR + RUN_RATE * offset).saturating_sub(self.used)
    }
}
