//! What came with version 4 as bytes, both ways: compare-and-swap, ingestion, scopes.

use super::decode::Reader;
use super::encode::Writer;
use super::opcode::Opcode;
use super::{pool, shape};
use crate::op::{Entry, Op};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

impl Reader<'_> {
    pub(super) fn cas(&mut self) -> Op {
        let key = self.key();
        let shape = self.byte();
        Op::Cas {
            key,
            expected: (shape & shape::EXPECTED != 0).then(|| self.value()),
            new: (shape & shape::NEW != 0).then(|| self.value()),
            sync: false,
        }
    }

    /// Entries up to their end, put in order; past the input there are zeros, which end them. None
    /// at all stand for one of the pool's first key, empty.
    pub(super) fn run(&mut self) -> SortedRun {
        let mut entries: Vec<Entry> = Vec::new();
        while self.byte() >= shape::ENTRY {
            entries.push((self.key(), self.value()));
        }
        SortedRun::sorted(entries).unwrap_or_else(|| {
            let only = (pool::key(0).to_vec(), Vec::new());
            SortedRun::new(vec![only]).expect("one entry is in order")
        })
    }

    /// A scope and an operation. One that cannot be there stands for a get of the pool's first key;
    /// its arguments are read only if its kind could be there.
    pub(super) fn scoped(&mut self) -> Op {
        let shape = self.byte() % 3;
        let mut scope = OpScope::PLAIN;
        if shape != shape::IN_TRANSACTION {
            scope.space = Some(self.name(&pool::SPACES));
        }
        if shape != shape::IN_SPACE {
            scope.transaction = Some(self.name(&pool::TRANSACTIONS));
        }
        let byte = self.byte();
        let op = match self.table.record(byte) {
            Opcode::Op(kind) if Inside::is_possible(kind) => Some(self.op(kind)),
            Opcode::More(kind) if Inside::is_possible(kind) => Some(self.op_with_more(kind)),
            _ => None,
        };
        op.and_then(|op| Inside::of(scope, op))
            .or_else(|| Inside::of(scope, Op::get(pool::key(0))))
            .expect("a get can be in any scope")
    }
}

impl Writer<'_> {
    fn cas(&mut self, key: &[u8], expected: Option<&[u8]>, new: Option<&[u8]>) {
        self.key(key);
        let is_expected = if expected.is_some() {
            shape::EXPECTED
        } else {
            0
        };
        let is_new = if new.is_some() { shape::NEW } else { 0 };
        self.out.push(is_expected + is_new);
        for value in expected.into_iter().chain(new) {
            self.value(value);
        }
    }

    /// The arguments of what only some stores have; there are none of anything else.
    pub(super) fn of_scopes(&mut self, op: &Op) {
        match op {
            Op::Cas {
                key, expected, new, ..
            } => self.cas(key, expected.as_deref(), new.as_deref()),
            Op::Ingest { run, .. } => self.run(run),
            Op::Begin(name) | Op::Commit(name) => self.name(&pool::TRANSACTIONS, *name),
            Op::Savepoint { transaction, name } => {
                self.name(&pool::TRANSACTIONS, *transaction);
                self.name(&pool::SAVEPOINTS, *name);
            }
            Op::Rollback { transaction, to } => {
                self.name(&pool::TRANSACTIONS, *transaction);
                if let Some(to) = to {
                    self.name(&pool::SAVEPOINTS, *to);
                }
            }
            Op::Create(name) | Op::Drop(name) => self.name(&pool::SPACES, *name),
            Op::Rename { from, to } => {
                self.name(&pool::SPACES, *from);
                self.name(&pool::SPACES, *to);
            }
            _ => {}
        }
    }

    fn run(&mut self, run: &SortedRun) {
        for (key, value) in run.entries() {
            self.out.push(shape::ENTRY);
            self.key(key);
            self.value(value);
        }
        self.out.push(0);
    }

    /// All of the scope but its opcode, and the operation in it.
    pub(super) fn scoped(&mut self, inside: &Inside) {
        let OpScope { space, transaction } = inside.scope();
        self.out.push(match (space, transaction) {
            (Some(_), Some(_)) => shape::IN_BOTH,
            (Some(_), None) => shape::IN_SPACE,
            (None, _) => shape::IN_TRANSACTION,
        });
        if let Some(name) = space {
            self.name(&pool::SPACES, name);
        }
        if let Some(name) = transaction {
            self.name(&pool::TRANSACTIONS, name);
        }
        self.op(inside.op());
    }
}
