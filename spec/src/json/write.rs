//! From a script to JSON, written field by field: the order of fields is part of the form, and
//! readable.

use std::fmt::Write;
use std::ops::Bound;

use super::{breakage, scoped};
use crate::op::{Change, Entry, Op, Reply};
use crate::options::Setting;
use crate::range::{Range, Scan};
use crate::text::Script;

/// The JSON of a script's case and expected replies.
///
/// ```
/// use etalon_spec::{Script, json};
///
/// let script = Script::parse("ops 1\nget \"\\xff\" -> none\n").unwrap();
/// let text = json::print(&script);
/// assert!(text.contains(r#"{"op":"get","key":"\u00ff","reply":"none"}"#));
/// assert_eq!(json::parse(&text).unwrap().case, script.case);
/// ```
pub fn print(script: &Script) -> String {
    let mut options = Object::default();
    for (name, setting) in script.case.options.iter() {
        options.field(name, &self::setting(setting));
    }
    let mut lines = String::new();
    for (index, op) in script.case.ops.iter().enumerate() {
        let mut object = operation(op);
        match script.replies(index) {
            [] => {}
            [only] => object.field("reply", &reply(only)),
            several => object.field("reply", &array(several, reply)),
        }
        lines.push_str(if index == 0 { "\n" } else { ",\n" });
        lines.push_str(&object.close());
    }
    format!(
        "{{\"ops\":1,\"options\":{},\"operations\":[{lines}\n]}}\n",
        options.close()
    )
}

/// An object that is being written.
#[derive(Default)]
pub(super) struct Object(String);

impl Object {
    /// Adds a field whose value is JSON already.
    pub(super) fn field(&mut self, name: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        write!(self.0, "\"{name}\":{json}").expect("a string takes everything");
    }

    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.field(name, &string(bytes));
    }

    pub(super) fn close(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.0
    }
}

pub(super) fn operation(op: &Op) -> Object {
    let mut object = Object::default();
    object.bytes("op", op.kind().word().as_bytes());
    let (scope, op) = op.scoped();
    match op {
        Op::Get { key, .. } | Op::Delete { key, .. } => object.bytes("key", key),
        Op::Put { key, value, .. } => {
            object.bytes("key", key);
            object.bytes("value", value);
        }
        Op::Scan { scan, .. } => self::scan(&mut object, scan),
        Op::Write { changes, .. } => object.field("ops", &array(changes, change)),
        Op::DeleteRange { range, .. } => self::range(&mut object, range),
        Op::Fill(fill) => {
            object.bytes("prefix", &fill.prefix);
            object.field("count", &fill.count.to_string());
            object.field("size", &fill.size.to_string());
        }
        Op::Snapshot(name)
        | Op::Release(name)
        | Op::Iterator { name, .. }
        | Op::SeekFirst(name)
        | Op::SeekLast(name)
        | Op::Next(name)
        | Op::Prev(name)
        | Op::Close(name) => object.bytes("name", name.as_str().as_bytes()),
        Op::Seek { name, key } => {
            object.bytes("name", name.as_str().as_bytes());
            object.bytes("key", key);
        }
        Op::Kill { then } => breakage::write_thens(&mut object, then),
        Op::Crash(crash) => breakage::write_crash(&mut object, crash),
        Op::Fail(fault) => breakage::write_fault(&mut object, fault),
        _ => scoped::write_operation(&mut object, op),
    }
    if op.is_synced() {
        object.field("sync", "true");
    }
    if let Some(at) = op.snapshot_read() {
        object.bytes("at", at.as_str().as_bytes());
    }
    scoped::write_scope(&mut object, scope);
    object
}

fn scan(object: &mut Object, scan: &Scan) {
    range(object, &scan.range);
    if scan.reverse {
        object.field("reverse", "true");
    }
    if let Some(limit) = scan.limit {
        object.field("limit", &limit.to_string());
    }
}

/// Absent bounds are absent fields.
fn range(object: &mut Object, range: &Range) {
    match range {
        Range::Prefix(prefix) => object.bytes("prefix", prefix),
        Range::Between(from, to) => {
            if let Bound::Included(from) | Bound::Excluded(from) = from {
                object.bytes("from", from);
            }
            if let Bound::Excluded(_) = from {
                object.field("from_excluded", "true");
            }
            if let Bound::Included(to) | Bound::Excluded(to) = to {
                object.bytes("to", to);
            }
            if let Bound::Included(_) = to {
                object.field("to_included", "true");
            }
        }
    }
}

fn change(change: &Change) -> String {
    match change {
        Change::Put { key, value } => format!("[\"put\",{},{}]", string(key), string(value)),
        Change::Delete { key } => format!("[\"delete\",{}]", string(key)),
    }
}

pub(super) fn entry((key, value): &Entry) -> String {
    format!("[{},{}]", string(key), string(value))
}

/// Words for what is only a word, else an object that says what it holds.
fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Done => "\"ok\"".to_string(),
        Reply::Absent => "\"none\"".to_string(),
        Reply::Value(value) => format!("{{\"value\":{}}}", string(value)),
        Reply::Count(count) => format!("{{\"length\":{count}}}"),
        Reply::Entries(entries) => format!("{{\"entries\":{}}}", array(entries, entry)),
        Reply::End => "\"end\"".to_string(),
        Reply::Swapped(held) => held.to_string(),
        Reply::Refused => "\"error\"".to_string(),
        Reply::Unsupported => "\"unsupported\"".to_string(),
    }
}

fn setting(setting: &Setting) -> String {
    match setting {
        Setting::Integer(number) => number.to_string(),
        Setting::Text(text) => string(text),
        Setting::Switch(on) => on.to_string(),
    }
}

pub(super) fn array<T>(items: &[T], json: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(json).collect();
    format!("[{}]", items.join(","))
}

/// Bytes as a string of one character a byte, in ASCII.
fn string(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => write!(out, "\\u{byte:04x}").expect("a string takes everything"),
        }
    }
    out.push('"');
    out
}
