//! A reference LSM store on `LevelDB`'s files.

// The packages below tests/ that compile this file again have no use for its unit tests, which
// need std's locks. Their manifests say so, but `cargo test NAME` builds them all the same.
#![cfg(not(all(test, any(feature = "loom", feature = "shuttle"))))]

mod codec;
mod compaction;
mod cursor;
pub mod disk;
mod error;
#[cfg(test)]
mod format_example;
pub mod inspect;
mod key;
mod log;
mod manifest;
mod memtable;
mod options;
#[cfg(feature = "oracle")]
pub mod oracle;
mod sstable;
mod store;
mod sync;

pub use error::{Error, Result};
pub use options::Options;
pub use sstable::Compression;
pub use store::{Batch, Notice, Scan, Segment, SegmentEntry, Stats, Store};
