//! The record log: the write-ahead log and the manifest are sequences of records in this format.
//!
//! A file is cut into blocks of 32 KiB. A record is one fragment, or several where it crosses
//! blocks; fewer than seven bytes at the end of a block are zeros.
//!
//! ```text
//!   block 0 (32768 bytes)                                block 1
//!   | FULL a | FULL b | FIRST c ........................ | LAST c | FULL d |
//!
//!   fragment: | masked crc of type and data, 4 | length, 2 | type, 1 | data ... |
//! ```
//!
//! Invariants:
//! 1. A record is part of one append to the file, so no other write can come between its
//!    fragments.
//! 2. Reading stops for good at the first thing that is not as written; what came before it is
//!    exact. There is no resumption after a gap.
//! 3. A log ends where every byte from there to the end of the file is zero (a preallocated
//!    tail), or where the file does.
//! 4. Memory is bounded by a block and the longest record in the file.
//!
//! A cut exactly between two records is not seen: the log then is a shorter, valid one.

mod follow;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use follow::{next_record, valid_record_follows};
pub(crate) use reader::{BadRecord, LogReader, Record, Step};
pub(crate) use writer::LogWriter;

/// The size of a block.
pub(crate) const BLOCK_BYTES: usize = 32 * 1024;

/// The size of a fragment's header.
pub(crate) const HEADER_BYTES: usize = 7;

/// What part of a record a fragment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Part {
    Full = 1,
    First = 2,
    Middle = 3,
    Last = 4,
}

/// A fragment inside a block, its checksum verified.
#[derive(Clone, Copy, Debug)]
struct Fragment<'a> {
    part: Part,
    data: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// The fragment that `bytes`, the rest of a block, begins with; or what is wrong with it.
    #[inline]
    fn parse(bytes: &'a [u8]) -> Result<Fragment<'a>, &'static str> {
        let header = bytes
            .first_chunk::<HEADER_BYTES>()
            .ok_or("a header is cut short")?;
        let length = usize::from(u16::from_le_bytes([header[4], header[5]]));
        let part = match header[6] {
            1 => Part::Full,
            2 => Part::First,
            3 => Part::Middle,
            4 => Part::Last,
            0 => return Err("a zero header, but not only zeros after it"),
            _ => return Err("unknown record type"),
        };
        let end = HEADER_BYTES + length;
        let Some(checked) = bytes.get(HEADER_BYTES - 1..end) else {
            return Err("a record is longer than its block or the file");
        };
        let stored = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        if crate::codec::masked_crc(checked) != stored {
            return Err("the checksum does not match");
        }
        Ok(Fragment {
            part,
            data: &checked[1..],
        })
    }
}
