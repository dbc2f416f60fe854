//! The fields of what only some stores have, and of scopes, both ways.
//!
//! ```text
//!   {"op":"cas","key":"k","expected":"1","new":"2"}      an absent field is an absent value
//!   {"op":"ingest","entries":[["a","1"],["b","2"]]}
//!   {"op":"savepoint","name":"t","as":"a"}  {"op":"rollback","name":"t","to":"a"}
//!   {"op":"rename","space":"x","to":"y"}
//!   {"op":"put","key":"k","value":"v","space":"x","in":"t"}
//! ```

use super::fields::{Fields, JsonError, items, wrong};
use super::read::entry;
use super::write::{self, Object, array};
use crate::name::Name;
use crate::op::{Entry, Op, OpKind};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

pub(super) fn read_operation(fields: &mut Fields, kind: OpKind) -> Result<Op, JsonError> {
    Ok(match kind {
        OpKind::Cas => Op::Cas {
            key: fields.bytes("key")?,
            expected: fields.bytes_if_there("expected")?,
            new: fields.bytes_if_there("new")?,
            sync: false,
        },
        OpKind::Ingest => {
            let at = fields.place("entries");
            let entries = items(fields.need("entries")?, &at)?;
            let entries = entries.into_iter().map(|value| entry(value, &at));
            let run = SortedRun::new(entries.collect::<Result<Vec<Entry>, JsonError>>()?);
            Op::Ingest {
                run: run.ok_or_else(|| wrong(&at, SortedRun::EXPECTED))?,
                sync: false,
            }
        }
        OpKind::Begin => Op::Begin(fields.name("name")?),
        OpKind::Savepoint => Op::Savepoint {
            transaction: fields.name("name")?,
            name: fields.name("as")?,
        },
        OpKind::Rollback => Op::Rollback {
            transaction: fields.name("name")?,
            to: fields.name_if_there("to")?,
        },
        OpKind::Commit => Op::Commit(fields.name("name")?),
        OpKind::Create => Op::Create(fields.name("space")?),
        OpKind::Rename => Op::Rename {
            from: fields.name("space")?,
            to: fields.name("to")?,
        },
        OpKind::Drop => Op::Drop(fields.name("space")?),
        other => unreachable!("`{}` is read elsewhere", other.word()),
    })
}

/// Puts an operation where its fields say that it takes place.
pub(super) fn read_scope(fields: &mut Fields, op: Op) -> Result<Op, JsonError> {
    let scope = OpScope {
        space: fields.name_if_there("space")?,
        transaction: fields.name_if_there("in")?,
    };
    Inside::of(scope, op).ok_or_else(|| fields.wrong("op", Inside::POSSIBLE))
}

pub(super) fn write_operation(object: &mut Object, op: &Op) {
    let mut named = |field, name: &Name| object.bytes(field, name.as_str().as_bytes());
    match op {
        Op::Begin(name) | Op::Commit(name) => named("name", name),
        Op::Savepoint { transaction, name } => {
            named("name", transaction);
            named("as", name);
        }
        Op::Rollback { transaction, to } => {
            named("name", transaction);
            if let Some(to) = to {
                named("to", to);
            }
        }
        Op::Create(name) | Op::Drop(name) => named("space", name),
        Op::Rename { from, to } => {
            named("space", from);
            named("to", to);
        }
        Op::Cas {
            key, expected, new, ..
        } => {
            object.bytes("key", key);
            for (field, value) in [("expected", expected), ("new", new)] {
                if let Some(value) = value {
                    object.bytes(field, value);
                }
            }
        }
        Op::Ingest { run, .. } => object.field("entries", &array(run.entries(), write::entry)),
        _ => {}
    }
}

pub(super) fn write_scope(object: &mut Object, scope: OpScope) {
    for (field, name) in [("space", scope.space), ("in", scope.transaction)] {
        if let Some(name) = name {
            object.bytes(field, name.as_str().as_bytes());
        }
    }
}
