//! What one client sends: operations drawn from the seed, the history's number and the client's.
//!
//! Keys are few, so that clients meet; every value is written once, so that a read says which
//! write it saw; and most values are some hundred bytes long, so that small memtables are full
//! after a few dozen of them.

use std::ops::Bound;

use crate::kinds::Kinds;
use crate::name::Name;
use crate::op::{Change, Op, OpKind};
use crate::options::Options;
use crate::profile::{Ability, LengthKind, Order, Profile, Taken, View};
use crate::random::Random;
use crate::range::{Range, Scan};

/// How often each kind is sent, in proportion; moves of iterators share one share.
const WEIGHTS: [(OpKind, usize); 12] = [
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
];

/// What all clients of a history have in common.
#[derive(Clone, Debug)]
pub(super) struct Theme {
    seed: u64,
    index: u64,
    pub(super) options: Options,
    keys: Vec<Vec<u8>>,
    value_bytes: usize,
    kinds: Kinds,
    profile: Profile,
}

impl Theme {
    /// Of history `index`; one in four has nothing but gets, puts and deletes, whose histories
    /// are decided key by key.
    pub(super) fn new(seed: u64, index: u64, profile: &Profile, kinds: Kinds) -> Theme {
        let mut random = Random::part(seed, index << 8 | 0xff);
        let mut options = Options::default();
        for option in profile
            .options
            .iter()
            .filter(|option| !option.values.is_empty())
        {
            if random.chance(3, 4) {
                let place = random.small(option.values.len());
                options.set(option.name.clone(), option.values[place].clone());
            }
        }
        let points = [OpKind::Get, OpKind::Put, OpKind::Delete];
        let points: Kinds = points.into_iter().collect();
        let count = *random.pick(&[1, 2, 4, 8, 16, 32]);
        Theme {
            seed,
            index,
            options,
            keys: (0..count).map(|number| key(number, profile)).collect(),
            value_bytes: *random.pick(&[0, 100, 200, 400]),
            kinds: if random.chance(1, 4) {
                kinds.and(points)
            } else {
                kinds
            },
            profile: profile.clone(),
        }
    }

    /// What flushes and compactions are sent, if any.
    pub(super) fn structure(&self) -> Vec<OpKind> {
        let structure = [OpKind::Flush, OpKind::Flush, OpKind::Compact];
        let sent = structure
            .into_iter()
            .filter(|kind| self.profile.sends(*kind));
        sent.collect()
    }

    /// The random stream of one thread of the history.
    pub(super) fn stream(&self, lane: usize) -> Random {
        Random::part(self.seed, self.index << 8 | lane as u64)
    }

    pub(super) fn keys(&self) -> &[Vec<u8>] {
        &self.keys
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }
}

/// Kinds that a client of this profile may send; flushes and compactions have their own thread.
pub(super) fn kinds(profile: &Profile) -> Kinds {
    let is_sent = |kind: &OpKind| match kind {
        OpKind::Delete => profile.delete_absent == Taken::Answered,
        OpKind::Length => profile.length == LengthKind::Exact && profile.sends(*kind),
        kind if kind.moves() => profile.iterator_view == View::Snapshot && profile.sends(*kind),
        kind => profile.sends(*kind),
    };
    let kinds = WEIGHTS.into_iter().map(|(kind, _)| kind);
    kinds.filter(is_sent).collect()
}

impl OpKind {
    /// Whether operations of this kind make, move or close iterators.
    fn moves(self) -> bool {
        matches!(self, OpKind::Iterator | OpKind::Next | OpKind::Close)
    }
}

/// A key that the profile takes: a number, with zeros before it.
fn key(number: usize, profile: &Profile) -> Vec<u8> {
    let digits = profile.keys.min.max(3.min(profile.keys.max));
    if digits < 2 {
        return vec![b'0' + number as u8; digits];
    }
    format!("{number:0digits$}").into_bytes()
}

/// The operations of one client.
#[derive(Debug)]
pub(super) struct Workload<'a> {
    theme: &'a Theme,
    lane: usize,
    random: Random,
    sent: u64,
    snapshot: Open,
    iterator: Open,
}

/// The one snapshot or iterator of a client.
#[derive(Debug)]
struct Open {
    name: Name,
    is_open: bool,
    /// Whether the profile allows one for this client.
    may_open: bool,
}

impl Open {
    fn new(letter: char, lane: usize, most: usize) -> Self {
        Open {
            name: Name::new(&format!("{letter}{lane}")).expect("a letter and a number"),
            is_open: false,
            may_open: lane < most,
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
            OpKind::Snapshot => self.snapshot.may_open,
            OpKind::Release => self.snapshot.is_open,
            OpKind::Iterator => self.iterator.may_open,
            OpKind::Next | OpKind::Close => self.iterator.is_open,
            _ => true,
        }
    }

    fn op(&mut self, kind: OpKind) -> Op {
        match kind {
            OpKind::Put => {
                let (key, value, sync) = (self.key(), self.value(), self.sync());
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
            OpKind::Length => Op::Length { at: self.at() },
            OpKind::Sync => Op::Sync,
            OpKind::Snapshot => {
                self.snapshot.is_open = true;
                Op::Snapshot(self.snapshot.name)
            }
            OpKind::Release => {
                self.snapshot.is_open = false;
                Op::Release(self.snapshot.name)
            }
            OpKind::Iterator => {
                self.iterator.is_open = true;
                let (name, at) = (self.iterator.name, self.at());
                Op::Iterator { name, at }
            }
            OpKind::Close => {
                self.iterator.is_open = false;
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
        let change = |key| match self.random.chance(1, 5) && self.theme.kinds.has(OpKind::Delete) {
            true => Change::Delete { key },
            false => Change::Put {
                key,
                value: value.clone(),
            },
        };
        keys.into_iter().map(change).collect()
    }

    fn scan(&mut self) -> Scan {
        let profile = &self.theme.profile;
        let is_ordered = profile.order == Order::Bytes;
        let reverse = is_ordered && profile.can.has(Ability::Reverse) && self.random.chance(1, 4);
        let limit = is_ordered && self.random.chance(1, 4);
        let limit = limit.then(|| 1 + self.random.below(4) as u32);
        let (one, other) = (self.key(), self.key());
        let range = match self.random.below(3) {
            0 if self.theme.profile.can.has(Ability::Prefix) => {
                Range::Prefix(one[..one.len() - 1.min(one.len())].to_vec())
            }
            1 => Range::Between(
                Bound::Included(one.clone().min(other.clone())),
                Bound::Included(one.max(other)),
            ),
            _ => Range::ALL,
        };
        Scan {
            range,
            reverse,
            limit,
        }
    }

    /// At the client's snapshot, every other time.
    fn at(&mut self) -> Option<Name> {
        let reads = self.snapshot.is_open && self.random.chance(1, 2);
        reads.then_some(self.snapshot.name)
    }

    fn sync(&mut self) -> bool {
        self.theme.kinds.has(OpKind::Sync) && self.random.chance(1, 40)
    }
}
