//! Other programs read the files that etalon writes, and etalon reads theirs.
//!
//! ```text
//!                 .--> etalon ---writes--> directory --read by--> each program --.
//!   operations --+---> program --writes--> directory --read by--> etalon --------+--> compare
//!                 `--> model (a HashMap) ----------------------------------------'
//! ```
//!
//! Five programs, none of which any of us wrote: [`PROGRAMS`]. `tests/interop/install` installs
//! them: packages of Debian's, and Node's classic-level from npm into `node_modules/` beside this
//! package's `package.json`. Where one is missing the tests fail and say so; none is ever skipped.
//! Each runs in a process of its own behind a driver of a page (`drivers/`, `src/bin/`), all of
//! which speak the same lines (`src/driver.rs`).
//!
//! ```text
//! tests/interop/install
//! cargo test -p etalon-interop -- --nocapture
//! ```
//!
//! | variable | default | |
//! |---|---|---|
//! | `ETALON_INTEROP_SEQUENCES` | 500 | how many sequences each program is tried with, each way |
//! | `ETALON_INTEROP_TURNS` | 1000 | how many times a directory changes hands, for each program |
//! | `ETALON_INTEROP_SEED` | 1 | the seed that they are drawn from |
//! | `TMPDIR` | `/dev/shm`, if it is there | where the directories are written |
//!
//! The contents are compared by scans forwards and, where the program has them, backwards, by the
//! scans that the sequence itself contains, and by a get of every key that it names, present and
//! absent. Where a program is known to answer wrongly, a file in `divergences/` says so until a date, and its profile
//! keeps the sequences off that: see [`PROGRAMS`].

mod compare;
mod divergence;
mod driver;
mod foreign;
mod program;
mod scratch;
mod sequence;
mod shape;
pub mod words;
mod write;

pub use compare::{Compared, Contents};
pub use divergence::Divergence;
pub use foreign::Foreign;
pub use program::{
    Built, CLASSIC_LEVEL, GOLEVELDB, INSTALL, JAVA_LEVELDB, Lock, PLYVEL, PROGRAMS, Program,
    RUSTY_LEVELDB,
};
pub use scratch::{copy_directory, scratch};
pub use sequence::{Run, carry_out, shaping, touching};
pub use shape::{Shape, Shapes};
pub use write::{by_etalon, by_program};
