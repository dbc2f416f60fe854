//! Decoding one entry of a block; `builder.rs` draws it.
//!
//! Invariant: the key's unshared end and the value of a decoded entry are inside the block, and it
//! ends after it begins. How much it shares is for the caller to check.

use crate::codec::Decoder;

/// What is wrong with a block, and where in its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadBlock {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

#[cold]
pub(super) fn bad<T>(at: usize, what: &'static str) -> Result<T, BadBlock> {
    Err(BadBlock { at, what })
}

/// Where the parts of an entry are in the block's content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) offset: usize,
    /// How many bytes of the key are those of the key before.
    pub(super) shared: usize,
    pub(super) key_start: usize,
    pub(super) value_start: usize,
    pub(super) end: usize,
}

impl Entry {
    /// The entry at `offset` of the entries of a block.
    #[inline]
    pub(super) fn decode(entries: &[u8], offset: usize) -> Result<Entry, BadBlock> {
        let lengths = match entries.get(offset..) {
            Some(&[shared, unshared, value, ..]) if (shared | unshared | value) < 0x80 => {
                Some((shared.into(), unshared.into(), value.into(), offset + 3))
            }
            Some(rest) => long_lengths(rest).map(|(shared, unshared, value, used)| {
                (
                    shared as usize,
                    unshared as usize,
                    value as usize,
                    offset + used,
                )
            }),
            None => None,
        };
        let Some((shared, unshared, value, key_start)) = lengths else {
            return bad(offset, "the lengths of an entry cannot be read");
        };
        let value_start = key_start.saturating_add(unshared);
        let end = value_start.saturating_add(value);
        if end > entries.len() {
            return bad(offset, "an entry is longer than its block");
        }
        Ok(Entry {
            offset,
            shared,
            key_start,
            value_start,
            end,
        })
    }
}

/// The three lengths of an entry and how many bytes they take.
fn long_lengths(rest: &[u8]) -> Option<(u32, u32, u32, usize)> {
    let mut input = Decoder::new(rest);
    let (shared, unshared, value) = (input.varint32()?, input.varint32()?, input.varint32()?);
    Some((shared, unshared, value, rest.len() - input.rest().len()))
}
