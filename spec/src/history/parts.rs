//! Splitting a history into parts that no call connects, so that each is decided alone.
//!
//! ```text
//!   put a   get a   write a,b   get c   put c   scan d..e
//!   `------ part 1 ---------'   `- part 2 -'    part 3
//! ```
//!
//! A history is linearizable if and only if each part is (Herlihy and Wing's locality: a part is
//! an object of its own, and each call is a call on one). Calls on one key are parts by key; a
//! batch, a scan or a snapshot with its reads joins the keys that it names, and `length` joins
//! all.

use super::facts::{Fact, Facts, Pair};

/// Facts that have keys to do with each other.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// With keys numbered from 0 in this part.
    pub(super) facts: Vec<Fact>,
    pub(super) keys: usize,
}

/// The parts of a history, in no order that matters. Impossible facts are in none.
pub(super) fn parts(facts: &Facts) -> Vec<Part> {
    let mut sets = Sets((0..facts.keys as u32).collect());
    let possible = || facts.list.iter().filter(|fact| !fact.is_impossible);
    let joins_all = possible().any(|fact| fact.length.is_some());
    if joins_all {
        sets.join(0..facts.keys as u32);
    }
    for fact in possible() {
        sets.join(named(fact));
    }
    let (places, keys_of) = sets.places();
    let mut parts: Vec<Part> = keys_of.into_iter().map(Part::of_keys).collect();
    if parts.is_empty() {
        parts.push(Part::default());
    }
    for fact in possible() {
        let first = named(fact).next();
        let part = first.map_or(0, |key| places[key as usize].0);
        let local = |(key, value): &Pair| (places[*key as usize].1, *value);
        parts[part].facts.push(Fact {
            requires: fact.requires.iter().map(local).collect(),
            forbids: fact.forbids.iter().map(local).collect(),
            effects: fact.effects.iter().map(local).collect(),
            ..*fact
        });
    }
    parts
}

impl Part {
    fn of_keys(keys: usize) -> Self {
        let facts = Vec::new();
        Part { facts, keys }
    }
}

/// The keys that a fact names.
fn named(fact: &Fact) -> impl Iterator<Item = u32> {
    let asked = fact.requires.iter().chain(&fact.forbids);
    let pairs = asked.chain(&fact.effects);
    pairs.map(|(key, _)| *key)
}

/// Disjoint sets of keys: each key points to one of its set, the least to itself.
struct Sets(Vec<u32>);

impl Sets {
    fn least(&mut self, key: u32) -> u32 {
        let mut key = key;
        while self.0[key as usize] != key {
            let above = self.0[self.0[key as usize] as usize];
            self.0[key as usize] = above;
            key = above;
        }
        key
    }

    fn join(&mut self, keys: impl Iterator<Item = u32>) {
        let mut before: Option<u32> = None;
        for key in keys {
            let own = self.least(key);
            let other = before.map_or(own, |key| self.least(key));
            let least = own.min(other);
            self.0[own.max(other) as usize] = least;
            before = Some(least);
        }
    }

    /// For each key its part and its number there; and for each part how many keys it has.
    fn places(mut self) -> (Vec<(usize, u32)>, Vec<usize>) {
        let mut part_of_least = vec![usize::MAX; self.0.len()];
        let mut counts: Vec<usize> = Vec::new();
        let mut places = Vec::with_capacity(self.0.len());
        for key in 0..self.0.len() as u32 {
            let least = self.least(key) as usize;
            if part_of_least[least] == usize::MAX {
                part_of_least[least] = counts.len();
                counts.push(0);
            }
            let part = part_of_least[least];
            places.push((part, counts[part] as u32));
            counts[part] += 1;
        }
        (places, counts)
    }
}
