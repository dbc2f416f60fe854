//! Batches: several changes, applied as one. Also the record of the write-ahead log.
//!
//! ```text
//!   sequence of the first change, fixed64 | count, fixed32 | change | change | ...
//!   change = 1, key, value (put)   or   0, key (delete); keys and values are length-prefixed
//! ```
//!
//! Invariants:
//! 1. A batch is encoded as it is built; `count` says how many changes it holds.
//! 2. Change `i` gets sequence number first + i, so the later change of a key wins.
//! 3. Decoding takes any bytes and never panics.

use crate::codec::{Decoder, put_slice};
use crate::key::{Kind, MAX_SEQUENCE_READ};
use crate::log;

/// Where the record begins: the log's own header goes before it, without a copy.
const ROOM_BYTES: usize = log::HEADER_BYTES;
/// The most that a change has beside its key and value.
const CHANGE_BYTES: usize = 11;
/// Sequence and count.
const HEADER_BYTES: usize = 12;
/// Where the changes begin.
const CHANGES_AT: usize = ROOM_BYTES + HEADER_BYTES;

/// Changes that a [`Store`](crate::Store) applies atomically: all of them or none, for readers
/// and across a crash. Of two changes of one key the later counts.
///
/// ```
/// use etalon::{Batch, Options, Store, disk::MemoryDisk};
///
/// let store = Store::open_on(MemoryDisk::default(), "dir", Options::default())?;
/// let mut batch = Batch::default();
/// batch.put(b"k", b"1");
/// batch.put(b"k", b"2");
/// batch.delete(b"other");
/// store.write(&batch)?;
/// assert_eq!(store.get(b"k")?, Some(b"2".to_vec()));
/// # Ok::<(), etalon::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    encoded: Vec<u8>,
    count: u32,
    longest_key: usize,
    longest_value: usize,
}

impl Default for Batch {
    fn default() -> Self {
        let encoded = vec![0; CHANGES_AT];
        Batch {
            encoded,
            count: 0,
            longest_key: 0,
            longest_value: 0,
        }
    }
}

impl Batch {
    /// Sets `key` to `value`. Sizes are checked when the batch is written.
    pub fn put(&mut self, key: &[u8], value: &[u8]) {
        // At once, so that it grows once.
        self.encoded.reserve(key.len() + value.len() + CHANGE_BYTES);
        self.push(Kind::Put, key);
        put_slice(&mut self.encoded, value);
        self.longest_value = self.longest_value.max(value.len());
    }

    /// Removes `key`; an absent key is no error.
    pub fn delete(&mut self, key: &[u8]) {
        self.push(Kind::Delete, key);
    }

    fn push(&mut self, kind: Kind, key: &[u8]) {
        self.count += 1;
        self.encoded.push(kind as u8);
        put_slice(&mut self.encoded, key);
        self.longest_key = self.longest_key.max(key.len());
    }

    /// Forgets all changes, keeping the memory.
    pub fn clear(&mut self) {
        self.encoded.truncate(CHANGES_AT);
        (self.count, self.longest_key, self.longest_value) = (0, 0, 0);
    }

    /// How many changes it holds.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether it holds no change.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn copy_from(&mut self, other: &Batch) {
        self.encoded.clone_from(&other.encoded);
        (self.count, self.longest_key, self.longest_value) =
            (other.count, other.longest_key, other.longest_value);
    }

    pub(super) fn longest_key(&self) -> usize {
        self.longest_key
    }

    pub(super) fn longest_value(&self) -> usize {
        self.longest_value
    }

    /// The size of the log record.
    pub(super) fn record_bytes(&self) -> usize {
        self.encoded.len() - ROOM_BYTES
    }

    /// The log record, whose first change has this sequence number, behind room for the header of
    /// its fragment.
    pub(super) fn record_behind_room(&mut self, first_sequence: u64) -> &mut [u8] {
        let count_at = ROOM_BYTES + 8;
        self.encoded[ROOM_BYTES..count_at].copy_from_slice(&first_sequence.to_le_bytes());
        self.encoded[count_at..CHANGES_AT].copy_from_slice(&self.count.to_le_bytes());
        &mut self.encoded
    }

    /// The log record, whose first change has this sequence number.
    pub(super) fn record(&mut self, first_sequence: u64) -> &[u8] {
        &self.record_behind_room(first_sequence)[ROOM_BYTES..]
    }

    /// The changes, read back from what was encoded here.
    pub(super) fn changes(&self) -> Changes<'_> {
        Changes {
            from: Decoder::new(&self.encoded[CHANGES_AT..]),
        }
    }
}

/// A mark of durability: an empty batch with the sequence number that the next change gets. In a
/// log it says that all before it was durable when it was written. `LevelDB` reads it as nothing.
pub(super) fn mark(next_sequence: u64) -> [u8; HEADER_BYTES] {
    let mut record = [0; HEADER_BYTES];
    record[..8].copy_from_slice(&next_sequence.to_le_bytes());
    record
}

/// Whether a record of a log is a mark.
pub(super) fn is_mark(record: &[u8]) -> bool {
    record.len() == HEADER_BYTES && record[8..] == [0; HEADER_BYTES - 8]
}

/// The sequence number that a record of a log begins with.
pub(super) fn first_sequence(record: &[u8]) -> u64 {
    let first = record.first_chunk().expect("read as a batch before");
    u64::from_le_bytes(*first)
}

/// A change of a batch: key, and the value or none for a delete.
pub(crate) type Change<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record of the write-ahead log, decoded as far as its header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchRecord<'a> {
    /// The sequence number of the first change.
    pub(crate) sequence: u64,
    /// How many changes follow.
    pub(crate) count: u32,
    changes: &'a [u8],
}

impl<'a> BatchRecord<'a> {
    /// Reads a record of the log, changes included; the error says what is wrong with it.
    #[inline]
    pub(crate) fn decode(record: &'a [u8]) -> Result<Self, String> {
        let mut from = Decoder::new(record);
        let sequence = from.fixed64().ok_or("a batch without a sequence number")?;
        let count = from.fixed32().ok_or("a batch without a count")?;
        let next = sequence.checked_add(u64::from(count));
        if next.is_none_or(|next| next > MAX_SEQUENCE_READ) {
            return Err(format!("sequence number {sequence} is near its end"));
        }
        let batch = BatchRecord {
            sequence,
            count,
            changes: from.rest(),
        };
        let mut found = 0_u32;
        for change in batch.changes() {
            change?;
            found += 1;
        }
        if found != count {
            return Err(format!("a batch of {found} changes says it has {count}"));
        }
        Ok(batch)
    }

    /// The changes, in order.
    pub(crate) fn changes(&self) -> Changes<'a> {
        Changes {
            from: Decoder::new(self.changes),
        }
    }

    /// The sequence number of the last change; for an empty batch the one before the first.
    pub(crate) fn last_sequence(&self) -> u64 {
        (self.sequence + u64::from(self.count)).saturating_sub(1)
    }
}

/// Iterator over the changes of a batch; ends after the first error.
#[derive(Clone, Debug)]
pub(crate) struct Changes<'a> {
    from: Decoder<'a>,
}

impl<'a> Changes<'a> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a change takes as long to hand over as to decode"
    )]
    fn decode(&mut self) -> Result<Change<'a>, String> {
        let byte = self.from.byte().ok_or("a change is cut off")?;
        let kind = Kind::from_byte(byte).ok_or_else(|| format!("unknown kind of change {byte}"))?;
        let key = self.from.slice().ok_or("a key is cut off")?;
        let value = match kind {
            Kind::Put => Some(self.from.slice().ok_or("a value is cut off")?),
            Kind::Delete => None,
        };
        Ok((key, value))
    }
}

impl<'a> Iterator for Changes<'a> {
    type Item = Result<Change<'a>, String>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above: a tenth of a recovery")]
    fn next(&mut self) -> Option<Self::Item> {
        if self.from.is_empty() {
            return None;
        }
        let change = self.decode();
        if change.is_err() {
            self.from = Decoder::new(&[]);
        }
        Some(change)
    }
}
