//! The published generator of random numbers: xoshiro256++, seeded through `SplitMix64`.
//!
//! Both are public-domain algorithms by Blackman and Vigna (<https://prng.di.unimi.it>), written
//! out here because a published seed must mean the same case for ever, whatever crates do.
//!
//! ```text
//!   seed, index --SplitMix64--> four words of state --xoshiro256++--> draw, draw, draw, ..
//! ```
//!
//! Invariants:
//! 1. A draw depends on the seed and on the draws before it, on nothing else: no clock, no
//!    address, no width of `usize`.
//! 2. What a seed gives never changes; the test vectors below hold it.
//!
//! A draw below a bound multiplies and shifts. It is off from even by at most bound / 2^64,
//! which no test of ours could notice.

/// The increment of `SplitMix64`: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// `SplitMix64`: moves `state` on and returns the next word.
///
/// ```
/// use etalon_spec::random::split_mix;
///
/// let mut state = 1_234_567;
/// assert_eq!(split_mix(&mut state), 6_457_827_717_110_365_317);
/// assert_eq!(split_mix(&mut state), 3_203_168_211_198_807_973);
/// ```
pub const fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(GOLDEN);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// `count` bits of a word, from bit `from` on: one draw decides several things.
#[inline]
pub(crate) const fn bits(word: u64, from: u32, count: u32) -> usize {
    (word >> from & ((1 << count) - 1)) as usize
}

/// A stream of random numbers that is the same for the same seed, for ever.
///
/// ```
/// use etalon_spec::Random;
///
/// let mut random = Random::new(7);
/// assert!(random.below(10) < 10);
/// assert!(random.chance(1, 1));
/// assert_eq!(*random.pick(&["only"]), "only");
/// assert_eq!(Random::new(7).next(), Random::new(7).next());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Random {
            state: std::array::from_fn(|_| split_mix(&mut state)),
        }
    }

    /// The stream of part `index` of a seed. Streams of neighbouring indices have nothing in
    /// common: the index goes through the mixing before it becomes a seed.
    ///
    /// ```
    /// use etalon_spec::Random;
    ///
    /// assert_ne!(Random::part(1, 0).next(), Random::part(1, 1).next());
    /// assert_eq!(Random::part(1, 5), Random::part(1, 5));
    /// ```
    pub fn part(seed: u64, index: u64) -> Self {
        let mut state = seed;
        let mut mixed = split_mix(&mut state) ^ index;
        Random::new(split_mix(&mut mixed))
    }

    /// The stream in this state. For test vectors.
    ///
    /// # Panics
    /// If the state is all zero, which gives nothing but zeros.
    ///
    /// ```
    /// use etalon_spec::Random;
    ///
    /// let mut random = Random::from_state([1, 2, 3, 4]);
    /// assert_eq!(random.next(), 41_943_041);
    /// assert_eq!(random.next(), 58_720_359);
    /// ```
    pub fn from_state(state: [u64; 4]) -> Self {
        assert!(state != [0; 4], "a state of zeros gives nothing but zeros");
        Random { state }
    }

    /// The next 64 bits.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "not an iterator: it never ends"
    )]
    pub fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let word = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        word
    }

    /// A number in `0..bound`; 0 if the bound is 0.
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// The smaller of two draws below `bound`: small numbers come more often.
    #[inline]
    pub fn small(&mut self, bound: usize) -> usize {
        let word = self.next();
        let (high, low) = (word >> 32, word & 0xffff_ffff);
        ((u128::from(high.min(low)) * bound as u128) >> 32) as usize
    }

    /// Yes, `part` times in `whole`.
    #[inline]
    pub fn chance(&mut self, part: u32, whole: u32) -> bool {
        self.below(whole as usize) < part as usize
    }

    /// One of a list.
    ///
    /// # Panics
    /// If the list is empty.
    #[inline]
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference implementation in C.
    #[test]
    fn split_mix_gives_the_published_numbers() {
        let mut state = 1_234_567;
        let words: [u64; 5] = std::array::from_fn(|_| split_mix(&mut state));
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(words, published);
    }

    /// From the reference implementation in C, state 1, 2, 3, 4.
    #[test]
    fn xoshiro_gives_the_published_numbers() {
        let mut random = Random::from_state([1, 2, 3, 4]);
        let words: [u64; 10] = std::array::from_fn(|_| random.next());
        let published = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(words, published);
    }

    #[test]
    fn draws_below_a_bound_are_even_and_small_ones_lean_down() {
        let mut random = Random::new(1);
        let mut even = [0_u32; 4];
        let mut small = [0_u32; 4];
        for _ in 0..40_000 {
            even[random.below(4)] += 1;
            small[random.small(4)] += 1;
        }
        assert!(
            even.iter().all(|count| (9_500..10_500).contains(count)),
            "{even:?}"
        );
        assert!(small.is_sorted_by(|more, less| more > less), "{small:?}");
        assert_eq!(random.below(0), 0);
    }
}
