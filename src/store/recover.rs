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
//! 2. Where the caller asks for salvage, what is refused otherwise is left out and said
//!    ([`Losses`]). Only a bad `CURRENT`, or a manifest without its first edit, is refused all the
//!    same: that is for `etalon repair`.

use std::path::{Path, PathBuf};

use super::Notice;
use super::logs::{first_change, live_logs, refuse_older_manifest};
use super::losses::Losses;
use super::open::Opening;
use super::replay::{Run, replay_logs};
use super::tables::{has, open_tables, refuse_newer_orphans};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::manifest::{FileName, MAX_FILE_NUMBER, Version, replay};
use crate::memtable::MemtableWriter;

/// What recovery found.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) version: Version,
    /// `None`: the writer has it.
    pub(super) memtable: Option<MemtableWriter>,
    pub(super) last_sequence: u64,
    /// Of the newest change that is in no live log: what a manifest may say beside these logs.
    /// goleveldb takes changes in a log that are not above the manifest's for damage.
    pub(super) flushed_sequence: u64,
    /// Above every number in use, in the manifest or in the directory.
    pub(super) next_file: u64,
    /// The records that went into the memtable, oldest first.
    pub(super) logs: Vec<Run>,
    pub(super) notices: Vec<Notice>,
    /// Whether anything damaged was left out.
    pub(super) any_loss: bool,
}

impl Recovered {
    /// Gives out a number for a new file.
    pub(super) fn take_number(&mut self) -> u64 {
        let number = self.next_file;
        self.next_file += 1;
        number
    }
}

/// Reads the store in the directory whose files are `names`, in order; there is a `CURRENT`.
pub(super) fn recover(opening: &Opening, names: &[FileName], salvage: bool) -> Result<Recovered> {
    let (disk, directory) = (&*opening.disk, &*opening.directory);
    let mut losses = Losses::new(salvage);
    let manifest_path = find_manifest(disk, directory, names)?;
    let replayed = replay(disk, &manifest_path, &mut |error| losses.leave_out(error))?;
    let cut = replayed.cut.iter();
    let cut = cut.map(|bad| Notice::torn(&manifest_path, bad));
    losses.notices.extend(cut);
    let logs = live_logs(
        disk,
        directory,
        names,
        &replayed,
        &manifest_path,
        &mut losses,
    )?;
    let version = open_tables(opening, names, &replayed, &manifest_path, &mut losses)?;
    refuse_older_manifest(&logs, replayed.last_sequence).or_else(|e| losses.leave_out(e))?;
    let first = first_change(&logs);
    let (memtable, (logs, newest)) =
        MemtableWriter::build(|memtable| replay_logs(disk, logs, memtable, &mut losses))?;
    let last_sequence = newest.unwrap_or(0).max(replayed.last_sequence);
    refuse_newer_orphans(
        disk,
        directory,
        names,
        &replayed,
        last_sequence,
        &mut losses,
    )?;
    let highest = highest_number(directory, names)?;
    let flushed_sequence = match first {
        Some(first) if newest.is_some() => first.saturating_sub(1),
        _ => last_sequence,
    };
    Ok(Recovered {
        version,
        flushed_sequence,
        memtable: Some(memtable),
        last_sequence,
        next_file: replayed.next_file.max(highest + 1),
        logs,
        notices: losses.notices,
        any_loss: losses.any,
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
