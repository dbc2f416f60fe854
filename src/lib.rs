//! A reference LSM store on `LevelDB`'s files.

mod codec;
pub mod disk;
mod error;
mod key;
mod sync;

pub use error::{Error, Result};
