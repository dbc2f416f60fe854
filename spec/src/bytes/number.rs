//! Numbers: one byte for small ones and for those that stores care about, else two to nine.
//!
//! ```text
//!   00..ef  the number itself          fb        2 bytes follow
//!   f0..fa  one of NOTABLE             fc        4 bytes follow
//!                                      fd fe ff  8 bytes follow (canonical: fd)
//! ```
//!
//! Big-endian. The canonical form is the shortest, and so unique.

/// Numbers just at, below and above what stores count in.
const NOTABLE: [u64; 11] = [
    255, 256, 257, 511, 1000, 1024, 4095, 4096, 4097, 32_768, 65_535,
];

const NOTABLE_FIRST: u8 = 0xf0;
const TWO: u8 = 0xfb;
const FOUR: u8 = 0xfc;
const EIGHT: u8 = 0xfd;

/// Appends a number.
pub(super) fn write(out: &mut Vec<u8>, number: u64) {
    if number < u64::from(NOTABLE_FIRST) {
        out.push(number as u8);
    } else if let Some(index) = NOTABLE.iter().position(|notable| *notable == number) {
        out.push(NOTABLE_FIRST + index as u8);
    } else if let Ok(number) = u16::try_from(number) {
        out.push(TWO);
        out.extend_from_slice(&number.to_be_bytes());
    } else if let Ok(number) = u32::try_from(number) {
        out.push(FOUR);
        out.extend_from_slice(&number.to_be_bytes());
    } else {
        out.push(EIGHT);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Reads a number from a source of bytes.
pub(super) fn read(mut next: impl FnMut() -> u8) -> u64 {
    let tag = next();
    let width = match tag {
        0..NOTABLE_FIRST => return u64::from(tag),
        NOTABLE_FIRST..TWO => return NOTABLE[usize::from(tag - NOTABLE_FIRST)],
        TWO => 2,
        FOUR => 4,
        EIGHT.. => 8,
    };
    (0..width).fold(0, |number, _| number << 8 | u64::from(next()))
}
