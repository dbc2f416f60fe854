//! The blocks of a table whose index is lost, read from the front.
//!
//! Blocks follow each other without a gap, and each ends in a checksum, so the end of a block is
//! the first place where the checksum of everything since its beginning stands. That is decided
//! byte by byte, in one pass. Nothing leads past a block whose checksum is wrong, so there every
//! byte that looks like the beginning of a block is tried: `search.rs`. What lies between is lost,
//! and said.
//!
//! ```text
//!   | content ........ | type | crc | content ....       the end is where crc(content, type) == crc
//!   ^ start                         ^ the next start
//! ```
//!
//! Data ends at the first block that holds none: the filter block has no restart points that
//! could be, and the names in the metaindex are no internal keys, if it has any. So the index,
//! whose keys are, is reached only where one of these is damaged; then it is known by its values,
//! which lead from block to block, and by its first key, which does not come after what was read.

use super::search::Search;
use super::walk::walk;
use super::{Auditor, Lost, Place};
use crate::codec::{self, Decoder};
use crate::error::{OrPath, Result};
use crate::key;
use crate::sstable::handle::{BlockHandle, TRAILER_BYTES};
use crate::sstable::storage::Source;

/// How many bytes are read at a time.
const WINDOW_BYTES: u64 = 64 * 1024;

/// What a block that stands by itself turns out to be.
enum Holds {
    Data {
        /// Its first internal key.
        first: Vec<u8>,
        /// Whether its values could be those of an index.
        is_index: bool,
    },
    SomethingElse,
}

impl Auditor<'_, '_> {
    /// Audits blocks from `start` on, a beginning of a block, up to `limit`.
    pub(super) fn scan(&mut self, mut start: u64, limit: u64) -> Result<()> {
        let mut search = Search::default();
        while start < limit {
            if let Some(handle) = find_end(self.source, start, limit)? {
                if let Holds::SomethingElse = self.holds(handle)? {
                    return Ok(());
                }
                self.block(&Place {
                    handle,
                    ..Place::default()
                })?;
                start = end_of(handle);
                continue;
            }
            search.spend(limit - start);
            let found = self.next_data(&mut search, start + 1, limit)?;
            let user = |key: &[u8]| (!key.is_empty()).then(|| key::user_key(key).to_vec());
            let (next, up_to) = found.map_or((limit, None), |(at, first)| (at, user(&first)));
            let lost = Lost {
                bytes: next - start,
                after: user(&self.audit.last),
                up_to,
            };
            let what = "no block with a right checksum begins here";
            self.wrong(self.source.damaged(start, what), Some(lost))?;
            start = next;
        }
        Ok(())
    }

    /// Where the next block of data begins, and its first internal key.
    fn next_data(
        &mut self,
        search: &mut Search,
        from: u64,
        limit: u64,
    ) -> Result<Option<(u64, Vec<u8>)>> {
        let Some(handle) = search.block(self.source, from, limit)? else {
            return Ok(None);
        };
        let Holds::Data { first, is_index } = self.holds(handle)? else {
            return Ok(None);
        };
        let last = &self.audit.last;
        let is_later = last.is_empty() || key::compare(last, &first).is_lt();
        Ok((is_later && !is_index).then_some((handle.offset, first)))
    }

    fn holds(&mut self, handle: BlockHandle) -> Result<Holds> {
        let bytes = std::mem::take(&mut self.buffer);
        let (bytes, _) = self.source.read_owned(handle, bytes)?;
        let (mut first, mut are_keys) = (Vec::new(), true);
        // Where the block ends that the entry before leads to, if all values are handles.
        let mut leads_to = Some(0);
        let (bytes, walked) = walk(bytes, Vec::new(), &mut |_, key, value| {
            if first.is_empty() {
                first = key.to_vec();
            }
            are_keys &= key::split(key).is_some();
            leads_to = leads_to.and_then(|end| after_handle(value, end));
            Ok(())
        });
        self.buffer = bytes;
        let is_data = walked.is_ok() && !first.is_empty() && are_keys;
        Ok(if is_data {
            let is_index = leads_to.is_some_and(|end| end <= handle.offset);
            Holds::Data { first, is_index }
        } else {
            Holds::SomethingElse
        })
    }
}

fn end_of(handle: BlockHandle) -> u64 {
    handle.offset + handle.size + TRAILER_BYTES as u64
}

/// Where the block ends that a value of an index leads to, if it begins here.
fn after_handle(value: &[u8], here: u64) -> Option<u64> {
    let mut decoder = Decoder::new(value);
    let handle = BlockHandle::decode(&mut decoder)?;
    let is_one = decoder.is_empty() && handle.offset == here && handle.fits(u64::MAX);
    is_one.then(|| end_of(handle))
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
            if is_end(&window, index, crc) {
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

/// Whether a block ends with the byte at `index`, its type, where this is the checksum up to it.
pub(super) fn is_end(bytes: &[u8], index: usize, crc: u32) -> bool {
    // There are two types.
    bytes[index] <= 1 && codec::fixed32_at(bytes, index + 1) == Some(codec::mask(crc))
}
