//! Which snapshots, iterators and transactions are open at a place of a case, and which key spaces
//! there are.

use crate::name::Name;
use crate::op::Op;

/// The open names. A case has few, so they are searched one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    pub(crate) snapshots: Vec<Name>,
    pub(crate) iterators: Vec<Name>,
    pub(crate) transactions: Vec<OpenTransaction>,
    pub(crate) spaces: Vec<Name>,
}

/// A transaction that goes on.
#[derive(Clone, Debug)]
pub(crate) struct OpenTransaction {
    pub(crate) name: Name,
    /// In the order in which they were made.
    pub(crate) savepoints: Vec<Name>,
    /// Whether it has changed anything.
    pub(crate) writes: bool,
}

impl Open {
    /// Whether the names that an operation uses are open.
    #[inline]
    pub(crate) fn has_names_of(&self, op: &Op) -> bool {
        if let Some(within) = op.within() {
            return self.has_names_of(within);
        }
        let has =
            |names: &[Name], name: Option<Name>| name.is_none_or(|name| names.contains(&name));
        has(&self.snapshots, op.snapshot_used())
            && has(&self.iterators, op.iterator_used())
            && self.has_scopes_of(op)
    }

    /// Whether a transaction or key space that an operation uses is there, and one that it makes is
    /// not. Key spaces stay as they are while a transaction is open.
    #[inline]
    fn has_scopes_of(&self, op: &Op) -> bool {
        let space = |name: &Name| self.spaces.contains(name);
        let calm = self.transactions.is_empty();
        match op {
            Op::In(inside) => {
                let scope = inside.scope();
                let goes_on = |name| self.transaction(name).is_some();
                scope.transaction.is_none_or(goes_on) && scope.space.is_none_or(|name| space(&name))
            }
            Op::Begin(name) => self.transaction(*name).is_none(),
            Op::Commit(name) => self.transaction(*name).is_some(),
            Op::Savepoint { transaction, name } => self
                .transaction(*transaction)
                .is_some_and(|open| !open.savepoints.contains(name)),
            Op::Rollback { transaction, to } => self
                .transaction(*transaction)
                .is_some_and(|open| to.is_none_or(|to| open.savepoints.contains(&to))),
            Op::Create(name) => calm && !space(name),
            Op::Rename { from, to } => calm && space(from) && !space(to),
            Op::Drop(name) => calm && space(name),
            _ => true,
        }
    }

    /// The transaction of this name, if it is open.
    pub(crate) fn transaction(&self, name: Name) -> Option<&OpenTransaction> {
        self.transactions.iter().find(|open| open.name == name)
    }

    /// Notes what an operation opens and closes.
    #[inline]
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Snapshot(name) => add(&mut self.snapshots, *name),
            Op::Iterator { name, .. } => add(&mut self.iterators, *name),
            Op::Release(name) => self.snapshots.retain(|open| open != name),
            Op::Close(name) => self.iterators.retain(|open| open != name),
            Op::Reopen => self.end_views(),
            Op::Kill { .. } | Op::Crash(_) => self.clear(),
            Op::Fail(fault) => self.apply(fault.within.op()),
            Op::Create(name) => self.spaces.push(*name),
            Op::Drop(name) => self.spaces.retain(|there| there != name),
            Op::Rename { from, to } => {
                let renamed = self.spaces.iter_mut().filter(|there| *there == from);
                renamed.for_each(|there| *there = *to);
            }
            _ => self.apply_to_transaction(op),
        }
    }

    #[inline]
    fn apply_to_transaction(&mut self, op: &Op) {
        let name = match op {
            Op::Begin(name) => {
                return self.transactions.push(OpenTransaction {
                    name: *name,
                    savepoints: Vec::new(),
                    writes: false,
                });
            }
            Op::Commit(name)
            | Op::Rollback {
                transaction: name,
                to: None,
            } => return self.transactions.retain(|open| open.name != *name),
            Op::In(inside) => inside.scope().transaction,
            Op::Savepoint { transaction, .. } | Op::Rollback { transaction, .. } => {
                Some(*transaction)
            }
            _ => return,
        };
        let mut all = self.transactions.iter_mut();
        let Some(open) = all.find(|open| Some(open.name) == name) else {
            return;
        };
        match op {
            Op::Savepoint { name, .. } => open.savepoints.push(*name),
            Op::Rollback { to: Some(to), .. } => {
                let kept = open.savepoints.iter().position(|name| name == to);
                open.savepoints.truncate(kept.map_or(0, |at| at + 1));
            }
            _ => open.writes |= op.kind().is_change(),
        }
    }

    /// The store was opened again: key spaces are all that is left.
    pub(crate) fn end_views(&mut self) {
        self.snapshots.clear();
        self.iterators.clear();
        self.transactions.clear();
    }

    /// A new store.
    pub(crate) fn clear(&mut self) {
        self.end_views();
        self.spaces.clear();
    }
}

/// Takes out operations on names that are not open. They do nothing, see `check`.
pub(crate) fn drop_orphans(ops: &mut Vec<Op>) {
    let mut open = Open::default();
    ops.retain(|op| {
        let stays = open.has_names_of(op);
        if stays {
            open.apply(op);
        }
        stays
    });
}

/// A name that is taken again stands for the new one.
fn add(names: &mut Vec<Name>, name: Name) {
    if !names.contains(&name) {
        names.push(name);
    }
}
