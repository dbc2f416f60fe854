//! Recovering the logs: which of them count, and what they hold.
//!
//! ```text
//!   000003.log   | batch | batch | mark | batch |       older: whole, or it is damage
//!   000005.log   | batch | mark | batch | ba            newest: before a mark whole, or damage;
//!                                       '-- cut             after the last mark it may be torn
//! ```
//!
//! Invariants:
//! 1. The newest log may end in a torn record: what follows the last good one is left out, and
//!    said ([`Notice`]). Not so where a mark follows, which says that it was durable once; nor in
//!    an older log; nor may batches be missing between two logs.
//! 2. A log that begins with the same sequence number as an older one, or with a mark beside an
//!    older one that has not even a first record, is the older one's copy, whole and durable, left
//!    by an opening that was interrupted. The copy counts: the older one may never have been
//!    durable.
//! 3. Reading resumes behind damage only where the caller asks for salvage.

use std::path::{Path, PathBuf};

use super::batch::is_mark;
use super::losses::Losses;
use super::{BatchRecord, Notice};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::log::{BadRecord, LogReader, Step, next_record};
use crate::manifest::{FileName, Replayed};
use crate::memtable::MemtableBuilder;

/// Good records of a log, one behind the other.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) path: PathBuf,
    /// Where the first one begins.
    pub(super) from: u64,
    pub(super) records: usize,
}

/// A log that still counts.
pub(super) struct LiveLog {
    path: PathBuf,
    /// Of its first record; `None` if it has none that is good.
    first_sequence: Option<u64>,
    /// Whether it begins with a mark.
    is_copy: bool,
    /// What stands in the place of a first record.
    bad: Option<BadRecord>,
    is_empty: bool,
}

impl LiveLog {
    /// Whether a newer log is a copy of this one; see invariant 2.
    fn is_in(&self, newer: &LiveLog) -> bool {
        match (self.first_sequence, newer.first_sequence) {
            (Some(first), Some(newer)) => first >= newer,
            (None, _) => newer.is_copy,
            (Some(_), None) => false,
        }
    }
}

/// The logs that still count, oldest first, without those that a copy stands in for.
pub(super) fn live_logs(
    disk: &dyn Disk,
    directory: &Path,
    names: &[FileName],
    replayed: &Replayed,
    manifest_path: &Path,
    losses: &mut Losses,
) -> Result<Vec<LiveLog>> {
    let mut numbers: Vec<u64> = names
        .iter()
        .filter_map(|name| {
            if let FileName::Log(number) = name {
                Some(*number)
            } else {
                None
            }
        })
        .filter(|number| *number >= replayed.log_number || *number == replayed.previous_log)
        .collect();
    numbers.sort_unstable();
    for named in [replayed.log_number, replayed.previous_log] {
        if named != 0 && !numbers.contains(&named) {
            let what = format!("names the log {named:06}.log, which is not there");
            losses.leave_out(Error::damaged(manifest_path, 0, what))?;
        }
    }
    let mut logs: Vec<LiveLog> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let log = peek(disk, FileName::Log(number).path(directory))?;
        let originals = logs.iter().position(|older| older.is_in(&log));
        for original in logs.drain(originals.unwrap_or(logs.len())..) {
            let torn = original.bad.map(|bad| Notice::torn(&original.path, &bad));
            losses.notices.extend(torn);
        }
        logs.push(log);
    }
    Ok(logs)
}

/// The sequence number that the logs begin with.
pub(super) fn first_change(logs: &[LiveLog]) -> Option<u64> {
    logs.iter().find_map(|log| log.first_sequence)
}

/// No changes may be missing between what the manifest knows of and the first log that counts:
/// then the manifest has lost edits, perhaps in a tail that was cut.
pub(super) fn refuse_older_manifest(logs: &[LiveLog], last_sequence: u64) -> Result<()> {
    let with_changes = |log: &LiveLog| Some((log.path.clone(), log.first_sequence?));
    match logs.iter().find_map(with_changes) {
        Some((path, first)) if first > last_sequence + 1 => {
            let what =
                format!("begins with change {first}, but the manifest ended with {last_sequence}");
            Err(Error::damaged(&path, 0, what))
        }
        _ => Ok(()),
    }
}

/// Reads the first record of a log.
fn peek(disk: &dyn Disk, path: PathBuf) -> Result<LiveLog> {
    let file = disk.open(&path).or_path(&path, "open the log")?;
    let is_empty = file.size().or_path(&path, "read the log's size")? == 0;
    let mut reader = LogReader::new(file, path.clone())?;
    let (first_sequence, is_copy, bad) = match reader.step()? {
        Step::Record(record) => {
            let batch = BatchRecord::decode(record.bytes).ok();
            let first = batch.map(|batch| batch.sequence);
            (first, is_mark(record.bytes), None)
        }
        Step::End { .. } => (None, false, None),
        Step::Bad(bad) => (None, false, Some(bad)),
    };
    Ok(LiveLog {
        path,
        first_sequence,
        is_copy,
        bad,
        is_empty,
    })
}

type LogsRead = (Vec<Run>, Option<u64>);

/// Applies the logs to the memtable. Also returns the last sequence number met.
pub(super) fn replay_logs(
    disk: &dyn Disk,
    logs: Vec<LiveLog>,
    memtable: &mut MemtableBuilder,
    losses: &mut Losses,
) -> Result<LogsRead> {
    let mut last = None;
    let mut runs = Vec::with_capacity(logs.len());
    let count = logs.len();
    let newest_with_bytes = logs.iter().rposition(|log| !log.is_empty);
    for (at, log) in logs.into_iter().enumerate() {
        if let (Some(last), Some(first)) = (last, log.first_sequence)
            && first != last + 1
        {
            let what =
                format!("begins with change {first}, but the log before it ended with {last}");
            losses.leave_out(Error::damaged(&log.path, 0, what))?;
        }
        let before = last;
        let mut from = Some(0);
        while let Some(start) = from {
            let (records, ending) = replay_log(disk, &log.path, start, memtable, &mut last)?;
            runs.push(Run {
                path: log.path.clone(),
                from: start,
                records,
            });
            // The newest log may be torn. So may one without a single good change that only
            // empty logs follow: an interrupted opening had nothing to keep from it.
            let nothing_kept = newest_with_bytes == Some(at) && last == before;
            let may_be_torn = at + 1 == count || nothing_kept;
            let last = last.unwrap_or(0);
            from = end_run(disk, &log.path, ending, may_be_torn, last, losses)?;
        }
    }
    Ok((runs, last))
}

/// How the good records of a log ended.
enum Ending {
    AtItsEnd,
    /// Where something else than a record stands.
    Bad(BadRecord),
    /// Where a record does not hold what it should.
    Wrong {
        offset: u64,
        what: String,
    },
}

/// Says what has ended a run of good records. If it is damage that is left out: where to go on.
fn end_run(
    disk: &dyn Disk,
    path: &Path,
    ending: Ending,
    may_be_torn: bool,
    last: u64,
    losses: &mut Losses,
) -> Result<Option<u64>> {
    let (offset, error) = match ending {
        Ending::AtItsEnd => return Ok(None),
        Ending::Bad(bad) if may_be_torn => match lost_though_durable(disk, path, &bad, last)? {
            None => {
                losses.notices.push(Notice::torn(path, &bad));
                return Ok(None);
            }
            Some(error) => (bad.offset, error),
        },
        Ending::Bad(bad) => (bad.offset, bad.error(path)),
        Ending::Wrong { offset, what } => (offset, Error::damaged(path, offset, what)),
    };
    losses.leave_out(error)?;
    let file = disk.open(path).or_path(path, "open the log")?;
    next_record(&file, path, offset, &mut |record| {
        !is_mark(record) && BatchRecord::decode(record).is_ok_and(|batch| batch.sequence > last)
    })
}

/// Applies one log from a record on as far as it is good: the number of good records, and what
/// has ended them.
fn replay_log(
    disk: &dyn Disk,
    path: &Path,
    from: u64,
    memtable: &mut MemtableBuilder,
    last: &mut Option<u64>,
) -> Result<(usize, Ending)> {
    let file = disk.open(path).or_path(path, "open the log")?;
    let mut reader = LogReader::starting_at(file, path.to_path_buf(), from)?;
    let mut records = 0;
    loop {
        match reader.step()? {
            Step::Record(record) => {
                let offset = record.offset;
                if let Err(what) = apply(record.bytes, memtable, last) {
                    return Ok((records, Ending::Wrong { offset, what }));
                }
                records += 1;
            }
            Step::End { .. } => return Ok((records, Ending::AtItsEnd)),
            Step::Bad(bad) => return Ok((records, Ending::Bad(bad))),
        }
    }
}

/// A bad record may be cut off only if it was never durable: no mark comes after it.
fn lost_though_durable(
    disk: &dyn Disk,
    path: &Path,
    bad: &BadRecord,
    last: u64,
) -> Result<Option<Error>> {
    let file = disk.open(path).or_path(path, "open the log")?;
    let later_mark = &mut |record: &[u8]| {
        is_mark(record) && BatchRecord::decode(record).is_ok_and(|mark| mark.sequence > last)
    };
    let mark = next_record(&file, path, bad.offset, later_mark)?;
    Ok(mark.map(|mark| {
        let what = format!(
            "{}, where a mark at {mark} says that it was durable",
            bad.what
        );
        Error::damaged(path, bad.at, what)
    }))
}

fn apply(
    record: &[u8],
    memtable: &mut MemtableBuilder,
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
