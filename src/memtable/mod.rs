//! The memtable: the newest changes, every version of every key, ordered as in a segment.
//!
//! ```text
//!   "a" 7 -> "1"
//!   "b" 9 -> tombstone        hides every older "b", here and in every segment (G3)
//!   "b" 4 -> "2"              what a snapshot at 4 to 8 reads
//! ```
//!
//! Invariants:
//! 1. Its order is that of internal keys: of one key the newest version comes first.
//! 2. `bytes` counts keys, values and 8 an entry, of every change ever taken: a key that is
//!    overwritten again and again fills the memtable too, as it fills the log.
//! 3. Its one writer is made with it, and readers need no lock: they see entries whole or not at
//!    all, and tell by the sequence number which of them are theirs to see.

mod arena;
mod cursor;
mod nodes;
mod skiplist;
#[cfg(test)]
mod tests;

pub(crate) use cursor::MemtableCursor;

use crate::key::{Kind, Target, split, tag};
use skiplist::{Bulk, Inserter, SkipList};

/// See the module. What readers have of it: shared, and good for as long as anybody has it.
#[derive(Clone, Debug)]
pub(crate) struct Memtable {
    list: SkipList,
}

/// A version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot<'a> {
    pub(crate) sequence: u64,
    /// `None` is a tombstone.
    pub(crate) value: Option<&'a [u8]>,
}

/// The one writer of a memtable; by default, of a new one.
#[derive(Debug, Default)]
pub(crate) struct MemtableWriter {
    inserter: Inserter,
}

impl MemtableWriter {
    /// The writer of the memtable that inserting all that `work` pushes makes, and what `work`
    /// says besides.
    pub(crate) fn build<R, E>(
        work: impl FnOnce(&mut MemtableBuilder<'_>) -> Result<R, E>,
    ) -> Result<(Self, R), E> {
        let (inserter, said) = Inserter::build(|bulk| {
            let mut builder = MemtableBuilder { bulk };
            let said = work(&mut builder)?;
            Ok((builder.bulk, said))
        })?;
        Ok((MemtableWriter { inserter }, said))
    }

    /// The memtable that it writes to, for readers.
    pub(crate) fn memtable(&self) -> Memtable {
        Memtable {
            list: self.inserter.list(),
        }
    }

    /// Takes a change, newer than all before it.
    pub(crate) fn insert(&mut self, key: &[u8], sequence: u64, value: Option<&[u8]>) {
        self.inserter
            .insert(key, tag_of(sequence, value), value.unwrap_or_default());
    }

    /// How full the memtable is; see invariant 2.
    pub(crate) fn bytes(&self) -> usize {
        self.inserter.bytes()
    }

    /// Whether it has taken no change yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.inserter.bytes() == 0
    }
}

/// Takes many changes, to make a memtable of them; see [`Bulk`].
pub(crate) struct MemtableBuilder<'a> {
    bulk: Bulk<'a>,
}

impl<'a> MemtableBuilder<'a> {
    /// Takes a change, newer than all before it.
    pub(crate) fn push(&mut self, key: &[u8], sequence: u64, value: Option<&[u8]>) {
        self.bulk
            .push(key, tag_of(sequence, value), value.unwrap_or_default());
    }

    /// One for what comes after so many changes, to be joined with this one.
    pub(crate) fn later(&self, changes: u64) -> Self {
        MemtableBuilder {
            bulk: self.bulk.later(changes),
        }
    }

    /// How many changes it has taken, with those that it comes after.
    pub(crate) fn changes(&self) -> u64 {
        self.bulk.entries()
    }

    /// Takes what `later` has taken, newer than all before it. Refused if that does not come
    /// after just as many changes as have been taken.
    pub(crate) fn join(&mut self, later: MemtableBuilder<'a>) -> bool {
        self.bulk.join(later.bulk)
    }
}

fn tag_of(sequence: u64, value: Option<&[u8]>) -> u64 {
    let kind = if value.is_some() {
        Kind::Put
    } else {
        Kind::Delete
    };
    tag(sequence, kind)
}

impl Memtable {
    /// The newest version of `key` at or before a sequence number, if the memtable has one.
    pub(crate) fn get(&self, key: &[u8], sequence: u64) -> Option<Slot<'_>> {
        let (found, value) = self.list.seek(Target::new(key, sequence))?;
        let (user_key, sequence, kind) = split(found).expect("made by insert");
        (user_key == key).then(|| Slot {
            sequence,
            value: (kind == Kind::Put).then_some(value),
        })
    }

    /// A cursor over every version. What is inserted while it walks, it may meet or not.
    pub(crate) fn cursor(&self) -> MemtableCursor {
        MemtableCursor::new(self.list.clone())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The keys on each level of the list.
    #[cfg(test)]
    pub(crate) fn levels(&self) -> Vec<Vec<Vec<u8>>> {
        self.list.levels()
    }
}
