//! Other programs read the files that etalon writes, and etalon reads theirs.
//!
//! ```text
//!   sequence --> etalon ----writes--> directory --read by--> LevelDB in C++ --.
//!            \-> LevelDB ---writes--> directory --read by--> etalon ----------+--> compare
//!            \-> model (a HashMap) -------------------------------------------'
//! ```
//!
//! What it needs beside Rust, from Debian: `python3-plyvel` (`LevelDB` in C++), `golang-go` and
//! `golang-github-syndtr-goleveldb-dev` (`LevelDB` in Go, for the locks). `tests/interop/install`
//! installs all three. Where one is missing the tests fail and say so; none is ever skipped.
//!
//! ```text
//! tests/interop/install
//! cargo test --release -p etalon-interop -- --nocapture
//! ```
//!
//! | variable | default | |
//! |---|---|---|
//! | `ETALON_INTEROP_SEQUENCES` | 500 | how many sequences each direction tries |
//! | `ETALON_INTEROP_SEED` | 1 | the seed they are drawn from |
//! | `TMPDIR` | `/dev/shm`, if it is there | where the directories are written |
//!
//! The contents are compared by scans forwards and backwards, by the scans that the sequence
//! itself contains, and by a get of every key that it names, present and absent.

mod compare;
mod hold;
mod leveldb;
mod python;
mod scratch;
mod sequence;
mod shape;

pub use compare::{Compared, Contents};
pub use hold::{GoLevelDb, Held};
pub use leveldb::{LevelDb, profile};
pub use python::INSTALL;
pub use scratch::{copy_directory, scratch};
pub use sequence::{Run, carry_out, shaping};
pub use shape::{Shape, Shapes};
