//! The search: whether the calls of one part can be put in one order.
//!
//! It goes through the moments of the part in time, and carries along every state that the store
//! can be in, each with the open calls that have taken effect already: a configuration. A call
//! needs to have taken effect by the time it returns, so only then are orders tried.
//!
//! ```text
//!   [0] |put k=1 ---------------- ok|
//!   [1]      |put k=2 - ok|    |get k -> 1|
//!
//!   {}  ->   {}  ->   { k=2 (1 done), k=2 after k=1 (both done) }
//!                                     get: only k=1 after k=2 answers it, the other one dies
//! ```
//!
//! Invariants:
//! 1. The configurations are all that some order leads to, up to what is said next. None left:
//!    no order.
//! 2. An open call that only reads takes effect as soon as its answer is right: that takes
//!    nothing from anybody.
//! 3. A configuration is dropped before its time when a key that was just written cannot be
//!    brought to the value that the next answered read of it requires: no write of that value is
//!    left that could come before that answer.
//!
//! This is Wing and Gong's search with Lowe's memory of configurations, by breadth instead of
//! depth: after a moment at which no call is open, the configurations are the states that the
//! store can be in, and what was before is forgotten.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::facts::{ABSENT, Fact, Pair};
use super::parts::Part;
use crate::hash::FixedState;

/// The most calls that may be open at once: their marks are the bits of one word.
const SLOTS: usize = 64;

/// What came of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An order.
    Order,
    /// None: the effort was used up.
    Nothing,
    /// That there is no order.
    NoOrder,
}

/// A state of the store, and which open calls have taken effect in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Configuration {
    /// A bit for each slot.
    done: u64,
    /// By key.
    values: Rc<[u32]>,
}

/// Decides one part. `effort` is how many configurations may still be made.
pub(super) fn search(part: &Part, effort: &mut u64) -> Found {
    let mut search = Search::new(part, effort);
    for (at, fact, is_return) in moments(part) {
        search.now = at;
        if !is_return {
            if !search.invoked(fact) {
                return Found::Nothing;
            }
            continue;
        }
        match search.returned(fact) {
            Found::Order => {}
            ended => return ended,
        }
    }
    Found::Order
}

/// Invocations and returns of the facts in time.
fn moments(part: &Part) -> Vec<(u64, usize, bool)> {
    let mut moments = Vec::with_capacity(2 * part.facts.len());
    for (at, fact) in part.facts.iter().enumerate() {
        moments.push((fact.invoked, at, false));
        if fact.returned != u64::MAX {
            moments.push((fact.returned, at, true));
        }
    }
    moments.sort_unstable();
    moments
}

struct Search<'a> {
    facts: &'a [Fact],
    ahead: Ahead,
    configurations: Vec<Configuration>,
    /// The open facts.
    open: Vec<(usize, u64)>,
    free: u64,
    /// The bit of each open fact, 0 for the others.
    bits: Vec<u64>,
    now: u64,
    effort: &'a mut u64,
}

impl<'a> Search<'a> {
    fn new(part: &'a Part, effort: &'a mut u64) -> Self {
        let empty = Configuration {
            done: 0,
            values: vec![ABSENT; part.keys].into(),
        };
        Search {
            facts: &part.facts,
            ahead: Ahead::of(part),
            configurations: vec![empty],
            open: Vec::with_capacity(SLOTS),
            free: u64::MAX,
            bits: vec![0; part.facts.len()],
            now: 0,
            effort,
        }
    }

    /// A call begins; false if too many are open.
    fn invoked(&mut self, fact: usize) -> bool {
        if self.free == 0 {
            return false;
        }
        let bit = 1 << self.free.trailing_zeros();
        self.free &= !bit;
        self.bits[fact] = bit;
        self.open.push((fact, bit));
        let what = &self.facts[fact];
        if what.effects.is_empty() {
            for configuration in &mut self.configurations {
                if holds(what, &configuration.values) {
                    configuration.done |= bit;
                }
            }
        }
        true
    }

    /// A call ends: it has taken effect in every configuration that goes on.
    fn returned(&mut self, fact: usize) -> Found {
        let bit = self.bits[fact];
        if let [only] = &mut self.configurations[..] {
            if only.done & bit != 0 {
                only.done &= !bit;
                self.close(fact, bit);
                return Found::Order;
            }
        }
        // Two sets: with the bit cleared, one that has come through looks like one on its way.
        let mut through: HashSet<Configuration, FixedState> = HashSet::default();
        let mut seen: HashSet<Configuration, FixedState> = HashSet::default();
        let mut next = Vec::with_capacity(self.configurations.len());
        let mut waiting = std::mem::take(&mut self.configurations);
        while let Some(mut configuration) = waiting.pop() {
            if configuration.done & bit != 0 {
                configuration.done &= !bit;
                if through.insert(configuration.clone()) {
                    next.push(configuration);
                }
                continue;
            }
            for at in 0..self.open.len() {
                let Some(after) = self.after(&configuration, at) else {
                    continue;
                };
                if *self.effort == 0 {
                    return Found::Nothing;
                }
                *self.effort -= 1;
                if seen.insert(after.clone()) {
                    waiting.push(after);
                }
            }
        }
        self.close(fact, bit);
        self.configurations = next;
        if self.configurations.is_empty() {
            Found::NoOrder
        } else {
            Found::Order
        }
    }

    fn close(&mut self, fact: usize, bit: u64) {
        self.open.retain(|(_, other)| *other != bit);
        self.free |= bit;
        self.bits[fact] = 0;
    }

    /// The configuration after an open call that changes something has taken effect, if it can.
    fn after(&self, before: &Configuration, at: usize) -> Option<Configuration> {
        let (fact, bit) = self.open[at];
        let what = &self.facts[fact];
        if before.done & bit != 0 || what.effects.is_empty() || !holds(what, &before.values) {
            return None;
        }
        let mut values: Rc<[u32]> = Rc::from(&before.values[..]);
        let slots = Rc::get_mut(&mut values).expect("not shared yet");
        for (key, value) in &what.effects {
            slots[*key as usize] = *value;
        }
        let mut done = before.done | bit;
        for (other, bit) in &self.open {
            let what = &self.facts[*other];
            if done & bit == 0 && what.effects.is_empty() && holds(what, &values) {
                done |= bit;
            }
        }
        let after = Configuration { done, values };
        let is_doomed = what.effects.iter().any(|pair| self.dooms(&after, *pair));
        (!is_doomed).then_some(after)
    }

    /// Whether the next read of a key that was just written cannot be answered any more; see
    /// invariant 3.
    fn dooms(&self, configuration: &Configuration, (key, value): Pair) -> bool {
        let reads = &self.ahead.reads[key as usize];
        let from = reads.partition_point(|read| self.facts[read.0].returned < self.now);
        let mut later = reads[from..].iter();
        let next = later.find(|(read, _)| configuration.done & self.bits[*read] == 0);
        let Some((read, required)) = next else {
            return false;
        };
        if *required == value {
            return false;
        }
        let before = self.facts[*read].returned;
        let writes = self.ahead.writes.get(&(key, *required));
        let is_left = |write: &usize| {
            let fact = &self.facts[*write];
            let is_done = configuration.done & self.bits[*write] != 0;
            fact.invoked < before && fact.returned >= self.now && !is_done
        };
        !writes.is_some_and(|writes| writes.iter().any(is_left))
    }
}

/// Whether the store of these values answers as the call was answered.
fn holds(fact: &Fact, values: &[u32]) -> bool {
    let has = |(key, value): &Pair| values[*key as usize] == *value;
    let live = || values.iter().filter(|value| **value != ABSENT).count() as u64;
    let is_right = fact.requires.iter().all(has) && !fact.forbids.iter().any(has);
    is_right && fact.length.is_none_or(|length| length == live())
}

/// Who reads and writes what, for a look ahead.
struct Ahead {
    /// For each key the answered calls that require a value of it, by their return.
    reads: Vec<Vec<(usize, u32)>>,
    /// For each key and value the calls that write it.
    writes: HashMap<Pair, Vec<usize>, FixedState>,
}

impl Ahead {
    fn of(part: &Part) -> Self {
        let mut reads = vec![Vec::new(); part.keys];
        let mut writes: HashMap<Pair, Vec<usize>, FixedState> = HashMap::default();
        for (at, fact) in part.facts.iter().enumerate() {
            // A swap that was never answered does not have to happen.
            let answered = fact.requires.iter().filter(|_| fact.returned != u64::MAX);
            for (key, value) in answered {
                reads[*key as usize].push((at, *value));
            }
            for pair in &fact.effects {
                writes.entry(*pair).or_default().push(at);
            }
        }
        for reads in &mut reads {
            reads.sort_by_key(|(at, _)| part.facts[*at].returned);
        }
        Ahead { reads, writes }
    }
}
