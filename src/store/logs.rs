//! Recovering the logs: which of them count. What they hold is `replay`'s business.
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
//!    by a copying that was interrupted (`copy`). The copy counts: the older one may never have
//!    been durable.

use std::path::{Path, PathBuf};

use super::batch::is_mark;
use super::losses::Losses;
use super::{BatchRecord, Notice};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::log::{BadRecord, LogReader, Step};
use crate::manifest::{FileName, Replayed};

/// A log that still counts.
#[derive(Debug)]
pub(super) struct LiveLog {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Of its first record; `None` if it has none that is good.
    pub(super) first_sequence: Option<u64>,
    /// Whether it begins with a mark.
    is_copy: bool,
    /// Whether it is a copy that the manifest does not name: then nobody knows whether its name
    /// is durable, or whether a sync of the directory has already failed.
    pub(super) may_lose_its_name: bool,
    /// What stands in the place of a first record.
    bad: Option<BadRecord>,
    pub(super) is_empty: bool,
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
        let mut log = peek(disk, directory, number)?;
        log.may_lose_its_name = log.is_copy && number != replayed.log_number;
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
fn peek(disk: &dyn Disk, directory: &Path, number: u64) -> Result<LiveLog> {
    let path = FileName::Log(number).path(directory);
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
        number,
        path,
        first_sequence,
        is_copy,
        may_lose_its_name: is_copy,
        bad,
        is_empty,
    })
}
