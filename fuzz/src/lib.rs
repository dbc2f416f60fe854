//! What the fuzz targets share. `fuzz/run TARGET SECONDS [asan]` runs one; its text says how.
//!
//! | target | input | held against |
//! |---|---|---|
//! | `differential` | a case, in the byte form | the specification |
//! | `table` | a mode byte, a segment's file | its own listing |
//! | `log` | a mode byte, a write-ahead log | its own listing, a model of it |
//! | `manifest` | a mode byte, a manifest beside real segments | the store that it describes |
//!
//! Of hostile bytes the last three ask: an error or the right answer; no panic, no hang (libFuzzer's
//! `-timeout`), no memory beyond a small multiple of the input ([`limit`]).
//!
//! The mode byte: with bit 0 the checksums are made right before anything is parsed ([`repair`]),
//! so that the parsers behind them are reached. What then comes out need not be right, since a
//! hostile writer can contradict himself (a filter that lies, say), but must come out in peace.
//! A table with bit 1 is given as its blocks, and the file is built around them ([`frame`]).

pub mod files;
pub mod frame;
pub mod limit;
pub mod log;
pub mod manifest;
pub mod outcomes;
pub mod repair;
pub mod table;
pub mod tools;

/// How an input is to be read, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Checksums are made right.
    pub mended: bool,
    /// It is blocks, not a file.
    pub framed: bool,
    /// Its blocks claim to be compressed.
    pub compressed: bool,
}

/// Splits an input into its mode and its bytes.
///
/// ```
/// let (mode, bytes) = etalon_fuzz::input(b"\x01any");
/// assert!(mode.mended && !mode.framed);
/// assert_eq!(bytes, b"any");
/// ```
pub fn input(data: &[u8]) -> (Mode, Vec<u8>) {
    let (mode, bytes) = data.split_first().unwrap_or((&0, &[]));
    let has = |bit: u8| mode & bit != 0;
    let mode = Mode {
        mended: has(1),
        framed: has(2),
        compressed: has(4),
    };
    (mode, bytes.to_vec())
}
