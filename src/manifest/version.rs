//! A version: the segments that make up the store at one moment, immutable and shared.
//!
//! ```text
//!   level 0    000007  000009  000012      overlap; the later number is the newer
//!   level 1    [a..f] [g..m] [n..z]        disjoint, in key order
//!   level 2    [a........k] [l......z]     older than everything above
//! ```
//!
//! Invariants:
//! 1. Level 0 is in ascending order of file numbers, so the newest is last.
//! 2. Deeper levels are in key order, and no two files of one overlap.
//! 3. For one key, whatever a shallower level holds is newer than all deeper ones; in level 0,
//!    the later file.

use std::cmp::Ordering;

use super::edit::{Edit, FileMeta, LEVELS};
use crate::key::{compare, user_key};
use crate::sstable::Table;
use crate::sync::Arc;

/// An open segment file.
#[derive(Debug)]
pub(crate) struct TableFile {
    pub(crate) meta: Arc<FileMeta>,
    pub(crate) table: Arc<Table>,
}

impl TableFile {
    /// Whether `key` lies between the first and the last user key.
    fn spans(&self, key: &[u8]) -> bool {
        user_key(&self.meta.smallest) <= key && key <= user_key(&self.meta.largest)
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    levels: [Vec<Arc<TableFile>>; LEVELS],
}

impl Version {
    /// The version of these files; `Err` says which invariant they break.
    pub(crate) fn new(
        files: impl IntoIterator<Item = (usize, Arc<TableFile>)>,
    ) -> Result<Self, String> {
        let mut version = Version::default();
        for (level, file) in files {
            version.levels[level].push(file);
        }
        version.levels[0].sort_unstable_by_key(|file| file.meta.number);
        for (depth, level) in version.levels.iter_mut().enumerate().skip(1) {
            level.sort_unstable_by(|a, b| compare(&a.meta.smallest, &b.meta.smallest));
            for pair in level.windows(2) {
                if compare(&pair[0].meta.largest, &pair[1].meta.smallest) != Ordering::Less {
                    let (left, right) = (pair[0].meta.number, pair[1].meta.number);
                    return Err(format!("files {left} and {right} overlap in level {depth}"));
                }
            }
        }
        Ok(version)
    }

    /// This version with one more segment in level 0, newer than all others.
    pub(crate) fn with_newest(&self, file: Arc<TableFile>) -> Version {
        let [level0, deeper @ ..] = &self.levels;
        debug_assert!(
            level0
                .last()
                .is_none_or(|last| last.meta.number < file.meta.number)
        );
        let mut next = Version::default();
        next.levels[0] = Vec::with_capacity(level0.len() + 1);
        next.levels[0].extend(level0.iter().cloned());
        next.levels[0].push(file);
        next.levels[1..].clone_from_slice(deeper);
        next
    }

    /// All files with their levels, the newest last: the deepest level first, by key inside a
    /// level, then level 0 by age (G12).
    pub(crate) fn oldest_to_newest(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, &Arc<TableFile>)> {
        let levels = self.levels.iter().enumerate().rev();
        levels.flat_map(|(level, files)| files.iter().map(move |file| (level, file)))
    }

    /// The files that may hold `key`, newest first, with their levels: in level 0 any that spans
    /// it, in each deeper level at most one.
    pub(crate) fn candidates<'a>(
        &'a self,
        key: &'a [u8],
    ) -> impl Iterator<Item = (usize, &'a Arc<TableFile>)> {
        let newest_first = self.levels[0].iter().rev().map(|file| (0, file));
        let deeper = self
            .levels
            .iter()
            .enumerate()
            .skip(1)
            .filter_map(move |(depth, level)| {
                // By user key alone: of one key's versions, split between two files, the newer
                // stand in the first.
                let at = level.partition_point(|file| user_key(&file.meta.largest) < key);
                level.get(at).map(|file| (depth, file))
            });
        newest_first
            .chain(deeper)
            .filter(move |(_, file)| file.spans(key))
    }

    /// The record that describes this version to somebody who knows nothing.
    pub(crate) fn snapshot(&self) -> Edit {
        let added = self
            .oldest_to_newest()
            .map(|(level, file)| (level, Arc::clone(&file.meta)));
        Edit {
            added: added.collect(),
            ..Edit::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.levels.iter().all(Vec::is_empty)
    }
}
