//! The sequences that are tried, and how one is carried out.

use std::env;
use std::fmt;

use etalon_spec::{
    Case, Entry, Failure, Generator, KeyValueStore, Model, Op, Outcome, Profile, apply,
};

/// Operations in a sequence.
const LENGTH: usize = 100;

/// How many sequences are tried, and from which seed; see the crate's page.
///
/// A sequence has 100 operations unless [`Run::long_cases`] is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The seed they are drawn from.
    pub seed: u64,
    /// How many.
    pub sequences: u64,
}

impl Run {
    /// As the environment says.
    ///
    /// # Panics
    /// If a variable is set and is no number.
    pub fn from_environment() -> Run {
        Run {
            seed: number("ETALON_INTEROP_SEED", 1),
            sequences: number("ETALON_INTEROP_SEQUENCES", 500),
        }
    }

    /// The sequences for stores of this profile, with their numbers.
    pub fn cases(self, profile: &Profile) -> impl Iterator<Item = (u64, Case)> + use<> {
        self.long_cases(profile, LENGTH)
    }

    /// The same, each of so many operations.
    pub fn long_cases(
        self,
        profile: &Profile,
        length: usize,
    ) -> impl Iterator<Item = (u64, Case)> + use<> {
        let mut generator = Generator::new(self.seed, profile);
        (0..self.sequences).map(move |index| (index, generator.case(index, length)))
    }

    /// How many turns each program takes.
    ///
    /// # Panics
    /// If the variable is set and is no number.
    pub fn turns() -> u64 {
        number("ETALON_INTEROP_TURNS", 1_000)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { seed, sequences } = self;
        write!(
            f,
            "{sequences} sequences of {LENGTH} operations, seed {seed}"
        )
    }
}

fn number(variable: &str, default: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={text} is no number")),
        Err(_) => default,
    }
}

/// Carries out operations on a store and on the model; every reply must agree.
pub fn carry_out<S: KeyValueStore>(
    mut store: S,
    model: &mut Model,
    ops: &[Op],
    mut reopen: impl FnMut(S) -> Outcome<S>,
) -> Outcome<S> {
    for (at, op) in ops.iter().enumerate() {
        if *op == Op::Reopen {
            store = reopen(store)?;
            continue;
        }
        let (got, expected) = (apply(&mut store, op)?, apply(model, op)?);
        if got != expected {
            let what = format!("operation {at}: {op} -> {got}, where the model says {expected}");
            return Err(Failure::Indefinite(what));
        }
    }
    Ok(store)
}

/// Operations after which there are two overlapping tables, a tombstone over a live older entry,
/// and a change in the log. The keys are near one of the sequence's own.
pub fn shaping(ops: &[Op]) -> Vec<Op> {
    let low = etalon_spec::keys_named(ops).pop_first().unwrap_or_default();
    let high = [low.as_slice(), b"~"].concat();
    let put = |key: &[u8], value: &[u8]| Op::put(key.to_vec(), value.to_vec());
    vec![
        put(&low, b"hidden"),
        put(&high, b"older"),
        Op::Flush,
        Op::delete(low.clone()),
        put(&high, b"newer"),
        Op::Flush,
        put(&high, b"newest"),
    ]
}

/// Operations that need no flush, after which a tombstone lies over the first live entry, and a
/// change in the log.
pub fn touching(live: &[Entry]) -> Vec<Op> {
    let delete = live.first().map(|(key, _)| Op::delete(key.clone()));
    let put = live
        .last()
        .map(|(key, value)| Op::put(key.clone(), value.clone()));
    delete.into_iter().chain(put).collect()
}
