//! The catalogue of planted bugs, and the machinery that shows that the checkers find them.
//!
//! ```text
//!   catalogue --> copy of the sources, every fault behind a switch --> one build
//!                                                                        |
//!     KILLS.md <-- shrunk to its minimum? <-- ETALON_PLANTED=fault etalon check
//!     CRASHES.md <-- which models find it? <-- ETALON_PLANTED=fault etalon explore --crash
//!     LOOM.md <-- in which execution? <-- ETALON_PLANTED=fault interleavings scenario
//! ```
//!
//! A checker that never fails proves nothing. So each bug of the catalogue is planted in a copy of
//! the engine, and the checker named beside it must find it, shrink it to the true minimum, and
//! write a file that fails on the copy and passes on the clean engine.
//!
//! Invariants:
//! 1. The engine's own sources carry no switch: faults are text, applied to a copy.
//! 2. All faults are in one build. Which one is on is read at run time, so the copy with none on
//!    is the engine, and it must pass.
//! 3. A fault names the text it replaces, which stands exactly once in its file: a change of the
//!    engine that moves it is noticed at once, without a build.
//!
//! To add a fault: an entry in [`catalogue`], then `ETALON_BLESS=1 cargo test -p etalon-mutants`.

pub mod catalogue;
mod copy;
mod crash;
mod crash_table;
mod fault;
mod kill;
mod loom;
mod plant;
mod table;

pub use copy::{Built, Copy, repository};
pub use crash::{Crashes, MODELS, Shortest};
pub use crash_table::crash_table;
pub use fault::{Checker, Edit, Fault};
pub use kill::{Kill, Run, SHRINK_LONGEST};
pub use loom::{Race, loom_table};
pub use plant::{SWITCH, plant};
pub use table::table;
