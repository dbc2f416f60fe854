//! A file in memory.
//!
//! ```text
//!   | frozen: what was there at the first read, lent from then on | tail: appended since |
//!                                                     ^ kept: less after a truncation
//! ```
//!
//! Invariants:
//! 1. The content is the first `kept` bytes of `frozen`, then `tail`.
//! 2. `frozen` never changes once it is set, so that slices of it can be lent. The engine's own
//!    files are never appended to after they were read, and so are lent whole.

use std::io;

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

/// Buffers of files that are gone, for those to come.
#[derive(Debug, Default)]
pub(super) struct Spare {
    buffers: LeafLock<Vec<Vec<u8>>>,
}

/// How many buffers are kept, and how large ones.
const SPARE_BUFFERS: usize = 32;
const SPARE_BYTES: usize = 64 << 10;

/// What a file begins with, so that a log does not grow again and again.
const FIRST_BYTES: usize = 1024;

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
        let end = usize::try_from(offset)
            .ok()
            .and_then(|start| start.checked_add(length))
            .filter(|end| *end <= rest.kept + rest.tail.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let start = end - length;
        if end <= rest.kept {
            return Ok(&frozen[start..end]);
        }
        scratch.clear();
        scratch.extend_from_slice(&frozen[start.min(rest.kept)..rest.kept]);
        let in_tail = start.saturating_sub(rest.kept)..end - rest.kept;
        scratch.extend_from_slice(&rest.tail[in_tail]);
        Ok(scratch)
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
