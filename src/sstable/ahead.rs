//! Reading ahead, for a walk over a whole table: blocks are small, and each read of a real file is
//! a call of the system.
//!
//! ```text
//!   file     | block | block | block | block | block | ...
//!   bytes            | block | block | blo
//!   Window                   '-------'  the block that is walked, where it was read to
//! ```
//!
//! A walk has the bytes while it is in a block, and gives them back for the next one; so nothing
//! is copied, and nothing counted.
//!
//! Invariant: what is lent in a window was found right by its checksum.

use std::ops::Range;

use super::handle::{BlockHandle, TRAILER_BYTES};
use super::storage::{Origin, Source};
use crate::error::{OrPath, Result};

/// How many bytes are read at once.
const AHEAD_BYTES: u64 = 64 << 10;

/// The content of a block, alone or among other bytes.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    content: Range<usize>,
}

impl Window {
    /// A block by itself.
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        let content = 0..bytes.len();
        Window { bytes, content }
    }

    /// The bytes, whatever was looked at in them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl AsRef<[u8]> for Window {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.content.clone()]
    }
}

/// Bytes of the file that were read before they are needed.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    bytes: Vec<u8>,
    /// Where in the file they begin.
    start: u64,
    /// Whether a window has them.
    lent: bool,
}

impl Ahead {
    /// For a walk over this file; none for a small one, which has but a few blocks.
    pub(super) fn of(source: &Source) -> Option<Ahead> {
        (source.size > AHEAD_BYTES / 4).then(Ahead::default)
    }

    /// Takes a window back. One that is lost took its bytes with it; they are read again.
    pub(super) fn give_back(&mut self, window: Window) {
        if self.lent {
            self.bytes = window.bytes;
            self.lent = false;
        }
    }

    /// The content of a block, read with much of what follows it, unless that was read before.
    pub(super) fn read(
        &mut self,
        source: &Source,
        handle: BlockHandle,
    ) -> Result<(Window, Origin)> {
        source.check(handle, handle.offset)?;
        let within = match self.find(handle) {
            Some(within) => within,
            None => self.fill(source, handle)?,
        };
        let content = within.start..within.end - TRAILER_BYTES;
        if let Some(unpacked) = source.verify(handle, &self.bytes[within])? {
            let compressed = true;
            return Ok((Window::whole(unpacked), Origin { handle, compressed }));
        }
        self.lent = true;
        let bytes = std::mem::take(&mut self.bytes);
        let compressed = false;
        Ok((Window { bytes, content }, Origin { handle, compressed }))
    }

    /// Where a block is among the bytes, if all of it is.
    fn find(&self, handle: BlockHandle) -> Option<Range<usize>> {
        let from = usize::try_from(handle.offset.checked_sub(self.start)?).ok()?;
        let end = from.checked_add(handle.stored())?;
        (end <= self.bytes.len()).then_some(from..end)
    }

    /// Reads from a block on, which is inside the file.
    fn fill(&mut self, source: &Source, handle: BlockHandle) -> Result<Range<usize>> {
        let block = handle.stored();
        let ahead = AHEAD_BYTES.min(source.size - handle.offset) as usize;
        self.start = handle.offset;
        let read = source
            .file
            .read_into(handle.offset, ahead.max(block), &mut self.bytes);
        if read.is_err() {
            self.bytes.clear();
        }
        read.or_path(&source.path, "read blocks of the table")?;
        Ok(0..block)
    }
}
