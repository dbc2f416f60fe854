//! What the checker asks of the model beside the operations themselves.

use super::{Model, found};
use crate::op::{Entry, Op, Reply};

impl Model {
    /// What a reopen does to the specification's store: snapshots and iterators end, transactions
    /// are rolled back.
    pub fn reopen(&mut self) {
        self.snapshots.clear();
        self.iterators.clear();
        self.transactions.clear();
    }

    /// A store with these contents, as one that was just opened.
    pub(crate) fn holding(contents: Vec<Entry>) -> Self {
        let mut model = Model::default();
        model.spaces.entries.extend(contents);
        model
    }

    /// Whether the snapshot and the iterator that an operation uses are open, and the iterator
    /// has a place that it can be moved from.
    #[inline]
    pub(crate) fn has_names_of(&self, op: &Op) -> bool {
        let snapshot = op.snapshot_used();
        let iterator = op.iterator_used();
        let from_its_place = matches!(op, Op::Next(_) | Op::Prev(_));
        snapshot.is_none_or(|name| self.snapshots.contains_key(&name))
            && iterator.is_none_or(|name| {
                let position = self.iterators.get(&name);
                position.is_some_and(|position| position.at.is_some() || !from_its_place)
            })
            && self.has_scopes_of(op)
    }

    /// A read failed: an iterator that was to be moved has no place any more.
    pub(crate) fn failed(&mut self, op: &Op) {
        let moved = op.iterator_used().filter(|_| op.kind().is_step());
        if let Some(position) = moved.and_then(|name| self.iterators.get_mut(&name)) {
            position.at = None;
        }
    }

    /// Whether this is what a get, a scan or a length answers: as if it were carried out, without
    /// a copy of the answer. Of other operations and replies it says no.
    pub(crate) fn would_answer(&self, op: &Op, reply: &Reply) -> bool {
        match (op, reply) {
            (Op::Get { key, at }, Reply::Value(value)) => self
                .view(*at)
                .is_ok_and(|view| view.get(key) == Some(value)),
            (Op::Get { key, at }, Reply::Absent) => {
                self.view(*at).is_ok_and(|view| !view.contains_key(key))
            }
            (Op::Scan { scan, at }, Reply::Entries(entries)) => self.view(*at).is_ok_and(|view| {
                let found = found(view, scan).into_iter();
                found.eq(entries.iter().map(|(key, value)| (key, value)))
            }),
            (Op::Length { at }, Reply::Count(count)) => {
                self.view(*at).is_ok_and(|view| view.len() as u64 == *count)
            }
            _ => false,
        }
    }
}
