//! Memory of the last case, used again: without it, allocating is half the cost of a case.

use crate::op::Op;

/// Longer buffers go back to the allocator, so that one giant value is not kept for ever.
const KEPT: usize = 4_096;

#[derive(Clone, Debug, Default)]
pub(super) struct Spare(Vec<Vec<u8>>);

impl Spare {
    /// Takes the single operations apart and keeps their buffers.
    pub(super) fn reclaim(&mut self, ops: &mut Vec<Op>) {
        for op in ops.drain(..) {
            match op {
                Op::Get { key, .. } | Op::Delete { key, .. } | Op::Seek { key, .. } => {
                    self.keep(key);
                }
                Op::Put { key, value, .. } => {
                    self.keep(key);
                    self.keep(value);
                }
                _ => {}
            }
        }
    }

    #[inline]
    fn keep(&mut self, mut buffer: Vec<u8>) {
        if (1..=KEPT).contains(&buffer.capacity()) {
            buffer.clear();
            self.0.push(buffer);
        }
    }

    /// An empty buffer.
    #[inline]
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    /// A buffer with these bytes.
    #[inline]
    pub(super) fn copy(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut buffer = self.take();
        buffer.extend_from_slice(bytes);
        buffer
    }
}
