//! Where a block is in its file.
//!
//! ```text
//!   | offset, varint64 | size, varint64 |     the size without the block's five-byte trailer
//! ```

use crate::codec::{self, Decoder};

/// The type byte and the checksum after every block.
pub(crate) const TRAILER_BYTES: usize = 5;

/// The most bytes that a handle takes.
pub(super) const HANDLE_BYTES_MAX: usize = 20;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockHandle {
    /// Where the block begins.
    pub(crate) offset: u64,
    /// How long it is as it is stored, without its trailer.
    pub(crate) size: u64,
}

impl BlockHandle {
    /// Appends the handle.
    #[inline]
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        codec::put_varint64(out, self.offset);
        codec::put_varint64(out, self.size);
    }

    /// Writes the handle; how long it is.
    #[inline]
    pub(super) fn write(self, out: &mut [u8; HANDLE_BYTES_MAX]) -> usize {
        let offset = codec::write_varint64(out, self.offset);
        offset + codec::write_varint64(&mut out[offset..], self.size)
    }

    /// Takes a handle from the front.
    #[inline]
    pub(super) fn decode(input: &mut Decoder<'_>) -> Option<BlockHandle> {
        Some(BlockHandle {
            offset: input.varint64()?,
            size: input.varint64()?,
        })
    }

    /// How many bytes block and trailer take; only of a handle that was checked.
    #[inline]
    pub(super) fn stored(self) -> usize {
        self.size as usize + TRAILER_BYTES
    }

    /// Whether block and trailer end at or before `limit`.
    pub(super) fn fits(self, limit: u64) -> bool {
        self.offset
            .checked_add(self.size)
            .and_then(|end| end.checked_add(TRAILER_BYTES as u64))
            .is_some_and(|end| end <= limit)
    }
}
