//! A skip list: one writer extends it while any number of readers walk it.
//!
//! ```text
//!   head  level 2 ------------------> c ------------------------> (end)
//!         level 1 --------> b ------> c ------------> e --------> (end)
//!         level 0 --> a --> b ------> c ------> d --> e --> f --> (end)
//! ```
//!
//! Invariants:
//! 1. Every link leads to a node with a greater key, or to the end. A node that is linked on a
//!    level is found on all levels below.
//! 2. The height of a node follows from how many came before it: the same inserts make the same
//!    list, in every run.
//!
//! A walk is not a snapshot: it meets entries that are inserted ahead of its place and not those
//! that it has passed. What a reader may see is decided by sequence numbers, above this file.

mod bulk;

pub(super) use bulk::Bulk;

use std::cmp::Ordering::{Equal, Greater};

use super::nodes::{Link, List, Node, NodeWriter, Nodes, Place as NodePlace};
use crate::codec;
use crate::key::{TAG_BYTES, Target};
use crate::sync::Arc;

/// The most levels a node can have. With a quarter of the nodes of each level on the next one,
/// 12 levels are enough for 16 million entries. Under loom each level multiplies the
/// interleavings, and two show all there is to a level above another.
pub(super) const MAX_HEIGHT: usize = if cfg!(feature = "loom") { 2 } else { 12 };

/// What a node is made of.
pub(super) struct Entry<'a> {
    /// On how many levels it is linked: at least one, at most [`MAX_HEIGHT`].
    pub(super) height: usize,
    /// The head of the user key, which decides most comparisons.
    pub(super) prefix: u64,
    pub(super) key: Target<'a>,
    pub(super) value: &'a [u8],
}

/// See the module: what readers have of it.
#[derive(Clone, Debug)]
pub(super) struct SkipList {
    nodes: Arc<Nodes>,
}

/// How many levels the next node gets: one more with a chance of a quarter, again and again.
fn height_of(entries: u64) -> usize {
    let mixed = (entries + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let zeros = (mixed ^ mixed >> 32).trailing_zeros() as usize;
    1 + (zeros / 2).min(MAX_HEIGHT - 1)
}

impl<'a> Node<'a> {
    /// The internal key.
    #[inline]
    fn key(self) -> &'a [u8] {
        self.entry().0
    }
}

/// The last node that is before a place, and the first that is not. Tells `left` which link leads
/// on from the one to the other, from the highest level in use down.
#[inline]
fn search<'a>(
    list: List<'a>,
    is_before: impl Fn(Node<'a>) -> bool,
    mut left: impl FnMut(Link<'a>),
) -> [Option<Node<'a>>; 2] {
    let mut link = list.head(list.levels().get().saturating_sub(1) as usize);
    let mut before = None;
    // A node known not to be before: met again on the levels below.
    let mut beyond = None;
    loop {
        let step = link.follow();
        let next = step.map(|(node, _)| node);
        match step {
            Some((node, further)) if next != beyond && is_before(node) => {
                before = next;
                link = further;
            }
            _ => {
                beyond = next;
                left(link);
                match link.below() {
                    Some(below) => link = below,
                    None => return [before, next],
                }
            }
        }
    }
}

/// Whether a node is before `target`, whose user key has the head `prefix`.
#[inline]
fn is_before(node: Node<'_>, prefix: u64, target: Target<'_>) -> bool {
    node.prefix < prefix || node.prefix == prefix && target.compare_to(node.key()) == Greater
}

/// The last node before `target` and the first that is not.
#[inline]
fn around<'a>(list: List<'a>, target: Target<'_>) -> [Option<Node<'a>>; 2] {
    let prefix = codec::head(target.user);
    search(list, |node| is_before(node, prefix, target), |_| {})
}

impl SkipList {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.entry(|list| list.head(0).node()).is_none()
    }

    /// The first entry at or after `target`: its internal key and value.
    pub(super) fn seek(&self, target: Target<'_>) -> Option<(&[u8], &[u8])> {
        self.nodes.entry(|list| around(list, target)[1])
    }

    /// The keys on each level, as they are linked there.
    #[cfg(test)]
    pub(super) fn levels(&self) -> Vec<Vec<Vec<u8>>> {
        let mut levels = vec![Vec::new(); self.nodes.levels.get() as usize];
        self.nodes.entry(|list| {
            for (level, keys) in levels.iter_mut().enumerate() {
                let first = list.head(level).follow();
                let steps = std::iter::successors(first, |(_, link)| link.follow());
                keys.extend(steps.map(|(node, _)| node.key().to_vec()));
            }
            None
        });
        levels
    }
}

/// What has been taken.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    entries: u64,
    /// Of user keys and values, and 8 an entry.
    bytes: usize,
}

impl Taken {
    /// Counts an entry, and says what node it gets.
    #[inline]
    fn take<'a>(&mut self, user_key: &'a [u8], tag: u64, value: &'a [u8]) -> Entry<'a> {
        let height = height_of(self.entries);
        self.entries += 1;
        self.bytes += user_key.len() + value.len() + TAG_BYTES;
        Entry {
            height,
            prefix: codec::head(user_key),
            key: Target {
                user: user_key,
                tag,
            },
            value,
        }
    }
}

/// Takes entries: the only one of its list. By default, of a new one.
#[derive(Debug, Default)]
pub(super) struct Inserter {
    writer: NodeWriter,
    taken: Taken,
}

impl Inserter {
    /// The list, for readers.
    pub(super) fn list(&self) -> SkipList {
        let nodes = Arc::clone(self.writer.nodes());
        SkipList { nodes }
    }

    /// Bytes of user keys and values ever inserted, and 8 an entry.
    pub(super) fn bytes(&self) -> usize {
        self.taken.bytes
    }

    /// Inserts an entry. No two have the same user key and tag.
    pub(super) fn insert(&mut self, user_key: &[u8], tag: u64, value: &[u8]) {
        let entry = self.taken.take(user_key, tag, value);
        self.writer.insert(&entry, |list| {
            // Levels that no node has had yet are left at the head.
            let mut links = std::array::from_fn(|level| list.head(level));
            let is_before = |node| is_before(node, entry.prefix, entry.key);
            let [_, next] = search(list, is_before, |link| links[link.level()] = link);
            let is_new = |next: Node<'_>| entry.key.compare_to(next.key()) != Equal;
            debug_assert!(next.is_none_or(is_new));
            links
        });
        let levels = &self.writer.nodes().levels;
        if entry.height as u64 > levels.get() {
            levels.set(entry.height as u64);
        }
    }
}

/// A place in a list that it keeps alive.
#[derive(Clone, Debug)]
pub(super) struct Place(NodePlace);

impl Place {
    /// Nowhere in the list.
    pub(super) fn new(list: SkipList) -> Self {
        Place(NodePlace::new(list.nodes))
    }

    pub(super) fn valid(&self) -> bool {
        self.0.entry().is_some()
    }

    /// The internal key and the value here.
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.0.entry()
    }

    pub(super) fn first(&mut self) {
        self.0.go(|list, _| list.head(0).node());
    }

    pub(super) fn last(&mut self) {
        self.0.go(|list, _| search(list, |_| true, |_| {})[0]);
    }

    pub(super) fn seek(&mut self, target: Target<'_>) {
        self.0.go(|list, _| around(list, target)[1]);
    }

    pub(super) fn next(&mut self) {
        self.0.go(|_, here| here?.link().node());
    }

    pub(super) fn prev(&mut self) {
        self.0
            .go(|list, here| around(list, Target::of(here?.key()))[0]);
    }
}
