//! Building a list of many entries at once, without a search for the place of each.
//!
//! ```text
//!   pushed    d  b  e  a  c        nodes in the arena, in this order
//!   sorted    a  b  c  d  e        by the heads of the keys, which are beside the pointers
//!   linked    head -> a -> b -> c -> d -> e      each node behind the last one of its levels
//! ```
//!
//! Inserting walks over nodes all over the memory, one cache miss after the other; here the misses
//! of many entries overlap. As long as the entries come in order they are linked at once. From the
//! first one on that does not, they are only strung together on level 0, to be sorted at the end.
//!
//! Invariants:
//! 1. The list is the very one that inserting the same entries in the same order makes: the same
//!    nodes, heights, links and counts.
//! 2. Nobody else has the list before it is whole. An unfinished one is dropped whole.
//!
//! To sort takes 16 bytes an entry besides.

use std::cmp::Ordering::Greater;
use std::ptr;

use super::super::arena::ask_for_large_pages;
use super::{Inserter, Link, MAX_HEIGHT, Node, height_of, key_of, links_of};
use crate::codec;
use crate::key::{self, TAG_BYTES, Target};
use crate::sync::Ordering;

/// So few entries with the same head are sorted by comparing whole keys.
const FEW: usize = 8;

/// So many bytes of keys are sorted by their heads. What agrees so far is mostly the same key.
const DEEP_BYTES: usize = 64;

/// How many nodes are brought near at once, to be linked.
const NEAR: usize = 128;

/// See the module.
#[derive(Debug)]
pub(in crate::memtable) struct Bulk {
    inserter: Inserter,
    /// The last link of each level so far.
    ends: [*const Link; MAX_HEIGHT],
    /// The last entry, as long as all came in order.
    last: Option<Entry>,
    is_out_of_order: bool,
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

    fn is_after(&self, other: &Entry) -> bool {
        if self.head != other.head {
            return self.head > other.head;
        }
        key::compare(self.internal_key(), other.internal_key()) == Greater
    }
}

impl Default for Bulk {
    fn default() -> Self {
        let inserter = Inserter::default();
        let expect = |arena: *mut super::Arena| {
            // SAFETY: only an inserter touches the arena, and this one is ours.
            unsafe { (*arena).expect_many() }
        };
        inserter.list.arena.with_mut(expect);
        Bulk {
            ends: heads(&inserter),
            inserter,
            last: None,
            is_out_of_order: false,
        }
    }
}

/// The links that the levels begin with.
fn heads(inserter: &Inserter) -> [*const Link; MAX_HEIGHT] {
    std::array::from_fn(|level| &raw const inserter.list.head[level])
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
        self.is_out_of_order |= self.last.is_some_and(|last| !entry.is_after(&last));
        let height = if self.is_out_of_order { 1 } else { height };
        link(&mut self.ends, node, height);
        self.last = Some(entry);
    }

    /// The inserter of the list of all entries.
    pub(in crate::memtable) fn finish(mut self) -> Inserter {
        if self.is_out_of_order {
            let mut entries = strung(&self.inserter);
            sort(&mut entries, 0);
            self.link_all(&mut entries);
        }
        let first = &self.inserter.list.head;
        let used = first
            .iter()
            .take_while(|link| !link.load(Ordering::Relaxed).is_null());
        self.inserter.list.height.set(used.count() as u64);
        self.inserter
    }

    /// Links the entries, which are in order, as if none had been linked before.
    fn link_all(&mut self, entries: &mut [Entry]) {
        self.ends = heads(&self.inserter);
        for near in entries.chunks_mut(NEAR) {
            // Nothing waits for these loads, so that they all go at once.
            for entry in &mut *near {
                // SAFETY: a node of this list.
                let key_at = unsafe { (*entry.node).key_at } as usize;
                entry.head = ((key_at - size_of::<Node>()) / size_of::<Link>()) as u64;
            }
            for entry in near {
                link(&mut self.ends, entry.node, entry.head as usize);
            }
        }
        for end in self.ends {
            // SAFETY: as in `link`.
            unsafe { (*end).store(ptr::null_mut(), Ordering::Release) };
        }
    }
}

/// Links a node behind the last one of its levels.
fn link(ends: &mut [*const Link; MAX_HEIGHT], node: *mut Node, height: usize) {
    for (level, end) in ends[..height].iter_mut().enumerate() {
        // SAFETY: a link of the list's head or of one of its nodes, which only this thread has
        // (invariant 2); and the node has a link on that level.
        unsafe {
            (**end).store(node, Ordering::Release);
            *end = links_of(node).add(level);
        }
    }
}

/// The entries, as they are strung together on level 0.
fn strung(inserter: &Inserter) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(inserter.entries as usize);
    ask_for_large_pages(entries.spare_capacity_mut());
    let mut node = inserter.list.head[0].load(Ordering::Relaxed);
    while !node.is_null() {
        // SAFETY: a node of this list, which has a link on level 0.
        unsafe {
            let head = (*node).prefix;
            entries.push(Entry { head, node });
            node = (*links_of(node)).load(Ordering::Relaxed);
        }
    }
    entries
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
