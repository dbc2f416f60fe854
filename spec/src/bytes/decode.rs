//! From any bytes to a case.
//!
//! What is missing at the end of the input reads as zeros, lengths stop where the input stops,
//! numbers stop at the greatest that their place can hold.

use std::borrow::Cow;
use std::ops::Bound;

use super::opcode::{Opcode, Table};
use super::{Runs, number, pool, shape};
use crate::name::Name;
use crate::op::{Case, Change, Op, OpKind};
use crate::options::{Options, Setting};
use crate::range::{Fill, Range, Scan};

/// What bytes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The case; empty if the version is not known.
    pub case: Case,
    /// Whether the first byte is a version that is known here. Where it is not, count the input
    /// as dropped: running the empty case would check nothing.
    pub known_version: bool,
}

/// The case that these bytes are. Never fails; see the module's invariants.
///
/// ```
/// use etalon_spec::bytes::decode;
///
/// assert_eq!(decode(b"\x01\xb4\x00").case.to_string(), "ops 1\nflush\nget \"a\"\n");
/// assert!(!decode(b"ops 1\n").known_version, "this is text");
/// assert!(!decode(b"").known_version);
/// ```
pub fn decode(bytes: &[u8]) -> Decoded {
    let table = bytes.first().and_then(|first| Table::of_version(*first));
    let Some(table) = table else {
        return Decoded::default();
    };
    let mut reader = Reader {
        bytes,
        table,
        position: 1,
        runs: Runs::default(),
    };
    let mut case = Case::default();
    while reader.position < bytes.len() {
        let byte = reader.byte();
        match table.record(byte) {
            Opcode::Op(kind) => case.ops.push(reader.op(kind)),
            Opcode::More(kind) => case.ops.push(reader.op_with_more(kind)),
            Opcode::Option => reader.option(&mut case.options),
            Opcode::Scope => case.ops.push(reader.scoped()),
        }
    }
    Decoded {
        case,
        known_version: true,
    }
}

/// The case that the bytes are; what does not begin with a version is read as if it did.
pub(crate) fn case_of(bytes: &[u8]) -> Case {
    let decoded = decode(bytes);
    if decoded.known_version {
        return decoded.case;
    }
    let mut versioned = Vec::with_capacity(1 + bytes.len());
    versioned.push(super::VERSION);
    versioned.extend_from_slice(bytes);
    decode(&versioned).case
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) table: &'static Table,
    position: usize,
    runs: Runs,
}

impl Reader<'_> {
    pub(super) fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.position).copied().unwrap_or(0);
        self.position += 1;
        byte
    }

    pub(super) fn number(&mut self) -> u64 {
        number::read(|| self.byte())
    }

    /// As many of the next `length` bytes as there are.
    fn inline(&mut self, length: u64) -> &[u8] {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        self.position += length;
        &rest[..length]
    }

    /// Whether the input has ended: what follows reads as zeros.
    pub(super) fn has_ended(&self) -> bool {
        self.position >= self.bytes.len()
    }

    pub(super) fn op(&mut self, kind: OpKind) -> Op {
        match kind {
            OpKind::Get => Op::get(self.key()),
            OpKind::Put => Op::put(self.key(), self.value()),
            OpKind::Delete => Op::delete(self.key()),
            OpKind::Flush => Op::Flush,
            OpKind::Sync => Op::Sync,
            OpKind::Scan => Op::scan(self.scan()),
            OpKind::Length => Op::LENGTH,
            OpKind::Write => Op::write(self.changes()),
            OpKind::Clear => Op::CLEAR,
            OpKind::DeleteRange => {
                let shape = self.byte();
                Op::delete_range(self.range(shape % shape::RANGES))
            }
            OpKind::Fill => Op::Fill(Fill {
                prefix: self.key(),
                count: u16::try_from(self.number()).unwrap_or(u16::MAX),
                size: u16::try_from(self.number()).unwrap_or(u16::MAX),
            }),
            OpKind::Snapshot => Op::Snapshot(self.name(&pool::SNAPSHOTS)),
            OpKind::Release => Op::Release(self.name(&pool::SNAPSHOTS)),
            OpKind::Iterator => Op::Iterator {
                name: self.name(&pool::ITERATORS),
                at: None,
            },
            OpKind::Seek => Op::Seek {
                name: self.name(&pool::ITERATORS),
                key: self.key(),
            },
            OpKind::SeekFirst => Op::SeekFirst(self.name(&pool::ITERATORS)),
            OpKind::SeekLast => Op::SeekLast(self.name(&pool::ITERATORS)),
            OpKind::Next => Op::Next(self.name(&pool::ITERATORS)),
            OpKind::Prev => Op::Prev(self.name(&pool::ITERATORS)),
            OpKind::Close => Op::Close(self.name(&pool::ITERATORS)),
            OpKind::Compact => Op::Compact,
            OpKind::Reopen => Op::Reopen,
            OpKind::Kill => Op::Kill { then: self.thens() },
            OpKind::Crash => Op::Crash(Box::new(self.crash())),
            OpKind::Fail => Op::Fail(Box::new(self.fault())),
            OpKind::First => Op::First { at: None },
            OpKind::Last => Op::Last { at: None },
            OpKind::Cas => self.cas(),
            OpKind::Ingest => Op::Ingest {
                run: self.run(),
                sync: false,
            },
            OpKind::Begin => Op::Begin(self.name(&pool::TRANSACTIONS)),
            OpKind::Savepoint => Op::Savepoint {
                transaction: self.name(&pool::TRANSACTIONS),
                name: self.name(&pool::SAVEPOINTS),
            },
            OpKind::Rollback => Op::Rollback {
                transaction: self.name(&pool::TRANSACTIONS),
                to: None,
            },
            OpKind::Commit => Op::Commit(self.name(&pool::TRANSACTIONS)),
            OpKind::Create => Op::Create(self.name(&pool::SPACES)),
            OpKind::Rename => Op::Rename {
                from: self.name(&pool::SPACES),
                to: self.name(&pool::SPACES),
            },
            OpKind::Drop => Op::Drop(self.name(&pool::SPACES)),
        }
    }

    /// A synced change, or a read or an iterator at a snapshot, or a rollback to a savepoint, whose
    /// name comes last.
    pub(super) fn op_with_more(&mut self, kind: OpKind) -> Op {
        let mut op = self.op(kind);
        if let Some(sync) = op.sync_flag_mut() {
            *sync = true;
        } else if let Some(at) = op.snapshot_read_mut() {
            *at = Some(self.name(&pool::SNAPSHOTS));
        } else if let Op::Rollback { to, .. } = &mut op {
            *to = Some(self.name(&pool::SAVEPOINTS));
        }
        op
    }

    /// A name. Inline bytes that are none stand for the first of the pool.
    pub(super) fn name(&mut self, pool: &[&str; 8]) -> Name {
        match self.byte() {
            tag @ shape::NAMED_INLINE..=shape::NAMED_INLINE_LAST => {
                let inline = self.inline(u64::from(tag - shape::NAMED_INLINE) + 1);
                Name::from_bytes(inline).unwrap_or(pool::named(pool, 0))
            }
            tag => pool::named(pool, tag),
        }
    }

    fn scan(&mut self) -> Scan {
        let shape = self.byte();
        let range = self.range(shape % shape::RANGES);
        let extras = shape / shape::RANGES;
        let limit = (extras & 2 != 0).then(|| u32::try_from(self.number()).unwrap_or(u32::MAX));
        Scan {
            range,
            reverse: extras & 1 != 0,
            limit,
        }
    }

    fn range(&mut self, shape: u8) -> Range {
        if shape == shape::PREFIX {
            return Range::Prefix(self.key());
        }
        let from = self.bound(shape / 3);
        Range::Between(from, self.bound(shape % 3))
    }

    fn bound(&mut self, place: u8) -> Bound<Vec<u8>> {
        match place {
            0 => Bound::Unbounded,
            1 => Bound::Included(self.key()),
            _ => Bound::Excluded(self.key()),
        }
    }

    /// Changes up to their end; past the input there are zeros, which end a batch.
    fn changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        loop {
            changes.push(match self.byte() {
                0..shape::CHANGE_PUT => return changes,
                shape::CHANGE_PUT..shape::CHANGE_DELETE => Change::Put {
                    key: self.key(),
                    value: self.value(),
                },
                shape::CHANGE_DELETE.. => Change::Delete { key: self.key() },
            });
        }
    }

    /// One option. An inline name that cannot be one drops the record.
    fn option(&mut self, options: &mut Options) {
        let tag = self.byte();
        let name = match tag {
            shape::NAME_INLINE => {
                let length = self.number();
                let name = String::from_utf8(self.inline(length).to_vec());
                name.ok()
                    .filter(|name| Options::is_name(name))
                    .map(Cow::Owned)
            }
            _ => Some(Cow::Borrowed(pool::name(tag))),
        };
        let setting = self.setting();
        if let Some(name) = name {
            options.set(name, setting);
        }
    }

    fn setting(&mut self) -> Setting {
        match self.byte() {
            shape::SETTING_OFF => Setting::Switch(false),
            shape::SETTING_ON => Setting::Switch(true),
            shape::SETTING_NUMBER => Setting::Integer(self.number()),
            shape::SETTING_BYTES => Setting::Text(self.value()),
            tag @ shape::SETTING_WORD..shape::SETTING_POWER => {
                Setting::Text(pool::WORDS[usize::from(tag) % pool::WORDS.len()].to_vec())
            }
            tag @ shape::SETTING_POWER..shape::SETTING_SMALL => Setting::Integer(1 << (tag % 21)),
            tag @ shape::SETTING_SMALL.. => Setting::Integer(u64::from(tag - shape::SETTING_SMALL)),
        }
    }

    pub(super) fn key(&mut self) -> Vec<u8> {
        match self.byte() {
            tag @ shape::INLINE..=shape::INLINE_LONG => self.long(tag),
            tag => pool::key(tag).to_vec(),
        }
    }

    pub(super) fn value(&mut self) -> Vec<u8> {
        match self.byte() {
            0 => Vec::new(),
            tag @ 1..shape::INLINE => vec![tag],
            tag @ shape::INLINE..=shape::INLINE_LONG => self.long(tag),
            tag => vec![tag - 0x80],
        }
    }

    /// Bytes of which `tag`, just read, says that they are inline or a run.
    fn long(&mut self, tag: u8) -> Vec<u8> {
        match tag {
            shape::INLINE_LONG => {
                let length = self.number();
                self.inline(length).to_vec()
            }
            shape::RUN.. => {
                let left = self.runs.left(self.position - 1);
                let length = usize::try_from(self.number()).map_or(left, |length| length.min(left));
                self.runs.used += length;
                vec![self.byte(); length]
            }
            _ => self.inline(u64::from(tag - shape::INLINE)).to_vec(),
        }
    }
}
