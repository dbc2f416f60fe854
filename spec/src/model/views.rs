//! The model's snapshots and iterators: copies of the map, taken when they are made.
//!
//! ```text
//!   entries       "a" "b" "d"        in byte order
//!   at          0  1   2   3   4     0 is before the first, one more than there are after the last
//!   seek "c"               ^         next goes up to 4 and no further, prev down to 0
//! ```
//!
//! Invariants:
//! 1. Nothing that happens to the store later changes a view.
//! 2. An iterator that has lost its place, because a step of it failed, gets one by a seek only.

use super::{Entries, Model, scanned};
use crate::name::Name;
use crate::op::Entry;
use crate::outcome::{Failure, Outcome};
use crate::range::Scan;

/// Where an iterator is, in the entries as they were when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// In byte order.
    entries: Vec<Entry>,
    /// 0 is before the first entry, n is the n-th, one more than there are is after the last;
    /// none: a step has failed, and only a seek gives it a place again.
    pub(super) at: Option<usize>,
}

impl Position {
    pub(super) fn seek(&mut self, key: &[u8]) -> Option<Entry> {
        let below = self
            .entries
            .partition_point(|(other, _)| other.as_slice() < key);
        self.go_to(below + 1)
    }

    pub(super) fn first(&mut self) -> Option<Entry> {
        self.go_to(1)
    }

    pub(super) fn last(&mut self) -> Option<Entry> {
        self.go_to(self.entries.len())
    }

    pub(super) fn next(&mut self) -> Outcome<Option<Entry>> {
        Ok(self.go_to(self.place()? + 1))
    }

    pub(super) fn prev(&mut self) -> Outcome<Option<Entry>> {
        Ok(self.go_to(self.place()?.saturating_sub(1)))
    }

    fn go_to(&mut self, at: usize) -> Option<Entry> {
        let at = at.min(self.entries.len() + 1);
        self.at = Some(at);
        self.entries.get(at.checked_sub(1)?).cloned()
    }

    fn place(&self) -> Outcome<usize> {
        let lost = || Failure::definite("the iterator has no place: a step of it has failed");
        self.at.ok_or_else(lost)
    }
}

impl Model {
    /// The names of the snapshots that are open.
    pub fn snapshots(&self) -> impl Iterator<Item = Name> + '_ {
        self.snapshots.keys().copied()
    }

    /// The state at a snapshot, or now.
    pub(super) fn view(&self, at: Option<Name>) -> Outcome<&Entries> {
        let Some(name) = at else {
            return self.current();
        };
        let found = self.snapshots.get(&name);
        found.ok_or_else(|| Failure::definite(format!("no snapshot {name} is open")))
    }

    /// Of the default key space, in no transaction: nothing else can be asked for.
    pub(super) fn open_snapshot(&mut self, name: Name) {
        self.snapshots.insert(name, self.spaces.entries.clone());
    }

    pub(super) fn release_snapshot(&mut self, name: Name) -> Outcome<()> {
        self.view(Some(name))?;
        self.snapshots.remove(&name);
        Ok(())
    }

    /// The iterator that is to be moved.
    pub(super) fn moved(&mut self, name: Name) -> Outcome<&mut Position> {
        let found = self.iterators.get_mut(&name);
        found.ok_or_else(|| Failure::definite(format!("no iterator {name} is open")))
    }

    pub(super) fn open_iterator(&mut self, name: Name, at: Option<Name>) -> Outcome<()> {
        let entries = scanned(self.view(at)?, &Scan::ALL);
        let at = Some(0);
        self.iterators.insert(name, Position { entries, at });
        Ok(())
    }

    pub(super) fn end_iterator(&mut self, name: Name) -> Outcome<()> {
        self.moved(name)?;
        self.iterators.remove(&name);
        Ok(())
    }
}
