//! Many keys in one operation: ranges, the scans that read them, and bulk puts.

use std::ops::Bound;

use crate::op::Entry;

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
    /// Bytes of all keys and values.
    ///
    /// ```
    /// use etalon_spec::Fill;
    ///
    /// let fill = Fill { prefix: b"k".to_vec(), count: 3, size: 10 };
    /// assert_eq!(fill.bytes(), 3 * (1 + 4 + 10));
    /// ```
    pub fn bytes(&self) -> u64 {
        let each = self.prefix.len() as u64 + 4 + u64::from(self.size);
        u64::from(self.count) * each
    }

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
