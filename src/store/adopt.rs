//! The log of a store that is opened: the one that is there, if it is clean, or else a copy.
//!
//! ```text
//!   clean   | a | b | mark | 0 0     cut behind b, the mark written again, synced:   | a | b | mark |
//!   else    | a | mark | b | c..     copied without its marks, behind one, synced:   | mark | a | b |
//! ```
//!
//! A log is clean if it is the only one that counts, its last record is a mark, and nothing but
//! zeros follows. What stands before the mark was durable before the mark was written; the mark
//! itself, and the zeros, may be in memory alone, and nobody knows whether a sync of them has
//! already failed. So nothing is appended behind them: they go, and this handle writes the mark.
//!
//! Why that survives a crash or a failure at any moment, and once more while it is recovered from
//! (G7, G8):
//! 1. The bytes before the mark are not touched. Whatever is left of the cut and of the mark, the
//!    old one, the new one, a part, zeros or nothing, the log holds the same changes. With the
//!    mark it is clean again, without it a log with a torn or a missing end, which is copied. The
//!    new mark has the bytes and the place of the old one, so that no mixture of both is a third.
//! 2. Every byte behind the changes that were there is this handle's, and no sync of it has failed
//!    before. After a sync that fails nothing more is appended: the opening fails, and the next
//!    one again relies on nothing but what is before the mark.
//! 3. The log keeps its name and number. The manifest that counted before names it, or an older
//!    log that its copy stands in for, and so does the one to come: either may be the one that a
//!    crash leaves.
//!
//! Every other log is copied: what of it is durable is in doubt, and a sync that succeeds does not
//! end the doubt if one has failed before. The copy begins with a mark, which tells it from a log
//! that merely comes after another, and gets its name only when it is whole and durable, so that
//! an interrupted opening is harmless (`logs`, invariant 2).

use std::path::Path;

use super::batch::{first_sequence, is_mark, mark};
use super::open::Opening;
use super::recover::Recovered;
use super::replay::Run;
use crate::disk::File;
use crate::error::{Error, OrPath, Result};
use crate::log::{LogReader, LogWriter, Step};
use crate::manifest::FileName;
use crate::sync::Arc;

/// A log that can be gone on with.
pub(super) struct CleanLog {
    pub(super) number: u64,
    /// Where its changes end, and the mark begins.
    end: u64,
}

impl CleanLog {
    /// The log of a store, if it is clean.
    pub(super) fn of(recovered: &Recovered) -> Option<CleanLog> {
        match recovered.logs[..] {
            [
                Run {
                    number,
                    from: 0,
                    clean: Some((end, next)),
                    ..
                },
            ] if next == recovered.last_sequence + 1 && !recovered.any_loss => {
                Some(CleanLog { number, end })
            }
            _ => None,
        }
    }
}

impl Opening {
    /// Goes on with a clean log; `next` is the sequence number of the next change.
    pub(super) fn go_on(&self, clean: &CleanLog, next: u64) -> Result<LogWriter> {
        let path = self.path(FileName::Log(clean.number));
        let file = self
            .disk
            .open_append(&path)
            .or_path(&path, "open the log")?;
        let cut = file.truncate(clean.end);
        cut.or_path(&path, "cut the mark off the log")?;
        let mut log = LogWriter::new(file, path, clean.end);
        log.append_mark(&mark(next))?;
        log.sync()?;
        Ok(log)
    }

    /// Copies what the logs hold into a new one of that number, durable like its name.
    pub(super) fn copy(&self, runs: &[Run], number: u64) -> Result<LogWriter> {
        let path = self.path(FileName::Log(number));
        let temporary = self.path(FileName::Temporary(number));
        let (file, end) = self.copy_records(runs, &temporary)?;
        self.disk
            .rename(&temporary, &path)
            .or_path(&temporary, "rename the log")?;
        self.sync_directory()?;
        Ok(LogWriter::new(file, path, end))
    }

    /// Copies the good records of the logs into a new file, and makes its bytes durable.
    fn copy_records(&self, runs: &[Run], to: &Path) -> Result<(Arc<dyn File>, u64)> {
        let file = self.disk.create(to).or_path(to, "create the log")?;
        let mut copy = LogWriter::new(Arc::clone(&file), to.to_path_buf(), 0);
        let mut has_begun = false;
        for Run {
            path,
            from,
            records,
            ..
        } in runs
        {
            let file = self.disk.open(path).or_path(path, "open the log")?;
            let mut reader = LogReader::starting_at(file, path.clone(), *from)?;
            for _ in 0..*records {
                match reader.step()? {
                    Step::Record(record) if is_mark(record.bytes) => {}
                    Step::Record(record) => {
                        if !has_begun {
                            copy.mark(&mark(first_sequence(record.bytes)));
                            has_begun = true;
                        }
                        copy.gather(record.bytes)?;
                    }
                    Step::Bad(bad) => return Err(bad.error(path)),
                    Step::End { offset, .. } => {
                        return Err(Error::damaged(path, offset, "was longer a moment ago"));
                    }
                }
            }
        }
        copy.hand_over()?;
        copy.sync()?;
        Ok((file, copy.end()))
    }
}
