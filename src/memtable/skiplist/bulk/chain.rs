//! Nodes that follow one another, on each level those that have it.
//!
//! ```text
//!   level 1             b -------------------> e ->
//!   level 0   a ------> b ------> c ---------> e ->      of each the first node, and the last link
//! ```

use super::super::MAX_HEIGHT;
use crate::memtable::nodes::{Link, Node, NodeBuilder};

/// See the module.
#[derive(Clone, Copy, Default)]
pub(super) struct Chain<'a>([Option<(Node<'a>, Link<'a>)>; MAX_HEIGHT]);

impl<'a> Chain<'a> {
    /// The first node.
    pub(super) fn first(&self) -> Option<Node<'a>> {
        self.0[0].map(|(first, _)| first)
    }

    /// Puts a node behind the last one of each of its levels.
    #[inline]
    pub(super) fn push(&mut self, node: Node<'a>, nodes: &NodeBuilder<'a>) {
        for link in node.links() {
            self.go_on(node, link, nodes);
        }
    }

    /// Puts other nodes behind the last of these.
    pub(super) fn append(&mut self, later: &Chain<'a>, nodes: &NodeBuilder<'a>) {
        for (first, last) in later.0.into_iter().flatten() {
            self.go_on(first, last, nodes);
        }
    }

    /// Goes on, on the level of the last link, with nodes of which this is the first.
    #[inline]
    fn go_on(&mut self, first: Node<'a>, last: Link<'a>, nodes: &NodeBuilder<'a>) {
        let level = &mut self.0[last.level()];
        if let Some((_, end)) = level {
            nodes.link(*end, Some(first));
            *end = last;
        } else {
            *level = Some((first, last));
        }
    }

    /// Has the head of the list lead to these nodes, and the last of them to the end.
    pub(super) fn finish(&self, nodes: &NodeBuilder<'a>) {
        let list = nodes.list;
        for (first, last) in self.0.into_iter().flatten() {
            nodes.link(last, None);
            nodes.link(list.head(last.level()), Some(first));
            // From level 0 upwards, and every node has those below its own.
            list.levels().set(last.level() as u64 + 1);
        }
    }
}
