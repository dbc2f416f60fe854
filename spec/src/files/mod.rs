//! Files that people write about a store: `profile.toml`, what it promises.
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

mod document;
mod profile;

pub use document::FileError;
pub use profile::ProfileFile;
