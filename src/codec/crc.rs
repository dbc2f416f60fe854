//! The checksum crc32c, where the processor has instructions for it.
//!
//! A block of a table is some kilobytes, and a record of a log some tens of bytes; the crate
//! `crc32c` is made for much longer buffers than either. So there are three ways:
//!
//! ```text
//!   short   one stream of the instruction, eight bytes at a time
//!   long    | 64 bytes | 64 bytes | 64 bytes | 64 bytes | ...    four lanes, folded, where the
//!             lane 0     lane 1     lane 2     lane 3            processor can multiply in GF(2)
//!   else    the crate's: three streams of the instruction, or tables
//! ```
//!
//! Folding: the checksum is a remainder modulo a polynomial P. A number that stands `n` bits
//! before another one may be replaced by anything congruent to it times x^n, added to the other
//! one. A multiplication without carries by x^n mod P does that to 64 bits at a time, and x^n mod
//! P is a constant if the distance is. In the end 64 bytes are left with the same remainder as the
//! whole, which the instruction for short pieces finishes.
//!
//! Invariant: the result is the crate's, for all bytes.

/// The length from which on folding is faster than one stream.
#[cfg(target_arch = "x86_64")]
const LONG_BYTES: usize = 512;

/// The crc32c of `bytes`.
#[inline]
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "instructions that not every processor has")]
    if std::arch::is_x86_feature_detected!("sse4.2") {
        if bytes.len() < LONG_BYTES {
            // SAFETY: this processor has it, as was just asked.
            return unsafe { x86::one_stream(u32::MAX, bytes) };
        }
        if x86::can_fold() {
            // SAFETY: the same.
            return unsafe { x86::folded(bytes) };
        }
    }
    crc32c::crc32c(bytes)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm_crc32_u8, _mm_crc32_u32, _mm_crc32_u64, _mm512_clmulepi64_epi128,
        _mm512_loadu_si512, _mm512_set_epi64, _mm512_storeu_si512, _mm512_ternarylogic_epi64,
        _mm512_xor_si512,
    };

    /// Bytes of a lane.
    const LANE: usize = 64;

    /// x^n modulo the polynomial of the checksum, bits reversed, as the instruction has them: the
    /// highest bit is x^0.
    const fn power(n: u32) -> u64 {
        const POLYNOMIAL: u32 = 0x82f6_3b78;
        let (mut value, mut left) = (1_u32 << 31, n);
        while left > 0 {
            let carry = if value & 1 == 1 { POLYNOMIAL } else { 0 };
            value = value >> 1 ^ carry;
            left -= 1;
        }
        value as u64
    }

    /// What moves 16 bytes `distance` bytes on: a factor for its first and for its second half.
    ///
    /// A product of two reversed numbers of 64 bits comes out one bit too low, and a factor of 32
    /// bits stands in the lower half: together the factor must be x^33 less.
    const fn factors(distance: usize) -> [u64; 2] {
        let bits = 8 * distance as u32;
        [power(bits + 64 - 33), power(bits - 33)]
    }

    pub(super) fn can_fold() -> bool {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("vpclmulqdq")
    }

    #[target_feature(enable = "sse4.2")]
    pub(super) fn one_stream(begin: u32, bytes: &[u8]) -> u32 {
        let (eights, rest) = bytes.as_chunks::<8>();
        let mut crc = u64::from(begin);
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

    /// Of at least four lanes.
    #[target_feature(enable = "avx512f,vpclmulqdq,sse4.2")]
    pub(super) fn folded(bytes: &[u8]) -> u32 {
        let (lanes, rest) = bytes.as_chunks::<LANE>();
        let (fours, ones) = lanes.as_chunks::<4>();
        let [first, fours @ ..] = fours else {
            return one_stream(u32::MAX, bytes);
        };
        // Four by name, so that they stay in registers.
        let [mut a, mut b, mut c, mut d] = [
            load(&first[0]),
            load(&first[1]),
            load(&first[2]),
            load(&first[3]),
        ];
        // The checksum begins with all ones: that many are added to the first bytes.
        a = _mm512_xor_si512(a, _mm512_set_epi64(0, 0, 0, 0, 0, 0, 0, 0xffff_ffff));
        let by_four = broadcast(const { factors(4 * LANE) });
        for four in fours {
            a = fold(a, by_four, load(&four[0]));
            b = fold(b, by_four, load(&four[1]));
            c = fold(c, by_four, load(&four[2]));
            d = fold(d, by_four, load(&four[3]));
        }
        let by_one = broadcast(const { factors(LANE) });
        let mut sum = fold(fold(fold(a, by_one, b), by_one, c), by_one, d);
        for lane in ones {
            sum = fold(sum, by_one, load(lane));
        }
        let mut left = [0; LANE];
        #[expect(unsafe_code, reason = "a store through a pointer")]
        // SAFETY: as many bytes as are stored are there.
        unsafe {
            _mm512_storeu_si512(left.as_mut_ptr().cast(), sum);
        }
        let crc = !one_stream(0, &left);
        one_stream(crc, rest)
    }

    /// Moves each 16 bytes of `sum` on and adds them to what is there.
    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    fn fold(sum: __m512i, factors: __m512i, there: __m512i) -> __m512i {
        let first = _mm512_clmulepi64_epi128::<0x00>(sum, factors);
        let second = _mm512_clmulepi64_epi128::<0x11>(sum, factors);
        // The exclusive or of three.
        _mm512_ternarylogic_epi64::<0x96>(first, second, there)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn broadcast([first, second]: [u64; 2]) -> __m512i {
        let (first, second) = (first.cast_signed(), second.cast_signed());
        _mm512_set_epi64(second, first, second, first, second, first, second, first)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(lane: &[u8; LANE]) -> __m512i {
        #[expect(unsafe_code, reason = "a load through a pointer")]
        // SAFETY: as many bytes as are loaded are there.
        unsafe {
            _mm512_loadu_si512(lane.as_ptr().cast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn every_length_and_place_gives_what_the_crate_does() {
        let bytes: Vec<u8> = (0..6_000_u32)
            .map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8)
            .collect();
        for start in 0..9 {
            for end in start..1_700 {
                let piece = &bytes[start..end];
                assert_eq!(crc32c(piece), ::crc32c::crc32c(piece), "{start}..{end}");
            }
        }
        for start in 0..65 {
            for end in (4_000..4_300).chain([6_000]) {
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
