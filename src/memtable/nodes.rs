//! The nodes of a skip list, and what leads from one to the next: all of the memtable that the
//! compiler cannot check.
//!
//! ```text
//!   head   | links, one a level | -----> a node -----> a node -----> (end)
//!   node   | prefix | key length | value length | height | links ... | key | value |
//! ```
//!
//! In which order nodes follow one another, and how high they are, is said from outside. Whatever
//! safe code says there, nothing is read or written here that must not be: a [`Node`] or a
//! [`Link`] is the proof that there is one, whole, for as long as its lifetime says. That begins
//! in a closure that must accept every lifetime, and so cannot mix two lists.
//!
//! Invariants, on which the unsafe code below rests, as it does on those of `arena`:
//! 1. A node is written whole before a pointer to it is stored (release), and never changes
//!    afterwards but for its links. Whoever loads the pointer (acquire) sees all of it.
//! 2. Nodes are never taken out. Their room is a writer's, a builder's or in the list's keeping,
//!    which frees nothing before it is dropped: a pointer to a node is good as long as the list.
//! 3. Every link leads to a node of the same list that has the link's level, or to the end.
//! 4. A list has at most one writer, made with it, and inserting takes it as `&mut`. Nobody else
//!    stores links, except whoever builds a list before anybody has it.

#![expect(unsafe_code, reason = "nodes in an arena, linked by pointers")]

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::{mem, slice};

use super::arena::{Arena, Unit};
use super::skiplist::{Entry, MAX_HEIGHT};
use crate::sync::{Arc, AtomicPtr, Counter, LeafLock, Ordering, Written};

/// The fixed part of a node. Its links follow, then its key and its value.
#[repr(C)]
pub(super) struct Header {
    /// The head of the user key, which decides most comparisons.
    pub(super) prefix: u64,
    key_length: u32,
    value_length: u32,
    /// How many levels it has.
    pub(super) height: u32,
    /// Lets loom see the reading of all of the above, of the key and of the value.
    written: Written,
}

/// A pointer to a node, or null.
type Pointer = AtomicPtr<Header>;

const _: () = assert!(align_of::<Pointer>() <= align_of::<Header>());
const _: () = assert!(align_of::<Header>() <= align_of::<Unit>());

/// Stands for one list: `'a` can be made neither longer nor shorter.
type Of<'a> = PhantomData<fn(&'a Nodes) -> &'a Nodes>;

/// A node of a list that lives for `'a`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Node<'a> {
    header: NonNull<Header>,
    of: Of<'a>,
}

/// A link of a list that lives for `'a`: its head's or a node's.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    /// The links of all levels, up to this one at least.
    all: NonNull<Pointer>,
    level: usize,
    of: Of<'a>,
}

// SAFETY: as good as a reference to the list, which is `Sync`.
unsafe impl Send for Node<'_> {}
// SAFETY: as above.
unsafe impl Send for Link<'_> {}

impl Deref for Node<'_> {
    type Target = Header;

    #[inline]
    fn deref(&self) -> &Header {
        // SAFETY: a node lives and does not change (invariants 1 and 2).
        let header = unsafe { self.header.as_ref() };
        header.written.is_read();
        header
    }
}

impl<'a> Node<'a> {
    /// # Safety
    /// It is null, or a node of a list that lives for `'a`, which this thread sees whole.
    #[inline]
    unsafe fn at(pointer: *mut Header) -> Option<Self> {
        let of = PhantomData;
        NonNull::new(pointer).map(|header| Node { header, of })
    }

    /// The internal key and the value.
    #[inline]
    pub(super) fn entry(self) -> (&'a [u8], &'a [u8]) {
        let (key, value) = (self.key_length as usize, self.value_length as usize);
        // SAFETY: they follow the links, and were written with them.
        let both = unsafe {
            let begin = self.link().all.add(self.height as usize);
            slice::from_raw_parts(begin.cast().as_ptr(), key + value)
        };
        both.split_at(key)
    }

    /// Its link of level 0.
    #[inline]
    pub(super) fn link(self) -> Link<'a> {
        // SAFETY: every node has level 0.
        unsafe { self.on(0) }
    }

    /// Its links, from level 0 upwards.
    #[inline]
    pub(super) fn links(self) -> impl Iterator<Item = Link<'a>> {
        // SAFETY: it has as many levels.
        (0..self.height as usize).map(move |level| unsafe { self.on(level) })
    }

    /// Its link of a level.
    ///
    /// # Safety
    /// It has that level.
    #[inline]
    unsafe fn on(self, level: usize) -> Link<'a> {
        // SAFETY: the links follow the header, in the same room.
        let (all, of) = (unsafe { self.header.add(1).cast() }, self.of);
        Link { all, level, of }
    }
}

impl<'a> Link<'a> {
    #[inline]
    pub(super) fn level(self) -> usize {
        self.level
    }

    #[inline]
    fn pointer(self) -> &'a Pointer {
        // SAFETY: there is a link of this level, which lives as long as the list (invariant 2).
        unsafe { self.all.add(self.level).as_ref() }
    }

    /// The node that it leads to.
    #[inline]
    pub(super) fn node(self) -> Option<Node<'a>> {
        // SAFETY: of the same list (invariant 3), and loaded so that it is seen whole.
        unsafe { Node::at(self.pointer().load(Ordering::Acquire)) }
    }

    /// The node that it leads to, and that one's link of the same level.
    #[inline]
    pub(super) fn follow(self) -> Option<(Node<'a>, Link<'a>)> {
        let node = self.node()?;
        // SAFETY: it has the level (invariant 3).
        Some((node, unsafe { node.on(self.level) }))
    }

    /// The link of the next level below.
    #[inline]
    pub(super) fn below(mut self) -> Option<Self> {
        self.level = self.level.checked_sub(1)?;
        Some(self)
    }

    /// Has it lead to a node, or to the end.
    ///
    /// # Safety
    /// The node is of the same list, whose links the caller may store (invariant 4).
    #[inline]
    unsafe fn lead_to(self, node: Option<Node<'a>>) {
        let has_level = node.is_none_or(|node| self.level < node.height as usize);
        assert!(has_level, "a node without level {}", self.level);
        let pointer = node.map_or(ptr::null_mut(), |node| node.header.as_ptr());
        // Release: the node is whole (invariant 1).
        self.pointer().store(pointer, Ordering::Release);
    }
}

/// See the module. A list, as readers see it.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    head: [Pointer; MAX_HEIGHT],
    /// How many levels to search: a hint, which may be late or, for levels without nodes, early.
    pub(super) levels: Counter,
    /// The room of nodes whose writer or builder is gone.
    kept: LeafLock<Vec<Arena>>,
}

/// The same within a closure, where no other list has this lifetime.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    nodes: &'a Nodes,
    of: Of<'a>,
}

impl Nodes {
    fn list(&self) -> List<'_> {
        let (nodes, of) = (self, PhantomData);
        List { nodes, of }
    }

    /// The internal key and the value of the node that is found.
    pub(super) fn entry(
        &self,
        find: impl for<'a> FnOnce(List<'a>) -> Option<Node<'a>>,
    ) -> Option<(&[u8], &[u8])> {
        find(self.list()).map(Node::entry)
    }
}

impl<'a> List<'a> {
    #[inline]
    pub(super) fn levels(self) -> &'a Counter {
        &self.nodes.levels
    }

    /// The head's link of a level.
    #[inline]
    pub(super) fn head(self, level: usize) -> Link<'a> {
        assert!(level < MAX_HEIGHT, "no level {level}");
        let (all, of) = (NonNull::from(&self.nodes.head).cast(), self.of);
        Link { all, level, of }
    }
}

/// A node whose links lead to what `next` gives for each level.
///
/// # Safety
/// That is null, or a node of one list that has the level. The list lives for `'a`, and the
/// arena's room will be in its keeping.
#[inline]
unsafe fn write<'a>(
    arena: &mut Arena,
    entry: &Entry<'_>,
    next: impl Fn(usize) -> *mut Header,
) -> Node<'a> {
    let (height, key, value) = (entry.height, entry.key, entry.value);
    assert!((1..=MAX_HEIGHT).contains(&height), "{height} levels");
    let key_at = size_of::<Header>() + height * size_of::<Pointer>();
    let tag = key.tag.to_le_bytes();
    let key_length = key.user.len() + tag.len();
    let bytes = key_length
        .saturating_add(value.len())
        .saturating_add(key_at);
    let room = arena.allocate(bytes);
    // The store's limits keep lengths far below 2^32.
    let header = Header {
        prefix: entry.prefix,
        key_length: u32::try_from(key_length).expect("a key within the limits"),
        value_length: u32::try_from(value.len()).expect("a value within the limits"),
        height: height as u32,
        written: Written::now(),
    };
    // SAFETY: `allocate` gave room for all of it, aligned for a `Unit` and so for a header and for
    // links, and nobody else knows of it. At the end the node is whole.
    unsafe {
        room.cast::<Header>().write(header);
        let links = room.cast::<Header>().add(1).cast::<Pointer>();
        for level in 0..height {
            links.add(level).write(Pointer::new(next(level)));
        }
        let mut at = room.cast::<u8>().add(key_at);
        for part in [key.user, &tag, value] {
            ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
            at = at.add(part.len());
        }
        Node::at(room.cast()).expect("room")
    }
}

/// The only one that adds nodes to a list that is built (invariant 4); by default, to a new one.
#[derive(Debug, Default)]
pub(super) struct NodeWriter {
    nodes: Arc<Nodes>,
    arena: Arena,
}

impl Drop for NodeWriter {
    fn drop(&mut self) {
        self.nodes.kept.lock().push(mem::take(&mut self.arena));
    }
}

impl NodeWriter {
    /// The list, for readers.
    pub(super) fn nodes(&self) -> &Arc<Nodes> {
        &self.nodes
    }

    /// Puts a node behind the links that `find` finds, one of each level, from level 0 upwards:
    /// whoever meets it on a level finds it on all levels below.
    pub(super) fn insert(
        &mut self,
        entry: &Entry<'_>,
        find: impl for<'a> FnOnce(List<'a>) -> [Link<'a>; MAX_HEIGHT],
    ) {
        let links = &find(self.nodes.list())[..entry.height];
        let is_own = |(level, link): (usize, &Link<'_>)| link.level == level;
        assert!(links.iter().enumerate().all(is_own), "a link a level");
        // Nobody else stores them (invariant 4), so that all that they lead to is seen.
        let next = |level: usize| links[level].pointer().load(Ordering::Relaxed);
        // SAFETY: `find` had only links of this list; the room goes to it when this is dropped.
        let node = unsafe { write(&mut self.arena, entry, next) };
        for link in links {
            // SAFETY: of the same list, whose writer this is.
            unsafe { link.lead_to(Some(node)) };
        }
    }

    /// The writer of a new list that `work` builds, and what it says besides.
    pub(super) fn build<R>(work: impl for<'a> FnOnce(NodeBuilder<'a>) -> R) -> (Self, R) {
        let writer = NodeWriter::default();
        let (list, arena) = (writer.nodes.list(), Arena::of_many());
        let said = work(NodeBuilder { list, arena });
        (writer, said)
    }
}

/// Makes and links nodes of a list that nobody has yet. Each of several threads can have one.
pub(super) struct NodeBuilder<'a> {
    /// As far as it is built.
    pub(super) list: List<'a>,
    arena: Arena,
}

impl Drop for NodeBuilder<'_> {
    fn drop(&mut self) {
        self.list.nodes.kept.lock().push(mem::take(&mut self.arena));
    }
}

impl<'a> NodeBuilder<'a> {
    /// One more of the same list.
    pub(super) fn beside(&self) -> Self {
        let (list, arena) = (self.list, Arena::of_many());
        NodeBuilder { list, arena }
    }

    /// A node that nothing leads to yet, and that leads nowhere.
    #[inline]
    pub(super) fn node(&mut self, entry: &Entry<'_>) -> Node<'a> {
        // SAFETY: null is good for every list and level; the room as in `insert`.
        unsafe { write(&mut self.arena, entry, |_| ptr::null_mut()) }
    }

    /// Has a link lead to a node, or to the end.
    #[inline]
    #[expect(clippy::unused_self, reason = "the right to do so")]
    pub(super) fn link(&self, link: Link<'a>, node: Option<Node<'a>>) {
        // SAFETY: of the same list (`build`), which nobody has yet.
        unsafe { link.lead_to(node) };
    }
}

/// A place in a list that it keeps alive.
#[derive(Clone, Debug)]
pub(super) struct Place {
    nodes: Arc<Nodes>,
    /// A node of the list, or null.
    node: *mut Header,
}

// SAFETY: the node belongs to the list, which is shared and outlives the place.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    /// Nowhere in the list.
    pub(super) fn new(nodes: Arc<Nodes>) -> Self {
        let node = ptr::null_mut();
        Place { nodes, node }
    }

    #[inline]
    fn node(&self) -> Option<Node<'_>> {
        // SAFETY: null, or a node that was found in the list, which this place keeps alive.
        unsafe { Node::at(self.node) }
    }

    /// The internal key and the value here.
    #[inline]
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.node().map(Node::entry)
    }

    /// Goes to the node that is found from the list, or from the one here.
    pub(super) fn go(
        &mut self,
        find: impl for<'a> FnOnce(List<'a>, Option<Node<'a>>) -> Option<Node<'a>>,
    ) {
        let found = find(self.nodes.list(), self.node());
        self.node = found.map_or(ptr::null_mut(), |node| node.header.as_ptr());
    }
}
