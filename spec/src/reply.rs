//! What stands in a batch, and what comes back: changes and replies.

use crate::op::Entry;

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
    /// A scan's entries, in the order of the scan, `empty` in text if there are none, and the
    /// first or last entry likewise; or the one entry where an iterator is.
    Entries(Vec<Entry>),
    /// An iterator is before the first entry or after the last. Text: `end`.
    End,
    /// Whether a compare-and-swap found what it expected. Text: `true` or `false`.
    Swapped(bool),
    /// The store refused, definitely: nothing happened and nothing will. Of an operation in which
    /// the disk was made to fail: an error came back, and it may have happened. Text: `error`.
    Refused,
    /// The store never does this. Text: `unsupported`.
    Unsupported,
}

impl From<Option<Vec<u8>>> for Reply {
    fn from(found: Option<Vec<u8>>) -> Self {
        found.map_or(Reply::Absent, Reply::Value)
    }
}

/// Where an iterator is.
impl From<Option<Entry>> for Reply {
    fn from(found: Option<Entry>) -> Self {
        found.map_or(Reply::End, |entry| Reply::Entries(vec![entry]))
    }
}
