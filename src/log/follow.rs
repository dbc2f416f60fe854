//! Whether anything good comes after the first bad record.
//!
//! A torn write leaves nothing valid behind it; damage in the middle of a file usually does. The
//! manifest may be cut in the first case only (STORAGE: its tail, where no valid record follows).
//!
//! Strategy: nothing after the bad record can be trusted, its length least of all, so a record is
//! tried for at every byte. Bytes that are no header fail at once, mostly by their type.
//!
//! It may say yes where a damaged record's own data holds the image of a log. Then a file that
//! could have been cut is refused, which loses nothing.

use std::path::Path;

use super::reader::{BadRecord, LogReader, Step};
use super::{BLOCK_BYTES, Fragment, HEADER_BYTES, Part};
use crate::disk::{self, File};
use crate::error::{OrPath, Result};
use crate::sync::Arc;

/// Whether a whole valid record begins anywhere after the beginning of a bad one.
pub(crate) fn valid_record_follows(
    file: &Arc<dyn File>,
    path: &Path,
    bad: &BadRecord,
) -> Result<bool> {
    let size = file.size().or_path(path, "read the size of the log")?;
    let mut block = Vec::new();
    let mut from = bad.offset.saturating_add(1);
    while from < size {
        let within = (from % BLOCK_BYTES as u64) as usize;
        let start = from - within as u64;
        let length = (size - start).min(BLOCK_BYTES as u64) as usize;
        disk::read_into(&**file, start, length, &mut block).or_path(path, "read the log")?;
        for position in within..length.saturating_sub(HEADER_BYTES - 1) {
            if record_begins(file, path, &block[position..], start + position as u64)? {
                return Ok(true);
            }
        }
        from = start + BLOCK_BYTES as u64;
    }
    Ok(false)
}

/// Whether the bytes at `offset`, of which `rest` is what the block holds, begin a whole record.
fn record_begins(file: &Arc<dyn File>, path: &Path, rest: &[u8], offset: u64) -> Result<bool> {
    match Fragment::parse(rest).map(|fragment| fragment.part) {
        Ok(Part::Full) => Ok(true),
        Ok(Part::First) => {
            let mut reader = LogReader::starting_at(Arc::clone(file), path.to_path_buf(), offset)?;
            Ok(matches!(reader.step()?, Step::Record(_)))
        }
        Ok(Part::Middle | Part::Last) | Err(_) => Ok(false),
    }
}
