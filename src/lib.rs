//! A reference LSM store on `LevelDB`'s files.

mod codec;
mod cursor;
pub mod disk;
mod error;
#[cfg(test)]
mod format_example;
mod key;
mod log;
mod sstable;
mod sync;

pub use error::{Error, Result};
