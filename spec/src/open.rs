//! Which snapshots and iterators are open at a place of a case.

use crate::name::Name;
use crate::op::Op;

/// The open names. A case has few, so they are searched one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    pub(crate) snapshots: Vec<Name>,
    pub(crate) iterators: Vec<Name>,
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
        has(&self.snapshots, op.snapshot_used()) && has(&self.iterators, op.iterator_used())
    }

    /// Notes what an operation opens and closes.
    #[inline]
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Snapshot(name) => add(&mut self.snapshots, *name),
            Op::Iterator { name, .. } => add(&mut self.iterators, *name),
            Op::Release(name) => self.snapshots.retain(|open| open != name),
            Op::Close(name) => self.iterators.retain(|open| open != name),
            Op::Reopen | Op::Kill { .. } | Op::Crash(_) => self.clear(),
            Op::Fail(fault) => self.apply(fault.within.op()),
            _ => {}
        }
    }

    pub(crate) fn clear(&mut self) {
        self.snapshots.clear();
        self.iterators.clear();
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
