//! Where the output of a merge is cut into files.
//!
//! ```text
//!   output         [a ........ f][g ... k][m ........ t]
//!   grandparents   [a..c] [d..h]  [i.] [j] [l.......z]       two levels below the inputs
//! ```
//!
//! Invariants:
//! 1. A cut is made only between user keys: of one key's versions all are in one file, so that
//!    of a level one file answers.
//! 2. A file ends when it has reached the target size, and already when it overlaps with so many
//!    bytes of grandparents that compacting it would be dear.

use super::pick::Limits;
use crate::manifest::TableFile;
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    segment_bytes: u64,
    overlap_bytes: u64,
    /// Those that do not end before the last key.
    grandparents: &'a [Arc<TableFile>],
    /// Bytes of grandparents that the file overlaps with and that end before the last key.
    overlapped: u64,
    any_key: bool,
}

impl<'a> Cut<'a> {
    /// For a merge above these files, which are in key order.
    pub(crate) fn new(limits: &Limits, grandparents: &'a [Arc<TableFile>]) -> Self {
        Cut {
            segment_bytes: limits.segment_bytes,
            overlap_bytes: limits.overlap_bytes(),
            grandparents,
            overlapped: 0,
            any_key: false,
        }
    }

    /// Whether a file of `bytes` so far ends before `user_key`, whose versions come next.
    #[inline]
    pub(crate) fn before(&mut self, user_key: &[u8], bytes: u64) -> bool {
        while let [first, rest @ ..] = self.grandparents
            && first.last() < user_key
        {
            // Those that end before the output begins do not overlap with it.
            self.overlapped += if self.any_key { first.meta.size } else { 0 };
            self.grandparents = rest;
        }
        self.any_key = true;
        let ends = bytes >= self.segment_bytes || self.overlapped > self.overlap_bytes;
        if ends {
            self.overlapped = 0;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::super::pick::tests::{file, limits};
    use super::*;

    #[test]
    fn a_file_ends_at_the_first_key_after_the_target_size() {
        let mut cut = Cut::new(&limits(100), &[]);
        let sizes = [(b"a", 0), (b"b", 99), (b"c", 100), (b"d", 5)];
        let cuts = sizes.map(|(key, bytes)| cut.before(key, bytes));
        assert_eq!(cuts, [false, false, true, false]);
    }

    #[test]
    fn a_file_ends_when_it_overlaps_with_too_much_two_levels_below() {
        // With a target of 100 bytes a file may overlap with 1,000.
        let below = [
            file(1, "a", "b", 5_000),
            file(2, "e", "f", 600),
            file(3, "g", "h", 600),
            file(4, "k", "l", 600),
        ];
        let mut cut = Cut::new(&limits(100), &below);
        let keys: [&[u8]; 6] = [b"c", b"g", b"i", b"j", b"m", b"n"];
        let cuts = keys.map(|key| cut.before(key, 10));
        assert_eq!(
            cuts,
            [false, false, true, false, false, false],
            "the first file is before the output; the second and third are too much"
        );
    }
}
