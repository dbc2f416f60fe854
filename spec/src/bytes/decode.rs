//! From any bytes to a case.
//!
//! What is missing at the end of the input reads as zeros, lengths stop where the input stops,
//! numbers stop at the greatest that their place can hold.

use std::borrow::Cow;
use std::ops::Bound;

use super::opcode::{Opcode, opcode};
use super::{Runs, VERSION, number, pool, shape};
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
    if bytes.first() != Some(&VERSION) {
        return Decoded::default();
    }
    let mut reader = Reader {
        bytes,
        position: 1,
        runs: Runs::default(),
    };
    let mut case = Case::default();
    while reader.position < bytes.len() {
        match opcode(reader.byte()) {
            Opcode::Op(kind) => case.ops.push(reader.op(kind)),
            Opcode::Option => reader.option(&mut case.options),
        }
    }
    Decoded {
        case,
        known_version: true,
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    runs: Runs,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.position).copied().unwrap_or(0);
        self.position += 1;
        byte
    }

    fn number(&mut self) -> u64 {
        number::read(|| self.byte())
    }

    /// As many of the next `length` bytes as there are.
    fn inline(&mut self, length: u64) -> &[u8] {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        self.position += length;
        &rest[..length]
    }

    fn op(&mut self, kind: OpKind) -> Op {
        match kind {
            OpKind::Get => Op::Get { key: self.key() },
            OpKind::Put => Op::Put {
                key: self.key(),
                value: self.value(),
            },
            OpKind::Delete => Op::Delete { key: self.key() },
            OpKind::Flush => Op::Flush,
            OpKind::Scan => Op::Scan(self.scan()),
            OpKind::Length => Op::Length,
            OpKind::Write => Op::Write {
                changes: self.changes(),
            },
            OpKind::Clear => Op::Clear,
            OpKind::DeleteRange => {
                let shape = self.byte();
                Op::DeleteRange(self.range(shape % shape::RANGES))
            }
            OpKind::Fill => Op::Fill(Fill {
                prefix: self.key(),
                count: u16::try_from(self.number()).unwrap_or(u16::MAX),
                size: u16::try_from(self.number()).unwrap_or(u16::MAX),
            }),
            OpKind::Compact => Op::Compact,
            OpKind::Reopen => Op::Reopen,
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

    fn key(&mut self) -> Vec<u8> {
        match self.byte() {
            tag @ shape::INLINE..=shape::INLINE_LONG => self.long(tag),
            tag => pool::key(tag).to_vec(),
        }
    }

    fn value(&mut self) -> Vec<u8> {
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
