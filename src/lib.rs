//! etalon: a reference LSM store on LevelDB's files, small enough to read in an afternoon, whose
//! production code runs under every checker that it advertises.
//!
//! # The store
//!
//! Writes go to a log and a memtable; [`Store::flush`] turns the memtable into a sorted,
//! immutable segment; deletes become tombstones; a read asks the memtable, then the segments from
//! the newest to the oldest, and stops at the first answer; [`Store::compact`] merges segments.
//!
//! ```
//! # let scratch = tempfile::tempdir().unwrap();
//! # let directory = scratch.path().join("store");
//! use etalon::{Batch, Options, Store};
//!
//! let store = Store::open(&directory, Options::default())?;
//! store.put(b"k", b"1")?;
//! store.flush()?;
//!
//! let mut batch = Batch::default();
//! batch.put(b"k", b"2");
//! batch.delete(b"gone");
//! store.write(&batch)?;
//!
//! assert_eq!(store.get(b"k")?, Some(b"2".to_vec()));
//! assert_eq!(store.scan().collect()?.len(), 1);
//! store.compact()?;
//! assert_eq!(store.segments().len(), 1);
//! store.close()?;
//! # Ok::<(), etalon::Error>(())
//! ```
//!
//! # The oracle
//!
//! With the feature `oracle`, [`oracle`] makes the engine a store under test for `etalon-spec`,
//! whose [`check`](etalon_spec::check) holds it against a `HashMap`:
//!
//! ```
//! use etalon_spec::{Settings, check};
//!
//! let settings = Settings { time: None, operations: Some(20_000), ..Settings::default() };
//! check(etalon::oracle::Memory::default(), &settings).unwrap();
//! ```
//!
//! # Where to read on
//!
//! `store` has the paths of a write, a read, a flush and an opening; `sstable`, `log` and
//! `manifest` the files, described byte by byte in `spec/FORMAT.md`; `spec/SPEC.md` says what is
//! promised, and what of it is checked.
//!
//! Arrows of the modules: `store -> {compaction, manifest, memtable, sstable, log} ->
//! {advice, codec, key, disk} -> sync`.

#![cfg_attr(not(feature = "oracle"), allow(rustdoc::broken_intra_doc_links))]
// The packages below tests/ that compile this file again have no use for its unit tests, which
// need std's locks. Their manifests say so, but `cargo test NAME` builds them all the same.
#![cfg(not(all(test, any(feature = "loom", feature = "shuttle"))))]

mod advice;
mod codec;
mod compaction;
#[cfg(feature = "oracle")]
pub mod crash;
mod cursor;
pub mod disk;
mod error;
mod event;
#[cfg(test)]
mod format_example;
pub mod inspect;
mod key;
mod log;
mod manifest;
mod memtable;
mod options;
#[cfg(feature = "oracle")]
pub mod oracle;
mod repair;
mod sstable;
mod store;
mod sync;
mod verify;

pub use error::{Error, Result};
pub use event::{Event, Listener, Stall};
pub use options::{Compaction, Options, WriteOptions};
pub use repair::{Fate, Remark, Repair, repair, repair_on};
pub use sstable::Compression;
pub use store::{Batch, Iter, Notice, Reader, Scan, Segment, SegmentEntry, Snapshot, Stats, Store};
#[cfg(feature = "loom")]
pub use sync::counted;
pub use verify::{Finding, Severity, Verification, verify, verify_on};

/// The README's Rust blocks are run as tests of this crate.
#[cfg(all(doctest, feature = "oracle"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
