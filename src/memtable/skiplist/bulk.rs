//! Building a list of many entries at once, without a search for the place of each.
//!
//! ```text
//!   pushed    d  b  e  a  c        nodes in the arena, in this order
//!   sorted    a  b  c  d  e        by the heads of the keys, which are beside the pointers
//!   linked    head -> a -> b -> c -> d -> e      each node behind the last one of its levels
//! ```
//!
//! Of many, two threads sort and link a side each, and the sides are linked to one another. What
//! divides them is the middle of the first that are remembered:
//!
//! ```text
//!   pushed    d  b  e  a  c  g     middle: d
//!   sides     b  a  c | d  e  g
//! ```
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

use std::cmp;
use std::mem;
use std::ptr;

use super::super::arena::ask_for_large_pages;
use super::{Inserter, Link, MAX_HEIGHT, Node, height_of, key_of, links_of};
use crate::codec;
use crate::key::{self, TAG_BYTES, Target};
use crate::sync::{Ordering, beside};

/// So few entries with the same head are sorted by comparing whole keys.
const FEW: usize = 8;

/// So many bytes of keys are sorted by their heads. What agrees so far is mostly the same key.
const DEEP_BYTES: usize = 64;

/// From how many entries on a second thread is worth its while.
const MANY: usize = if cfg!(test) { 1 << 6 } else { 1 << 16 };

/// Of how many entries the middle divides the sides.
const SAMPLE: usize = if cfg!(test) { 1 << 4 } else { 1 << 10 };

/// How many nodes are brought near at once, to be linked.
const NEAR: usize = 128;

/// See the module.
#[derive(Debug)]
pub(in crate::memtable) struct Bulk {
    inserter: Inserter,
    ends: Ends,
    /// The last entry, as long as all came in order.
    last: Option<Entry>,
    /// All of them, once one has not.
    sides: Sides,
}

/// Entries on two sides of a head.
#[derive(Debug, Default)]
struct Sides {
    low_and_high: [Vec<Entry>; 2],
    /// The least head of the high side, once there is one.
    middle: Option<u64>,
}

impl Sides {
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.low_and_high.iter().map(Vec::len).sum()
    }

    fn push(&mut self, entry: Entry) {
        let is_high = self.middle.is_some_and(|middle| entry.head >= middle);
        // Selected, not branched to: of random keys nobody can predict the side.
        let side = &mut self.low_and_high[usize::from(is_high)];
        if side.len() == side.capacity() {
            side.reserve(side.len());
            ask_for_large_pages(side.spare_capacity_mut());
        }
        side.push(entry);
        if self.middle.is_none() && self.len() == SAMPLE {
            self.divide();
        }
    }

    #[cold]
    fn divide(&mut self) {
        let all = mem::take(&mut self.low_and_high[0]);
        let mut heads: Vec<u64> = all.iter().map(|entry| entry.head).collect();
        self.middle = Some(*heads.select_nth_unstable(SAMPLE / 2).1);
        for entry in all {
            self.push(entry);
        }
    }

    /// Two parts, each as large as the other or up to three times, one's entries before the other's.
    fn halves(&mut self) -> (&mut [Entry], &mut [Entry]) {
        let all = self.len();
        let [low, high] = &mut self.low_and_high;
        if low.len().min(high.len()) >= all / 4 {
            return (low, high);
        }
        // The first were not like the rest, or heads do not tell keys apart.
        low.append(high);
        low.select_nth_unstable_by(all / 2, Entry::order);
        low.split_at_mut(all / 2)
    }
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
        let expect = |arena: *mut super::Arena| {
            // SAFETY: only an inserter touches the arena, and this one is ours.
            unsafe { (*arena).expect_many() }
        };
        inserter.list.arena.with_mut(expect);
        Bulk {
            ends: Ends::at(&inserter.list.head),
            inserter,
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

    /// Remembers the entries that have been linked.
    #[cold]
    fn remember_linked(&mut self) {
        let mut node = self.inserter.list.head[0].load(Ordering::Relaxed);
        while !node.is_null() {
            // SAFETY: a node of this list, which has a link on level 0.
            let (head, next) = unsafe {
                let next = (*links_of(node)).load(Ordering::Relaxed);
                ((*node).prefix, next)
            };
            self.sides.push(Entry { head, node });
            node = next;
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

/// Sorts entries whose user keys agree in their first `depth` bytes, and whose heads follow there.
fn sort(entries: &mut [Entry], depth: usize) {
    entries.sort_unstable_by_key(|entry| entry.head);
    let depth = depth + size_of::<u64>();
    for same in entries.chunk_by_mut(|a, b| a.head == b.head) {
        if same.len() > FEW && depth < DEEP_BYTES && next_heads(same, depth) {
            sort(same, depth);
        } else if same.len() > 1 {
            same.sort_unstable_by(|a, b| key::compare(a.internal_key(), b.internal_key()));
        }
    }
}

/// Takes the heads from `depth` on; whether any key goes on so far.
fn next_heads(entries: &mut [Entry], depth: usize) -> bool {
    let mut goes_on = false;
    for entry in entries {
        let user = key::user_key(entry.internal_key());
        let rest = user.get(depth..).unwrap_or_default();
        goes_on |= !rest.is_empty();
        entry.head = codec::head(rest);
    }
    goes_on
}
