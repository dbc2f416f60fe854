//! Requests as a child reads them.

use std::ops::Bound;

use super::answer::entry;
use super::bytes::Encoding;
use super::json::Value;
use crate::name::{Name, NotAName};
use crate::op::{Change, Entry, Op, OpKind};
use crate::options::{Options, Setting};
use crate::range::{Range, Scan};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

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
        self.name_of("name")
    }

    fn name_of(&mut self, field: &str) -> Result<Name, String> {
        let name = self.name_if_there(field)?;
        name.ok_or_else(|| format!("the field `{field}` is missing"))
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
            OpKind::First => Op::First { at: None },
            OpKind::Last => Op::Last { at: None },
            OpKind::Cas => Op::Cas {
                key: self.bytes("key")?,
                expected: self.bytes_if_there("expected")?,
                new: self.bytes_if_there("new")?,
                sync: false,
            },
            OpKind::Ingest => Op::Ingest {
                run: self.run()?,
                sync: false,
            },
            kind => self.of_scopes(kind)?,
        };
        if let Some(sync) = op.sync_flag_mut() {
            *sync = self.switch("sync")?;
        }
        if let Some(at) = op.snapshot_read_mut() {
            *at = self.name_if_there("at")?;
        }
        if Inside::is_possible(kind) {
            let scope = OpScope {
                space: self.name_if_there("space")?,
                transaction: self.name_if_there("in")?,
            };
            let placed = Inside::of(scope, op);
            op = placed.ok_or_else(|| format!("expected {}", Inside::POSSIBLE))?;
        }
        Ok(Some(op))
    }

    /// What makes or ends a transaction or a key space.
    fn of_scopes(&mut self, kind: OpKind) -> Result<Op, String> {
        Ok(match kind {
            OpKind::Begin => Op::Begin(self.name()?),
            OpKind::Savepoint => Op::Savepoint {
                transaction: self.name()?,
                name: self.name_of("as")?,
            },
            OpKind::Rollback => Op::Rollback {
                transaction: self.name()?,
                to: self.name_if_there("to")?,
            },
            OpKind::Commit => Op::Commit(self.name()?),
            OpKind::Create => Op::Create(self.name_of("space")?),
            OpKind::Rename => Op::Rename {
                from: self.name_of("space")?,
                to: self.name_of("to")?,
            },
            _ => Op::Drop(self.name_of("space")?),
        })
    }

    fn run(&mut self) -> Result<SortedRun, String> {
        let Some(Value::List(list)) = self.take("entries") else {
            return Err("the field `entries` is missing, or no array".to_owned());
        };
        let entries = list.into_iter().map(|value| entry(value, self.encoding));
        let entries = entries.collect::<Result<Vec<Entry>, String>>()?;
        let run = SortedRun::new(entries);
        run.ok_or_else(|| format!("`entries`: expected {}", SortedRun::EXPECTED))
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
