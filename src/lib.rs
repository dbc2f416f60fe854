//! A reference LSM store on `LevelDB`'s files.

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
