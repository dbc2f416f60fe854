//! Sorted tables: immutable files of internal keys and values, `LevelDB`'s `.ldb`.
//!
//! ```text
//!   | data block | data block | ... | filter block | metaindex block | index block | footer |
//!        ^            ^                    ^               |    ^          |   ^        | |
//!        |            |                    '---------------'    '----------|---|--------' |
//!        '------------'----------------------------------------------------'   '----------'
//! ```
//!
//! A block is followed by a byte that says how it is compressed and a checksum of both.
//! The index holds, for each data block, a key between its last one and the next block's first.
//! The metaindex holds names: `filter.leveldb.BuiltinBloomFilter2` leads to the filter block; a
//! name that is not known is ignored.
//!
//! Invariants:
//! 1. Internal keys ascend strictly over the whole file; one user key may have several versions,
//!    also across a block boundary.
//! 2. Reading verifies the checksum of every block it reads, and no handle reaches past the file.
//! 3. Nothing is allocated by a size that was read and not checked.
//! 4. Damaged bytes give an error that names file and offset, never a panic or an endless loop.

mod ahead;
mod audit;
mod block;
mod bloom;
mod builder;
mod cursor;
mod entry;
mod filter_block;
mod footer;
mod handle;
mod reader;
mod seek;
mod storage;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use audit::{Audit, Found, Lost, audit};
pub(crate) use cursor::TableCursor;
pub(crate) use reader::{Lookup, Table};
pub(crate) use writer::{TableOptions, TableWriter};

/// How blocks are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// With snappy, where that saves an eighth or more.
    Snappy,
}
