//! The merge: many sorted cursors walked as one.
//!
//! ```text
//!   cursors      (a,9) (c,4)     (a,7) (b,8)     (c,2)
//!                   \               |             /
//!   heap by key      (a,9) (a,7) (b,8) (c,4) (c,2)      forwards
//! ```
//!
//! Beside each cursor the heap holds eight bytes of its key as a number, which decide most
//! comparisons without a look at the keys. Bytes that all keys share are left out of them.
//!
//! Invariants:
//! 1. The heap holds exactly the cursors that stand on an entry; its root stands on the entry
//!    that comes next in the direction of the walk.
//! 2. Internal keys are unique in a store, so no two cursors ever stand on equal ones. If files
//!    are made so that they do, both are walked, one after the other.
//! 3. A place's `head` is that of the key its cursor stands on.

use std::cmp::Ordering;

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
    /// A binary heap, the next one at the root.
    heap: Vec<Place>,
    direction: Direction,
    /// How many bytes all user keys begin with alike.
    shared: usize,
}

/// A cursor in the heap.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The first bytes of its user key after the shared ones, as a number that orders like them.
    head: u64,
    cursor: usize,
}

impl<C: Cursor> Merge<C> {
    /// Merges cursors that already stand where the walk begins, or nowhere.
    pub(crate) fn new(cursors: Vec<C>, direction: Direction) -> Self {
        Self::with_shared(cursors, direction, 0)
    }

    /// The same for cursors whose user keys all begin with the same `shared` bytes.
    pub(crate) fn with_shared(cursors: Vec<C>, direction: Direction, shared: usize) -> Self {
        let mut merge = Merge {
            heap: Vec::with_capacity(cursors.len()),
            cursors,
            direction,
            shared,
        };
        merge.heapify();
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
        self.heap.clear();
        self.cursors.iter_mut().try_for_each(&mut position)?;
        self.heapify();
        Ok(())
    }

    /// Makes the heap of the cursors that stand on an entry.
    fn heapify(&mut self) {
        self.heap.clear();
        for (cursor, at) in self.cursors.iter().zip(0..) {
            if cursor.valid() {
                let head = head(cursor.key(), self.shared);
                self.heap.push(Place { head, cursor: at });
            }
        }
        for at in (0..self.heap.len() / 2).rev() {
            self.sift_down(at);
        }
    }

    /// The entry that the walk stands on: internal key and value.
    #[inline]
    pub(crate) fn current(&self) -> Option<(&[u8], &[u8])> {
        let cursor = self.source()?;
        Some((cursor.key(), cursor.value()))
    }

    /// The cursor whose entry that is.
    #[inline]
    pub(crate) fn source(&self) -> Option<&C> {
        Some(&self.cursors[self.heap.first()?.cursor])
    }

    /// Which of the cursors that is, in the order in which they were given.
    pub(crate) fn source_index(&self) -> Option<usize> {
        Some(self.heap.first()?.cursor)
    }

    /// Goes one entry on.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<()> {
        let Some(root) = self.heap.first_mut() else {
            return Ok(());
        };
        let cursor = &mut self.cursors[root.cursor];
        match self.direction {
            Direction::Forward => cursor.next()?,
            Direction::Backward => cursor.prev()?,
        }
        if cursor.valid() {
            root.head = head(cursor.key(), self.shared);
        } else {
            self.heap.swap_remove(0);
        }
        if self.heap.len() > 1 {
            self.sift_down(0);
        }
        Ok(())
    }

    #[inline]
    fn comes_before(&self, a: Place, b: Place) -> bool {
        let whole = || compare(self.cursors[a.cursor].key(), self.cursors[b.cursor].key());
        let order = match a.head.cmp(&b.head) {
            Ordering::Equal => whole(),
            order => order,
        };
        match self.direction {
            Direction::Forward => order.is_lt(),
            Direction::Backward => order.is_gt(),
        }
    }

    /// Restores the heap below a place whose cursor may have moved on.
    #[inline]
    fn sift_down(&mut self, mut at: usize) {
        let Some(&moved) = self.heap.get(at) else {
            return;
        };
        loop {
            let mut next = 2 * at + 1;
            let Some(&(mut child)) = self.heap.get(next) else {
                break;
            };
            if let Some(&right) = self.heap.get(next + 1)
                && self.comes_before(right, child)
            {
                (next, child) = (next + 1, right);
            }
            if !self.comes_before(child, moved) {
                break;
            }
            self.heap[at] = child;
            at = next;
        }
        self.heap[at] = moved;
    }
}

/// Eight bytes of a key's user key after the shared ones.
#[inline]
fn head(internal_key: &[u8], shared: usize) -> u64 {
    codec::head(user_key(internal_key).get(shared..).unwrap_or_default())
}
