//! Replaying the records of one log, those of a long one from two places at once.
//!
//! ```text
//!   this thread          | batch | batch | mark | batch |
//!                        from                           | split: between two records, somewhere
//!   the second thread                                   | batch | batch | ...    in the middle
//! ```
//!
//! What the second thread begins with is what the record before the split tells: where it ends,
//! the last change, and, as changes are numbered one by one, how many there are before. If this
//! thread comes to the split with just as many, no number was left out, and both parts are, one
//! behind the other, what one thread would have made. If not, the second part is read again.
//!
//! Invariants:
//! 1. What is replayed, and what is returned, is what one thread alone gives.
//! 2. When this returns, the second thread has ended. There is none in the builds of loom and
//!    shuttle, which would have nothing to find here.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;

use super::BatchRecord;
use super::batch::{first_sequence, is_mark};
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::log::{BLOCK_BYTES, BadRecord, LogReader, Record, Step};
use crate::memtable::MemtableBuilder;
use crate::sync::{Arc, beside};

/// From which length on a log is a long one.
const LONG_BYTES: u64 = if cfg!(test) { 2 << 16 } else { 16 << 20 };

/// Records of a log.
pub(super) struct Records<'a> {
    pub(super) file: Arc<dyn File>,
    pub(super) path: &'a Path,
    /// The first sequence number, where it is known.
    pub(super) first: Option<u64>,
}

/// What records have told, but for what is in the memtable now.
#[derive(Debug)]
pub(super) struct Part {
    /// Where the last record ends.
    pub(super) end: u64,
    /// If the last record is a mark: where the record before it ends, and its sequence number.
    pub(super) last_mark: Option<(u64, u64)>,
    pub(super) ending: Ending,
}

/// What has ended a sequence of good records.
#[derive(Debug)]
pub(super) enum Ending {
    /// So many zeros up to the end of the file.
    InZeros(u64),
    /// Something else than a record.
    Bad(BadRecord),
    /// A record that does not hold what it should.
    Wrong { offset: u64, what: String },
    /// Nothing: they go on behind where the reading was to end.
    GoesOn,
}

/// Between two records of a log, and the last change before.
#[derive(Clone, Copy)]
struct Split {
    at: u64,
    last: u64,
    /// How many changes of the log there are before, if no number is left out.
    changes: u64,
}

impl Records<'_> {
    /// Applies the records from one that begins at `from` to the memtable, as far as they are
    /// good.
    pub(super) fn replay(
        &self,
        from: u64,
        memtable: &mut MemtableBuilder<'_>,
        last: &mut Option<u64>,
    ) -> Result<Part> {
        let size = self
            .file
            .size()
            .or_path(self.path, "read the size of the log")?;
        let is_long = size.saturating_sub(from) >= LONG_BYTES;
        let first = self.first.filter(|_| is_long);
        match first.and_then(|first| self.split(from, size, first)) {
            Some(split) => self.replay_halves(from, split, memtable, last),
            None => self.replay_stretch(from..u64::MAX, memtable, last),
        }
    }

    /// Where to split, if the middle of the log is good. What is wrong there is said when the
    /// reading comes to it.
    fn split(&self, from: u64, size: u64, first: u64) -> Option<Split> {
        let middle = u64::midpoint(from, size);
        let mut reader = self.reader(middle - middle % BLOCK_BYTES as u64).ok()?;
        reader.pass_rest().ok()?;
        let Step::Record(record) = reader.step().ok()? else {
            return None;
        };
        let batch = BatchRecord::decode(record.bytes).ok()?;
        let last = batch.last_sequence();
        Some(Split {
            at: record.end,
            last,
            changes: last.checked_sub(first)? + 1,
        })
    }

    fn replay_halves(
        &self,
        from: u64,
        split: Split,
        memtable: &mut MemtableBuilder<'_>,
        last: &mut Option<u64>,
    ) -> Result<Part> {
        let mut later = memtable.later(memtable.changes() + split.changes);
        let second = || {
            let mut last = Some(split.last);
            let part = self.replay_stretch(split.at..u64::MAX, &mut later, &mut last);
            (part, later, last)
        };
        let (first, second) = beside("etalon log", second, |is_beside| {
            let until = if is_beside { split.at } else { u64::MAX };
            self.replay_stretch(from..until, memtable, last)
        });
        let first = first?;
        if !matches!(first.ending, Ending::GoesOn) {
            return Ok(first);
        }
        let second = second.filter(|_| first.end == split.at);
        let joined = second.and_then(|(part, later, newest)| {
            let is_joined = memtable.join(later);
            is_joined.then_some((part, newest))
        });
        let second = match joined {
            Some((part, newest)) => {
                *last = newest;
                part?
            }
            None => self.replay_stretch(first.end..u64::MAX, memtable, last)?,
        };
        let of_last = if second.end > first.end {
            &second
        } else {
            &first
        };
        Ok(Part {
            last_mark: of_last.last_mark,
            ..second
        })
    }

    /// The same as `replay`, by one thread, up to the first record that ends at the end of the
    /// stretch or behind.
    fn replay_stretch(
        &self,
        stretch: Range<u64>,
        memtable: &mut MemtableBuilder<'_>,
        last: &mut Option<u64>,
    ) -> Result<Part> {
        let mut reader = self.reader(stretch.start)?;
        let mut part = Part {
            end: stretch.start,
            last_mark: None,
            ending: Ending::GoesOn,
        };
        while part.end < stretch.end {
            let record = match reader.step()? {
                Step::Record(record) => record,
                Step::End { zeros, .. } => {
                    part.ending = Ending::InZeros(zeros);
                    break;
                }
                Step::Bad(bad) => {
                    part.ending = Ending::Bad(bad);
                    break;
                }
            };
            let Record { offset, end, bytes } = record;
            if let Err(what) = apply(bytes, memtable, last) {
                part.ending = Ending::Wrong { offset, what };
                break;
            }
            part.last_mark = is_mark(bytes).then(|| (part.end, first_sequence(bytes)));
            part.end = end;
        }
        Ok(part)
    }

    fn reader(&self, from: u64) -> Result<LogReader> {
        LogReader::starting_at(Arc::clone(&self.file), self.path.to_path_buf(), from)
    }
}

fn apply(
    record: &[u8],
    memtable: &mut MemtableBuilder<'_>,
    last: &mut Option<u64>,
) -> Result<(), String> {
    let batch = BatchRecord::decode(record)?;
    if let Some(last) = *last
        && batch.sequence <= last
    {
        return Err(format!(
            "change {} comes after change {last}",
            batch.sequence
        ));
    }
    for (sequence, change) in (batch.sequence..).zip(batch.changes()) {
        let (key, value) = change?;
        memtable.push(key, sequence, value);
    }
    if batch.count > 0 {
        *last = Some(batch.last_sequence());
    }
    Ok(())
}
