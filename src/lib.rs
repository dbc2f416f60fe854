//! A reference LSM store on `LevelDB`'s files.

mod codec;
mod cursor;
pub mod disk;
mod error;
mod key;
mod log;
mod sstable;
mod sync;

pub use error::{Error, Result};
