//! Replaying the logs that count: what they hold goes into the memtable.
//!
//! ```text
//!   | batch | mark | batch | batch | mark | 0 0 0       clean: what is before the last mark was
//!                                  '-- end              durable, and the log may go on at `end`
//!   | batch | mark | batch | ba                         not clean, and torn
//! ```
//!
//! Invariants:
//! 1. A record counts whole or not at all, and only with higher sequence numbers than all before.
//! 2. Reading resumes behind damage only where the caller asks for salvage.
//! 3. Nothing that a file says of sizes is believed before its checksum has been seen.

use std::path::{Path, PathBuf};

use super::batch::is_mark;
use super::halves::{Ending, Records};
use super::logs::LiveLog;
use super::losses::Losses;
use super::{BatchRecord, Notice};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::log::{BadRecord, next_record};
use crate::memtable::MemtableBuilder;

/// Good records of a log, one behind the other.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) number: u64,
    pub(super) good: Stretch,
    /// If the last one is a mark, and nothing but zeros follows it: where the records before it
    /// end, all of them durable, and the mark's sequence number.
    pub(super) clean: Option<(u64, u64)>,
    /// Whether nothing follows, not even zeros.
    pub(super) is_whole: bool,
    /// See [`LiveLog`].
    pub(super) may_lose_its_name: bool,
}

/// Where in a log records are, from the beginning of the first to the end of the last.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) path: PathBuf,
    pub(super) from: u64,
    pub(super) end: u64,
}

type LogsRead = (Vec<Run>, Option<u64>);

/// Applies the logs to the memtable. Also returns the last sequence number met.
pub(super) fn replay_logs(
    disk: &dyn Disk,
    logs: Vec<LiveLog>,
    memtable: &mut MemtableBuilder<'_>,
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
            let (run, ending) = replay_log(disk, &log, start, memtable, &mut last)?;
            runs.push(run);
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
        Ending::InZeros(_) | Ending::GoesOn => return Ok(None),
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

/// Applies one log from a record on as far as it is good: the good records, and what has ended
/// them.
fn replay_log(
    disk: &dyn Disk,
    log: &LiveLog,
    from: u64,
    memtable: &mut MemtableBuilder<'_>,
    last: &mut Option<u64>,
) -> Result<(Run, Ending)> {
    let path = &log.path;
    let file = disk.open(path).or_path(path, "open the log")?;
    let first = log.first_sequence.filter(|_| from == 0);
    let records = Records { file, path, first };
    let part = records.replay(from, memtable, last)?;
    let is_end = matches!(part.ending, Ending::InZeros(_));
    let run = Run {
        number: log.number,
        good: Stretch {
            path: path.clone(),
            from,
            end: part.end,
        },
        clean: part.last_mark.filter(|_| is_end),
        is_whole: matches!(part.ending, Ending::InZeros(0)),
        may_lose_its_name: log.may_lose_its_name,
    };
    Ok((run, part.ending))
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
