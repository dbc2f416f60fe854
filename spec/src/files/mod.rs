//! Files that people write about a store: `profile.toml`, what it promises, and `known.toml`,
//! what is known to be wrong with it.
//!
//! ```text
//!   text --> Document --> object --> the reader of the greeting --> Profile
//!               '---------- place of a field <-- which field is wrong
//! ```
//!
//! Invariants:
//! 1. A mistake has a line and a column, and says what could have stood there.
//! 2. A field that nobody reads is a mistake.
//! 3. A field means here what it means in a greeting: one reader reads both.

mod date;
mod document;
mod known;
mod narrower;
mod profile;

pub use date::Date;
pub use document::FileError;
pub use known::{Known, KnownFile, Standing};
pub use profile::ProfileFile;
