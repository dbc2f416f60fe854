//! Building a list of many entries at once, without a search for the place of each.
//!
//! ```text
//!   pushed    d  b  e  a  c        nodes in the arena, in this order
//!   sorted    a  b  c  d  e        by the heads of the keys, which are beside the pointers
//!   linked    head -> a -> b -> c -> d -> e      each node behind the last one of its levels
//! ```
//!
//! Of many, two threads sort and link a side each, and the sides are linked to one another. A
//! second thread can push, too: what comes later, after a known number of entries, into a list of
//! its own, which is then joined.
//!
//! Inserting walks over nodes all over the memory, one cache miss after the other; here the misses
//! of many entries overlap. As long as the entries come in order they are linked at once. From the
//! first one on that does not, they are only remembered, to be sorted at the end.
//!
//! Invariants:
//! 1. The list is the very one that inserting the same entries in the same order makes: the same
//!    nodes, heights, links and counts.
//! 2. Nobody else has the list before it is whole. An unfinished one is dropped whole. Of two
//!    threads that link, each has nodes and links of its own.
//!
//! To sort takes 16 bytes an entry besides.

mod sides;

use std::cmp;
use std::mem;
use std::ptr;

use super::super::arena::Arena;
use super::{Inserter, Link, MAX_HEIGHT, Node, height_of, key_of, links_of};
use crate::codec;
use crate::key::{self, TAG_BYTES, Target};
use crate::sync::{Ordering, beside};
use sides::{Sides, sort};

/// From how many entries on a second thread is worth its while.
const MANY: usize = if cfg!(test) { 1 << 6 } else { 1 << 16 };

/// How many nodes are brought near at once, to be linked.
const NEAR: usize = 128;

/// See the module.
#[derive(Debug)]
pub(in crate::memtable) struct Bulk {
    inserter: Inserter,
    /// How many entries come before.
    after: u64,
    ends: Ends,
    /// The last entry, as long as all came in order.
    last: Option<Entry>,
    /// All of them, once one has not.
    sides: Sides,
}

/// A node, which may not be linked yet.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Of the user key, or of its rest where all before that agrees; at last the node's height.
    head: u64,
    node: *mut Node,
}

impl Entry {
    fn internal_key(&self) -> &[u8] {
        // SAFETY: a node of the list that this is an entry for, which is dropped after it.
        unsafe { key_of(self.node) }
    }

    fn order(&self, other: &Entry) -> cmp::Ordering {
        let heads = self.head.cmp(&other.head);
        heads.then_with(|| key::compare(self.internal_key(), other.internal_key()))
    }
}

// SAFETY: a pointer into an arena that nobody but the threads of one building knows of, each of
// which links the entries that it was given.
unsafe impl Send for Entry {}

impl Default for Bulk {
    fn default() -> Self {
        let inserter = Inserter::default();
        let expect = |arena: *mut Arena| {
            // SAFETY: only an inserter touches the arena, and this one is ours.
            unsafe { (*arena).expect_many() }
        };
        inserter.list.arena.with_mut(expect);
        Bulk {
            ends: Ends::at(&inserter.list.head),
            inserter,
            after: 0,
            last: None,
            sides: Sides::default(),
        }
    }
}

/// The links that levels begin with.
type Heads = [Link; MAX_HEIGHT];

fn no_heads() -> Heads {
    std::array::from_fn(|_| Link::new(ptr::null_mut()))
}

impl Bulk {
    /// One for what comes after so many entries.
    pub(in crate::memtable) fn after(entries: u64) -> Self {
        let mut bulk = Bulk {
            after: entries,
            ..Bulk::default()
        };
        bulk.inserter.entries = entries;
        bulk
    }

    /// How many entries there are, with those that come before.
    pub(in crate::memtable) fn entries(&self) -> u64 {
        self.inserter.entries
    }

    /// Takes an entry. No two have the same user key and tag.
    pub(in crate::memtable) fn push(&mut self, user_key: &[u8], tag: u64, value: &[u8]) {
        let height = height_of(self.inserter.entries);
        let head = codec::head(user_key);
        let target = Target {
            user: user_key,
            tag,
        };
        let node = self.inserter.new_node(height, head, target, value);
        for level in 0..height {
            // SAFETY: the links are in the node's room (`new_node`), which nobody else knows of.
            unsafe {
                let own = links_of(node).add(level).cast_mut();
                own.write(Link::new(ptr::null_mut()));
            }
        }
        self.inserter.entries += 1;
        self.inserter.bytes += user_key.len() + value.len() + TAG_BYTES;
        let entry = Entry { head, node };
        if self
            .last
            .take_if(|last| entry.order(last).is_le())
            .is_some()
        {
            self.remember_linked();
        }
        if self.sides.is_empty() {
            self.ends.link(node, height);
            self.last = Some(entry);
        } else {
            self.sides.push(entry);
        }
    }

    /// Takes the entries of `later`, unless that has been made for another number of entries
    /// before it.
    pub(in crate::memtable) fn join(&mut self, mut later: Bulk) -> bool {
        if self.inserter.entries != later.after {
            return false;
        }
        if self.goes_on_in_order(&later) {
            self.ends.go_on(&later.inserter.list.head, &later.ends);
            self.last = later.last.or(self.last);
        } else {
            for bulk in [&mut *self, &mut later] {
                if bulk.last.take().is_some() {
                    bulk.remember_linked();
                }
            }
            let [low, high] = later.sides.low_and_high;
            for entry in low.into_iter().chain(high) {
                self.sides.push(entry);
            }
        }
        self.inserter.entries = later.inserter.entries;
        self.inserter.bytes += later.inserter.bytes;
        // SAFETY: only an inserter touches its arena, and both are ours.
        let take = |arena: *mut Arena| unsafe { mem::take(&mut *arena) };
        let nodes = later.inserter.list.arena.with_mut(take);
        // SAFETY: as above.
        let keep = |arena: *mut Arena| unsafe { (*arena).keep(nodes) };
        self.inserter.list.arena.with_mut(keep);
        true
    }

    /// Whether all came in order here, all did there, and those come after these.
    fn goes_on_in_order(&self, later: &Bulk) -> bool {
        let first = entry_at(&later.inserter.list.head[0]);
        let (Some(last), Some(first)) = (self.last, first) else {
            // There is nothing to one of them, or it is not in order.
            return self.sides.is_empty() && later.sides.is_empty();
        };
        later.sides.is_empty() && last.order(&first).is_lt()
    }

    /// Remembers the entries that have been linked.
    #[cold]
    fn remember_linked(&mut self) {
        let mut next = entry_at(&self.inserter.list.head[0]);
        while let Some(entry) = next {
            self.sides.push(entry);
            // SAFETY: a node of this list, which has a link on level 0.
            next = entry_at(unsafe { &*links_of(entry.node) });
        }
    }

    /// The inserter of the list of all entries.
    pub(in crate::memtable) fn finish(mut self) -> Inserter {
        if !self.sides.is_empty() {
            link_in_order(&self.inserter.list.head, &mut self.sides);
        }
        let first = &self.inserter.list.head;
        let used = first
            .iter()
            .take_while(|link| !link.load(Ordering::Relaxed).is_null());
        self.inserter.list.height.set(used.count() as u64);
        self.inserter
    }
}

/// What a link leads to, if to anything.
fn entry_at(link: &Link) -> Option<Entry> {
    let node = link.load(Ordering::Relaxed);
    (!node.is_null()).then(|| {
        // SAFETY: links lead to nodes of their list.
        let head = unsafe { (*node).prefix };
        Entry { head, node }
    })
}

#[cfg(test)]
impl super::SkipList {
    /// The keys on each level, as they are linked there.
    pub(in crate::memtable) fn levels(&self) -> Vec<Vec<Vec<u8>>> {
        let on_level = |level: usize| {
            let mut keys = Vec::new();
            let mut next = entry_at(&self.head[level]);
            while let Some(entry) = next {
                keys.push(entry.internal_key().to_vec());
                // SAFETY: a node that is linked on this level has a link on it.
                next = entry_at(unsafe { &*links_of(entry.node).add(level) });
            }
            keys
        };
        (0..self.height()).map(on_level).collect()
    }
}

/// Sorts entries and links them behind these links, as if none had been linked before.
fn link_in_order(heads: &Heads, sides: &mut Sides) {
    if sides.len() < MANY {
        let [low, high] = &mut sides.low_and_high;
        let ends = link_half(link_half(Ends::at(heads), low), high);
        return end_levels(&ends, &no_heads());
    }
    let (low, high) = sides.halves();
    let low_ends = Ends::at(heads);
    let high_heads = no_heads();
    let high_ends = Ends::at(&high_heads);
    let link_high = || link_half(high_ends, high);
    let (low_ends, high_ends) = beside("etalon memtable", link_high, |_| link_half(low_ends, low));
    end_levels(
        &high_ends.unwrap_or_else(|| link_half(Ends::at(&high_heads), high)),
        &no_heads(),
    );
    end_levels(&low_ends, &high_heads);
}

/// Sorts entries and links them from there on; the last links of the levels then.
fn link_half(mut ends: Ends, entries: &mut [Entry]) -> Ends {
    sort(entries, 0);
    for near in entries.chunks_mut(NEAR) {
        // Nothing waits for these loads, so that they all go at once.
        for entry in &mut *near {
            // SAFETY: a node of this list.
            let key_at = unsafe { (*entry.node).key_at } as usize;
            entry.head = ((key_at - size_of::<Node>()) / size_of::<Link>()) as u64;
        }
        for entry in near {
            ends.link(entry.node, entry.head as usize);
        }
    }
    ends
}

/// Has the levels go on with what these links lead to, if to anything.
fn end_levels(ends: &Ends, after: &Heads) {
    for (&end, after) in ends.0.iter().zip(after) {
        let next = after.load(Ordering::Relaxed);
        // SAFETY: as in `link`.
        unsafe { (*end).store(next, Ordering::Release) };
    }
}

/// The last link of each level so far.
#[derive(Debug)]
struct Ends([*const Link; MAX_HEIGHT]);

// SAFETY: they are links of the list, of its nodes or of another thread's stack, which outlive
// these; and links are atomic.
unsafe impl Send for Ends {}

impl Ends {
    fn at(heads: &Heads) -> Self {
        Ends(std::array::from_fn(|level| &raw const heads[level]))
    }

    /// Goes on with what these links lead to, each level that they lead anywhere on, up to its end.
    fn go_on(&mut self, after: &Heads, ends: &Ends) {
        end_levels(self, after);
        let levels = self.0.iter_mut().zip(after).zip(ends.0);
        for ((end, after), later) in levels {
            if !after.load(Ordering::Relaxed).is_null() {
                *end = later;
            }
        }
    }

    /// Links a node behind the last one of its levels.
    fn link(&mut self, node: *mut Node, height: usize) {
        for (level, end) in self.0[..height].iter_mut().enumerate() {
            // SAFETY: a link that levels begin with or of a node, which only this thread links
            // (invariant 2); and the node has a link on that level.
            unsafe {
                (**end).store(node, Ordering::Release);
                *end = links_of(node).add(level);
            }
        }
    }
}
