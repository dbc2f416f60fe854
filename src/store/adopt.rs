//! The log of a store that is opened: the one that is there, or else a copy of what is good.
//!
//! ```text
//!   clean   | a | b | mark | 0 0     cut behind b, the mark written again, synced:   | a | b | mark |
//!   whole   | a | mark | b |         stays as it is, in doubt:                | a | mark | b | ...
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
//!    mark it is clean again, without it whole, or torn behind the last change. The new mark has
//!    the bytes and the place of the old one, so that no mixture of both is a third.
//! 2. Every byte behind the changes that were there is this handle's, and no sync of it has failed
//!    before. After a sync that fails nothing more is appended: the opening fails, and the next
//!    one again relies on nothing but what is before the mark.
//! 3. The log keeps its name and number. The manifest that counted before names it, or an older
//!    log that its copy stands in for, and so does the one to come: either may be the one that a
//!    crash leaves.
//!
//! A log is whole if it is the only one that counts, and ends with a record of changes: so a
//! process that was killed leaves it. The opening does not touch it, and `doubt` says how it goes
//! on. By 3 it needs no other name either, but for a copy that no manifest names yet: whoever made
//! it may have failed to make its name durable.
//!
//! Every other log is copied (`copy`), and the copy is durable before the old log may go. To cut a
//! torn log where it is would not do: were the cut lost in a crash and what is appended later not,
//! then old records could follow new ones.

use super::batch::mark;
use super::copy::copy_logs;
use super::open::Opening;
use super::recover::Recovered;
use super::replay::{Run, Stretch};
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::log::LogWriter;
use crate::manifest::FileName;
use crate::sync::Arc;

/// The log that an opened store goes on with.
pub(super) enum Adopted {
    /// Its changes end there, and its mark begins.
    Clean { number: u64, end: u64 },
    /// It ends there.
    Whole { number: u64, end: u64 },
    /// None that is there.
    Copied,
}

impl Adopted {
    /// Of what was recovered.
    pub(super) fn of(recovered: &Recovered) -> Adopted {
        let [run] = &recovered.logs[..] else {
            return Adopted::Copied;
        };
        if run.good.from > 0 || run.may_lose_its_name || recovered.any_loss {
            return Adopted::Copied;
        }
        let number = run.number;
        match *run {
            Run {
                clean: Some((end, next)),
                ..
            } if next == recovered.last_sequence + 1 => Adopted::Clean { number, end },
            Run {
                clean: None,
                is_whole: true,
                good: Stretch { end: end @ 1.., .. },
                ..
            } => Adopted::Whole { number, end },
            _ => Adopted::Copied,
        }
    }

    /// Its name, if it is one that is there.
    pub(super) fn name(&self) -> Option<FileName> {
        match *self {
            Adopted::Clean { number, .. } | Adopted::Whole { number, .. } => {
                Some(FileName::Log(number))
            }
            Adopted::Copied => None,
        }
    }
}

impl Opening {
    /// The log to go on with, and its number.
    pub(super) fn adopt(
        &self,
        adopted: &Adopted,
        recovered: &mut Recovered,
    ) -> Result<(u64, LogWriter)> {
        match *adopted {
            Adopted::Clean { number, end } => {
                let log = self.renew_mark(number, end, recovered.last_sequence + 1)?;
                Ok((number, log))
            }
            Adopted::Whole { number, end } => {
                let path = self.path(FileName::Log(number));
                let file = self.open_log(number)?;
                Ok((number, LogWriter::in_doubt(file, path, end)))
            }
            Adopted::Copied => {
                let number = recovered.take_number();
                let runs = recovered.logs.iter().map(|run| &run.good);
                let log = copy_logs(&*self.disk, &self.directory, runs, number)?;
                Ok((number, log))
            }
        }
    }

    /// Goes on with a clean log; `next` is the sequence number of the next change.
    fn renew_mark(&self, number: u64, end: u64, next: u64) -> Result<LogWriter> {
        let path = self.path(FileName::Log(number));
        let file = self.open_log(number)?;
        let cut = file.truncate(end);
        cut.or_path(&path, "cut the mark off the log")?;
        let mut log = LogWriter::new(file, path, end);
        log.append_mark(&mark(next))?;
        log.sync()?;
        Ok(log)
    }

    fn open_log(&self, number: u64) -> Result<Arc<dyn File>> {
        let path = self.path(FileName::Log(number));
        let opened = self.disk.open_append(&path);
        opened.or_path(&path, "open the log")
    }
}
