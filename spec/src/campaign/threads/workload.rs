//! What one client sends: operations drawn from the seed, the history's number and the client's.
//!
//! Every value is written once, so that a read says which write it saw, and most values are some
//! hundred bytes long, so that small memtables are full after a few dozen of them.

use std::ops::Bound;

use super::theme::Theme;
use crate::name::Name;
use crate::op::{Change, Op, OpKind};
use crate::profile::{Ability, Order};
use crate::random::Random;
use crate::range::{Range, Scan};
use crate::sorted_run::SortedRun;

/// How often each kind is sent, in proportion; moves of iterators share one share.
pub(super) const WEIGHTS: [(OpKind, usize); 16] = [
    (OpKind::Get, 40),
    (OpKind::Put, 28),
    (OpKind::Delete, 6),
    (OpKind::Write, 8),
    (OpKind::Scan, 8),
    (OpKind::Length, 1),
    (OpKind::Snapshot, 3),
    (OpKind::Release, 2),
    (OpKind::Iterator, 2),
    (OpKind::Next, 8),
    (OpKind::Close, 1),
    (OpKind::Sync, 1),
    (OpKind::First, 2),
    (OpKind::Last, 2),
    (OpKind::Cas, 8),
    (OpKind::Ingest, 1),
];

/// The operations of one client.
#[derive(Debug)]
pub(super) struct Workload<'a> {
    theme: &'a Theme,
    lane: usize,
    random: Random,
    sent: u64,
    snapshot: Open,
    iterator: Open,
    /// The key and value of the newest put or swap: what the next swap expects, mostly.
    newest: Option<(Vec<u8>, Vec<u8>)>,
}

/// The one snapshot or iterator of a client.
#[derive(Debug)]
struct Open {
    name: Name,
    is_there: bool,
    /// Whether the profile allows one for this client.
    is_allowed: bool,
}

impl Open {
    fn new(letter: char, lane: usize, most: usize) -> Self {
        Open {
            name: Name::new(&format!("{letter}{lane}")).expect("a letter and a number"),
            is_there: false,
            is_allowed: lane < most,
        }
    }
}

impl<'a> Workload<'a> {
    pub(super) fn new(theme: &'a Theme, lane: usize) -> Self {
        let profile = &theme.profile;
        Workload {
            theme,
            lane,
            random: theme.stream(lane),
            sent: 0,
            snapshot: Open::new('s', lane, profile.snapshot_max),
            iterator: Open::new('i', lane, profile.iterator_max),
            newest: None,
        }
    }

    /// The next operation; none if the settings leave nothing to send.
    pub(super) fn next(&mut self) -> Option<Op> {
        let possible = |(kind, _): &(OpKind, usize)| self.theme.kinds.has(*kind) && self.can(*kind);
        let weights: Vec<(OpKind, usize)> = WEIGHTS.into_iter().filter(possible).collect();
        let mut draw = self
            .random
            .below(weights.iter().map(|(_, weight)| weight).sum());
        let (kind, _) = weights.into_iter().find(|(_, weight)| {
            let is_drawn = draw < *weight;
            draw = draw.saturating_sub(*weight);
            is_drawn
        })?;
        self.sent += 1;
        Some(self.op(kind))
    }

    /// Whether an operation of this kind makes sense now.
    fn can(&self, kind: OpKind) -> bool {
        match kind {
            OpKind::Snapshot => self.snapshot.is_allowed,
            OpKind::Release => self.snapshot.is_there,
            OpKind::Iterator => self.iterator.is_allowed,
            OpKind::Next | OpKind::Close => self.iterator.is_there,
            _ => true,
        }
    }

    fn op(&mut self, kind: OpKind) -> Op {
        match kind {
            OpKind::Put => {
                let (key, value, sync) = (self.key(), self.value(), self.sync());
                self.note(&key, &value);
                Op::Put { key, value, sync }
            }
            OpKind::Delete => {
                let (key, sync) = (self.key(), self.sync());
                Op::Delete { key, sync }
            }
            OpKind::Write => {
                let (changes, sync) = (self.changes(), self.sync());
                Op::Write { changes, sync }
            }
            OpKind::Scan => {
                let (scan, at) = (self.scan(), self.at());
                Op::Scan { scan, at }
            }
            OpKind::First => Op::First { at: self.at() },
            OpKind::Last => Op::Last { at: self.at() },
            OpKind::Cas => self.swap(),
            OpKind::Ingest => {
                let (run, sync) = (self.run(), self.sync());
                Op::Ingest { run, sync }
            }
            OpKind::Length => Op::Length { at: self.at() },
            OpKind::Sync => Op::Sync,
            OpKind::Snapshot => {
                self.snapshot.is_there = true;
                Op::Snapshot(self.snapshot.name)
            }
            OpKind::Release => {
                self.snapshot.is_there = false;
                Op::Release(self.snapshot.name)
            }
            OpKind::Iterator => {
                self.iterator.is_there = true;
                let (name, at) = (self.iterator.name, self.at());
                Op::Iterator { name, at }
            }
            OpKind::Close => {
                self.iterator.is_there = false;
                Op::Close(self.iterator.name)
            }
            OpKind::Next => self.movement(),
            _ => {
                let (key, at) = (self.key(), self.at());
                Op::Get { key, at }
            }
        }
    }

    fn movement(&mut self) -> Op {
        let name = self.iterator.name;
        let kinds = if self.theme.profile.iterator_back {
            8
        } else {
            6
        };
        match self.random.below(kinds) {
            0 => Op::SeekFirst(name),
            1 | 2 => {
                let key = self.key();
                Op::Seek { name, key }
            }
            3..=5 => Op::Next(name),
            6 => Op::SeekLast(name),
            _ => Op::Prev(name),
        }
    }

    fn key(&mut self) -> Vec<u8> {
        self.random.pick(&self.theme.keys).clone()
    }

    /// A value that nobody else writes, unless the profile allows no such length.
    fn value(&mut self) -> Vec<u8> {
        let mut value = format!("{}.{};", self.lane, self.sent).into_bytes();
        let bytes = self
            .random
            .below(self.theme.value_bytes + 1)
            .max(value.len());
        let lengths = self.theme.profile.values;
        value.resize(bytes.clamp(lengths.min, lengths.max), b'.');
        value
    }

    /// A batch of a few keys, each once.
    fn changes(&mut self) -> Vec<Change> {
        let from = self.random.below(self.theme.keys.len());
        let most = 4
            .min(self.theme.keys.len())
            .min(self.theme.profile.batch_max);
        let count = 1 + self.random.below(most);
        let value = self.value();
        let keys = self.theme.keys.iter().cycle().skip(from).take(count);
        let keys: Vec<Vec<u8>> = keys.cloned().collect();
        let deletes = self.theme.kinds.has(OpKind::Delete);
        let change = |key| {
            if deletes && self.random.chance(1, 5) {
                return Change::Delete { key };
            }
            let value = value.clone();
            Change::Put { key, value }
        };
        keys.into_iter().map(change).collect()
    }

    fn note(&mut self, key: &[u8], value: &[u8]) {
        // Of stores without swaps nobody asks for it.
        if self.theme.kinds.has(OpKind::Cas) {
            self.newest = Some((key.to_vec(), value.to_vec()));
        }
    }

    /// A swap of the value that this client has put last, or of a key that is to be absent.
    fn swap(&mut self) -> Op {
        let newest = self.newest.take().filter(|_| self.random.chance(3, 4));
        let (key, expected) = match newest {
            Some((key, value)) => (key, Some(value)),
            None => (self.key(), None),
        };
        let new = self.random.chance(7, 8).then(|| self.value());
        if let Some(new) = &new {
            self.note(&key, new);
        }
        let sync = self.sync();
        Op::Cas {
            key,
            expected,
            new,
            sync,
        }
    }

    /// A few keys that follow one another.
    fn run(&mut self) -> SortedRun {
        let from = self.random.below(self.theme.keys.len());
        let count = 1 + self.random.below(4);
        let value = self.value();
        let keys = self.theme.keys.iter().skip(from).take(count).cloned();
        let entries = keys.map(|key| (key, value.clone())).collect();
        SortedRun::sorted(entries).expect("at least one key")
    }

    fn scan(&mut self) -> Scan {
        let profile = &self.theme.profile;
        let is_ordered = profile.order == Order::Bytes;
        let reverse = is_ordered && profile.can.has(Ability::Reverse) && self.random.chance(1, 4);
        let limit = is_ordered && self.random.chance(1, 4);
        let limit = limit.then(|| 1 + self.random.below(4) as u32);
        let (one, other) = (self.key(), self.key());
        let profile = &self.theme.profile;
        let range = match self.random.below(3) {
            0 if profile.can.has(Ability::Prefix) => {
                Range::Prefix(one[..one.len() - 1.min(one.len())].to_vec())
            }
            1 => Range::Between(
                Bound::Included(one.clone().min(other.clone())),
                Bound::Included(one.max(other)),
            ),
            _ => Range::ALL,
        };
        let mut scan = Scan {
            range,
            reverse,
            limit,
        };
        if !profile.takes_bounds(&scan.range) {
            scan.range = Range::ALL;
        }
        scan.reverse &= profile.takes_direction(&scan);
        scan
    }

    /// At the client's snapshot, every other time.
    fn at(&mut self) -> Option<Name> {
        let reads = self.snapshot.is_there && self.random.chance(1, 2);
        reads.then_some(self.snapshot.name)
    }

    fn sync(&mut self) -> bool {
        self.theme.kinds.has(OpKind::Sync) && self.random.chance(1, 40)
    }
}
