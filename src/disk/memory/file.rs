//! A file in memory.
//!
//! ```text
//!   | frozen: what was there at the first read, lent from then on | tail: appended since |
//!                                                     ^ kept: less after a truncation
//! ```
//!
//! Invariants:
//! 1. The content is the first `kept` bytes of `frozen`, then `tail`.
//! 2. `frozen` never changes once it is set, so that slices of it can be lent. Of the engine's own
//!    files only a log is ever appended to after it was read; the others are lent whole.

use std::io;
use std::ops::Range;

use crate::disk::File;
use crate::sync::{Arc, LeafLock, LeafOnce};

/// See the module.
#[derive(Debug)]
pub(super) struct MemoryFile {
    frozen: LeafOnce<Vec<u8>>,
    rest: LeafLock<Rest>,
    spare: Arc<Spare>,
}

#[derive(Debug, Default)]
struct Rest {
    kept: usize,
    tail: Vec<u8>,
}

impl Rest {
    /// These bytes of the file, if it has them.
    fn range(&self, offset: u64, length: usize) -> io::Result<Range<usize>> {
        let start = usize::try_from(offset).ok();
        let end = start.and_then(|start| start.checked_add(length));
        match end {
            Some(end) if end <= self.kept + self.tail.len() => Ok(end - length..end),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Appends bytes that the file has.
    fn copy(&self, frozen: &[u8], wanted: Range<usize>, out: &mut Vec<u8>) {
        let Range { start, end } = wanted;
        out.extend_from_slice(&frozen[start.min(self.kept)..end.min(self.kept)]);
        let in_tail = start.saturating_sub(self.kept)..end.saturating_sub(self.kept);
        out.extend_from_slice(&self.tail[in_tail]);
    }
}

/// Buffers of files that are gone, for those to come.
#[derive(Debug, Default)]
pub(super) struct Spare {
    buffers: LeafLock<Vec<Vec<u8>>>,
}

/// How many buffers are kept, and how large ones.
const SPARE_BUFFERS: usize = 32;
const SPARE_BYTES: usize = 64 << 10;

/// What a file begins with, so that a log does not grow again and again.
const FIRST_BYTES: usize = 960;

impl Spare {
    fn take(&self) -> Vec<u8> {
        let spare = self.buffers.lock().pop();
        spare.unwrap_or_else(|| Vec::with_capacity(FIRST_BYTES))
    }

    fn give(&self, mut buffer: Vec<u8>) {
        if (1..=SPARE_BYTES).contains(&buffer.capacity()) {
            let mut buffers = self.buffers.lock();
            if buffers.len() < SPARE_BUFFERS {
                buffer.clear();
                buffers.push(buffer);
            }
        }
    }
}

impl MemoryFile {
    /// An empty file.
    pub(super) fn new(spare: Arc<Spare>) -> Self {
        MemoryFile {
            frozen: LeafOnce::new(),
            rest: LeafLock::default(),
            spare,
        }
    }

    /// A copy of the whole content.
    pub(super) fn content(&self) -> Vec<u8> {
        let rest = self.rest.lock();
        let frozen = self
            .frozen
            .get()
            .map_or(&[][..], |frozen| &frozen[..rest.kept]);
        [frozen, &rest.tail].concat()
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        let tail = std::mem::take(&mut self.rest.lock().tail);
        self.spare.give(tail);
        if let Some(frozen) = self.frozen.take() {
            self.spare.give(frozen);
        }
    }
}

impl File for MemoryFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = self.rest.lock();
        if rest.tail.capacity() == 0 {
            rest.tail = self.spare.take();
        }
        rest.tail.extend_from_slice(bytes);
        Ok(())
    }

    fn read<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        let mut rest = self.rest.lock();
        let frozen = self.frozen.get_or_init(|| {
            rest.kept = rest.tail.len();
            std::mem::take(&mut rest.tail)
        });
        let wanted = rest.range(offset, length)?;
        if wanted.end <= rest.kept {
            return Ok(&frozen[wanted]);
        }
        scratch.clear();
        rest.copy(frozen, wanted, scratch);
        Ok(scratch)
    }

    fn read_into(&self, offset: u64, length: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        let rest = self.rest.lock();
        let wanted = rest.range(offset, length)?;
        buffer.clear();
        let frozen = self.frozen.get().map_or(&[][..], Vec::as_slice);
        rest.copy(frozen, wanted, buffer);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        let rest = self.rest.lock();
        Ok((rest.kept + rest.tail.len()) as u64)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let mut rest = self.rest.lock();
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::StorageFull)?;
        let kept = rest.kept.min(size);
        rest.kept = kept;
        rest.tail.resize(size - kept, 0);
        Ok(())
    }

    fn preallocate(&self, size: u64) -> io::Result<()> {
        if size > self.size()? {
            self.truncate(size)?;
        }
        Ok(())
    }
}
