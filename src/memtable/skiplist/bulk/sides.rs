//! Entries that came out of order: on two sides of a head, until they are sorted.
//!
//! What divides the sides is the middle of the first that come:
//!
//! ```text
//!   pushed    d  b  e  a  c  g     middle: d
//!   sides     b  a  c | d  e  g
//! ```
//!
//! Sorting goes by the heads of the keys, which are beside the nodes; where they agree, by the
//! next bytes of the keys, and in the end by whole keys.

use std::mem;

use super::Keyed;
use crate::advice::{BESIDE_BYTES, ask_for_large_pages};
use crate::codec;
use crate::key;

/// So few entries with the same head are sorted by comparing whole keys.
const FEW: usize = 8;

/// So many bytes of keys are sorted by their heads. What agrees so far is mostly the same key.
const DEEP_BYTES: usize = 64;

/// Of how many entries the middle divides the sides.
const SAMPLE: usize = if cfg!(test) { 1 << 4 } else { 1 << 10 };

/// For how many entries there is room on a side of more than a few.
const LARGE: usize = ((8 << 20) - BESIDE_BYTES) / size_of::<Keyed<'_>>();

/// See the module.
#[derive(Default)]
pub(super) struct Sides<'a> {
    pub(super) low_and_high: [Vec<Keyed<'a>>; 2],
    /// The least head of the high side, once there is one.
    middle: Option<u64>,
}

impl<'a> Sides<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.low_and_high.iter().map(Vec::len).sum()
    }

    pub(super) fn push(&mut self, entry: Keyed<'a>) {
        let is_high = self.middle.is_some_and(|middle| entry.head >= middle);
        // Selected, not branched to: of random keys nobody can predict the side.
        let side = &mut self.low_and_high[usize::from(is_high)];
        if side.len() == side.capacity() {
            grow(side);
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

    /// Both sides, one's entries before the other's.
    pub(super) fn parts(&mut self) -> [&mut [Keyed<'a>]; 2] {
        self.low_and_high.each_mut().map(Vec::as_mut_slice)
    }

    /// As `parts`, each as large as the other or up to three times.
    pub(super) fn halves(&mut self) -> [&mut [Keyed<'a>]; 2] {
        let all = self.len();
        let [low, high] = &mut self.low_and_high;
        if low.len().min(high.len()) >= all / 4 {
            return [low, high];
        }
        // The first were not like the rest, or heads do not tell keys apart.
        low.append(high);
        low.select_nth_unstable_by(all / 2, Keyed::order);
        let (low, high) = low.split_at_mut(all / 2);
        [low, high]
    }
}

/// Makes room for as many entries again, at least.
#[cold]
fn grow(side: &mut Vec<Keyed<'_>>) {
    let least = if side.len() < 4 * SAMPLE { 0 } else { LARGE };
    let mut larger = Vec::with_capacity(least.max(2 * side.len()));
    ask_for_large_pages(larger.spare_capacity_mut());
    larger.append(side);
    *side = larger;
}

/// Sorts entries whose user keys agree in their first `depth` bytes, and whose heads follow there.
pub(super) fn sort(entries: &mut [Keyed<'_>], depth: usize) {
    entries.sort_unstable_by_key(|entry| entry.head);
    let depth = depth + size_of::<u64>();
    for same in entries.chunk_by_mut(|a, b| a.head == b.head) {
        if same.len() > FEW && depth < DEEP_BYTES && next_heads(same, depth) {
            sort(same, depth);
        } else if same.len() > 1 {
            same.sort_unstable_by(|a, b| key::compare(a.node.key(), b.node.key()));
        }
    }
}

/// Takes the heads from `depth` on; whether any key goes on so far.
fn next_heads(entries: &mut [Keyed<'_>], depth: usize) -> bool {
    let mut goes_on = false;
    for entry in entries {
        let user = key::user_key(entry.node.key());
        let rest = user.get(depth..).unwrap_or_default();
        goes_on |= !rest.is_empty();
        entry.head = codec::head(rest);
    }
    goes_on
}
