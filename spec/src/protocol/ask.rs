//! Requests as etalon writes them.

use std::ops::Bound;

use super::answer::write_entries;
use super::bytes::Encoding;
use super::json::write_string;
use crate::name::Name;
use crate::op::{Change, Op};
use crate::options::{Options, Setting};
use crate::range::{Range, Scan};

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
    let (scope, op) = op.scoped();
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
        | Op::Close(name)
        | Op::Begin(name)
        | Op::Commit(name) => write_name(out, "name", *name),
        _ => write_of_scopes(out, op, encoding),
    }
    for (field, name) in [("space", scope.space), ("in", scope.transaction)] {
        if let Some(name) = name {
            write_name(out, field, name);
        }
    }
    if let Some(at) = op.snapshot_read() {
        write_name(out, "at", at);
    }
    if op.is_synced() {
        out.extend(b",\"sync\":true");
    }
    out.extend(b"}\n");
}

/// The fields of what only some stores have; there are none of anything else.
fn write_of_scopes(out: &mut Vec<u8>, op: &Op, encoding: Encoding) {
    let mut field = |name: &str, bytes: &[u8]| {
        name_field(out, name);
        encoding.write(out, bytes);
    };
    match op {
        Op::Cas {
            key, expected, new, ..
        } => {
            field("key", key);
            if let Some(value) = expected {
                field("expected", value);
            }
            if let Some(value) = new {
                field("new", value);
            }
        }
        Op::Ingest { run, .. } => {
            name_field(out, "entries");
            write_entries(out, run.entries(), encoding);
        }
        Op::Savepoint { transaction, name } => {
            write_name(out, "name", *transaction);
            write_name(out, "as", *name);
        }
        Op::Rollback { transaction, to } => {
            write_name(out, "name", *transaction);
            if let Some(to) = to {
                write_name(out, "to", *to);
            }
        }
        Op::Create(name) | Op::Drop(name) => write_name(out, "space", *name),
        Op::Rename { from, to } => {
            write_name(out, "space", *from);
            write_name(out, "to", *to);
        }
        _ => {}
    }
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
