//! Blocks as they are stored: with a type byte and a checksum, maybe compressed.
//!
//! ```text
//!   | content, as the handle says | type: 0 as it is, 1 snappy | masked crc of both, fixed32 |
//! ```
//!
//! Invariants:
//! 1. No byte of a block is used before its checksum was found right.
//! 2. What is allocated is bounded by the size of the file; for a compressed block by 22 times
//!    its stored size, more than snappy can ever reach.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use super::Compression;
use super::entry::BadBlock;
use super::footer::FOOTER_BYTES;
use super::handle::{BlockHandle, TRAILER_BYTES};
use crate::codec;
use crate::disk::File;
use crate::error::{Error, OrPath, Result};
use crate::sync::Arc;

/// The type byte of an uncompressed block.
const RAW: u8 = 0;
/// The type byte of a block compressed by snappy.
const SNAPPY: u8 = 1;

/// The file of a table that is read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: Arc<dyn File>,
    pub(super) path: PathBuf,
    /// The size of the file.
    pub(super) size: u64,
}

/// Where a block's content came from, to name the place of damage in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) handle: BlockHandle,
    /// Whether places in the content are not places in the file.
    pub(super) compressed: bool,
}

impl Source {
    /// Reads the content of a block.
    pub(super) fn read<'a>(
        &'a self,
        handle: BlockHandle,
        scratch: &'a mut Vec<u8>,
    ) -> Result<(Cow<'a, [u8]>, Origin)> {
        self.check(handle, handle.offset)?;
        let stored = self
            .file
            .read(handle.offset, handle.stored(), scratch)
            .or_path(&self.path, "read a block of the table")?;
        let (content, compressed) = match self.verify(handle, stored)? {
            None => (Cow::Borrowed(&stored[..handle.size as usize]), false),
            Some(unpacked) => (Cow::Owned(unpacked), true),
        };
        Ok((content, Origin { handle, compressed }))
    }

    /// Reads the content of a block into a buffer of the caller's, whatever was in it.
    pub(super) fn read_owned(
        &self,
        handle: BlockHandle,
        mut buffer: Vec<u8>,
    ) -> Result<(Vec<u8>, Origin)> {
        self.check(handle, handle.offset)?;
        self.file
            .read_into(handle.offset, handle.stored(), &mut buffer)
            .or_path(&self.path, "read a block of the table")?;
        let unpacked = self.verify(handle, &buffer)?;
        let compressed = unpacked.is_some();
        let content = unpacked.unwrap_or_else(|| {
            buffer.truncate(handle.size as usize);
            buffer
        });
        Ok((content, Origin { handle, compressed }))
    }

    /// Checks a stored block, trailer included; unpacks it if it is compressed.
    pub(super) fn verify(&self, handle: BlockHandle, stored: &[u8]) -> Result<Option<Vec<u8>>> {
        let (checked, crc) = stored.split_at(stored.len() - 4);
        if codec::masked_crc(checked).to_le_bytes() != crc {
            return Err(self.damaged(handle.offset, "the checksum of a block does not match"));
        }
        let (content, kind) = checked.split_at(stored.len() - TRAILER_BYTES);
        match kind[0] {
            RAW => Ok(None),
            SNAPPY => unpack(content)
                .map(Some)
                .map_err(|what| self.damaged(handle.offset, what)),
            other => {
                let at = handle.offset + handle.size;
                Err(self.damaged(at, format!("unknown compression type {other}")))
            }
        }
    }

    /// Fails if a handle, itself found at `at`, reaches into the footer or past the file.
    pub(super) fn check(&self, handle: BlockHandle, at: u64) -> Result<()> {
        if handle.fits(self.size.saturating_sub(FOOTER_BYTES as u64)) {
            Ok(())
        } else {
            let BlockHandle { offset, size } = handle;
            Err(self.damaged(
                at,
                format!("a block of {size} bytes at {offset} is not inside"),
            ))
        }
    }

    /// Damage at a place in the file.
    pub(super) fn damaged(&self, offset: u64, what: impl Into<String>) -> Error {
        Error::damaged(&self.path, offset, what)
    }

    /// Damage at a place in a block's content.
    #[cold]
    pub(super) fn bad(&self, origin: Origin, bad: BadBlock) -> Error {
        let start = origin.handle.offset;
        if origin.compressed {
            let BadBlock { at, what } = bad;
            self.damaged(start, format!("{what} (at {at} of the uncompressed block)"))
        } else {
            self.damaged(start + bad.at as u64, bad.what)
        }
    }
}

/// The content of a compressed block.
fn unpack(stored: &[u8]) -> Result<Vec<u8>, &'static str> {
    let length = snap::raw::decompress_len(stored).map_err(|_| "a snappy block has no length")?;
    if length > stored.len().saturating_mul(22).saturating_add(64) {
        return Err("a snappy block claims an impossible length");
    }
    let mut content = vec![0; length];
    match snap::raw::Decoder::new().decompress(stored, &mut content) {
        Ok(written) if written == length => Ok(content),
        _ => Err("a snappy block cannot be unpacked"),
    }
}

/// Appends a block with its trailer to `out`, which begins at `start` of the file.
pub(super) fn append(
    out: &mut Vec<u8>,
    start: u64,
    content: &[u8],
    compression: Compression,
    packer: &mut Packer,
) -> BlockHandle {
    let at = out.len();
    out.reserve(content.len() + TRAILER_BYTES);
    out.extend_from_slice(content);
    seal(out, at, start, compression, packer)
}

/// Makes the content that `out` has from `at` on a stored block; `out` begins at `start` of the
/// file.
pub(super) fn seal(
    out: &mut Vec<u8>,
    at: usize,
    start: u64,
    compression: Compression,
    packer: &mut Packer,
) -> BlockHandle {
    let kind = match compression {
        Compression::Snappy if packer.pack(out, at) => SNAPPY,
        _ => RAW,
    };
    let size = out.len() - at;
    out.push(kind);
    let crc = codec::masked_crc(&out[at..]);
    codec::put_fixed32(out, crc);
    BlockHandle {
        offset: start + at as u64,
        size: size as u64,
    }
}

/// What compressing needs; kept from block to block, since it is some kilobytes.
#[derive(Default)]
pub(super) struct Packer {
    encoder: Option<Box<snap::raw::Encoder>>,
    packed: Vec<u8>,
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    /// Compresses the content that `out` has from `at` on if that saves an eighth.
    fn pack(&mut self, out: &mut Vec<u8>, at: usize) -> bool {
        let content = &out[at..];
        let longest = snap::raw::max_compress_len(content.len());
        if self.packed.len() < longest {
            self.packed.resize(longest, 0);
        }
        let encoder = self
            .encoder
            .get_or_insert_with(|| Box::new(snap::raw::Encoder::new()));
        match encoder.compress(content, &mut self.packed) {
            Ok(size) if size < content.len() - content.len() / 8 => {
                out.truncate(at);
                out.extend_from_slice(&self.packed[..size]);
                true
            }
            _ => false,
        }
    }
}
