//! One line that is an operation: the operation, its arguments, and the replies expected of it.

use std::ops::Bound;

use super::cursor::Cursor;
use super::error::{ParseError, Problem};
use super::suggest::nearest;
use super::{breakage, scoped, words};
use crate::name::Name;
use crate::op::{Change, Entry, Op, OpKind, Reply};
use crate::range::{Range, Scan};
use crate::scope::{Inside, OpScope};

/// An operation, then `[ "->" reply { "or" reply } ]`; the column of the first reply, or that of
/// the operation where there is none.
pub(super) fn line(cursor: &mut Cursor<'_>) -> Result<(Op, Vec<Reply>, usize), ParseError> {
    let mut column = cursor.column();
    let op = operation(cursor)?;
    let mut replies = Vec::new();
    if cursor.take("->") {
        column = cursor.column();
        replies.push(reply(cursor)?);
        while cursor.take_word("or") {
            replies.push(reply(cursor)?);
        }
        if !cursor.at_end() {
            return Err(unexpected_word(
                cursor,
                "`or` or the end of the line",
                &["or"],
            ));
        }
    } else if !cursor.at_end() {
        return Err(after_operation(cursor, op.kind()));
    }
    Ok((op, replies, column))
}

/// An operation and nothing else.
pub(super) fn single(cursor: &mut Cursor<'_>) -> Result<Op, ParseError> {
    let op = operation(cursor)?;
    if cursor.sees("->") {
        return Err(cursor.expected("the end of the line"));
    }
    if cursor.at_end() {
        Ok(op)
    } else {
        Err(after_operation(cursor, op.kind()))
    }
}

/// An operation, with its scope, up to its last argument.
pub(super) fn operation(cursor: &mut Cursor<'_>) -> Result<Op, ParseError> {
    let space = scoped::space(cursor)?;
    let mut misplaced = cursor.expected(Inside::POSSIBLE);
    let mut op = bare_operation(cursor)?;
    qualify(cursor, &mut op, |cursor| cursor.take_word("at"))?;
    let transaction = scoped::transaction(cursor, &op)?;
    if transaction.is_some() {
        misplaced.expected = format!("in a transaction: {}", misplaced.expected);
    }
    Inside::of(OpScope { space, transaction }, op).ok_or(misplaced)
}

/// An operation behind which a place stands: `at` and a number are that place.
pub(super) fn operation_in_place(cursor: &mut Cursor<'_>) -> Result<Op, ParseError> {
    let mut op = bare_operation(cursor)?;
    qualify(cursor, &mut op, |cursor| {
        cursor.take_word_before_no_number("at")
    })?;
    Ok(op)
}

fn bare_operation(cursor: &mut Cursor<'_>) -> Result<Op, ParseError> {
    let kind = operation_word(cursor)?;
    Ok(match kind {
        OpKind::Get => Op::get(cursor.bytes()?),
        OpKind::Put => Op::put(cursor.bytes()?, cursor.bytes()?),
        OpKind::Delete => Op::delete(cursor.bytes()?),
        OpKind::Flush => Op::Flush,
        OpKind::Sync => Op::Sync,
        OpKind::Scan => Op::scan(scan(cursor)?),
        OpKind::Length => Op::LENGTH,
        OpKind::Write => Op::write(changes(cursor)?),
        OpKind::Clear => Op::CLEAR,
        OpKind::DeleteRange => Op::delete_range(range(cursor)?),
        OpKind::Fill => Op::Fill(cursor.fill()?),
        OpKind::Snapshot => Op::Snapshot(name(cursor)?),
        OpKind::Release => Op::Release(name(cursor)?),
        OpKind::Iterator => Op::Iterator {
            name: name(cursor)?,
            at: None,
        },
        OpKind::Seek => Op::Seek {
            name: name(cursor)?,
            key: cursor.bytes()?,
        },
        OpKind::SeekFirst => Op::SeekFirst(name(cursor)?),
        OpKind::SeekLast => Op::SeekLast(name(cursor)?),
        OpKind::Next => Op::Next(name(cursor)?),
        OpKind::Prev => Op::Prev(name(cursor)?),
        OpKind::Close => Op::Close(name(cursor)?),
        OpKind::Compact => Op::Compact,
        OpKind::Reopen => Op::Reopen,
        OpKind::Kill => Op::Kill {
            then: breakage::thens(cursor)?,
        },
        OpKind::Crash => Op::Crash(Box::new(breakage::crash(cursor)?)),
        OpKind::Fail => Op::Fail(Box::new(breakage::fault(cursor)?)),
        OpKind::First => Op::First { at: None },
        OpKind::Last => Op::Last { at: None },
        OpKind::Cas
        | OpKind::Ingest
        | OpKind::Begin
        | OpKind::Savepoint
        | OpKind::Rollback
        | OpKind::Commit
        | OpKind::Create
        | OpKind::Rename
        | OpKind::Drop => scoped::operation(cursor, kind)?,
    })
}

/// What may stand behind the arguments: `sync` after a change, `at` and a snapshot after a read.
fn qualify(
    cursor: &mut Cursor<'_>,
    op: &mut Op,
    take_at: impl FnOnce(&mut Cursor<'_>) -> bool,
) -> Result<(), ParseError> {
    if let Some(sync) = op.sync_flag_mut() {
        *sync = cursor.take_word("sync");
    }
    if let Some(at) = op.snapshot_read_mut() {
        if take_at(cursor) {
            *at = Some(name(cursor)?);
        }
    }
    Ok(())
}

/// The name of a snapshot, an iterator, a transaction, a savepoint or a key space.
pub(super) fn name(cursor: &mut Cursor<'_>) -> Result<Name, ParseError> {
    let word = cursor.peek_word().unwrap_or_default();
    let Some(name) = Name::new(word) else {
        let longest = Name::LONGEST;
        return Err(cursor.expected(&format!(
            "a name: a letter, then letters, digits or `_`, at most {longest} in all"
        )));
    };
    cursor.advance(word.len());
    Ok(name)
}

/// The first word of the line.
fn operation_word(cursor: &mut Cursor<'_>) -> Result<OpKind, ParseError> {
    const EXPECTED: &str = "an operation";
    let mut error = cursor.expected(EXPECTED);
    if cursor.sees("[") {
        // A concurrent history: `[2] put "a" "1"` is what client 2 did.
        error.problem = Problem::Reserved;
        return Err(error);
    }
    let Some(word) = cursor.peek_word() else {
        return Err(error);
    };
    cursor.advance(word.len());
    words::operation(word).ok_or_else(|| {
        if words::is_later_operation(word) {
            error.problem = Problem::Reserved;
        } else {
            let kinds: Vec<&str> = OpKind::ALL.iter().map(|kind| kind.word()).collect();
            error.problem = Problem::Unknown("operation");
            error.expected = format!("one of {}", kinds.join(" "));
            error.nearest = words::nearest_operation(word).map(str::to_string);
        }
        error
    })
}

/// The error for whatever stands after a whole operation.
pub(super) fn after_operation(cursor: &mut Cursor<'_>, kind: OpKind) -> ParseError {
    let (expected, known): (&str, &[&str]) = match kind {
        OpKind::Iterator => ("`at`, `->` or the end of the line", &["at"]),
        OpKind::Get | OpKind::Length | OpKind::First | OpKind::Last => {
            ("`at`, `in`, `->` or the end of the line", &["at", "in"])
        }
        OpKind::Scan => (
            "`reverse`, `limit`, `at`, `in`, `->` or the end of the line",
            &["reverse", "limit", "at", "in"],
        ),
        OpKind::Write => (
            "`,`, `sync`, `in`, `->` or the end of the line",
            &["sync", "in"],
        ),
        OpKind::Ingest => ("`,`, `sync`, `->` or the end of the line", &["sync"]),
        OpKind::Put | OpKind::Delete | OpKind::Clear | OpKind::DeleteRange | OpKind::Cas => {
            ("`sync`, `in`, `->` or the end of the line", &["sync", "in"])
        }
        OpKind::Rollback => ("`to`, `->` or the end of the line", &["to"]),
        OpKind::Kill => ("`then`, `->` or the end of the line", &["then"]),
        OpKind::Crash => (
            "`in`, `keep`, `then`, `->` or the end of the line",
            &["in", "keep", "torn", "then"],
        ),
        OpKind::Fail => ("`forever`, `->` or the end of the line", &["forever"]),
        _ => ("`->` or the end of the line", &[]),
    };
    let mut error = unexpected_word(cursor, expected, known);
    let later_word =
        !kind.is_breakage() && cursor.peek_word().is_some_and(words::is_later_modifier);
    let later_range = kind == OpKind::Compact
        && (["\"", ">", ".."].iter().any(|start| cursor.sees(start)) || cursor.take_word("prefix"));
    if later_word || later_range {
        error.problem = Problem::Reserved;
        error.nearest = None;
    }
    error
}

/// The error for something that stands where only certain words can stand.
pub(super) fn unexpected_word(
    cursor: &mut Cursor<'_>,
    expected: &str,
    known: &[&str],
) -> ParseError {
    let mut error = cursor.expected(expected);
    let word = cursor.peek_word();
    error.nearest = word
        .and_then(|word| nearest(word, known.iter().copied()))
        .map(str::to_string);
    // The right word at a wrong place is no spelling mistake.
    if error.nearest.as_deref() == word {
        error.nearest = None;
    }
    error
}

fn scan(cursor: &mut Cursor<'_>) -> Result<Scan, ParseError> {
    let range = range(cursor)?;
    let reverse = cursor.take_word("reverse");
    let limit = if cursor.take_word("limit") {
        Some(cursor.integer("a limit", u64::from(u32::MAX))? as u32)
    } else {
        None
    };
    Ok(Scan {
        range,
        reverse,
        limit,
    })
}

fn range(cursor: &mut Cursor<'_>) -> Result<Range, ParseError> {
    const EXPECTED: &str = "a range such as `..`, \"a\"..\"c\" or prefix \"a\"";
    if cursor.take_word("prefix") {
        return Ok(Range::Prefix(cursor.bytes()?));
    }
    let from = if cursor.take(">") {
        Bound::Excluded(cursor.bytes()?)
    } else if cursor.sees("\"") {
        Bound::Included(cursor.bytes()?)
    } else if cursor.sees("..") {
        Bound::Unbounded
    } else {
        return Err(unexpected_word(cursor, EXPECTED, &["prefix"]));
    };
    if !cursor.take("..") {
        return Err(cursor.expected("`..`"));
    }
    let to = if cursor.take("=") {
        Bound::Included(cursor.bytes()?)
    } else if cursor.sees("\"") {
        Bound::Excluded(cursor.bytes()?)
    } else {
        Bound::Unbounded
    };
    Ok(Range::Between(from, to))
}

/// The changes of a batch; none at all is legal.
fn changes(cursor: &mut Cursor<'_>) -> Result<Vec<Change>, ParseError> {
    let mut changes = Vec::new();
    let ends = |word: &str| matches!(word, "sync" | "at" | "in");
    if cursor.at_end() || cursor.sees("->") || cursor.peek_word().is_some_and(ends) {
        return Ok(changes);
    }
    loop {
        changes.push(if cursor.take_word("put") {
            Change::Put {
                key: cursor.bytes()?,
                value: cursor.bytes()?,
            }
        } else if cursor.take_word("delete") {
            Change::Delete {
                key: cursor.bytes()?,
            }
        } else {
            let word = cursor.peek_word();
            let mut error = unexpected_word(cursor, "`put` or `delete`", &["put", "delete"]);
            if changes.is_empty() && word.is_some_and(words::is_later_modifier) {
                error.problem = Problem::Reserved;
            }
            return Err(error);
        });
        if !cursor.take(",") {
            return Ok(changes);
        }
    }
}

pub(super) fn reply(cursor: &mut Cursor<'_>) -> Result<Reply, ParseError> {
    if cursor.sees("\"") {
        return value_or_entries(cursor);
    }
    if cursor.rest().starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(Reply::Count(cursor.integer("a number", u64::MAX)?));
    }
    let word = cursor.peek_word().unwrap_or_default();
    let reply = match word {
        "ok" => Reply::Done,
        "none" => Reply::Absent,
        "empty" => Reply::Entries(Vec::new()),
        "error" => Reply::Refused,
        "end" => Reply::End,
        "unsupported" => Reply::Unsupported,
        "true" => Reply::Swapped(true),
        "false" => Reply::Swapped(false),
        _ => {
            const EXPECTED: &str = "a reply: a quoted string, a number, an entry such as \
                                    \"k\"=\"v\", ok, none, empty, end, true, false, error or \
                                    unsupported";
            return Err(unexpected_word(cursor, EXPECTED, &words::REPLIES));
        }
    };
    cursor.advance(word.len());
    Ok(reply)
}

/// A value; or entries, if a `=` follows the first string.
fn value_or_entries(cursor: &mut Cursor<'_>) -> Result<Reply, ParseError> {
    let first = cursor.bytes()?;
    if !cursor.take("=") {
        return Ok(Reply::Value(first));
    }
    let mut entries: Vec<Entry> = vec![(first, cursor.bytes()?)];
    while cursor.take(",") {
        let key = cursor.bytes()?;
        if !cursor.take("=") {
            return Err(cursor.expected("`=` and the entry's value"));
        }
        entries.push((key, cursor.bytes()?));
    }
    Ok(Reply::Entries(entries))
}
