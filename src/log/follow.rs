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
    Ok(next_record(file, path, bad.offset, &mut |_| true)?.is_some())
}

/// Where the first whole valid record that is `wanted` begins behind `offset`, where a bad one
/// begins.
pub(crate) fn next_record(
    file: &Arc<dyn File>,
    path: &Path,
    offset: u64,
    wanted: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Option<u64>> {
    let size = file.size().or_path(path, "read the size of the log")?;
    let mut block = Vec::new();
    let mut from = offset.saturating_add(1);
    while from < size {
        let within = (from % BLOCK_BYTES as u64) as usize;
        let start = from - within as u64;
        let length = (size - start).min(BLOCK_BYTES as u64) as usize;
        disk::read_into(&**file, start, length, &mut block).or_path(path, "read the log")?;
        for position in within..length.saturating_sub(HEADER_BYTES - 1) {
            let offset = start + position as u64;
            if record_begins(file, path, &block[position..], offset, wanted)? {
                return Ok(Some(offset));
            }
        }
        from = start + BLOCK_BYTES as u64;
    }
    Ok(None)
}

/// Whether the bytes at `offset`, of which `rest` is what the block holds, begin a whole record
/// that is wanted.
fn record_begins(
    file: &Arc<dyn File>,
    path: &Path,
    rest: &[u8],
    offset: u64,
    wanted: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<bool> {
    match Fragment::parse(rest) {
        Ok(Fragment {
            part: Part::Full,
            data,
        }) => Ok(wanted(data)),
        // The writer fills a block with a first fragment. So a block has one place for it.
        Ok(Fragment {
            part: Part::First,
            data,
        }) if HEADER_BYTES + data.len() == rest.len() => {
            let mut reader = LogReader::starting_at(Arc::clone(file), path.to_path_buf(), offset)?;
            Ok(matches!(reader.step()?, Step::Record(record) if wanted(record.bytes)))
        }
        Ok(_) | Err(_) => Ok(false),
    }
}
