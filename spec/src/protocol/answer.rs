//! Answers: what a child writes and etalon reads.

use super::bytes::Encoding;
use super::json::{Value, write_string};
use crate::op::{Entry, Op, OpKind, Reply};
use crate::outcome::{Breach, Failure};

/// One answer, as it came: whose it is, and what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) id: u64,
    pub(crate) outcome: Result<Value, Failure>,
}

/// Reads one line. What is wrong with it comes back in words.
pub(crate) fn read_answer(line: &[u8]) -> Result<Answer, String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    let Value::Object(fields) = Value::parse(text)? else {
        return Err("not an object".to_owned());
    };
    let (mut id, mut ok, mut error, mut kind, mut rule) = (None, None, None, None, None);
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("id", Value::Number(Some(number))) => id = Some(number),
            ("ok", value) => ok = Some(value),
            ("error", Value::Text(text)) => error = Some(text),
            ("kind", Value::Text(word)) => kind = Some(word),
            ("rule", Value::Text(word)) => rule = Some(word),
            (name @ ("id" | "error" | "kind" | "rule"), value) => {
                return Err(format!("`{name}` is {}", value.what()));
            }
            _ => {}
        }
    }
    let id = id.ok_or("no `id`")?;
    let outcome = match (ok, error) {
        (Some(value), None) => Ok(value),
        (None, Some(text)) => Err(match kind.as_deref() {
            Some("unsupported") => Failure::Unsupported,
            Some("definite") => Failure::Definite(text),
            None | Some("indefinite") => Failure::Indefinite(text),
            Some("structure") => Failure::Breach(Box::new(Breach::Structure {
                rule: rule.unwrap_or_default(),
                text,
            })),
            Some(other) => return Err(format!("unknown `kind` {other:?}")),
        }),
        (Some(_), Some(_)) => return Err("both `ok` and `error`".to_owned()),
        (None, None) => return Err("neither `ok` nor `error`".to_owned()),
    };
    Ok(Answer { id, outcome })
}

/// The reply to an operation, out of what stands behind `ok`.
pub(crate) fn reply_of(op: &Op, ok: Value, encoding: Encoding) -> Result<Reply, String> {
    match op.kind() {
        OpKind::Get => match ok {
            Value::Null => Ok(Reply::Absent),
            value => encoding.read(value).map(Reply::Value),
        },
        OpKind::Scan => match ok {
            Value::List(entries) => {
                let entries = entries.into_iter().map(|value| entry(value, encoding));
                entries.collect::<Result<_, _>>().map(Reply::Entries)
            }
            other => Err(format!(
                "expected an array of entries, found {}",
                other.what()
            )),
        },
        OpKind::Length => match ok {
            Value::Number(Some(number)) => Ok(Reply::Count(number)),
            other => Err(format!("expected a whole number, found {}", other.what())),
        },
        OpKind::First | OpKind::Last => match ok {
            Value::Null => Ok(Reply::Entries(Vec::new())),
            value => entry(value, encoding).map(|entry| Reply::Entries(vec![entry])),
        },
        OpKind::Cas => match ok {
            Value::Bool(held) => Ok(Reply::Swapped(held)),
            other => Err(format!("expected true or false, found {}", other.what())),
        },
        kind if kind.is_step() => match ok {
            Value::Null => Ok(Reply::End),
            value => entry(value, encoding).map(|entry| Reply::Entries(vec![entry])),
        },
        // What a store returns from a change is its own business.
        _ => Ok(Reply::Done),
    }
}

pub(super) fn entry(value: Value, encoding: Encoding) -> Result<Entry, String> {
    let Value::List(parts) = value else {
        return Err(format!("expected [key,value], found {}", value.what()));
    };
    let parts: Result<[Value; 2], _> = parts.try_into();
    let [key, value] = parts.map_err(|_| "expected [key,value]".to_owned())?;
    Ok((encoding.read(key)?, encoding.read(value)?))
}

/// Writes an answer.
pub(crate) fn write_answer(
    out: &mut Vec<u8>,
    id: u64,
    reply: &Reply,
    encoding: Encoding,
    is_one: bool,
) {
    out.extend(format!("{{\"id\":{id},\"ok\":").bytes());
    match reply {
        Reply::Value(value) => encoding.write(out, value),
        Reply::Count(count) => out.extend(count.to_string().bytes()),
        Reply::Swapped(held) => out.extend(held.to_string().bytes()),
        Reply::Entries(entries) if is_one => match entries.first() {
            Some(entry) => write_entry(out, entry, encoding),
            None => out.extend(b"null"),
        },
        Reply::Entries(entries) => write_entries(out, entries, encoding),
        _ => out.extend(b"null"),
    }
    out.extend(b"}\n");
}

pub(super) fn write_entries(out: &mut Vec<u8>, entries: &[Entry], encoding: Encoding) {
    out.push(b'[');
    for (at, entry) in entries.iter().enumerate() {
        out.extend(if at == 0 { "" } else { "," }.bytes());
        write_entry(out, entry, encoding);
    }
    out.push(b']');
}

fn write_entry(out: &mut Vec<u8>, (key, value): &Entry, encoding: Encoding) {
    out.push(b'[');
    encoding.write(out, key);
    out.push(b',');
    encoding.write(out, value);
    out.push(b']');
}

/// Writes an answer that is an error.
pub(crate) fn write_failure(out: &mut Vec<u8>, id: u64, failure: &Failure) {
    let kind = match failure {
        Failure::Unsupported => "unsupported",
        Failure::Definite(_) => "definite",
        Failure::Indefinite(_) => "indefinite",
        Failure::Breach(_) => "structure",
    };
    out.extend(format!("{{\"id\":{id},\"error\":").bytes());
    let text = match failure {
        Failure::Definite(text) | Failure::Indefinite(text) => text.clone(),
        Failure::Unsupported | Failure::Breach(_) => failure.to_string(),
    };
    write_string(out, text.chars());
    out.extend(format!(",\"kind\":\"{kind}\"").bytes());
    if let Failure::Breach(breach) = failure {
        if let Breach::Structure { rule, .. } = &**breach {
            out.extend(b",\"rule\":");
            write_string(out, rule.chars());
        }
    }
    out.extend(b"}\n");
}
