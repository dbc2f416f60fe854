//! Appending records to a log.
//!
//! Strategy: a record is framed in a buffer that lives as long as the writer, and handed to the
//! file in one piece.
//!
//! A mark is a record that says of all before it that it is durable. It is due once a sync has
//! succeeded, and rides in front of the next record, in the same append, so that it costs no
//! operation of the disk:
//!
//! ```text
//!   append a | append b | sync | append (mark, c) | append d | sync | close: append mark
//!                         due ->'                              due ->'
//! ```
//!
//! Invariants:
//! 1. The position in the block is that of the file's end, as long as every append went well.
//!    After an append or a sync that failed the file is neither appended to nor synced again:
//!    the store stops there.
//! 2. A mark is appended only behind bytes that a sync has made durable, and at most once for
//!    each sync.
//! 3. A log in doubt, whose bytes another process wrote and may have failed to sync, is appended
//!    to and never synced: the answer could be a false one. So no mark is due in it either.

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
    /// What a sync has covered.
    durable: u64,
    /// What a mark has covered, appended or about to be.
    marked: u64,
    is_in_doubt: bool,
    /// A mark and records that wait for the next record, and its frame.
    framed: Vec<u8>,
}

impl LogWriter {
    /// Goes on at `end`, the size of the file, all of which is durable; 0 for a new one.
    pub(crate) fn new(file: Arc<dyn File>, path: PathBuf, end: u64) -> Self {
        LogWriter {
            file,
            path,
            end,
            durable: end,
            marked: 0,
            is_in_doubt: false,
            framed: Vec::new(),
        }
    }

    /// Goes on at `end`, the size of the file, without knowing what of it is durable; see
    /// invariant 3.
    pub(crate) fn in_doubt(file: Arc<dyn File>, path: PathBuf, end: u64) -> Self {
        LogWriter {
            durable: 0,
            is_in_doubt: true,
            ..LogWriter::new(file, path, end)
        }
    }

    /// Whether it must not be synced.
    #[inline]
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// The log that comes after this one: in an empty file, with this one's buffer.
    pub(crate) fn switch(&mut self, file: Arc<dyn File>, path: PathBuf) -> LogWriter {
        let mut next = LogWriter::new(file, path, 0);
        next.framed = std::mem::take(&mut self.framed);
        std::mem::replace(self, next)
    }

    /// Appends one record, and what waits for it.
    pub(crate) fn append(&mut self, record: &[u8]) -> Result<()> {
        self.frame(record);
        self.hand_over()
    }

    /// Frames a record, to be appended with the next one.
    pub(crate) fn frame_ahead(&mut self, record: &[u8]) {
        self.frame(record);
    }

    /// Whether more is durable than the last mark says.
    pub(crate) fn mark_is_due(&self) -> bool {
        self.durable > self.marked
    }

    /// Frames a mark, to be appended with the next record or by `append_mark`.
    pub(crate) fn mark(&mut self, record: &[u8]) {
        debug_assert!(self.mark_is_due() || self.end == 0, "invariant 2");
        self.marked = self.durable;
        self.frame(record);
    }

    /// Appends a mark alone. It makes no other one due.
    pub(crate) fn append_mark(&mut self, record: &[u8]) -> Result<()> {
        self.mark(record);
        self.hand_over()?;
        self.marked = self.end;
        Ok(())
    }

    /// Frames one record, and appends when many have gathered, or with `hand_over`.
    pub(crate) fn gather(&mut self, record: &[u8]) -> Result<()> {
        self.frame(record);
        if self.framed.len() >= GATHER_BYTES {
            self.hand_over()?;
        }
        Ok(())
    }

    /// Appends what was framed ahead, if anything was.
    pub(crate) fn append_framed(&mut self) -> Result<()> {
        if self.framed.is_empty() {
            return Ok(());
        }
        self.hand_over()
    }

    fn frame(&mut self, record: &[u8]) {
        let end = self.end + self.framed.len() as u64;
        frame(&mut self.framed, end, record);
    }

    /// Appends what is framed.
    pub(crate) fn hand_over(&mut self) -> Result<()> {
        self.file
            .append(&self.framed)
            .or_path(&self.path, "append to the log")?;
        self.end += self.framed.len() as u64;
        self.framed.clear();
        Ok(())
    }

    /// Appends one record that stands behind room for a fragment's header. It costs no copy where
    /// the record fits into the block and no mark waits.
    pub(crate) fn append_behind(&mut self, room: &mut [u8]) -> Result<()> {
        let left = BLOCK_BYTES - (self.end % BLOCK_BYTES as u64) as usize;
        if !self.framed.is_empty() || room.len() > left {
            return self.append(&room[HEADER_BYTES..]);
        }
        write_header(room, Part::Full);
        self.file
            .append(room)
            .or_path(&self.path, "append to the log")?;
        self.end += room.len() as u64;
        Ok(())
    }

    /// Makes all records durable. Where they are already, the disk is not asked again: its answer
    /// would be about marks alone, which nothing depends on.
    pub(crate) fn sync(&mut self) -> Result<()> {
        if self.durable < self.end {
            assert!(!self.is_in_doubt, "invariant 3");
            self.file.sync().or_path(&self.path, "sync the log")?;
            self.durable = self.end;
        }
        Ok(())
    }

    /// Whether it has no record yet, not even one that waits.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.end == 0 && self.framed.is_empty()
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

/// How many bytes gather before they are appended.
const GATHER_BYTES: usize = 256 << 10;

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
