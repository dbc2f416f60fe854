//! From a case to bytes.

use std::ops::Bound;

use super::opcode::{TABLES, Table};
use super::{Runs, number, pool, shape};
use crate::name::Name;
use crate::op::{Case, Change, Op};
use crate::options::Setting;
use crate::range::{Range, Scan};

/// The canonical bytes of a case, in the lowest version that has all its operations.
///
/// ```
/// use etalon_spec::bytes::{decode, encode};
/// use etalon_spec::{Case, Op};
///
/// let case = Case::new(vec![Op::put(b"a", b"1"), Op::Flush]);
/// assert_eq!(encode(&case), [0x01, 0x40, 0x00, 0x31, 0xb4]);
/// assert_eq!(decode(&encode(&case)).case, case);
/// ```
pub fn encode(case: &Case) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_into(case, &mut bytes);
    bytes
}

/// As [`encode()`], into a buffer that is used again.
pub fn encode_into(case: &Case, bytes: &mut Vec<u8>) {
    let table = table_of(case);
    bytes.clear();
    bytes.push(table.version);
    let mut writer = Writer {
        out: bytes,
        table,
        runs: Runs::default(),
    };
    for (name, setting) in case.options.iter() {
        writer.option(name, setting);
    }
    for op in &case.ops {
        writer.op(op);
    }
}

/// The table of the lowest version that has all operations of the case.
fn table_of(case: &Case) -> &'static Table {
    let has_all = |table: &&Table| case.ops.iter().all(|op| table.has(op));
    let found = TABLES.iter().find(has_all);
    found.expect("the latest version has every operation")
}

pub(super) struct Writer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    table: &'static Table,
    runs: Runs,
}

impl Writer<'_> {
    fn option(&mut self, name: &str, setting: &Setting) {
        self.out.push(self.table.option);
        if let Some(index) = pool::NAMES.iter().position(|pooled| *pooled == name) {
            self.out.push(index as u8);
        } else {
            self.out.push(shape::NAME_INLINE);
            number::write(self.out, name.len() as u64);
            self.out.extend_from_slice(name.as_bytes());
        }
        match setting {
            Setting::Switch(false) => self.out.push(shape::SETTING_OFF),
            Setting::Switch(true) => self.out.push(shape::SETTING_ON),
            Setting::Integer(integer) => {
                self.out.push(shape::SETTING_NUMBER);
                number::write(self.out, *integer);
            }
            Setting::Text(text) => {
                if let Some(index) = pool::WORDS.iter().position(|word| word == text) {
                    self.out.push(shape::SETTING_WORD + index as u8);
                } else {
                    self.out.push(shape::SETTING_BYTES);
                    self.value(text);
                }
            }
        }
    }

    pub(super) fn op(&mut self, op: &Op) {
        if let Op::In(inside) = op {
            self.out
                .push(self.table.scope.expect("the table has scopes"));
            return self.scoped(inside);
        }
        let opcode = self.table.canonical(op);
        self.out.push(opcode.expect("the table has the operation"));
        match op {
            Op::Get { key, .. } | Op::Delete { key, .. } => self.key(key),
            Op::Put { key, value, .. } => {
                self.key(key);
                self.value(value);
            }
            Op::Scan { scan, .. } => self.scan(scan),
            Op::Write { changes, .. } => self.changes(changes),
            Op::DeleteRange { range, .. } => {
                self.out.push(range_shape(range));
                self.bounds(range);
            }
            Op::Fill(fill) => {
                self.key(&fill.prefix);
                number::write(self.out, u64::from(fill.count));
                number::write(self.out, u64::from(fill.size));
            }
            Op::Snapshot(name) | Op::Release(name) => self.name(&pool::SNAPSHOTS, *name),
            Op::Iterator { name, .. }
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Next(name)
            | Op::Prev(name)
            | Op::Close(name) => self.name(&pool::ITERATORS, *name),
            Op::Seek { name, key } => {
                self.name(&pool::ITERATORS, *name);
                self.key(key);
            }
            Op::Kill { then } => self.thens(then),
            Op::Crash(crash) => self.crash(crash),
            Op::Fail(fault) => self.fault(fault),
            _ => self.of_scopes(op),
        }
        if let Some(name) = op.snapshot_read() {
            self.name(&pool::SNAPSHOTS, name);
        }
    }

    pub(super) fn name(&mut self, pool: &[&str; 8], name: Name) {
        let name = name.as_str();
        if let Some(number) = pool.iter().position(|pooled| *pooled == name) {
            self.out.push(number as u8);
        } else {
            self.out.push(shape::NAMED_INLINE + (name.len() - 1) as u8);
            self.out.extend_from_slice(name.as_bytes());
        }
    }

    fn scan(&mut self, scan: &Scan) {
        let reverse = u8::from(scan.reverse);
        let limited = u8::from(scan.limit.is_some());
        let shape = range_shape(&scan.range) + shape::RANGES * (reverse + 2 * limited);
        self.out.push(shape);
        self.bounds(&scan.range);
        if let Some(limit) = scan.limit {
            number::write(self.out, u64::from(limit));
        }
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put { key, value } => {
                    self.out.push(shape::CHANGE_PUT);
                    self.key(key);
                    self.value(value);
                }
                Change::Delete { key } => {
                    self.out.push(shape::CHANGE_DELETE);
                    self.key(key);
                }
            }
        }
        self.out.push(0);
    }

    /// The bounds that the shape of the range announced.
    fn bounds(&mut self, range: &Range) {
        match range {
            Range::Prefix(prefix) => self.key(prefix),
            Range::Between(from, to) => {
                for bound in [from, to] {
                    if let Bound::Included(key) | Bound::Excluded(key) = bound {
                        self.key(key);
                    }
                }
            }
        }
    }

    pub(super) fn key(&mut self, key: &[u8]) {
        match pool::key_number(key) {
            Some(number) => self.out.push(number),
            None => self.long(key),
        }
    }

    pub(super) fn value(&mut self, value: &[u8]) {
        match value {
            [] => self.out.push(0),
            [byte @ 0x01..=0x7f] => self.out.push(*byte),
            _ => self.long(value),
        }
    }

    /// Bytes that have no short form: a run, or inline.
    fn long(&mut self, bytes: &[u8]) {
        let is_run = bytes.len() >= shape::RUN_MIN && bytes.iter().all(|byte| *byte == bytes[0]);
        if is_run && bytes.len() <= self.runs.left(self.out.len()) {
            self.runs.used += bytes.len();
            self.out.push(shape::RUN);
            number::write(self.out, bytes.len() as u64);
            self.out.push(bytes[0]);
            return;
        }
        if bytes.len() <= shape::INLINE_MAX {
            self.out.push(shape::INLINE + bytes.len() as u8);
        } else {
            self.out.push(shape::INLINE_LONG);
            number::write(self.out, bytes.len() as u64);
        }
        self.out.extend_from_slice(bytes);
    }
}

/// The number of a range's shape; see [`shape`].
fn range_shape(range: &Range) -> u8 {
    fn place<T>(bound: &Bound<T>) -> u8 {
        match bound {
            Bound::Unbounded => 0,
            Bound::Included(_) => 1,
            Bound::Excluded(_) => 2,
        }
    }
    match range {
        Range::Prefix(_) => shape::PREFIX,
        Range::Between(from, to) => 3 * place(from) + place(to),
    }
}
