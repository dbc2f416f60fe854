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

use crate::options::Options;
use crate::range::{Fill, Range, Scan};

/// One live pair of a store: key, then value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A test case: the options that the store is opened with, and the operations it then gets.
///
/// ```
/// use etalon_spec::{Case, Op};
///
/// let case = Case::new(vec![
///     Op::Put { key: b"k".to_vec(), value: b"v".to_vec() },
///     Op::Flush,
///     Op::Get { key: b"k".to_vec() },
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
/// ```
/// use etalon_spec::Op;
///
/// assert_eq!(Op::Get { key: b"k".to_vec() }.kind().word(), "get");
/// assert!(Op::Flush.kind().is_structural());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// Read one key. Reply: its value, or none.
    Get {
        /// The key to read.
        key: Vec<u8>,
    },
    /// Set one key.
    Put {
        /// The key to set.
        key: Vec<u8>,
        /// Its new value; an empty value is a value.
        value: Vec<u8>,
    },
    /// Remove one key; removing an absent key is no error.
    Delete {
        /// The key to remove.
        key: Vec<u8>,
    },
    /// Turn what is in memory into a segment. Changes no answer.
    Flush,
    /// Read the live entries of a range, in byte order or against it.
    Scan(Scan),
    /// Count the live keys.
    Length,
    /// Apply several changes atomically, in order: the last one of a key wins.
    Write {
        /// The changes; none at all is legal.
        changes: Vec<Change>,
    },
    /// Remove every key, atomically.
    Clear,
    /// Remove every key of a range, atomically.
    DeleteRange(Range),
    /// Shorthand for many single puts; see [`Fill`].
    Fill(Fill),
    /// Merge all segments. Changes no answer.
    Compact,
    /// Close the store cleanly and open it again. Changes no answer.
    Reopen,
}

impl Op {
    /// Which operation this is, without its arguments.
    pub fn kind(&self) -> OpKind {
        match self {
            Op::Get { .. } => OpKind::Get,
            Op::Put { .. } => OpKind::Put,
            Op::Delete { .. } => OpKind::Delete,
            Op::Flush => OpKind::Flush,
            Op::Scan(_) => OpKind::Scan,
            Op::Length => OpKind::Length,
            Op::Write { .. } => OpKind::Write,
            Op::Clear => OpKind::Clear,
            Op::DeleteRange(_) => OpKind::DeleteRange,
            Op::Fill(_) => OpKind::Fill,
            Op::Compact => OpKind::Compact,
            Op::Reopen => OpKind::Reopen,
        }
    }
}

/// The kinds of [`Op`], for tables, weights and counters.
///
/// ```
/// use etalon_spec::OpKind;
///
/// let words: Vec<&str> = OpKind::ALL.iter().map(|kind| kind.word()).collect();
/// assert_eq!(words[..3], ["get", "put", "delete"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum OpKind {
    /// [`Op::Get`]
    Get,
    /// [`Op::Put`]
    Put,
    /// [`Op::Delete`]
    Delete,
    /// [`Op::Flush`]
    Flush,
    /// [`Op::Scan`]
    Scan,
    /// [`Op::Length`]
    Length,
    /// [`Op::Write`]
    Write,
    /// [`Op::Clear`]
    Clear,
    /// [`Op::DeleteRange`]
    DeleteRange,
    /// [`Op::Fill`]
    Fill,
    /// [`Op::Compact`]
    Compact,
    /// [`Op::Reopen`]
    Reopen,
}

impl OpKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every kind, from simple to complex; `ALL[kind as usize] == kind`.
    pub const ALL: [OpKind; 12] = [
        OpKind::Get,
        OpKind::Put,
        OpKind::Delete,
        OpKind::Flush,
        OpKind::Scan,
        OpKind::Length,
        OpKind::Write,
        OpKind::Clear,
        OpKind::DeleteRange,
        OpKind::Fill,
        OpKind::Compact,
        OpKind::Reopen,
    ];

    /// The word that starts a line of this kind in an `.ops` file.
    pub const fn word(self) -> &'static str {
        match self {
            OpKind::Get => "get",
            OpKind::Put => "put",
            OpKind::Delete => "delete",
            OpKind::Flush => "flush",
            OpKind::Scan => "scan",
            OpKind::Length => "length",
            OpKind::Write => "write",
            OpKind::Clear => "clear",
            OpKind::DeleteRange => "deleterange",
            OpKind::Fill => "fill",
            OpKind::Compact => "compact",
            OpKind::Reopen => "reopen",
        }
    }

    /// Whether the operation rearranges the store and changes no answer (G2).
    pub const fn is_structural(self) -> bool {
        matches!(self, OpKind::Flush | OpKind::Compact | OpKind::Reopen)
    }

    /// Whether the operation reads and changes nothing.
    pub const fn is_read(self) -> bool {
        matches!(self, OpKind::Get | OpKind::Scan | OpKind::Length)
    }
}

/// One change of a batch.
///
/// ```
/// use etalon_spec::Change;
///
/// let change = Change::Delete { key: b"k".to_vec() };
/// assert_eq!(change.key(), b"k");
/// assert_eq!(change.value(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Set a key.
    Put {
        /// The key to set.
        key: Vec<u8>,
        /// Its new value.
        value: Vec<u8>,
    },
    /// Remove a key.
    Delete {
        /// The key to remove.
        key: Vec<u8>,
    },
}

impl Change {
    /// The key that changes.
    pub fn key(&self) -> &[u8] {
        match self {
            Change::Put { key, .. } | Change::Delete { key } => key,
        }
    }

    /// The new value, none for a delete.
    pub fn value(&self) -> Option<&[u8]> {
        match self {
            Change::Put { value, .. } => Some(value),
            Change::Delete { .. } => None,
        }
    }
}

/// What a store answered, or should have.
///
/// ```
/// use etalon_spec::Reply;
///
/// assert_ne!(Reply::Value(Vec::new()), Reply::Absent, "an empty value is a value");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reply {
    /// A change or a structural operation was carried out. Text: `ok`.
    Done,
    /// A get found nothing. Text: `none`.
    Absent,
    /// A get found this value.
    Value(Vec<u8>),
    /// A length.
    Count(u64),
    /// A scan's entries, in the order of the scan. Text: `empty` if there are none.
    Entries(Vec<Entry>),
    /// The store refused, definitely: nothing happened and nothing will. Text: `error`.
    Refused,
    /// The store never does this. Text: `unsupported`.
    Unsupported,
}

impl From<Option<Vec<u8>>> for Reply {
    fn from(found: Option<Vec<u8>>) -> Self {
        found.map_or(Reply::Absent, Reply::Value)
    }
}
