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
//!
//! Beside the files it has, for each level, the key after which the next compaction of that
//! level begins, so that compactions go round the key space instead of staying at its start.

use std::cmp::Ordering;

use super::edit::{Edit, FileMeta, LEVELS, Pointers};
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
        self.first() <= key && key <= user_key(&self.meta.largest)
    }

    /// The first user key.
    pub(crate) fn first(&self) -> &[u8] {
        user_key(&self.meta.smallest)
    }

    /// The last user key.
    pub(crate) fn last(&self) -> &[u8] {
        user_key(&self.meta.largest)
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    levels: [Vec<Arc<TableFile>>; LEVELS],
    pointers: Pointers,
}

/// What a compaction changes in a version.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Files that go, with their levels.
    pub(crate) removed: Vec<(usize, Arc<TableFile>)>,
    /// Files that come, with their levels.
    pub(crate) added: Vec<(usize, Arc<TableFile>)>,
    /// A level, and where its next compaction begins.
    pub(crate) pointer: Option<(usize, Arc<[u8]>)>,
}

impl Change {
    /// The change as a record of the manifest.
    pub(crate) fn edit(&self) -> Edit {
        let removed = self.removed.iter();
        let added = self.added.iter();
        Edit {
            pointers: self.pointer.iter().cloned().collect(),
            deleted: removed
                .map(|(level, file)| (*level, file.meta.number))
                .collect(),
            added: added
                .map(|(level, file)| (*level, Arc::clone(&file.meta)))
                .collect(),
            ..Edit::default()
        }
    }
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
        version.settle()?;
        Ok(version)
    }

    /// Puts the files of each level in order; `Err` says which invariant they break.
    fn settle(&mut self) -> Result<(), String> {
        let mut files = self.levels.iter().flatten();
        if let Some(file) =
            files.find(|file| compare(&file.meta.smallest, &file.meta.largest).is_gt())
        {
            let number = file.meta.number;
            return Err(format!("file {number} ends before it begins"));
        }
        self.levels[0].sort_unstable_by_key(|file| file.meta.number);
        for (depth, level) in self.levels.iter_mut().enumerate().skip(1) {
            level.sort_unstable_by(|a, b| compare(&a.meta.smallest, &b.meta.smallest));
            for pair in level.windows(2) {
                if compare(&pair[0].meta.largest, &pair[1].meta.smallest) != Ordering::Less {
                    let (left, right) = (pair[0].meta.number, pair[1].meta.number);
                    return Err(format!("files {left} and {right} overlap in level {depth}"));
                }
            }
        }
        Ok(())
    }

    /// The same with other places for the next compactions.
    pub(crate) fn with_pointers(mut self, pointers: Pointers) -> Version {
        self.pointers = pointers;
        self
    }

    /// This version after a compaction. What goes must be there, and what comes must keep the
    /// invariants: a compaction of files that do can do no other.
    pub(crate) fn after(&self, change: &Change) -> Version {
        let mut next = self.clone();
        for (level, file) in &change.removed {
            next.levels[*level].retain(|present| present.meta.number != file.meta.number);
        }
        for (level, file) in &change.added {
            next.levels[*level].push(Arc::clone(file));
        }
        if let Some((level, key)) = &change.pointer {
            next.pointers[*level] = Some(Arc::clone(key));
        }
        next.settle().expect("a compaction keeps the invariants");
        next
    }

    /// The files of one level, in its order; below the last level there are none.
    pub(crate) fn level(&self, level: usize) -> &[Arc<TableFile>] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    /// The internal key after which the next compaction of a level begins.
    pub(crate) fn pointer(&self, level: usize) -> Option<&[u8]> {
        self.pointers[level].as_deref()
    }

    /// This version with one more segment in level 0, newer than all others.
    pub(crate) fn with_newest(&self, file: Arc<TableFile>) -> Version {
        let [level0, deeper @ ..] = &self.levels;
        debug_assert!(
            level0
                .last()
                .is_none_or(|last| last.meta.number < file.meta.number)
        );
        let mut next = Version {
            pointers: self.pointers.clone(),
            ..Version::default()
        };
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
        let pointers = self.pointers.iter().cloned().enumerate();
        Edit {
            pointers: pointers
                .filter_map(|(level, key)| Some((level, key?)))
                .collect(),
            added: added.collect(),
            ..Edit::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.levels.iter().all(Vec::is_empty)
    }
}
