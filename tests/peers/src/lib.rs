//! Other engines behind the oracle's trait, for comparison.
//!
//! Each adapter declares what it really has; the loop of a benchmark sends each engine only that.

mod redb_store;
mod rusty_store;

pub use redb_store::{Handle, Redb, RedbStore, SharedRedb};
pub use rusty_store::RustyLeveldb;
