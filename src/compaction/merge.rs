//! The merge: many sorted cursors walked as one.
//!
//! ```text
//!   winner                  (a,9)                    the entry that comes next
//!   losers                  (a,7)
//!                     /               \
//!                 (c,4)               (b,8)          of each match, who comes later
//!                /     \             /     \
//!   cursors   (a,9)   (c,4)       (a,7)   (b,8)
//! ```
//!
//! Once the winner has moved on, only the matches between its leaf and the root are played again:
//! one for each doubling of the number of cursors, and always the same ones, so that a processor
//! has nothing to guess but who wins, and that is not branched on.
//!
//! Beside each cursor stand eight bytes of its key as a number, which decide most matches without
//! a look at the keys. Bytes that all keys share are left out of them.
//!
//! Invariants:
//! 1. `tree[0]` is the winner of all; `tree[n]`, for n from 1 on, the loser of the match between
//!    the winners below nodes 2n and 2n + 1. Cursor i is the leaf at node (number of cursors) + i.
//! 2. A cursor that stands nowhere loses against every other one.
//! 3. Internal keys are unique in a store, so no two cursors ever stand on equal ones. If files
//!    are made so that they do, both are walked, one after the other.
//! 4. A place's `rank` is that of the key its cursor stands on.

use std::cmp::Ordering;
use std::hint::select_unpredictable;

use crate::codec;
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::{compare, user_key};

/// Which way a merge goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Merge<C> {
    cursors: Vec<C>,
    tree: Vec<Place>,
    direction: Direction,
    /// How many bytes all user keys begin with alike.
    shared: usize,
}

/// A cursor in the tree.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The first bytes of its user key after the shared ones, as a number that is less the sooner
    /// the walk gets there.
    rank: u64,
    cursor: usize,
}

/// A place that nobody has taken yet.
const FREE: Place = Place {
    rank: u64::MAX,
    cursor: usize::MAX,
};

impl<C: Cursor> Merge<C> {
    /// Merges cursors that already stand where the walk begins, or nowhere.
    pub(crate) fn new(cursors: Vec<C>, direction: Direction) -> Self {
        Self::with_shared(cursors, direction, 0)
    }

    /// The same for cursors whose user keys all begin with the same `shared` bytes.
    pub(crate) fn with_shared(cursors: Vec<C>, direction: Direction, shared: usize) -> Self {
        let mut merge = Merge {
            tree: Vec::with_capacity(cursors.len()),
            cursors,
            direction,
            shared,
        };
        merge.play_all();
        merge
    }

    /// Sends every cursor to a new place, to go on from there in that direction. After an error
    /// the merge stands nowhere.
    pub(crate) fn restart(
        &mut self,
        direction: Direction,
        mut position: impl FnMut(&mut C) -> Result<()>,
    ) -> Result<()> {
        self.direction = direction;
        self.tree.clear();
        self.cursors.iter_mut().try_for_each(&mut position)?;
        self.play_all();
        Ok(())
    }

    /// Plays every match: who comes first to a node waits there for the other.
    fn play_all(&mut self) {
        let count = self.cursors.len();
        self.tree.clear();
        self.tree.resize(count, FREE);
        for cursor in 0..count {
            let mut winner = self.place(cursor);
            let mut node = self.leaf(cursor) / 2;
            while node > 0 && self.tree[node].cursor != FREE.cursor {
                winner = self.play(node, winner);
                node /= 2;
            }
            self.tree[node] = winner;
        }
    }

    /// The entry that the walk stands on: internal key and value.
    #[inline]
    pub(crate) fn current(&self) -> Option<(&[u8], &[u8])> {
        self.cursors[self.tree.first()?.cursor].entry()
    }

    /// The cursor whose entry that is.
    #[inline]
    pub(crate) fn source(&self) -> Option<&C> {
        let cursor = &self.cursors[self.tree.first()?.cursor];
        cursor.valid().then_some(cursor)
    }

    /// Which of the cursors that is, in the order in which they were given.
    pub(crate) fn source_index(&self) -> Option<usize> {
        self.source()?;
        Some(self.tree.first()?.cursor)
    }

    /// Goes one entry on.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<()> {
        let Some(&Place { cursor, .. }) = self.tree.first() else {
            return Ok(());
        };
        match self.direction {
            Direction::Forward => self.cursors[cursor].next()?,
            Direction::Backward => self.cursors[cursor].prev()?,
        }
        let mut winner = self.place(cursor);
        let mut node = self.leaf(cursor) / 2;
        while node > 0 {
            winner = self.play(node, winner);
            node /= 2;
        }
        self.tree[0] = winner;
        Ok(())
    }

    /// The node of a cursor.
    #[inline]
    fn leaf(&self, cursor: usize) -> usize {
        self.cursors.len() + cursor
    }

    /// Where a cursor stands.
    #[inline]
    fn place(&self, cursor: usize) -> Place {
        let rank = match self.cursors[cursor].entry() {
            None => u64::MAX,
            Some((key, _)) => {
                let rest = user_key(key).get(self.shared..);
                let head = rest.map_or(0, codec::head);
                match self.direction {
                    Direction::Forward => head,
                    Direction::Backward => !head,
                }
            }
        };
        Place { rank, cursor }
    }

    /// Plays the match at a node against who lost there last; the winner.
    #[inline]
    fn play(&mut self, node: usize, comer: Place) -> Place {
        let waiting = self.tree[node];
        let stays = if waiting.rank == comer.rank {
            !self.comes_before(waiting.cursor, comer.cursor)
        } else {
            waiting.rank > comer.rank
        };
        let pick = |a: Place, b: Place| Place {
            rank: select_unpredictable(stays, a.rank, b.rank),
            cursor: select_unpredictable(stays, a.cursor, b.cursor),
        };
        self.tree[node] = pick(waiting, comer);
        pick(comer, waiting)
    }

    /// Whether a cursor comes before another one, where their ranks do not tell.
    fn comes_before(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.cursors[a], &self.cursors[b]);
        if !(a.valid() && b.valid()) {
            return a.valid();
        }
        let order = compare(a.key(), b.key());
        match self.direction {
            Direction::Forward => order == Ordering::Less,
            Direction::Backward => order == Ordering::Greater,
        }
    }
}
