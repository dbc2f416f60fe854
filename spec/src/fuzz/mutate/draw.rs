//! What mutations put in: most often keys that the case has already, so that operations meet.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::keys::each_key;
use crate::name::Name;
use crate::op::{Case, Change, Op, OpKind};
use crate::options::Setting;
use crate::random::Random;
use crate::range::{Fill, Range, Scan};

/// More keys of a case than this are not looked at.
const KEYS: usize = 64;

/// Kinds of operations, the first ones most often: [`Random::small`] draws the place.
const KINDS: [OpKind; 28] = [
    OpKind::Put,
    OpKind::Get,
    OpKind::Delete,
    OpKind::Flush,
    OpKind::Put,
    OpKind::Get,
    OpKind::Compact,
    OpKind::Scan,
    OpKind::Delete,
    OpKind::Snapshot,
    OpKind::Iterator,
    OpKind::Next,
    OpKind::Prev,
    OpKind::Reopen,
    OpKind::Write,
    OpKind::Scan,
    OpKind::DeleteRange,
    OpKind::Length,
    OpKind::Seek,
    OpKind::Sync,
    OpKind::Clear,
    OpKind::Close,
    OpKind::Release,
    OpKind::SeekLast,
    OpKind::SeekFirst,
    OpKind::Fill,
    OpKind::Put,
    OpKind::Get,
];

/// Names, the first ones most often.
const SNAPSHOTS: [Name; 3] = [Name::literal("s"), Name::literal("t"), Name::literal("u")];
const ITERATORS: [Name; 3] = [Name::literal("i"), Name::literal("j"), Name::literal("k")];

/// Options that stores of this family have, the reference engine among them. Those that a
/// store does not have are dropped by `restrict`.
const OPTIONS: [&str; 5] = [
    "memtable_bytes",
    "block_bytes",
    "restart_interval",
    "filter_bits",
    "compression",
];

/// Numbers that options usually have.
const SETTINGS: [u64; 16] = [
    0,
    1,
    2,
    4,
    8,
    10,
    16,
    32,
    64,
    256,
    512,
    1024,
    2048,
    4096,
    16 << 10,
    4 << 20,
];

/// A source of parts for one case.
pub(super) struct Draw<'a> {
    pub(super) random: &'a mut Random,
    keys: Vec<Vec<u8>>,
}

impl<'a> Draw<'a> {
    pub(super) fn new(case: &Case, random: &'a mut Random) -> Self {
        let mut keys = BTreeSet::new();
        for op in &case.ops {
            each_key(op, &mut |key| {
                if keys.len() < KEYS && !keys.contains(key) {
                    keys.insert(key.to_vec());
                }
            });
        }
        Draw {
            random,
            keys: keys.into_iter().collect(),
        }
    }

    /// A key of the case, or one close to it.
    pub(super) fn key(&mut self) -> Vec<u8> {
        let mut key = if self.keys.is_empty() {
            [&b"a"[..], b"b", b"ab", b""][self.random.below(4)].to_vec()
        } else {
            self.random.pick(&self.keys).clone()
        };
        if self.random.chance(1, 4) {
            self.neighbour(&mut key);
        }
        key
    }

    /// The key that stands for another one: always the same within a case.
    pub(super) fn stand_in(&self, hash: u64) -> Option<&Vec<u8>> {
        // One in four keeps the key it has.
        let place = (hash % (self.keys.len().max(1) as u64 + 2)) as usize;
        self.keys.get(place)
    }

    /// Makes a key one that is close to it in order.
    pub(super) fn neighbour(&mut self, key: &mut Vec<u8>) {
        match self.random.below(5) {
            0 => key.push([0, 1, b'a', 0xff][self.random.below(4)]),
            1 => drop(key.pop()),
            2 | 3 => match key.last_mut() {
                Some(last) => *last = last.wrapping_add([1, 0xff][self.random.below(2)]),
                None => key.push(0),
            },
            _ => {
                let length = key.len() + [1, 4, 16, 60][self.random.below(4)];
                key.resize(length.min(1 << 10), b'k');
            }
        }
    }

    pub(super) fn value(&mut self) -> Vec<u8> {
        match self.random.below(8) {
            0 => Vec::new(),
            1 => vec![b'.'; 16 + self.random.below(128)],
            2 => vec![b'-'; self.random.small(6_000)],
            3 => self.random.next().to_le_bytes()[self.random.below(8)..].to_vec(),
            _ => vec![b'0' + self.random.below(10) as u8],
        }
    }

    pub(super) fn change(&mut self) -> Change {
        let key = self.key();
        if self.random.chance(1, 3) {
            Change::Delete { key }
        } else {
            let value = self.value();
            Change::Put { key, value }
        }
    }

    fn bound(&mut self) -> Bound<Vec<u8>> {
        match self.random.below(4) {
            0 => Bound::Unbounded,
            1 => Bound::Excluded(self.key()),
            _ => Bound::Included(self.key()),
        }
    }

    pub(super) fn range(&mut self) -> Range {
        if self.random.chance(1, 5) {
            let mut prefix = self.key();
            prefix.truncate(self.random.below(3));
            return Range::Prefix(prefix);
        }
        Range::Between(self.bound(), self.bound())
    }

    pub(super) fn scan(&mut self) -> Scan {
        let limited = self.random.chance(1, 4);
        Scan {
            range: if self.random.chance(1, 3) {
                Range::ALL
            } else {
                self.range()
            },
            reverse: self.random.chance(1, 2),
            limit: limited.then(|| self.random.below(5) as u32),
        }
    }

    fn fill(&mut self) -> Fill {
        let mut prefix = self.key();
        prefix.truncate(2);
        Fill {
            prefix,
            count: 1 + self.random.small(40) as u16,
            size: self.random.small(150) as u16,
        }
    }

    pub(super) fn snapshot(&mut self) -> Name {
        SNAPSHOTS[self.random.small(SNAPSHOTS.len())]
    }

    pub(super) fn iterator(&mut self) -> Name {
        ITERATORS[self.random.small(ITERATORS.len())]
    }

    /// An operation; a change of eight is synced, a read of eight is at a snapshot.
    pub(super) fn op(&mut self) -> Op {
        let mut op = self.plain_op();
        if self.random.chance(1, 8) {
            self.add_more(&mut op);
        }
        op
    }

    /// Syncs a change; moves a read, or an iterator that is made, to a snapshot.
    pub(super) fn add_more(&mut self, op: &mut Op) {
        if let Some(sync) = op.sync_flag_mut() {
            *sync = true;
        }
        if let Some(at) = op.snapshot_read_mut() {
            *at = Some(self.snapshot());
        }
    }

    fn plain_op(&mut self) -> Op {
        match KINDS[self.random.small(KINDS.len())] {
            OpKind::Get => Op::get(self.key()),
            OpKind::Put => Op::put(self.key(), self.value()),
            OpKind::Delete => Op::delete(self.key()),
            OpKind::Flush => Op::Flush,
            OpKind::Scan => Op::scan(self.scan()),
            OpKind::Length => Op::LENGTH,
            OpKind::Write => Op::Write {
                changes: (0..self.random.below(5)).map(|_| self.change()).collect(),
                sync: false,
            },
            OpKind::Clear => Op::CLEAR,
            OpKind::DeleteRange => Op::delete_range(self.range()),
            OpKind::Fill => Op::Fill(self.fill()),
            OpKind::Compact => Op::Compact,
            OpKind::Reopen => Op::Reopen,
            OpKind::Sync => Op::Sync,
            OpKind::Snapshot => Op::Snapshot(self.snapshot()),
            OpKind::Release => Op::Release(self.snapshot()),
            OpKind::Iterator => Op::Iterator {
                name: self.iterator(),
                at: None,
            },
            OpKind::Next => Op::Next(self.iterator()),
            OpKind::Prev => Op::Prev(self.iterator()),
            OpKind::SeekFirst => Op::SeekFirst(self.iterator()),
            OpKind::SeekLast => Op::SeekLast(self.iterator()),
            OpKind::Seek => Op::Seek {
                name: self.iterator(),
                key: self.key(),
            },
            OpKind::Close => Op::Close(self.iterator()),
            other => unreachable!("`{}` is not in the list: few stores have it", other.word()),
        }
    }

    /// A name of an option, and a value for it.
    pub(super) fn option(&mut self) -> (&'static str, Setting) {
        let name = *self.random.pick(&OPTIONS);
        let setting = if name == "compression" {
            Setting::from(*self.random.pick(&["none", "snappy"]))
        } else {
            Setting::Integer(*self.random.pick(&SETTINGS))
        };
        (name, setting)
    }
}
