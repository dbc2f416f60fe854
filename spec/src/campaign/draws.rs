//! Which cases a campaign runs, and in which order.
//!
//! ```text
//!   index  0 1 2 3 4 5 6 7 8 9 ...       one seed has one case for each index
//!   shard  1 2 3 1 2 3 1 2 3 1           --shard K/3
//!   job    a a a b b b a a a b           --jobs 2 of shard 1: 0 and 6, 3 and 9, ...
//! ```
//!
//! Invariants:
//! 1. The shards of a seed are disjoint, and together they are all its cases; so are the jobs of
//!    a shard.
//! 2. Without a flag and before the first failure, the case of an index is that of
//!    [`Generator::new`] alone.
//! 3. What `--strict` and a narrowing change of a case depends on the seed and the index only.

use super::Settings;
use super::need::Need;
use super::strict::overstep;
use crate::generate::Generator;
use crate::op::Case;
use crate::profile::Profile;
use crate::random::Random;

/// A part of the cases of a seed: shard `number` of `of`.
///
/// ```
/// use etalon_spec::Shard;
///
/// let shard: Shard = "2/3".parse().unwrap();
/// assert_eq!(shard, Shard::new(2, 3).unwrap());
/// assert_eq!((shard.case(0), shard.case(1)), (1, 4));
/// assert!("0/3".parse::<Shard>().is_err() && "4/3".parse::<Shard>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u64,
    of: u64,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Shard = Shard { number: 1, of: 1 };

    /// Shard `number`, counted from 1, of `of`; none if there is no such.
    pub const fn new(number: u64, of: u64) -> Option<Shard> {
        if number >= 1 && number <= of {
            Some(Shard { number, of })
        } else {
            None
        }
    }

    /// The index of the case at a place of the shard, both counted from 0.
    pub const fn case(self, place: u64) -> u64 {
        self.number - 1 + self.of * place
    }
}

impl Default for Shard {
    fn default() -> Self {
        Shard::WHOLE
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Shard, Self::Err> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        numbers
            .and_then(|(number, of)| Shard::new(number, of))
            .ok_or("K/N, such as 1/4: K from 1 to N")
    }
}

/// Of so many sequences one is drawn as if nothing had been found.
const WHOLE_IN: u32 = 10;

// Random numbers of their own, so that the cases stay what they are.
const NARROWS: u64 = 0x6e61_7272_6f77;
const STRICT: u64 = 0x7374_7269_6374;

/// Draws the cases of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    seed: u64,
    length: usize,
    profile: Profile,
    strict: bool,
    plain: Generator,
    /// For nine of ten sequences, once something is to be left out.
    narrowed: Option<Generator>,
}

impl Draws {
    pub(super) fn new(settings: &Settings, profile: &Profile) -> Draws {
        Draws {
            seed: settings.seed,
            length: settings.length,
            profile: profile.clone(),
            strict: settings.strict,
            plain: generator(settings, profile),
            narrowed: None,
        }
    }

    /// Leaves out what these failures need, in nine of ten sequences from now on.
    pub(super) fn narrow(&mut self, settings: &Settings, needs: &[Need]) {
        let mut profile = self.profile.clone();
        let mut without = Vec::new();
        for need in needs {
            need.leave_out(&mut profile, &mut without);
        }
        self.narrowed = Some(generator(settings, &profile).without(&without));
    }

    /// Whether the case of this index is a narrowed one.
    pub(super) fn narrows(&self, index: u64) -> bool {
        let mut random = Random::part(self.seed ^ NARROWS, index);
        self.narrowed.is_some() && !random.chance(1, WHOLE_IN)
    }

    /// Draws the case of an index.
    pub(super) fn case_into(&mut self, index: u64, case: &mut Case) {
        let narrows = self.narrows(index);
        let narrowed = self.narrowed.as_mut().filter(|_| narrows);
        let generator = narrowed.unwrap_or(&mut self.plain);
        generator.case_into(index, self.length, case);
        if self.strict {
            overstep(Random::part(self.seed ^ STRICT, index), &self.profile, case);
        }
    }

    /// As [`Draws::case_into`], into a case of its own.
    pub(super) fn case(&mut self, index: u64) -> Case {
        let mut case = Case::default();
        self.case_into(index, &mut case);
        case
    }
}

/// The generator of a campaign under a profile.
pub(super) fn generator(settings: &Settings, profile: &Profile) -> Generator {
    Generator::new(settings.seed, profile)
        .only(&settings.only)
        .without(&settings.without)
}
