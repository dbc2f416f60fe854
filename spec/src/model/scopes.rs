//! The model's transactions and key spaces.
//!
//! ```text
//!   begin t             base = view = all that is there
//!   put in t            the view changes, and the key is noted as written
//!   savepoint t a       a copy of the view and of the notes
//!   commit t            every written key gets in the store what it has in the view
//! ```
//!
//! Invariants:
//! 1. What a transaction does is nowhere to be seen outside of it before its commit, and then all at
//!    once.
//! 2. A transaction sees what was there when it began, and its own changes.
//! 3. A commit is refused, and the transaction rolled back, if a key that it has written was
//!    changed by somebody else since it began.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entries, Model};
use crate::name::Name;
use crate::op::Change;
use crate::outcome::{Failure, Outcome};
use crate::scope::OpScope;

/// The contents of all key spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spaces {
    pub(super) entries: Entries,
    pub(super) named: BTreeMap<Name, Entries>,
}

impl Spaces {
    pub(super) fn get(&self, space: Option<Name>) -> Outcome<&Entries> {
        match space {
            None => Ok(&self.entries),
            Some(name) => self.named.get(&name).ok_or_else(|| no_space(name)),
        }
    }

    fn get_mut(&mut self, space: Option<Name>) -> Outcome<&mut Entries> {
        match space {
            None => Ok(&mut self.entries),
            Some(name) => self.named.get_mut(&name).ok_or_else(|| no_space(name)),
        }
    }

    fn value(&self, (space, key): &Written) -> Option<&Vec<u8>> {
        self.get(*space).ok()?.get(key)
    }

    fn set(&mut self, space: Option<Name>, key: &[u8], value: Option<&[u8]>) -> Outcome<()> {
        let entries = self.get_mut(space)?;
        match value {
            Some(value) => drop(entries.insert(key.to_vec(), value.to_vec())),
            None => drop(entries.remove(key)),
        }
        Ok(())
    }
}

fn no_space(name: Name) -> Failure {
    Failure::definite(format!("there is no key space {name}"))
}

/// A key of a space that a transaction has put or removed.
type Written = (Option<Name>, Vec<u8>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Transaction {
    base: Spaces,
    view: Spaces,
    written: BTreeSet<Written>,
    savepoints: Vec<(Name, Spaces, BTreeSet<Written>)>,
    /// Somebody else has changed something since it began.
    overtaken: bool,
}

impl Transaction {
    fn savepoint(&self, name: Name) -> Option<usize> {
        self.savepoints
            .iter()
            .position(|(taken, ..)| *taken == name)
    }
}

impl Model {
    /// The entries that an operation in the scope of now reads.
    pub(super) fn current(&self) -> Outcome<&Entries> {
        match self.scope.transaction {
            None => self.spaces.get(self.scope.space),
            Some(name) => self.transaction(name)?.view.get(self.scope.space),
        }
    }

    /// Sets or removes a key in the scope of now.
    pub(super) fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Outcome<()> {
        let OpScope { space, transaction } = self.scope;
        let Some(name) = transaction else {
            for open in self.transactions.values_mut() {
                open.overtaken = true;
            }
            return self.spaces.set(space, key, value);
        };
        let found = self.transactions.get_mut(&name);
        let open = found.ok_or_else(|| not_open(name))?;
        open.view.set(space, key, value)?;
        open.written.insert((space, key.to_vec()));
        Ok(())
    }

    /// Removes all keys of the scope of now of which this is true.
    pub(super) fn remove_all(&mut self, is_gone: impl Fn(&[u8]) -> bool) -> Outcome<()> {
        let keys = self.current()?.keys();
        let gone: Vec<Vec<u8>> = keys.filter(|key| is_gone(key)).cloned().collect();
        gone.iter().try_for_each(|key| self.set(key, None))
    }

    pub(super) fn begin_transaction(&mut self, name: Name) -> Outcome<()> {
        if self.transactions.contains_key(&name) {
            let text = format!("a transaction {name} is open");
            return Err(Failure::definite(text));
        }
        let transaction = Transaction {
            base: self.spaces.clone(),
            view: self.spaces.clone(),
            ..Transaction::default()
        };
        self.transactions.insert(name, transaction);
        Ok(())
    }

    pub(super) fn make_savepoint(&mut self, name: Name, savepoint: Name) -> Outcome<()> {
        let open = self.transaction_mut(name)?;
        if open.savepoint(savepoint).is_some() {
            let text = format!("{name} has a savepoint {savepoint}");
            return Err(Failure::definite(text));
        }
        let copy = (savepoint, open.view.clone(), open.written.clone());
        open.savepoints.push(copy);
        Ok(())
    }

    pub(super) fn roll_back(&mut self, name: Name, to: Option<Name>) -> Outcome<()> {
        let open = self.transaction_mut(name)?;
        let Some(savepoint) = to else {
            self.transactions.remove(&name);
            return Ok(());
        };
        let Some(at) = open.savepoint(savepoint) else {
            let text = format!("{name} has no savepoint {savepoint}");
            return Err(Failure::definite(text));
        };
        open.savepoints.truncate(at + 1);
        let (_, view, written) = &open.savepoints[at];
        open.view.clone_from(view);
        open.written.clone_from(written);
        Ok(())
    }

    pub(super) fn commit_transaction(&mut self, name: Name) -> Outcome<()> {
        self.transaction(name)?;
        let conflicts = self.conflicts(name);
        let open = self.transactions.remove(&name).expect("it was there");
        if conflicts {
            return Err(Failure::definite(
                "a key that it has written was changed since it began",
            ));
        }
        for written in &open.written {
            let value = open.view.value(written).map(Vec::as_slice);
            self.set_outside(written, value)?;
        }
        Ok(())
    }

    fn set_outside(&mut self, (space, key): &Written, value: Option<&[u8]>) -> Outcome<()> {
        for other in self.transactions.values_mut() {
            other.overtaken = true;
        }
        self.spaces.set(*space, key, value)
    }

    /// Whether a commit must be refused: invariant 3.
    fn conflicts(&self, name: Name) -> bool {
        let Ok(open) = self.transaction(name) else {
            return false;
        };
        let changed = |written: &&Written| open.base.value(written) != self.spaces.value(written);
        open.written.iter().find(changed).is_some()
    }

    /// Whether somebody else has changed something since a transaction began.
    pub(crate) fn is_overtaken(&self, name: Name) -> bool {
        self.transaction(name).is_ok_and(|open| open.overtaken)
    }

    /// Whether a transaction is open that has written something.
    pub(crate) fn has_writing_transaction(&self) -> bool {
        let mut open = self.transactions.values();
        open.any(|open| !open.written.is_empty())
    }

    /// A transaction has ended, without a trace.
    pub(crate) fn abandon(&mut self, name: Name) {
        self.transactions.remove(&name);
    }

    /// What a commit of this transaction would change in the default key space, key by key.
    pub(crate) fn pending(&self, name: Name) -> Vec<Change> {
        let pending = self.pending_everywhere(name).into_iter();
        let plain = pending.filter(|(space, _)| space.is_none());
        plain.map(|(_, change)| change).collect()
    }

    /// What a commit of this transaction would change, and in which key space.
    pub(crate) fn pending_everywhere(&self, name: Name) -> Vec<(Option<Name>, Change)> {
        let Ok(open) = self.transaction(name) else {
            return Vec::new();
        };
        let change = |written: &Written| {
            let (space, key) = written.clone();
            let change = match open.view.value(written).cloned() {
                Some(value) => Change::Put { key, value },
                None => Change::Delete { key },
            };
            (space, change)
        };
        open.written.iter().map(change).collect()
    }

    /// The key spaces there are, by name.
    pub fn spaces(&self) -> impl Iterator<Item = Name> + '_ {
        self.spaces.named.keys().copied()
    }

    fn transaction(&self, name: Name) -> Outcome<&Transaction> {
        let found = self.transactions.get(&name);
        found.ok_or_else(|| not_open(name))
    }

    fn transaction_mut(&mut self, name: Name) -> Outcome<&mut Transaction> {
        let found = self.transactions.get_mut(&name);
        found.ok_or_else(|| not_open(name))
    }

    pub(super) fn create_named(&mut self, space: Name) -> Outcome<()> {
        if self.spaces.named.contains_key(&space) {
            return Err(taken(space));
        }
        self.spaces.named.insert(space, Entries::default());
        Ok(())
    }

    pub(super) fn rename_named(&mut self, from: Name, to: Name) -> Outcome<()> {
        if self.spaces.named.contains_key(&to) {
            return Err(taken(to));
        }
        let entries = self.spaces.named.remove(&from);
        let entries = entries.ok_or_else(|| no_space(from))?;
        self.spaces.named.insert(to, entries);
        Ok(())
    }

    pub(super) fn drop_named(&mut self, space: Name) -> Outcome<()> {
        let gone = self.spaces.named.remove(&space);
        gone.map(drop).ok_or_else(|| no_space(space))
    }

    /// Whether the transactions and key spaces that an operation uses are there, and those that it
    /// makes are not; as [`Open`](crate::open::Open) says it.
    #[inline]
    pub(super) fn has_scopes_of(&self, op: &crate::op::Op) -> bool {
        use crate::op::Op;
        let is_space = |name: &Name| self.spaces.named.contains_key(name);
        let calm = self.transactions.is_empty();
        let open = |name: &Name| self.transactions.get(name);
        match op {
            Op::In(inside) => {
                let OpScope { space, transaction } = inside.scope();
                space.is_none_or(|name| is_space(&name))
                    && transaction.is_none_or(|name| open(&name).is_some())
            }
            Op::Begin(name) => open(name).is_none(),
            Op::Commit(name) => open(name).is_some(),
            Op::Savepoint { transaction, name } => {
                open(transaction).is_some_and(|open| open.savepoint(*name).is_none())
            }
            Op::Rollback { transaction, to } => open(transaction)
                .is_some_and(|open| to.is_none_or(|to| open.savepoint(to).is_some())),
            Op::Create(name) => calm && !is_space(name),
            Op::Rename { from, to } => calm && is_space(from) && !is_space(to),
            Op::Drop(name) => calm && is_space(name),
            _ => true,
        }
    }
}

fn not_open(name: Name) -> Failure {
    Failure::definite(format!("no transaction {name} is open"))
}

fn taken(space: Name) -> Failure {
    Failure::definite(format!("there is a key space {space}"))
}
