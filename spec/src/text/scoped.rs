//! Lines of what only some stores have: compare-and-swap, ingestion, transactions, key spaces; and
//! the scope around an operation.
//!
//! ```text
//!   users: put "k" "v" in t
//!   ^ space            ^ transaction
//! ```

use super::cursor::Cursor;
use super::error::ParseError;
use super::line::name;
use crate::name::Name;
use crate::op::{Entry, Op, OpKind};
use crate::scope::Inside;
use crate::sorted_run::SortedRun;

/// The key space in front of an operation.
pub(super) fn space(cursor: &mut Cursor<'_>) -> Result<Option<Name>, ParseError> {
    let mut error = cursor.expected("an operation, or the name of a key space");
    let Some(word) = cursor.take_label() else {
        return Ok(None);
    };
    if let Some(name) = Name::new(word) {
        return Ok(Some(name));
    }
    error.found = format!("`{word}:`");
    Err(error)
}

/// The transaction behind an operation that can be in one.
pub(super) fn transaction(cursor: &mut Cursor<'_>, op: &Op) -> Result<Option<Name>, ParseError> {
    if Inside::is_possible(op.kind()) && cursor.take_word("in") {
        return name(cursor).map(Some);
    }
    Ok(None)
}

/// What stands behind the word of such an operation.
pub(super) fn operation(cursor: &mut Cursor<'_>, kind: OpKind) -> Result<Op, ParseError> {
    Ok(match kind {
        OpKind::Cas => Op::Cas {
            key: cursor.bytes()?,
            expected: bytes_or_none(cursor)?,
            new: bytes_or_none(cursor)?,
            sync: false,
        },
        OpKind::Ingest => Op::Ingest {
            run: run(cursor)?,
            sync: false,
        },
        OpKind::Begin => Op::Begin(name(cursor)?),
        OpKind::Savepoint => Op::Savepoint {
            transaction: name(cursor)?,
            name: name(cursor)?,
        },
        OpKind::Rollback => Op::Rollback {
            transaction: name(cursor)?,
            to: if cursor.take_word("to") {
                Some(name(cursor)?)
            } else {
                None
            },
        },
        OpKind::Commit => Op::Commit(name(cursor)?),
        OpKind::Create => Op::Create(name(cursor)?),
        OpKind::Rename => Op::Rename {
            from: name(cursor)?,
            to: name(cursor)?,
        },
        OpKind::Drop => Op::Drop(name(cursor)?),
        other => unreachable!("`{}` is read elsewhere", other.word()),
    })
}

fn bytes_or_none(cursor: &mut Cursor<'_>) -> Result<Option<Vec<u8>>, ParseError> {
    if cursor.take_word("none") {
        Ok(None)
    } else if cursor.sees("\"") {
        cursor.bytes().map(Some)
    } else {
        Err(cursor.expected("a quoted string or `none`"))
    }
}

/// Entries, each a key and a value, whose keys ascend.
fn run(cursor: &mut Cursor<'_>) -> Result<SortedRun, ParseError> {
    let out_of_order = cursor.expected(SortedRun::EXPECTED);
    let mut entries: Vec<Entry> = vec![(cursor.bytes()?, cursor.bytes()?)];
    while cursor.take(",") {
        entries.push((cursor.bytes()?, cursor.bytes()?));
    }
    SortedRun::new(entries).ok_or(out_of_order)
}
