//! From JSON to a script. The syntax is `serde_json`'s work, what it means is ours.

use std::ops::Bound;

use serde_json::Value;

use super::fields::{Fields, JsonError, bytes, items, wrong};
use super::{breakage, scoped};
use crate::op::{Case, Change, Entry, Op, OpKind, Reply};
use crate::options::{Options, Setting};
use crate::range::{Fill, Range, Scan};
use crate::scope::Inside;
use crate::text::{FILLS_MAX, Script, nearest};

/// Reads a case and its expected replies.
///
/// ```
/// use etalon_spec::json;
///
/// let text = r#"{"ops":1,"operations":[{"op":"get"}]}"#;
/// let error = json::parse(text).unwrap_err();
/// assert_eq!(error.to_string(), "operations[0]: the field `key` is missing");
/// ```
pub fn parse(text: &str) -> Result<Script, JsonError> {
    let value: Value = serde_json::from_str(text).map_err(|error| JsonError {
        at: String::new(),
        problem: error.to_string(),
    })?;
    let mut file = Fields::of(value, "")?;
    if file.need("ops")?.as_u64() != Some(1) {
        return Err(file.wrong("ops", "1, the only version that is known"));
    }
    let mut script = Script::default();
    let mut fills = FILLS_MAX;
    if let Some(options) = file.take("options") {
        script.case = Case {
            options: self::options(options)?,
            ops: Vec::new(),
        };
    }
    let operations = file.need("operations")?;
    file.end()?;
    for (index, value) in items(operations, "operations")?.into_iter().enumerate() {
        let mut fields = Fields::of(value, &format!("operations[{index}]"))?;
        let replies = fields.take("reply");
        script.expected.push(match replies {
            Some(replies) => self::replies(replies, &fields.place("reply"))?,
            None => Vec::new(),
        });
        let op = operation(&mut fields)?;
        if let Op::Fill(fill) = &op {
            let more = || format!("a fill of at most {fills} more bytes of keys and values");
            let rest = fills.checked_sub(fill.bytes());
            fills = rest.ok_or_else(|| fields.wrong("count", &more()))?;
        }
        script.case.ops.push(op);
        fields.end()?;
    }
    Ok(script)
}

fn options(value: Value) -> Result<Options, JsonError> {
    let mut options = Options::default();
    for (name, value) in Fields::of(value, "options")?.map {
        let at = format!("options.{name}");
        if !Options::is_name(&name) {
            return Err(wrong(&at, "a name of letters, digits and `_`"));
        }
        let setting = match &value {
            Value::Bool(on) => Setting::Switch(*on),
            Value::String(_) => Setting::Text(bytes(&value, &at)?),
            other => match other.as_u64() {
                Some(number) => Setting::Integer(number),
                None => return Err(wrong(&at, "a number of 64 bits, a string, true or false")),
            },
        };
        options.set(name, setting);
    }
    Ok(options)
}

pub(super) fn operation(fields: &mut Fields) -> Result<Op, JsonError> {
    let kind = kind(fields)?;
    let mut op = match kind {
        OpKind::Get => Op::get(fields.bytes("key")?),
        OpKind::Put => Op::put(fields.bytes("key")?, fields.bytes("value")?),
        OpKind::Delete => Op::delete(fields.bytes("key")?),
        OpKind::Flush => Op::Flush,
        OpKind::Sync => Op::Sync,
        OpKind::Scan => Op::scan(scan(fields)?),
        OpKind::Length => Op::LENGTH,
        OpKind::Write => Op::write(changes(fields)?),
        OpKind::Clear => Op::CLEAR,
        OpKind::DeleteRange => Op::delete_range(range(fields)?),
        OpKind::Fill => Op::Fill(Fill {
            prefix: fields.bytes("prefix")?,
            count: fields.small("count")?,
            size: fields.small("size")?,
        }),
        OpKind::Snapshot => Op::Snapshot(fields.name("name")?),
        OpKind::Release => Op::Release(fields.name("name")?),
        OpKind::Iterator => Op::Iterator {
            name: fields.name("name")?,
            at: None,
        },
        OpKind::Seek => Op::Seek {
            name: fields.name("name")?,
            key: fields.bytes("key")?,
        },
        OpKind::SeekFirst => Op::SeekFirst(fields.name("name")?),
        OpKind::SeekLast => Op::SeekLast(fields.name("name")?),
        OpKind::Next => Op::Next(fields.name("name")?),
        OpKind::Prev => Op::Prev(fields.name("name")?),
        OpKind::Close => Op::Close(fields.name("name")?),
        OpKind::Compact => Op::Compact,
        OpKind::Reopen => Op::Reopen,
        OpKind::Kill => Op::Kill {
            then: breakage::read_thens(fields)?,
        },
        OpKind::Crash => Op::Crash(Box::new(breakage::read_crash(fields)?)),
        OpKind::Fail => Op::Fail(Box::new(breakage::read_fault(fields)?)),
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
        | OpKind::Drop => scoped::read_operation(fields, kind)?,
    };
    if let Some(sync) = op.sync_flag_mut() {
        *sync = fields.switch("sync")?;
    }
    if let Some(at) = op.snapshot_read_mut() {
        *at = fields.name_if_there("at")?;
    }
    if Inside::is_possible(kind) {
        op = scoped::read_scope(fields, op)?;
    }
    Ok(op)
}

/// Which operation the object is.
fn kind(fields: &mut Fields) -> Result<OpKind, JsonError> {
    let word = fields.need("op")?;
    let Some(word) = word.as_str() else {
        return Err(fields.wrong("op", "a string"));
    };
    let Some(kind) = OpKind::ALL.into_iter().find(|kind| kind.word() == word) else {
        let near = nearest(word, OpKind::ALL.into_iter().map(OpKind::word));
        let hint = near.map_or(String::new(), |word| format!(". Did you mean `{word}`?"));
        let problem = format!("unknown operation `{word}`{hint}");
        return Err(JsonError {
            at: fields.place("op"),
            problem,
        });
    };
    Ok(kind)
}

fn scan(fields: &mut Fields) -> Result<Scan, JsonError> {
    let range = range(fields)?;
    let reverse = fields.switch("reverse")?;
    let limit = match fields.take("limit") {
        None => None,
        Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
            Some(limit) => Some(limit),
            None => return Err(fields.wrong("limit", "a number up to 4294967295")),
        },
    };
    Ok(Scan {
        range,
        reverse,
        limit,
    })
}

/// A prefix, or bounds; fields that do not belong to either are left over, and so an error.
fn range(fields: &mut Fields) -> Result<Range, JsonError> {
    if let Some(prefix) = fields.bytes_if_there("prefix")? {
        return Ok(Range::Prefix(prefix));
    }
    let from = match fields.bytes_if_there("from")? {
        None => Bound::Unbounded,
        Some(from) if fields.switch("from_excluded")? => Bound::Excluded(from),
        Some(from) => Bound::Included(from),
    };
    let to = match fields.bytes_if_there("to")? {
        None => Bound::Unbounded,
        Some(to) if fields.switch("to_included")? => Bound::Included(to),
        Some(to) => Bound::Excluded(to),
    };
    Ok(Range::Between(from, to))
}

fn changes(fields: &mut Fields) -> Result<Vec<Change>, JsonError> {
    let at = fields.place("ops");
    let mut changes = Vec::new();
    for (index, value) in items(fields.need("ops")?, &at)?.into_iter().enumerate() {
        let at = format!("{at}[{index}]");
        let parts = items(value, &at)?;
        let word = parts.first().and_then(Value::as_str);
        changes.push(match (word, &parts[..]) {
            (Some("put"), [_, key, value]) => Change::Put {
                key: bytes(key, &at)?,
                value: bytes(value, &at)?,
            },
            (Some("delete"), [_, key]) => Change::Delete {
                key: bytes(key, &at)?,
            },
            _ => return Err(wrong(&at, r#"["put",key,value] or ["delete",key]"#)),
        });
    }
    Ok(changes)
}

/// One reply, or an array of those that are allowed.
fn replies(value: Value, at: &str) -> Result<Vec<Reply>, JsonError> {
    match value {
        Value::Array(several) => several.into_iter().map(|one| reply(one, at)).collect(),
        one => Ok(vec![reply(one, at)?]),
    }
}

fn reply(value: Value, at: &str) -> Result<Reply, JsonError> {
    if let Value::Object(_) = value {
        return reply_with_content(Fields::of(value, at)?);
    }
    if let Value::Bool(held) = value {
        return Ok(Reply::Swapped(held));
    }
    match value.as_str() {
        Some("ok") => Ok(Reply::Done),
        Some("none") => Ok(Reply::Absent),
        Some("end") => Ok(Reply::End),
        Some("error") => Ok(Reply::Refused),
        Some("unsupported") => Ok(Reply::Unsupported),
        _ => Err(wrong(
            at,
            "\"ok\", \"none\", \"end\", \"error\", \"unsupported\", true, false or an object",
        )),
    }
}

fn reply_with_content(mut fields: Fields) -> Result<Reply, JsonError> {
    let reply = if let Some(value) = fields.bytes_if_there("value")? {
        Reply::Value(value)
    } else if let Some(count) = fields.take("length") {
        let number = count.as_u64();
        Reply::Count(number.ok_or_else(|| fields.wrong("length", "a number of 64 bits"))?)
    } else {
        let at = fields.place("entries");
        let entries = items(fields.need("entries")?, &at)?;
        let entries: Result<Vec<Entry>, JsonError> =
            entries.into_iter().map(|value| entry(value, &at)).collect();
        Reply::Entries(entries?)
    };
    fields.end()?;
    Ok(reply)
}

pub(super) fn entry(value: Value, at: &str) -> Result<Entry, JsonError> {
    match &items(value, at)?[..] {
        [key, value] => Ok((bytes(key, at)?, bytes(value, at)?)),
        _ => Err(wrong(at, "[key,value]")),
    }
}
