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

use std::ops::Bound;

use crate::options::Options;

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

/// A set of keys by their place in byte order. Inverted and empty ranges are legal and hold nothing.
///
/// ```
/// use etalon_spec::Range;
/// use std::ops::Bound;
///
/// let range = Range::Between(Bound::Included(b"a".to_vec()), Bound::Excluded(b"c".to_vec()));
/// assert!(range.contains(b"b") && !range.contains(b"c"));
/// assert!(Range::Prefix(b"ab".to_vec()).contains(b"abc"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// Keys that start with these bytes; the empty prefix is every key.
    Prefix(Vec<u8>),
    /// Keys between two bounds, each drawn on its own. The lower comes first; `..` is every key.
    Between(Bound<Vec<u8>>, Bound<Vec<u8>>),
}

impl Range {
    /// Every key.
    pub const ALL: Range = Range::Between(Bound::Unbounded, Bound::Unbounded);

    /// Whether the range holds `key`.
    pub fn contains(&self, key: &[u8]) -> bool {
        match self {
            Range::Prefix(prefix) => key.starts_with(prefix),
            Range::Between(from, to) => {
                let above = match from {
                    Bound::Unbounded => true,
                    Bound::Included(from) => key >= from.as_slice(),
                    Bound::Excluded(from) => key > from.as_slice(),
                };
                let below = match to {
                    Bound::Unbounded => true,
                    Bound::Included(to) => key <= to.as_slice(),
                    Bound::Excluded(to) => key < to.as_slice(),
                };
                above && below
            }
        }
    }

    /// Whether the bounds are out of order, or equal without both being included: then no key,
    /// of any store, can lie in the range. (`std`'s `BTreeMap` panics on some of these.)
    ///
    /// ```
    /// use etalon_spec::Range;
    /// use std::ops::Bound::{Excluded, Included};
    ///
    /// assert!(Range::Between(Included(b"b".to_vec()), Excluded(b"a".to_vec())).is_inverted());
    /// assert!(Range::Between(Included(b"a".to_vec()), Excluded(b"a".to_vec())).is_inverted());
    /// assert!(!Range::Between(Included(b"a".to_vec()), Included(b"a".to_vec())).is_inverted());
    /// ```
    pub fn is_inverted(&self) -> bool {
        match self {
            Range::Between(Bound::Included(from), Bound::Included(to)) => from > to,
            Range::Between(
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => from >= to,
            _ => false,
        }
    }
}

/// A read of a range.
///
/// ```
/// use etalon_spec::{Range, Scan};
///
/// let scan = Scan { range: Range::ALL, reverse: true, limit: Some(1) };
/// let stored = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
/// assert_eq!(scan.collect(stored), [(b"b".to_vec(), b"2".to_vec())]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scan {
    /// Which keys.
    pub range: Range,
    /// From the greatest key down instead of from the least up.
    pub reverse: bool,
    /// At most this many entries, counted in the direction of the scan.
    pub limit: Option<u32>,
}

impl Scan {
    /// Every entry, forwards.
    pub const ALL: Scan = Scan {
        range: Range::ALL,
        reverse: false,
        limit: None,
    };

    /// Every entry, backwards.
    pub const ALL_REVERSE: Scan = Scan {
        range: Range::ALL,
        reverse: true,
        limit: None,
    };

    /// Picks out of `entries`, which come in ascending key order, what this scan answers.
    ///
    /// For adapters of stores that can only iterate forwards: bounds, direction and limit in one
    /// call. It reads every entry, so a store with a seek of its own should use that.
    pub fn collect(&self, entries: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
        let within = entries
            .into_iter()
            .filter(|(key, _)| self.range.contains(key));
        let limit = self.limit.map_or(usize::MAX, |limit| limit as usize);
        if self.reverse {
            let mut found: Vec<Entry> = within.collect();
            found.reverse();
            found.truncate(limit);
            found
        } else {
            within.take(limit).collect()
        }
    }
}

/// Many puts in one line: for `i` in `0..count`, key `prefix` + `i` as 4 big-endian bytes,
/// value `size` bytes, each equal to `i` mod 256. The harness sends them one by one.
///
/// ```
/// use etalon_spec::Fill;
///
/// let fill = Fill { prefix: b"k".to_vec(), count: 300, size: 2 };
/// assert_eq!(fill.key(258), b"k\x00\x00\x01\x02");
/// assert_eq!(fill.value(258), [2, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fill {
    /// What every key starts with.
    pub prefix: Vec<u8>,
    /// How many puts.
    pub count: u16,
    /// Bytes in each value.
    pub size: u16,
}

impl Fill {
    /// The key of put `i`.
    pub fn key(&self, i: u16) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.prefix.len() + 4);
        key.extend_from_slice(&self.prefix);
        key.extend_from_slice(&u32::from(i).to_be_bytes());
        key
    }

    /// The value of put `i`.
    pub fn value(&self, i: u16) -> Vec<u8> {
        vec![i as u8; usize::from(self.size)]
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
