//! Copying logs: what is good in them, into a new one that is durable.
//!
//! ```text
//!   000003.log  | a | mark | b |        000005.dbtmp  | mark | a | b | c |     written and synced
//!   000004.log  | c | d..               000005.log    its name once it is whole, durable like it
//! ```
//!
//! The copy begins with a mark, which tells it from a log that merely comes after another. It gets
//! its name only when it is whole and durable, so that whoever finds it beside the old ones may
//! believe it and not them (`logs`, invariant 2): an interrupted copying is harmless.

use std::path::Path;

use super::batch::{first_sequence, is_mark, mark};
use super::current::sync_directory;
use super::replay::Stretch;
use crate::disk::{Disk, File};
use crate::error::{Error, OrPath, Result};
use crate::log::{LogReader, LogWriter, Step};
use crate::manifest::FileName;
use crate::sync::Arc;

/// Copies the records of logs into a new one of that number, durable like its name.
pub(super) fn copy_logs<'a>(
    disk: &dyn Disk,
    directory: &Path,
    stretches: impl Iterator<Item = &'a Stretch>,
    number: u64,
) -> Result<LogWriter> {
    let path = FileName::Log(number).path(directory);
    let temporary = FileName::Temporary(number).path(directory);
    let created = disk.create(&temporary);
    let file = created.or_path(&temporary, "create the log")?;
    let mut copy = LogWriter::new(Arc::clone(&file), temporary.clone(), 0);
    for stretch in stretches {
        let from = disk.open(&stretch.path);
        let from = from.or_path(&stretch.path, "open the log")?;
        copy_stretch(from, stretch, &mut copy)?;
    }
    copy.hand_over()?;
    copy.sync()?;
    disk.rename(&temporary, &path)
        .or_path(&temporary, "rename the log")?;
    sync_directory(disk, directory)?;
    Ok(LogWriter::new(file, path, copy.end()))
}

fn copy_stretch(file: Arc<dyn File>, stretch: &Stretch, copy: &mut LogWriter) -> Result<()> {
    let path = &stretch.path;
    let mut reader = LogReader::starting_at(file, path.clone(), stretch.from)?;
    while reader.offset() < stretch.end {
        match reader.step()? {
            Step::Record(record) if is_mark(record.bytes) => {}
            Step::Record(record) => {
                if copy.is_empty() {
                    copy.mark(&mark(first_sequence(record.bytes)));
                }
                copy.gather(record.bytes)?;
            }
            Step::Bad(bad) => return Err(bad.error(path)),
            Step::End { offset, .. } => {
                return Err(Error::damaged(path, offset, "was longer a moment ago"));
            }
        }
    }
    Ok(())
}
