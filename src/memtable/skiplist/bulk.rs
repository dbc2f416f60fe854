//! Building a list of many entries at once, in order of their keys and without a search.
//!
//! ```text
//!   pushed    d  b  e  a  c        nodes in the arena, in this order, not linked
//!   sorted    a  b  c  d  e        by the head of the key first, which is beside the pointer
//!   linked    head -> a -> b -> c -> d -> e      each node behind the last one of its levels
//! ```
//!
//! Inserting searches its place through nodes all over the memory, one cache miss after the
//! other; here the misses of many entries overlap.
//!
//! Invariants:
//! 1. The list is the very one that inserting the same entries in the same order makes: the same
//!    nodes, heights, links and counts.
//! 2. Nobody else has the list before it is whole. An unfinished one is dropped whole.
//!
//! It takes 16 bytes an entry besides, until the list is linked.

use std::cmp::Ordering::Greater;
use std::ptr;

use super::{Link, MAX_HEIGHT, Node, SkipList, height_of, key_of, links_of};
use crate::codec;
use crate::key::{self, TAG_BYTES, Target};
use crate::sync::{Arc, Ordering};

/// So few entries with the same head are sorted by comparing whole keys.
const FEW: usize = 8;

/// So many bytes of keys are sorted by their heads. Beyond that, most are the same key.
const DEEP_BYTES: usize = 64;

/// How many nodes are in the processor's cache at once while they are linked.
const NEAR: usize = 128;

/// See the module.
#[derive(Debug, Default)]
pub(in crate::memtable) struct Bulk {
    list: Arc<SkipList>,
    entries: Vec<Entry>,
    /// Whether each entry so far is after the one before.
    is_unordered: bool,
}

/// A node that no link leads to yet.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Of the user key, or of its rest where all before that is the same; at last the height.
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

impl Bulk {
    /// Takes an entry. No two have the same user key and tag.
    pub(in crate::memtable) fn push(&mut self, user_key: &[u8], tag: u64, value: &[u8]) {
        let mut inserter = self.list.inserter();
        let height = height_of(inserter.content.entries);
        let head = codec::head(user_key);
        let target = Target {
            user: user_key,
            tag,
        };
        let node = inserter.new_node(height, head, target, value);
        for level in 0..height {
            // SAFETY: the links are in the node's room (`new_node`), which nobody else knows of.
            unsafe {
                let own = links_of(node).add(level).cast_mut();
                own.write(Link::new(ptr::null_mut()));
            }
        }
        inserter.content.entries += 1;
        inserter.content.bytes += user_key.len() + value.len() + TAG_BYTES;
        let entry = Entry { head, node };
        if let Some(last) = self.entries.last() {
            self.is_unordered |= !entry.is_after(last);
        }
        self.entries.push(entry);
    }

    /// The list of all entries.
    pub(in crate::memtable) fn finish(mut self) -> Arc<SkipList> {
        if self.is_unordered {
            sort(&mut self.entries, 0);
        }
        self.link();
        self.list
    }

    /// Links the entries, which are in order.
    fn link(&mut self) {
        let _only = self.list.inserter();
        let mut last: [*const Link; MAX_HEIGHT] =
            std::array::from_fn(|at| &raw const self.list.head[at]);
        let mut highest = 0;
        for near in self.entries.chunks_mut(NEAR) {
            // Nothing waits for these loads, so that they all go at once.
            for entry in &mut *near {
                // SAFETY: a node of this list.
                let key_at = unsafe { (*entry.node).key_at } as usize;
                entry.head = ((key_at - size_of::<Node>()) / size_of::<Link>()) as u64;
            }
            for Entry { head: height, node } in near {
                let height = *height as usize;
                for (level, last) in last[..height].iter_mut().enumerate() {
                    // SAFETY: a link of the head or of a node of this list, which only this
                    // thread has (invariant 2); and the node has a link on that level.
                    unsafe {
                        (**last).store(*node, Ordering::Release);
                        *last = links_of(*node).add(level);
                    }
                }
                highest = highest.max(height);
            }
        }
        self.list.height.add(highest as u64);
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
