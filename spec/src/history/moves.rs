//! What the moves of an iterator say about the store of the moment when it was made.
//!
//! Every reply says where the iterator then is, so the next move starts from a known place:
//!
//! ```text
//!   seek i "b" -> "c"="1"      requires b=absent c=1
//!   next i -> "e"="2"          requires d=absent e=2
//!   next i -> end              requires nothing after e
//! ```

use super::facts::{Pair, Terms};
use crate::op::{Op, Reply};

/// Where an iterator is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Before the first entry.
    Before,
    /// On the entry of this key.
    At(Vec<u8>),
    /// After the last entry.
    After,
}

/// Where a move goes.
enum Goal<'a> {
    /// To the first entry that is not below this key.
    From(&'a [u8]),
    /// To the first entry above the iterator's.
    Above(&'a [u8]),
    /// To the last entry below the iterator's.
    Below(&'a [u8]),
    First,
    Last,
    /// Nowhere: it is at that end already.
    Stay,
}

fn goal<'a>(position: &'a Position, op: &'a Op) -> Option<Goal<'a>> {
    Some(match (op, position) {
        (Op::Seek { key, .. }, _) => Goal::From(key),
        (Op::SeekFirst(_), _) | (Op::Next(_), Position::Before) => Goal::First,
        (Op::SeekLast(_), _) | (Op::Prev(_), Position::After) => Goal::Last,
        (Op::Next(_), Position::At(key)) => Goal::Above(key),
        (Op::Prev(_), Position::At(key)) => Goal::Below(key),
        (Op::Next(_), Position::After) | (Op::Prev(_), Position::Before) => Goal::Stay,
        _ => return None,
    })
}

impl Terms<'_> {
    /// What the reply to a move requires, none if no move can be answered so; and where the
    /// iterator then is.
    pub(super) fn moved(
        &self,
        position: &mut Position,
        op: &Op,
        reply: &Reply,
    ) -> Option<Vec<Pair>> {
        let goal = goal(position, op)?;
        let is_backward = matches!(goal, Goal::Last | Goal::Below(_));
        let is_ahead = |key: &[u8]| match goal {
            Goal::From(from) => key >= from,
            Goal::Above(from) => key > from,
            Goal::Below(from) => key < from,
            Goal::First | Goal::Last => true,
            Goal::Stay => false,
        };
        match reply {
            Reply::End => {
                let pairs = self.exactly(&[], is_ahead);
                *position = match goal {
                    Goal::Stay => return Some(pairs),
                    _ if is_backward => Position::Before,
                    _ => Position::After,
                };
                Some(pairs)
            }
            Reply::Entries(entries) if entries.len() == 1 && is_ahead(&entries[0].0) => {
                let found = entries[0].0.clone();
                let is_passed = |key: &[u8]| {
                    let is_nearer = if is_backward {
                        key >= &found[..]
                    } else {
                        key <= &found[..]
                    };
                    is_ahead(key) && is_nearer
                };
                let pairs = self.exactly(entries, is_passed);
                *position = Position::At(found);
                Some(pairs)
            }
            _ => None,
        }
    }
}
