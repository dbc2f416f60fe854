//! What an operation on transactions and key spaces was an occurrence of, and what a commit changes.

use super::key::Key;
use super::tracker::Tracker;
use super::{Situation, Situations};
use crate::name::Name;
use crate::op::{Op, OpKind, Reply};
use crate::scope::{Inside, OpScope};

/// The open transactions, and what became of key spaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    open: Vec<Log>,
    /// Keys that a transaction had written when it was rolled back, unwritten since.
    rolled_back: Vec<Vec<u8>>,
    renamed: Vec<Name>,
    dropped: Vec<Name>,
}

/// What a transaction has done up to now.
#[derive(Clone, Debug)]
struct Log {
    name: Name,
    /// Its changes, with the key space of each.
    changes: Vec<(Option<Name>, Op)>,
    /// With the number of changes before each.
    savepoints: Vec<(Name, usize)>,
    partly_undone: bool,
}

impl Log {
    /// Whether it has put or removed a key of a space, alone.
    fn has(&self, space: Option<Name>, key: &[u8]) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|(other, op)| *other == space && written(op) == Some(key))
    }
}

/// The key that a change puts or removes alone.
fn written(op: &Op) -> Option<&[u8]> {
    match op {
        Op::Put { key, .. } | Op::Delete { key, .. } | Op::Cas { key, .. } => Some(key),
        _ => None,
    }
}

impl Scopes {
    /// The store was opened again.
    pub(super) fn end_transactions(&mut self) {
        self.open.clear();
    }

    fn take(&mut self, name: Name) -> Option<Log> {
        let at = self.open.iter().position(|log| log.name == name)?;
        Some(self.open.swap_remove(at))
    }

    fn log_mut(&mut self, name: Name) -> Option<&mut Log> {
        self.open.iter_mut().find(|log| log.name == name)
    }
}

impl Tracker {
    /// Counts what a get outside of scopes was, beside transactions.
    #[inline]
    pub(super) fn get_beside(&self, key: &[u8], met: &mut Situations) {
        let Scopes {
            open, rolled_back, ..
        } = &self.scopes;
        if !open.is_empty() {
            let unseen = open.iter().any(|log| log.has(None, key));
            met.count_times(Situation::TransactionUnseen, u64::from(unseen));
        }
        if !rolled_back.is_empty() {
            let undone = rolled_back.iter().any(|other| other == key);
            met.count_times(Situation::ReadAfterRollback, u64::from(undone));
        }
    }

    /// A key was written outside of transactions.
    #[inline]
    pub(super) fn written_since(&mut self, key: &[u8]) {
        self.scopes.rolled_back.retain(|other| other != key);
    }

    pub(super) fn scope(&mut self, op: &Op, reply: &Reply, met: &mut Situations) {
        match op {
            Op::In(inside) => self.inside(inside, reply, met),
            Op::Begin(name) => self.scopes.open.push(Log {
                name: *name,
                changes: Vec::new(),
                savepoints: Vec::new(),
                partly_undone: false,
            }),
            Op::Savepoint { transaction, name } => {
                if let Some(log) = self.scopes.log_mut(*transaction) {
                    log.savepoints.push((*name, log.changes.len()));
                }
            }
            Op::Rollback { transaction, to } => self.rollback(*transaction, *to),
            Op::Commit(name) => self.commit(*name, met),
            Op::Create(name) => {
                let again = self.scopes.dropped.contains(name);
                met.count_times(Situation::CreateAfterDrop, u64::from(again));
            }
            Op::Rename { from, to } => {
                self.scopes.renamed.retain(|other| other != from);
                self.scopes.renamed.push(*to);
            }
            Op::Drop(name) => {
                self.scopes.renamed.retain(|other| other != name);
                self.scopes.dropped.push(*name);
            }
            _ => {}
        }
    }

    fn inside(&mut self, inside: &Inside, reply: &Reply, met: &mut Situations) {
        let (OpScope { space, transaction }, op) = (inside.scope(), inside.op());
        count_swap(op, reply, met);
        let changes = op.kind().is_change() && *reply != Reply::Swapped(false);
        let log = transaction.and_then(|name| self.scopes.log_mut(name));
        if let Op::Get { key, .. } = op {
            let own = log.is_some_and(|log| log.has(space, key));
            met.count_times(Situation::TransactionReadsOwn, u64::from(own));
            let apart = space.is_some() && self.keys.get(key).is_some_and(Key::is_live);
            met.count_times(Situation::SpacesApart, u64::from(apart));
            let renamed = space.is_some_and(|name| self.scopes.renamed.contains(&name));
            let found = renamed && matches!(reply, Reply::Value(_));
            met.count_times(Situation::ReadAfterRename, u64::from(found));
        } else if let Some(log) = log.filter(|_| changes) {
            log.changes.push((space, op.clone()));
        }
    }

    fn rollback(&mut self, transaction: Name, to: Option<Name>) {
        let Some(savepoint) = to else {
            let Some(log) = self.scopes.take(transaction) else {
                return;
            };
            let mine = log.changes.iter().filter(|(space, _)| space.is_none());
            let keys = mine.filter_map(|(_, op)| written(op)).map(<[u8]>::to_vec);
            self.scopes.rolled_back.extend(keys);
            return;
        };
        let Some(log) = self.scopes.log_mut(transaction) else {
            return;
        };
        let mut savepoints = log.savepoints.iter();
        if let Some(at) = savepoints.position(|(name, _)| *name == savepoint) {
            log.changes.truncate(log.savepoints[at].1);
            log.savepoints.truncate(at + 1);
            log.partly_undone = true;
        }
    }

    /// Its changes happen now, one after the other.
    fn commit(&mut self, name: Name, met: &mut Situations) {
        let Some(log) = self.scopes.take(name) else {
            return;
        };
        let partly = Situation::CommitAfterPartialRollback;
        met.count_times(partly, u64::from(log.partly_undone));
        for (space, op) in &log.changes {
            if space.is_none() {
                let reply = match op.kind() {
                    OpKind::Cas => Reply::Swapped(true),
                    _ => Reply::Done,
                };
                self.change_of(op, &reply, &mut Situations::default());
            }
        }
    }

    /// A commit was refused, which has ended its transaction.
    pub(super) fn refused(&mut self, op: &Op, met: &mut Situations) {
        if let Op::Commit(name) = op {
            met.count(Situation::CommitRefused);
            self.scopes.take(*name);
        }
    }
}

/// Counts what a compare-and-swap came to.
pub(super) fn count_swap(op: &Op, reply: &Reply, met: &mut Situations) {
    if let (Op::Cas { expected, .. }, Reply::Swapped(held)) = (op, reply) {
        let matched = *held && expected.is_some();
        met.count_times(Situation::SwapMatched, u64::from(matched));
        met.count_times(Situation::SwapMissed, u64::from(!held));
    }
}
