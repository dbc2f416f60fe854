//! Durability: what a store may hold after a crash (G7).
//!
//! ```text
//!   changes, in order:    1   2   3   4   5   6
//!                                 ^       ^   ^ in flight
//!                           durable       acknowledged
//!
//!   after a power loss:   the first 3, 4, 5 or 6 of them; nothing else
//!   after a kill:         the first 5 or 6
//! ```
//!
//! Invariants:
//! 1. A change, which may be a batch, is there whole or not at all.
//! 2. What is there is a prefix: no hole, ever.
//! 3. A change that returned an I/O error may be there or not. It stays the last one until the
//!    store is opened again, for a store that failed to write refuses further writes.
//!
//! Which operations make durable is a [`Promise`]. Contents are compared by digest: no map is
//! copied for any state.

mod changes;
mod digest;
mod history;
mod promise;

pub use digest::ContentsDigest;
pub use history::{Bounds, History};
pub use promise::Promise;
