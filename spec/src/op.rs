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

use crate::breakage::{Crash, Fault, Then, Within};
pub use crate::kind::OpKind;
use crate::name::Name;
use crate::options::Options;
use crate::range::{Fill, Range, Scan};
pub use crate::reply::{Change, Reply};

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

impl Op {
    /// Which operation this is, without its arguments.
    pub fn kind(&self) -> OpKind {
        match self {
            Op::Get { .. } => OpKind::Get,
            Op::Put { .. } => OpKind::Put,
            Op::Delete { .. } => OpKind::Delete,
            Op::Flush => OpKind::Flush,
            Op::Sync => OpKind::Sync,
            Op::Scan { .. } => OpKind::Scan,
            Op::Length { .. } => OpKind::Length,
            Op::Write { .. } => OpKind::Write,
            Op::Clear { .. } => OpKind::Clear,
            Op::DeleteRange { .. } => OpKind::DeleteRange,
            Op::Fill(_) => OpKind::Fill,
            Op::Snapshot(_) => OpKind::Snapshot,
            Op::Release(_) => OpKind::Release,
            Op::Iterator { .. } => OpKind::Iterator,
            Op::Seek { .. } => OpKind::Seek,
            Op::SeekFirst(_) => OpKind::SeekFirst,
            Op::SeekLast(_) => OpKind::SeekLast,
            Op::Next(_) => OpKind::Next,
            Op::Prev(_) => OpKind::Prev,
            Op::Close(_) => OpKind::Close,
            Op::Compact => OpKind::Compact,
            Op::Reopen => OpKind::Reopen,
            Op::Kill { .. } => OpKind::Kill,
            Op::Crash(_) => OpKind::Crash,
            Op::Fail(_) => OpKind::Fail,
        }
    }

    /// The operation in the course of which this one breaks something.
    pub(crate) fn within(&self) -> Option<&Op> {
        match self {
            Op::Crash(crash) => crash.within.as_ref().map(Within::op),
            Op::Fail(fault) => Some(fault.within.op()),
            _ => None,
        }
    }

    /// Whether a change asks to be durable when it is answered.
    pub fn is_synced(&self) -> bool {
        self.sync_flag() == Some(&true)
    }

    /// The change's flag; none for what has no such flag.
    pub(crate) fn sync_flag(&self) -> Option<&bool> {
        match self {
            Op::Put { sync, .. }
            | Op::Delete { sync, .. }
            | Op::Write { sync, .. }
            | Op::Clear { sync }
            | Op::DeleteRange { sync, .. } => Some(sync),
            _ => None,
        }
    }

    /// As [`Op::sync_flag`], to be set.
    pub(crate) fn sync_flag_mut(&mut self) -> Option<&mut bool> {
        match self {
            Op::Put { sync, .. }
            | Op::Delete { sync, .. }
            | Op::Write { sync, .. }
            | Op::Clear { sync }
            | Op::DeleteRange { sync, .. } => Some(sync),
            _ => None,
        }
    }

    /// As [`Op::snapshot_read`], to be set; none for what reads no snapshot.
    pub(crate) fn snapshot_read_mut(&mut self) -> Option<&mut Option<Name>> {
        match self {
            Op::Get { at, .. }
            | Op::Scan { at, .. }
            | Op::Length { at }
            | Op::Iterator { at, .. } => Some(at),
            _ => None,
        }
    }

    /// The iterator that an operation moves or closes.
    #[inline]
    pub(crate) fn iterator_used(&self) -> Option<Name> {
        match self {
            Op::Seek { name, .. }
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Next(name)
            | Op::Prev(name)
            | Op::Close(name) => Some(*name),
            _ => None,
        }
    }

    /// The snapshot that an operation reads or releases.
    #[inline]
    pub(crate) fn snapshot_used(&self) -> Option<Name> {
        match self {
            Op::Release(name) => Some(*name),
            _ => self.snapshot_read(),
        }
    }

    /// The snapshot that a read or a new iterator sees.
    #[inline]
    pub fn snapshot_read(&self) -> Option<Name> {
        match self {
            Op::Get { at, .. }
            | Op::Scan { at, .. }
            | Op::Length { at }
            | Op::Iterator { at, .. } => *at,
            _ => None,
        }
    }
}
