//! The nodes of a skip list, and what leads from one to the next: all of the memtable that the
//! compiler cannot check.
//!
//! ```text
//!   head   | links, one a level | -----> a node -----> a node -----> (end)
//!   node   | prefix | key length | value length | height | links ... | key | value |
//! ```
//!
//! In which order nodes follow one another, and how high they are, is said from outside. Whatever
//! is said there, nothing is read or written here that must not be: a [`Node`] or a [`Link`] is
//! the proof that there is one, whole, for as long as its lifetime says. That lifetime can be
//! made neither longer nor shorter. Where links are stored it is one that no other list has, so
//! that they lead to nodes of the same list.
//!
//! Invariants, on which the unsafe code below rests:
//! 1. A node is written whole before a pointer to it is stored (release), and never changes
//!    afterwards but for its links. Whoever loads the pointer (acquire) sees all of it.
//! 2. Nodes are never taken out, and their room is the writer's or in the list's keeping, which
//!    frees nothing before it is dropped: a pointer to a node is good for as long as the list.
//! 3. Every link leads to a node of the same list that has the link's level, or to the end.
//! 4. A list has one writer, made together with it, and inserting takes it as `&mut`. Nobody else
//!    stores links, but who builds a list before anybody has it.

#![expect(unsafe_code, reason = "nodes in an arena, linked by pointers")]

use std::marker::PhantomData;
use std::mem;
use std::ptr::{self, NonNull};
use std::slice;

use super::arena::{Arena, Unit};
use super::skiplist::{Entry, MAX_HEIGHT};
use crate::key::TAG_BYTES;
use crate::sync::{Arc, AtomicPtr, Counter, LeafLock, Ordering, Written};

/// The fixed part of a node. Its links follow, then its key and its value.
#[repr(C, align(8))]
struct Header {
    prefix: u64,
    key_length: u32,
    value_length: u32,
    height: u32,
    /// Lets loom see the reading of all of the above, of the key and of the value.
    written: Written,
}

/// A pointer to a node, or null.
type Pointer = AtomicPtr<Header>;

const _: () = assert!(align_of::<Pointer>() <= align_of::<Header>());
const _: () = assert!(align_of::<Header>() <= align_of::<Unit>());

/// Of a list, of which there is only one with this lifetime where links are stored.
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

impl<'a> Node<'a> {
    /// # Safety
    /// A pointer that is not null is one to a node of a list that lives for `'a`, and was loaded
    /// or stored as invariant 1 says.
    #[inline]
    unsafe fn at(pointer: *mut Header) -> Option<Self> {
        let of = PhantomData;
        NonNull::new(pointer).map(|header| Node { header, of })
    }

    #[inline]
    fn header(self) -> &'a Header {
        // SAFETY: a node lives and does not change (invariants 1 and 2).
        let header = unsafe { self.header.as_ref() };
        header.written.is_read();
        header
    }

    /// The head of the user key, which decides most comparisons.
    #[inline]
    pub(super) fn prefix(self) -> u64 {
        self.header().prefix
    }

    /// The internal key.
    #[inline]
    pub(super) fn key(self) -> &'a [u8] {
        self.entry().0
    }

    /// The internal key and the value.
    #[inline]
    pub(super) fn entry(self) -> (&'a [u8], &'a [u8]) {
        let header = self.header();
        let (key, value) = (header.key_length as usize, header.value_length as usize);
        // SAFETY: they follow the links, and were written with them.
        let both = unsafe {
            let begin = self.link().all.add(header.height as usize);
            slice::from_raw_parts(begin.cast().as_ptr(), key + value)
        };
        both.split_at(key)
    }

    /// How many levels it has.
    #[inline]
    pub(super) fn height(self) -> usize {
        self.header().height as usize
    }

    /// Its link of level 0, which every node has.
    #[inline]
    pub(super) fn link(self) -> Link<'a> {
        self.on(0)
    }

    /// Its links, from level 0 upwards.
    #[inline]
    pub(super) fn links(self) -> impl Iterator<Item = Link<'a>> {
        (0..self.height()).map(move |level| self.on(level))
    }

    /// Its link of a level that it has.
    #[inline]
    fn on(self, level: usize) -> Link<'a> {
        // SAFETY: the links follow the header, in the same room.
        let all = unsafe { self.header.add(1).cast() };
        let of = PhantomData;
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

    /// The node that it leads to, and that one's link of the same level (invariant 3).
    #[inline]
    pub(super) fn follow(self) -> Option<(Node<'a>, Link<'a>)> {
        self.node().map(|node| (node, node.on(self.level)))
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
    /// The node is of the same list.
    #[inline]
    unsafe fn lead_to(self, node: Option<Node<'a>>) {
        let has_level = node.is_none_or(|node| self.level < node.height());
        assert!(has_level, "a node without level {}", self.level);
        let pointer = node.map_or(ptr::null_mut(), |node| node.header.as_ptr());
        // The node and its links are whole (invariant 1).
        self.pointer().store(pointer, Ordering::Release);
    }
}

/// See the module. A list, as readers see it.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    head: [Pointer; MAX_HEIGHT],
    /// How many levels are in use: a hint, which may be late and never too great.
    levels: Counter,
    /// The room of nodes whose writer is gone.
    kept: LeafLock<Arena>,
}

impl Nodes {
    /// The head's link of a level.
    #[inline]
    pub(super) fn head(&self, level: usize) -> Link<'_> {
        assert!(level < MAX_HEIGHT, "no level {level}");
        let (all, of) = (NonNull::from(&self.head).cast(), PhantomData);
        Link { all, level, of }
    }

    /// How many levels to search, at least one.
    #[inline]
    pub(super) fn levels(&self) -> usize {
        (self.levels.get() as usize).max(1)
    }
}

/// A node with links that lead where these do.
///
/// # Safety
/// They are of a list that lives for `'a`, each of the level that it is given for, and the
/// arena's room will be in that list's keeping.
#[inline]
unsafe fn write<'a>(
    arena: &mut Arena,
    entry: &Entry<'_>,
    pointer: impl Fn(usize) -> *mut Header,
) -> Node<'a> {
    let Entry { height, value, .. } = *entry;
    let user_key = entry.key.user;
    assert!((1..=MAX_HEIGHT).contains(&height), "{height} levels");
    let key_at = size_of::<Header>() + height * size_of::<Pointer>();
    let key_length = user_key.len() + TAG_BYTES;
    let room = arena.allocate(key_at + key_length + value.len());
    // The store's limits keep these far below 2^32.
    let header = Header {
        prefix: entry.prefix,
        key_length: u32::try_from(key_length).expect("a key within the limits"),
        value_length: u32::try_from(value.len()).expect("a value within the limits"),
        height: height as u32,
        written: Written::now(),
    };
    // SAFETY: `allocate` gave room for the header, the links, the key and the value, aligned for
    // a `Unit` and so for a header and for links, and nobody else knows of it.
    unsafe {
        room.cast::<Header>().write(header);
        let links = room.cast::<Header>().add(1).cast::<Pointer>();
        for level in 0..height {
            links.add(level).write(Pointer::new(pointer(level)));
        }
        let user = room.cast::<u8>().add(key_at);
        ptr::copy_nonoverlapping(user_key.as_ptr(), user, user_key.len());
        let tag = user.add(user_key.len());
        let tag_bytes = entry.key.tag.to_le_bytes();
        ptr::copy_nonoverlapping(tag_bytes.as_ptr(), tag, TAG_BYTES);
        ptr::copy_nonoverlapping(value.as_ptr(), tag.add(TAG_BYTES), value.len());
        Node::at(room.cast()).expect("room")
    }
}

/// Adds nodes to a list: the only one of it (invariant 4), and so never cloned. By default, to a
/// new one.
#[derive(Debug, Default)]
pub(super) struct NodeWriter {
    nodes: Arc<Nodes>,
    arena: Arena,
}

impl Drop for NodeWriter {
    fn drop(&mut self) {
        self.nodes.kept.lock().keep(mem::take(&mut self.arena));
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
        find: impl for<'a> FnOnce(&'a Nodes) -> [Link<'a>; MAX_HEIGHT],
    ) {
        let links = find(&self.nodes);
        let links = &links[..entry.height];
        let is_own = |(level, link): (usize, &Link<'_>)| link.level == level;
        assert!(links.iter().enumerate().all(is_own), "a link a level");
        // Nobody else stores them (invariant 4), so that all that they lead to is seen.
        let next = |level: usize| links[level].pointer().load(Ordering::Relaxed);
        // SAFETY: `find` had nothing but links of this list, and has found one of each level.
        let node = unsafe { write(&mut self.arena, entry, next) };
        for link in links {
            // SAFETY: of the same list.
            unsafe { link.lead_to(Some(node)) };
        }
        if entry.height > self.nodes.levels() {
            self.nodes.levels.set(entry.height as u64);
        }
    }

    /// The writer of a new list that `work` builds, and what it says besides.
    pub(super) fn build<R>(work: impl for<'a> FnOnce(NodeBuilder<'a>) -> R) -> (Self, R) {
        let writer = NodeWriter::default();
        let nodes = &*writer.nodes;
        let said = work(NodeBuilder::of(nodes));
        let used = (0..MAX_HEIGHT).take_while(|level| nodes.head(*level).node().is_some());
        nodes.levels.set(used.count() as u64);
        (writer, said)
    }
}

/// Makes nodes of a list that nobody has yet, and links them in whatever order. Several threads
/// can, each with one of its own.
pub(super) struct NodeBuilder<'a> {
    nodes: &'a Nodes,
    arena: Arena,
    of: Of<'a>,
}

impl Drop for NodeBuilder<'_> {
    fn drop(&mut self) {
        self.nodes.kept.lock().keep(mem::take(&mut self.arena));
    }
}

impl<'a> NodeBuilder<'a> {
    fn of(nodes: &'a Nodes) -> Self {
        let (arena, of) = (Arena::of_many(), PhantomData);
        NodeBuilder { nodes, arena, of }
    }

    /// One more of the same list.
    pub(super) fn beside(&self) -> Self {
        NodeBuilder::of(self.nodes)
    }

    /// The list, as far as it is built.
    pub(super) fn nodes(&self) -> &'a Nodes {
        self.nodes
    }

    /// A node that nothing leads to yet, and that leads nowhere.
    #[inline]
    pub(super) fn node(&mut self, entry: &Entry<'_>) -> Node<'a> {
        // SAFETY: nothing is of every list and level.
        unsafe { write(&mut self.arena, entry, |_| ptr::null_mut()) }
    }

    /// Has a link lead to a node, or to the end.
    #[inline]
    #[expect(clippy::unused_self, reason = "the right to do so")]
    pub(super) fn link(&self, link: Link<'a>, node: Option<Node<'a>>) {
        // SAFETY: of the same list, since there is only one with this lifetime (`build`).
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

    /// The node here.
    #[inline]
    pub(super) fn node(&self) -> Option<Node<'_>> {
        // SAFETY: a node of the list, which this place keeps alive.
        unsafe { Node::at(self.node) }
    }

    /// Goes to the node that is found from the list, or from the one here.
    pub(super) fn go(
        &mut self,
        find: impl for<'a> FnOnce(&'a Nodes, Option<Node<'a>>) -> Option<Node<'a>>,
    ) {
        let found = find(&self.nodes, self.node());
        self.node = found.map_or(ptr::null_mut(), |node| node.header.as_ptr());
    }
}
