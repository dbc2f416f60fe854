//! Where scans go on: a cursor is a number, the place behind it a key.
//!
//! Invariants:
//! 1. A cursor is valid on every connection, any number of times, until [`KEPT`] bytes of younger
//!    ones have been given out. One that is not is an error, never a scan from somewhere else.
//! 2. No cursor is 0, which begins a scan and ends it.

use std::collections::VecDeque;

/// Bytes of places that are kept; the youngest is kept whatever its length.
const KEPT: usize = 4 << 20;
/// What a place takes beside its key.
const OVERHEAD: usize = 32;

/// The places behind cursors. A key there has been handed out.
#[derive(Debug)]
pub(super) struct Cursors {
    /// The cursor of the oldest place.
    oldest: u64,
    places: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Default for Cursors {
    fn default() -> Self {
        Cursors {
            oldest: 1,
            places: VecDeque::new(),
            bytes: 0,
        }
    }
}

impl Cursors {
    /// A cursor for what comes behind `key`.
    pub(super) fn give(&mut self, key: Vec<u8>) -> u64 {
        self.bytes += key.len() + OVERHEAD;
        self.places.push_back(key);
        while self.bytes > KEPT && self.places.len() > 1 {
            let gone = self
                .places
                .pop_front()
                .map_or(0, |key| key.len() + OVERHEAD);
            self.bytes -= gone;
            self.oldest += 1;
        }
        self.oldest + self.places.len() as u64 - 1
    }

    /// The key behind a cursor that was given out, and not too long ago.
    pub(super) fn place(&self, cursor: u64) -> Option<&[u8]> {
        let at = usize::try_from(cursor.checked_sub(self.oldest)?).ok()?;
        self.places.get(at).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_its_key_until_it_is_too_old() {
        let mut cursors = Cursors::default();
        let first = cursors.give(b"a".to_vec());
        let second = cursors.give(b"b".to_vec());
        assert_ne!(first, 0);
        assert_eq!(cursors.place(first), Some(&b"a"[..]));
        assert_eq!(cursors.place(second), Some(&b"b"[..]));
        assert_eq!(cursors.place(second + 1), None);
        assert_eq!(cursors.place(0), None);
        let large = cursors.give(vec![0; KEPT]);
        assert_eq!(cursors.place(first), None, "too old");
        assert_eq!(cursors.place(second), None, "too old");
        assert_eq!(cursors.place(large).map(<[u8]>::len), Some(KEPT));
    }
}
