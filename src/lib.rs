//! A reference LSM store on `LevelDB`'s files.

#[cfg(test)]
mod codec;
mod cursor;
pub mod disk;
mod error;
mod key;
mod log;
mod sstable;
mod sync;

pub use error::{Error, Result};
