//! Building one block.
//!
//! An entry names how many bytes of its key it shares with the key before; every `interval`
//! entries one shares nothing, a restart point, so that searches can begin there.
//!
//! ```text
//!   entry:  | shared, varint32 | unshared, varint32 | value length, varint32 | key end | value |
//!   block:  | entry | entry | ... | restart 0, fixed32 | restart 1 | ... | restarts, fixed32 |
//! ```
//!
//! A block is built where it stays: at the end of a buffer that may hold finished blocks before it.
//!
//! ```text
//!   bytes:  | finished block | finished block | entry | entry |
//!                                             ^ start: restarts are counted from here
//! ```
//!
//! Invariant: the first entry is a restart point, and a block without entries has one restart at 0.

use crate::codec;

/// See the module.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    bytes: Vec<u8>,
    /// Where the block in the making begins.
    start: usize,
    restarts: Vec<u32>,
    interval: u32,
    /// How many entries follow the last restart point, itself included.
    since_restart: u32,
    last_key: Vec<u8>,
}

/// What a buffer begins with, so that small blocks do not make it grow again and again.
const SMALL_BYTES: usize = 256;

impl BlockBuilder {
    pub(super) fn new(interval: u32) -> Self {
        BlockBuilder {
            bytes: Vec::new(),
            start: 0,
            restarts: vec![0],
            interval: interval.max(1),
            since_restart: 0,
            last_key: Vec::new(),
        }
    }

    /// Forgets everything but the last key, and begins a block.
    pub(super) fn reset(&mut self) {
        self.bytes.clear();
        self.begin_after();
    }

    /// Begins a block after what is in the buffer, which is finished. The last key stays known.
    pub(super) fn begin_after(&mut self) {
        self.start = self.bytes.len();
        self.restarts.clear();
        self.restarts.push(0);
        self.since_restart = 0;
    }

    /// Adds an entry. The caller sees to the order.
    #[inline]
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        let shared = codec::shared_prefix(&self.last_key, key);
        self.add_sharing(shared, key, value);
    }

    /// Adds an entry whose key begins with `shared` bytes of the last one.
    #[inline]
    pub(super) fn add_sharing(&mut self, mut shared: usize, key: &[u8], value: &[u8]) {
        if self.since_restart == 0 {
            shared = 0;
        } else if self.since_restart == self.interval {
            self.restarts.push((self.bytes.len() - self.start) as u32);
            self.since_restart = 0;
            shared = 0;
        }
        self.since_restart += 1;
        let unshared = &key[shared..];
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(SMALL_BYTES);
        }
        if shared < 0x80 && unshared.len() < 0x80 && value.len() < 0x80 {
            let lengths = [shared as u8, unshared.len() as u8, value.len() as u8];
            self.bytes.extend_from_slice(&lengths);
        } else {
            codec::put_varint32(&mut self.bytes, shared as u32);
            codec::put_varint32(&mut self.bytes, unshared.len() as u32);
            codec::put_varint32(&mut self.bytes, value.len() as u32);
        }
        self.bytes.extend_from_slice(unshared);
        self.bytes.extend_from_slice(value);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(unshared);
    }

    /// The last key added, also to the block before.
    #[inline]
    pub(super) fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// The block's size if it were finished now.
    #[inline]
    pub(super) fn size(&self) -> usize {
        self.bytes.len() - self.start + 4 * self.restarts.len() + 4
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.len() == self.start
    }

    /// The whole block; nothing may be added until another is begun.
    pub(super) fn finish(&mut self) -> &[u8] {
        for &restart in &self.restarts {
            codec::put_fixed32(&mut self.bytes, restart);
        }
        codec::put_fixed32(&mut self.bytes, self.restarts.len() as u32);
        self.finished()
    }

    /// What [`finish`](Self::finish) made.
    pub(super) fn finished(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Where in the buffer the block begins.
    #[inline]
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The buffer, and where in it the block begins.
    pub(super) fn buffer(&mut self) -> (&mut Vec<u8>, usize) {
        (&mut self.bytes, self.start)
    }
}
