//! Requests: what etalon writes and a child reads.

use std::ops::Bound;

use super::bytes::Encoding;
use super::json::{Value, write_string};
use crate::name::{Name, NotAName};
use crate::op::{Change, Op, OpKind};
use crate::options::{Options, Setting};
use crate::range::{Range, Scan};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    /// A new, empty store.
    Open { dir: String, options: Options },
    /// The store of the directory, closed cleanly if it is open.
    Reopen { dir: String, options: Options },
    /// Something of the store that is open.
    Do(Op),
    /// Nothing that is known here.
    Unknown(String),
}

/// Writes `open` or `reopen`.
pub(crate) fn write_opening(
    out: &mut Vec<u8>,
    id: u64,
    op: &str,
    dir: &str,
    options: &Options,
    encoding: Encoding,
) {
    begin(out, id, op);
    out.extend(b",\"dir\":");
    write_string(out, dir.chars());
    out.extend(b",\"options\":{");
    for (at, (name, setting)) in options.iter().enumerate() {
        out.extend(if at == 0 { "" } else { "," }.bytes());
        write_string(out, name.chars());
        out.push(b':');
        write_setting(out, setting, encoding);
    }
    out.extend(b"}}\n");
}

pub(super) fn write_setting(out: &mut Vec<u8>, setting: &Setting, encoding: Encoding) {
    match setting {
        Setting::Integer(number) => out.extend(number.to_string().bytes()),
        Setting::Switch(on) => out.extend(on.to_string().bytes()),
        Setting::Text(text) => encoding.write(out, text),
    }
}

fn begin(out: &mut Vec<u8>, id: u64, op: &str) {
    out.extend(b"{\"id\":");
    out.extend(id.to_string().bytes());
    out.extend(b",\"op\":\"");
    out.extend(op.bytes());
    out.push(b'"');
}

/// Writes an operation of a store; breakages, fills and reopenings are none.
pub(crate) fn write_request(out: &mut Vec<u8>, id: u64, op: &Op, encoding: Encoding) {
    begin(out, id, op.kind().word());
    let mut field = |name: &str, bytes: &[u8]| {
        name_field(out, name);
        encoding.write(out, bytes);
    };
    match op {
        Op::Get { key, .. } | Op::Delete { key, .. } => field("key", key),
        Op::Put { key, value, .. } => {
            field("key", key);
            field("value", value);
        }
        Op::Write { changes, .. } => write_changes(out, changes, encoding),
        Op::Scan { scan, .. } => write_scan(out, scan, encoding),
        Op::DeleteRange { range, .. } => write_range(out, range, encoding),
        Op::Seek { name, key } => {
            write_name(out, "name", *name);
            name_field(out, "key");
            encoding.write(out, key);
        }
        Op::Snapshot(name)
        | Op::Release(name)
        | Op::Iterator { name, .. }
        | Op::SeekFirst(name)
        | Op::SeekLast(name)
        | Op::Next(name)
        | Op::Prev(name)
        | Op::Close(name) => write_name(out, "name", *name),
        _ => {}
    }
    if let Some(at) = op.snapshot_read() {
        write_name(out, "at", at);
    }
    if op.is_synced() {
        out.extend(b",\"sync\":true");
    }
    out.extend(b"}\n");
}

fn name_field(out: &mut Vec<u8>, name: &str) {
    out.extend(b",\"");
    out.extend(name.bytes());
    out.extend(b"\":");
}

fn write_name(out: &mut Vec<u8>, field: &str, name: Name) {
    name_field(out, field);
    write_string(out, name.as_str().chars());
}

fn write_changes(out: &mut Vec<u8>, changes: &[Change], encoding: Encoding) {
    name_field(out, "ops");
    out.push(b'[');
    for (at, change) in changes.iter().enumerate() {
        out.extend(if at == 0 { "" } else { "," }.bytes());
        let word = change.value().map_or("[\"delete\",", |_| "[\"put\",");
        out.extend(word.bytes());
        encoding.write(out, change.key());
        if let Some(value) = change.value() {
            out.push(b',');
            encoding.write(out, value);
        }
        out.push(b']');
    }
    out.push(b']');
}

fn write_scan(out: &mut Vec<u8>, scan: &Scan, encoding: Encoding) {
    write_range(out, &scan.range, encoding);
    if scan.reverse {
        out.extend(b",\"reverse\":true");
    }
    if let Some(limit) = scan.limit {
        name_field(out, "limit");
        out.extend(limit.to_string().bytes());
    }
}

fn write_range(out: &mut Vec<u8>, range: &Range, encoding: Encoding) {
    let mut bound = |name, key: &[u8], flag: &str| {
        name_field(out, name);
        encoding.write(out, key);
        out.extend(flag.bytes());
    };
    match range {
        Range::Prefix(prefix) => bound("prefix", prefix, ""),
        Range::Between(from, to) => {
            match from {
                Bound::Included(key) => bound("from", key, ""),
                Bound::Excluded(key) => bound("from", key, ",\"from_excluded\":true"),
                Bound::Unbounded => {}
            }
            match to {
                Bound::Included(key) => bound("to", key, ",\"to_included\":true"),
                Bound::Excluded(key) => bound("to", key, ""),
                Bound::Unbounded => {}
            }
        }
    }
}

/// Reads a request: its id, and what it asks for.
pub(crate) fn read_request(line: &str, encoding: Encoding) -> Result<(u64, Call), String> {
    let Value::Object(map) = Value::parse(line)? else {
        return Err("expected an object".to_owned());
    };
    let mut fields = Fields { map, encoding };
    let id = fields.number("id")?.ok_or("the field `id` is missing")?;
    let Some(Value::Text(word)) = fields.take("op") else {
        return Err("the field `op` is missing, or no string".to_owned());
    };
    let call = match word.as_str() {
        "open" | "reopen" => {
            let Some(Value::Text(dir)) = fields.take("dir") else {
                return Err("the field `dir` is missing, or no string".to_owned());
            };
            let options = fields.options()?;
            match word.as_str() {
                "open" => Call::Open { dir, options },
                _ => Call::Reopen { dir, options },
            }
        }
        word => match OpKind::ALL.into_iter().find(|kind| kind.word() == word) {
            Some(kind) => match fields.operation(kind)? {
                Some(op) => Call::Do(op),
                None => Call::Unknown(word.to_owned()),
            },
            None => return Ok((id, Call::Unknown(word.to_owned()))),
        },
    };
    match fields.map.first() {
        None => Ok((id, call)),
        Some((name, _)) => Err(format!("`{word}` takes no field `{name}`")),
    }
}

struct Fields {
    map: Vec<(String, Value)>,
    encoding: Encoding,
}

impl Fields {
    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.map.iter().position(|(other, _)| other == name)?;
        Some(self.map.swap_remove(at).1)
    }

    fn number(&mut self, name: &str) -> Result<Option<u64>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(Some(number))) => Ok(Some(number)),
            Some(_) => Err(format!("`{name}`: expected a whole number")),
        }
    }

    fn switch(&mut self, name: &str) -> Result<bool, String> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(_) => Err(format!("`{name}`: expected true or false")),
        }
    }

    fn bytes_if_there(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let encoding = self.encoding;
        let bytes = self.take(name).map(|value| encoding.read(value));
        bytes
            .transpose()
            .map_err(|wrong| format!("`{name}`: {wrong}"))
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let bytes = self.bytes_if_there(name)?;
        bytes.ok_or_else(|| format!("the field `{name}` is missing"))
    }

    fn name_if_there(&mut self, field: &str) -> Result<Option<Name>, String> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Text(text)) => match Name::new(&text) {
                Some(name) => Ok(Some(name)),
                None => Err(format!("`{field}`: {NotAName}")),
            },
            Some(_) => Err(format!("`{field}`: {NotAName}")),
        }
    }

    fn name(&mut self) -> Result<Name, String> {
        let name = self.name_if_there("name")?;
        name.ok_or_else(|| "the field `name` is missing".to_owned())
    }

    fn options(&mut self) -> Result<Options, String> {
        let mut options = Options::default();
        let fields = match self.take("options") {
            None => return Ok(options),
            Some(Value::Object(fields)) => fields,
            Some(other) => {
                return Err(format!(
                    "`options`: expected an object, not {}",
                    other.what()
                ));
            }
        };
        for (name, value) in fields {
            if !Options::is_name(&name) {
                return Err(format!("`options`: not an option's name: {name:?}"));
            }
            let setting = setting(value, self.encoding);
            options.set(
                name,
                setting.map_err(|wrong| format!("`options`: {wrong}"))?,
            );
        }
        Ok(options)
    }

    /// The operation of a kind; none of the kinds that no request asks for.
    fn operation(&mut self, kind: OpKind) -> Result<Option<Op>, String> {
        let mut op = match kind {
            OpKind::Get => Op::get(self.bytes("key")?),
            OpKind::Put => Op::put(self.bytes("key")?, self.bytes("value")?),
            OpKind::Delete => Op::delete(self.bytes("key")?),
            OpKind::Flush => Op::Flush,
            OpKind::Sync => Op::Sync,
            OpKind::Compact => Op::Compact,
            OpKind::Scan => Op::scan(self.scan()?),
            OpKind::Length => Op::LENGTH,
            OpKind::Write => Op::write(self.changes()?),
            OpKind::Clear => Op::CLEAR,
            OpKind::DeleteRange => Op::delete_range(self.range()?),
            OpKind::Snapshot => Op::Snapshot(self.name()?),
            OpKind::Release => Op::Release(self.name()?),
            OpKind::Iterator => Op::Iterator {
                name: self.name()?,
                at: None,
            },
            OpKind::Seek => Op::Seek {
                name: self.name()?,
                key: self.bytes("key")?,
            },
            OpKind::SeekFirst => Op::SeekFirst(self.name()?),
            OpKind::SeekLast => Op::SeekLast(self.name()?),
            OpKind::Next => Op::Next(self.name()?),
            OpKind::Prev => Op::Prev(self.name()?),
            OpKind::Close => Op::Close(self.name()?),
            OpKind::Fill | OpKind::Reopen | OpKind::Kill | OpKind::Crash | OpKind::Fail => {
                self.map.clear();
                return Ok(None);
            }
        };
        if let Some(sync) = op.sync_flag_mut() {
            *sync = self.switch("sync")?;
        }
        if let Some(at) = op.snapshot_read_mut() {
            *at = self.name_if_there("at")?;
        }
        Ok(Some(op))
    }

    fn scan(&mut self) -> Result<Scan, String> {
        let range = self.range()?;
        let reverse = self.switch("reverse")?;
        let limit = self.number("limit")?.map(u32::try_from).transpose();
        let limit = limit.map_err(|_| "`limit`: expected a number up to 4294967295")?;
        Ok(Scan {
            range,
            reverse,
            limit,
        })
    }

    fn range(&mut self) -> Result<Range, String> {
        if let Some(prefix) = self.bytes_if_there("prefix")? {
            return Ok(Range::Prefix(prefix));
        }
        let from = match self.bytes_if_there("from")? {
            None => Bound::Unbounded,
            Some(from) if self.switch("from_excluded")? => Bound::Excluded(from),
            Some(from) => Bound::Included(from),
        };
        let to = match self.bytes_if_there("to")? {
            None => Bound::Unbounded,
            Some(to) if self.switch("to_included")? => Bound::Included(to),
            Some(to) => Bound::Excluded(to),
        };
        Ok(Range::Between(from, to))
    }

    fn changes(&mut self) -> Result<Vec<Change>, String> {
        let Some(Value::List(list)) = self.take("ops") else {
            return Err("the field `ops` is missing, or no array".to_owned());
        };
        let encoding = self.encoding;
        let change = |value| {
            let Value::List(parts) = value else {
                return Err(r#"`ops`: expected ["put",key,value] or ["delete",key]"#.to_owned());
            };
            let mut parts = parts.into_iter();
            let mut next = || parts.next();
            match (next(), next(), next(), next()) {
                (Some(Value::Text(word)), Some(key), Some(value), None) if word == "put" => {
                    Ok(Change::Put {
                        key: encoding.read(key)?,
                        value: encoding.read(value)?,
                    })
                }
                (Some(Value::Text(word)), Some(key), None, None) if word == "delete" => {
                    Ok(Change::Delete {
                        key: encoding.read(key)?,
                    })
                }
                _ => Err(r#"`ops`: expected ["put",key,value] or ["delete",key]"#.to_owned()),
            }
        };
        list.into_iter().map(change).collect()
    }
}

/// The value of an option.
pub(super) fn setting(value: Value, encoding: Encoding) -> Result<Setting, String> {
    match value {
        Value::Number(Some(number)) => Ok(Setting::Integer(number)),
        Value::Bool(on) => Ok(Setting::Switch(on)),
        text @ Value::Text(_) => encoding.read(text).map(Setting::Text),
        other => Err(format!(
            "expected a whole number, a string, true or false, found {}",
            other.what()
        )),
    }
}
