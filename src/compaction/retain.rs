//! Which versions of a key a flush or a compaction keeps.
//!
//! ```text
//!   versions of a key, newest first:    9     7     5     2
//!   live snapshots:                              6     4
//!   kept:                               9           5     2      7 is hidden from everyone
//!                                       ^           ^     ^
//!                                  newest of all   at 6   at 4
//! ```
//!
//! Invariants:
//! 1. The newest version of a key is needed, and for each live snapshot the newest one that is
//!    not above it; no other is.
//! 2. A tombstone that is needed may still go, if whatever it hides is gone: no file below can
//!    hold the key, and no snapshot is older than it, so that no older version stays either.
//!
//! It does not look ahead: a tombstone above a snapshot stays even where that snapshot turns out
//! to see no version of the key. The first compaction after the snapshot's release drops it.

use crate::key::Kind;

/// What becomes of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// A newer version hides it from everyone.
    Hidden,
    /// It is a tombstone that hides nothing any more.
    Spent,
}

/// Decides one version after the other, in the order of internal keys.
#[derive(Debug)]
pub(crate) struct Retain<'a> {
    /// Sequence numbers of the live snapshots, ascending.
    snapshots: &'a [u64],
    /// Of the version before, if it was of the same key.
    newer: Option<u64>,
}

impl<'a> Retain<'a> {
    /// For these live snapshots, in ascending order; none is an empty slice.
    pub(crate) fn new(snapshots: &'a [u64]) -> Self {
        debug_assert!(snapshots.is_sorted());
        Retain {
            snapshots,
            newer: None,
        }
    }

    /// What follows are the versions of another key.
    pub(crate) fn next_key(&mut self) {
        self.newer = None;
    }

    /// What becomes of the next version of the key. `bottom`: whether no file below can hold the
    /// key; asked for tombstones only.
    #[inline]
    pub(crate) fn decide(
        &mut self,
        sequence: u64,
        kind: Kind,
        bottom: impl FnOnce() -> bool,
    ) -> Fate {
        let newer = self.newer.replace(sequence);
        if newer.is_some_and(|newer| !self.any_between(sequence, newer)) {
            Fate::Hidden
        } else if kind == Kind::Delete && !self.any_between(0, sequence) && bottom() {
            Fate::Spent
        } else {
            Fate::Kept
        }
    }

    /// Whether there is a snapshot from `oldest` on, but before `newest`.
    #[inline]
    fn any_between(&self, oldest: u64, newest: u64) -> bool {
        let at = self
            .snapshots
            .partition_point(|snapshot| *snapshot < oldest);
        self.snapshots
            .get(at)
            .is_some_and(|snapshot| *snapshot < newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The highest sequence number tried; every list of versions and every set of snapshots up
    /// to it is.
    const HIGHEST: u64 = 4;

    type Versions = Vec<(u64, Kind)>;

    /// What a reader at `snapshot` finds in these versions: the value's sequence number.
    fn seen(versions: &[(u64, Kind)], snapshot: u64) -> Option<u64> {
        let newest = versions.iter().find(|(sequence, _)| *sequence <= snapshot);
        newest.and_then(|(sequence, kind)| (*kind == Kind::Put).then_some(*sequence))
    }

    fn kept(versions: &[(u64, Kind)], snapshots: &[u64], bottom: bool) -> Versions {
        let mut retain = Retain::new(snapshots);
        retain.next_key();
        let mut stays = |(sequence, kind): &(u64, Kind)| {
            retain.decide(*sequence, *kind, || bottom) == Fate::Kept
        };
        let mut versions = versions.to_vec();
        versions.retain(|version| stays(version));
        versions
    }

    /// Every list of versions, newest first, each with every kind; and every set of snapshots.
    fn each_case(mut visit: impl FnMut(&[(u64, Kind)], &[u64])) -> usize {
        let digits = 3_usize.pow(HIGHEST as u32);
        let mut cases = 0;
        for lists in 0..digits {
            let mut rest = lists;
            let mut versions = Versions::new();
            for sequence in 1..=HIGHEST {
                match rest % 3 {
                    0 => {}
                    1 => versions.insert(0, (sequence, Kind::Put)),
                    _ => versions.insert(0, (sequence, Kind::Delete)),
                }
                rest /= 3;
            }
            for set in 0..1_u32 << (HIGHEST + 1) {
                let in_set = |at: &u64| set & (1 << at) != 0;
                let snapshots: Vec<u64> = (0..=HIGHEST).filter(in_set).collect();
                visit(&versions, &snapshots);
                cases += 1;
            }
        }
        cases
    }

    /// Invariant 1, as a sentence: a version stays iff somebody has it as the newest they see.
    fn needed(versions: &[(u64, Kind)], snapshots: &[u64]) -> Versions {
        let readers = snapshots.iter().copied().chain([u64::MAX]);
        let newest = |reader| versions.iter().find(|(sequence, _)| *sequence <= reader);
        let mut needed: Versions = readers.filter_map(newest).copied().collect();
        needed.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
        needed.dedup();
        needed
    }

    #[test]
    fn above_other_files_exactly_the_versions_that_somebody_sees_stay() {
        let cases = each_case(|versions, snapshots| {
            let (kept, needed) = (
                kept(versions, snapshots, false),
                needed(versions, snapshots),
            );
            assert_eq!(kept, needed, "{versions:?} at {snapshots:?}");
        });
        assert_eq!(cases, 81 * 32);
    }

    #[test]
    fn at_the_bottom_only_spent_tombstones_go_besides_and_no_answer_changes() {
        let mut spent = 0;
        each_case(|versions, snapshots| {
            let (kept, needed) = (kept(versions, snapshots, true), needed(versions, snapshots));
            let oldest = snapshots.first().copied().unwrap_or(u64::MAX);
            let stays = |(sequence, kind): &(u64, Kind)| *kind == Kind::Put || oldest < *sequence;
            let expected: Versions = needed.iter().copied().filter(stays).collect();
            assert_eq!(kept, expected, "{versions:?} at {snapshots:?}");
            spent += needed.len() - kept.len();
            for reader in snapshots.iter().copied().chain([u64::MAX]) {
                let (before, after) = (seen(versions, reader), seen(&kept, reader));
                assert_eq!(
                    before, after,
                    "{versions:?} at {snapshots:?}, read at {reader}"
                );
            }
        });
        assert!(spent > 0, "no tombstone was ever spent");
    }
}
