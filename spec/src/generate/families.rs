//! What keys look like: the families that a case mixes.

use super::values::push_decimal;
use crate::profile::Alphabet;
use crate::random::bits;

/// What keys look like. A case draws four and mixes them, so one case may be all numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Family {
    /// One of a few letters, sometimes two.
    Letters,
    /// Up to three bytes out of 00, 01, fe, ff: the ends of the byte order, and the empty key.
    Corners,
    /// A neighbour of a key that is there: its prefix, its extension, its successor.
    Neighbours,
    /// `7`, `007`, `-7`.
    Numbers,
    /// Words that mean something to a language or a store.
    Names,
    /// Eight big-endian bytes.
    Counters,
    /// Long, with a long start in common.
    Long,
}

/// As often as listed.
pub(super) const FAMILIES: [Family; 16] = [
    Family::Letters,
    Family::Letters,
    Family::Letters,
    Family::Letters,
    Family::Corners,
    Family::Corners,
    Family::Corners,
    Family::Corners,
    Family::Neighbours,
    Family::Neighbours,
    Family::Neighbours,
    Family::Numbers,
    Family::Numbers,
    Family::Names,
    Family::Counters,
    Family::Long,
];

/// Keys that are not just bytes to somebody.
const NAMES: [&[u8]; 16] = [
    b"__proto__",
    b"constructor",
    b"length",
    b"null",
    b"undefined",
    b"NaN",
    b"true",
    b"user:1",
    b"user:10",
    b"user:2",
    b"tenant01/a",
    b"tenant01/b",
    b"tenant02/a",
    b"*",
    b"../x",
    b"a b\tc\n",
];

/// Around the places where lengths take another byte, in our formats and in others'.
const EDGES: [usize; 8] = [15, 16, 127, 128, 129, 255, 256, 257];

impl Family {
    /// Makes a key of this family in the empty `key`, as `word` says; neighbours are made of
    /// `origin`.
    pub(super) fn make(self, word: u64, origin: &[u8], key: &mut Vec<u8>) {
        match self {
            Family::Letters => {
                key.push(b'a' + bits(word, 8, 3) as u8);
                if bits(word, 16, 2) == 0 {
                    key.push(b'a' + bits(word, 18, 2) as u8);
                }
            }
            Family::Corners => {
                let corners = [0x00, 0x01, 0xfe, 0xff];
                key.extend(
                    (0..bits(word, 8, 2)).map(|i| corners[bits(word, 16 + 2 * i as u32, 2)]),
                );
            }
            Family::Neighbours => make_neighbour(word, origin, key),
            Family::Numbers => {
                match bits(word, 8, 2) {
                    0 => key.extend_from_slice(&b"0000000"[..bits(word, 10, 3)]),
                    1 => key.push(b'-'),
                    _ => {}
                }
                let bound = [12, 1_000][bits(word, 63, 1)];
                push_decimal(key, bits(word, 16, 12) as u64 % bound);
            }
            Family::Names => key.extend_from_slice(NAMES[bits(word, 8, 4)]),
            Family::Counters => {
                let from = [0, 0xfe, 0xfffe, u64::MAX - 3][bits(word, 8, 2)];
                key.extend_from_slice(&(from + bits(word, 10, 2) as u64).to_be_bytes());
            }
            Family::Long => {
                let length = match bits(word, 8, 1) {
                    0 => EDGES[bits(word, 9, 3)],
                    _ => 20 + bits(word, 9, 7),
                };
                key.resize(length - 1, b'l');
                key.push(b'a' + bits(word, 24, 2) as u8);
            }
        }
    }
}

/// Next to `origin` in byte order, or a part of it, or longer by a byte.
fn make_neighbour(word: u64, origin: &[u8], key: &mut Vec<u8>) {
    key.extend_from_slice(origin);
    match bits(word, 8, 3) {
        0 | 1 => key.truncate(bits(word, 16, 8) % (origin.len() + 1)),
        2 | 3 => key.push(0),
        4 => key.push(0xff),
        5 => key.push(bits(word, 16, 8) as u8),
        6 => match key.iter().rposition(|byte| *byte < 0xff) {
            Some(place) => {
                key.truncate(place + 1);
                key[place] += 1;
            }
            None => key.push(0),
        },
        _ => {
            if let Some(last) = key.last_mut() {
                *last = last.wrapping_sub(1);
            }
        }
    }
}

/// The byte itself where the alphabet has it, else one as near to the same end.
pub(super) fn into_alphabet(byte: u8, alphabet: Alphabet) -> u8 {
    match alphabet {
        _ if alphabet.has(byte) => byte,
        Alphabet::Bytes | Alphabet::NoNul => 1,
        Alphabet::Text if byte < 0x20 => 0x20 + byte,
        Alphabet::Text => 0x7e - (0xff - byte) % 95,
    }
}
