//! Appending records to a log.
//!
//! Strategy: a record is framed in a buffer that lives as long as the writer, and handed to the
//! file in one piece.
//!
//! Invariant: the position in the block is that of the file's end, as long as every append went
//! well. After one that failed nothing may be appended any more: the store stops there.

use std::path::PathBuf;

use super::{BLOCK_BYTES, HEADER_BYTES, Part};
use crate::codec;
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct LogWriter {
    file: Arc<dyn File>,
    path: PathBuf,
    /// The size of the file.
    end: u64,
    framed: Vec<u8>,
}

impl LogWriter {
    /// Goes on at `end`, the size of the file; 0 for a new one.
    pub(crate) fn new(file: Arc<dyn File>, path: PathBuf, end: u64) -> Self {
        LogWriter {
            file,
            path,
            end,
            framed: Vec::new(),
        }
    }

    /// The log that comes after this one: in an empty file, with this one's buffer.
    pub(crate) fn switch(&mut self, file: Arc<dyn File>, path: PathBuf) -> LogWriter {
        let framed = std::mem::take(&mut self.framed);
        std::mem::replace(
            self,
            LogWriter {
                file,
                path,
                end: 0,
                framed,
            },
        )
    }

    /// Appends one record.
    pub(crate) fn append(&mut self, record: &[u8]) -> Result<()> {
        self.framed.clear();
        frame(&mut self.framed, self.end, record);
        self.file
            .append(&self.framed)
            .or_path(&self.path, "append to the log")?;
        self.end += self.framed.len() as u64;
        Ok(())
    }

    /// Appends one record that stands behind room for a fragment's header. It costs no copy where
    /// the record fits into the block.
    pub(crate) fn append_behind(&mut self, room: &mut [u8]) -> Result<()> {
        let left = BLOCK_BYTES - (self.end % BLOCK_BYTES as u64) as usize;
        if room.len() > left {
            return self.append(&room[HEADER_BYTES..]);
        }
        write_header(room, Part::Full);
        self.file
            .append(room)
            .or_path(&self.path, "append to the log")?;
        self.end += room.len() as u64;
        Ok(())
    }

    /// Makes all records durable.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync().or_path(&self.path, "sync the log")
    }

    /// The size of the file: where the next record's frame begins.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The file's name.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }
}

/// What the buffer begins with, so that small records do not make it grow again and again.
const SMALL_BYTES: usize = 128;

/// Appends to `out` the bytes that `record` becomes in a log of `end` bytes.
fn frame(out: &mut Vec<u8>, end: u64, record: &[u8]) {
    let mut left = BLOCK_BYTES - (end % BLOCK_BYTES as u64) as usize;
    let mut rest = record;
    let mut first = true;
    out.reserve((record.len() + HEADER_BYTES).max(SMALL_BYTES));
    loop {
        if left < HEADER_BYTES {
            out.resize(out.len() + left, 0);
            left = BLOCK_BYTES;
        }
        let (data, after) = rest.split_at(rest.len().min(left - HEADER_BYTES));
        let part = match (first, after.is_empty()) {
            (true, true) => Part::Full,
            (true, false) => Part::First,
            (false, false) => Part::Middle,
            (false, true) => Part::Last,
        };
        put_fragment(out, part, data);
        if after.is_empty() {
            return;
        }
        left -= HEADER_BYTES + data.len();
        rest = after;
        first = false;
    }
}

#[inline]
fn put_fragment(out: &mut Vec<u8>, part: Part, data: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_BYTES]);
    out.extend_from_slice(data);
    write_header(&mut out[start..], part);
}

/// Writes the header of a fragment whose data stands behind the room for it.
#[inline]
fn write_header(fragment: &mut [u8], part: Part) {
    let length = (fragment.len() - HEADER_BYTES) as u16;
    fragment[4..6].copy_from_slice(&length.to_le_bytes());
    fragment[6] = part as u8;
    let crc = codec::masked_crc(&fragment[HEADER_BYTES - 1..]);
    fragment[..4].copy_from_slice(&crc.to_le_bytes());
}
