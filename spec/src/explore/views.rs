//! The alphabet of snapshots and iterators.
//!
//! ```text
//!   put 0 | snapshot | delete 0 | flush | get 0 at the snapshot
//!   put 0 | iterator | put 1 | next | prev | next
//! ```
//!
//! Invariants:
//! 1. There is one snapshot and one iterator; each is taken again where it is open.
//! 2. A letter that needs one that is not open follows no string.

use super::letter::{Letter, name};
use super::symbol::Symbol;
use crate::name::Name;
use crate::op::Op;

const SNAPSHOT: Name = Name::literal("s");
const ITERATOR: Name = Name::literal("i");

/// One operation of the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewLetter {
    /// One that has nothing to do with views.
    Plain(Letter),
    /// `snapshot`
    Snapshot,
    /// `release`
    Release,
    /// `get ... at`
    GetAt(u8),
    /// `iterator`
    Iterator,
    /// `iterator at`
    IteratorAt,
    /// `seek`
    Seek(u8),
    /// `seekfirst`
    SeekFirst,
    /// `seeklast`
    SeekLast,
    /// `next`
    Next,
    /// `prev`
    Prev,
    /// `close`
    Close,
}

impl ViewLetter {
    /// Every letter over so many keys. Batches are left out: to a view they are changes like
    /// others.
    pub fn all(keys: u8) -> Vec<ViewLetter> {
        use ViewLetter as L;
        let plain = [Letter::Flush, Letter::Compact, Letter::Reopen].map(L::Plain);
        let views = [L::Snapshot, L::Release, L::Iterator, L::IteratorAt];
        let steps = [L::SeekFirst, L::SeekLast, L::Next, L::Prev, L::Close];
        let each = |letter: fn(u8) -> L| (0..keys).map(letter);
        each(|key| L::Plain(Letter::Put(key)))
            .chain(each(|key| L::Plain(Letter::Delete(key))))
            .chain(plain)
            .chain(views)
            .chain(each(L::GetAt))
            .chain(each(L::Seek))
            .chain(steps)
            .collect()
    }

    fn needs_snapshot(self) -> bool {
        use ViewLetter::{GetAt, IteratorAt, Release};
        matches!(self, GetAt(_) | IteratorAt | Release)
    }

    fn needs_iterator(self) -> bool {
        use ViewLetter::{Close, Next, Prev, Seek, SeekFirst, SeekLast};
        matches!(self, Seek(_) | SeekFirst | SeekLast | Next | Prev | Close)
    }
}

impl Symbol for ViewLetter {
    fn key(self) -> Option<u8> {
        match self {
            ViewLetter::Plain(letter) => letter.key(),
            ViewLetter::GetAt(key) | ViewLetter::Seek(key) => Some(key),
            _ => None,
        }
    }

    fn op(self, place: usize, keys: u8) -> Op {
        let at = Some(SNAPSHOT);
        match self {
            ViewLetter::Plain(letter) => letter.op(place, keys),
            ViewLetter::Snapshot => Op::Snapshot(SNAPSHOT),
            ViewLetter::Release => Op::Release(SNAPSHOT),
            ViewLetter::GetAt(key) => Op::Get { key: name(key), at },
            ViewLetter::Iterator => Op::Iterator {
                name: ITERATOR,
                at: None,
            },
            ViewLetter::IteratorAt => Op::Iterator { name: ITERATOR, at },
            ViewLetter::Seek(key) => Op::Seek {
                name: ITERATOR,
                key: name(key),
            },
            ViewLetter::SeekFirst => Op::SeekFirst(ITERATOR),
            ViewLetter::SeekLast => Op::SeekLast(ITERATOR),
            ViewLetter::Next => Op::Next(ITERATOR),
            ViewLetter::Prev => Op::Prev(ITERATOR),
            ViewLetter::Close => Op::Close(ITERATOR),
        }
    }

    /// Invariant 2.
    fn follows(self, string: &[ViewLetter]) -> bool {
        let ends_all = |letter: &ViewLetter| *letter == ViewLetter::Plain(Letter::Reopen);
        let is_open = |opens: &[ViewLetter], closes: ViewLetter| {
            let last = string
                .iter()
                .rev()
                .find(|letter| opens.contains(letter) || **letter == closes || ends_all(letter));
            last.is_some_and(|letter| opens.contains(letter))
        };
        let iterators = [ViewLetter::Iterator, ViewLetter::IteratorAt];
        (!self.needs_snapshot() || is_open(&[ViewLetter::Snapshot], ViewLetter::Release))
            && (!self.needs_iterator() || is_open(&iterators, ViewLetter::Close))
    }
}
