//! Names of snapshots, iterators, transactions, savepoints and key spaces.

use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

/// The name of a snapshot, an iterator, a transaction, a savepoint or a key space: a letter, then
/// letters, digits and `_`, at most [`Name::LONGEST`] characters. Short, so that it is copied and
/// needs no memory of its own.
///
/// Each of these sorts is named apart: a snapshot `a` and an iterator `a` do not meet.
///
/// ```
/// use etalon_spec::Name;
///
/// let name: Name = "before_2".parse().unwrap();
/// assert_eq!(name.as_str(), "before_2");
/// assert_eq!(Name::new("2nd"), None);
/// assert_eq!(Name::new("longer_than_fifteen"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// Zeros after the name.
    bytes: [u8; Name::LONGEST],
    length: NonZeroU8,
}

impl Name {
    /// The most characters of a name.
    pub const LONGEST: usize = 15;

    /// The name that this is, if it is one.
    pub const fn new(name: &str) -> Option<Name> {
        Name::from_bytes(name.as_bytes())
    }

    /// A name that stands in the source.
    pub(crate) const fn literal(name: &'static str) -> Name {
        Name::new(name).expect("a name")
    }

    /// As [`Name::new`].
    pub(crate) const fn from_bytes(name: &[u8]) -> Option<Name> {
        if name.is_empty() || name.len() > Name::LONGEST || !name[0].is_ascii_alphabetic() {
            return None;
        }
        let mut bytes = [0; Name::LONGEST];
        let mut at = 0;
        while at < name.len() {
            if !name[at].is_ascii_alphanumeric() && name[at] != b'_' {
                return None;
            }
            bytes[at] = name[at];
            at += 1;
        }
        match NonZeroU8::new(name.len() as u8) {
            Some(length) => Some(Name { bytes, length }),
            None => None,
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.length.get())];
        std::str::from_utf8(bytes).expect("letters, digits and underscores")
    }
}

/// What is no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAName;

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a name is a letter, then letters, digits and `_`, at most {} in all",
            Name::LONGEST
        )
    }
}

impl std::error::Error for NotAName {}

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(name: &str) -> Result<Self, NotAName> {
        Name::new(name).ok_or(NotAName)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.as_str())
    }
}
