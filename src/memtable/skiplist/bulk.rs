//! Building a list of many entries at once, without a search for the place of each.
//!
//! ```text
//!   pushed    d  b  e  a  c        nodes in the arena, in this order
//!   sorted    a  b  c  d  e        by the heads of the keys, which are beside the nodes
//!   linked    head -> a -> b -> c -> d -> e      each node behind the last one of its levels
//! ```
//!
//! Of many, two threads sort and chain a side each, and the sides are chained to one another. A
//! second thread can push, too: what comes later, after a known number of entries, into a bulk of
//! its own, which is then joined.
//!
//! Inserting walks over nodes all over the memory, one cache miss after the other; here the misses
//! of many entries overlap. As long as the entries come in order they are chained at once. From the
//! first one on that does not, they are only remembered, to be sorted at the end.
//!
//! Invariants:
//! 1. The list is the very one that inserting the same entries in the same order makes: the same
//!    nodes, heights, links and counts.
//! 2. Nobody else has the list before it is whole. An unfinished one is dropped whole. Of two
//!    threads that chain, each has nodes of its own.
//!
//! To sort takes 16 bytes an entry besides.

mod chain;
mod sides;

use std::cmp;
use std::hint::black_box;

use super::{Inserter, Taken};
use crate::key;
use crate::memtable::nodes::{Node, NodeBuilder, NodeWriter};
use crate::sync::beside;
use chain::Chain;
use sides::{Sides, sort};

/// From how many entries on a second thread is worth its while.
const MANY: usize = if cfg!(test) { 1 << 6 } else { 1 << 16 };

/// How many nodes are brought near at once, to be chained.
const NEAR: usize = 128;

/// See the module.
pub(in crate::memtable) struct Bulk<'a> {
    nodes: NodeBuilder<'a>,
    /// With what comes before.
    taken: Taken,
    /// How many entries come before.
    after: u64,
    chain: Chain<'a>,
    /// The last entry, as long as all came in order.
    last: Option<Keyed<'a>>,
    /// All of them, once one has not.
    sides: Sides<'a>,
}

/// A node beside what decides most comparisons.
#[derive(Clone, Copy)]
struct Keyed<'a> {
    /// The head of the user key, or of its rest where all before that agrees.
    head: u64,
    node: Node<'a>,
}

impl<'a> Keyed<'a> {
    fn of(node: Node<'a>) -> Self {
        let head = node.prefix;
        Keyed { head, node }
    }

    fn order(&self, other: &Self) -> cmp::Ordering {
        let heads = self.head.cmp(&other.head);
        heads.then_with(|| key::compare(self.node.key(), other.node.key()))
    }
}

impl Inserter {
    /// The inserter of the list of all that `work` has a bulk take, and what it says besides.
    pub(in crate::memtable) fn build<R, E>(
        work: impl for<'a> FnOnce(Bulk<'a>) -> Result<(Bulk<'a>, R), E>,
    ) -> Result<(Self, R), E> {
        let (writer, built) = NodeWriter::build(|nodes| {
            let (bulk, said) = work(Bulk::new(nodes, 0))?;
            Ok((bulk.finish(), said))
        });
        let (taken, said) = built?;
        Ok((Inserter { writer, taken }, said))
    }
}

impl<'a> Bulk<'a> {
    fn new(nodes: NodeBuilder<'a>, after: u64) -> Self {
        Bulk {
            nodes,
            taken: Taken {
                entries: after,
                bytes: 0,
            },
            after,
            chain: Chain::default(),
            last: None,
            sides: Sides::default(),
        }
    }

    /// One for what comes after so many entries, to be joined with this one.
    pub(in crate::memtable) fn later(&self, entries: u64) -> Self {
        Bulk::new(self.nodes.beside(), entries)
    }

    /// How many entries there are, with those that come before.
    pub(in crate::memtable) fn entries(&self) -> u64 {
        self.taken.entries
    }

    /// Takes an entry. No two have the same user key and tag.
    pub(in crate::memtable) fn push(&mut self, user_key: &[u8], tag: u64, value: &[u8]) {
        let entry = self.taken.take(user_key, tag, value);
        let node = self.nodes.node(&entry);
        let entry = Keyed {
            head: entry.prefix,
            node,
        };
        if self
            .last
            .take_if(|last| entry.order(last).is_le())
            .is_some()
        {
            self.remember_chained();
        }
        if self.sides.is_empty() {
            self.chain.push(node, &self.nodes);
            self.last = Some(entry);
        } else {
            self.sides.push(entry);
        }
    }

    /// Takes the entries of `later`, unless that has been made for another number of entries
    /// before it. What is refused keeps its room until the list goes.
    pub(in crate::memtable) fn join(&mut self, mut later: Bulk<'a>) -> bool {
        if self.taken.entries != later.after {
            return false;
        }
        if self.goes_on_in_order(&later) {
            self.chain.append(&later.chain, &self.nodes);
            self.last = later.last.or(self.last);
        } else {
            for bulk in [&mut *self, &mut later] {
                if bulk.last.take().is_some() {
                    bulk.remember_chained();
                }
            }
            let [low, high] = later.sides.low_and_high;
            for entry in low.into_iter().chain(high) {
                self.sides.push(entry);
            }
        }
        self.taken.entries = later.taken.entries;
        self.taken.bytes += later.taken.bytes;
        true
    }

    /// Whether all came in order here, all did there, and those come after these.
    fn goes_on_in_order(&self, later: &Bulk<'a>) -> bool {
        let first = later.chain.first().map(Keyed::of);
        let (Some(last), Some(first)) = (self.last, first) else {
            // There is nothing to one of them, or it is not in order.
            return self.sides.is_empty() && later.sides.is_empty();
        };
        later.sides.is_empty() && last.order(&first).is_lt()
    }

    /// Remembers the entries that have been chained.
    #[cold]
    fn remember_chained(&mut self) {
        let first = self.chain.first();
        for node in std::iter::successors(first, |node| node.link().node()) {
            self.sides.push(Keyed::of(node));
        }
    }

    /// Links all entries to the head of the list, and says what they are.
    fn finish(mut self) -> Taken {
        if !self.sides.is_empty() {
            self.chain = chain_in_order(&self.nodes, &mut self.sides);
        }
        self.chain.finish(&self.nodes);
        self.taken
    }
}

/// Sorts entries and chains them, as if none had been chained before.
fn chain_in_order<'a>(nodes: &NodeBuilder<'a>, sides: &mut Sides<'a>) -> Chain<'a> {
    let few = sides.len() < MANY;
    let [low, high] = if few { sides.parts() } else { sides.halves() };
    let (mut chain, rest) = if few {
        (chain_side(nodes, low), None)
    } else {
        let chain_high = || chain_side(nodes, high);
        beside("etalon memtable", chain_high, |_| chain_side(nodes, low))
    };
    chain.append(&rest.unwrap_or_else(|| chain_side(nodes, high)), nodes);
    chain
}

/// Sorts entries and chains them.
fn chain_side<'a>(nodes: &NodeBuilder<'a>, entries: &mut [Keyed<'a>]) -> Chain<'a> {
    sort(entries, 0);
    let mut chain = Chain::default();
    for near in entries.chunks(NEAR) {
        // Nothing waits for these loads, so that they all go at once: of the height, and of the
        // links beside it, which often are in the next line of the cache.
        let heights = near.iter().map(|entry| entry.node.height);
        let linked = near
            .iter()
            .filter(|entry| entry.node.link().node().is_some());
        black_box((heights.sum::<u32>(), linked.count()));
        for entry in near {
            chain.push(entry.node, nodes);
        }
    }
    chain
}
