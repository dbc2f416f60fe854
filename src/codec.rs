//! Integers, lengths and checksums as `LevelDB` writes them.
//!
//! ```text
//!   fixed32, fixed64   4 or 8 bytes, the lowest first
//!   varint             7 bits a byte, the lowest first; the top bit says "more follows"
//!                      300 = 1010_1100 0000_0010 = AC 02
//!   slice              varint32 length, then that many bytes
//!   masked crc         ((crc32c >> 15) | (crc32c << 17)) + 0xA282EAD8, as a fixed32
//! ```
//!
//! Invariants:
//! 1. Decoding never panics and never allocates, whatever the bytes: `None` says that they are no
//!    such thing, and the input is then of no further use.
//! 2. A varint of more than 5 (10) bytes, or of more than 32 (64) bits, is no varint. A shorter
//!    one padded with zero groups is read, as `LevelDB` does.
//! 3. What was encoded decodes to itself.

mod crc;

/// What the masked checksum of nothing at all differs by, so that a checksum stored inside
/// checksummed data does not disturb it.
const MASK_DELTA: u32 = 0xa282_ead8;

/// Appends a varint.
#[inline]
pub(crate) fn put_varint64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes a varint to the front of `out`, which has room for it; how long it is.
#[inline]
pub(crate) fn write_varint64(out: &mut [u8], mut value: u64) -> usize {
    let mut length = 0;
    while value >= 0x80 {
        out[length] = value as u8 | 0x80;
        length += 1;
        value >>= 7;
    }
    out[length] = value as u8;
    length + 1
}

/// Appends a varint of at most 32 bits.
#[inline]
pub(crate) fn put_varint32(out: &mut Vec<u8>, value: u32) {
    put_varint64(out, u64::from(value));
}

/// Appends four bytes, the lowest first.
#[inline]
pub(crate) fn put_fixed32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends eight bytes, the lowest first.
#[inline]
pub(crate) fn put_fixed64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a length and the bytes. The caller keeps lengths within 32 bits.
#[inline]
pub(crate) fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint32(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

/// Four bytes at `at`, if they are there.
#[inline]
pub(crate) fn fixed32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// The checksum of `bytes` as files store it.
#[inline]
pub(crate) fn masked_crc(bytes: &[u8]) -> u32 {
    mask(crc::crc32c(bytes))
}

/// The checksum, not masked, of bytes with that checksum and of those that follow them.
#[inline]
pub(crate) fn extend_crc(crc: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc, bytes)
}

/// A checksum as files store it.
#[inline]
pub(crate) fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(MASK_DELTA)
}

/// The first eight bytes as a number that orders like them; bytes that are not there count as 0.
/// Of two such numbers the less belongs to the lesser bytes, and equal ones decide nothing.
#[inline]
pub(crate) fn head(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_be_bytes(*eight);
    }
    // Two overlapping halves, or three single bytes that may be the same one.
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_be_bytes(*first), u32::from_be_bytes(*last));
            u64::from(first) << 32 | u64::from(last) << (64 - 8 * bytes.len())
        }
        _ => [0, bytes.len() / 2, bytes.len().saturating_sub(1)]
            .into_iter()
            .filter_map(|at| Some(u64::from(*bytes.get(at)?) << (56 - 8 * at)))
            .fold(0, |head, byte| head | byte),
    }
}

/// How many bytes `a` and `b` have in common at their start.
#[inline]
pub(crate) fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    let shorter = a.len().min(b.len());
    let mut at = 0;
    while at + 8 <= shorter {
        let (Some(x), Some(y)) = (a[at..].first_chunk(), b[at..].first_chunk()) else {
            break;
        };
        let differing = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differing != 0 {
            return at + (differing.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < shorter && a[at] == b[at] {
        at += 1;
    }
    at
}

/// Decodes from the front of some bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Decoder { rest: bytes }
    }

    /// What has not been decoded yet.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    #[inline]
    pub(crate) fn fixed32(&mut self) -> Option<u32> {
        let (four, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_le_bytes(*four))
    }

    #[inline]
    pub(crate) fn fixed64(&mut self) -> Option<u64> {
        let (eight, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*eight))
    }

    #[inline]
    pub(crate) fn varint32(&mut self) -> Option<u32> {
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            return Some(u32::from(byte));
        }
        u32::try_from(self.varint(5)?).ok()
    }

    #[inline]
    pub(crate) fn varint64(&mut self) -> Option<u64> {
        self.varint(10)
    }

    /// A length and that many bytes.
    #[inline]
    pub(crate) fn slice(&mut self) -> Option<&'a [u8]> {
        let length = self.varint32()?;
        self.bytes(length as usize)
    }

    fn varint(&mut self, longest: usize) -> Option<u64> {
        let mut value = 0_u64;
        for (index, &byte) in self.rest.iter().take(longest).enumerate() {
            let bits = u64::from(byte & 0x7f);
            let shift = 7 * index as u32;
            if bits.leading_zeros() < shift {
                return None; // bits beyond the 64th: invariant 2
            }
            value |= bits << shift;
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    quickcheck! {
        fn varints_decode_to_themselves_whatever_follows(value: u64, shift: u8, after: Vec<u8>) -> bool {
            let value = value >> (shift % 64);
            let mut bytes = Vec::new();
            put_varint64(&mut bytes, value);
            bytes.extend_from_slice(&after);
            let mut input = Decoder::new(&bytes);
            let narrow = Decoder::new(&bytes).varint32();
            input.varint64() == Some(value)
                && input.rest() == after
                && narrow == u32::try_from(value).ok()
        }

        fn heads_order_like_their_bytes(a: Vec<u8>, b: Vec<u8>) -> bool {
            let padded = |bytes: &[u8]| {
                let mut eight = [0; 8];
                let length = bytes.len().min(8);
                eight[..length].copy_from_slice(&bytes[..length]);
                u64::from_be_bytes(eight)
            };
            let order = head(&a).cmp(&head(&b));
            let all_lengths = |bytes: &[u8]| {
                let mut cuts = (0..=bytes.len()).map(|length| &bytes[..length]);
                cuts.all(|bytes| head(bytes) == padded(bytes))
            };
            all_lengths(&a) && all_lengths(&b) && (order.is_eq() || order == a.cmp(&b))
        }

        fn any_bytes_decode_without_panic(bytes: Vec<u8>) -> bool {
            let mut input = Decoder::new(&bytes);
            let before = input.rest().len();
            let _ = (input.varint32(), input.varint64(), input.slice(), input.fixed32());
            let _ = (input.fixed64(), input.byte(), input.bytes(3), fixed32_at(&bytes, before));
            input.rest().len() <= before
        }

        fn a_cut_varint_is_none(value: u64) -> bool {
            let mut bytes = Vec::new();
            put_varint64(&mut bytes, value);
            (0..bytes.len()).all(|length| Decoder::new(&bytes[..length]).varint64().is_none())
        }

        fn slices_follow_each_other(a: Vec<u8>, b: Vec<u8>) -> bool {
            let mut bytes = Vec::new();
            put_slice(&mut bytes, &a);
            put_slice(&mut bytes, &b);
            let mut input = Decoder::new(&bytes);
            input.slice() == Some(&a[..]) && input.slice() == Some(&b[..]) && input.is_empty()
        }

        fn the_shared_prefix_is_what_a_walk_finds(common: Vec<u8>, a: Vec<u8>, b: Vec<u8>) -> bool {
            let (a, b) = ([&common[..], &a].concat(), [&common[..], &b].concat());
            let walk = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
            shared_prefix(&a, &b) == walk
        }
    }

    #[test]
    fn varints_have_their_published_bytes() {
        for (value, bytes) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (
                u64::MAX,
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            ),
        ] {
            let mut out = Vec::new();
            put_varint64(&mut out, value);
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn too_long_and_too_great_varints_are_none() {
        assert_eq!(
            Decoder::new(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]).varint32(),
            None
        );
        assert_eq!(
            Decoder::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).varint32(),
            None
        );
        assert_eq!(Decoder::new(&[0xff; 11]).varint64(), None);
        let mut greater = [0xff; 10];
        greater[9] = 2;
        assert_eq!(Decoder::new(&greater).varint64(), None);
        assert_eq!(
            Decoder::new(&[0x80, 0]).varint32(),
            Some(0),
            "padded with a zero group"
        );
    }

    #[test]
    fn checksums_are_the_published_ones() {
        // From RFC 3720, B.4: 32 bytes of zeros.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(masked_crc(&[0; 32]), mask(0x8a91_36aa));
        assert_eq!(mask(0), 0xa282_ead8);
    }
}
