//! Searching one block.
//!
//! Strategy: halve the restart points, then walk. The walk puts no key together. It remembers how
//! many bytes the key before has in common with the one sought (both user keys):
//!
//! ```text
//!   sought        a p p l e
//!   key before    a p p e ...          in common: 3
//!   shares 4:     a p p e x ...        still before: it has the byte that was too small
//!   shares 2:     a p z ...            compare from byte 2 on
//! ```
//!
//! Where it stops, the shared bytes are the sought key's own. Rare shapes, where keys share bytes
//! of their tags, are left to the plain walk.
//!
//! Invariants are those of `block.rs`.

use std::cmp::Ordering;

use super::block::BlockCursor;
use super::entry::{BadBlock, Entry, bad};
use crate::codec;
use crate::key::{TAG_BYTES, Target};

/// What the quick walk knows of the key before.
struct Before {
    /// Its length.
    length: usize,
    /// How many bytes its user key has in common with the one sought.
    common: usize,
    /// Whether the byte after those is there in both, and too small.
    differs: bool,
}

/// How the quick walk ended.
enum Walk {
    /// At this entry, which is the first one not before the target.
    At(Entry),
    /// After the last entry.
    End,
    /// At an entry that only the plain walk can judge.
    Unsure,
}

impl<B: AsRef<[u8]>> BlockCursor<B> {
    /// Goes to the first entry at or after a place in the order of internal keys.
    pub(super) fn seek(&mut self, target: Target<'_>) -> Result<(), BadBlock> {
        self.valid = false;
        if self.entries_end == 0 {
            return Ok(());
        }
        let start = self.restart_before(target)?;
        match self.walk(start, target)? {
            Walk::End => Ok(()),
            Walk::At(entry) => {
                self.key_in_place = None;
                self.buffer.clear();
                if entry.shared > 0 {
                    let unshared = entry.value_start - entry.key_start;
                    self.buffer.reserve(entry.shared + unshared);
                    self.buffer.extend_from_slice(&target.user[..entry.shared]);
                }
                self.take(&entry)
            }
            Walk::Unsure => {
                self.go(start)?;
                while self.valid && target.compare_to(self.key()) == Ordering::Greater {
                    self.next()?;
                }
                Ok(())
            }
        }
    }

    /// The last restart point whose key is before the target, or the first one.
    #[inline]
    fn restart_before(&self, target: Target<'_>) -> Result<usize, BadBlock> {
        let (mut low, mut high) = (0, self.restarts - 1);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let entry = self.entry(self.restart(middle)?)?;
            if entry.shared != 0 {
                return bad(entry.offset, "the key at a restart point is not whole");
            }
            let key = &self.bytes.as_ref()[entry.key_start..entry.value_start];
            if target.compare_to(key) == Ordering::Greater {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        self.restart(low)
    }

    /// Goes from a restart point to the first entry not before the target.
    #[inline]
    fn walk(&self, start: usize, target: Target<'_>) -> Result<Walk, BadBlock> {
        let bytes = &self.bytes.as_ref()[..self.entries_end];
        let mut before = Before {
            length: 0,
            common: 0,
            differs: false,
        };
        let mut offset = start;
        while offset < bytes.len() {
            let entry = Entry::decode(bytes, offset)?;
            let unshared = &bytes[entry.key_start..entry.value_start];
            if entry.shared > before.length {
                return bad(offset, "an entry shares more than the key before it has");
            }
            match before.step(entry.shared, unshared, target) {
                Some(Ordering::Less) => offset = entry.end,
                Some(_) => return Ok(Walk::At(entry)),
                None => return Ok(Walk::Unsure),
            }
        }
        Ok(Walk::End)
    }
}

impl Before {
    /// How the next key, `shared` bytes of this one and `unshared`, compares with the target, and
    /// becomes that key if it is before it. Nothing if it cannot tell.
    #[inline]
    fn step(&mut self, shared: usize, unshared: &[u8], target: Target<'_>) -> Option<Ordering> {
        let length = shared + unshared.len();
        if shared > self.common {
            // The byte that makes the difference must be one of the new key's user key.
            if !self.differs || self.common + TAG_BYTES >= length {
                return None;
            }
            self.length = length;
            return Some(Ordering::Less);
        }
        let (user, tag) = unshared.split_last_chunk::<TAG_BYTES>()?;
        let sought = &target.user[shared..];
        let same = codec::shared_prefix(user, sought);
        *self = Before {
            length,
            common: shared + same,
            differs: false,
        };
        match (user.get(same), sought.get(same)) {
            (Some(byte), Some(wanted)) => {
                self.differs = byte < wanted;
                Some(byte.cmp(wanted))
            }
            (None, None) => Some(target.tag.cmp(&u64::from_le_bytes(*tag))),
            (user, sought) => Some(user.is_some().cmp(&sought.is_some())),
        }
    }
}
