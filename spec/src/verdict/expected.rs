//! How often a run should meet each situation, by measurement (V2).
//!
//! With p the share of sequences that meet a situation, n sequences all miss it with a chance of
//! (1 - p)^n. Below 1e-9 a miss is no bad luck: the situation is due.

use crate::generate::Generator;
use crate::model::Model;
use crate::op::Case;
use crate::replay::specified;
use crate::situations::{Situation, Situations, Tracker};

/// Sequences that [`measure`] runs, unless they are long.
pub const MEASURED: u32 = 2_000;

/// The most operations that [`measure`] runs, but for two sequences.
const MEASURED_OPERATIONS: usize = 200_000;

/// How many sequences of this length are measured: 2,000, or as many of longer ones as have
/// 200,000 operations together, and two at the least.
pub(crate) fn measured(length: usize) -> u64 {
    let affordable = (MEASURED_OPERATIONS / length.max(1)).max(2) as u64;
    affordable.min(u64::from(MEASURED))
}

/// A situation met in fewer of the measured sequences is rare, and never due.
const RARE: u32 = 5;

/// The chance at which a miss is no bad luck any more.
const LUCK: f64 = 1e-9;

/// In how many of how many measured sequences each situation was met.
///
/// ```
/// use etalon_spec::{Expected, Expectation, Situation, Situations};
///
/// let mut met = Situations::default();
/// met.count(Situation::CompactTwice);
/// let mut expected = Expected::default();
/// for _ in 0..10 {
///     expected.sequence(&met);
///     expected.sequence(&Situations::default());
/// }
/// assert_eq!(expected.of(Situation::CompactTwice, 100), Expectation::Due);
/// assert_eq!(expected.of(Situation::CompactTwice, 3), Expectation::TooShort { needs: 30 });
/// assert_eq!(expected.of(Situation::EmptyKey, 100), Expectation::OutOfReach);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    met: [u32; Situation::ALL.len()],
    sequences: [u32; Situation::ALL.len()],
}

/// What a run of a certain length may be expected to do about a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// A run of this length meets it; one that does not is vacuous.
    Due,
    /// The run is too short; about this many sequences would do.
    TooShort {
        /// Sequences after which it is due.
        needs: u64,
    },
    /// Met so rarely when measured that nothing follows from a miss.
    Rare,
    /// Never met when measured: out of reach under this profile and these flags.
    OutOfReach,
    /// Not measured: the target does not show it.
    NotMeasured,
}

impl Default for Expected {
    fn default() -> Self {
        Expected {
            met: [0; Situation::ALL.len()],
            sequences: [0; Situation::ALL.len()],
        }
    }
}

impl Expected {
    /// The same without the engine's side: for a run that did not look there.
    pub(super) fn model_side(self) -> Self {
        self.with_engine_side(&Expected::default())
    }

    /// Counts a measured sequence that met these situations, each as one.
    pub fn sequence(&mut self, met: &Situations) {
        for situation in Situation::ALL {
            self.sequences[*situation as usize] += 1;
            self.met[*situation as usize] += u32::from(met.get(*situation) > 0);
        }
    }

    /// This measurement with the engine-side situations of another: for targets that report
    /// their layers, measured on the reference engine.
    #[must_use]
    pub fn with_engine_side(mut self, measured: &Expected) -> Self {
        for situation in Situation::ALL
            .iter()
            .filter(|situation| situation.is_engine_side())
        {
            self.met[*situation as usize] = measured.met[*situation as usize];
            self.sequences[*situation as usize] = measured.sequences[*situation as usize];
        }
        self
    }

    /// The share of sequences that meet a situation; none if it was not measured.
    pub fn share(&self, situation: Situation) -> Option<f64> {
        let sequences = self.sequences[situation as usize];
        (sequences > 0).then(|| f64::from(self.met[situation as usize]) / f64::from(sequences))
    }

    /// What a run of this many sequences may be expected to do about a situation.
    pub fn of(&self, situation: Situation, sequences: u64) -> Expectation {
        let Some(share) = self.share(situation) else {
            return Expectation::NotMeasured;
        };
        match self.met[situation as usize] {
            0 => Expectation::OutOfReach,
            met if met < RARE => Expectation::Rare,
            _ => {
                let needs = sequences_needed(share);
                if sequences >= needs {
                    Expectation::Due
                } else {
                    Expectation::TooShort { needs }
                }
            }
        }
    }
}

/// The least n with (1 - share)^n < 1e-9.
#[expect(clippy::cast_sign_loss, reason = "a quotient of two negative numbers")]
fn sequences_needed(share: f64) -> u64 {
    if share >= 1.0 {
        return 1;
    }
    (LUCK.ln() / (1.0 - share).ln()).floor() as u64 + 1
}

/// Runs 2,000 sequences of this length (fewer of more than 100 operations: 200,000 operations in
/// all) on the bare model and counts the model-side situations that each met. The generator
/// carries seed, profile and restrictions of the run.
///
/// ```
/// use etalon_spec::{Ability, Generator, Profile, Situation, measure};
///
/// let profile = Profile::default().can([Ability::Flush]);
/// let expected = measure(&mut Generator::new(1, &profile), 100);
/// assert!(expected.share(Situation::FlushOfNothing).unwrap() > 0.1);
/// assert_eq!(expected.share(Situation::CompactTwice), Some(0.0));
/// assert_eq!(expected.share(Situation::EmptyFlush), None, "only an engine can tell");
/// ```
pub fn measure(generator: &mut Generator, length: usize) -> Expected {
    measure_those(generator, length, &|_| true)
}

/// [`measure`] by those of the sequences that a run is sure to send.
pub(crate) fn measure_those(
    generator: &mut Generator,
    length: usize,
    sent: &dyn Fn(&Case) -> bool,
) -> Expected {
    let mut expected = Expected::default();
    let mut tracker = Tracker::default();
    let mut case = Case::default();
    for index in 0..measured(length) {
        generator.case_into(index, length, &mut case);
        if !sent(&case) {
            continue;
        }
        let mut met = Situations::default();
        let mut model = Model::default();
        tracker.begin();
        for op in &case.ops {
            tracker.observe(op, &specified(&mut model, op), &mut met);
        }
        expected.sequence(&met);
    }
    expected.model_side()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sequences_are_measured_less_often() {
        assert_eq!([1, 100].map(measured), [2_000; 2]);
        assert_eq!([0, 2_000, 100_001].map(measured), [2_000, 100, 2]);
    }
}
