//! Walking what a reader may see: of each key the newest version that is old enough, if it is
//! a value.
//!
//! ```text
//!   memtable   (a,9) (c,11,-)         merge, as of 10:   (a,9) a,7 (b,8,-) c,11 (c,4)
//!   segment    (a,7) (b,8,-) (c,4)    entries:            a                      c
//! ```
//!
//! Invariants:
//! 1. What it sees is fixed when it is made: memtables, segments and a sequence number of one
//!    moment, all of which it keeps alive. Whatever is inserted later has a greater number.
//! 2. It stands before the first entry, on an entry, or after the last one. `next` from before the
//!    first goes to the first, `prev` from after the last to the last.
//! 3. On an entry that it reached forwards, the merge stands on that very version. On one that it
//!    reached backwards, the merge stands before all versions of its key, and the entry is a copy.
//! 4. After an error it stands before the first entry.

use std::ops::Bound;

use super::view::View;
use super::{Snapshot, Store};
use crate::compaction::{Direction, Merge, RunCursor};
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::{Kind, MAX_SEQUENCE, internal_key, split, user_key};
use crate::manifest::{LEVELS, TableFile};
use crate::memtable::MemtableCursor;
use crate::sstable::TableCursor;
use crate::sync::Arc;

/// Memtables make internal keys, and cursors of tables refuse a key that is none.
const INTERNAL: &str = "cursors hand out internal keys";

/// The keys of interest. Inverted bounds hold nothing.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) from: Bound<Vec<u8>>,
    pub(super) to: Bound<Vec<u8>>,
}

impl Default for Range {
    fn default() -> Self {
        Range {
            from: Bound::Unbounded,
            to: Bound::Unbounded,
        }
    }
}

impl Range {
    /// Whether a key is before all of the range's.
    fn is_after(&self, key: &[u8]) -> bool {
        match &self.from {
            Bound::Unbounded => false,
            Bound::Included(from) => key < from.as_slice(),
            Bound::Excluded(from) => key <= from.as_slice(),
        }
    }

    /// Whether a key is after all of the range's.
    fn is_before(&self, key: &[u8]) -> bool {
        match &self.to {
            Bound::Unbounded => false,
            Bound::Included(to) => key > to.as_slice(),
            Bound::Excluded(to) => key >= to.as_slice(),
        }
    }

    /// Whether a segment may hold keys of the range.
    fn meets(&self, file: &TableFile) -> bool {
        !self.is_after(user_key(&file.meta.largest))
            && !self.is_before(user_key(&file.meta.smallest))
    }
}

/// One sorted layer of the store.
#[derive(Debug)]
enum Layer {
    Memtable(MemtableCursor),
    /// Boxed: it is many times as large as the other.
    Segment(Box<TableCursor>),
    /// The segments of a level below 0.
    Run(Box<RunCursor>),
}

/// Where it stands; see invariants 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Before,
    OnMerge,
    OnCopy,
    After,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Live {
    merge: Merge<Layer>,
    range: Range,
    sequence: u64,
    stands: Stands,
    /// The user key of the entry here.
    key: Vec<u8>,
    /// The value here, if the entry is a copy.
    value: Vec<u8>,
}

impl Live {
    /// The entries of a range as of now, or of a snapshot. Stands before the first one.
    pub(super) fn new(store: &Store, range: Range, snapshot: Option<&Snapshot>) -> Result<Self> {
        let snapshot = store.shared.sequence_of(snapshot)?;
        let (layers, sequence) = store.shared.view.read(|view| {
            let sequence = snapshot.unwrap_or_else(|| store.shared.last_sequence());
            layers(view, &range).map(|layers| (layers, sequence))
        })?;
        Ok(Live {
            merge: Merge::new(layers, Direction::Forward),
            range,
            sequence,
            stands: Stands::Before,
            key: Vec::new(),
            value: Vec::new(),
        })
    }

    /// The entry here.
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        match self.stands {
            Stands::Before | Stands::After => None,
            Stands::OnMerge => Some((&self.key, self.merge.current()?.1)),
            Stands::OnCopy => Some((&self.key, &self.value)),
        }
    }

    /// Goes to the first entry of the range.
    pub(super) fn seek_to_first(&mut self) -> Result<()> {
        // The newest version of a key comes first in the order of internal keys.
        let start = match &self.range.from {
            Bound::Unbounded => None,
            Bound::Included(key) => Some(internal_key(key, MAX_SEQUENCE, Kind::Put)),
            Bound::Excluded(key) => Some(after_all(key)),
        };
        self.go_forward(start.as_deref())
    }

    /// Goes to the last entry of the range.
    pub(super) fn seek_to_last(&mut self) -> Result<()> {
        let end = match &self.range.to {
            Bound::Unbounded => None,
            Bound::Included(key) => Some(after_all(key)),
            Bound::Excluded(key) => Some(internal_key(key, MAX_SEQUENCE, Kind::Put)),
        };
        self.go_backward(end.as_deref())
    }

    /// Goes to the first entry at or after `key`, which is not before the range.
    pub(super) fn seek(&mut self, key: &[u8]) -> Result<()> {
        self.go_forward(Some(&internal_key(key, MAX_SEQUENCE, Kind::Put)))
    }

    /// Goes to the entry after this one.
    pub(super) fn next(&mut self) -> Result<()> {
        match self.stands {
            Stands::Before => self.seek_to_first(),
            Stands::OnMerge => {
                let advanced = self.merge.advance();
                self.settle(advanced, |live| live.find_next(true))
            }
            Stands::OnCopy => self.go_forward(Some(&after_all(&self.key))),
            Stands::After => Ok(()),
        }
    }

    /// Goes to the entry before this one.
    pub(super) fn prev(&mut self) -> Result<()> {
        match self.stands {
            Stands::Before => Ok(()),
            Stands::OnMerge => {
                self.go_backward(Some(&internal_key(&self.key, MAX_SEQUENCE, Kind::Put)))
            }
            Stands::OnCopy => self.settle(Ok(()), Live::find_previous),
            Stands::After => self.seek_to_last(),
        }
    }

    /// Goes to the first entry at or after an internal key; `None` is the very first.
    fn go_forward(&mut self, start: Option<&[u8]>) -> Result<()> {
        let restarted = self.merge.restart(Direction::Forward, |layer| match start {
            None => layer.seek_to_first(),
            Some(start) => layer.seek(start),
        });
        self.settle(restarted, |live| live.find_next(false))
    }

    /// Goes to the last entry before an internal key; `None` is after all.
    fn go_backward(&mut self, end: Option<&[u8]>) -> Result<()> {
        let restarted = self.merge.restart(Direction::Backward, |layer| {
            let Some(end) = end else {
                return layer.seek_to_last();
            };
            layer.seek(end)?;
            if layer.valid() {
                layer.prev()
            } else {
                layer.seek_to_last()
            }
        });
        self.settle(restarted, Live::find_previous)
    }

    /// Looks for the entry, once the merge stands where that begins.
    fn settle(
        &mut self,
        moved: Result<()>,
        find: impl FnOnce(&mut Self) -> Result<Stands>,
    ) -> Result<()> {
        // In force if there is an error (invariant 4).
        self.stands = Stands::Before;
        moved?;
        self.stands = find(self)?;
        Ok(())
    }

    /// The entry where the merge stands, or the next one. `key` may already be decided.
    fn find_next(&mut self, mut decided: bool) -> Result<Stands> {
        while let Some((internal, _)) = self.merge.current() {
            let (key, sequence, kind) = split(internal).expect(INTERNAL);
            if self.range.is_before(key) {
                break;
            }
            if sequence <= self.sequence && !(decided && key == self.key) {
                decided = true;
                self.key.clear();
                self.key.extend_from_slice(key);
                if kind == Kind::Put {
                    return Ok(Stands::OnMerge);
                }
            }
            self.merge.advance()?;
        }
        Ok(Stands::After)
    }

    /// The entry where the merge stands, or the one before: of the versions of a key, which come
    /// from the oldest to the newest, the last that is old enough.
    fn find_previous(&mut self) -> Result<Stands> {
        let mut found = false;
        while let Some((internal, value)) = self.merge.current() {
            let (key, sequence, kind) = split(internal).expect(INTERNAL);
            if found && key != self.key || self.range.is_after(key) {
                break;
            }
            if sequence <= self.sequence {
                found = kind == Kind::Put;
                self.key.clear();
                self.key.extend_from_slice(key);
                self.value.clear();
                self.value.extend_from_slice(value);
            }
            self.merge.advance()?;
        }
        Ok(if found {
            Stands::OnCopy
        } else {
            Stands::Before
        })
    }
}

/// Cursors over the layers of a view that may hold keys of a range; they keep them alive.
fn layers(view: &View, range: &Range) -> Result<Vec<Layer>> {
    let mut layers = Vec::with_capacity(8);
    for memtable in std::iter::once(&view.memtable).chain(&view.frozen) {
        if !memtable.is_empty() {
            layers.push(Layer::Memtable(memtable.cursor()));
        }
    }
    for level in 0..LEVELS {
        let files = view.version.level(level);
        let within = files.iter().filter(|file| range.meets(file));
        // The files of a deeper level follow one another; those of level 0 overlap.
        if level > 0 && files.len() > 1 {
            let run = RunCursor::new(within.cloned().collect());
            layers.push(Layer::Run(Box::new(run)));
        } else {
            for file in within {
                let cursor = TableCursor::new(Arc::clone(&file.table))?;
                layers.push(Layer::Segment(Box::new(cursor)));
            }
        }
    }
    Ok(layers)
}

impl Cursor for Layer {
    #[inline]
    fn valid(&self) -> bool {
        match self {
            Layer::Memtable(cursor) => cursor.valid(),
            Layer::Segment(cursor) => cursor.valid(),
            Layer::Run(cursor) => cursor.valid(),
        }
    }

    fn seek_to_first(&mut self) -> Result<()> {
        match self {
            Layer::Memtable(cursor) => cursor.seek_to_first(),
            Layer::Segment(cursor) => cursor.seek_to_first(),
            Layer::Run(cursor) => cursor.seek_to_first(),
        }
    }

    fn seek_to_last(&mut self) -> Result<()> {
        match self {
            Layer::Memtable(cursor) => cursor.seek_to_last(),
            Layer::Segment(cursor) => cursor.seek_to_last(),
            Layer::Run(cursor) => cursor.seek_to_last(),
        }
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        match self {
            Layer::Memtable(cursor) => cursor.seek(internal_key),
            Layer::Segment(cursor) => cursor.seek(internal_key),
            Layer::Run(cursor) => cursor.seek(internal_key),
        }
    }

    #[inline]
    fn next(&mut self) -> Result<()> {
        match self {
            Layer::Memtable(cursor) => cursor.next(),
            Layer::Segment(cursor) => cursor.next(),
            Layer::Run(cursor) => cursor.next(),
        }
    }

    #[inline]
    fn prev(&mut self) -> Result<()> {
        match self {
            Layer::Memtable(cursor) => cursor.prev(),
            Layer::Segment(cursor) => cursor.prev(),
            Layer::Run(cursor) => cursor.prev(),
        }
    }

    #[inline]
    fn key(&self) -> &[u8] {
        match self {
            Layer::Memtable(cursor) => cursor.key(),
            Layer::Segment(cursor) => cursor.key(),
            Layer::Run(cursor) => cursor.key(),
        }
    }

    #[inline]
    fn value(&self) -> &[u8] {
        match self {
            Layer::Memtable(cursor) => cursor.value(),
            Layer::Segment(cursor) => cursor.value(),
            Layer::Run(cursor) => cursor.value(),
        }
    }
}

/// An internal key after all of `key`'s and before all of the next key's.
fn after_all(key: &[u8]) -> Vec<u8> {
    let mut next = key.to_vec();
    next.push(0);
    internal_key(&next, MAX_SEQUENCE, Kind::Put)
}
