//! The blocks of a table whose index is lost, read from the front.
//!
//! Blocks follow each other without a gap, and each ends in a checksum, so the end of a block is
//! the first place where the checksum of everything since its beginning stands. That is decided
//! byte by byte, in one pass. Nothing leads past a block whose checksum is wrong: the scan ends
//! there, and says how many bytes it has left.
//!
//! ```text
//!   | content ........ | type | crc | content ....       the end is where crc(content, type) == crc
//!   ^ start                         ^ the next start
//! ```
//!
//! Data ends at the first block that holds none: the filter block has no restart points that
//! could be, and the names in the metaindex are no internal keys, if it has any. So the index,
//! whose keys are, is never reached.

use super::walk::walk;
use super::{Auditor, Lost, Place};
use crate::codec;
use crate::error::{OrPath, Result};
use crate::key;
use crate::sstable::handle::{BlockHandle, TRAILER_BYTES};
use crate::sstable::storage::Source;

/// How many bytes are read at a time.
const WINDOW_BYTES: u64 = 64 * 1024;

/// What a block that stands by itself turns out to be.
enum Holds {
    Data,
    SomethingElse,
}

impl Auditor<'_, '_> {
    /// Audits blocks from `start` on, a beginning of a block, up to `limit`.
    pub(super) fn scan(&mut self, mut start: u64, limit: u64) -> Result<()> {
        while start < limit {
            let Some(handle) = find_end(self.source, start, limit)? else {
                let user = |key: &[u8]| (!key.is_empty()).then(|| key::user_key(key).to_vec());
                let lost = Lost {
                    bytes: limit - start,
                    after: user(&self.audit.last),
                    up_to: None,
                };
                let what = "no block with a right checksum begins here";
                return self.wrong(self.source.damaged(start, what), Some(lost));
            };
            if let Holds::SomethingElse = self.holds(handle)? {
                return Ok(());
            }
            self.block(&Place {
                handle,
                ..Place::default()
            })?;
            start = handle.offset + handle.size + TRAILER_BYTES as u64;
        }
        Ok(())
    }

    fn holds(&mut self, handle: BlockHandle) -> Result<Holds> {
        let bytes = std::mem::take(&mut self.buffer);
        let (bytes, _) = self.source.read_owned(handle, bytes)?;
        let (mut entries, mut are_keys) = (0, true);
        let (bytes, walked) = walk(bytes, Vec::new(), &mut |_, key, _| {
            entries += 1;
            are_keys &= key::split(key).is_some();
            Ok(())
        });
        self.buffer = bytes;
        let is_data = walked.is_ok() && entries > 0 && are_keys;
        Ok(if is_data {
            Holds::Data
        } else {
            Holds::SomethingElse
        })
    }
}

/// The block that begins at `start` and ends, trailer included, at or before `limit`.
fn find_end(source: &Source, start: u64, limit: u64) -> Result<Option<BlockHandle>> {
    let (mut crc, mut at) = (0, start);
    let mut window = Vec::new();
    // Each window overlaps the next by a checksum.
    while limit - at > 4 {
        let length = (limit - at).min(WINDOW_BYTES) as usize;
        let read = source.file.read_into(at, length, &mut window);
        read.or_path(&source.path, "read a block of the table")?;
        for (index, byte) in window[..length - 4].iter().enumerate() {
            crc = codec::extend_crc(crc, std::slice::from_ref(byte));
            // The last byte is the type, of which there are two.
            if *byte <= 1 && codec::fixed32_at(&window, index + 1) == Some(codec::mask(crc)) {
                let size = at + index as u64 - start;
                return Ok(Some(BlockHandle {
                    offset: start,
                    size,
                }));
            }
        }
        at += length as u64 - 4;
    }
    Ok(None)
}
