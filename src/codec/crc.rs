//! The checksum crc32c of short pieces, where the processor has an instruction for it.
//!
//! The crate `crc32c` is made for long buffers: three streams side by side, aligned reads. Most
//! of what a store sums up are records and blocks of some tens of bytes, for which preparing that
//! costs several times what the sum does. Long pieces, and other processors, are the crate's.
//!
//! Invariant: the result is the crate's, for all bytes.

/// The length from which on three streams are faster than one.
#[cfg(target_arch = "x86_64")]
const LONG_BYTES: usize = 512;

/// The crc32c of `bytes`.
#[inline]
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() < LONG_BYTES && std::arch::is_x86_feature_detected!("sse4.2") {
        #[expect(unsafe_code, reason = "an instruction that not every processor has")]
        // SAFETY: this processor has it, as was just asked.
        return unsafe { one_stream(bytes) };
    }
    crc32c::crc32c(bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn one_stream(bytes: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u32, _mm_crc32_u64};

    let (eights, rest) = bytes.as_chunks::<8>();
    let mut crc = u64::from(u32::MAX);
    for eight in eights {
        crc = _mm_crc32_u64(crc, u64::from_le_bytes(*eight));
    }
    let (mut crc, mut rest) = (crc as u32, rest);
    if let Some((four, after)) = rest.split_first_chunk::<4>() {
        crc = _mm_crc32_u32(crc, u32::from_le_bytes(*four));
        rest = after;
    }
    for byte in rest {
        crc = _mm_crc32_u8(crc, *byte);
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn every_length_and_place_gives_what_the_crate_does() {
        let bytes: Vec<u8> = (0..2_000_u32)
            .map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8)
            .collect();
        for start in 0..9 {
            for end in start..700 {
                let piece = &bytes[start..end];
                assert_eq!(crc32c(piece), ::crc32c::crc32c(piece), "{start}..{end}");
            }
        }
        assert_eq!(
            crc32c(b"123456789"),
            0xe306_9283,
            "the check value of CRC-32C"
        );
    }
}
