//! What each call says about the store, in numbers: which keys had which values when it took
//! effect, and which have which from then on.
//!
//! ```text
//!   get "b" -> "1"                      requires b=1
//!   scan "a".."d" -> "b"="1"            requires a=absent b=1 c=absent    (of keys in the history)
//!   write put "a" "2", delete "b"       effects  a=2 b=absent
//!   cas "a" "1" "2" -> true             requires a=1, effects a=2; false: forbids a=1
//!   snapshot s; get "a" at s -> "1"     the snapshot requires a=1, the get nothing
//! ```
//!
//! Once its reply is known, every read is such a list, whatever kind it is. Only `length` is not,
//! which asks for a number of keys, nor a swap that did not match.
//!
//! Invariants:
//! 1. Keys are numbered in byte order; value 0 is absence.
//! 2. A call is possible at some moment, by the specification, exactly if its fact's `requires`,
//!    `forbids` and `length` hold then; never, if it `is_impossible`.
//! 3. A call without a fact can be at any moment: it asks nothing and changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::call::{Call, History};
use super::views::Views;
use crate::hash::FixedState;
use crate::op::{Change, Entry, Op, Reply};
use crate::range::{Range, Scan};

use super::moves::Position;

/// A key's number, and a value's.
pub(super) type Pair = (u32, u32);

/// The value of a key that is not there.
pub(super) const ABSENT: u32 = 0;

/// What one call says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fact {
    /// Which call, by its place in the history.
    pub(super) call: usize,
    pub(super) invoked: u64,
    pub(super) returned: u64,
    /// By key, each key once.
    pub(super) requires: Vec<Pair>,
    /// Values that their keys must not have: of swaps that did not match.
    pub(super) forbids: Vec<Pair>,
    /// The number of live keys.
    pub(super) length: Option<u64>,
    /// By key, each key once.
    pub(super) effects: Vec<Pair>,
    pub(super) is_impossible: bool,
}

impl Fact {
    /// Whether it says anything.
    fn matters(&self) -> bool {
        let asks = !(self.requires.is_empty() && self.forbids.is_empty()) || self.length.is_some();
        asks || !self.effects.is_empty() || self.is_impossible
    }

    /// Adds what must hold; what contradicts what is there already makes it impossible.
    fn require(&mut self, pairs: Option<Vec<Pair>>) {
        match pairs {
            Some(pairs) => self.requires.extend(pairs),
            None => self.is_impossible = true,
        }
    }

    fn settle(&mut self) {
        self.requires.sort_unstable();
        self.requires.dedup();
        let twice = |pair: &[Pair]| pair[0].0 == pair[1].0;
        self.is_impossible |= self.requires.windows(2).any(twice);
    }
}

/// What a whole history says.
#[derive(Debug)]
pub(super) struct Facts {
    /// By the time of invocation; calls that say nothing have none.
    pub(super) list: Vec<Fact>,
    /// How many keys there are.
    pub(super) keys: usize,
}

impl Facts {
    pub(super) fn of(history: &History) -> Facts {
        Facts::of_reads(history, |_| true)
    }

    /// As if these calls alone had been answered anything, of those that read; all changes are
    /// changes.
    pub(super) fn of_reads(history: &History, is_read: impl Fn(usize) -> bool) -> Facts {
        let calls = history.calls();
        let views = Views::of(history).expect("a history was checked when it was made");
        let terms = Terms::of(calls);
        let mut facts: Vec<Fact> = calls.iter().enumerate().map(begin).collect();
        let mut positions: Vec<Option<Position>> = vec![None; calls.len()];
        for (at, call) in calls.iter().enumerate() {
            let fact = &mut facts[views.moment_of(at)];
            if !is_change(&call.op) && !is_read(at) {
                continue;
            }
            match (&call.op, call.reply()) {
                (_, Some(Reply::Refused | Reply::Unsupported)) => {}
                (Op::Get { key, .. }, Some(reply)) => fact.require(terms.found(key, reply)),
                (Op::Scan { scan, .. }, Some(reply)) => fact.require(terms.scanned(scan, reply)),
                (Op::First { .. }, Some(reply)) => fact.require(terms.scanned(&end(false), reply)),
                (Op::Last { .. }, Some(reply)) => fact.require(terms.scanned(&end(true), reply)),
                (op @ Op::Cas { .. }, reply) => terms.swapped(op, reply, fact),
                (Op::Length { .. }, Some(Reply::Count(count))) => {
                    fact.is_impossible |= fact.length.is_some_and(|other| other != *count);
                    fact.length = Some(*count);
                }
                (Op::Length { .. }, Some(_)) => fact.is_impossible = true,
                (op, Some(reply)) if op.iterator_used().is_some() && !is_close(op) => {
                    let made_by = views.made_by(at).expect("checked by the views");
                    let position = positions[made_by].get_or_insert(Position::Before);
                    let moved = terms.moved(position, op, reply);
                    fact.require(moved);
                }
                (op, reply) => {
                    fact.is_impossible |= reply.is_some_and(|reply| *reply != Reply::Done);
                    fact.effects = terms.effects(op);
                }
            }
        }
        facts.iter_mut().for_each(Fact::settle);
        facts.retain(Fact::matters);
        let keys = terms.keys.len();
        Facts { list: facts, keys }
    }

    /// Which values of which keys some read requires; none if a length asks for all, or a swap
    /// that did not match for any but one.
    pub(super) fn needs(&self) -> Option<HashSet<Pair, FixedState>> {
        let needs_all = |fact: &Fact| fact.length.is_some() || !fact.forbids.is_empty();
        let pairs = self.list.iter().flat_map(|fact| fact.requires.iter());
        (!self.list.iter().any(needs_all)).then(|| pairs.copied().collect())
    }
}

fn begin((at, call): (usize, &Call)) -> Fact {
    Fact {
        call: at,
        invoked: call.invoked,
        returned: call.returned(),
        ..Fact::default()
    }
}

/// The scan that answers what a first or a last does.
fn end(is_last: bool) -> Scan {
    Scan {
        reverse: is_last,
        limit: Some(1),
        ..Scan::ALL
    }
}

fn is_close(op: &Op) -> bool {
    matches!(op, Op::Close(_))
}

fn is_change(op: &Op) -> bool {
    op.sync_flag().is_some()
}

/// The numbers of the keys and values of a history.
pub(super) struct Terms<'a> {
    /// In byte order; a key's number is its place.
    pub(super) keys: Vec<&'a [u8]>,
    values: HashMap<&'a [u8], u32, FixedState>,
}

impl<'a> Terms<'a> {
    fn of(calls: &'a [Call]) -> Self {
        let mut keys = BTreeSet::new();
        let mut values = HashMap::default();
        let mut value = |bytes: &'a [u8]| {
            let next = values.len() as u32 + 1;
            values.entry(bytes).or_insert(next);
        };
        for call in calls {
            match &call.op {
                Op::Get { key, .. } | Op::Delete { key, .. } => drop(keys.insert(key.as_slice())),
                Op::Put {
                    key, value: put, ..
                } => {
                    keys.insert(key);
                    value(put);
                }
                Op::Write { changes, .. } => {
                    for change in changes {
                        keys.insert(change.key());
                        change.value().into_iter().for_each(&mut value);
                    }
                }
                Op::Cas {
                    key, expected, new, ..
                } => {
                    keys.insert(key);
                    expected.iter().chain(new).for_each(|bytes| value(bytes));
                }
                Op::Ingest { run, .. } => {
                    for (key, put) in run.entries() {
                        keys.insert(key);
                        value(put);
                    }
                }
                _ => {}
            }
            match call.reply() {
                Some(Reply::Value(bytes)) => value(bytes),
                Some(Reply::Entries(entries)) => {
                    for (key, found) in entries {
                        keys.insert(key);
                        value(found);
                    }
                }
                _ => {}
            }
        }
        let keys = keys.into_iter().collect();
        Terms { keys, values }
    }

    fn key(&self, key: &[u8]) -> u32 {
        let found = self.keys.binary_search(&key);
        found.expect("every key of the history has a number") as u32
    }

    /// The pair that says that this entry is there.
    pub(super) fn entry(&self, (key, value): &Entry) -> Pair {
        (self.key(key), self.values[value.as_slice()])
    }

    /// What a compare-and-swap says. One that was never answered has matched, or not happened.
    fn swapped(&self, op: &Op, reply: Option<&Reply>, fact: &mut Fact) {
        let Op::Cas {
            key, expected, new, ..
        } = op
        else {
            return;
        };
        let value = |value: &Option<Vec<u8>>| {
            let value = value.as_ref();
            value.map_or(ABSENT, |value| self.values[value.as_slice()])
        };
        let key = self.key(key);
        match reply {
            Some(Reply::Swapped(false)) => fact.forbids.push((key, value(expected))),
            None | Some(Reply::Swapped(true)) => {
                fact.requires.push((key, value(expected)));
                fact.effects = vec![(key, value(new))];
            }
            Some(_) => fact.is_impossible = true,
        }
    }

    /// What a get's reply requires; none if no get can be answered so.
    fn found(&self, key: &[u8], reply: &Reply) -> Option<Vec<Pair>> {
        let value = match reply {
            Reply::Absent => ABSENT,
            Reply::Value(value) => self.values[value.as_slice()],
            _ => return None,
        };
        Some(vec![(self.key(key), value)])
    }

    /// What a scan's reply requires; none if no scan of this range can be answered so.
    fn scanned(&self, scan: &Scan, reply: &Reply) -> Option<Vec<Pair>> {
        let Reply::Entries(entries) = reply else {
            return None;
        };
        let limit = scan.limit.map_or(usize::MAX, |limit| limit as usize);
        let in_order = |pair: &[Entry]| (pair[0].0 < pair[1].0) != scan.reverse;
        let is_legal = entries.len() <= limit
            && entries.iter().all(|(key, _)| scan.range.contains(key))
            && entries
                .windows(2)
                .all(|pair| pair[0].0 != pair[1].0 && in_order(pair));
        if !is_legal {
            return None;
        }
        let last = entries.last().map(|(key, _)| key.as_slice());
        // A scan that reached its limit says nothing of what would have come after.
        let is_seen = |key: &[u8]| match last {
            _ if entries.len() < limit => true,
            None => false,
            Some(last) if scan.reverse => key >= last,
            Some(last) => key <= last,
        };
        Some(self.exactly(entries, |key| scan.range.contains(key) && is_seen(key)))
    }

    /// That of the keys within there are exactly these.
    pub(super) fn exactly(&self, entries: &[Entry], within: impl Fn(&[u8]) -> bool) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = (0..)
            .zip(&self.keys)
            .filter(|(_, key)| within(key))
            .map(|(number, _)| (number, ABSENT))
            .collect();
        for (key, value) in entries.iter().map(|entry| self.entry(entry)) {
            match pairs.binary_search_by_key(&key, |pair| pair.0) {
                Ok(at) => pairs[at].1 = value,
                Err(at) => pairs.insert(at, (key, value)),
            }
        }
        pairs
    }

    fn effects(&self, op: &Op) -> Vec<Pair> {
        match op {
            Op::Put { key, value, .. } => vec![(self.key(key), self.values[value.as_slice()])],
            Op::Delete { key, .. } => vec![(self.key(key), ABSENT)],
            Op::Write { changes, .. } => {
                let mut pairs: Vec<Pair> = Vec::with_capacity(changes.len());
                for change in changes {
                    let pair = self.change(change);
                    match pairs.binary_search_by_key(&pair.0, |other| other.0) {
                        Ok(at) => pairs[at] = pair,
                        Err(at) => pairs.insert(at, pair),
                    }
                }
                pairs
            }
            Op::Ingest { run, .. } => run.entries().iter().map(|put| self.entry(put)).collect(),
            Op::Clear { .. } => self.without(&Range::ALL),
            Op::DeleteRange { range, .. } => self.without(range),
            _ => Vec::new(),
        }
    }

    fn change(&self, change: &Change) -> Pair {
        let value = change.value().map_or(ABSENT, |value| self.values[value]);
        (self.key(change.key()), value)
    }

    fn without(&self, range: &Range) -> Vec<Pair> {
        self.exactly(&[], |key| range.contains(key))
    }
}
