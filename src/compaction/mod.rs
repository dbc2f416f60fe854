//! Compaction: which files to merge, and which of their entries are still needed.
//!
//! ```text
//!   pick      level 0   [a....m] [c..k]          one level is over its threshold: some of its
//!             level 1   [a..f] [g..m] [n..z]     files, and what they overlap below
//!   run       each file of level 0, and each level below, is one sorted run
//!   merge     (a,9,-) (a,7,"x") (b,8,"y") (c,4,"z") (c,2,"w")     all versions, all runs
//!   retain                      (b,8,"y") (c,4,"z")               what somebody can still see
//!   cut       level 1   [a..e] [f..m] [n..z]     files of a size, cut between user keys
//! ```
//!
//! Invariants:
//! 1. A version goes only if no reader, of now or of a live snapshot, can see it (`retain`).
//! 2. A tombstone goes only if nothing is left for it to hide: not in the files merged, nor in a
//!    deeper level, nor in an older file of level 0 (G3). The last cannot be, since a merge takes
//!    every file of its levels that overlaps with those it takes (`pick`, invariant 1).
//! 3. Keys come in order, or the merge ends with an error: files may be damaged in ways that
//!    checksums do not show.

mod cut;
mod merge;
mod pick;
mod retain;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use cut::Cut;
pub(crate) use merge::{Direction, Merge};
pub(crate) use pick::{Limits, Task, everything, pick};
pub(crate) use retain::{Fate, Retain};
pub(crate) use run::RunCursor;

use std::cmp::Ordering;

use crate::codec;
use crate::error::{Error, Result};
use crate::key::{Kind, split};
use crate::manifest::{LEVELS, TableFile, Version};
use crate::sync::Arc;

/// What a merge left out, and what it could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) versions: u64,
    pub(crate) tombstones: u64,
    pub(crate) tombstones_kept: u64,
}

/// An entry that is still needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'a> {
    /// Whether it is the first of its user key: here a file may be cut.
    pub(crate) begins_key: bool,
    pub(crate) internal_key: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Room for a key of usual length, so that the first keys do not make a buffer grow.
const KEY_BYTES: usize = 64;

/// Walks all versions of all keys and hands on what is still needed, in order.
pub(crate) fn merge_runs(
    mut merge: Merge<RunCursor>,
    mut retain: Retain<'_>,
    mut deeper: Deeper<'_>,
    mut keep: impl FnMut(Kept<'_>) -> Result<()>,
) -> Result<Dropped> {
    let mut dropped = Dropped::default();
    // The user key whose versions are being decided, and the last one's sequence number.
    let (mut decided, mut last) = (Vec::with_capacity(KEY_BYTES), None);
    let mut begins_key = true;
    while let Some((internal_key, value)) = merge.current() {
        let Some((user_key, sequence, kind)) = split(internal_key) else {
            return Err(disorder(merge.source()));
        };
        let shared = codec::shared_prefix(&decided, user_key);
        let order = user_key.get(shared).cmp(&decided.get(shared));
        match (order, last) {
            (Ordering::Equal, Some(last)) if sequence < last => {}
            (Ordering::Greater, _) | (_, None) => {
                decided.clear();
                decided.extend_from_slice(user_key);
                retain.next_key();
                begins_key = true;
            }
            _ => return Err(disorder(merge.source())),
        }
        last = Some(sequence);
        match retain.decide(sequence, kind, || !deeper.may_hold(user_key)) {
            Fate::Kept => {
                dropped.tombstones_kept += u64::from(kind == Kind::Delete);
                keep(Kept {
                    begins_key,
                    internal_key,
                    value,
                })?;
                begins_key = false;
            }
            Fate::Hidden => dropped.versions += 1,
            Fate::Spent => dropped.tombstones += 1,
        }
        merge.advance()?;
    }
    Ok(dropped)
}

#[cold]
fn disorder(run: Option<&RunCursor>) -> Error {
    let file = run
        .and_then(RunCursor::file)
        .expect("it stands on an entry");
    Error::damaged(file.table.path(), 0, "its keys are not in order")
}

/// The levels below a merge's, asked for keys in ascending order.
#[derive(Debug)]
pub(crate) struct Deeper<'a> {
    /// What of each level is not before the key last asked for.
    levels: [&'a [Arc<TableFile>]; LEVELS],
}

impl<'a> Deeper<'a> {
    /// The levels of a version from `level` on.
    pub(crate) fn from(version: &'a Version, level: usize) -> Self {
        let files = |at| {
            if at < level {
                &[][..]
            } else {
                version.level(at)
            }
        };
        Deeper {
            levels: std::array::from_fn(files),
        }
    }

    /// Whether some file's keys span `user_key`.
    fn may_hold(&mut self, user_key: &[u8]) -> bool {
        self.levels.iter_mut().any(|files| {
            while let [first, rest @ ..] = *files
                && first.last() < user_key
            {
                *files = rest;
            }
            files.first().is_some_and(|file| file.first() <= user_key)
        })
    }
}
