//! Turning everything that can be saved into intact sorted runs: an intact table is one already;
//! the good parts of damaged tables and logs go through the sorter.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::plan::{Plan, Role};
use super::sorter::Sorter;
use super::{Fate, Repair};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::key::{self, Kind};
use crate::log::{LogReader, Step};
use crate::sstable::{Audit, Found, Lost, audit};
use crate::store::BatchRecord;

/// A table whose entries ascend: of the original, or of the new directory while it is made.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) path: PathBuf,
    /// Its first and last internal key.
    pub(super) first: Vec<u8>,
    pub(super) last: Vec<u8>,
}

/// See the module.
pub(super) fn gather(
    disk: &dyn Disk,
    plan: &Plan,
    output: &mut Output<'_>,
    repair: &mut Repair,
) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    let mut sorter = Sorter::new(output);
    for (path, role) in &plan.tables {
        if let Some(audited) = look_at(disk, path, role, repair) {
            if audited.wrong > 0 {
                save_entries(disk, path, &mut sorter, repair)?;
            } else if audited.entries > 0 {
                runs.push(Run {
                    path: path.clone(),
                    first: audited.first,
                    last: audited.last,
                });
            }
        }
    }
    let mut last = None;
    for path in &plan.logs {
        save_log(disk, path, &mut last, &mut sorter, repair)?;
    }
    runs.extend(sorter.finish()?);
    Ok(runs)
}

fn audit_file(
    disk: &dyn Disk,
    path: &Path,
    visit: &mut dyn FnMut(Found<'_>) -> Result<()>,
) -> Result<Audit> {
    let file = disk.open(path).or_path(path, "open the table")?;
    audit(file, path.to_path_buf(), visit)
}

/// What a table holds, if it is to be saved.
fn look_at(disk: &dyn Disk, path: &Path, role: &Role, repair: &mut Repair) -> Option<Audit> {
    let audited = match audit_file(disk, path, &mut |_| Ok(())) {
        Ok(audited) => audited,
        Err(error) => {
            repair.remark(Fate::Lost, path, 0, error.to_string());
            return None;
        }
    };
    match role {
        Role::Named(meta) => {
            let is_it = audited.size == meta.size
                && audited.first == meta.smallest
                && audited.last == meta.largest;
            if audited.wrong == 0 && !is_it {
                let what = "another table than the one that the manifest names";
                repair.remark(Fate::Suspect, path, 0, what);
            }
        }
        Role::Unknown => {
            let what = "no manifest says whether it still counts: deleted keys may return";
            repair.remark(Fate::Suspect, path, 0, what);
        }
        Role::Unnamed { known } if audited.newest > *known => {
            let what = format!(
                "the manifest does not name it, but change {} is newer than all it knows of",
                audited.newest
            );
            repair.remark(Fate::Suspect, path, 0, what);
        }
        Role::Unnamed { .. } => {
            let what = "the manifest does not name it: obsolete, or never finished";
            repair.remark(Fate::LeftOut, path, 0, what);
            return None;
        }
    }
    repair.last_sequence = repair.last_sequence.max(audited.newest);
    Some(audited)
}

/// Saves the entries of a damaged table that can be read.
fn save_entries(
    disk: &dyn Disk,
    path: &Path,
    sorter: &mut Sorter<'_, '_>,
    repair: &mut Repair,
) -> Result<()> {
    let audited = audit_file(disk, path, &mut |found| match found {
        Found::Entry { key, value } => sorter.add(key, value),
        Found::Wrong { error, lost } => {
            let (offset, what) = words(&error);
            match lost {
                Some(lost) => {
                    let what = format!("{what}: {} bytes{}", lost.bytes, range(&lost));
                    repair.remark(Fate::Lost, path, offset, what);
                }
                None => repair.remark(Fate::Suspect, path, offset, what),
            }
            Ok(())
        }
    });
    audited.map(|_| ())
}

/// An error without its file, which is said beside.
fn words(error: &Error) -> (u64, String) {
    match error {
        Error::Damaged { offset, what, .. } => (*offset, what.clone()),
        other => (0, other.to_string()),
    }
}

/// Which keys may be lost.
fn range(lost: &Lost) -> String {
    let shown = |key: &Vec<u8>| format!("\"{}\"", key.escape_ascii());
    match (&lost.after, &lost.up_to) {
        (None, None) => String::new(),
        (Some(after), None) => format!(", keys from {} on", shown(after)),
        (None, Some(up_to)) => format!(", keys up to {}", shown(up_to)),
        (Some(after), Some(up_to)) => {
            format!(", keys from {} to {}", shown(after), shown(up_to))
        }
    }
}

/// Saves the records of a log up to the first bad one. What follows it may not stand alone.
fn save_log(
    disk: &dyn Disk,
    path: &Path,
    last: &mut Option<u64>,
    sorter: &mut Sorter<'_, '_>,
    repair: &mut Repair,
) -> Result<()> {
    let opened = disk.open(path).or_path(path, "open the log");
    let read = opened.and_then(|file| {
        let size = file.size().or_path(path, "read the size of the log")?;
        Ok((LogReader::new(file, path.to_path_buf())?, size))
    });
    let (mut reader, size) = match read {
        Ok(read) => read,
        Err(error) => {
            repair.remark(Fate::Lost, path, 0, error.to_string());
            return Ok(());
        }
    };
    let mut internal_key = Vec::new();
    loop {
        let (offset, what) = match reader.step() {
            Ok(Step::Record(record)) => match BatchRecord::decode(record.bytes) {
                Ok(batch) => {
                    gap(*last, &batch, path, record.offset, repair);
                    save_batch(&batch, &mut internal_key, sorter)?;
                    *last = (*last).max(Some(batch.last_sequence()));
                    repair.last_sequence = repair.last_sequence.max(batch.last_sequence());
                    continue;
                }
                Err(what) => (record.offset, what),
            },
            Ok(Step::End { .. }) => return Ok(()),
            Ok(Step::Bad(bad)) => (bad.offset, bad.what.to_owned()),
            Err(error) => (reader.offset(), error.to_string()),
        };
        let bytes = size.saturating_sub(offset);
        let what = format!("{what}: {bytes} bytes, all records from here on");
        repair.remark(Fate::Lost, path, offset, what);
        return Ok(());
    }
}

fn save_batch(
    batch: &BatchRecord<'_>,
    internal_key: &mut Vec<u8>,
    sorter: &mut Sorter<'_, '_>,
) -> Result<()> {
    for (sequence, change) in (batch.sequence..).zip(batch.changes()) {
        let Ok((user, value)) = change else {
            break; // decoding has seen every change
        };
        let kind = if value.is_some() {
            Kind::Put
        } else {
            Kind::Delete
        };
        key::set(internal_key, user, sequence, kind);
        sorter.add(internal_key, value.unwrap_or_default())?;
    }
    Ok(())
}

/// Says which changes are in no log, although later ones are.
fn gap(last: Option<u64>, batch: &BatchRecord<'_>, path: &Path, offset: u64, repair: &mut Repair) {
    if let Some(last) = last
        && batch.sequence > last + 1
    {
        let (first, end) = (last + 1, batch.sequence - 1);
        let what = format!("changes {first} to {end}, which should stand before, are in no log");
        repair.remark(Fate::Lost, path, offset, what);
    }
}
