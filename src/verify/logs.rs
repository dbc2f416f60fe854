//! The logs: every record, and that one change follows the other.
//!
//! Which bad record is a torn tail, and which is damage, depends on what comes after it: in the
//! file, where a valid record speaks against a torn write, and in later logs, which are begun only
//! when the one before is whole and durable.

use std::path::{Path, PathBuf};

use super::Verification;
use super::findings::{Findings, REMOVED};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::log::{BadRecord, LogReader, Step, valid_record_follows};
use crate::store::{BatchRecord, Notice};
use crate::sync::Arc;

/// What a log holds.
#[derive(Debug, Default)]
pub(super) struct LogFound {
    path: PathBuf,
    pub(super) bytes: u64,
    records: u64,
    /// The sequence numbers of its first and last change.
    first: Option<u64>,
    pub(super) last: Option<u64>,
    /// The first bad record, and whether a good one follows.
    bad: Option<(BadRecord, bool)>,
}

/// Reads a log as far as it is good.
pub(super) fn log(
    disk: &dyn Disk,
    path: &Path,
    totals: &mut Verification,
    findings: &mut Findings,
) -> LogFound {
    let mut found = LogFound {
        path: path.to_path_buf(),
        ..LogFound::default()
    };
    match read(disk, path, &mut found) {
        Ok(changes) => {
            totals.logs += 1;
            totals.changes += changes;
            totals.bytes += found.bytes;
        }
        Err(error) => findings.error(&error, path),
    }
    found
}

fn read(disk: &dyn Disk, path: &Path, found: &mut LogFound) -> Result<u64> {
    let file = disk.open(path).or_path(path, "open the log")?;
    found.bytes = file.size().or_path(path, "read the size of the log")?;
    let mut reader = LogReader::new(Arc::clone(&file), path.to_path_buf())?;
    let mut changes = 0;
    loop {
        match reader.step()? {
            Step::Record(record) => {
                let batch = BatchRecord::decode(record.bytes)
                    .and_then(|batch| follows(found.last, &batch).map(|()| batch));
                let batch = batch.map_err(|what| Error::damaged(path, record.offset, what))?;
                found.records += 1;
                found.first.get_or_insert(batch.sequence);
                if batch.count > 0 {
                    found.last = Some(batch.last_sequence());
                }
                changes += u64::from(batch.count);
            }
            Step::End { .. } => return Ok(changes),
            Step::Bad(bad) => {
                found.bad = Some((bad, valid_record_follows(&file, path, &bad)?));
                return Ok(changes);
            }
        }
    }
}

/// A batch comes after all before it, in number, too.
fn follows(last: Option<u64>, batch: &BatchRecord<'_>) -> Result<(), String> {
    match last {
        Some(last) if batch.sequence <= last => Err(format!(
            "change {} comes after change {last}",
            batch.sequence
        )),
        _ => Ok(()),
    }
}

/// In place of the last sequence number that a manifest knows of, where none is asked.
pub(super) const ANY: u64 = u64::MAX - 1;

/// Judges the logs that count, oldest first: the last sequence number known of.
pub(super) fn judge(logs: &[LogFound], last_sequence: u64, findings: &mut Findings) -> u64 {
    let mut known = last_sequence;
    let mut before: Option<u64> = None;
    for (at, log) in logs.iter().enumerate() {
        let later = &logs[at + 1..];
        let is_copied = |copy: &LogFound| copy.first.is_some() && copy.first <= log.first;
        if log.first.is_some() && later.iter().any(is_copied) {
            let what = "its changes have been copied to a newer log";
            findings.note(&log.path, what, REMOVED);
            continue;
        }
        gap(log, before, last_sequence, findings);
        if let Some((bad, follows)) = &log.bad {
            let only_empty_follow = later.iter().all(|later| later.bytes == 0);
            let is_tail = later.is_empty() || (only_empty_follow && log.records == 0);
            if is_tail && !follows {
                findings.torn(&Notice::torn(&log.path, bad));
            } else {
                findings.error(&bad.error(&log.path), &log.path);
            }
        }
        before = log.last.or(before);
        known = known.max(log.last.unwrap_or(0));
    }
    known
}

/// No change may be missing before a log.
fn gap(log: &LogFound, before: Option<u64>, last_sequence: u64, findings: &mut Findings) {
    let Some(first) = log.first else { return };
    let what = match before {
        Some(before) if first != before + 1 => {
            format!("begins with change {first}, but the log before it ended with {before}")
        }
        None if first > last_sequence + 1 => {
            format!("begins with change {first}, but the manifest ended with {last_sequence}")
        }
        _ => return,
    };
    findings.damage(&log.path, 0, what);
}
