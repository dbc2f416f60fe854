//! Reading a manifest from its first edit to its last.
//!
//! Invariants:
//! 1. Nothing is changed on disk.
//! 2. What comes out has a comparator of ours, a log number, a next file number and a last
//!    sequence number, none of them near its end, and no file twice.
//! 3. A bad record is the torn tail only if no valid one follows; else it is damage.

use std::collections::BTreeMap;
use std::path::Path;

use super::edit::{COMPARATOR, Edit, FileMeta};
use crate::disk::Disk;
use crate::error::{Error, OrPath, Result};
use crate::key::MAX_SEQUENCE_READ;
use crate::log::{BadRecord, LogReader, Step, valid_record_follows};
use crate::sync::Arc;

/// The highest file number that is taken from a manifest or a name: it leaves room for 2^40 more.
pub(crate) const MAX_FILE_NUMBER: u64 = u64::MAX - (1 << 40);

/// What a manifest says.
#[derive(Debug)]
pub(crate) struct Replayed {
    /// By number, with their levels.
    pub(crate) files: BTreeMap<u64, (usize, Arc<FileMeta>)>,
    /// The oldest log that still counts; 0 if any does.
    pub(crate) log_number: u64,
    /// LevelDB's log before that, if it still counts; else 0.
    pub(crate) previous_log: u64,
    pub(crate) next_file: u64,
    pub(crate) last_sequence: u64,
    /// The torn tail that was left out.
    pub(crate) cut: Option<BadRecord>,
}

/// The fields of all edits so far.
#[derive(Default)]
struct State {
    comparator: bool,
    log_number: Option<u64>,
    previous_log: u64,
    next_file: Option<u64>,
    last_sequence: Option<u64>,
    files: BTreeMap<u64, (usize, Arc<FileMeta>)>,
}

/// Reads the manifest at `path`. Where it is damaged, `leave_out` refuses that, or the edits from
/// there on are left out.
pub(crate) fn replay(
    disk: &dyn Disk,
    path: &Path,
    leave_out: &mut dyn FnMut(Error) -> Result<()>,
) -> Result<Replayed> {
    let file = disk.open(path).or_path(path, "open the manifest")?;
    let mut reader = LogReader::new(Arc::clone(&file), path.to_path_buf())?;
    let mut state = State::default();
    let (end, cut) = loop {
        match reader.step()? {
            Step::Record(record) => {
                let edit = Edit::decode(record.bytes);
                if let Err(what) = edit.and_then(|edit| state.apply(edit)) {
                    leave_out(Error::damaged(path, record.offset, what))?;
                    break (record.offset, None);
                }
            }
            Step::End { offset, .. } => break (offset, None),
            Step::Bad(bad) if valid_record_follows(&file, path, &bad)? => {
                leave_out(bad.error(path))?;
                break (bad.offset, None);
            }
            Step::Bad(bad) => break (bad.offset, Some(bad)),
        }
    };
    state
        .finish(cut)
        .map_err(|what| Error::damaged(path, end, what))
}

impl State {
    fn apply(&mut self, edit: Edit) -> Result<(), String> {
        if let Some(name) = edit.comparator {
            if name != COMPARATOR {
                let name = name.escape_ascii();
                return Err(format!(
                    "keys are ordered by {name:?}, which is not known here"
                ));
            }
            self.comparator = true;
        }
        self.log_number = edit.log_number.or(self.log_number);
        self.previous_log = edit.previous_log.unwrap_or(self.previous_log);
        self.next_file = edit.next_file.or(self.next_file);
        self.last_sequence = edit.last_sequence.or(self.last_sequence);
        for (level, number) in edit.deleted {
            if self
                .files
                .remove(&number)
                .is_none_or(|(present, _)| present != level)
            {
                return Err(format!(
                    "removes file {number} from level {level}, where it is not"
                ));
            }
        }
        for added in edit.added {
            let number = added.1.number;
            // Said again in the same words it is no other file: goleveldb does so.
            if self
                .files
                .get(&number)
                .is_some_and(|present| *present != added)
            {
                return Err(format!("adds file {number}, which is there already"));
            }
            self.files.insert(number, added);
        }
        Ok(())
    }

    fn finish(self, cut: Option<BadRecord>) -> Result<Replayed, String> {
        if !self.comparator {
            return Err("ends without naming the order of keys".into());
        }
        let replayed = Replayed {
            log_number: self.log_number.ok_or("ends without a log number")?,
            previous_log: self.previous_log,
            next_file: self.next_file.ok_or("ends without a next file number")?,
            last_sequence: self
                .last_sequence
                .ok_or("ends without a last sequence number")?,
            files: self.files,
            cut,
        };
        if replayed.last_sequence > MAX_SEQUENCE_READ {
            return Err(format!(
                "sequence number {} is near its end",
                replayed.last_sequence
            ));
        }
        let numbers = replayed.files.keys().copied();
        let highest = numbers
            .chain([replayed.next_file, replayed.log_number])
            .max()
            .unwrap_or(0);
        if highest > MAX_FILE_NUMBER {
            return Err(format!("file number {highest} is near its end"));
        }
        Ok(replayed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Kind, internal_key};

    fn adding(files: impl IntoIterator<Item = (usize, u64)>) -> Edit {
        let file = |(level, size)| {
            let smallest = internal_key(b"a", 1, Kind::Put);
            let largest = smallest.clone();
            (
                level,
                Arc::new(FileMeta {
                    number: 3,
                    size,
                    smallest,
                    largest,
                }),
            )
        };
        Edit {
            added: files.into_iter().map(file).collect(),
            ..Edit::default()
        }
    }

    /// goleveldb's first record after an opening names the table that it made of the log twice,
    /// and `LevelDB` takes that. Refused here until tests/interop met it.
    #[test]
    fn a_file_added_twice_in_the_same_words_is_one_file() {
        let mut state = State::default();
        assert_eq!(state.apply(adding([(0, 100), (0, 100)])), Ok(()));
        assert_eq!(state.files.len(), 1);
        assert_eq!(
            state.apply(adding([(0, 100)])),
            Ok(()),
            "in a later record, too"
        );
    }

    #[test]
    fn a_file_added_again_as_another_is_damage() {
        for other in [(0, 101), (1, 100)] {
            let mut state = State::default();
            let again = state.apply(adding([(0, 100), other]));
            assert!(
                again
                    .expect_err("two files of one number")
                    .contains("file 3")
            );
        }
    }
}
