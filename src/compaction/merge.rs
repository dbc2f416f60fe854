//! The merge: many sorted cursors walked as one.
//!
//! ```text
//!   cursors      (a,9) (c,4)     (a,7) (b,8)     (c,2)
//!                   \               |             /
//!   heap by key      (a,9) (a,7) (b,8) (c,4) (c,2)      forwards
//! ```
//!
//! Invariants:
//! 1. The heap holds exactly the cursors that stand on an entry; its root stands on the entry
//!    that comes next in the direction of the walk.
//! 2. Internal keys are unique in a store, so no two cursors ever stand on equal ones. If files
//!    are made so that they do, both are walked, one after the other.

use std::cmp::Ordering;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::compare;

/// Which way a merge goes. It never turns round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// See the module.
pub(crate) struct Merge<'a> {
    cursors: Vec<Box<dyn Cursor + 'a>>,
    /// Places in `cursors`: a binary heap, the next one at the root.
    heap: Vec<usize>,
    direction: Direction,
}

impl<'a> Merge<'a> {
    /// Merges cursors that already stand where the walk begins, or nowhere.
    pub(crate) fn new(cursors: Vec<Box<dyn Cursor + 'a>>, direction: Direction) -> Self {
        let heap = (0..cursors.len())
            .filter(|at| cursors[*at].valid())
            .collect();
        let mut merge = Merge {
            cursors,
            heap,
            direction,
        };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift_down(at);
        }
        merge
    }

    /// The entry that the walk stands on: internal key and value.
    pub(crate) fn current(&self) -> Option<(&[u8], &[u8])> {
        let cursor = &self.cursors[*self.heap.first()?];
        Some((cursor.key(), cursor.value()))
    }

    /// Which of the cursors that is, in the order in which they were given.
    pub(crate) fn source(&self) -> Option<usize> {
        self.heap.first().copied()
    }

    /// Goes one entry on.
    pub(crate) fn advance(&mut self) -> Result<()> {
        let Some(&root) = self.heap.first() else {
            return Ok(());
        };
        let cursor = &mut self.cursors[root];
        match self.direction {
            Direction::Forward => cursor.next()?,
            Direction::Backward => cursor.prev()?,
        }
        if !cursor.valid() {
            self.heap.swap_remove(0);
        }
        self.sift_down(0);
        Ok(())
    }

    fn comes_before(&self, a: usize, b: usize) -> bool {
        let wanted = match self.direction {
            Direction::Forward => Ordering::Less,
            Direction::Backward => Ordering::Greater,
        };
        compare(self.cursors[a].key(), self.cursors[b].key()) == wanted
    }

    /// Restores the heap below a place whose cursor may have moved on.
    fn sift_down(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let mut next = at;
            for child in [left, right] {
                if child < self.heap.len() && self.comes_before(self.heap[child], self.heap[next]) {
                    next = child;
                }
            }
            if next == at {
                return;
            }
            self.heap.swap(at, next);
            at = next;
        }
    }
}
