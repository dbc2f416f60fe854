//! A skip list over an arena: one writer extends it while any number of readers walk it.
//!
//! ```text
//!   head  level 2 ------------------> c ------------------------> (end)
//!         level 1 --------> b ------> c ------------> e --------> (end)
//!         level 0 --> a --> b ------> c ------> d --> e --> f --> (end)
//!
//!   node:  | prefix | key length | value length | where the key is | links ... | key | value |
//! ```
//!
//! Invariants, on which the unsafe code below rests:
//! 1. A node is written whole before a pointer to it is stored (release), and never changes
//!    afterwards but for its links. Whoever loads the pointer (acquire) sees all of it.
//! 2. Nodes are never taken out, and the arena frees nothing before the list is dropped: a
//!    pointer to a node is good for as long as the list.
//! 3. Every link leads to a node with a greater key, or to the end. A node is linked from level 0
//!    upwards, so that whoever meets it on a level finds it on all levels below.
//! 4. Only the inserter stores links and touches the arena. A list has one inserter, made together
//!    with it, and inserting takes it as `&mut`.
//! 5. The height of a node follows from how many came before it: the same inserts make the same
//!    list, in every run.
//!
//! A walk is not a snapshot: it meets entries that are inserted ahead of its place and not those
//! that it has passed. What a reader may see is decided by sequence numbers, above this file.

#![expect(unsafe_code, reason = "nodes in an arena, linked by pointers")]

mod bulk;

pub(super) use bulk::Bulk;

use std::cmp::Ordering::{Greater, Less};
use std::ptr;

use super::arena::{Arena, Unit};
use crate::codec;
use crate::key::{TAG_BYTES, Target};
use crate::sync::{Arc, AtomicPtr, Counter, Ordering, UnsafeCell, Written};

/// The most levels a node can have. With a quarter of the nodes of each level on the next one,
/// 12 levels are enough for 16 million entries. Under loom each level multiplies the
/// interleavings, and two show all there is to a level above another.
const MAX_HEIGHT: usize = if cfg!(feature = "loom") { 2 } else { 12 };

type Link = AtomicPtr<Node>;

/// The fixed part of a node. Its links follow, then its key and its value.
#[repr(C, align(8))]
struct Node {
    /// The head of the user key, which decides most comparisons.
    prefix: u64,
    key_length: u32,
    value_length: u32,
    /// Where the key begins, in bytes from the node.
    key_at: u32,
    /// Lets loom see the reading of all of the above, of the key and of the value.
    written: Written,
}

const _: () = assert!(align_of::<Link>() <= align_of::<Node>());
const _: () = assert!(align_of::<Node>() <= align_of::<Unit>());

/// See the module.
#[derive(Debug)]
pub(super) struct SkipList {
    head: [Link; MAX_HEIGHT],
    /// How many levels are in use: a hint, which may be late and never too great.
    height: Counter,
    /// The inserter's alone, and kept here because the nodes outlive it.
    arena: UnsafeCell<Arena>,
}

// SAFETY: the pointers in a list lead into its own arena, which it owns; readers and the inserter
// meet only in the links, which are atomic (invariants 1, 2 and 4).
unsafe impl Send for SkipList {}
// SAFETY: as above; nobody but the inserter touches the arena, and drop, when all have let go.
unsafe impl Sync for SkipList {}

/// How many levels the next node gets: one more with a chance of a quarter, again and again.
fn height_of(entries: u64) -> usize {
    let mixed = (entries + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let zeros = (mixed ^ mixed >> 32).trailing_zeros() as usize;
    1 + (zeros / 2).min(MAX_HEIGHT - 1)
}

/// Where a node's links begin.
///
/// # Safety
/// `node` is a node of a list that lives.
#[inline]
unsafe fn links_of(node: *const Node) -> *const Link {
    // SAFETY: the links follow the node, in the same piece of the arena (`new_node`).
    unsafe { node.add(1).cast() }
}

/// The internal key of a node.
///
/// # Safety
/// `node` is a node of a list that lives for `'a`.
unsafe fn key_of<'a>(node: *const Node) -> &'a [u8] {
    // SAFETY: written by `insert` before anybody saw the node, never after (invariant 1).
    unsafe {
        (*node).written.is_read();
        let at = node.cast::<u8>().add((*node).key_at as usize);
        std::slice::from_raw_parts(at, (*node).key_length as usize)
    }
}

/// The value of a node.
///
/// # Safety
/// `node` is a node of a list that lives for `'a`.
unsafe fn value_of<'a>(node: *const Node) -> &'a [u8] {
    // SAFETY: as in `key_of`; the value follows the key.
    unsafe {
        (*node).written.is_read();
        let at = (*node).key_at as usize + (*node).key_length as usize;
        let length = (*node).value_length as usize;
        std::slice::from_raw_parts(node.cast::<u8>().add(at), length)
    }
}

/// Takes entries: the only one of its list (invariant 4), and so never cloned.
#[derive(Debug)]
pub(super) struct Inserter {
    list: Arc<SkipList>,
    entries: u64,
    bytes: usize,
}

impl Default for Inserter {
    /// The inserter of a new list.
    fn default() -> Self {
        let list = SkipList {
            head: std::array::from_fn(|_| Link::new(ptr::null_mut())),
            height: Counter::default(),
            arena: UnsafeCell::new(Arena::default()),
        };
        Inserter {
            list: Arc::new(list),
            entries: 0,
            bytes: 0,
        }
    }
}

impl SkipList {
    pub(super) fn is_empty(&self) -> bool {
        self.head[0].load(Ordering::Acquire).is_null()
    }

    /// The first entry at or after `target`: its internal key and value.
    pub(super) fn seek(&self, target: Target<'_>) -> Option<(&[u8], &[u8])> {
        let node = self.first_at(target, codec::head(target.user), |_, _| {});
        // SAFETY: a node of this list, which lives for as long as what is returned.
        (!node.is_null()).then(|| unsafe { (key_of(node), value_of(node)) })
    }

    /// The first node at or after `target`, whose user key has the head `prefix`, or null. Tells
    /// `passed` from where each level was left, from the highest in use down.
    #[inline]
    fn first_at(
        &self,
        target: Target<'_>,
        prefix: u64,
        mut passed: impl FnMut(usize, *const Link),
    ) -> *const Node {
        let mut links = self.head.as_ptr();
        let mut next: *const Node = ptr::null();
        // A node known to be at or after the target: met again on the levels below.
        let mut beyond: *const Node = ptr::null();
        for level in (0..self.height()).rev() {
            loop {
                // SAFETY: links of the head, or of a node that was reached on this level and so
                // has it (invariant 3); they live (invariant 2).
                let link = unsafe { links.add(level) };
                // SAFETY: as above.
                next = unsafe { (*link).load(Ordering::Acquire) };
                // SAFETY: not null, so a node of this list.
                let goes_on =
                    !next.is_null() && next != beyond && unsafe { is_before(next, prefix, target) };
                if !goes_on {
                    beyond = next;
                    passed(level, link);
                    break;
                }
                // SAFETY: a node of this list.
                links = unsafe { links_of(next) };
            }
        }
        next
    }

    /// The last node before `target`, or null; without a target the last of all.
    fn last_before(&self, target: Option<Target<'_>>) -> *const Node {
        let prefix = target.map_or(0, |target| codec::head(target.user));
        let mut links = self.head.as_ptr();
        let mut at: *const Node = ptr::null();
        for level in (0..self.height()).rev() {
            loop {
                // SAFETY: as in `first_at`.
                let next = unsafe { (*links.add(level)).load(Ordering::Acquire) };
                // SAFETY: not null, so a node of this list.
                let goes_on = !next.is_null()
                    && target.is_none_or(|target| unsafe { is_before(next, prefix, target) });
                if !goes_on {
                    break;
                }
                at = next;
                // SAFETY: a node of this list.
                links = unsafe { links_of(next) };
            }
        }
        at
    }

    /// How many levels to search.
    fn height(&self) -> usize {
        (self.height.get() as usize).max(1)
    }
}

/// Whether a node's key is before `target`, whose user key begins with `prefix`.
///
/// # Safety
/// `node` is a node of a list that lives.
#[inline]
unsafe fn is_before(node: *const Node, prefix: u64, target: Target<'_>) -> bool {
    // SAFETY: the caller's promise; written before anybody saw the node.
    let own = unsafe {
        (*node).written.is_read();
        (*node).prefix
    };
    if own != prefix {
        return own < prefix;
    }
    // SAFETY: the caller's promise.
    target.compare_to(unsafe { key_of(node) }) == Greater
}

impl Inserter {
    /// The list, for readers.
    pub(super) fn list(&self) -> &Arc<SkipList> {
        &self.list
    }

    /// Bytes of user keys and values ever inserted, and 8 an entry.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Inserts an entry. No two have the same user key and tag.
    pub(super) fn insert(&mut self, user_key: &[u8], tag: u64, value: &[u8]) {
        let height = height_of(self.entries);
        let mut links = [ptr::null::<Link>(); MAX_HEIGHT];
        // Levels that no node has had yet are left at the head.
        let used = self.list.height();
        if height > used {
            let heads = self.list.head[used..height].iter();
            for (link, head) in links[used..height].iter_mut().zip(heads) {
                *link = head;
            }
        }
        let prefix = codec::head(user_key);
        let target = Target {
            user: user_key,
            tag,
        };
        let next = self
            .list
            .first_at(target, prefix, |level, link| links[level] = link);
        // SAFETY: not null, so a node of this list.
        debug_assert!(next.is_null() || target.compare_to(unsafe { key_of(next) }) == Less);
        let node = self.new_node(height, prefix, target, value);
        for (level, link) in links.iter().enumerate().take(height) {
            // SAFETY: a link of the head or of a node that lives; only this thread stores links
            // (invariant 4), so it still leads where `first_at` saw it lead. The node's own
            // links are in its room, and nobody else can reach them yet on this level.
            unsafe {
                let own = links_of(node).add(level).cast_mut();
                own.write(Link::new((**link).load(Ordering::Relaxed)));
            }
        }
        for link in &links[..height] {
            // SAFETY: as above. Release: the node and its links are whole (invariant 1).
            unsafe { (**link).store(node, Ordering::Release) };
        }
        self.entries += 1;
        self.bytes += user_key.len() + value.len() + TAG_BYTES;
        if height > used {
            self.list.height.set(height as u64);
        }
    }

    /// A node in the arena, written but for its links.
    #[inline]
    fn new_node(&mut self, height: usize, prefix: u64, key: Target<'_>, value: &[u8]) -> *mut Node {
        let key_at = size_of::<Node>() + height * size_of::<Link>();
        let key_length = key.user.len() + TAG_BYTES;
        let bytes = key_at + key_length + value.len();
        // SAFETY: only this inserter touches the arena, and only here (invariant 4).
        let allocate = |arena: *mut Arena| unsafe { (*arena).allocate(bytes) };
        let node = self.list.arena.with_mut(allocate);
        // The store's limits keep these far below 2^32.
        let header = Node {
            prefix,
            key_length: u32::try_from(key_length).expect("a key within the limits"),
            value_length: u32::try_from(value.len()).expect("a value within the limits"),
            key_at: key_at as u32,
            written: Written::now(),
        };
        // SAFETY: `allocate` gave room for the header, the links, the key and the value, aligned
        // for a `Unit` and so for a `Node`, and nobody else knows of it.
        unsafe {
            node.cast::<Node>().write(header);
            let user = node.cast::<u8>().add(key_at);
            ptr::copy_nonoverlapping(key.user.as_ptr(), user, key.user.len());
            let tag = user.add(key.user.len());
            tag.cast::<[u8; TAG_BYTES]>().write(key.tag.to_le_bytes());
            ptr::copy_nonoverlapping(value.as_ptr(), tag.add(TAG_BYTES), value.len());
        }
        node.cast()
    }
}

/// A place in a list that it keeps alive.
#[derive(Clone, Debug)]
pub(super) struct Place {
    list: Arc<SkipList>,
    /// A node of the list, or null.
    node: *const Node,
}

// SAFETY: the node belongs to the list, which is shared and outlives the place.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    /// Nowhere in the list.
    pub(super) fn new(list: Arc<SkipList>) -> Self {
        let node = ptr::null();
        Place { list, node }
    }

    pub(super) fn valid(&self) -> bool {
        !self.node.is_null()
    }

    /// The internal key and the value here.
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        // SAFETY: a node of the list, which this place keeps alive.
        self.valid()
            .then(|| unsafe { (key_of(self.node), value_of(self.node)) })
    }

    pub(super) fn first(&mut self) {
        self.node = self.list.head[0].load(Ordering::Acquire);
    }

    pub(super) fn last(&mut self) {
        self.node = self.list.last_before(None);
    }

    pub(super) fn seek(&mut self, target: Target<'_>) {
        self.node = self
            .list
            .first_at(target, codec::head(target.user), |_, _| {});
    }

    pub(super) fn next(&mut self) {
        if self.valid() {
            // SAFETY: every node has a link on level 0.
            self.node = unsafe { (*links_of(self.node)).load(Ordering::Acquire) };
        }
    }

    pub(super) fn prev(&mut self) {
        if let Some((key, _)) = self.entry() {
            self.node = self.list.last_before(Some(Target::of(key)));
        }
    }
}
