//! Published engines behind the oracle's trait: for `etalon-peers check`, and for comparison.
//!
//! ```text
//!   engine.rs     the engines by name: what each promises, and its target
//!   *_store.rs    an adapter each: open, profile, the operations that the engine really has
//!   findings.rs   what was found, replayed; spec/FINDINGS.md says it in words
//!   adapt.rs      what adapters have in common
//! ```
//!
//! Each adapter declares what its engine's documentation promises, and the values of its options
//! that change the sizes of files and memtables, compression and the separation of values: bugs
//! hide behind defaults. It adds nothing to what the engine does and hides nothing of it; where an
//! operation is put together out of several of the engine's, the adapter's head says so.
//!
//! To try an engine of your own, see `spec/`; to try another version of one of these, see
//! Cargo.toml.

mod adapt;
pub mod engine;
pub mod findings;

#[cfg(feature = "canopydb")]
mod canopydb_store;
#[cfg(feature = "fjall")]
mod fjall_store;
#[cfg(feature = "heed")]
mod heed_nested;
#[cfg(feature = "heed")]
mod heed_store;
#[cfg(feature = "jammdb")]
mod jammdb_store;
#[cfg(feature = "lsm-tree")]
mod lsm_tree_store;
#[cfg(feature = "persy")]
mod persy_store;
#[cfg(feature = "redb")]
mod redb_reads;
#[cfg(feature = "redb")]
mod redb_store;
#[cfg(feature = "rocksdb")]
mod rocksdb_cursor;
#[cfg(feature = "rocksdb")]
mod rocksdb_options;
#[cfg(feature = "rocksdb")]
mod rocksdb_store;
#[cfg(feature = "rusty-leveldb")]
mod rusty_store;
#[cfg(feature = "sled")]
mod sled_store;
#[cfg(feature = "surrealkv")]
mod surrealkv_store;

#[cfg(feature = "redb")]
pub use redb_store::{Handle, Held, Redb, RedbStore, SharedRedb};
#[cfg(feature = "rusty-leveldb")]
pub use rusty_store::RustyLeveldb;
