//! Recovery: what a directory holds, found by reading alone.
//!
//! ```text
//!   CURRENT -> manifest -> segments, each checked against what the manifest says of it
//!                       -> logs from the manifest's log number on -> memtable
//! ```
//!
//! Invariants:
//! 1. Nothing is changed on disk: the read-only opening stops here, and the other goes on only
//!    if everything here has passed.
//! 2. The newest log may end in a torn record: what follows the last good one is left out, and
//!    said ([`Notice`]). Not so where a mark follows, which says that it was durable once; nor in
//!    an older log; nor may batches be missing between two logs.
//! 3. A log that begins with the same sequence number as an older one is the older one's copy,
//!    whole and durable, left by an opening that was interrupted. The copy counts.

use std::path::{Path, PathBuf};

use super::batch::is_mark;
use super::tables::{has, open_tables, refuse_newer_orphans};
use super::{BatchRecord, Notice};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::log::{BadRecord, LogReader, Step, next_record};
use crate::manifest::{FileName, MAX_FILE_NUMBER, Replayed, Version, replay};
use crate::memtable::Memtable;

/// What recovery found.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) version: Version,
    pub(super) memtable: Memtable,
    pub(super) last_sequence: u64,
    /// Above every number in use, in the manifest or in the directory.
    pub(super) next_file: u64,
    /// Logs that went into the memtable, with the number of good records, oldest first.
    pub(super) logs: Vec<(PathBuf, usize)>,
    pub(super) notices: Vec<Notice>,
}

/// Reads the store in `directory`, whose files are `names`, in order; there is a `CURRENT`.
pub(super) fn recover(disk: &dyn Disk, directory: &Path, names: &[FileName]) -> Result<Recovered> {
    let manifest_path = find_manifest(disk, directory, names)?;
    let replayed = replay(disk, &manifest_path)?;
    let mut notices: Vec<Notice> = replayed
        .cut
        .iter()
        .map(|bad| Notice::torn(&manifest_path, bad))
        .collect();
    let logs = live_logs(disk, directory, names, &replayed, &manifest_path)?;
    let version = open_tables(disk, directory, names, &replayed, &manifest_path)?;
    let mut memtable = Memtable::default();
    refuse_older_manifest(&logs, replayed.last_sequence)?;
    let (logs, newest) = replay_logs(disk, logs, &mut memtable, &mut notices)?;
    let last_sequence = newest.unwrap_or(0).max(replayed.last_sequence);
    refuse_newer_orphans(disk, directory, names, &replayed, last_sequence)?;
    let highest = highest_number(directory, names)?;
    Ok(Recovered {
        version,
        memtable,
        last_sequence,
        next_file: replayed.next_file.max(highest + 1),
        logs,
        notices,
    })
}

/// The highest number in a file's name, which must leave room for those to come.
pub(super) fn highest_number(directory: &Path, names: &[FileName]) -> Result<u64> {
    let highest = names.iter().max_by_key(|name| name.number());
    let number = highest.and_then(|name| name.number()).unwrap_or(0);
    match highest {
        Some(name) if number > MAX_FILE_NUMBER => {
            let what = "the number in its name is near the end of file numbers";
            Err(Error::damaged(&name.path(directory), 0, what))
        }
        _ => Ok(number),
    }
}

/// The manifest that `CURRENT` names, which must be there.
fn find_manifest(disk: &dyn Disk, directory: &Path, names: &[FileName]) -> Result<PathBuf> {
    let manifest = read_current(disk, directory)?;
    let path = manifest.path(directory);
    if has(names, manifest) {
        return Ok(path);
    }
    let name = path.file_name().unwrap_or_default().display();
    let what = format!("names {name}, which is not there");
    Err(Error::damaged(&FileName::Current.path(directory), 0, what))
}

/// The manifest that `CURRENT` names.
pub(crate) fn read_current(disk: &dyn Disk, directory: &Path) -> Result<FileName> {
    let path = FileName::Current.path(directory);
    let file = disk.open(&path).or_path(&path, "open the file")?;
    let size = file.size().or_path(&path, "read the file's size")?;
    let mut bytes = Vec::new();
    // A name is short; a longer file is no CURRENT, however long it says it is.
    let bytes = file
        .read(0, size.min(100) as usize, &mut bytes)
        .or_path(&path, "read the file")?;
    let name = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    match name.and_then(FileName::parse) {
        Some(manifest @ FileName::Manifest(_)) => Ok(manifest),
        _ => Err(Error::damaged(
            &path,
            0,
            "is not the name of a manifest and a line end",
        )),
    }
}

/// A log that still counts.
struct LiveLog {
    path: PathBuf,
    /// Of its first record; `None` if it has none that is good.
    first_sequence: Option<u64>,
    is_empty: bool,
}

/// The logs that still count, oldest first, without those that a copy stands in for.
fn live_logs(
    disk: &dyn Disk,
    directory: &Path,
    names: &[FileName],
    replayed: &Replayed,
    manifest_path: &Path,
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
            return Err(Error::damaged(manifest_path, 0, what));
        }
    }
    let mut logs: Vec<LiveLog> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let log = peek(disk, FileName::Log(number).path(directory))?;
        if let Some(first) = log.first_sequence {
            let copied = |older: &LiveLog| older.first_sequence.is_some_and(|older| older >= first);
            let originals = logs.iter().position(copied).unwrap_or(logs.len());
            logs.truncate(originals);
        }
        logs.push(log);
    }
    Ok(logs)
}

/// No changes may be missing between what the manifest knows of and the first log that counts:
/// then the manifest has lost edits, perhaps in a tail that was cut.
fn refuse_older_manifest(logs: &[LiveLog], last_sequence: u64) -> Result<()> {
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
    let first_sequence = match reader.step()? {
        Step::Record(record) => BatchRecord::decode(record.bytes)
            .ok()
            .map(|batch| batch.sequence),
        Step::End { .. } | Step::Bad(_) => None,
    };
    Ok(LiveLog {
        path,
        first_sequence,
        is_empty,
    })
}

type LogsRead = (Vec<(PathBuf, usize)>, Option<u64>);

/// Applies the logs to the memtable. Also returns the last sequence number met.
fn replay_logs(
    disk: &dyn Disk,
    logs: Vec<LiveLog>,
    memtable: &mut Memtable,
    notices: &mut Vec<Notice>,
) -> Result<LogsRead> {
    let mut last = None;
    let mut read = Vec::with_capacity(logs.len());
    let count = logs.len();
    let newest_with_bytes = logs.iter().rposition(|log| !log.is_empty);
    for (at, log) in logs.into_iter().enumerate() {
        if let (Some(last), Some(first)) = (last, log.first_sequence)
            && first != last + 1
        {
            let what =
                format!("begins with change {first}, but the log before it ended with {last}");
            return Err(Error::damaged(&log.path, 0, what));
        }
        let (records, cut) = replay_log(disk, &log.path, memtable, &mut last)?;
        if let Some(bad) = cut {
            // The newest log may be torn. So may one without a single good record that only
            // empty logs follow: an interrupted opening had nothing to keep from it.
            let only_empty_follow = newest_with_bytes == Some(at);
            if at + 1 != count && !(only_empty_follow && records == 0) {
                return Err(bad.error(&log.path));
            }
            refuse_lost_durable(disk, &log.path, &bad, last.unwrap_or(0))?;
            notices.push(Notice::torn(&log.path, &bad));
        }
        read.push((log.path, records));
    }
    Ok((read, last))
}

/// Applies one log as far as it is good: the number of good records, and the first bad one.
fn replay_log(
    disk: &dyn Disk,
    path: &Path,
    memtable: &mut Memtable,
    last: &mut Option<u64>,
) -> Result<(usize, Option<BadRecord>)> {
    let file = disk.open(path).or_path(path, "open the log")?;
    let mut reader = LogReader::new(file, path.to_path_buf())?;
    let mut records = 0;
    loop {
        match reader.step()? {
            Step::Record(record) => {
                let offset = record.offset;
                apply(record.bytes, memtable, last)
                    .map_err(|what| Error::damaged(path, offset, what))?;
                records += 1;
            }
            Step::End { .. } => return Ok((records, None)),
            Step::Bad(bad) => return Ok((records, Some(bad))),
        }
    }
}

/// A bad record may be cut off only if it was never durable: no mark comes after it.
fn refuse_lost_durable(disk: &dyn Disk, path: &Path, bad: &BadRecord, last: u64) -> Result<()> {
    let file = disk.open(path).or_path(path, "open the log")?;
    let later_mark = &mut |record: &[u8]| {
        is_mark(record) && BatchRecord::decode(record).is_ok_and(|mark| mark.sequence > last)
    };
    match next_record(&file, path, bad, later_mark)? {
        None => Ok(()),
        Some(mark) => {
            let what = format!(
                "{}, where a mark at {mark} says that it was durable",
                bad.what
            );
            Err(Error::damaged(path, bad.at, what))
        }
    }
}

fn apply(record: &[u8], memtable: &mut Memtable, last: &mut Option<u64>) -> Result<(), String> {
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
        memtable.insert(key, sequence, value);
    }
    if batch.count > 0 {
        *last = Some(batch.last_sequence());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::disk::MemoryDisk;
    use crate::{Error, Options, Store};

    /// A manifest cut back to where it knows nothing of the only segment, with nothing in the log
    /// that would show the gap, opened as an empty store, and the segment went as an orphan.
    /// Found by `dump` and `scan` on cut copies (`tests/cli_store`).
    #[test]
    fn a_manifest_that_lost_the_edit_of_a_flush_is_damage_and_no_empty_store() {
        let disk = MemoryDisk::default();
        let open = || Store::open_on(disk.clone(), "store", Options::default());
        let store = open().expect("opens");
        store.put(b"a", b"1").expect("put");
        store.flush().expect("flush");
        store.close().expect("close");
        let manifest = "store/MANIFEST-000001".as_ref();
        let whole = disk.read_file(manifest).expect("there");
        for length in 44..whole.len() {
            disk.write_file(manifest, &whole[..length])
                .expect("written");
            let error = open().expect_err("the segment's changes are lost");
            assert!(matches!(error, Error::Damaged { .. }), "{length}: {error}");
        }
        disk.write_file(manifest, &whole).expect("written");
        assert_eq!(
            open().expect("opens").get(b"a").expect("get"),
            Some(b"1".to_vec())
        );
    }
}
