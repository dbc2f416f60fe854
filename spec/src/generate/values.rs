//! Values of a case: mostly short and never the same twice, so that a stale answer shows.
//!
//! The usual value is the decimal number of the write that wrote it: whoever reads a failing
//! case sees which write a wrong answer came from.

use crate::profile::Lengths;
use crate::random::{Random, bits};

/// The longest value that comes without a case being chosen for it.
const LARGE: usize = 4_096;

#[derive(Clone, Debug)]
pub(super) struct Values {
    lengths: Lengths,
    /// How many values this case has drawn.
    drawn: u64,
    /// Whether this case has large values.
    large: bool,
    /// One very long value that this case still owes.
    longest: Option<usize>,
}

impl Values {
    pub(super) fn new(lengths: Lengths) -> Self {
        Values {
            lengths,
            drawn: 0,
            large: false,
            longest: None,
        }
    }

    pub(super) fn begin(&mut self, random: &mut Random) {
        self.drawn = 0;
        let word = random.next();
        self.large = bits(word, 0, 4) == 0;
        // Cost decides: a mebibyte costs as much as a hundred cases.
        self.longest = match word >> 52 {
            0 => Some(self.lengths.max),
            1..5 => Some(65_535 + bits(word, 8, 1)),
            5..69 => Some(self.lengths.max.min(LARGE)),
            _ => None,
        };
    }

    /// The value of the next write, in an empty buffer.
    #[inline]
    pub(super) fn draw(&mut self, random: &mut Random, mut value: Vec<u8>) -> Vec<u8> {
        let word = random.next();
        self.drawn += 1;
        match bits(word, 0, 5) {
            0 => {}
            1 => value.extend_from_slice(b"same"),
            2..=4 => {
                // Unique, and long enough for a few entries to fill a small block or memtable.
                push_decimal(&mut value, self.drawn);
                value.resize(16 + bits(word, 8, 7), b'.');
            }
            5 => {
                let bytes = random.next().to_le_bytes();
                value.extend_from_slice(&bytes[..=bits(word, 8, 3)]);
            }
            6 if self.large => {
                push_decimal(&mut value, self.drawn);
                value.resize(128 + bits(word, 8, 12), b'-');
                value.truncate(LARGE);
            }
            7 if self.longest.is_some() => {
                push_decimal(&mut value, self.drawn);
                value.resize(self.longest.take().unwrap_or(0), b'=');
            }
            _ => push_decimal(&mut value, self.drawn),
        }
        if !self.lengths.has(value.len()) {
            value.resize(value.len().clamp(self.lengths.min, self.lengths.max), b'_');
        }
        value
    }
}

pub(super) fn push_decimal(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_as_everybody_writes_them() {
        for number in [0, 7, 10, 99, 100, 12_345, u64::MAX] {
            let mut bytes = Vec::new();
            push_decimal(&mut bytes, number);
            assert_eq!(bytes, number.to_string().into_bytes());
        }
    }
}
