//! The shared currency: operations, and the case that carries them.
//!
//! Everything that finds, shrinks, stores or replays a failure speaks in these types:
//!
//! ```text
//!   generator --.                                       .--> the model
//!   fuzzer -----+--> Case { options, ops: [Op, Op, ..] } +--> the store under test
//!   .ops file --'                                       '--> .ops, bytes, a #[test]
//! ```
//!
//! Invariants:
//! 1. Every value of these types can be written as text and as bytes, and comes back equal.
//! 2. Nothing here depends on any store: a case means the same for all of them.

use crate::breakage::{Crash, Fault, Then};
pub use crate::kind::OpKind;
use crate::name::Name;
use crate::options::Options;
use crate::range::{Fill, Range, Scan};
pub use crate::reply::{Change, Reply};
use crate::scope::Inside;
use crate::sorted_run::SortedRun;

mod uses;

/// One live pair of a store: key, then value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A test case: the options that the store is opened with, and the operations it then gets.
///
/// ```
/// use etalon_spec::{Case, Op};
///
/// let case = Case::new(vec![
///     Op::put(b"k", b"v"),
///     Op::Flush,
///     Op::get(b"k"),
/// ]);
/// assert_eq!(case.ops.len(), 3);
/// assert!(case.options.is_empty(), "defaults");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Case {
    /// Options of the store under test; what is absent keeps the store's own default.
    pub options: Options,
    /// The operations, in order.
    pub ops: Vec<Op>,
}

impl Case {
    /// A case at the store's default options.
    pub fn new(ops: Vec<Op>) -> Self {
        Case {
            options: Options::default(),
            ops,
        }
    }
}

/// One operation on a store, ordered from simple to complex.
///
/// A field `sync` says that the change is to be durable before it is answered; a field `at`
/// names the snapshot that is read, none for the present.
///
/// ```
/// use etalon_spec::Op;
///
/// assert_eq!(Op::get(b"k").kind().word(), "get");
/// assert!(Op::Flush.kind().is_structural());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// Read one key. Reply: its value, or none.
    Get {
        /// The key to read.
        key: Vec<u8>,
        /// The snapshot that is read.
        at: Option<Name>,
    },
    /// Set one key.
    Put {
        /// The key to set.
        key: Vec<u8>,
        /// Its new value; an empty value is a value.
        value: Vec<u8>,
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Remove one key; removing an absent key is no error.
    Delete {
        /// The key to remove.
        key: Vec<u8>,
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Turn what is in memory into a segment. Changes no answer.
    Flush,
    /// Make everything before it durable. Changes no answer.
    Sync,
    /// Read the live entries of a range, in byte order or against it.
    Scan {
        /// Which entries.
        scan: Scan,
        /// The snapshot that is read.
        at: Option<Name>,
    },
    /// Count the live keys.
    Length {
        /// The snapshot that is read.
        at: Option<Name>,
    },
    /// Apply several changes atomically, in order: the last one of a key wins.
    Write {
        /// The changes; none at all is legal.
        changes: Vec<Change>,
        /// Whether they are durable when they are answered.
        sync: bool,
    },
    /// Remove every key, atomically.
    Clear {
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Remove every key of a range, atomically.
    DeleteRange {
        /// Which keys.
        range: Range,
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Shorthand for many single puts; see [`Fill`].
    Fill(Fill),
    /// Take a snapshot: reads at this name answer as the store does now (G6). A snapshot of the
    /// same name is released first.
    Snapshot(Name),
    /// Release a snapshot. Iterators that were made at it go on.
    Release(Name),
    /// Make an iterator, before the first entry; it sees the present, or a snapshot, for ever.
    /// An iterator of the same name is closed first.
    Iterator {
        /// What it is called.
        name: Name,
        /// The snapshot that it sees.
        at: Option<Name>,
    },
    /// Move an iterator to the first key that is not below this one. Reply, as of all that move
    /// one: the entry where it then is, or `end`.
    Seek {
        /// Which iterator.
        name: Name,
        /// Where to.
        key: Vec<u8>,
    },
    /// Move an iterator to the first entry.
    SeekFirst(Name),
    /// Move an iterator to the last entry.
    SeekLast(Name),
    /// Move an iterator one entry on; from before the first to the first.
    Next(Name),
    /// Move an iterator one entry back; from after the last to the last.
    Prev(Name),
    /// Close an iterator.
    Close(Name),
    /// Merge all segments. Changes no answer.
    Compact,
    /// Close the store cleanly and open it again. Changes no answer; snapshots and iterators end.
    Reopen,
    /// The process dies, the machine lives; the store is opened again.
    Kill {
        /// Crashes of the recoveries that follow.
        then: Vec<Then>,
    },
    /// The machine loses power; the store is opened again.
    Crash(Box<Crash>),
    /// An operation in which the disk fails.
    Fail(Box<Fault>),
    /// Read the entry of the least key. Reply: that one entry, or none, `empty`.
    First {
        /// The snapshot that is read.
        at: Option<Name>,
    },
    /// Read the entry of the greatest key.
    Last {
        /// The snapshot that is read.
        at: Option<Name>,
    },
    /// Set or remove a key if it has an expected value, atomically. Reply: whether it had.
    Cas {
        /// The key to compare and to change.
        key: Vec<u8>,
        /// The value that it must have; none: it must be absent.
        expected: Option<Vec<u8>>,
        /// The value that it then gets; none: it is removed.
        new: Option<Vec<u8>>,
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Put every entry of a run that is in order already, atomically.
    Ingest {
        /// The entries.
        run: SortedRun,
        /// Whether it is durable when it is answered.
        sync: bool,
    },
    /// Begin a transaction: it sees the store as it is now, and its own changes.
    Begin(Name),
    /// Note a point in a transaction to which it can be rolled back.
    Savepoint {
        /// The transaction.
        transaction: Name,
        /// The point's name in it.
        name: Name,
    },
    /// Undo a transaction and end it; or undo what it did after a savepoint, and go on.
    Rollback {
        /// The transaction.
        transaction: Name,
        /// The savepoint, which stays; those after it are gone.
        to: Option<Name>,
    },
    /// Carry out all changes of a transaction, atomically, and end it.
    Commit(Name),
    /// Make a key space, empty.
    Create(Name),
    /// Give a key space another name.
    Rename {
        /// What it is called.
        from: Name,
        /// What it will be called.
        to: Name,
    },
    /// Remove a key space and all that is in it.
    Drop(Name),
    /// An operation in a transaction, in a key space, or both.
    In(Box<Inside>),
}

/// The operations that come most often, as they mostly come: not synced, and of the present.
impl Op {
    /// A get of the present.
    pub fn get(key: impl Into<Vec<u8>>) -> Op {
        let key = key.into();
        Op::Get { key, at: None }
    }

    /// A put, not synced.
    pub fn put(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Op {
        let (key, value, sync) = (key.into(), value.into(), false);
        Op::Put { key, value, sync }
    }

    /// A delete, not synced.
    pub fn delete(key: impl Into<Vec<u8>>) -> Op {
        let (key, sync) = (key.into(), false);
        Op::Delete { key, sync }
    }

    /// A scan of the present.
    pub const fn scan(scan: Scan) -> Op {
        Op::Scan { scan, at: None }
    }

    /// The length of the present.
    pub const LENGTH: Op = Op::Length { at: None };

    /// A batch, not synced.
    pub const fn write(changes: Vec<Change>) -> Op {
        let sync = false;
        Op::Write { changes, sync }
    }

    /// A clear, not synced.
    pub const CLEAR: Op = Op::Clear { sync: false };

    /// A delete of a range, not synced.
    pub const fn delete_range(range: Range) -> Op {
        let sync = false;
        Op::DeleteRange { range, sync }
    }
}
